# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Image files to upright grey page images with square pixels."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from router.errors import TooLargeError, UnreadableError
from router.reading.limits import Limits

__all__ = ["GreyImage", "PageImage", "count_pages", "count_pixels", "load_pages"]

GreyImage = NDArray[np.uint8]

# Our own limits say how many pixels are too many, before the first is decoded.
Image.MAX_IMAGE_PIXELS = None

_ASSUMED_DPI = 200.0
_PHOTO_LONG_SIDE_INCHES = 11.69
_SANE_DPI = (60.0, 1300.0)


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
    """Return how many frames an image file says it holds.

    Raises
    ------
    UnreadableError
        When it is no image.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            return int(getattr(image, "n_frames", 1))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError) as error:
        raise UnreadableError("the image is damaged") from error


def count_pixels(data: bytes) -> int:
    """Return how many pixels the first frame of an image file says it has; 0 when it is no image."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.width * image.height
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        return 0


def load_pages(data: bytes, limits: Limits) -> Iterator[PageImage]:
    """Yield the pages of a TIFF, JPEG or PNG file, at most ``limits.max_pages``.

    The orientation a camera noted is applied; a fax's oblong pixels become square.

    Raises
    ------
    TooLargeError
        When a page has absurdly many pixels.
    UnreadableError
        When the first page can't be decoded; a damaged later page ends the sequence.
    """
    for number in range(min(count_pages(data), limits.max_pages)):
        try:
            with Image.open(io.BytesIO(data)) as image:
                image.seek(number)
                if image.width * image.height > 4 * limits.max_pixels:
                    raise TooLargeError("a page has too many pixels")
                yield _page(image, limits)
        except (OSError, ValueError, SyntaxError, EOFError, cv2.error) as error:
            if number == 0:
                raise UnreadableError("the image is damaged") from error
            return


def _page(image: Image.Image, limits: Limits) -> PageImage:
    horizontal, vertical = _resolution(image)
    if image.format == "JPEG" and image.width * image.height > limits.max_pixels:
        image.draft("L", (image.width // 2, image.height // 2))
    upright = ImageOps.exif_transpose(image)
    if upright.size == image.size[::-1] and image.width != image.height:
        horizontal, vertical = vertical, horizontal
    if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
        coloured = upright.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        upright = Image.alpha_composite(paper, coloured)
    pixels = np.asarray(upright.convert("L"))
    photo = not _sane(horizontal) or not _sane(vertical)
    if photo or _looks_like_a_camera(image):
        photo = True
        long_side = max(pixels.shape)
        horizontal = vertical = max(long_side / _PHOTO_LONG_SIDE_INCHES, 72.0) if long_side > 1200 else _ASSUMED_DPI / 2
    if abs(horizontal / vertical - 1) > 0.02:
        pixels, horizontal = _square(pixels, horizontal, vertical)
    return PageImage(np.ascontiguousarray(pixels, dtype=np.uint8), horizontal, photo)


def _resolution(image: Image.Image) -> tuple[float, float]:
    stated = image.info.get("dpi", (0, 0))
    try:
        return float(stated[0]), float(stated[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return 0.0, 0.0


def _sane(dpi: float) -> bool:
    return _SANE_DPI[0] <= dpi <= _SANE_DPI[1]


def _looks_like_a_camera(image: Image.Image) -> bool:
    # Phones write 72 dpi into pictures of many megapixels; a page of that size would be a poster.
    dpi = _resolution(image)[0]
    return image.format in ("JPEG", "PNG") and dpi <= 100 and max(image.size) / max(dpi, 1) > 24


def _square(pixels: GreyImage, horizontal: float, vertical: float) -> tuple[GreyImage, float]:
    dpi = max(horizontal, vertical)
    size = (round(pixels.shape[1] * dpi / horizontal), round(pixels.shape[0] * dpi / vertical))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), dtype=np.uint8), dpi
