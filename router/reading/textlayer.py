# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Words of a PDF page's text layer, and whether they can be trusted."""

import ctypes
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium

from router.records import Box, Word

__all__ = ["arrange", "display_transform", "in_file_order", "layer_of", "turned", "words_of_page"]

_WORD = re.compile(r"\S+")
_SAMPLED, _NEARLY_ALL = 24, 0.8
# PDFium's marks for a hyphen at a line's end, and the soft hyphen.
_HYPHENS = re.compile("[\x02\xad\ufffe]")


def words_of_page(page: pypdfium2.PdfPage) -> list[Word]:
    """Return the words of the text layer in the order of the file's text.

    As ``layer_of``, without the direction.
    """
    return layer_of(page)[0]


def layer_of(page: pypdfium2.PdfPage) -> tuple[list[Word], int]:
    """Return the words of the text layer in the order of the file's text, and how the page must be turned to read it.

    PDFium is used because it gives the same text as pdfplumber about 25 times as fast
    (``docs/benchmarks.md``).

    Boxes are in points of the page as displayed: its rotation applied, origin top left. Words beside the
    displayed page, such as what was cropped away, are left out. The turn is 0, 90, 180 or 270 degrees clockwise; the
    boxes are those of the page before it.
    """
    text_page = page.get_textpage()
    try:
        count = text_page.count_chars()
        if count <= 0:
            return [], 0
        width, height = page.get_size()
        to_display = display_transform(page)
        box_of = _boxes(text_page.raw)
        words: list[Word] = []
        for text, start, length in _found(text_page.raw, count):
            corners = box_of(start, length)
            if corners is None:
                continue
            box = to_display(corners)
            if box.x0 < width and box.y0 < height and box.x1 > 0 and box.y1 > 0 and box.x1 > box.x0:
                words.append(Word(text, box, 1.0, 0))
        return words, _turn(text_page.raw, count, page.get_rotation()) if words else 0
    finally:
        text_page.close()


def _turn(raw: object, count: int, rotation: int) -> int:
    """Return the turn that makes nearly all writing stand upright; 0 where it runs several ways."""
    angles = [pdfium.FPDFText_GetCharAngle(raw, index) for index in range(0, count, max(1, count // _SAMPLED))]
    turns = Counter(round(angle / (math.pi / 2)) * 90 % 360 for angle in angles if angle >= 0)
    if not turns:
        return 0
    turn, most = turns.most_common(1)[0]
    # PDFium tells the angle with the clock, on the page as stored; showing the page turns it further.
    return -(turn + rotation) % 360 if most > _NEARLY_ALL * turns.total() else 0


def turned(words: Iterable[Word], rotation: int, width: float, height: float) -> list[Word]:
    """Return words where they stand on a page that is turned clockwise; `width` and `height` are those before."""
    return [Word(word.text, _turned_box(word.box, rotation, width, height), word.ocr_confidence, 0) for word in words]


def _turned_box(box: Box, rotation: int, width: float, height: float) -> Box:
    x0, y0, x1, y1 = box
    if rotation == 90:
        return Box(height - y1, x0, height - y0, x1)
    if rotation == 180:
        return Box(width - x1, height - y1, width - x0, height - y0)
    if rotation == 270:
        return Box(y0, width - x1, y1, width - x0)
    return box


def _found(raw: object, count: int) -> Iterable[tuple[str, int, int]]:
    """Yield the words with the index of their first character and how many characters PDFium counts for them."""
    # All characters at once: a call for each would take longer than everything else together.
    buffer = ctypes.create_string_buffer(2 * (count + 1))
    written = pdfium.FPDFText_GetText(raw, 0, count, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)))
    text = buffer.raw[: 2 * max(written - 1, 0)].decode("utf-16-le", errors="surrogatepass")
    if len(text) != count:
        yield from _found_one_by_one(raw, count)
        return
    text = _HYPHENS.sub("-", text)
    for match in _WORD.finditer(text):
        word = match[0]
        yield (
            word if word.isascii() else unicodedata.normalize("NFC", word),
            match.start(),
            match.end() - match.start(),
        )


def _found_one_by_one(raw: object, count: int) -> Iterable[tuple[str, int, int]]:
    """Do the same where characters lie outside the first plane or mean nothing to the font."""
    codes = [pdfium.FPDFText_GetUnicode(raw, index) for index in range(count)]
    # One character for each index; the second half of a pair has its index too, but no character of its own.
    units = "".join(chr(code) if code else "\ufffd" for code in codes)
    for match in _WORD.finditer(_HYPHENS.sub("-", units)):
        joined = match[0].encode("utf-16-le", errors="surrogatepass").decode("utf-16-le", errors="replace")
        yield unicodedata.normalize("NFC", joined), match.start(), match.end() - match.start()


def _boxes(raw: object) -> Callable[[int, int], tuple[float, float, float, float] | None]:
    """Return a function from a run of characters to its corners in PDF user space; ``None`` for none."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    references = [ctypes.byref(value) for value in (left, top, right, bottom)]
    count_rects, get_rect = pdfium.FPDFText_CountRects, pdfium.FPDFText_GetRect

    def box_of(start: int, length: int) -> tuple[float, float, float, float] | None:
        found = None
        for index in range(count_rects(raw, start, length)):
            if not get_rect(raw, index, *references) or right.value <= left.value:
                continue
            corners = (left.value, bottom.value, right.value, top.value)
            if found is None:
                found = corners
            else:
                found = (
                    min(found[0], corners[0]),
                    min(found[1], corners[1]),
                    max(found[2], corners[2]),
                    max(found[3], corners[3]),
                )
        return found

    return box_of


def display_transform(page: pypdfium2.PdfPage) -> Callable[[tuple[float, float, float, float]], Box]:
    """Return a function from left, bottom, right, top in PDF user space to points of the displayed page."""
    rotation = page.get_rotation()
    x0, y0, x1, y1 = page.get_cropbox()
    if x0 == x1 or y0 == y1:
        # A box without extent is no box; PDFium shows the page at a size of its own.
        x0, y0, (x1, y1) = 0.0, 0.0, page.get_size() if rotation in (0, 180) else page.get_size()[::-1]
    left, bottom, right, top = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)

    def to_display(corners: tuple[float, float, float, float]) -> Box:
        x0, y0, x1, y1 = corners
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
