# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Identifiers in a letter, and whose they are.

Formats: AZR number as in the XJustiz data type (two digits of the year, month, day, six further digits);
BAMF number with the three-digit country key of Destatis; court numbers with the register signs of the
administrative courts; prosecutors' Js numbers; Jobcenter BG numbers.
"""

import re
from dataclasses import dataclass

from router.facts.spans import ReadableText, overlaps
from router.office.countries import COUNTRY_KEYS
from router.records import Owner, ReferenceKind

__all__ = ["FoundReference", "find_references"]


@dataclass(frozen=True, slots=True)
class FoundReference:
    """An identifier at ``text[start:end]``."""

    kind: ReferenceKind
    value: str
    owner: Owner
    start: int
    end: int


_AZR = re.compile(r"(?<!\d)(\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01])[ ]?(\d{3})[ ]?(\d{3})(?!\d)")
_BAMF = re.compile(r"(?<![\d.-])(\d{7,8})[ ]?[-.][ ]?(\d{3})(?![\d])")
_COURT = re.compile(
    r"(?<![\w.])(?:Au |RO |RN |W |B |M )?\d{1,2} (?:K|L|A|B|E|AE|V|S|ZB|LA|LB|MB|ME|Bs|Bf|So|N) "
    r"(?:\d{1,5}[/.]\d{2}|\d{2}\.\d{3,5})(?:\.[A-Z]{1,2})?(?!\d)"
    r"|(?<!\w)\d{1,3} XIV (?:\([A-Z]\) )?\d{1,5}/\d{2}"
    r"|(?<!\w)\d{1,3} (?:F|C|Cs|Ds|Ls|Gs|BRs|OWi) \d{1,5}/\d{2}(?!\d)"
)
_PROSECUTOR = re.compile(r"(?<!\w)\d{1,4} (?:U?Js|VRs|AR|Gns) \d{1,7}/\d{2}(?!\d)")
_JOBCENTER = re.compile(r"(?<!\w)\d{5}[ ]?BG[ ]?\d{7}(?!\d)")
_OURS = re.compile(
    r"\b(?:ihr(?:e|em|en)?|dortige[sn]?|dort)\s+(?:gesch(?:äfts|\.-?\s*)?)?(?:zeichen|akten?zeichen|akte|az\b|"
    r"ordnungsnummer|vorgang|nachricht|schreiben|bescheid|gz)"
    r"|\b(?:your|votre|vuestra|su)\s+(?:ref|file|case|dossier|n)|\bz(?:u|um)\s+(?:ihrem\s+)?(?:az|aktenzeichen|akte)",
    re.IGNORECASE,
)
_THEIRS = re.compile(
    r"\b(?:unser(?:e|em|en)?|mein(?:e|em|en)?|hiesige[sn]?)\s+(?:gesch(?:äfts|\.-?\s*)?)?(?:zeichen|"
    r"akten?zeichen|akte|az\b|vorgang|gz|ref)"
    r"|\b(?:our|notre|nuestra)\s+(?:ref|file|case)|\b(?:gesch(?:äfts|\.-?)\s?-?z(?:eichen|\.)?|"
    r"vorgangs(?:nummer|-nr)|tagebuch|kassenzeichen|reg\.-?nr)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:unser|mein|our|notre)\w*\s+(?:zeichen|akten?zeichen|az\.?|geschäftszeichen|gz\.?|ref(?:erence|\.|"
    r"érence)?|vorgang)\s*[:.]?\s*([A-Z0-9][\w./()-]*(?: [A-Z0-9][\w./()-]*){0,3}\d[\w./-]*)",
    re.IGNORECASE,
)


def find_references(text: ReadableText, own_pattern: re.Pattern[str] | None) -> list[FoundReference]:
    """Find identifiers, the surest kinds first; no stretch is used twice.

    Parameters
    ----------
    text
        The letter's text with its forgiving variants.
    own_pattern
        Form of the office's own numbers, as the plan gives it.

    Returns
    -------
    list of FoundReference
        In order of their place.
    """
    found: list[FoundReference] = []
    taken: list[tuple[int, int]] = []

    def add(kind: ReferenceKind, value: str, start: int, end: int, owner: Owner | None = None) -> None:
        if not overlaps(start, end, taken):
            taken.append((start, end))
            found.append(FoundReference(kind, value, owner or _owner(text, start, kind), start, end))

    if own_pattern is not None:
        for match in own_pattern.finditer(text.squeezed):
            if match.end() > match.start() and _stands_alone(text.squeezed, match.start(), match.end()):
                add(ReferenceKind.OWN, match[0], *text.squeezed_span(match.start(), match.end()))
    for match in _BAMF.finditer(text.digits):
        if match[2] in COUNTRY_KEYS:
            add(ReferenceKind.BAMF, f"{match[1]}-{match[2]}", match.start(), match.end())
    for pattern, kind in ((_PROSECUTOR, ReferenceKind.PROSECUTOR), (_COURT, ReferenceKind.COURT)):
        for match in pattern.finditer(text.dashed):
            add(kind, match[0], match.start(), match.end(), Owner.THEIRS)
    for match in _AZR.finditer(text.digits):
        add(ReferenceKind.AZR, "".join(match.groups()), match.start(), match.end())
    for match in _JOBCENTER.finditer(text.dashed):
        add(ReferenceKind.JOBCENTER, match[0], match.start(), match.end(), Owner.THEIRS)
    for match in _LABELLED.finditer(text.text):
        add(ReferenceKind.OTHER, match[1].strip(), match.start(1), match.end(1), Owner.THEIRS)
    found.sort(key=lambda reference: reference.start)
    return found


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Tell whether a number is not a part of a longer one."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (before.isalnum() or (after.isalnum()))


def _owner(text: ReadableText, start: int, kind: ReferenceKind) -> Owner:
    """Tell by the words before a number on its line, else on the line above, whose it is."""
    line_start, _ = text.line_of(start)
    before = text.text[max(line_start, start - 80) : start]
    if not before.strip(" \t:.-") and line_start > 0:
        above, _ = text.line_of(line_start - 1)
        before = text.text[above : line_start - 1][-80:]
    ours = [match.end() for match in _OURS.finditer(before)]
    theirs = [match.end() for match in _THEIRS.finditer(before)]
    if ours and (not theirs or max(ours) > max(theirs)):
        return Owner.OURS
    if theirs and kind is ReferenceKind.OWN:
        return Owner.THEIRS
    if kind is ReferenceKind.OWN:
        return Owner.OURS
    if theirs:
        return Owner.THEIRS
    return Owner.UNKNOWN
