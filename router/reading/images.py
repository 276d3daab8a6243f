# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Image files to upright grey page images with square pixels.

A picture that breaks off is read as far as it goes when most of it is there; the item goes to a person as
``unreadable`` all the same, for nobody knows what stood on the rest.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError

from router.errors import TooLargeError, UnreadableError
from router.reading.limits import Limits

__all__ = ["GreyImage", "PageImage", "count_pages", "count_pixels", "load_pages"]

GreyImage = NDArray[np.uint8]

# Our own limits say how many pixels are too many, before the first is decoded.
Image.MAX_IMAGE_PIXELS = None

_ASSUMED_DPI = 200.0
_PHOTO_LONG_SIDE_INCHES = 11.69
_SANE_DPI = (60.0, 1300.0)
_FAX_WIDTH, _FAX_DPI, _FAX_COARSE, _FAX_FINE, _FAX_FINE_ROWS = 1728, 204.0, 98.0, 196.0, 1500
_MOST_LOST, _MOST_FRAMES = 0.5, 5000
_FILL = 200
_PIXEL_PLACES = {TiffImagePlugin.STRIPOFFSETS, 324}  # strips or tiles

_DAMAGED = (
    UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, TypeError, KeyError, IndexError, OverflowError,
    RuntimeError, struct.error, zlib.error, cv2.error,
)  # fmt: skip
"""What Pillow and the libraries beneath it raise on odd files."""


@dataclass(frozen=True, slots=True)
class PageImage:
    """One page as a grey picture.

    Attributes
    ----------
    pixels
        Shape (height, width), 0 black to 255 white.
    dpi
        Dots per inch, the same both ways.
    photo
        True for a picture without a scanner's resolution.
    """

    pixels: GreyImage
    dpi: float
    photo: bool = False

    @property
    def size_points(self) -> tuple[float, float]:
        """Width and height in points."""
        height, width = self.pixels.shape
        return width * 72 / self.dpi, height * 72 / self.dpi


def count_pages(data: bytes) -> int:
    """Return how many frames an image file says it holds; one for a moving picture.

    Raises
    ------
    UnreadableError
        When it is no image.
    """
    try:
        with _opened(data) as image:
            return _frames(image)[0]
    except _DAMAGED as error:
        raise UnreadableError("the image is damaged") from error


def count_pixels(data: bytes) -> int:
    """Return how many pixels the first frame of an image file says it has; 0 when it is no image."""
    try:
        with _opened(data) as image:
            return image.width * image.height
    except _DAMAGED:
        return 0


def load_pages(data: bytes, limits: Limits) -> Iterator[PageImage]:
    """Yield the pages of an image file, at most ``limits.max_pages``.

    The orientation a camera noted is applied; a fax's oblong pixels become square.

    Raises
    ------
    TooLargeError
        When a page has absurdly many pixels; said before any is decoded.
    UnreadableError
        When the first page can't be decoded; after the last one that can when a later one can't, or when a page
        breaks off.
    """
    try:
        with _opened(data) as image:
            count, is_whole = _frames(image)
    except _DAMAGED as error:
        raise UnreadableError("the image is damaged") from error
    is_damaged = not is_whole
    for number in range(min(count, limits.max_pages)):
        try:
            page, breaks_off = _decoded(data, number, limits)
        except _DAMAGED as error:
            raise UnreadableError("the image is damaged") from error
        is_damaged |= breaks_off
        yield page
    if is_damaged:
        raise UnreadableError("the image breaks off")


@contextmanager
def _opened(data: bytes) -> Iterator[Image.Image]:
    if data[4:8] == b"ftyp":
        # Loaded only for telephones' pictures; most offices' scanners know no HEIC.
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    with warnings.catch_warnings():
        # Pillow warns about odd headers of files that it reads all the same.
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data)) as image:
            yield image


def _frames(image: Image.Image) -> tuple[int, bool]:
    """Return how many pages there are, and whether the list of them is whole.

    Frames of a TIFF are pages, those of a moving picture are not.
    """
    if image.format not in ("TIFF", "MPO", "HEIF"):
        return 1, True
    try:
        return int(getattr(image, "n_frames", 1)), True
    except _DAMAGED:
        pass
    for number in range(_MOST_FRAMES):
        try:
            image.seek(number)
        except _DAMAGED:
            return max(number, 1), False
    return _MOST_FRAMES, False


def _decoded(data: bytes, number: int, limits: Limits) -> tuple[PageImage, bool]:
    """Return a page, and whether its lower part is missing."""
    try:
        with _tolerating(missing=False), _opened(data) as image:
            return _page(_frame(image, number, limits), limits), False
    except OSError:
        with _tolerating(missing=True), _opened(data) as image:
            page = _page(_frame(image, number, limits), limits)
    return _without_missing_rows(page), True


