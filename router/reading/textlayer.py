# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Words of a PDF page's text layer, and whether they can be trusted."""

import ctypes
import unicodedata
from collections.abc import Callable, Iterable
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium

from router.records import Box, Word

__all__ = ["arrange", "in_file_order", "is_plausible", "words_of_page"]

_REPLACEMENT = {"\ufffd", "\ufffe", "\uffff", "\0"}


def words_of_page(page: pypdfium2.PdfPage) -> list[Word]:
    """Return the words of the text layer in the order of the file's text.

    PDFium is used because it gives the same text as pdfplumber about 25 times as fast
    (``docs/benchmarks.md``).

    Boxes are in points of the page as displayed: its rotation applied, origin top left.
    """
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count <= 0:
            return []
        to_display = _display_transform(page)
        words: list[Word] = []
        letters: list[str] = []
        corners = [float("inf"), float("inf"), float("-inf"), float("-inf")]
        left, right, bottom, top = (ctypes.c_double() for _ in range(4))
        references = [ctypes.byref(value) for value in (left, right, bottom, top)]
        raw = text_page.raw

        def flush() -> None:
            if letters:
                words.append(Word(_joined(letters), to_display(corners), 1.0, 0))
                letters.clear()
                corners[:] = [float("inf"), float("inf"), float("-inf"), float("-inf")]

        high = 0
        for index in range(count):
            code = pdfium.FPDFText_GetUnicode(raw, index)
            if 0xD800 <= code < 0xDC00:
                high = code
                continue
            if 0xDC00 <= code < 0xE000 and high:
                code = 0x10000 + ((high - 0xD800) << 10) + (code - 0xDC00)
            high = 0
            character = chr(code) if code else "\ufffd"
            if character.isspace():
                flush()
                continue
            if code == 2 or code == 0xAD:  # PDFium's mark for a hyphen at a line's end
                character = "-"
            if not pdfium.FPDFText_GetCharBox(raw, index, *references):
                continue
            letters.append(character)
            if right.value > left.value:
                corners[0] = min(corners[0], left.value)
                corners[1] = min(corners[1], bottom.value)
                corners[2] = max(corners[2], right.value)
                corners[3] = max(corners[3], top.value)
        flush()
        return [word for word in words if word.box.x1 > word.box.x0]
    finally:
        text_page.close()


def _joined(letters: list[str]) -> str:
    return unicodedata.normalize("NFC", "".join(letters))


def _display_transform(page: pypdfium2.PdfPage) -> Callable[[list[float]], Box]:
    """Return a function from PDF user space to points of the displayed page."""
    rotation = page.get_rotation()
    x0, y0, x1, y1 = page.get_cropbox()
    left, bottom, right, top = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def to_display(corners: list[float]) -> Box:
        x0, y0, x1, y1 = corners
        if x0 > x1:
            return Box(0, 0, 0, 0)
        if rotation == 90:
            return Box(y0 - bottom, x0 - left, y1 - bottom, x1 - left)
        if rotation == 180:
            return Box(right - x1, y0 - bottom, right - x0, y1 - bottom)
        if rotation == 270:
            return Box(top - y1, right - x1, top - y0, right - x0)
        return Box(x0 - left, top - y1, x1 - left, top - y0)

    return to_display


def in_file_order(words: Iterable[Word]) -> tuple[Word, ...]:
    """Give words their lines, keeping the order in which the file holds them.

    Programs write block by block, so that the file's order keeps an address apart from the reference block
    beside it. A new line starts where the next word stands higher or lower, further left, or far off.
    """
    numbered: list[Word] = []
    line = -1
    before: Box | None = None
    for word in words:
        box = word.box
        if before is None or not _continues(before, box):
            line += 1
        numbered.append(Word(word.text, box, word.ocr_confidence, line))
        before = box
    return tuple(numbered)


def _continues(before: Box, box: Box) -> bool:
    height = max(before.y1 - before.y0, box.y1 - box.y0, 4.0)
    middle_before, middle = (before.y0 + before.y1) / 2, (box.y0 + box.y1) / 2
    return abs(middle - middle_before) < 0.6 * height and -0.5 * height < box.x0 - before.x1 < 4 * height


def arrange(words: Iterable[Word]) -> tuple[Word, ...]:
    """Give words their lines: from top to bottom, within a line from left to right.

    Words whose middles lie within half a word's height of each other share a line.
    """
    remaining = sorted(words, key=lambda word: (word.box.y0 + word.box.y1) / 2)
    lines: list[list[Word]] = []
    middles: list[float] = []
    for word in remaining:
        middle = (word.box.y0 + word.box.y1) / 2
        height = max(word.box.y1 - word.box.y0, 4.0)
        if lines and abs(middle - middles[-1]) < 0.5 * height:
            lines[-1].append(word)
            middles[-1] = median((other.box.y0 + other.box.y1) / 2 for other in lines[-1])
        else:
            lines.append([word])
            middles.append(middle)
    return tuple(
        Word(word.text, word.box, word.ocr_confidence, number)
        for number, line in enumerate(lines)
        for word in sorted(line, key=lambda word: word.box.x0)
    )


def is_plausible(words: Iterable[Word]) -> bool:
    """Tell whether a text layer reads like writing rather than like a broken font.

    Fonts without a character table give replacement or private-use characters, or a text with hardly any
    letters.
    """
    text = "".join(word.text for word in words)
    if not text:
        return False
    bad = letters = 0
    for character in text:
        category = unicodedata.category(character)
        bad += character in _REPLACEMENT or category in ("Co", "Cn", "Cc")
        letters += category[0] == "L"
    return bad <= 0.05 * len(text) and letters + sum(c.isdigit() for c in text) >= 0.5 * len(text)
