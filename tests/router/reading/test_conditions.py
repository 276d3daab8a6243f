# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Real Tesseract on a letter that came by scanner, fax and telephone, compared with what stands on it."""

from collections import Counter
from dataclasses import dataclass
from functools import cache

import pytest

from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.reading.sandbox import ReaderPool
from router.records import Box, LetterKind, PageSource, Reading
from training.benchmarks.reading import read_errors, render_with_truth, values_on_page
from training.sample_office.city import City
from training.sample_office.compose import Composed

LIMITS = {
    "scan300": 0.045, "scan200": 0.045, "bilevel300": 0.045, "skewed": 0.06, "rotated": 0.045, "poor": 0.12,
    "fax": 0.06, "faxfine": 0.06, "photo": 0.06,
}  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """A letter as it came in, what was read, and the lines that stand on it."""

    letter: Composed
    reading: Reading
    truth: list[str]
    clean: Reading


@pytest.fixture(scope="module", params=LIMITS)
def condition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sheet(condition: str, city: City, letters: list[Composed], pool: ReaderPool) -> Sheet:
    @cache
    def read(name: str) -> Sheet:
        rendered, truth, clean = render_with_truth(city, letters[0], name)
        return Sheet(letters[0], pool.read(rendered.data), truth, read_item(clean, Limits(), OcrSettings()))

    return read(condition)


def test_characters_are_read(sheet: Sheet, condition: str) -> None:
    assert sheet.reading.error is None
    errors = read_errors(sheet.reading, sheet.truth)
    assert errors.characters > 400
    assert errors.rate <= LIMITS[condition]


def test_numbers_and_names_are_found(sheet: Sheet, condition: str, city: City) -> None:
    wanted = values_on_page(sheet.letter, city, sheet.truth)
    assert wanted
    text = " ".join(" ".join(letter.text.split()) for letter in sheet.reading.letters)
    missing = {value for value in wanted if value not in text}
    assert len(missing) <= (1 if condition in ("poor", "fax") else 0), missing


def test_words_lie_on_the_page_with_sane_confidence(sheet: Sheet) -> None:
    (letter,) = sheet.reading.letters
    assert letter.kind is LetterKind.SCAN
    for page in letter.pages:
        assert page.source is PageSource.OCR
        # Fax lines and phone pictures keep the proportions of a sheet of A4, whatever their pixels.
        assert page.height / page.width == pytest.approx(842 / 595, rel=0.06)
        for word in page.words:
            assert 0 <= word.box.x0 < word.box.x1 <= page.width + 0.01
            assert 0 <= word.box.y0 < word.box.y1 <= page.height + 0.01
            assert 0 <= word.ocr_confidence <= 1
        lines = [word.line for word in page.words]
        assert lines == sorted(lines)
        weights = sum(len(word.text) for word in page.words)
        assert sum(word.ocr_confidence * len(word.text) for word in page.words) / weights > 0.7


def test_boxes_stand_where_the_words_do(sheet: Sheet, condition: str) -> None:
    if condition == "photo":
        pytest.skip("perspective moves words away from their place on the sheet")
    found, wanted = _centres(sheet.reading), _centres(sheet.clean)
    common = found.keys() & wanted.keys()
    assert len(common) > 30
    tilt = 24 if condition == "skewed" else 9
    near = [_distance(found[text], wanted[text]) < tilt for text in common]
    assert sum(near) / len(near) > 0.95


def _centres(reading: Reading) -> dict[tuple[int, str], tuple[float, float]]:
    """Return where words of three letters and more stand that occur once on their page; widths scaled to A4."""
    found: dict[tuple[int, str], tuple[float, float]] = {}
    for page in reading.letters[0].pages:
        counts = Counter(word.text for word in page.words)
        for word in page.words:
            if counts[word.text] == 1 and len(word.text) > 2:
                found[page.number, word.text] = _middle(word.box, 595 / page.width, 842 / page.height)
    return found


def _middle(box: Box, across: float, down: float) -> tuple[float, float]:
    return (box.x0 + box.x1) / 2 * across, (box.y0 + box.y1) / 2 * down


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    return max(abs(one[0] - other[0]), abs(one[1] - other[1]))
