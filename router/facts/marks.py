# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Caseworkers of the office a letter addresses."""

import re
from collections.abc import Mapping
from functools import lru_cache

from router.office.surnames import fold

__all__ = ["find_addressees"]

_ADDRESSING = (
    r"(?:z\.? ?\s?hd\.?(?:\s+v(?:on|\.))?|zu\s+händen(?:\s+(?:von|der|des))?|attn\.?|attention|c/o|sehr "
    r"geehrte[rs]?|liebe[rs]?|hallo|guten (?:tag|morgen)|dear|bonjour|estimad[oa]"
    r"|sachbearbeiter(?:in)?|ansprechpartner(?:in)?|bearbeiter(?:in)?|an|ihre (?:kollegin|sachbearbeiterin)|"
    r"ihr (?:kollege|sachbearbeiter)|telefonat mit|gespräch mit|schreiben von)"
)

_ADDRESSED = re.compile(
    rf"{_ADDRESSING}[\s,:]+(?P<title>Frau|Fr\.|Ms\.?|Mrs\.?|Mme|Madame|Sra\.|Herrn?|Hr\.|Mr\.?|Monsieur|"
    rf"Sr\.)\s+(?:(?:Dr|Prof)\.\s?)*$",
    re.IGNORECASE,
)


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
    pattern, owners = _staff_pattern(tuple(sorted(caseworkers.items())))
    found: dict[str, tuple[str, int, int]] = {}
    for match in pattern.finditer(text) if pattern is not None else ():
        before = _ADDRESSED.search(text[max(0, match.start() - 60) : match.start()])
        if before is None:
            continue
        for person, feminine in owners[fold(match[0], umlauts_as_two=True)]:
            title = before["title"].lower()
            if feminine is None or feminine == title.startswith(("fr", "ms", "mrs", "mme", "madame", "sra")):
                found.setdefault(person, (person, match.start(), match.end()))
    return sorted(found.values(), key=lambda entry: entry[1])


@lru_cache(maxsize=8)
def _staff_pattern(
    caseworkers: tuple[tuple[str, str], ...],
) -> tuple[re.Pattern[str] | None, dict[str, list[tuple[str, bool | None]]]]:
    """Return what finds the surnames of the staff, and who bears each (with the title's gender, if it shows)."""
    owners: dict[str, list[tuple[str, bool | None]]] = {}
    spellings: set[str] = set()
    for person, name in caseworkers:
        words = name.split()
        if not words:
            continue
        surname = words[-1]
        feminine = True if words[0] == "Frau" else False if words[0] == "Herr" else None
        for spelling in (surname, fold(surname).capitalize(), fold(surname, umlauts_as_two=True).capitalize()):
            spellings.add(spelling)
            bearers = owners.setdefault(fold(spelling, umlauts_as_two=True), [])
            if (person, feminine) not in bearers:
                bearers.append((person, feminine))
    if not spellings:
        return None, owners
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(spellings)))})\b"), owners
