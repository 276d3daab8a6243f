# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The letter's text without names, numbers, addresses and dates: all the text model ever sees.

Masking happens before training, so that no citizen's or employee's name can be in the model file.
"""

import re
from collections.abc import Callable, Iterable

from router.office.surnames import fold

__all__ = ["mask"]

_MAIL = re.compile(r"\S+@\S+")
_LINK = re.compile(r"\b(?:https?://|www\.)\S+")
_STREET = re.compile(
    r"\b[A-ZÄÖÜ][\w.-]*(?:stra(?:ß|ss)e|str\.|weg|allee|platz|gasse|ring|ufer|damm|steig|berg|hof|wall|markt|"
    r"garten|anger|kamp|winkel|wiese|zeile)\s+\d{1,4}(?:\s?[a-z])?\b"
    r"|\b(?:Am|An der|Im|In der|Auf dem|Zum|Zur|Beim?|Alte[rs]?|Neue[rs]?)\s+[A-ZÄÖÜ][\w-]+\s+\d{1,4}(?:\s?[a-z])?\b"
)
_TOWN = re.compile(r"\b\d{5}\s+[A-ZÄÖÜ][\w-]+(?:\s(?:am|an der|bei|im|ob der|in)\s[A-ZÄÖÜ]\w+)?")
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_NUMBERED = re.compile(r"\S*\d\S*")
_KEPT = re.compile(r"^(?:[ABC][12]|\(?\d{1,3}[a-h]\)?[.,;:]?)$")
_LAW = re.compile(r"§+\s*\d+\s?[a-z]?\b")


def mask(text: str, people: Iterable[tuple[int, int]], is_known: Callable[[str], bool] | None = None) -> str:
    """Return the text with everything personal replaced by neutral words.

    Parameters
    ----------
    text
        The letter's text.
    people
        Where names stand.
    is_known
        Tells whether a folded word is part of a name in the case list or among the staff; such words are
        masked wherever they stand with a capital.

    Returns
    -------
    str
        Paragraphs of law (§ 16b) and language levels (B1) stay; every other number goes.
    """
    pieces: list[str] = []
    last = 0
    for start, end in sorted(people):
        if start < last:
            continue
        pieces += [text[last:start], " xname "]
        last = end
    pieces.append(text[last:])
    masked = "".join(pieces)
    masked = _MAIL.sub(" xmail ", masked)
    masked = _LINK.sub(" xlink ", masked)
    masked = _STREET.sub(" xadresse ", masked)
    masked = _TOWN.sub(" xadresse ", masked)
    laws = [match.span() for match in _LAW.finditer(masked)]

    def number(match: re.Match[str]) -> str:
        if _KEPT.match(match[0]) or any(start < match.end() and match.start() < end for start, end in laws):
            return match[0]
        return " xnummer "

    masked = _NUMBERED.sub(number, masked)
    if is_known is not None:

        def word(match: re.Match[str]) -> str:
            if not match[0][0].isupper():
                return match[0]
            parts = re.findall(r"[^\W\d_]+", fold(match[0]))
            return " xname " if any(len(part) > 2 and is_known(part) for part in parts) else match[0]

        masked = _WORD.sub(word, masked)
    return re.sub(r"(?: *xname *)+", " xname ", masked)
