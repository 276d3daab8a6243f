# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What pdfplumber does better: values of form fields, and text layers that PDFium reads wrong.

Loaded only for files that need it, for it takes longer to import than most pages take to read.
"""

import io
import logging
import unicodedata
from collections.abc import Iterator
from typing import Any

import pdfplumber
from pdfminer.pdfexceptions import PDFException
from pdfminer.pdftypes import resolve1
from pdfminer.utils import decode_text
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from router.reading.plausible import is_plausible
from router.records import Box, Word

__all__ = ["form_words", "text_layer"]

# pdfminer warns about every oddity of a file in words that may hold its text.
logging.getLogger("pdfminer").setLevel(logging.CRITICAL)

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
)
"""What pdfplumber and pdfminer raise on odd files; they have no error of their own for all of it."""


def text_layer(data: bytes, index: int) -> list[Word]:
    """Return the words of one page; none when the text layer is implausible or can't be read."""
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            found = document.pages[index].extract_words(use_text_flow=True, keep_blank_chars=False)
    except _PDFPLUMBER_ERRORS:
        return []
    words = [
        Word(str(word["text"]), Box(word["x0"], word["top"], word["x1"], word["bottom"]), 1.0, 0) for word in found
    ]
    return words if is_plausible(words) else []


def form_words(data: bytes, max_pages: int) -> dict[int, list[Word]]:
    """Return the values of filled form fields as words, by page index."""
    found: dict[int, list[Word]] = {}
    try:
        with pdfplumber.open(io.BytesIO(data)) as document:
            for index, page in enumerate(document.pages[:max_pages]):
                words = [word for annotation in page.annots for word in _field_words(annotation)]
                if words:
                    found[index] = words
    except _PDFPLUMBER_ERRORS:
        return found
    return found


def _field_words(annotation: dict[str, Any]) -> Iterator[Word]:
    value = unicodedata.normalize("NFC", _field_value(annotation.get("data") or {}))
    if not value:
        return
    x0, top = float(annotation["x0"]), float(annotation["top"])
    x1, bottom = float(annotation["x1"]), float(annotation["bottom"])
    lines = value.splitlines() or [value]
    row_height = (bottom - top) / len(lines)
    for row, line in enumerate(lines):
        # The appearance decides how wide the text really is; half the height a character is near enough to mark it.
        advance = min(row_height * 0.5, 6.0)
        cursor = x0 + 2
        for text in line.split():
            width = max(len(text) * advance, 2.0)
            y0 = top + row * row_height
            yield Word(text, Box(cursor, y0, min(cursor + width, max(x1, cursor + 2)), y0 + row_height), 1.0, 0)
            cursor += width + advance


def _field_value(data: dict[str, Any]) -> str:
    def inherited(key: str) -> Any:
        node: Any = data
        for _ in range(8):
            node = resolve1(node)
            if not isinstance(node, dict):
                return None
            if key in node:
                return resolve1(node[key])
            node = node.get("Parent")
        return None

    if getattr(resolve1(data.get("Subtype")), "name", "") != "Widget":
        return ""
    kind = getattr(inherited("FT"), "name", "")
    value = inherited("V")
    if kind == "Btn":
        state = getattr(resolve1(data.get("AS")), "name", "Off")
        return "[x]" if state not in ("Off", "") else ""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, bytes):
        return decode_text(value).strip()
    return str(getattr(value, "name", value) or "").strip()
