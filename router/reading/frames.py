# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Frames of receipt stamps: lines pressed askew across a page, through what is written there.

Tesseract takes level and upright rules out by itself. It can't tell a tilted one from writing and loses the words that
it crosses, and stamps are pressed where references and dates stand.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from router.reading.images import GreyImage

__all__ = ["without_tilted_lines"]

# Shares of the page's longer side: shortest line looked at, longest, thickest.
_SHORTEST, _LONGEST, _THICKEST = 0.045, 0.6, 0.003
_LEAST_TILT, _MOST_TILT = 0.6, 12.0
_MOST_FILLED = 0.2
_MOST_FRAMES = 40
_FEWEST_POINTS, _MOST_OFF, _DARKER = 30, 0.8, 15


def without_tilted_lines(pixels: GreyImage) -> GreyImage:
    """Return a level page without long thin lines that are tilted against it, the writing across them kept."""
    side = max(pixels.shape)
    # Whether there is any is seen on a small picture; only there the large one is looked at.
    small = np.asarray(cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    cleaned = pixels
    for box, mask in _framed(_ink(small, side // 2), side // 2):
        if next(_tilted(mask, side // 2), None) is None:
            continue
        top, bottom, left, right = (2 * value for value in box)
        place = slice(max(top - 2, 0), bottom + 2), slice(max(left - 2, 0), right + 2)
        cleaned = pixels.copy() if cleaned is pixels else cleaned
        for (first, last, start, end), frame in _framed(_ink(pixels[place], side), side):
            window = cleaned[place][first:last, start:end]
            for line in _tilted(frame, side):
                _erase(window, frame, line, round(side * _THICKEST))
    return cleaned


def _ink(pixels: GreyImage, side: int) -> GreyImage:
    block = max(15, (side // 40) | 1)
    ink = cv2.adaptiveThreshold(
        np.ascontiguousarray(pixels), 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, 18
    )
    return np.asarray(ink, dtype=np.uint8)


def _framed(ink: GreyImage, side: int) -> Iterator[tuple[tuple[int, int, int, int], GreyImage]]:
    """Yield top, bottom, left, right and the ink of connected shapes that are large and mostly empty, as frames are."""
    _count, labels, stats, _centres = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    _left, _top, width, height, area = stats.T
    long = np.maximum(width, height)
    chosen = (long >= _SHORTEST * side) & (long <= _LONGEST * side) & (area < _MOST_FILLED * width * height)
    chosen[0] = False
    for index in np.flatnonzero(chosen)[:_MOST_FRAMES]:
        x, y, w, h = (int(value) for value in stats[index, :4])
        window = labels[y : y + h, x : x + w] == index
        yield (y, y + h, x, x + w), window.astype(np.uint8) * 255


def _tilted(mask: GreyImage, side: int) -> Iterator[NDArray[np.float64]]:
    """Yield long lines as their two ends, those running along an axis left out."""
    shortest = _SHORTEST * side
    found = cv2.HoughLinesP(mask, 1, np.pi / 720, int(0.6 * shortest), None, shortest, 0.1 * shortest)
    for x0, y0, x1, y1 in np.reshape(found, (-1, 4)) if found is not None else ():
        angle = abs(np.degrees(np.arctan2(float(y1 - y0), float(x1 - x0)))) % 90
        if _LEAST_TILT <= min(angle, 90 - angle) <= _MOST_TILT:
            yield np.array([x0, y0, x1, y1], dtype=np.float64)


def _erase(window: GreyImage, mask: GreyImage, line: NDArray[np.float64], thickest: int) -> None:
    """Paint a line over where nothing crosses it: where its ink is no thicker than the line is elsewhere."""
    x0, y0, x1, y1 = line
    if abs(x1 - x0) < abs(y1 - y0):
        window, mask, (x0, y0, x1, y1) = window.T, mask.T, (y0, x0, y1, x1)
    if x0 > x1:
        x0, y0, x1, y1 = x1, y1, x0, y0
    runs = [
        (x, *_run(mask[:, x], round(y0 + (y1 - y0) * (x - x0) / max(x1 - x0, 1)), thickest))
        for x in range(int(x0), int(x1) + 1)
    ]
    across, first, last = np.array(runs).T
    thick = last - first + 1
    is_thin = (thick > 0) & (thick <= thickest)
    if is_thin.sum() < _FEWEST_POINTS:
        return
    # Writing hangs on the line here and there; what it runs like shows where there is nothing but the line.
    thickness = float(np.median(thick[is_thin]))
    middle = (first + last) / 2
    is_line = is_thin & (thick <= thickness + 1)
    for _ in range(2):
        slope, offset = np.polyfit(across[is_line], middle[is_line], 1)
        near = is_thin & (thick <= thickness + 1) & (np.abs(middle - slope * across - offset) <= _MOST_OFF)
        if near.sum() < _FEWEST_POINTS:
            return
        is_line = near
    # A stamp is seldom as black as print, so that letters show through where they run along the line.
    # Lines are lighter where they pass from one row of pixels to the next; the darker places tell their ink.
    shade = np.percentile(window[middle[is_line].astype(int), across[is_line]], 20) - _DARKER
    paper = int(np.percentile(window, 75))
    for x, start, end in zip(across[is_line], first[is_line], last[is_line], strict=True):
        column = window[max(start - 1, 0) : end + 2, x]
        column[column >= shade] = paper


def _run(column: NDArray[np.uint8], middle: int, reach: int) -> tuple[int, int]:
    """Return first and last pixel of the ink at `middle` or right beside it; last before first for none."""
    start = next((y for y in (middle, middle - 1, middle + 1, middle - 2, middle + 2)
                  if 0 <= y < len(column) and column[y]), None)  # fmt: skip
    if start is None:
        return 0, -1
    first = last = start
    while first > 0 and column[first - 1] and last - first <= reach:
        first -= 1
    while last < len(column) - 1 and column[last + 1] and last - first <= reach:
        last += 1
    return first, last
