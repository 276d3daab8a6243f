# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pictures of pages for people to look at. Runs in the child process."""

import io

import cv2
import numpy as np
from PIL import Image

from router.errors import NotFoundError
from router.reading import images
from router.reading.drawing import drawn
from router.reading.images import GreyImage
from router.reading.kinds import Kind
from router.reading.limits import Limits
from router.reading.parts import Part, parts_of
from router.reading.pdf import PdfFile

__all__ = ["page_picture"]


def page_picture(data: bytes, number: int, limits: Limits, *, dpi: int = 110, rotation: int = 0) -> bytes:
    """Return one page of an item as a WebP picture.

    Parameters
    ----------
    data
        The item's bytes.
    number
        The page, from 1, as the reading numbered it.
    limits
        What the item may ask for.
    dpi
        Resolution of the picture.
    rotation
        Degrees clockwise that turn the stored page upright, as the reading found.

    Raises
    ------
    NotFoundError
        When the item has no such page.
    UnreadableError, EncryptedError
        When the page can't be shown.
    """
    for part in parts_of(data, limits):
        if part.first <= number < part.first + part.page_count:
            pixels = _pixels(part, number, limits, dpi)
            turned = np.ascontiguousarray(np.rot90(pixels, -(rotation // 90)))
            out = io.BytesIO()
            Image.fromarray(turned).save(out, "WEBP", quality=70, method=2)
            return out.getvalue()
    raise NotFoundError("the item has no such page", item=str(number))


def _pixels(part: Part, number: int, limits: Limits, dpi: int) -> GreyImage:
    index = number - part.first
    if part.pages:
        return drawn(part.pages[index], dpi)
    if part.kind is Kind.PDF:
        file = PdfFile(part.data, limits)
        try:
            return file.picture(index, dpi)
        finally:
            file.close()
    for place, image in enumerate(images.load_pages(part.data, limits)):
        if place == index:
            scale = dpi / image.dpi
            if scale >= 1:
                return image.pixels
            small = cv2.resize(image.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            return np.asarray(small, dtype=np.uint8)
    raise NotFoundError("the image has no such page", item=str(number))
