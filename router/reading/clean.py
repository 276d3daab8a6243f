# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Straightening and cleaning of page images before recognition."""

from dataclasses import dataclass

import cv2
import numpy as np

from router.reading import signs
from router.reading.crop import crop_to_sheet
from router.reading.frames import without_tilted_lines
from router.reading.images import GreyImage
from router.reading.ink import SIGNS, binary, without_rules

__all__ = ["Sheet", "count_pairs", "is_blank", "is_sideways", "quarter_turns", "skew_angle", "straighten"]

_MAX_SKEW, _USUAL_SKEW, _STEEP, _STEEP_STEP, _CLEARLY_STEEP = 16.0, 6.0, 4.0, 2.0, 1.15
_STRIPS = 8
_CLEARLY = 0.08
_GRAIN = 3
_SURELY = 0.3
_DARK_EDGE = 0.7
# What shows through from the other side is fainter than pencil.
_FAINT = 26


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page straightened for recognition, and the way back.

    Attributes
    ----------
    pixels
        Upright, straight, evenly lit.
    to_given
        3×3 matrix from these pixels to those of the picture as given.
    turns
        Quarter turns clockwise that made it upright, 0 to 3.
    skew
        Degrees by which it was turned against the clock to make lines level.
    """

    pixels: GreyImage
    to_given: np.ndarray
    turns: int
    skew: float

    def upside_down(self) -> "Sheet":
        """Return the sheet turned by half a turn."""
        return Sheet(
            np.ascontiguousarray(np.rot90(self.pixels, 2)),
            self.to_given @ np.linalg.inv(quarter_turns(2, self.pixels.shape)),
            (self.turns + 2) % 4,
            self.skew,
        )


def quarter_turns(turns: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return the 3×3 matrix from a picture of `shape` to the one turned clockwise by so many quarter turns."""
    height, width = shape[:2]
    rows = {
        0: ((1, 0, 0), (0, 1, 0)),
        1: ((0, -1, height), (1, 0, 0)),
        2: ((-1, 0, width), (0, -1, height)),
        3: ((0, 1, 0), (-1, 0, width)),
    }[turns % 4]
    return np.array([*rows, (0, 0, 1)], dtype=np.float64)


def is_blank(pixels: GreyImage) -> bool:
    """Tell whether a page holds no writing."""
    return signs.is_blank(without_rules(binary(pixels, SIGNS, faintest=_FAINT)))


def count_pairs(pixels: GreyImage) -> int:
    """Return how many blots the size of letters have another right beside them."""
    return signs.count_pairs(without_rules(binary(pixels, SIGNS)))


def straighten(pixels: GreyImage, *, photo: bool) -> Sheet:
    """Make a page upright, level and evenly lit; a photographed sheet is cut out of its surroundings first."""
    to_given = np.eye(3)
    prepared, turns = pixels, 0
    if photo or _is_surrounded(prepared):
        prepared, back = crop_to_sheet(prepared)
        to_given = to_given if back is None else back
    if is_sideways(prepared):
        to_given = to_given @ np.linalg.inv(quarter_turns(1, prepared.shape))
        prepared, turns = np.ascontiguousarray(np.rot90(prepared, -1)), 1
    if is_uneven(prepared):
        prepared = even_background(prepared)
    if is_grainy(prepared):
        # The median keeps strokes and takes grain and dust, on which Tesseract spends errors and much time.
        prepared = np.asarray(cv2.medianBlur(prepared, 3), dtype=np.uint8)
    skew = skew_angle(prepared)
    if skew:
        prepared, level = rotate(prepared, skew)
        to_given = to_given @ np.vstack([level, [0, 0, 1]])
    prepared = without_tilted_lines(prepared)
    score = signs.upside_down_score(without_rules(binary(prepared, SIGNS)))
    sheet = Sheet(prepared, to_given, turns, skew)
    return sheet.upside_down() if score >= _CLEARLY else sheet


def _profile_energy(ink: GreyImage) -> float:
    profile = ink.sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(profile)).sum())


def is_sideways(pixels: GreyImage) -> bool:
    """Tell whether lines of text run from bottom to top or top to bottom.

    The distances of letters tell; where there are too few of them, lines of text, which make the sums of rows
    rise and fall sharply, those of columns far less. The page is looked at in strips, in which even lines fed in
    askew are level enough.
    """
    score = signs.sideways_score(without_rules(binary(pixels, SIGNS)))
    if abs(score) >= _SURELY:
        return score > 0
    ink = without_rules(binary(pixels))
    across, along = _strip_energy(ink), _strip_energy(np.ascontiguousarray(ink.T))
    return bool(along * ink.shape[1] / ink.shape[0] > 1.3 * across)


