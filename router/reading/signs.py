# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Blots of ink the size of letters: whether a page holds writing at all, and which way is up."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["count_pairs", "is_blank", "places_of_writing", "sideways_score", "upside_down_score"]

_FEWEST_PAIRS = 30
_MOST_SIGNS = 1500
_CLOSE = 0.3
_STROKE, _CURVED, _MOST_FILLED, _MOST_STROKES = 28, 9.0, 0.5, 200


def _signs(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the blots that may be letters, one a row: left, top, right, bottom.

    `ink` is 255 where there is ink, the page about 1,400 pixels high.
    """
    _count, _labels, stats, _centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, width, height, area = stats[1:].T
    letter_sized = (height >= 5) & (height <= 60) & (width >= 2) & (width <= 90)
    # Punched holes and thick blots are round and full.
    full = (area > 0.7 * width * height) & (height > 16) & (abs(width - height) < 0.3 * height)
    chosen = letter_sized & ~full
    boxes = np.stack([left, top, left + width, top + height], axis=1)[chosen]
    return np.asarray(boxes, dtype=np.float32)


def is_blank(ink: NDArray[np.uint8]) -> bool:
    """Tell whether a page holds no writing: dust, punched holes, folds, staples, borders and rules aside.

    Signatures, stamps and handwriting count as writing, though nobody may be able to read them.
    """
    signs = _signs(ink)
    if len(signs) > _MOST_SIGNS:
        return False
    # Letters have neighbours at about their own height; grains of dirt seldom do.
    if len(signs) >= 2 and len(_neighbours(signs)[0]) > 0:
        return False
    return not _has_strokes(ink)


def _has_strokes(ink: NDArray[np.uint8]) -> bool:
    """Tell whether there is a shape like one drawn with a pen: larger than a letter, thin, and not straight."""
    _count, labels, stats, _centres = cv2.connectedComponentsWithStats(ink, connectivity=8)
    left, top, width, height, area = stats.T
    page_height, page_width = ink.shape
    margin = page_width // 40
    inside = (left > margin) & (top > margin)
    inside &= (left + width < page_width - margin) & (top + height < page_height - margin)
    chosen = inside & (np.maximum(width, height) >= _STROKE) & (area >= 2 * _STROKE)
    chosen[0] = False
    for index in np.flatnonzero(chosen)[:_MOST_STROKES]:
        x, y, w, h = (int(value) for value in stats[index, :4])
        points = cv2.findNonZero((labels[y : y + h, x : x + w] == index).astype(np.uint8))
        _centre, sides, _angle = cv2.minAreaRect(points)
        if min(sides) >= _CURVED and area[index] <= _MOST_FILLED * sides[0] * sides[1]:
            return True
    return False


def _neighbours(signs: NDArray[np.float32], reach: float = 0.8) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of signs that stand beside each other in a line, at most `reach` heights apart."""
    if len(signs) == 0:
        nothing = np.empty(0, dtype=np.intp)
        return nothing, nothing
    left, top, right, bottom = signs.T
    height = bottom - top
    gap = left[None, :] - right[:, None]
    overlap = np.minimum(bottom[:, None], bottom[None, :]) - np.maximum(top[:, None], top[None, :])
    beside = (
        (gap > -2) & (gap < reach * height[:, None]) & (overlap > 0.5 * np.minimum(height[:, None], height[None, :]))
    )
    np.fill_diagonal(beside, val=False)
    gap[~beside] = np.inf
    nearest = gap.argmin(axis=1)
    first = np.flatnonzero(beside.any(axis=1))
    return first, nearest[first]


def count_pairs(ink: NDArray[np.uint8]) -> int:
    """Return how many blots the size of letters have another right beside them, as letters of a word do."""
    return len(_neighbours(_middle_of(_signs(ink)), _CLOSE)[0])


def places_of_writing(ink: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the middles of the blots that have another right beside them, one a row: x and y."""
    signs = _middle_of(_signs(ink))
    chosen = signs[_neighbours(signs, _CLOSE)[0]]
    return np.asarray((chosen[:, :2] + chosen[:, 2:]) / 2, dtype=np.float32)


def sideways_score(ink: NDArray[np.uint8]) -> float:
    """Return -1 to 1, how clearly lines of writing run from bottom to top or top to bottom: positive when they do.

    Within a word letters stand far closer together than lines do. 0 where there is too little to tell.
    """
    signs = _middle_of(_signs(ink))
    across = len(_neighbours(signs, _CLOSE)[0])
    along = len(_neighbours(signs[:, [1, 0, 3, 2]], _CLOSE)[0])
    return (along - across) / (along + across) if along + across >= _FEWEST_PAIRS else 0.0


def _middle_of(signs: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the signs in the middle of the page when there are too many to compare all with all."""
    if len(signs) <= _MOST_SIGNS:
        return signs
    order = np.argsort(signs[:, 1], kind="stable")
    return signs[order[len(signs) // 2 - _MOST_SIGNS // 2 :][:_MOST_SIGNS]]


def upside_down_score(ink: NDArray[np.uint8]) -> float:
    """Return how clearly writing stands on its head: positive when it does, negative when it does not.

    The feet of neighbouring letters stand on one line far more often than their heads: in Latin writing letters
    that reach up are many, letters that reach down are few. 0 where there is too little to tell.
    """
    signs = _middle_of(_signs(ink))
    first, second = _neighbours(signs)
    if len(first) < _FEWEST_PAIRS:
        return 0.0
    heads = np.abs(signs[first, 1] - signs[second, 1]) <= 1
    feet = np.abs(signs[first, 3] - signs[second, 3]) <= 1
    return float(heads.mean() - feet.mean())
