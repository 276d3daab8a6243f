# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Image files of every making give the same page."""

import io
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from router.errors import TooLargeError, UnreadableError
from router.reading.images import PageImage, count_pages, load_pages
from router.reading.limits import Limits
from router.records import Reason
from tests.router.reading.oddpdf import read, scan, text_of

DPI = (200, 200)
TURNED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@cache
def _bilevel() -> Image.Image:
    return scan().point(lambda value: 255 if value > 128 else 0).convert("1")


def _clear() -> Image.Image:
    """Return the page as black ink on nothing."""
    return Image.merge("LA", (Image.new("L", scan().size, 0), scan().point(lambda value: 255 - value)))


def _wide(kind: type[Any], factor: float) -> Image.Image:
    return Image.fromarray((np.asarray(scan()).astype(np.float64) * factor).astype(kind))


def _heic(image: Image.Image, **options: Any) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(image.convert("RGB")).save(out, quality=80, **options)
    return out.getvalue()


def _tiff(image: Image.Image, compression: str | None = None, **options: Any) -> bytes:
    return _saved(image, "TIFF", compression=compression, dpi=DPI, **options)


def _colours() -> Image.Image:
    return scan().convert("RGB")


MAKINGS: dict[str, Callable[[], bytes]] = {
    "TIFF fax group 3": lambda: _tiff(_bilevel(), "group3"),
    "TIFF fax group 4": lambda: _tiff(_bilevel(), "group4"),
    "TIFF white is zero": lambda: _tiff(_bilevel(), "group4", tiffinfo={262: 0}),
    "TIFF black is zero": lambda: _tiff(_bilevel(), "group4", tiffinfo={262: 1}),
    "TIFF packed bits": lambda: _tiff(_bilevel(), "packbits"),
    "TIFF LZW": lambda: _tiff(scan(), "tiff_lzw"),
    "TIFF JPEG in colour": lambda: _tiff(_colours(), "jpeg"),
    "TIFF deflate": lambda: _tiff(scan(), "tiff_adobe_deflate"),
    "TIFF of four colours": lambda: _tiff(_colours().convert("CMYK"), "tiff_lzw"),
    "TIFF of 16 bits": lambda: _tiff(_wide(np.uint16, 257)),
    "TIFF of 32 bits": lambda: _tiff(_wide(np.int32, 65536)),
    "TIFF of fractions": lambda: _tiff(_wide(np.float32, 1 / 255)),
    "big TIFF": lambda: _tiff(scan(), big_tiff=True),
    "PNG of 16 bits": lambda: _saved(_wide(np.uint16, 257), "PNG", dpi=DPI),
    "PNG of few colours": lambda: _saved(scan().quantize(16), "PNG", dpi=DPI),
    "PNG black on nothing": lambda: _saved(_clear(), "PNG", dpi=DPI),
    "JPEG of four colours": lambda: _saved(_colours().convert("CMYK"), "JPEG", quality=90, dpi=DPI),
    "JPEG in several passes": lambda: _saved(_colours(), "JPEG", progressive=True, dpi=DPI),
    "WebP black on nothing": lambda: _saved(_clear().convert("RGBA"), "WEBP", lossless=True),
    "HEIC": lambda: _heic(scan()),
    "HEIC held upright": lambda: _heic(scan().transpose(Image.Transpose.ROTATE_90), exif=_exif(6)),
}


def _exif(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif.tobytes()


def _likeness(page: PageImage) -> float:
    """Return which share of the ink of both pages they have in common."""
    ink, wanted = page.pixels < 128, np.asarray(scan()) < 128
    assert ink.shape == wanted.shape
    return float((ink & wanted).sum() / (ink | wanted).sum())


@pytest.mark.parametrize("name", MAKINGS)
def test_every_making_gives_the_same_page(name: str) -> None:
    (page,) = load_pages(MAKINGS[name](), Limits())
    assert _likeness(page) > 0.93
    assert page.photo == (name.startswith(("WebP", "HEIC")))


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_noted_orientation_is_applied(kind: str, orientation: int) -> None:
    turn = TURNED[orientation]
    stored = scan().transpose(turn) if turn is not None else scan()
    noted = {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": _exif(orientation)}
    (page,) = load_pages(_saved(stored, kind, **noted), Limits())
    assert _likeness(page) > 0.9


@pytest.mark.parametrize(("rows", "stated"), [(98, (204, 98)), (196, (204, 196)), (98, None), (196, None)])
def test_oblong_pixels_of_a_fax_become_square(rows: int, stated: tuple[int, int] | None) -> None:
    """Fax servers that state no resolution keep to 1,728 dots a line."""
    page = Image.new("1", (1728, round(11.69 * rows)), 1)
    data = _saved(page, "TIFF", compression="group3", **({"dpi": stated} if stated else {}))
    (read_page,) = load_pages(data, Limits())
    assert read_page.size_points[1] == pytest.approx(842, abs=4)
    assert read_page.size_points[0] == pytest.approx(610, abs=4)
    assert not read_page.photo


def test_pages_of_a_stack_and_frames_of_a_moving_picture() -> None:
    frames = [Image.new("L", (300, 400), shade) for shade in (255, 200, 150)]
    assert count_pages(_saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])) == 3
    moving = _saved(frames[0], "WEBP", save_all=True, append_images=frames[1:])
    assert count_pages(moving) == len(list(load_pages(moving, Limits()))) == 1


def _cut(data: bytes, share: float) -> bytes:
    return data[: int(share * len(data))]


def test_a_picture_that_breaks_off_late_is_read_and_goes_to_a_person() -> None:
    written = scan().crop((0, 0, scan().width, 460))
    data = _cut(_saved(written, "PNG", dpi=DPI), 0.9)
    pages = load_pages(data, Limits())
    page = next(pages)
    assert (page.pixels[-1] == 255).all()
    with pytest.raises(UnreadableError):
        next(pages)
    reading = read(data)
    assert "Mietbescheinigung" in text_of(reading)
    assert reading.letters[0].problems == (Reason.UNREADABLE,)


def test_a_picture_of_which_little_is_left_is_not_guessed_at() -> None:
    whole = Image.fromarray(np.random.default_rng(1).integers(0, 255, (400, 400), dtype=np.uint8))
    with pytest.raises(UnreadableError):
        next(load_pages(_cut(_saved(whole, "PNG", dpi=DPI), 0.2), Limits()))


def test_pages_before_a_damaged_one_are_kept_and_it_is_told() -> None:
    data = _saved(_bilevel(), "TIFF", save_all=True, append_images=[_bilevel()], compression="group4", dpi=DPI)
    pages = load_pages(data[:-60], Limits())
    assert _likeness(next(pages)) > 0.9
    with pytest.raises(UnreadableError):
        list(pages)


def test_too_many_pixels_are_refused_before_they_are_decoded() -> None:
    data = _saved(Image.new("1", (9000, 9000)), "PNG", dpi=DPI)
    with pytest.raises(TooLargeError):
        next(load_pages(data, Limits(max_pixels=10_000_000)))


def test_telephone_formats_are_loaded_only_for_telephone_pictures() -> None:
    code = "import sys, router.reading.read; print('pillow_heif' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
