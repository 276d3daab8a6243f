# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters in which men become women and women men: titles, kinship, words for people, pronouns that tell it.

Only what can be exchanged without understanding the sentence is: "sie" and "ihr" may be anybody and stay. Articles and
possessives directly before an exchanged word go with it; where a case can't be told, the commoner one is taken.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from router.office.surnames import fold, name_tokens
from router.records import Letter, Page

__all__ = ["swap_genders"]

_WORD = re.compile(r"[^\W\d_]+")
_PEOPLE = (
    "Antragsteller", "Antragsgegner", "Kläger", "Beigeladener", "Mandant", "Student", "Schüler", "Arbeitnehmer",
    "Arbeitgeber", "Mitarbeiter", "Bewerber", "Inhaber", "Empfänger", "Bürger", "Ausländer", "Staatsbürger",
    "Ehepartner", "Lebenspartner", "Lebensgefährte", "Freund", "Teilnehmer", "Absolvent", "Doktorand", "Praktikant",
    "Asylbewerber", "Betreuer", "Bevollmächtigter", "Gastgeber", "Vermieter", "Mieter", "Kollege", "Nachbar",
    "Cousin", "Enkel", "Ingenieur", "Arzt", "Koch", "Pfleger", "Erzieher", "Fahrer", "Techniker", "Entwickler",
    "Informatiker", "Wissenschaftler", "Professor", "Lehrer", "Rechtsanwalt", "Syrer", "Iraner", "Iraker",
    "Ukrainer", "Albaner", "Serbe", "Inder", "Ägypter", "Marokkaner",
)  # fmt: skip
_IRREGULAR = {
    "Sohn": "Tochter", "Sohnes": "Tochter", "Söhne": "Töchter", "Söhnen": "Töchtern", "Vater": "Mutter",
    "Vaters": "Mutter", "Bruder": "Schwester", "Bruders": "Schwester", "Brüder": "Schwestern", "Onkel": "Tante",
    "Neffe": "Nichte", "Großvater": "Großmutter", "Schwiegervater": "Schwiegermutter", "Opa": "Oma", "Papa": "Mama",
    "Stiefsohn": "Stieftochter", "Stiefvater": "Stiefmutter", "Ehemann": "Ehefrau", "Ehemannes": "Ehefrau",
    "Ehemanns": "Ehefrau", "Junge": "Mädchen", "Witwer": "Witwe", "Lebensgefährte": "Lebensgefährtin",
    "Lebensgefährten": "Lebensgefährtin", "Kollege": "Kollegin", "Kollegen": "Kolleginnen", "Arzt": "Ärztin",
    "Koch": "Köchin", "Rechtsanwalt": "Rechtsanwältin", "Serbe": "Serbin", "Cousin": "Cousine",
    "Beigeladener": "Beigeladene", "Bevollmächtigter": "Bevollmächtigte", "Verlobter": "Verlobte",
    "Staatsangehöriger": "Staatsangehörige", "Angehöriger": "Angehörige", "Betroffener": "Betroffene",
    "Studierender": "Studierende", "Auszubildender": "Auszubildende", "Minderjähriger": "Minderjährige",
    "Sachbearbeiter": "Sachbearbeiterin",
    "Mr": "Ms", "son": "daughter", "sons": "daughters", "husband": "wife", "father": "mother", "brother": "sister",
    "boy": "girl", "uncle": "aunt", "he": "she", "him": "her", "himself": "herself", "Monsieur": "Madame",
    "fils": "fille", "mari": "femme", "père": "mère", "frère": "sœur",
}  # fmt: skip
_DETERMINERS = {
    "der": "die", "des": "der", "dem": "der", "den": "die", "zum": "zur", "geehrter": "geehrte", "lieber": "liebe",
    "geehrten": "geehrte",
}  # fmt: skip
_STEMS = ("mein", "dein", "sein", "ihr", "unser", "ein", "kein", "dies", "jed", "welch")
_ENDINGS = {"": "e", "es": "er", "em": "er", "en": "e"}
_BACK = {"die": "der", "der": "dem", "zur": "zum", "geehrte": "geehrter", "liebe": "lieber"}
_OBLIQUE = frozenset(["an", "von", "mit", "bei", "für", "über", "gegen", "durch", "zu", "nach"])


