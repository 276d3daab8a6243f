# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Small pictures of where there is ink, from which everything about a page's layout is told."""

import cv2
import numpy as np

from router.reading.images import GreyImage

__all__ = ["SIGNS", "SMALL", "binary", "without_rules"]

SMALL, SIGNS = 800, 1400
"""Pixels of the longer side: for lines of writing, and for single letters."""


def binary(pixels: GreyImage, long_side: int = SMALL, *, faintest: int = 18) -> GreyImage:
    """Return a small picture in which ink is 255 and paper 0, robust to uneven light.

    Parameters
    ----------
    pixels
        The page.
    long_side
        Pixels of the longer side of the picture returned.
    faintest
        By how many grey values ink is at least darker than the paper around it.
    """
    scale = min(1.0, long_side / max(pixels.shape))
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    block = max(15, (min(small.shape) // 12) | 1)
    ink = cv2.adaptiveThreshold(small, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, faintest)
    return np.asarray(ink, dtype=np.uint8)


def without_rules(ink: GreyImage) -> GreyImage:
    """Take long ruled lines and dark scan borders out; they outweigh text in profiles."""
    long = max(ink.shape) // 12
    horizontal = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    vertical = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    return np.asarray(cv2.subtract(ink, cv2.max(horizontal, vertical)), dtype=np.uint8)
