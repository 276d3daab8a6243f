# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Patch codes: four thick bars on sheets that tell document scanners where a letter ends.

A patch has four bars of 0.08 or 0.20 inch, two of each, with gaps of 0.08 inch: 0.80 inch in all, at least 0.75 inch
long, parallel to the edge that is fed first, and read from there inwards (Kodak publication A-61599). Printers that
shrink pages to fit change all measures alike, so that only the proportions are looked at.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from router.reading.images import GreyImage
from router.records import Box, Code

__all__ = ["read_patches"]

_NAMES = {"NWNW": "PATCHT", "WNNW": "PATCH2", "WNWN": "PATCH3", "NWWN": "PATCH4"}
"""Bars from the edge inwards, narrow or wide; patches 1 and 6 separate nothing and are not looked for."""

# The page is looked at in strips of a tenth of an inch, each at a hundred dots an inch across the bars.
_STRIPS, _ACROSS = 10, 100
_ELEMENTS, _UNITS = 7, 10.0
_UNIT_INCHES = (0.05, 0.11)
_NARROW, _WIDE = (0.55, 1.5), (1.95, 3.1)
_QUIET = 1.2
_FEWEST_STRIPS = 7
_MOST_DRIFT = 2.5
_LEAST_CONTRAST = 60


def read_patches(pixels: GreyImage, dpi: float, page: int) -> tuple[Code, ...]:
    """Return the patch codes of a page, each pattern once.

    Parameters
    ----------
    pixels, dpi
        The page; a hundred dots an inch are enough.
    page
        Its number.
    """
    height, width = pixels.shape
    found: dict[str, Code] = {}
    whole = (max(1, round(width / dpi * _ACROSS)), max(1, round(height / dpi * _ACROSS)))
    # In two steps, the first by a whole number where it can be: several times as fast as at once.
    small = cv2.resize(pixels, whole, interpolation=cv2.INTER_AREA)
    for across, down in ((_STRIPS, _ACROSS), (_ACROSS, _STRIPS)):
        size = (max(1, round(width / dpi * across)), max(1, round(height / dpi * down)))
        strips = np.asarray(cv2.resize(small, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        for name, box in _bars_across(strips if across < down else np.ascontiguousarray(strips.T)):
            placed = box if across < down else Box(box.y0, box.x0, box.y1, box.x1)
            found.setdefault(name, Code(name, page, placed, "Patch"))
    return tuple(found.values())


def _bars_across(strips: NDArray[np.uint8]) -> Iterator[tuple[str, Box]]:
    """Yield the patches whose bars lie level; `strips` are the columns."""
    size = strips.shape[::-1]
    if size[0] < _FEWEST_STRIPS or size[1] < 0.6 * _ACROSS:
        return
    paper, ink = float(np.percentile(strips, 90)), float(strips.min())
    if paper - ink < _LEAST_CONTRAST:
        return
    dark = strips < (paper + ink) / 2
    runs: list[tuple[str, int, float, float, int]] = []  # pattern, first strip, start, end, strips so far
    for column in range(size[0]):
        hits = list(_patterns(dark[:, column]))
        kept = []
        for pattern, first, start, end, count in runs:
            match = next((hit for hit in hits if hit[0] == pattern and abs(hit[1] - start) <= _MOST_DRIFT), None)
            if match is not None:
                hits.remove(match)
                kept.append((pattern, first, match[1], match[2], count + 1))
            elif count >= _FEWEST_STRIPS:
                yield _named(pattern, first, column, start, end, size)
        runs = kept + [(pattern, column, start, end, 1) for pattern, start, end in hits]
    for pattern, first, start, end, count in runs:
        if count >= _FEWEST_STRIPS:
            yield _named(pattern, first, size[0], start, end, size)


def _patterns(column: NDArray[np.bool_]) -> Iterator[tuple[str, float, float]]:
    """Yield four bars in the proportions of a patch: their pattern from above, start and end in pixels."""
    padded = np.concatenate(([False], column, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    if len(edges) < _ELEMENTS + 1:
        return
    # Even runs are ink, odd ones paper; most columns of writing end here, for nothing in them is as long.
    starts, ends = edges[:-_ELEMENTS:2], edges[_ELEMENTS::2]
    units = (ends - starts) / _UNITS
    low, high = _UNIT_INCHES[0] * _ACROSS, _UNIT_INCHES[1] * _ACROSS
    for place in np.flatnonzero((units >= low) & (units <= high)):
        unit, first = float(units[place]), 2 * int(place)
        lengths = np.diff(edges[first : first + _ELEMENTS + 1]) / unit
        gaps = lengths[1::2]
        if gaps.min() < _NARROW[0] or gaps.max() > _NARROW[1]:
            continue
        before = edges[first] - (edges[first - 1] if first else 0)
        after = (edges[first + _ELEMENTS + 1] if first + _ELEMENTS + 1 < len(edges) else len(column)) - ends[place]
        pattern = "".join(_width(bar) for bar in lengths[::2])
        if pattern in _NAMES and min(before, after) >= _QUIET * unit:
            yield pattern, float(starts[place]), float(ends[place])


def _width(bar: float) -> str:
    if _NARROW[0] <= bar <= _NARROW[1]:
        return "N"
    return "W" if _WIDE[0] <= bar <= _WIDE[1] else "?"


def _named(pattern: str, first: int, last: int, start: float, end: float, size: tuple[int, int]) -> tuple[str, Box]:
    """Return what the bars mean, read from the nearer edge inwards, and where they stand in points."""
    if start > size[1] - end:
        pattern = pattern[::-1]
    box = Box(first * 72 / _STRIPS, start * 72 / _ACROSS, last * 72 / _STRIPS, end * 72 / _ACROSS)
    return _NAMES[pattern], box
