# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pages of PDF files, or parts of them, as grey pictures of bounded size."""

from collections.abc import Iterator, Sequence

import numpy as np
import pypdfium2

from router.reading.codes import read_codes
from router.reading.images import GreyImage
from router.reading.limits import Limits
from router.records import Box, Code

__all__ = ["RENDER_DPI", "bounded_dpi", "codes_in", "rendered", "share_of"]

RENDER_DPI = 200
_CODE_DPI, _FINE_CODE_DPI, _FINE_SHARE = 150, 300, 0.25
_MOST_RENDERED = 20_000_000


def share_of(boxes: Sequence[Box], width: float, height: float) -> float:
    """Return which share of the page some boxes cover, those on top of each other counted twice."""
    return sum((box.x1 - box.x0) * (box.y1 - box.y0) for box in boxes) / max(width * height, 1.0)


def bounded_dpi(page: pypdfium2.PdfPage, dpi: float, limits: Limits) -> float:
    """Return the resolution at which a page has no more pixels than an A2 sheet scanned at 200 dpi."""
    width, height = page.get_size()
    pixels = width * height * (dpi / 72) ** 2
    return float(dpi * min(1.0, (min(limits.max_pixels, _MOST_RENDERED) / max(pixels, 1.0)) ** 0.5))


def rendered(page: pypdfium2.PdfPage, dpi: float, limits: Limits, *, with_fields: bool = True) -> GreyImage:
    """Return the page as displayed in grey; huge pages at a smaller scale."""
    scale = bounded_dpi(page, dpi, limits) / 72
    return _grey(page.render(scale=scale, grayscale=True, may_draw_forms=with_fields))


def _grey(bitmap: pypdfium2.PdfBitmap) -> GreyImage:
    try:
        picture = bitmap.to_numpy()
        return np.ascontiguousarray(picture[:, :, 0] if picture.ndim == 3 else picture, dtype=np.uint8)
    finally:
        bitmap.close()


def codes_in(page: pypdfium2.PdfPage, area: Box, number: int, limits: Limits) -> Iterator[Code]:
    """Yield the barcodes in one part of a page, placed on the whole page; small parts are looked at finely."""
    width, height = page.get_size()
    # Thin bars need many dots; a whole page of them would take longer than everything else.
    wanted = _FINE_CODE_DPI if share_of((area,), width, height) < _FINE_SHARE else _CODE_DPI
    dpi = bounded_dpi(page, wanted, limits)
    crop = (area.x0, height - area.y1, width - area.x1, area.y0)
    # Smoothed edges leave light seams between modules that are drawn one by one.
    pixels = _grey(page.render(scale=dpi / 72, grayscale=True, crop=crop, no_smoothpath=True))
    for code in read_codes(pixels, dpi, number):
        x0, y0, x1, y1 = code.box or Box(0, 0, 0, 0)
        box = Box(x0 + area.x0, y0 + area.y0, x1 + area.x0, y1 + area.y0)
        yield Code(code.text, code.page, box, code.form)
