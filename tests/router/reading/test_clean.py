# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pages made straight, blank ones known, sheets cut out of photographs."""

import random
from collections.abc import Callable
from functools import cache

import cv2
import numpy as np
import pytest

from router.reading import clean
from router.reading.crop import crop_to_sheet
from router.reading.frames import without_tilted_lines
from router.reading.images import GreyImage
from tests.router.reading.oddpdf import LETTER
from training.sample_office.degrade import rasterise, stamp
from training.sample_office.layout import pages_pdf

DPI = 200


@cache
def _letter() -> GreyImage:
    (page,) = rasterise(pages_pdf([LETTER * 6]), DPI)
    return page


def _white() -> GreyImage:
    return np.full(_letter().shape, 255, np.uint8)


def _noisy(page: GreyImage, sigma: float = 6, paper: int = 245, dust: int = 100) -> GreyImage:
    state = np.random.default_rng(1)
    out = np.clip(page * (paper / 255) + state.normal(0, sigma, page.shape), 0, 255).astype(np.uint8)
    for x, y in state.integers(0, min(page.shape), (dust, 2)):
        cv2.circle(out, (int(x), int(y)), 1, 30, -1)
    return out


def _turned(page: GreyImage, angle: float) -> GreyImage:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=255), dtype=np.uint8)


def _shown_through(share: float) -> GreyImage:
    mirrored = cv2.GaussianBlur(np.ascontiguousarray(_letter()[:, ::-1]), (0, 0), 1.5).astype(np.float32)
    return np.asarray(255 - (255 - mirrored) * share, dtype=np.uint8)


def _scanned_edges() -> GreyImage:
    page = _white()
    page[:, :35], page[:25], page[-18:] = 10, 15, 0
    for y in (1000, 1320):
        cv2.circle(page, (95, y), 24, 90, -1)
    cv2.line(page, (70, 70), (150, 110), 120, 7)
    page[780:784] = 200
    return page


def _pen(points: np.ndarray, shade: int = 50) -> GreyImage:
    page = _white()
    cv2.polylines(page, [points.astype(np.int32).reshape(-1, 1, 2)], False, shade, 3)
    return page


def _signature(shade: int = 50) -> GreyImage:
    x = np.linspace(0, 1, 400)
    return _pen(
        np.stack([900 + 350 * x + 20 * np.sin(40 * x), 1900 + 45 * np.sin(25 * x) + 25 * np.sin(61 * x)], 1), shade
    )


def _handwriting() -> GreyImage:
    x = np.linspace(0, 1, 200)
    words = [_pen(np.stack([left + 200 * x, 600 + 18 * np.sin(44 * x + left)], 1)) for left in (300, 600, 900)]
    return np.asarray(np.minimum.reduce(words), dtype=np.uint8)


def _round_stamp() -> GreyImage:
    page = _white()
    cv2.circle(page, (800, 900), 140, 90, 5)
    return page


BLANK: dict[str, Callable[[], GreyImage]] = {
    "white": _white,
    "grey and dusty": lambda: _noisy(_white(), 22, 205, 500),
    "dark edges, holes, staple, fold": lambda: _noisy(_scanned_edges()),
    "the front showing through": lambda: _noisy(_shown_through(0.15)),
    "bilevel specks": lambda: np.where(_noisy(_white(), 30, 225) > 150, 255, 0).astype(np.uint8),
}
WRITTEN: dict[str, Callable[[], GreyImage]] = {
    "signature": lambda: _noisy(_signature()),
    "signature in pencil on grey paper": lambda: _noisy(_signature(150), 15, 215, 300),
    "signature above what shows through": lambda: _noisy(np.minimum(_signature(), _shown_through(0.15))),
    "three words by hand": lambda: _noisy(_handwriting()),
    "round stamp": lambda: _noisy(_round_stamp()),
    "receipt stamp": lambda: _noisy(stamp(_white(), "EINGEGANGEN\n18.11.2026", DPI, random.Random(1))),
    "three printed words": lambda: _noisy(rasterise(pages_pdf(["Bitte um Rückruf"]), DPI)[0]),
}


@pytest.mark.parametrize("name", BLANK)
def test_pages_without_writing_are_blank(name: str) -> None:
    assert clean.is_blank(BLANK[name]())


@pytest.mark.parametrize("name", WRITTEN)
def test_little_writing_is_writing(name: str) -> None:
    assert not clean.is_blank(WRITTEN[name]())


@pytest.mark.parametrize("angle", [0.0, 0.5, -3.0, 7.0, -11.0, 15.0])
def test_tilt_is_found_and_no_corner_lost(angle: float) -> None:
    tilted = _noisy(_turned(_letter(), angle))
    sheet = clean.straighten(tilted, photo=False)
    assert sheet.skew == pytest.approx(-angle, abs=0.2)
    height, width = tilted.shape
    corners = np.array([[[0, 0], [width, 0], [width, height], [0, height]]], np.float64)
    placed = cv2.perspectiveTransform(corners, np.linalg.inv(sheet.to_given))[0]
    margin = 0.08 * width if abs(angle) <= 4 else 1.0
    assert placed.min() >= -margin
    assert (placed.max(axis=0) <= np.array(sheet.pixels.shape[::-1]) + margin).all()


