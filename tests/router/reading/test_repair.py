# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Damaged PDF files: text that is still there is found, and what is missing is said."""

import pikepdf
import pytest

from router.reading.repair import repaired
from router.records import Reason
from tests.router.reading.oddpdf import FORM, LETTER, OURS, changed, clean, read, spoilt, text_of, unpacked

BOTH = (LETTER, FORM)


def _whole() -> bytes:
    return unpacked(*BOTH)


COMPLETE = {
    "bytes before the head": lambda: b"HTTP/1.1 200 OK\r\n\r\n\0\0" + _whole(),
    "bytes after the end": lambda: _whole() + b"\0" * 3000 + b"</html>",
    "index elsewhere": lambda: spoilt(rb"startxref\s+\d+", b"startxref\n7", _whole()),
    "streams shorter than said": lambda: spoilt(rb"/Length \d+", b"/Length 99999999", _whole()),
    "streams longer than said": lambda: spoilt(rb"/Length \d+", b"/Length 3", _whole()),
    "streams without an end": lambda: spoilt(rb"endstream", b"endstrXam", _whole()),
    "objects without an end": lambda: spoilt(rb"endobj", b"endobX", _whole()),
    "more pages promised": lambda: spoilt(rb"/Count 2", b"/Count 7", _whole()),
    "no pages promised": lambda: spoilt(rb"/Count 2", b"/Count 0", _whole()),
    "pages of another type": lambda: spoilt(rb"/Type /Page\b", b"/Type /Pxge", _whole()),
    "catalogue of another type": lambda: spoilt(rb"/Type /Catalog", b"/Type /Cxtalog", _whole()),
    "catalogue not where said": lambda: spoilt(rb"/Root \d+ 0 R", b"/Root 999 0 R", _whole()),
    "tree of pages lost": lambda: spoilt(rb"/Pages \d+ 0 R", b"/Pages 999 0 R", _whole()),
    "pages without a size": lambda: spoilt(rb"/MediaBox", b"/MedixBox", _whole()),
    "pages of size nought": lambda: spoilt(rb"/MediaBox \[[^\]]*\]", b"/MediaBox [ 0 0 0 0 ]", _whole()),
    "fonts without their shapes": lambda: spoilt(rb"/FontFile2", b"/FontFilX2", _whole()),
}


@pytest.mark.parametrize("name", COMPLETE)
def test_all_text_of_a_damaged_file_is_found(name: str) -> None:
    reading = read(COMPLETE[name]())
    assert OURS in text_of(reading).split("\f")[0]
    assert "17.03.1988" in text_of(reading).split("\f")[1]
    assert reading.page_count == 2
    assert reading.letters[0].problems == ()


CUT_OFF = {
    "index missing": lambda: _whole()[: _whole().rindex(b"xref\n", 0, _whole().rindex(b"startxref"))],
    "packed index missing": lambda: clean(*BOTH)[:-200],
    "last objects missing": lambda: _whole()[: int(0.8 * len(_whole()))],
}


@pytest.mark.parametrize("name", CUT_OFF)
def test_a_file_that_breaks_off_is_read_and_goes_to_a_person(name: str) -> None:
    reading = read(CUT_OFF[name]())
    assert OURS in text_of(reading)
    assert reading.letters[0].problems == (Reason.UNREADABLE,)


def test_a_page_that_no_engine_reads_is_told_and_the_others_stay() -> None:
    """The second page's content is packed, and its bytes are lost."""

    def spoil(document: pikepdf.Pdf) -> None:
        page = document.pages[1]
        page.obj.Contents = pikepdf.Stream(document, b"lost", Filter=pikepdf.Name.FlateDecode)

    reading = read(changed(spoil, clean(*BOTH)))
    assert OURS in text_of(reading)
    assert reading.page_count == len(reading.letters[0].pages) == 2
    assert reading.letters[0].problems == (Reason.UNREADABLE,)


def test_what_is_no_pdf_is_given_up() -> None:
    assert repaired(b"%PDF-1.7\n" + bytes(range(256)) * 20) is None
