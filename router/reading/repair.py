# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""PDF files that no engine can open, written anew with qpdf.

Loaded only for files that need it.
"""

import io
import logging
import re
import zlib
from collections.abc import Iterator

import pikepdf

from router.errors import EncryptedError

__all__ = ["repaired"]

# pikepdf warns about every oddity of a file in words that may hold its text.
logging.getLogger("pikepdf").setLevel(logging.CRITICAL)

_ERRORS = (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError)
_OBJECT = re.compile(rb"(\d{1,9})[ \t\r\n]+(\d{1,5})[ \t\r\n]+obj\b")
_PAGE = re.compile(rb"/Type\s*/Page(?![a-zA-Z])")
_CATALOGUE = re.compile(rb"/Type\s*/Catalog\b")
_PACKED = re.compile(rb"/Type\s*/ObjStm\b")
_FIRST = re.compile(rb"/First\s+(\d+)")
_STREAM = re.compile(rb"stream\r?\n")
_OLD_TABLES = re.compile(rb"\btrailer\b|/XRef\b|\bstartxref\b")
_REACH = 4000
_MOST_PAGES = 5000
_MOST_PACKED = 50 * 2**20


def repaired(data: bytes) -> bytes | None:
    """Return the file written anew by qpdf, or ``None`` when there is no page in it.

    Where even qpdf finds no way in, objects are taken out of packed parts, whose index lies at the end of a file and
    is the first to be lost, and a new index is written: to the file's own catalogue, or to the pages that are found,
    in their order in the file.

    Raises
    ------
    EncryptedError
        When it needs a password.
    """
    for candidate in _candidates(data):
        try:
            with pikepdf.open(io.BytesIO(candidate)) as document:
                if len(document.pages):
                    out = io.BytesIO()
                    document.save(out)
                    return out.getvalue()
        except pikepdf.PasswordError as error:
            raise EncryptedError("the PDF needs a password") from error
        except _ERRORS:
            continue
    return None


def _candidates(data: bytes) -> Iterator[bytes]:
    yield data
    without_tables = _OLD_TABLES.sub(lambda match: b"%" * len(match[0]), data)
    opened = without_tables + b"\nendstream\nendobj\n" + b"".join(_unpacked(data))
    roots = [match for match in _OBJECT.finditer(opened) if _CATALOGUE.search(_dictionary(opened, match))]
    if roots:
        yield opened + b"\ntrailer\n<< /Root %b %b R >>\nstartxref\n0\n%%%%EOF\n" % roots[-1].groups()
    pages = {match[1]: match[2] for match in _OBJECT.finditer(opened) if _PAGE.search(_dictionary(opened, match))}
    if pages:
        free = max(int(match[1]) for match in _OBJECT.finditer(opened)) + 1
        yield opened + _new_catalogue([b"%b %b R" % entry for entry in list(pages.items())[:_MOST_PAGES]], free)


def _new_catalogue(kids: list[bytes], free: int) -> bytes:
    return (
        b"\n%d 0 obj\n<< /Type /Catalog /Pages %d 0 R >>\nendobj\n"
        b"%d 0 obj\n<< /Type /Pages /Count %d /Kids [%b] /MediaBox [0 0 595 842] >>\nendobj\n"
        b"trailer\n<< /Root %d 0 R >>\nstartxref\n0\n%%%%EOF\n"
        % (free, free + 1, free + 1, len(kids), b" ".join(kids), free)
    )


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Yield the objects of packed parts as they would stand in a file by themselves (ISO 32000-1, 7.5.7)."""
    room = _MOST_PACKED
    for match in _OBJECT.finditer(data):
        head = _dictionary(data, match)
        first = _FIRST.search(head)
        if not first or not _PACKED.search(head) or b"/FlateDecode" not in head:
            continue
        start = _STREAM.search(data, match.end())
        if start is None:
            continue
        try:
            body = zlib.decompressobj().decompress(data[start.end() :], room)
        except zlib.error:
            continue
        room -= len(body)
        if room <= 0:
            return
        numbers = [int(number) for number in body[: int(first[1])].split() if number.isdigit()]
        places = [(number, int(first[1]) + offset) for number, offset in zip(numbers[::2], numbers[1::2], strict=False)]
        ends = [place for _, place in places[1:]] + [len(body)]
        for (number, place), end in zip(places, ends, strict=True):
            yield b"%d 0 obj\n%b\nendobj\n" % (number, body[place:end])


def _dictionary(data: bytes, match: re.Match[bytes]) -> bytes:
    """Return the beginning of an object, up to where its stream or the next object begins."""
    body = data[match.end() : match.end() + _REACH]
    ends = [place for mark in (b"endobj", b"stream") if (place := body.find(mark)) >= 0]
    return body[: min(ends)] if ends else body
