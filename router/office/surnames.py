# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Surnames the way letter ranges compare them.

The rules follow DIN 5007-1 for order (umlauts as their base letter), with blanks, hyphens and apostrophes
ignored, as published letter ranges of German immigration offices need it ("A–Al G | Al H–All").
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["RangeError", "SurnameRange", "SurnameRules", "fold", "name_tokens", "same_person_name"]

_LETTERS = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ə": "a"}
_UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue"}
_ARTICLES = ("al", "el", "as", "ash", "ad", "an", "ar", "at", "az", "ul", "ol")
_SPLIT = re.compile(r"\s*(?:[-‐‑‒–—−]|\bbis\b)\s*", re.IGNORECASE)
_BOUND = re.compile(r"(?:[^\W\d_]|[\s’'`])+")
_DOUBLE = re.compile(rf"(?:\b(?:{'|'.join(_ARTICLES)})-)?[^-]+", re.IGNORECASE)
_LAST = "["  # sorts right after Z


class RangeError(ValueError):
    """A letter range that can't be understood; the message says why."""


def fold(text: str, *, umlauts_as_two: bool = False) -> str:
    """Return `text` in lower case without diacritics.

    Parameters
    ----------
    text
        Any text in Latin script.
    umlauts_as_two
        DIN 5007-2 (ä as ae) instead of DIN 5007-1 (ä as a).
    """
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFC", text).replace("İ", "i").lower()
    if umlauts_as_two:
        lowered = "".join(_UMLAUTS.get(letter, letter) for letter in lowered)
    lowered = "".join(_LETTERS.get(letter, letter) for letter in lowered)
    decomposed = unicodedata.normalize("NFD", lowered)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def name_tokens(*names: str) -> frozenset[str]:
    """Return the parts of a name for comparing it whatever the order, the hyphens and the spelling of umlauts."""
    joined = " ".join(names)
    return frozenset(re.sub(r"([aou])e", r"\1", part) for part in re.findall(r"[^\W\d_]+", fold(joined)))


def same_person_name(left: frozenset[str], right: frozenset[str]) -> float:
    """Return 0 to 1: how well two sets of name parts agree.

    1.0 where all parts of the shorter name (at least two) are in the longer one; a single shared part of
    one-part names counts 0.5.
    """
    shared = left & right
    if not shared:
        return 0.0
    smaller = min(len(left), len(right))
    if len(shared) == smaller and smaller >= 2:
        return 1.0
    if smaller == 1:
        return 0.5
    return len(shared) / max(len(left), len(right))


@dataclass(frozen=True, slots=True)
class SurnameRules:
    """How this office reads surnames.

    Attributes
    ----------
    umlauts_as_two
        ä as ae (DIN 5007-2) instead of a (DIN 5007-1).
    skip_article
        Leave Arabic articles (al, el, ...) out; by default they belong to the name.
    skip_prefixes
        Prefixes that do not count.
    double_names
        ``first``: the first part decides; ``either``: both readings are possible.
    """

    umlauts_as_two: bool = False
    skip_article: bool = False
    skip_prefixes: tuple[str, ...] = ("von", "zu", "vom", "zum")
    double_names: str = "first"

    def key(self, surname: str) -> str:
        """Return the upper-case key by which ranges compare a surname; empty for one without Latin letters."""
        folded = fold(surname, umlauts_as_two=self.umlauts_as_two)
        parts = [part for part in re.split(r"[\s]+", folded.strip()) if part]
        while len(parts) > 1 and parts[0].rstrip(".") in self.skip_prefixes:
            parts = parts[1:]
        joined = " ".join(parts)
        if self.skip_article:
            match = re.match(rf"(?:{'|'.join(_ARTICLES)})[\s\-’'`]+(?=\w)", joined)
            joined = joined[match.end() :] if match else joined
        return re.sub(r"[^a-z]", "", joined).upper()

    def keys(self, surname: str) -> tuple[str, ...]:
        """Return all keys a surname may have: more than one only for double names read either way."""
        first = self.key(surname)
        if self.double_names == "either":
            others = tuple(self.key(part) for part in _DOUBLE.findall(surname))
            return tuple(dict.fromkeys(key for key in (first, *others) if key))
        return (first,) if first else ()


@dataclass(frozen=True, slots=True)
class SurnameRange:
    """One or more letter ranges such as ``A-K``, ``Al H-All`` or ``S, T-Z``.

    An upper bound means everything that begins with it.

    Attributes
    ----------
    intervals
        Half-open intervals of keys, ascending.
    written
        As the plan writes it.
    """

    intervals: tuple[tuple[str, str], ...]
    written: str

    @classmethod
    def parse(cls, written: str, rules: SurnameRules) -> "SurnameRange":
        """Read a range as plans write it.

        Raises
        ------
        RangeError
            When a bound has other signs than letters, or the bounds are out of order.
        """
        intervals = []
        for piece in re.split(r"[,;|]", written):
            bounds = _SPLIT.split(piece.strip())
            # Any further sign (A..K, A/K) would else be dropped and the range be read as one bound.
            if len(bounds) > 2 or not all(_BOUND.fullmatch(bound) for bound in bounds):
                raise RangeError(piece.strip() or written)
            low, high = (
                re.sub(r"[^a-z]", "", fold(b, umlauts_as_two=rules.umlauts_as_two)).upper()
                for b in (bounds[0], bounds[-1])
            )
            if not low or not high or low[: len(high)] > high:
                raise RangeError(piece.strip())
            intervals.append((low, _after(high)))
        return cls(tuple(sorted(intervals)), written)

    def __contains__(self, key: str) -> bool:
        return any(low <= key < end for low, end in self.intervals)


def _after(prefix: str) -> str:
    """Return the first key that no longer begins with `prefix`."""
    stem = prefix.rstrip("Z")
    return stem[:-1] + chr(ord(stem[-1]) + 1) if stem else _LAST


def gaps(intervals: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the parts of the alphabet that `intervals` leave out, as half-open intervals."""
    missing = []
    reached = "A"
    for low, end in sorted(intervals):
        if low > reached:
            missing.append((reached, low))
        reached = max(reached, end)
    if reached < _LAST:
        missing.append((reached, _LAST))
    return missing
