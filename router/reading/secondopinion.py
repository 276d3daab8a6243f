# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Another program's view of PDF files that PDFium can't read, or reads wrong: pdfplumber, and repair with qpdf.

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

from router.errors import EncryptedError
from router.reading.plausible import is_plausible
from router.records import Box, Word

__all__ = ["repaired", "shows_anything", "size_of", "text_layer"]

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

_OBJECT = re.compile(rb"(\d{1,9})[ \t\r\n]+(\d{1,5})[ \t\r\n]+obj\b")
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_CATALOGUE = re.compile(rb"/Type\s*/Catalog\b")
_REACH = 4000
_MOST_PAGES = 5000


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
            unicodedata.normalize("NFC", str(word["text"])),
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


def repaired(data: bytes) -> bytes | None:
    """Return the file written anew by qpdf, or ``None`` when it finds no page in it.

    Where even qpdf finds no way in, a new table of contents is appended: the file's own catalogue, or the pages
    that can be found in it, in their order in the file.

    Raises
    ------
    EncryptedError
        When it needs a password.
    """
    for candidate in (data, _with_new_trailer(data), _with_new_pages(data)):
        if candidate is None:
            continue
        try:
            with pikepdf.open(io.BytesIO(candidate)) as document:
                if len(document.pages):
                    out = io.BytesIO()
                    document.save(out, fix_metadata_version=False)
                    return out.getvalue()
        except pikepdf.PasswordError as error:
            raise EncryptedError("the PDF needs a password") from error
        except _PIKEPDF_ERRORS:
            continue
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


def _with_new_trailer(data: bytes) -> bytes | None:
    roots = [match for match in _OBJECT.finditer(data) if _CATALOGUE.search(_head(data, match))]
    if not roots:
        return None
    return data + b"\nendobj\ntrailer\n<< /Root %b %b R >>\nstartxref\n0\n%%%%EOF\n" % roots[-1].groups()


def _with_new_pages(data: bytes) -> bytes | None:
    found = {match[1]: match[2] for match in _OBJECT.finditer(data) if _PAGE.search(_head(data, match))}
    if not found:
        return None
    kids = b" ".join(b"%b %b R" % entry for entry in list(found.items())[:_MOST_PAGES])
    count = min(len(found), _MOST_PAGES)
    return data + (
        b"\nendobj\n999990 0 obj\n<< /Type /Catalog /Pages 999991 0 R >>\nendobj\n"
        b"999991 0 obj\n<< /Type /Pages /Count %d /Kids [%b] /MediaBox [0 0 595 842] >>\nendobj\n"
        b"trailer\n<< /Root 999990 0 R >>\nstartxref\n0\n%%%%EOF\n" % (count, kids)
    )


def _head(data: bytes, match: re.Match[bytes]) -> bytes:
    """Return the dictionary of an object, up to where its stream or the next object begins."""
    body = data[match.end() : match.end() + _REACH]
    ends = [place for mark in (b"endobj", b"stream") if (place := body.find(mark)) >= 0]
    return body[: min(ends)] if ends else body