@contextmanager
def _tolerating(*, missing: bool) -> Iterator[None]:
    """Say whether Pillow fills up what is missing; a switch of the whole process that other libraries set too."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = missing
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _frame(image: Image.Image, number: int, limits: Limits) -> Image.Image:
    image.seek(number)
    if image.width * image.height > 4 * limits.max_pixels:
        raise TooLargeError("a page has too many pixels")
    if isinstance(image, TiffImagePlugin.TiffImageFile) and not _PIXEL_PLACES & set(image.tag_v2):
        # Pillow would give a black page where the places of the pixels are lost.
        raise OSError("the page has no pixels")
    return image


def _without_missing_rows(page: PageImage) -> PageImage:
    """Return a picture that breaks off with white in the place of what is missing.

    Raises
    ------
    ValueError
        When more than half is missing.
    """
    rows = page.pixels
    same = (rows.max(axis=1) == rows.min(axis=1)) & (rows[:, 0] < _FILL)
    missing = len(rows) if same.all() else int(np.argmin(same[::-1]))
    if missing > _MOST_LOST * len(rows):
        raise ValueError("most of the image is missing")
    kept = rows.copy()
    kept[len(rows) - missing :] = 255
    return PageImage(kept, page.dpi, page.photo)


def _page(image: Image.Image, limits: Limits) -> PageImage:
    horizontal, vertical = _resolution(image)
    if image.format == "JPEG":
        # Colour is never made where grey is wanted; pictures far too fine are decoded at half their size.
        half = image.width * image.height > limits.max_pixels
        image.draft("L", (image.width // 2, image.height // 2) if half else image.size)
    stored = image.size
    upright = ImageOps.exif_transpose(image)
    if upright.size == stored[::-1] and stored[0] != stored[1]:
        horizontal, vertical = vertical, horizontal
    pixels = _grey(upright)
    photo = not _sane(horizontal) or not _sane(vertical)
    if photo or _looks_like_a_camera(image):
        photo = True
        long_side = max(pixels.shape)
        horizontal = vertical = max(long_side / _PHOTO_LONG_SIDE_INCHES, 72.0) if long_side > 1200 else _ASSUMED_DPI / 2
    if abs(horizontal / vertical - 1) > 0.02:
        pixels, horizontal = _square(pixels, horizontal, vertical)
    return PageImage(np.ascontiguousarray(pixels, dtype=np.uint8), horizontal, photo)


def _grey(image: Image.Image) -> GreyImage:
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        coloured = image.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        image = Image.alpha_composite(paper, coloured)
    if image.mode in ("F", "I") or image.mode.startswith("I;"):
        return _stretched(np.asarray(image, dtype=np.float32))
    return np.asarray(image.convert("L"))


def _stretched(values: NDArray[np.float32]) -> GreyImage:
    """Return grey values of more than eight bits as eight bits, by the largest that their width allows."""
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    largest = float(values.max(initial=0.0))
    top = next((top for top in (1.0, 255.0, 4095.0, 65535.0) if largest <= top), largest)
    return np.asarray(np.clip(values * (255 / top), 0, 255), dtype=np.uint8)


def _resolution(image: Image.Image) -> tuple[float, float]:
    stated = image.info.get("dpi", (0, 0))
    try:
        horizontal, vertical = float(stated[0]), float(stated[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        horizontal = vertical = 0.0
    if image.mode == "1" and image.width == _FAX_WIDTH and not (_sane(horizontal) and _sane(vertical)):
        # Fax servers that leave the resolution out still send lines of 1,728 dots (ITU-T T.4).
        return _FAX_DPI, _FAX_FINE if image.height > _FAX_FINE_ROWS else _FAX_COARSE
    return horizontal, vertical


def _sane(dpi: float) -> bool:
    return _SANE_DPI[0] <= dpi <= _SANE_DPI[1]


def _looks_like_a_camera(image: Image.Image) -> bool:
    # Phones write 72 dpi into pictures of many megapixels; a page of that size would be a poster.
    dpi = _resolution(image)[0]
    return image.format != "TIFF" and dpi <= 100 and max(image.size) / max(dpi, 1) > 24


def _square(pixels: GreyImage, horizontal: float, vertical: float) -> tuple[GreyImage, float]:
    dpi = max(horizontal, vertical)
    size = (round(pixels.shape[1] * dpi / horizontal), round(pixels.shape[0] * dpi / vertical))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8), dpi
