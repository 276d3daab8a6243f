# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import re

import pytest

from router.facts.references import FoundReference, find_references
from router.facts.spans import ReadableText
from router.records import Owner, ReferenceKind

OWN = re.compile(r"33\.\d-\d{3}-\d{6}")


def find(text: str) -> list[FoundReference]:
    return find_references(ReadableText(text), OWN)


@pytest.mark.parametrize(
    ("text", "kind", "value", "owner"),
    [
        ("Ihr Zeichen: 33.2-475-123456", ReferenceKind.OWN, "33.2-475-123456", Owner.OURS),
        ("Ihr Zeichen\n33.2-475-123456", ReferenceKind.OWN, "33.2-475-123456", Owner.OURS),
        ("Ihr Zeichen: 33.2 – 475 – 123456", ReferenceKind.OWN, "33.2-475-123456", Owner.OURS),
        ("Ihr Zeichen: 33.2-475-l2345O", ReferenceKind.OWN, "33.2-475-123450", Owner.OURS),
        ("Unser Zeichen: 33.2-475-123456", ReferenceKind.OWN, "33.2-475-123456", Owner.THEIRS),
        ("Akte 33.2-475-123456", ReferenceKind.OWN, "33.2-475-123456", Owner.OURS),
        ("Gesch.-Z.: 9123456-439", ReferenceKind.BAMF, "9123456-439", Owner.THEIRS),
        ("BAMF 9923557.439", ReferenceKind.BAMF, "9923557-439", Owner.UNKNOWN),
        ("AZR-Nr.: 210614087316", ReferenceKind.AZR, "210614087316", Owner.UNKNOWN),
        ("AZR 210614 087 316", ReferenceKind.AZR, "210614087316", Owner.UNKNOWN),
        ("Az.: 7 K 123/24", ReferenceKind.COURT, "7 K 123/24", Owner.THEIRS),
        ("11 L 462.16", ReferenceKind.COURT, "11 L 462.16", Owner.THEIRS),
        ("Au 6 K 22.2302", ReferenceKind.COURT, "Au 6 K 22.2302", Owner.THEIRS),
        ("22 XIV (B) 55/16", ReferenceKind.COURT, "22 XIV (B) 55/16", Owner.THEIRS),
        ("123 Js 4567/24", ReferenceKind.PROSECUTOR, "123 Js 4567/24", Owner.THEIRS),
        ("BG 12345BG1234567", ReferenceKind.JOBCENTER, "12345BG1234567", Owner.THEIRS),
        ("Unser Zeichen: 214/26 KS", ReferenceKind.OTHER, "214/26", Owner.THEIRS),
    ],
)
def test_numbers_and_whose_they_are(text: str, kind: ReferenceKind, value: str, owner: Owner) -> None:
    assert [(found.kind, found.value, found.owner) for found in find(text)] == [(kind, value, owner)]


@pytest.mark.parametrize(
    "text",
    [
        "9123456-740",
        "211314087316",
        "2106140873160",
        "A33.2-475-123456",
        "33.2-475-1234567",
        "Tel. 0341 123456",
        "§ 16b",
    ],
)
def test_numbers_that_fail_their_check(text: str) -> None:
    assert find(text) == []


def test_ours_and_theirs_on_one_line() -> None:
    found = find("Ihr Zeichen: 33.2-475-123456  Unser Zeichen: 33.1-475-000001")
    assert [reference.owner for reference in found] == [Owner.OURS, Owner.THEIRS]


def test_no_stretch_is_used_twice_and_places_fit() -> None:
    text = "Ihr Zeichen: 33.2-475-123456, AZR 210614087316, 7 K 123/24"
    found = find(text)
    assert [text[reference.start : reference.end] for reference in found] == [
        "33.2-475-123456",
        "210614087316",
        "7 K 123/24",
    ]
