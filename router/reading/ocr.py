# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Recognition of page images with Tesseract.

Each Tesseract runs on one thread: its own threads make it several times slower on busy cores
(``docs/benchmarks.md``).
"""

import csv
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytesseract

from router.errors import DependencyError, TemporaryError
from router.reading import clean
from router.reading.images import GreyImage, PageImage
from router.records import Box, Page, PageSource, Word

__all__ = ["OcrSettings", "read_page_image"]

_BLANK_INK_SHARE = 0.0004
_UPSIDE_DOWN_BELOW = 0.55
_MIN_WORDS = 3


@dataclass(frozen=True, slots=True)
class OcrSettings:
    """How pages are recognised.

    Attributes
    ----------
    languages
        Tesseract's names joined by plus.
    dpi
        Resolution to which finer images are reduced.
    timeout_seconds
        For one run of Tesseract.
    """

    languages: str = "deu+eng"
    dpi: int = 200
    timeout_seconds: float = 90.0


def read_page_image(image: PageImage, number: int, settings: OcrSettings) -> Page:
    """Straighten, clean and recognise one page.

    Parameters
    ----------
    image
        The page as scanned.
    number
        Its number in the item, from 1.
    settings
        How to recognise.

    Returns
    -------
    Page
        Word boxes are in points of the page as scanned, turned upright by ``rotation``. A blank page
        has no words.

    Raises
    ------
    TemporaryError
        When Tesseract did not finish in time.
    DependencyError
        When Tesseract or its language data is missing.
    """
    pixels, dpi = image.pixels, image.dpi
    if dpi > settings.dpi * 1.1:
        scale = settings.dpi / dpi
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
        dpi = float(settings.dpi)
    elif dpi < 140:
        scale = 2.0 if dpi < 110 else 1.5
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
        dpi *= scale
    if clean.ink_share(pixels) < _BLANK_INK_SHARE:
        width, height = pixels.shape[1] * 72 / dpi, pixels.shape[0] * 72 / dpi
        return Page(number, width, height, PageSource.OCR)

    quarter_turns = 1 if clean.is_sideways(pixels) else 0
    upright = np.ascontiguousarray(np.rot90(pixels, -quarter_turns)) if quarter_turns else pixels
    words, skew = _recognise_straightened(upright, dpi, image.photo, settings)
    if _mean_confidence(words) < _UPSIDE_DOWN_BELOW:
        turned = np.ascontiguousarray(np.rot90(upright, 2))
        other, other_skew = _recognise_straightened(turned, dpi, image.photo, settings)
        if _mean_confidence(other) > _mean_confidence(words) + 0.1:
            words, skew, upright, quarter_turns = other, other_skew, turned, quarter_turns + 2
    height, width = upright.shape
    factor = 72 / dpi
    scaled = tuple(
        Word(word.text, Box(*(value * factor for value in word.box)), word.ocr_confidence, word.line) for word in words
    )
    return Page(
        number, width * factor, height * factor, PageSource.OCR, scaled, rotation=(quarter_turns % 4) * 90, skew=skew
    )


def _mean_confidence(words: list[Word]) -> float:
    """Return the confidence of the words weighted by their length; 0 for too few words."""
    if len(words) < _MIN_WORDS:
        return 0.0
    lengths = [len(word.text) for word in words]
    return sum(word.ocr_confidence * n for word, n in zip(words, lengths, strict=True)) / sum(lengths)


def _recognise_straightened(
    pixels: GreyImage, dpi: float, photo: bool, settings: OcrSettings
) -> tuple[list[Word], float]:
    """Recognise an image in pixels of that very image, cleaned and straightened on the way."""
    back_perspective: np.ndarray | None = None
    prepared = pixels
    if photo:
        prepared, back_perspective = clean.crop_to_sheet(prepared)
    if clean.is_uneven(prepared):
        prepared = clean.even_background(prepared)
    skew = clean.skew_angle(prepared)
    back = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float64)
    if skew:
        prepared, back = clean.rotate(prepared, skew)
    words = _tesseract(prepared, dpi, settings)
    if not skew and back_perspective is None:
        return words, 0.0
    matrix = np.vstack([back, [0, 0, 1]])
    if back_perspective is not None:
        matrix = back_perspective @ matrix
    return [_moved(word, matrix, pixels.shape) for word in words], skew


def _moved(word: Word, matrix: np.ndarray, shape: tuple[int, ...]) -> Word:
    x0, y0, x1, y1 = word.box
    corners = np.array([[[x0, y0], [x1, y0], [x1, y1], [x0, y1]]], dtype=np.float64)
    moved = cv2.perspectiveTransform(corners, matrix)[0]
    moved[:, 0] = moved[:, 0].clip(0, shape[1])
    moved[:, 1] = moved[:, 1].clip(0, shape[0])
    low, high = moved.min(axis=0), moved.max(axis=0)
    return Word(word.text, Box(*map(float, (*low, *high))), word.ocr_confidence, word.line)


def _tesseract(pixels: GreyImage, dpi: float, settings: OcrSettings) -> list[Word]:
    # pytesseract would pack the picture as PNG, which takes longer than Tesseract needs to load it raw.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        path = Path(folder) / "page.pgm"
        path.write_bytes(b"P5 %d %d 255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes())
        try:
            table = pytesseract.image_to_data(
                str(path),
                lang=settings.languages,
                config=f"--oem 1 --psm 3 --dpi {round(dpi)}",
                timeout=settings.timeout_seconds,
            )
        except pytesseract.TesseractNotFoundError as error:
            raise DependencyError("Tesseract is not installed", remedy="make setup") from error
        except pytesseract.TesseractError as error:
            raise DependencyError(
                f"Tesseract failed with status {error.status}",
                remedy=f"check that the language data {settings.languages} are installed: postweiche doctor",
            ) from error
        except RuntimeError as error:  # pytesseract raises a bare RuntimeError when its time is over
            raise TemporaryError("Tesseract did not finish in time") from error
    return _words(table)


def _words(table: str) -> list[Word]:
    words = []
    line_of: dict[tuple[str, str, str], int] = {}
    for row in csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE):
        text = (row["text"] or "").strip()
        if row["level"] != "5" or not text:
            continue
        place = (row["block_num"], row["par_num"], row["line_num"])
        line = line_of.setdefault(place, len(line_of))
        left, top = float(row["left"]), float(row["top"])
        box = Box(left, top, left + float(row["width"]), top + float(row["height"]))
        words.append(Word(text, box, max(0.0, min(1.0, float(row["conf"]) / 100)), line))
    return words
