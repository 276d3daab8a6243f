# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Identifiers that need no reading: in barcodes, and in the courts' machine-readable messages."""

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote

from router.facts.references import FoundReference, find_references
from router.facts.spans import ReadableText
from router.records import Code, CourtMessage, Owner, Place, Reference, ReferenceKind

__all__ = ["references_in_codes", "with_court_message"]

_IN_CODES = frozenset([ReferenceKind.OWN, ReferenceKind.AZR, ReferenceKind.BAMF])


def references_in_codes(codes: Iterable[Code], own_pattern: re.Pattern[str] | None) -> tuple[Reference, ...]:
    """Find our file numbers, AZR and BAMF numbers in barcodes, each once and where its barcode stands.

    Parameters
    ----------
    codes
        Barcodes on a letter's pages. Around the number may stand what programs put there: a prefix, an address
        on the web, names of fields. Letters and digits right beside it make it another number.
    own_pattern
        Form of the office's own numbers, as the plan gives it.
    """
    found: dict[tuple[ReferenceKind, str], Reference] = {}
    for code in codes:
        text = unquote(code.text)
        for number in find_references(ReadableText(text), own_pattern):
            if number.kind in _IN_CODES and _stands_alone(text, number):
                place = Place(code.page, code.box, 1.0) if code.box else None
                reference = Reference(number.kind, number.value, number.owner, place)
                found.setdefault((number.kind, number.value), reference)
    return tuple(found.values())


def with_court_message(
    found: Sequence[FoundReference], text: ReadableText, court: CourtMessage, own_pattern: re.Pattern[str] | None
) -> list[FoundReference]:
    """Return the identifiers of a letter with what the court's message says about whose they are.

    Parameters
    ----------
    found
        Identifiers found in the letter's text, of which the message's own page is a part.
    text
        That text.
    """
    said = list(_said(text, court, own_pattern))
    rest = [number for number in found if not any(_within(number, other) for other in said)]
    return sorted([*rest, *said], key=lambda number: number.start)


def _said(text: ReadableText, court: CourtMessage, own_pattern: re.Pattern[str] | None) -> Iterator[FoundReference]:
    for values, owner in ((court.recipient_references, Owner.OURS), (court.sender_references, Owner.THEIRS)):
        for value in values:
            # The page breaks long lines.
            written = re.search(r"\s+".join(re.escape(piece) for piece in value.split()), text.text)
            start, end = written.span() if written else (-1, -1)
            number = next(iter(find_references(ReadableText(value), own_pattern)), None)
            if number is None or number.kind is ReferenceKind.OTHER:
                yield FoundReference(ReferenceKind.OTHER, value, owner, start, end)
            else:
                yield FoundReference(number.kind, number.value, owner, start, end)


def _within(number: FoundReference, other: FoundReference) -> bool:
    return other.start <= number.start and number.end <= other.end


def _stands_alone(text: str, number: FoundReference) -> bool:
    return not (text[: number.start][-1:].isalnum() or text[number.end :][:1].isalnum())