def _strip_energy(ink: GreyImage) -> float:
    return sum(_profile_energy(np.asarray(strip)) for strip in np.array_split(ink, _STRIPS, axis=1))


def _is_surrounded(pixels: GreyImage) -> bool:
    """Tell whether two edges or more are dark: a photograph within a PDF, or a scan beyond the sheet."""
    small = np.asarray(cv2.resize(pixels, (200, 200), interpolation=cv2.INTER_AREA))
    paper = np.percentile(small, 90)
    edges = (small[:3], small[-3:], small[:, :3], small[:, -3:])
    return sum(bool(np.median(edge) < _DARK_EDGE * paper) for edge in edges) >= 2


def skew_angle(pixels: GreyImage) -> float:
    """Return by how many degrees the lines fall to the right (positive) or rise, within ±16.

    The angle at which the row sums of the ink are sharpest; 0 where no angle stands out. Steep angles, which only
    photographs and badly fed sheets have, must stand out more clearly.
    """
    ink = without_rules(binary(pixels, 1000))
    if not ink.any():
        return 0.0
    coarse = np.asarray(cv2.resize(ink, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    steep, steep_energy = _sharpest(coarse, np.arange(-_MAX_SKEW, _MAX_SKEW + 1e-6, _STEEP_STEP))
    level = _energy_at(coarse, 0.0)
    start = steep if abs(steep) <= _USUAL_SKEW or steep_energy > _CLEARLY_STEEP * level else 0.0
    best, best_energy = start, _energy_at(ink, start)
    for step, reach in ((1.0, _STEEP_STEP if start else _USUAL_SKEW), (0.25, 0.75), (0.1, 0.15)):
        angle, energy = _sharpest(ink, np.arange(best - reach, best + reach + 1e-6, step))
        if energy > best_energy:
            best, best_energy = angle, energy
    return best if best_energy > 1.02 * _energy_at(ink, 0.0) and abs(best) >= 0.2 else 0.0


def _sharpest(ink: GreyImage, angles: np.ndarray) -> tuple[float, float]:
    energies = [_energy_at(ink, float(angle)) for angle in angles]
    best = int(np.argmax(energies))
    return float(angles[best]), energies[best]


def _energy_at(ink: GreyImage, angle: float) -> float:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(ink, matrix, (width, height), flags=cv2.INTER_NEAREST)
    return _profile_energy(np.asarray(turned, dtype=np.uint8))


def rotate(pixels: GreyImage, angle: float) -> tuple[GreyImage, np.ndarray]:
    """Turn a picture about its centre and return it with the matrix that leads back.

    Parameters
    ----------
    pixels
        The picture.
    angle
        Degrees against the clock. The size stays for the small angles of scanners, whose margins are empty; at
        steeper ones it grows, so that no corner is cut off.

    Returns
    -------
    turned, back
        ``back`` is the 2×3 affine matrix from the turned picture to the given one.
    """
    height, width = pixels.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    if abs(angle) > _STEEP:
        cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
        wide, high = int(width * cos + height * sin), int(width * sin + height * cos)
        matrix[:, 2] += (wide - width) / 2, (high - height) / 2
        width, height = wide, high
    turned = cv2.warpAffine(pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(turned, dtype=np.uint8), cv2.invertAffineTransform(matrix)


def _background(pixels: GreyImage) -> GreyImage:
    small = cv2.resize(pixels, None, fx=0.125, fy=0.125, interpolation=cv2.INTER_AREA)
    dilated = cv2.dilate(small, np.ones((7, 7), np.uint8))
    smooth = cv2.medianBlur(dilated, 21)
    return np.asarray(cv2.resize(smooth, pixels.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.uint8)


def is_uneven(pixels: GreyImage) -> bool:
    """Tell whether the paper is grey or lit unevenly, as in a photo.

    Clean scans are left alone: evening them costs time and gains nothing.
    """
    paper = _background(pixels)
    low, high = np.percentile(paper, (5, 95))
    return bool(high < 225 or low < 190)


def is_grainy(pixels: GreyImage) -> bool:
    """Tell whether grey values jump from pixel to pixel even where there is only paper."""
    sample = np.ascontiguousarray(pixels[: pixels.shape[0] // 2])
    jumps = cv2.absdiff(sample, cv2.medianBlur(sample, 3))
    return bool(np.median(jumps) >= _GRAIN)


def even_background(pixels: GreyImage) -> GreyImage:
    """Divide the picture by its paper, so that shadows and tints vanish."""
    paper = np.maximum(_background(pixels), 1)
    return np.asarray(cv2.divide(pixels, paper, scale=255), dtype=np.uint8)
