# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The letter's text without names, numbers, addresses, dates and nationalities: all the text model ever sees.

Masking happens before training, so that no citizen's or employee's name can be in the model file.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from router.facts.names import given_names, in_dictionary
from router.facts.origins import neutral_origins
from router.office.surnames import fold

__all__ = ["mask"]

_MAIL = re.compile(r"\S+@\S+")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+")
_STREET = re.compile(
    r"\b[A-ZÄÖÜ][\w.-]*(?:stra(?:ß|ss)e|str\.|weg|allee|platz|gasse|ring|ufer|damm|steig|berg|hof|wall|markt|"
    r"garten|anger|kamp|winkel|wiese|zeile)\s+\d{1,4}(?:\s?[a-z])?\b"
    r"|\b[A-ZÄÖÜ][\w.-]*[ -](?:Stra(?:ß|ss)e|Str\.|Weg|Allee|Platz|Gasse|Ring|Ufer|Damm|Steig|Hof|Wall|Markt)\s+"
    r"\d{1,4}(?:\s?[a-z])?\b"
    r"|\b(?:Am|An der|Im|In der|Auf dem|Zum|Zur|Beim?|Alte[rs]?|Neue[rs]?)\s+[A-ZÄÖÜ][\w-]+\s+\d{1,4}(?:\s?[a-z])?\b"
)
_TOWN = re.compile(r"\b\d{5}\s+[A-ZÄÖÜ][\w-]+(?:\s(?:am|an der|bei|im|ob der|in)\s[A-ZÄÖÜ]\w+)?")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_NUMBERED = re.compile(r"\S*\d\S*")
_KEPT = re.compile(r"^(?:[ABC][12]|\(?\d{1,3}[a-h]\)?[.,;:]?)$")
_LONG_NUMBER = re.compile(r"\d{4}|\d\D\d+\D\d")
_SHORTEST_NAME = 4
_LAW = re.compile(r"§+\s*\d+\s?[a-z]?\b")


def mask(
    text: str,
    people: Iterable[tuple[int, int]],
    is_known: Callable[[str], bool] | None = None,
    *,
    hide_origins: bool = True,
) -> str:
    """Return the text with everything personal replaced by neutral words.

    Parameters
    ----------
    text
        The letter's text.
    people
        Where names stand.
    is_known
        Tells whether a folded word is part of a name in the case list or among the staff; such words are
        masked wherever they stand with a capital, or in a script without capitals. So are common given names
        that are no dictionary words.

    hide_origins
        Replace countries and their people, too.

    Returns
    -------
    str
        Paragraphs of law (§ 16b) and language levels (B1) stay; every other number goes.
    """
    pieces: list[str] = []
    last = 0
    for start, end in sorted(people):
        if end <= last:
            continue
        pieces += [text[last:start], " xname "]
        last = end
    pieces.append(text[last:])
    # Letters with their accents apart would not show as words of the case list.
    masked = unicodedata.normalize("NFC", "".join(pieces))
    masked = _MAIL.sub(" xmail ", masked)
    masked = _LINK.sub(" xlink ", masked)
    masked = _STREET.sub(" xadresse ", masked)
    masked = _TOWN.sub(" xadresse ", masked)
    laws = [match.span() for match in _LAW.finditer(masked)]

    def number(match: re.Match[str]) -> str:
        if _KEPT.match(match[0]):
            return match[0]
        cited = any(start < match.end() and match.start() < end for start, end in laws)
        if cited and not _LONG_NUMBER.search(match[0]):
            return match[0]
        return " xnummer "

    masked = _NUMBERED.sub(number, masked)

    def word(match: re.Match[str]) -> str:
        parts = [part for part in re.findall(r"[^\W\d_]+", match[0]) if not part[0].islower()]
        if any(_is_given_name(part) for part in parts):
            return " xname "
        spellings = [spelling for part in parts for spelling in _spellings(part)]
        known = is_known is not None and any(len(part) > 2 and is_known(part) for part in spellings)
        return " xname " if known else match[0]

    masked = _WORD.sub(word, masked)
    return re.sub(r"(?: *xname *)+", " xname ", neutral_origins(masked) if hide_origins else masked)


@lru_cache(maxsize=50_000)
def _is_given_name(word: str) -> bool:
    """Tell whether a word is a common given name, perhaps in the genitive, and nothing else."""
    if len(word) < _SHORTEST_NAME or in_dictionary(word if not word.isupper() else word.capitalize()):
        return False
    folded = fold(word)
    return folded in given_names() or (folded.endswith("s") and folded[:-1] in given_names())


def _spellings(word: str) -> set[str]:
    """Return how a case list may spell a word: umlauts as one letter or two, the genitive's s left out."""
    spellings = {fold(word), fold(word, umlauts_as_two=True)}
    spellings |= {re.sub(r"([aou])e", r"\1", spelling) for spelling in spellings}
    return spellings | {spelling[:-1] for spelling in spellings if spelling.endswith("s")}
