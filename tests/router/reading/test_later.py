# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pages that are left for later."""

import io
from collections.abc import Sequence
from dataclasses import replace

import pypdfium2
import pytest
from PIL import Image

from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.sandbox import ReaderPool
from router.records import Reason
from training.sample_office.broken import joined
from training.sample_office.layout import pages_pdf, separator_pdf


def _scanned(texts: Sequence[str]) -> bytes:
    """Return a scan of short pages, small enough to be recognised at once."""
    document = pypdfium2.PdfDocument(pages_pdf(list(texts)))
    pages = [page.render(scale=150 / 72, grayscale=True).to_pil() for page in document]
    document.close()
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=150, save_all=True, append_images=pages[1:])
    return out.getvalue()


@pytest.fixture(scope="module")
def scan() -> bytes:
    return _scanned([" ", "Antrag auf Verlängerung der Erlaubnis", "Mietvertrag über eine Wohnung", " ", "Zeugnis"])


def test_only_the_first_page_with_words_is_read_and_the_rest_later(scan: bytes, pool: ReaderPool) -> None:
    (letter,) = pool.read(scan, first_pages=True).letters
    assert [page.is_read for page in letter.pages] == [True, True, False, True, False]
    assert letter.text.split() == ["Antrag", "auf", "Verlängerung", "der", "Erlaubnis"]
    assert not letter.is_complete
    whole = pool.read_rest(scan, letter)
    assert whole == pool.read(scan).letters[0]
    assert "Mietvertrag" in whole.text
    assert pool.read_rest(scan, whole) is whole


def test_each_letter_of_a_batch_has_its_first_page_read(pool: ReaderPool) -> None:
    sheet = separator_pdf(_barcode("PATCHT"))
    batch = joined([_scanned(["Erster Brief hier"]), sheet, _scanned(["Zweiter Brief dort", "Anlage zwei davon"])])
    first, second = pool.read(batch, first_pages=True).letters
    assert first.is_complete
    assert [page.is_read for page in second.pages] == [True, False]
    assert "Zweiter" in second.text


def test_pages_with_a_text_layer_are_read_at_once(pool: ReaderPool) -> None:
    (letter,) = pool.read(pages_pdf(["eins", "zwei", "drei"]), first_pages=True).letters
    assert letter.is_complete
    assert letter.text.split() == ["eins", "zwei", "drei"]


def test_rest_that_kills_its_reader_is_said_to_be_unreadable(scan: bytes) -> None:
    with ReaderPool(1, Limits(), OcrSettings()) as pool:
        (letter,) = pool.read(scan, first_pages=True).letters
    with ReaderPool(1, Limits(wall_seconds=0.05), OcrSettings()) as hasty:
        whole = hasty.read_rest(scan, letter)
    assert whole.is_complete
    assert whole.problems == (Reason.UNREADABLE,)
    assert whole.text == letter.text


def test_words_that_come_later_take_back_that_nothing_was_read(scan: bytes, pool: ReaderPool) -> None:
    (letter,) = pool.read(scan).letters
    empty = replace(
        letter,
        pages=tuple(replace(page, words=(), is_read=False) for page in letter.pages),
        problems=(Reason.UNREADABLE,),
    )
    assert empty.with_pages(letter.pages) == letter


def _barcode(text: str) -> str:
    import zxingcpp

    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.Code128)
    return str(zxingcpp.write_barcode_to_svg(code))


def test_scan_of_one_page_has_nothing_left(pool: ReaderPool) -> None:
    out = io.BytesIO()
    Image.new("L", (600, 800), 255).save(out, "PDF", resolution=72)
    (letter,) = pool.read(out.getvalue(), first_pages=True).letters
    assert letter.is_complete
    assert letter.problems == (Reason.UNREADABLE,)
