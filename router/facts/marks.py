# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Marks of confidentiality, and caseworkers of the office a letter addresses."""

import re
from collections.abc import Mapping

from router.office.surnames import fold

__all__ = ["find_addressees", "is_confidential"]

_MARK = r"(?:streng\s+)?(?:persönlich\W{1,5}(?:und\W+)?(?:streng\s+)?vertraulich|vertraulich|persönlich|private? (?:and|&) confidential|strictly confidential|confidential|personal\W+confidential|VS\s?[-–]\s?(?:NfD|Nur für den Dienstgebrauch|Vertraulich)|confidentiel|verschlusssache)"
_MARK_LINE = re.compile(rf"(?im)^[\W_]*{_MARK}[\W_]*(?:[-–!:.*]*[\W_]*(?:nur|bitte|z\. ?hd|zu händen|an|für|to|only|by)\b[^\n]{{0,60}})?$")
_MARK_SUBJECT = re.compile(rf"(?im)^(?:betreff|subject|betr\.?)\s*:?[^\n]*\b{_MARK}[\W_]*(?:$|[-–:/!(])")
_STRONG = re.compile(r"(?i)persönlich\s*[/,&+|-]\s*vertraulich|persönlich und vertraulich|personal\s*[/&]\s*confidential|private and confidential|\bVS-NfD\b|streng vertraulich")
_ADDRESSING = (
    r"(?:z\.? ?\s?hd\.?(?:\s+v(?:on|\.))?|zu\s+händen(?:\s+(?:von|der|des))?|attn\.?|attention|c/o|sehr geehrte[rs]?|liebe[rs]?|hallo|guten (?:tag|morgen)|dear|bonjour|estimad[oa]"
    r"|sachbearbeiter(?:in)?|ansprechpartner(?:in)?|bearbeiter(?:in)?|an|ihre (?:kollegin|sachbearbeiterin)|ihr (?:kollege|sachbearbeiter)|telefonat mit|gespräch mit|schreiben von)"
)


def is_confidential(text: str) -> bool:
    """Tell whether a letter is marked personal, confidential or classified.

    The mark has to stand prominently: on a line of its own, or in the subject. Asking in the text to treat
    something confidentially is no mark.
    """
    head = text[:2500]
    return bool(_STRONG.search(head) or _MARK_LINE.search(head) or _MARK_SUBJECT.search(head))


def find_addressees(text: str, caseworkers: Mapping[str, str]) -> list[tuple[str, int, int]]:
    """Find the office's caseworkers whom a letter addresses by name.

    Parameters
    ----------
    text
        The letter's text.
    caseworkers
        Id and name, such as "Frau Meyer".

    Returns
    -------
    list of tuple
        Id, start and end; in order of their place, each caseworker once.
    """
    found: dict[str, tuple[str, int, int]] = {}
    for person, name in caseworkers.items():
        title, _, rest = name.partition(" ")
        surname = rest.split()[-1] if rest else title
        titles = {"Frau": "Frau|Fr\\.|Ms\\.?|Mrs\\.?|Mme|Madame|Sra\\.", "Herr": "Herrn?|Hr\\.|Mr\\.?|Monsieur|Sr\\."}.get(title, title)
        spelled = {re.escape(surname), re.escape(fold(surname).capitalize()), re.escape(fold(surname, umlauts_as_two=True).capitalize())}
        pattern = rf"{_ADDRESSING}[\s,:]+(?:{titles})\s+(?:(?:Dr|Prof)\.\s?)*(?P<name>{'|'.join(sorted(spelled))})\b"
        match = re.search(pattern, text, re.IGNORECASE)
        if match:
            found[person] = (person, match.start("name"), match.end("name"))
    return sorted(found.values(), key=lambda entry: entry[1])
