# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What lies on a PDF page beside its text: pictures, and drawings that may be a barcode."""

import ctypes
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import pypdfium2
import pypdfium2.raw as pdfium

from router.reading.textlayer import display_transform
from router.records import Box

__all__ = ["PageObjects", "objects_of"]

_MOST_OBJECTS = 6000
_DEEPEST = 4
# Points: bars and modules of barcodes are narrow, the whole is no dot and no page.
_NARROW, _SMALLEST, _LARGEST = 10.0, 12.0, 400.0
_FEWEST_BARS, _FEWEST_MODULES, _FEWEST_SEGMENTS = 15, 60, 60
_PATCH_BARS, _PATCH_WIDTH, _PATCH_LENGTH = 4, 20.0, 50.0
_QUIET_ZONE = 10.0

_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: _Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class PageObjects:
    """What a page holds.

    Attributes
    ----------
    images
        Where pictures lie, in points of the displayed page.
    codes
        Where a barcode may be: pictures of a fitting size, and many small filled shapes.
    drawn
        How many drawn shapes there are.
    has_text
        True when there is any text, be it without meaning.
    """

    images: tuple[Box, ...]
    codes: tuple[Box, ...]
    drawn: int
    has_text: bool

    @property
    def is_empty(self) -> bool:
        """True when nothing at all is on the page."""
        return not self.images and not self.drawn and not self.has_text


def objects_of(page: pypdfium2.PdfPage) -> PageObjects:
    """Look a page over without drawing it; of very many objects only the first thousands are looked at."""
    to_display = display_transform(page)
    width, height = page.get_size()
    images: list[Box] = []
    shapes: list[Box] = []
    codes: list[Box] = []
    drawn, has_text = 0, False
    for kind, handle, corners in islice(_walk(page.raw, _IDENTITY, 0), _MOST_OBJECTS):
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            has_text = True
            continue
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            box = _within(to_display(corners), width, height)
            if box is not None:
                images.append(box)
            continue
        drawn += 1
        if kind == pdfium.FPDF_PAGEOBJ_PATH:
            box = to_display(corners)
            if _is_code_sized(box) and _is_angular(handle):
                codes.append(box)
            elif min(box.x1 - box.x0, box.y1 - box.y0) <= _PATCH_WIDTH:
                shapes.append(box)
    codes += [box for box in images if _is_code_sized(box)]
    codes += _groups(shapes)
    return PageObjects(tuple(images), tuple(_widened(box, width, height) for box in codes), drawn, has_text)


def _walk(
    container: object, matrix: _Matrix, depth: int
) -> Iterator[tuple[int, object, tuple[float, float, float, float]]]:
    """Yield kind, handle and corners in the page's user space of every object, those in form objects too."""
    on_page = depth == 0
    count = pdfium.FPDFPage_CountObjects(container) if on_page else pdfium.FPDFFormObj_CountObjects(container)
    get_object = pdfium.FPDFPage_GetObject if on_page else pdfium.FPDFFormObj_GetObject
    values = [ctypes.c_float() for _ in range(4)]
    references = [ctypes.byref(value) for value in values]
    for index in range(count):
        handle = get_object(container, index)
        kind = pdfium.FPDFPageObj_GetType(handle)
        if kind == pdfium.FPDF_PAGEOBJ_TEXT:
            yield kind, handle, (0.0, 0.0, 0.0, 0.0)
        elif kind == pdfium.FPDF_PAGEOBJ_FORM:
            if depth < _DEEPEST:
                own = pdfium.FS_MATRIX()
                pdfium.FPDFPageObj_GetMatrix(handle, own)
                yield from _walk(handle, _product((own.a, own.b, own.c, own.d, own.e, own.f), matrix), depth + 1)
        elif pdfium.FPDFPageObj_GetBounds(handle, *references):
            left, bottom, right, top = (value.value for value in values)
            yield kind, handle, (left, bottom, right, top) if on_page else _moved((left, bottom, right, top), matrix)


def _product(first: _Matrix, then: _Matrix) -> _Matrix:
    a, b, c, d, e, f = first
    p, q, r, s, t, u = then
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _moved(corners: tuple[float, float, float, float], matrix: _Matrix) -> tuple[float, float, float, float]:
    a, b, c, d, e, f = matrix
    x0, y0, x1, y1 = corners
    points = [(a * x + c * y + e, b * x + d * y + f) for x in (x0, x1) for y in (y0, y1)]
    across, up = [x for x, _ in points], [y for _, y in points]
    return min(across), min(up), max(across), max(up)


def _within(box: Box, width: float, height: float) -> Box | None:
    cut = Box(max(box.x0, 0), max(box.y0, 0), min(box.x1, width), min(box.y1, height))
    return cut if cut.x1 - cut.x0 > 1 and cut.y1 - cut.y0 > 1 else None


def _widened(box: Box, width: float, height: float) -> Box:
    return Box(
        max(box.x0 - _QUIET_ZONE, 0),
        max(box.y0 - _QUIET_ZONE, 0),
        min(box.x1 + _QUIET_ZONE, width),
        min(box.y1 + _QUIET_ZONE, height),
    )


def _is_code_sized(box: Box) -> bool:
    across, down = box.x1 - box.x0, box.y1 - box.y0
    return min(across, down) >= _SMALLEST and max(across, down) <= _LARGEST


def _is_angular(path: object) -> bool:
    """Tell whether a single shape has as many corners as a barcode, and no curves."""
    count = pdfium.FPDFPath_CountSegments(path)
    if count < _FEWEST_SEGMENTS:
        return False
    for index in range(_FEWEST_SEGMENTS):
        segment = pdfium.FPDFPath_GetPathSegment(path, index)
        if pdfium.FPDFPathSegment_GetType(segment) == pdfium.FPDF_SEGMENT_BEZIERTO:
            return False
    return True


def _groups(shapes: Sequence[Box]) -> Iterator[Box]:
    """Yield where narrow shapes stand together as bars, or as the modules of a square code."""
    if len(shapes) < _PATCH_BARS:
        return
    upright: dict[tuple[int, int], list[Box]] = defaultdict(list)
    lying: dict[tuple[int, int], list[Box]] = defaultdict(list)
    modules: list[Box] = []
    for box in shapes:
        across, down = box.x1 - box.x0, box.y1 - box.y0
        if across <= _NARROW and down <= _NARROW:
            modules.append(box)
        elif down > across:
            upright[round(box.y0), round(box.y1)].append(box)
        else:
            lying[round(box.x0), round(box.x1)].append(box)
    for bars in (*upright.values(), *lying.values()):
        if len(bars) >= _FEWEST_BARS or _may_be_patch(bars):
            yield _around(bars)
    if len(modules) >= _FEWEST_MODULES:
        yield _around(modules)


def _may_be_patch(bars: Sequence[Box]) -> bool:
    thick = [
        bar
        for bar in bars
        if min(bar.x1 - bar.x0, bar.y1 - bar.y0) > 4 and max(bar.x1 - bar.x0, bar.y1 - bar.y0) > _PATCH_LENGTH
    ]
    return len(thick) >= _PATCH_BARS


def _around(boxes: Sequence[Box]) -> Box:
    return Box(
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )
