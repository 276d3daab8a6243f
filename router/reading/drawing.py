# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pages of laid-out text drawn as pictures, for people to look at."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from router.reading.images import GreyImage
from router.reading.plain import LINE_HEIGHT
from router.records import Page

__all__ = ["drawn"]


def drawn(page: Page, dpi: float) -> GreyImage:
    """Draw a page of text, each word where its box says."""
    scale = dpi / 72
    picture = Image.new("L", (round(page.width * scale), round(page.height * scale)), 255)
    pen = ImageDraw.Draw(picture)
    # DejaVu covers every script the letters come in; Pillow's own face is the fallback.
    size = round(LINE_HEIGHT * 0.68 * scale)
    try:
        font: ImageFont.FreeTypeFont | ImageFont.ImageFont = ImageFont.truetype("DejaVuSansMono.ttf", size)
    except OSError:
        font = ImageFont.load_default(size)
    for word in page.words:
        pen.text((word.box.x0 * scale, word.box.y0 * scale), word.text, font=font, fill=0)
    return np.asarray(picture, dtype=np.uint8)
