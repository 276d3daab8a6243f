# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Another program's view of PDF pages that PDFium can't read, or reads wrong.

Loaded only for files that need it, for it takes longer to import than most pages take to read.
"""

import io
import logging
import re
import unicodedata

import pdfplumber
import pikepdf
from pdfminer.pdfexceptions import PDFException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from router.reading.plausible import is_plausible
from router.records import Box, Word

__all__ = ["shows_anything", "size_of", "text_layer"]

# pdfminer and pikepdf warn about every oddity of a file in words that may hold its text.
logging.getLogger("pdfminer").setLevel(logging.CRITICAL)
logging.getLogger("pikepdf").setLevel(logging.CRITICAL)

_PDFPLUMBER_ERRORS = (
    PdfminerException,
    MalformedPDFException,
    PDFException,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
    IndexError,
    AssertionError,
    RecursionError,
    OverflowError,
    ArithmeticError,
    OSError,
    EOFError,
)
"""What pdfplumber and pdfminer raise on odd files; they have no error of their own for all of it."""

_PIKEPDF_ERRORS = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError)


def text_layer(data: bytes, index: int) -> list[Word]:
    """Return the words of one page; none when the text layer is implausible or can't be read."""
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            page = document.pages[index]
            found = page.extract_words(use_text_flow=True, keep_blank_chars=False)
            left, above = float(page.cropbox[0]), float(page.cropbox[1])
    except _PDFPLUMBER_ERRORS:
        return []
    words = [
        Word(
            unicodedata.normalize("NFC", str(word["text"]).replace("\xad", "-")),
            Box(word["x0"] - left, word["top"] - above, word["x1"] - left, word["bottom"] - above),
            1.0,
            0,
        )
        for word in found
        if word["x1"] > word["x0"]
    ]
    return words if is_plausible(words) else []


def size_of(data: bytes, index: int) -> tuple[float, float] | None:
    """Return width and height of one page in points, or ``None`` when that can't be read."""
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            page = document.pages[index]
            return float(page.width), float(page.height)
    except _PDFPLUMBER_ERRORS:
        return None


def shows_anything(data: bytes, index: int) -> bool:
    """Tell whether a page's own content shows text or other objects, however broken its resources are."""
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            contents = document.pages[index].obj.get("/Contents")
            streams = contents if isinstance(contents, pikepdf.Array) else [contents]
            written = b"".join(stream.read_bytes() for stream in streams if isinstance(stream, pikepdf.Stream))
    except _PIKEPDF_ERRORS:
        # Its content can't even be unpacked: something was there.
        return True
    return re.search(rb"(?:\bTj|\bTJ|\bDo|['\"])(?=[\s/\[(<]|$)", written) is not None