def test_dark_edges_of_a_scan_are_cut_off_and_no_writing_with_them() -> None:
    height, width = _letter().shape
    page = np.full((height + 160, width + 200), 20, np.uint8)
    page[100 : 100 + height, 120 : 120 + width] = _letter()
    sheet = clean.straighten(_noisy(page, dust=0), photo=False)
    assert sheet.pixels.shape == pytest.approx((height, width), abs=30)
    edge = np.concatenate([sheet.pixels[:8].ravel(), sheet.pixels[:, :8].ravel(), sheet.pixels[:, -8:].ravel()])
    assert (edge < 100).mean() < 0.25
    ink = (_letter() < 128).sum()
    assert (sheet.pixels[30:-30, 30:-30] < 128).sum() == pytest.approx(ink, rel=0.1)


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_pages_fed_any_way_round_end_upright(turns: int) -> None:
    sheet = clean.straighten(np.ascontiguousarray(np.rot90(_noisy(_letter()), turns)), photo=False)
    assert sheet.turns == turns
    assert sheet.pixels.shape == _letter().shape


def test_frame_of_a_stamp_goes_and_the_line_beneath_stays() -> None:
    page = _letter().copy()
    left, top, right, bottom = 150, 330, 700, 420
    cv2.line(page, (left, top), (right, bottom - 50), 90, 3)
    cv2.line(page, (left, top), (left - 8, bottom + 60), 90, 3)
    framed = _noisy(page, dust=0)
    cleaned = without_tilted_lines(framed)
    wanted = _noisy(_letter(), dust=0)
    ink, line = _letter() < 100, (page < 150) & (_letter() > 200)
    assert (cleaned[line] > 180).mean() > 0.8
    assert (cleaned[ink] < 160).mean() > 0.99
    assert (framed[line] > 180).mean() < 0.2
    assert (wanted[line] > 180).mean() > 0.9


def test_pages_without_a_tilted_line_are_left_alone() -> None:
    page = _noisy(_letter())
    page[500:504, 150:1500] = 60
    assert without_tilted_lines(page) is page


def _photographed(desk: int, *, shadow: bool = False) -> tuple[GreyImage, np.ndarray]:
    """Return a letter on a desk, lit from one side, and the matrix that put it there."""
    height, width = _letter().shape
    size = int(width * 1.16), int(height * 1.12)
    target = np.array([[110, 130], [1800, 95], [1840, 2500], [70, 2470]], np.float32)
    matrix = cv2.getPerspectiveTransform(_corners(width, height)[0].astype(np.float32), target)
    sheet = cv2.warpPerspective(_letter(), matrix, size).astype(np.float32) * 0.97
    mask = cv2.warpPerspective(np.full_like(_letter(), 255), matrix, size)
    state = np.random.default_rng(2)
    picture = np.where(mask > 127, sheet, state.normal(desk, 6, sheet.shape))
    picture *= np.linspace(0.62, 0.92, size[0])[None, :]
    if shadow:
        picture *= np.where(np.linspace(0, 1, size[0]) > 0.7, 0.55, 1.0)[None, :]
    noisy = np.clip(picture + state.normal(0, 4, picture.shape), 0, 255).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(noisy, (0, 0), 0.7), dtype=np.uint8), matrix


def _corners(right: float, bottom: float, left: float = 0, top: float = 0) -> np.ndarray:
    return np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], np.float64)


def test_a_sheet_on_a_dark_desk_is_cut_out() -> None:
    photo, matrix = _photographed(60)
    sheet, back = crop_to_sheet(photo)
    assert back is not None
    height, width = _letter().shape
    found = cv2.perspectiveTransform(_corners(sheet.shape[1], sheet.shape[0]), back)
    assert np.abs(found - cv2.perspectiveTransform(_corners(width, height), matrix)).max() < 25


@pytest.mark.parametrize("desk", [150, 200, 225, 245])
@pytest.mark.parametrize("shadow", [False, True])
def test_no_writing_is_cut_off_whatever_the_desk(desk: int, shadow: bool) -> None:
    photo, matrix = _photographed(desk, shadow=shadow)
    sheet, back = crop_to_sheet(photo)
    if back is None:
        assert sheet is photo
        return
    down, across = np.nonzero(_letter() < 128)
    written = cv2.perspectiveTransform(_corners(across.max(), down.max(), across.min(), down.min()), matrix)
    on_sheet = cv2.perspectiveTransform(written, np.linalg.inv(back))[0]
    assert on_sheet.min() > 0
    assert (on_sheet < sheet.shape[::-1]).all()
