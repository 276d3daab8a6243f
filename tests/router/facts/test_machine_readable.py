# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
import re

import pytest

from router.facts.extract import OfficeWords, extract
from router.facts.machine_readable import references_in_codes
from router.facts.model import FactsModel
from router.reading.contents import Unpacking
from router.reading.limits import Limits
from router.reading.plain import lay_out
from router.reading.xjustiz import open_court_message
from router.records import Box, Code, Letter, LetterKind, Owner, Page, PageSource, Reference, ReferenceKind
from training.sample_office.court import court_message

OWN = re.compile(r"33\.\d-\d{3}-\d{6}")
BOX = Box(10, 20, 30, 40)
DAY = dt.date(2026, 11, 2)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("33.2-475-123456", ReferenceKind.OWN, "33.2-475-123456"),
        ("AZ:33.2-475-123456", ReferenceKind.OWN, "33.2-475-123456"),
        ("https://amt.example/akte/33.2-475-123456?von=scan", ReferenceKind.OWN, "33.2-475-123456"),
        ("https://amt.example/akte/33%2E2%2D475%2D123456", ReferenceKind.OWN, "33.2-475-123456"),
        ('{"az":"33.2-475-123456","seite":1}', ReferenceKind.OWN, "33.2-475-123456"),
        ("2026;33.2-475-123456;1/4", ReferenceKind.OWN, "33.2-475-123456"),
        ("AZR 210614087316", ReferenceKind.AZR, "210614087316"),
        ("bamf:9123456-439", ReferenceKind.BAMF, "9123456-439"),
    ],
)
def test_number_in_a_barcode_with_the_place_of_the_barcode(text: str, kind: ReferenceKind, value: str) -> None:
    (found,) = references_in_codes([Code(text, 3, BOX, "QRCode")], OWN)
    assert (found.kind, found.value) == (kind, value)
    assert found.place is not None
    assert (found.place.page, found.place.box, found.place.ocr_confidence) == (3, BOX, 1.0)


@pytest.mark.parametrize(
    "text", ["PATCH-T", "X33.2-475-123456", "33.2-475-123456B", "RR210614087316DE", "7 K 123/24", "4006381333931"]
)
def test_barcodes_without_a_number_of_ours(text: str) -> None:
    assert references_in_codes([Code(text, 1, BOX)], OWN) == ()


def test_a_barcode_on_every_page_counts_once() -> None:
    codes = [Code("33.2-475-123456", page, BOX) for page in (1, 2)]
    (found,) = references_in_codes(codes, OWN)
    assert found.place is not None
    assert found.place.page == 1


def test_barcode_comes_before_the_same_number_in_print(facts_model: FactsModel) -> None:
    pages = _pages("Ihr Zeichen: 33.2-475-123456")
    letter = Letter(pages, LetterKind.SCAN, codes=(Code("AZ:33.2-475-123456", 1, BOX, "Code128"),))
    references = extract(letter, facts_model, OfficeWords(OWN), DAY).references
    assert [reference.place.box == BOX for reference in references if reference.place] == [True, False]


@pytest.mark.parametrize("ours", ["33.2-475-123456", "Ausl 4711/26 (alt)"])
def test_numbers_of_a_court_message_are_ours_and_theirs(ours: str, facts_model: FactsModel) -> None:
    written = court_message(court="VG Auenfurt", ours=[ours], theirs=["7 K 123/26.A", "Registratur 9"])
    contents = open_court_message(written.encode(), Unpacking(Limits()))
    letter = Letter(_pages(contents.text), LetterKind.TEXT, court=contents.court)
    references = extract(letter, facts_model, OfficeWords(OWN), DAY).references
    assert _owners(references) == {ours: Owner.OURS, "7 K 123/26.A": Owner.THEIRS, "Registratur 9": Owner.THEIRS}
    assert all(reference.place is not None for reference in references)


def test_court_message_knows_better_whose_a_number_is(facts_model: FactsModel) -> None:
    """A court may file our number as its own; then it does not lead to our file's holder as ours would."""
    written = court_message(court="VG Auenfurt", theirs=["33.2-475-123456"])
    contents = open_court_message(written.encode(), Unpacking(Limits()))
    letter = Letter(_pages(contents.text), LetterKind.TEXT, court=contents.court)
    references = extract(letter, facts_model, OfficeWords(OWN), DAY).references
    assert _owners(references) == {"33.2-475-123456": Owner.THEIRS}


def _owners(references: tuple[Reference, ...]) -> dict[str, Owner]:
    return {reference.value: reference.owner for reference in references}


def _pages(text: str) -> tuple[Page, ...]:
    return tuple(lay_out(text, first=1, source=PageSource.TEXT, limits=Limits()))
