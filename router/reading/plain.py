# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plain text laid out on virtual pages, so that text and mail have positions like everything else."""

import textwrap
import unicodedata

from router.reading.limits import Limits
from router.records import Box, Page, PageSource, Word

__all__ = ["CHARACTER_WIDTH", "LINE_HEIGHT", "decode", "lay_out"]

_WIDTH, _HEIGHT = 595.0, 842.0
_LEFT, _TOP = 56.0, 56.0
CHARACTER_WIDTH, LINE_HEIGHT = 5.4, 13.0
_COLUMNS = int((_WIDTH - 2 * _LEFT) / CHARACTER_WIDTH)
_ROWS = int((_HEIGHT - 2 * _TOP) / LINE_HEIGHT)


def decode(data: bytes) -> str:
    """Return `data` as text: by its byte order mark, as UTF-8, else as Windows-1252."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def lay_out(text: str, *, first: int, source: PageSource, limits: Limits) -> list[Page]:
    """Lay `text` out in a fixed-width face on A4 pages.

    Parameters
    ----------
    text
        Lines are wrapped where they are too long; a form feed starts a new page.
    first
        Number of the first page.
    source
        What the pages' words are said to come from.
    limits
        Text beyond ``max_characters`` is left out.

    Returns
    -------
    list of Page
        At least one page, which may be empty.
    """
    pages: list[Page] = []
    # Some programs write ü as u and two dots; everything after this knows one form only.
    text = unicodedata.normalize("NFC", text[: limits.max_characters])
    for sheet in text.split("\f"):
        lines: list[str] = []
        for line in sheet.expandtabs(4).splitlines():
            lines += textwrap.wrap(line, _COLUMNS, drop_whitespace=True, break_on_hyphens=False) or [""]
        for start in range(0, max(len(lines), 1), _ROWS):
            words = tuple(word for row, line in enumerate(lines[start : start + _ROWS]) for word in _words(line, row))
            pages.append(Page(first + len(pages), _WIDTH, _HEIGHT, source, words))
    return pages


def _words(line: str, row: int) -> list[Word]:
    words = []
    column = 0
    for text in line.split():
        column = line.index(text, column)
        x0 = _LEFT + column * CHARACTER_WIDTH
        y0 = _TOP + row * LINE_HEIGHT
        box = Box(x0, y0, x0 + len(text) * CHARACTER_WIDTH, y0 + LINE_HEIGHT)
        words.append(Word(text, box, 1.0, row))
        column += len(text)
    return words
