# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Dates in a letter: birth dates by what stands before them, deadlines by a fixed rule."""

import datetime as dt
import re
from dataclasses import dataclass
from functools import cache

from babel import Locale

from router.facts.spans import ReadableText
from router.office.surnames import fold

__all__ = ["FoundDate", "FoundDeadline", "find_dates", "find_deadlines", "is_birth_date"]

_LANGUAGES = ("de", "en", "fr", "it", "es", "tr", "uk", "ru", "ar", "pt", "pl", "sq")
_NUMERIC = re.compile(r"(?<![\d.,])(\d{1,2})[./-] ?(\d{1,2})[./-] ?(\d{4}|\d{2})(?![\d])")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_BIRTH = re.compile(
    r"(?:\bgeb(?:\.|oren|ortsdatum|urtsdatum|urt|-dat\w*)?|\bgebdat\w*|\*|\bborn|\bdate of birth|"
    r"\bbirth\s?date|\bd\.?o\.?b|\bné(?:\(?e\)?)?|\bdate de naissance"
    r"|\bnat[oa]|\bdata di nascita|\bnacid[oa]|\bfecha de nacimiento|\bdoğum(?:\s?tarihi)?|\bd\.\s?t|"
    r"\bнарод\w*|\bдата народження|\bрод(?:ился|илась)\w*"
    r"|\bдата рождения|\bр\.?|تاريخ الميلاد|تاريخ الولادة|مواليد|المولود\w*|\bdatum rođenja|\brođen\w*|"
    r"\bdatëlindja)\s*(?:\(?[^\d\n]{0,14}\)?)?[:.\s]*$",
    re.IGNORECASE,
)
_DEADLINE_CUE = re.compile(
    r"(?:\bbis(?:\s+(?:zum|spätestens|einschließlich|längstens))*|\bspätestens(?:\s+(?:am|bis|zum))*|"
    r"\bfrist\w*[^.\n]{0,40}|\bablauf des|\bbefristet bis"
    r"|\bby|\bno later than|\buntil|\bbefore|\bdeadline[^.\n]{0,20}|\bau plus tard(?:\s+le)?|\bavant le|"
    r"\bantes del?|\ba más tardar el|\bentro il|\bdo)\s*(?:den|dem|the|le|el|il)?\s*$",
    re.IGNORECASE,
)
_WITHIN = re.compile(
    r"\b(?:binnen|innerhalb(?:\s+(?:von|einer\s+frist\s+von))?|within|sous|dans un délai de|en un plazo "
    r"de)\s+(?:der\s+nächsten\s+)?(\d{1,2}|\w+)\s+"
    r"(tag(?:en?)?|woche(?:n)?|monat(?:en|s)?|stunden|days?|weeks?|months?|hours?|jours|semaines|mois|días|"
    r"semanas|meses)\b",
    re.IGNORECASE,
)
_NUMBERS = {
    word: number
    for number, words in {
        1: "einer eines einem eine one a un une", 2: "zwei zweier two deux dos", 3: "drei dreier three trois "
            "tres", 4: "vier four quatre cuatro",
        5: "fünf five cinq cinco", 6: "sechs six seis", 7: "sieben seven sept siete", 8: "acht eight huit "
            "ocho", 10: "zehn ten dix diez", 14: "vierzehn fourteen quatorze catorce",
    }.items()
    for word in words.split()
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date at ``text[start:end]``."""

    date: dt.date
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class FoundDeadline:
    """A deadline and the words that make it one."""

    date: dt.date
    words: str
    start: int
    end: int


@cache
def _month_names() -> dict[str, int]:
    names: dict[str, int] = {}
    for language in _LANGUAGES:
        locale = Locale.parse(language)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in locale.months[context][width].items():
                    folded = fold(str(name)).strip(".")
                    if len(folded) >= 3 and not folded.isdigit():
                        names.setdefault(folded, int(number))
    return names | {"maerz": 3, "mrz": 3, "jaenner": 1, "janner": 1}


@cache
def _worded() -> re.Pattern[str]:
    words = "|".join(sorted(map(re.escape, _month_names()), key=len, reverse=True))
    return re.compile(
        rf"(?<!\d)(\d{{1,2}})(?:\.|er|st|nd|rd|th|º)?\s?(?:de\s+|of\s+)?({words})\.?,?\s(?:de\s+)?(\d{{4}})"
        rf"|\b({words})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s(\d{{4}})",
        re.IGNORECASE,
    )


def find_dates(text: ReadableText) -> list[FoundDate]:
    """Find written-out and numeric dates in order; impossible ones are left out.

    Two-digit years up to 30 count as 20xx, others as 19xx.
    """
    found: dict[int, FoundDate] = {}
    for match in _ISO.finditer(text.digits):
        _keep(found, int(match[1]), int(match[2]), int(match[3]), match.start(), match.end())
    for match in _NUMERIC.finditer(text.digits):
        year = int(match[3])
        if len(match[3]) == 2:
            year += 2000 if year <= 30 else 1900
        _keep(found, year, int(match[2]), int(match[1]), match.start(), match.end())
    for match in _worded().finditer(_fold_in_place(text.text)):
        day, name, in_year = (match[1], match[2], match[3]) if match[1] else (match[5], match[4], match[6])
        _keep(found, int(in_year), _month_names()[name.lower()], int(day), match.start(), match.end())
    return [found[start] for start in sorted(found)]


def _fold_in_place(text: str) -> str:
    """Fold a text sign by sign, so that offsets stay; ß and the like, which would become two, are left alone."""
    return text.translate({ord(sign): fold(sign) for sign in set(text) if len(fold(sign)) == 1})


def _keep(found: dict[int, FoundDate], year: int, month: int, day: int, start: int, end: int) -> None:
    try:
        found.setdefault(start, FoundDate(dt.date(year, month, day), start, end))
    except ValueError:
        return


def is_birth_date(text: ReadableText, date: FoundDate, today: dt.date) -> bool:
    """Tell whether the words before a date make it a birth date."""
    if not dt.date(1900, 1, 1) <= date.date <= today:
        return False
    before = text.text[max(0, date.start - 45) : date.start].replace("\n", " ")
    return bool(_BIRTH.search(before))


def find_deadlines(text: ReadableText, dates: list[FoundDate], received: dt.date) -> list[FoundDeadline]:
    """Find dates by which an answer is due.

    The rule, and all of it: a date from the day of receipt to two years after it that follows a word such as
    "bis zum", "spätestens" or "Frist"; and "binnen" or "innerhalb" with a number of days, weeks or months,
    counted from the day of receipt. It is a hint for people and never changes who is responsible.
    """
    found = []
    last = received + dt.timedelta(days=730)
    for date in dates:
        before = text.text[max(0, date.start - 60) : date.start]
        cue = _DEADLINE_CUE.search(before)
        if cue and received <= date.date <= last:
            words = (before[cue.start() :] + text.text[date.start : date.end]).strip()
            found.append(FoundDeadline(date.date, " ".join(words.split()), date.start, date.end))
    for match in _WITHIN.finditer(text.text):
        amount = int(match[1]) if match[1].isdigit() else _NUMBERS.get(match[1].lower())
        if amount is None:
            continue
        unit = match[2].lower()
        if unit.startswith(("w", "semaine", "semana")):
            days = 7 * amount
        elif unit.startswith(("mo", "mes", "mois")):
            days = 30 * amount
        elif unit.startswith(("st", "h")):
            days = -(-amount // 24)
        else:
            days = amount
        found.append(
            FoundDeadline(received + dt.timedelta(days=days), " ".join(match[0].split()), match.start(), match.end())
        )
    return sorted(found, key=lambda deadline: deadline.start)
