# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A photographed sheet cut out of its surroundings."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from router.reading import ink, signs
from router.reading.images import GreyImage

__all__ = ["crop_to_sheet"]

_SMALL = 600
_LEAST_SHARE, _MOST_SHARE = 0.3, 0.97
_LEAST_SOLID, _LEAST_FITTING = 0.9, 0.93
_OUTSIDE, _OUTSIDE_SHARE = 6, 0.005
_THRESHOLDS = (15, 25, 35, 45, 55, 65, 75)


def crop_to_sheet(pixels: GreyImage) -> tuple[GreyImage, np.ndarray | None]:
    """Cut a photographed sheet out of its surroundings and straighten its perspective.

    A sheet is a light area with four corners that holds all writing: where shadows or a light desk suggest one that
    cuts writing off, the picture stays as it is.

    Returns
    -------
    sheet, back
        The sheet and the 3×3 matrix from it to the given picture; the picture itself and ``None`` where no
        sheet stands out.
    """
    written = signs.places_of_writing(ink.without_rules(ink.binary(pixels, ink.SIGNS)))
    written *= max(pixels.shape) / min(ink.SIGNS, max(pixels.shape))
    for corners in _quadrangles(pixels):
        if _holds(corners, written):
            return _straightened(pixels, corners)
    return pixels, None


def _quadrangles(pixels: GreyImage) -> Iterator[NDArray[np.float32]]:
    """Yield four corners of light areas, those that fill their four corners best first."""
    scale = _SMALL / max(pixels.shape)
    small = cv2.GaussianBlur(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), (7, 7), 0)
    otsu, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    found: list[tuple[float, NDArray[np.float32]]] = []
    for level in (otsu, *np.percentile(small, _THRESHOLDS)):
        above = np.asarray(small > level, dtype=np.uint8)
        light = cv2.morphologyEx(above, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
        contours, _ = cv2.findContours(light, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        if not contours:
            continue
        sheet = max(contours, key=cv2.contourArea)
        hull = cv2.convexHull(sheet)
        corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, True), True)
        area, around = cv2.contourArea(sheet), cv2.contourArea(hull)
        if len(corners) != 4 or not _LEAST_SHARE < area / light.size < _MOST_SHARE or area < _LEAST_SOLID * around:
            continue
        fitting = min(around, cv2.contourArea(corners)) / max(around, cv2.contourArea(corners))
        if fitting >= _LEAST_FITTING:
            found.append((fitting * area / around, corners.reshape(4, 2).astype(np.float32) / scale))
    found.sort(key=lambda entry: -entry[0])
    return (corners for _, corners in found)


def _holds(corners: NDArray[np.float32], written: NDArray[np.float32]) -> bool:
    """Tell whether hardly any writing lies outside four corners."""
    outside = sum(cv2.pointPolygonTest(corners.reshape(-1, 1, 2), (float(x), float(y)), False) < 0 for x, y in written)
    return outside <= max(_OUTSIDE, _OUTSIDE_SHARE * len(written))


def _straightened(pixels: GreyImage, corners: NDArray[np.float32]) -> tuple[GreyImage, np.ndarray]:
    source = _ordered(corners)
    out_width = max(np.linalg.norm(source[1] - source[0]), np.linalg.norm(source[2] - source[3]))
    out_height = max(np.linalg.norm(source[3] - source[0]), np.linalg.norm(source[2] - source[1]))
    target = np.array([[0, 0], [out_width, 0], [out_width, out_height], [0, out_height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    flat = cv2.warpPerspective(pixels, matrix, (int(out_width), int(out_height)), flags=cv2.INTER_LINEAR)
    return np.asarray(flat, dtype=np.uint8), np.linalg.inv(matrix)


def _ordered(corners: np.ndarray) -> np.ndarray:
    """Order corners: top left, top right, bottom right, bottom left."""
    sums, differences = corners.sum(axis=1), np.diff(corners, axis=1).ravel()
    return np.array(
        [corners[sums.argmin()], corners[differences.argmin()], corners[sums.argmax()], corners[differences.argmax()]],
        np.float32,
    )
