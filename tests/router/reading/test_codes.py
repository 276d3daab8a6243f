# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Barcodes on digital pages, and patch codes on scans."""

import base64
import io
import random

import cv2
import numpy as np
import pytest
import weasyprint
import zxingcpp
from PIL import Image

from router.reading.codes import is_separator, read_codes
from router.reading.images import GreyImage
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.patch import read_patches
from router.reading.read import read_item
from router.records import Box, Code
from tests.router.reading.oddpdf import LETTER, OURS, clean, read, scan
from training.sample_office.broken import joined
from training.sample_office.compose import Composed
from training.sample_office.degrade import rasterise
from training.sample_office.layout import letter_pdf


def _page_with(kind: str, barcode: zxingcpp.Barcode) -> bytes:
    if kind == "drawn":
        form, data = "svg+xml", str(barcode.to_svg()).encode()
    else:
        packed = io.BytesIO()
        Image.fromarray(np.asarray(barcode.to_image(scale=4))).save(packed, "PNG")
        form, data = "png", packed.getvalue()
    source = f"data:image/{form};base64,{base64.b64encode(data).decode()}"
    text = LETTER.replace("\n", "<br>") * 4
    body = f'<p>{text}</p><img src="{source}" style="width: 60mm; margin-left: 40mm"><p>{text}</p>'
    return bytes(weasyprint.HTML(string=f'<html lang="de"><body>{body}</body></html>').write_pdf())


@pytest.mark.parametrize("form", ["QRCode", "DataMatrix", "Code128", "Code39"])
@pytest.mark.parametrize("kind", ["drawn", "picture"])
def test_a_code_among_much_text_is_found(kind: str, form: str) -> None:
    barcode = zxingcpp.create_barcode("33.2-475-123456", getattr(zxingcpp.BarcodeFormat, form))
    reading = read(_page_with(kind, barcode))
    (code,) = reading.letters[0].codes
    assert (code.text, code.form) == (OURS, form)
    assert code.box is not None
    words = reading.letters[0].pages[0].words
    assert len(words) > 100
    # Nothing is written where the code stands.
    assert not any(_overlap(code.box, word.box) for word in words)


def _overlap(one: Box, other: Box) -> bool:
    return one.x0 < other.x1 and other.x0 < one.x1 and one.y0 < other.y1 and other.y0 < one.y1


def _patch_sheet(bars: str, dpi: int, *, scale: float = 1.0, long: float = 2.5) -> GreyImage:
    """Return a sheet with four bars near its upper edge, narrow or wide."""
    sheet = np.full((round(11.69 * dpi), round(8.27 * dpi)), 255, np.uint8)
    unit, top = 0.08 * dpi * scale, 0.4 * dpi
    left = round((8.27 - long) / 2 * dpi)
    for bar in bars:
        thick = unit * (2.5 if bar == "W" else 1)
        sheet[round(top) : round(top + thick), left : left + round(long * dpi)] = 0
        top += thick + unit
    cv2.putText(sheet, "TRENNBLATT", (2 * dpi, 6 * dpi), cv2.FONT_HERSHEY_SIMPLEX, dpi / 50, 0, max(2, dpi // 40))
    return sheet


def _worn(sheet: GreyImage, angle: float, seed: int) -> GreyImage:
    height, width = sheet.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    tilted = cv2.warpAffine(sheet, matrix, (width, height), borderValue=255).astype(np.float32)
    noise = np.random.default_rng(seed).normal(0, 22, sheet.shape)
    return np.asarray(np.clip(tilted * 0.75 + 25 + noise, 0, 255), dtype=np.uint8)


@pytest.mark.parametrize(
    ("bars", "text", "dpi"),
    [("NWNW", "PATCHT", 100), ("NWNW", "PATCHT", 200), ("NWNW", "PATCHT", 300), ("WNNW", "PATCH2", 150),
     ("WNWN", "PATCH3", 150), ("NWWN", "PATCH4", 150)],
)  # fmt: skip
def test_patches_are_told_apart_whichever_way_the_sheet_was_fed(bars: str, text: str, dpi: int) -> None:
    for turns, angle in ((0, -3.0), (1, 2.0), (2, 0.5), (3, 4.0)):
        sheet = np.ascontiguousarray(np.rot90(_worn(_patch_sheet(bars, dpi), angle, turns), turns))
        (code,) = read_patches(sheet, dpi, 7)
        assert (code.text, code.form, code.page) == (text, "Patch", 7)


def test_patch_shrunk_by_a_printer_short_and_bilevel() -> None:
    sheet = _worn(_patch_sheet("NWNW", 200, scale=0.85, long=1.0), 1.0, 1)
    bilevel = np.where(sheet > 140, 255, 0).astype(np.uint8)
    (code,) = read_codes(bilevel, 200, 1)
    assert is_separator([code])
    assert code.box is not None
    assert code.box.y0 == pytest.approx(0.4 * 72, abs=8)
    assert code.box.x1 - code.box.x0 == pytest.approx(72, abs=18)


@pytest.mark.parametrize("bars", ["NNNN", "WWWW", "NWN", "NWNWN", "WWNN", "NNWW"])
def test_other_bars_are_no_patch(bars: str) -> None:
    assert read_patches(_patch_sheet(bars, 150), 150, 1) == ()


def test_letters_hold_no_patch(city: object, letters: list[Composed]) -> None:
    address = ["Stadt Auenfurt", "Ausländerbehörde", "04977 Auenfurt"]
    for letter in letters:
        for page in rasterise(letter_pdf(letter, address, random.Random(1)), 150):
            assert read_patches(page, 150, 1) == ()


def test_a_stack_with_a_patch_sheet_is_split_in_two() -> None:
    sheet = io.BytesIO()
    Image.fromarray(_worn(_patch_sheet("NWNW", 150), 1.0, 3)).save(sheet, "PDF", resolution=150)
    reading = read(joined([clean(), sheet.getvalue(), clean()]))
    assert len(reading.letters) == 2
    assert all(OURS in letter.text for letter in reading.letters)


def test_a_printed_patch_sheet_separates_before_it_ever_was_on_paper() -> None:
    bars = "".join(
        f'<i style="position: absolute; left: 6cm; width: 7cm; top: {top}in; height: {high}in; background: #000"></i>'
        for top, high in ((0.4, 0.08), (0.56, 0.2), (0.84, 0.08), (1.0, 0.2))
    )
    sheet = f"<html><style>@page {{ size: A4; margin: 0 }}</style><body>{bars}<p>Trennblatt</p></body></html>"
    printed = bytes(weasyprint.HTML(string=sheet).write_pdf())
    assert len(read(joined([clean(), printed, clean()])).letters) == 2


def test_an_office_says_which_texts_separate() -> None:
    sheet = io.BytesIO()
    Image.fromarray(_patch_sheet("WNNW", 150)).save(sheet, "PDF", resolution=150)
    stack = joined([clean(), sheet.getvalue(), clean()])
    assert len(read_item(stack, Limits(), OcrSettings(separators=("PATCH2",))).letters) == 2
    assert is_separator([Code("patch2", 1)], ("PATCH2",))
    assert not is_separator([Code("PATCH2", 1)])


def test_scans_without_a_code_have_none() -> None:
    assert read_codes(np.asarray(scan()), 200, 1) == ()
