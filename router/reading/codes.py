# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Barcodes on pages: separator sheets and file numbers."""

from collections.abc import Collection, Iterable

import zxingcpp

from router.reading.images import GreyImage
from router.reading.patch import read_patches
from router.records import Box, Code

__all__ = ["SEPARATOR_TEXTS", "is_separator", "read_codes"]

SEPARATOR_TEXTS = frozenset(["PATCHT", "PATCH T", "POSTWEICHE-TRENNBLATT"])
"""Texts of the barcodes that office scanners print on separator sheets; patch codes have these texts too."""

_FORMATS = zxingcpp.barcode_formats_from_str("Code128,Code39,QRCode,DataMatrix")


def read_codes(pixels: GreyImage, dpi: float, page: int) -> tuple[Code, ...]:
    """Return the barcodes and patch codes of an image.

    The formats are restricted and nothing is tried harder: at 150 to 200 dpi this takes some ten
    milliseconds a page instead of several hundred.

    Parameters
    ----------
    pixels, dpi
        The page.
    page
        Its number.
    """
    found = zxingcpp.read_barcodes(pixels, formats=_FORMATS, try_rotate=True, try_downscale=False, try_invert=False)
    return (*(_code(code, 72 / dpi, page) for code in found if code.text.strip()), *read_patches(pixels, dpi, page))


def _code(code: zxingcpp.Barcode, factor: float, page: int) -> Code:
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    across, down = [corner.x * factor for corner in corners], [corner.y * factor for corner in corners]
    box = Box(min(across), min(down), max(across), max(down))
    return Code(code.text.strip(), page, box, code.format.name)


def is_separator(codes: Iterable[Code], texts: Collection[str] = SEPARATOR_TEXTS) -> bool:
    """Tell whether a page with these codes only separates letters."""
    return any(code.text.upper() in texts for code in codes)