def _nouns() -> tuple[dict[str, str], dict[str, str]]:
    feminine = dict(_IRREGULAR)
    for noun in _PEOPLE:
        if noun in feminine:
            continue
        feminine |= {noun: f"{noun}in", f"{noun}s": f"{noun}in", f"{noun}n": f"{noun}innen", f"{noun}en": f"{noun}in"}
    masculine: dict[str, str] = {}
    for man, woman in feminine.items():
        masculine.setdefault(woman, man)
    masculine |= {"Ehefrau": "Ehemann", "Mrs": "Mr", "her": "his", "his": "her"}
    feminine |= {"his": "her"}
    return feminine, masculine


_FEMININE, _MASCULINE = _nouns()


def _determiners() -> tuple[dict[str, str], dict[str, str]]:
    to_feminine, to_masculine = dict(_DETERMINERS), dict(_BACK)
    for stem in _STEMS:
        bare = stem in ("dies", "jed", "welch")
        to_feminine |= {f"{stem}{end}": f"{stem}{other}" for end, other in _ENDINGS.items() if end or not bare}
        to_masculine |= {f"{stem}e": f"{stem}er" if bare else stem, f"{stem}er": f"{stem}em"}
        if bare:
            to_feminine[f"{stem}er"] = f"{stem}e"
    return to_feminine, to_masculine


_TO_FEMININE, _TO_MASCULINE = _determiners()


def swap_genders(letter: Letter, staff: Iterable[str] = ()) -> Letter | None:
    """Return a letter in which every gendered form is the other one.

    Parameters
    ----------
    letter
        As read.
    staff
        Names of the staff; their titles stay, because mail addressed to them is theirs.

    Returns
    -------
    Letter or None
        ``None`` where no form was found. Names stay as they are.

    Examples
    --------
    >>> from router.records import Box, LetterKind, PageSource, Word
    >>> words = [Word(text, Box(0, 0, 1, 1), 1.0, 0) for text in "Sehr geehrte Frau Kaya, mein Sohn ist krank.".split()]
    >>> letter = Letter((Page(1, 595, 842, 1.0, PageSource.TEXT_LAYER, tuple(words)),), LetterKind.PDF)
    >>> " ".join(word.text for word in swap_genders(letter).pages[0].words)
    'Sehr geehrter Herr Kaya, meine Tochter ist krank.'
    """
    known = name_tokens(*staff)
    pages = tuple(_swapped(page, known) for page in letter.pages)
    return replace(letter, pages=pages) if pages != letter.pages else None


def _swapped(page: Page, staff: frozenset[str]) -> Page:
    texts = [word.text for word in page.words]
    for place, text in enumerate(texts):
        match = _WORD.search(text)
        if match is None:
            continue
        after = texts[place + 1] if place + 1 < len(texts) else ""
        before = page.words[place - 1].text if place else ""
        found = _other(match[0], before, after)
        named = {token for word in texts[place + 1 : place + 4] for token in name_tokens(word)}
        if found is None or (fold(match[0]) in ("frau", "herr", "herrn") and not named.isdisjoint(staff)):
            continue
        word, determiners = found
        texts[place] = text[: match.start()] + _cased(word, match[0]) + text[match.end() :]
        if place and before.lower() in determiners:
            texts[place - 1] = _cased(determiners[before.lower()], before)
    words = tuple(replace(word, text=text) for word, text in zip(page.words, texts, strict=True))
    return page if words == page.words else replace(page, words=words)


def _other(word: str, before: str, after: str) -> tuple[str, Mapping[str, str]] | None:
    """Return the other form of a word, and how articles before it change."""
    if word in ("Herr", "Herrn", "HERR", "HERRN"):
        return "Frau", _TO_FEMININE
    if word in ("Frau", "FRAU"):
        if not after[:1].isupper():
            return "Mann", _TO_MASCULINE
        return "Herrn" if before.lower() in _OBLIQUE else "Herr", _TO_MASCULINE
    if word == "Mann" and before.lower() in _TO_FEMININE:
        return "Frau", _TO_FEMININE
    plain = word.capitalize() if word.isupper() and len(word) > 1 else word
    for table, determiners in ((_FEMININE, _TO_FEMININE), (_MASCULINE, _TO_MASCULINE)):
        # English sentences begin with a capital, too.
        other = table.get(plain) or (table.get(plain.lower()) if word[0].isupper() else None)
        if other is not None:
            return other, determiners
    return None


def _cased(word: str, like: str) -> str:
    if like.isupper() and len(like) > 1:
        return word.upper()
    return word[0].upper() + word[1:] if like[0].isupper() else word
