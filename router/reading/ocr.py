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

from router.errors import DependencyError, UnreadableError
from router.reading import clean
from router.reading.codes import SEPARATOR_TEXTS
from router.reading.images import GreyImage, PageImage
from router.records import Box, Page, PageSource, Word

__all__ = ["OcrSettings", "at_good_resolution", "read_page_image"]

_UPSIDE_DOWN_BELOW = 0.55
_MIN_WORDS = 3
_MOST_ENLARGED = 6_000_000
_LANGUAGE_IS_MISSING = ("Failed loading language", "Error opening data file", "couldn't load any languages")
# Words that make up a quarter of any German text and hardly occur in others.
_COMMON = """der die das und ich ist mit für auf nicht ein eine einen einem einer sie wir von zu den dem des bitte ihr
ihre mein meine wird wurde werden haben hat sich auch als bei nach zum zur über aus bis vom ihnen mich mir uns"""
_GERMAN = frozenset(_COMMON.split())
_GERMAN_SHARE = 0.08


@dataclass(frozen=True, slots=True)
class OcrSettings:
    """How pages are recognised.

    Attributes
    ----------
    languages
        Tesseract's names joined by plus. A page that turns out to be well read German is read with the first alone:
        that takes a fifth less time and leaves no more errors (``docs/benchmarks.md``).
    dpi
        Resolution to which finer images are reduced.
    timeout_seconds
        For one run of Tesseract.
    separators
        Texts of the barcodes that mark a separator sheet, in capitals.
    """

    languages: str = "deu+eng"
    dpi: int = 200
    timeout_seconds: float = 90.0
    separators: tuple[str, ...] = tuple(sorted(SEPARATOR_TEXTS))


def read_page_image(pixels: GreyImage, dpi: float, number: int, settings: OcrSettings, *, photo: bool = False) -> Page:
    """Straighten, clean and recognise one page.

    Parameters
    ----------
    pixels, dpi
        The page as scanned, at a good resolution.
    number
        Its number in the item, from 1.
    settings
        How to recognise.
    photo
        True for a picture taken by a camera.

    Returns
    -------
    Page
        Word boxes are in points of the page as scanned, turned upright by ``rotation``.

    Raises
    ------
    UnreadableError
        When Tesseract broke off, or did not finish in time.
    DependencyError
        When Tesseract or its language data is missing.
    """
    sheet = clean.straighten(pixels, photo=photo)
    first = settings.languages.split("+", maxsplit=1)[0]
    words = _tesseract(sheet.pixels, dpi, settings, first)
    # The shapes of letters tell which way is up, but not where there is much noise.
    if _mean_confidence(words) < _UPSIDE_DOWN_BELOW:
        turned = sheet.upside_down()
        other = _tesseract(turned.pixels, dpi, settings, first)
        if _mean_confidence(other) > _mean_confidence(words) + 0.1:
            sheet, words = turned, other
    if first != settings.languages and not _is_german(words):
        words = _tesseract(sheet.pixels, dpi, settings, settings.languages)
    turns = clean.quarter_turns(sheet.turns, pixels.shape)
    height, width = pixels.shape if sheet.turns % 2 == 0 else pixels.shape[::-1]
    factor = 72 / dpi
    placed = _placed(words, turns @ sheet.to_given, (width, height), factor)
    return Page(
        number, width * factor, height * factor, PageSource.OCR, placed, rotation=sheet.turns * 90, skew=sheet.skew
    )


def at_good_resolution(image: PageImage, settings: OcrSettings) -> tuple[GreyImage, float]:
    """Return the picture and its dots per inch: finer ones reduced, coarse ones enlarged."""
    pixels, dpi = image.pixels, image.dpi
    if dpi > settings.dpi * 1.1:
        scale, method = settings.dpi / dpi, cv2.INTER_AREA
    elif dpi < 140 and pixels.size < _MOST_ENLARGED:
        scale, method = 2.0 if dpi < 110 else 1.5, cv2.INTER_CUBIC
    else:
        return pixels, dpi
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=method), dtype=np.uint8), dpi * scale


def _is_german(words: list[Word]) -> bool:
    """Tell by its commonest words whether a text is German; false where there are too few words to tell."""
    common = sum(word.text.lower().strip(".,;:!?") in _GERMAN for word in words)
    return common >= max(_MIN_WORDS, _GERMAN_SHARE * len(words))


def _mean_confidence(words: list[Word]) -> float:
    """Return the confidence of the words weighted by their length; 0 for too few words."""
    if len(words) < _MIN_WORDS:
        return 0.0
    lengths = [len(word.text) for word in words]
    return sum(word.ocr_confidence * n for word, n in zip(words, lengths, strict=True)) / sum(lengths)


def _placed(words: list[Word], matrix: np.ndarray, size: tuple[int, int], factor: float) -> tuple[Word, ...]:
    """Return words where they stand on the upright page, in points; `matrix` leads there in pixels."""
    if not words:
        return ()
    boxes = np.array([word.box for word in words], dtype=np.float64)
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]].reshape(-1, 4, 2)
    moved = cv2.perspectiveTransform(corners.reshape(1, -1, 2), matrix).reshape(-1, 4, 2)
    moved = moved.clip(0, size) * factor
    low, high = moved.min(axis=1), moved.max(axis=1)
    return tuple(
        Word(word.text, Box(float(x0), float(y0), float(x1), float(y1)), word.ocr_confidence, word.line)
        for word, (x0, y0), (x1, y1) in zip(words, low, high, strict=True)
    )


def _tesseract(pixels: GreyImage, dpi: float, settings: OcrSettings, languages: str) -> list[Word]:
    # pytesseract would pack the picture as PNG, which takes longer than Tesseract needs to load it raw.
    os.environ["OMP_THREAD_LIMIT"] = "1"
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        path = Path(folder) / "page.pgm"
        path.write_bytes(b"P5 %d %d 255\n" % (pixels.shape[1], pixels.shape[0]) + pixels.tobytes())
        try:
            table = pytesseract.image_to_data(
                str(path),
                lang=languages,
                config=f"--oem 1 --psm 3 --dpi {round(dpi)}",
                timeout=settings.timeout_seconds,
            )
        except pytesseract.TesseractNotFoundError as error:
            raise DependencyError("Tesseract is not installed", remedy="make setup") from error
        except pytesseract.TesseractError as error:
            if any(words in error.message for words in _LANGUAGE_IS_MISSING):
                raise DependencyError(
                    f"Tesseract failed with status {error.status}",
                    remedy=f"check that the language data {languages} are installed: postweiche doctor",
                ) from error
            raise UnreadableError("Tesseract broke off") from error
        except RuntimeError as error:  # pytesseract raises a bare RuntimeError when its time is over
            raise UnreadableError("Tesseract did not finish in time") from error
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
