# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What scanners, fax machines and telephones make of a clean page."""

import io
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

__all__ = ["Condition", "as_fax", "as_photo", "as_scan", "rasterise"]

Grey = NDArray[np.uint8]
Condition = Literal["scan300", "scan200", "bilevel300", "skewed", "rotated", "poor", "fax", "faxfine", "photo"]


@dataclass(frozen=True, slots=True)
class Picture:
    """A page picture and its resolution."""

    pixels: Grey
    dpi: int


def rasterise(pdf: bytes, dpi: int) -> list[Grey]:
    """Return the pages of a PDF as grey pictures."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        if document.get_formtype():
            document.init_forms()
        return [
            np.ascontiguousarray(page.render(scale=dpi / 72, grayscale=True).to_numpy().squeeze(), dtype=np.uint8)
            for page in document
        ]
    finally:
        document.close()


def _random_state(rng: random.Random) -> np.random.Generator:
    return np.random.default_rng(rng.getrandbits(32))


def _turn(page: Grey, angle: float, paper: int = 255) -> Grey:
    height, width = page.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=paper), dtype=np.uint8)


def _noisy(page: Grey, rng: random.Random, *, blur: float, sigma: float, paper: float) -> Grey:
    noise = _random_state(rng).normal(0, sigma, page.shape)
    picture = cv2.GaussianBlur(page, (0, 0), blur) if blur else page
    contrast = picture.astype(np.float32) / 255 * (paper - 25) + 25
    return np.asarray(np.clip(contrast + noise, 0, 255), dtype=np.uint8)


def stamp(page: Grey, text: str, dpi: int, rng: random.Random) -> Grey:
    """Press a receipt stamp on the upper right of a page."""
    layer = Image.new("L", (int(2.6 * dpi), int(1.0 * dpi)), 255)
    pen = ImageDraw.Draw(layer)
    pen.rectangle((4, 4, layer.width - 5, layer.height - 5), outline=70, width=max(2, dpi // 70))
    font = ImageFont.truetype("DejaVuSans-Bold.ttf", dpi // 9)
    for row, line in enumerate(text.split("\n")):
        pen.text((dpi // 8, dpi // 9 + row * dpi // 4), line, font=font, fill=60)
    tilted = np.asarray(layer.rotate(rng.uniform(-6, 6), expand=True, fillcolor=255), dtype=np.uint8)
    out = page.copy()
    x = int(page.shape[1] * rng.uniform(0.55, 0.64))
    y = int(page.shape[0] * rng.uniform(0.005, 0.03))
    window = out[y : y + tilted.shape[0], x : x + tilted.shape[1]]
    window[:] = np.minimum(window, tilted[: window.shape[0], : window.shape[1]])
    return out


def _punch_holes(page: Grey, dpi: int) -> Grey:
    out = page.copy()
    for offset in (-40, 40):
        centre = (int(12 / 25.4 * dpi), page.shape[0] // 2 + int(offset / 25.4 * dpi))
        cv2.circle(out, centre, int(3 / 25.4 * dpi), 90, -1)
    return out


def _specks(page: Grey, rng: random.Random, count: int) -> Grey:
    out = page.copy()
    for _ in range(count):
        x, y = rng.randrange(page.shape[1]), rng.randrange(page.shape[0])
        cv2.circle(out, (x, y), rng.choice((1, 1, 2)), rng.choice((0, 60, 120)), -1)
    return out


def as_scan(
    pdf: bytes,
    condition: Condition,
    rng: random.Random,
    *,
    stamp_text: str = "",
    tiff: bool = False,
    quality: int = 55,
) -> bytes:
    """Return pages as an office scanner makes them: a PDF or TIFF of pictures.

    Parameters
    ----------
    pdf
        The clean letter.
    condition
        Resolution, depth and faults.
    rng
        Chooses the amounts.
    stamp_text
        A receipt stamp for the first page.
    tiff
        Write TIFF instead of PDF.
    quality
        JPEG quality of grey pages, as the scanner is set.
    """
    dpi = 200 if condition in ("scan200", "poor") else 300
    sheets = []
    for number, page in enumerate(rasterise(pdf, dpi)):
        if stamp_text and number == 0:
            page = stamp(page, stamp_text, dpi, rng)
        if rng.random() < 0.4:
            page = _punch_holes(page, dpi)
        angle = rng.uniform(1.8, 3.2) * rng.choice((-1, 1)) if condition == "skewed" else rng.uniform(-0.7, 0.7)
        page = _turn(page, angle)
        if condition == "poor":
            page = _noisy(page, rng, blur=1.1, sigma=22, paper=rng.uniform(195, 225))
            page = _specks(page, rng, 500)
        else:
            page = _noisy(page, rng, blur=0.5, sigma=6, paper=rng.uniform(236, 252))
            page = _specks(page, rng, rng.randrange(40))
        if condition == "rotated":
            page = np.ascontiguousarray(np.rot90(page, rng.choice((1, 2, 3))))
        if condition == "bilevel300":
            page = np.asarray(np.where(page > rng.randint(135, 175), 255, 0), dtype=np.uint8)
        sheets.append(page)
    return _save(sheets, dpi, bilevel=condition == "bilevel300", tiff=tiff, quality=quality)


def _save(sheets: Sequence[Grey], dpi: int, *, bilevel: bool, tiff: bool, quality: int) -> bytes:
    pictures = [Image.fromarray(sheet) for sheet in sheets]
    if bilevel:
        pictures = [picture.convert("1", dither=Image.Dither.NONE) for picture in pictures]
    out = io.BytesIO()
    first, rest = pictures[0], pictures[1:]
    if tiff:
        compression = "group4" if bilevel else "tiff_lzw"
        first.save(out, "TIFF", save_all=True, append_images=rest, compression=compression, dpi=(dpi, dpi))
    else:
        # Bilevel pages are packed as fax group 4, which knows no quality; a fixed date keeps the file reproducible.
        extra = {} if bilevel else {"quality": quality}
        date = time.gmtime(0)
        first.save(
            out, "PDF", save_all=True, append_images=rest, resolution=dpi, creationDate=date, modDate=date, **extra
        )
    return out.getvalue()


def as_fax(pdf: bytes, rng: random.Random, *, fine: bool, header: str) -> bytes:
    """Return pages as a fax server stores them: bilevel TIFF, 204 by 98 or 196 dots per inch."""
    vertical = 196 if fine else 98
    frames = []
    for number, page in enumerate(rasterise(pdf, 204), start=1):
        page = _turn(page, rng.uniform(-0.8, 0.8))
        picture = Image.fromarray(page).resize((1728, round(page.shape[0] * vertical / 204 * 1728 / page.shape[1])))
        noisy = _noisy(np.asarray(picture, dtype=np.uint8), rng, blur=0.4, sigma=14, paper=245)
        bilevel = Image.fromarray(np.where(noisy > 140, 255, 0).astype(np.uint8))
        font = ImageFont.truetype("DejaVuSansMono.ttf", 20 if fine else 12)
        ImageDraw.Draw(bilevel).text((30, 6), f"{header}   S. {number}", font=font, fill=0)
        frames.append(bilevel.convert("1", dither=Image.Dither.NONE))
    out = io.BytesIO()
    compression = "group4" if fine else "group3"
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression=compression, dpi=(204, vertical))
    return out.getvalue()


def as_photo(pdf: bytes, rng: random.Random, *, page: int = 0, turned: bool = False) -> bytes:
    """Return one page photographed with a telephone: perspective, shadow, a desk around it, JPEG.

    ``turned`` stores the picture on its side and notes the orientation, as telephones do.
    """
    sheet = rasterise(pdf, 210)[page]
    height, width = sheet.shape
    canvas_width, canvas_height = int(width * 1.16), int(height * 1.12)
    state = _random_state(rng)
    desk = state.normal(rng.randint(70, 120), 8, (canvas_height, canvas_width)).clip(0, 255).astype(np.uint8)

    def near(x: float, y: float) -> tuple[float, float]:
        return x * canvas_width + rng.uniform(-0.02, 0.02) * width, y * canvas_height + rng.uniform(
            -0.02, 0.02
        ) * height

    target = np.array([near(0.06, 0.05), near(0.94, 0.05), near(0.95, 0.95), near(0.05, 0.95)], np.float32)
    source = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    warped = cv2.warpPerspective(sheet, matrix, (canvas_width, canvas_height), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full_like(sheet, 255), matrix, (canvas_width, canvas_height))
    photo = np.where(mask > 127, warped, desk).astype(np.float64)
    x = np.linspace(0, 1, canvas_width)[None, :]
    y = np.linspace(0, 1, canvas_height)[:, None]
    light = rng.uniform(0.62, 0.8) + rng.uniform(0.15, 0.3) * (x if rng.random() < 0.5 else 1 - x) + 0.08 * y
    photo = photo * light + state.normal(0, 4, photo.shape)
    grey = cv2.GaussianBlur(np.clip(photo, 0, 255).astype(np.uint8), (0, 0), rng.uniform(0.5, 0.8))
    warm = np.stack([np.clip(grey * share, 0, 255) for share in (1.0, 0.985, rng.uniform(0.9, 0.96))], axis=-1)
    picture = Image.fromarray(warm.astype(np.uint8))
    exif = Image.Exif()
    exif[0x010F] = "Telefon"
    if turned:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
        exif[0x0112] = 6
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=62, exif=exif)
    return out.getvalue()
