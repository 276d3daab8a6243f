# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The words that carry a decision have to be read well; words that do not may be read badly."""

import numpy as np
import pytest

from router.deciding.evidence import Feature, Gathered
from router.deciding.legibility import is_read_badly, rests_on_badly_read_words
from router.records import Box, Evidence, EvidenceSource, Letter, LetterKind, Page, PageSource, Word

NUMBER_BOX = Box(100, 100, 180, 110)
NAME_BOX = Box(100, 200, 150, 210)


def _letter(*, number: str = "33.2-262-857724", number_read: float = 0.95, name_read: float = 0.95,
            again: float | None = None, source: PageSource = PageSource.OCR) -> Letter:  # fmt: skip
    words = [Word("Sachverhalt", Box(10, 10, 60, 20), 0.95, line) for line in range(20)]
    words.append(Word(number, NUMBER_BOX, number_read, 21))
    words.append(Word("Ngassa", NAME_BOX, name_read, 22))
    if again is not None:
        words.append(Word("Ngassa,", Box(10, 300, 60, 310), again, 23))
    return Letter((Page(1, 595, 842, source, tuple(words)),), LetterKind.SCAN)


def _number(column: Feature, ocr_confidence: float = 0.95) -> tuple[Evidence, Feature]:
    values = {"number": "33.2-262-857724", "post": "21"}
    return Evidence(
        EvidenceSource.REFERENCE, "21", "m", values, 0.0, 1, NUMBER_BOX, ocr_confidence=ocr_confidence
    ), column  # fmt: skip


def _rule(ocr_confidence: float = 0.95, letters: str = "L-Z") -> tuple[Evidence, Feature]:
    values = {"matter": "Studium", "post": "21", "surname": "Ngassa", "letters": letters}
    return Evidence(
        EvidenceSource.RULE, "21", "m", values, 0.0, 1, NAME_BOX, ocr_confidence=ocr_confidence
    ), Feature.RULE  # fmt: skip


def _gathered(*pieces: tuple[Evidence, Feature]) -> Gathered:
    return Gathered(
        ("21",), np.zeros((1, len(Feature))), tuple(piece for piece, _column in pieces),
        tuple(column for _piece, column in pieces),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("letter", "pieces", "badly"),
    [
        # A number that nothing confirms.
        (_letter(), [_number(Feature.OWN_BARE)], False),
        (_letter(number_read=0.7), [_number(Feature.OWN_BARE, 0.7)], True),
        (_letter(number="33.2-262-8S7724"), [_number(Feature.OWN_BARE)], True),
        (_letter(number="33.2-262-8S7724"), [_number(Feature.CENTRAL_BARE)], True),
        (_letter(number="332262857724,"), [_number(Feature.OWN_BARE)], False),
        # One that the name confirms.
        (_letter(number="33.2-262-8S7724", number_read=0.7), [_number(Feature.OWN_NAMED, 0.7)], False),
        (_letter(number_read=0.7), [_number(Feature.OWN_BARE, 0.7), _number(Feature.OWN_BARE)], False),
        # A surname in a letter range.
        (_letter(name_read=0.5), [_rule(0.65)], True),
        (_letter(name_read=0.5, again=0.9), [_rule(0.65)], False),
        (_letter(), [_rule()], False),
        (_letter(name_read=0.5), [_rule(0.65, letters="")], False),
        (_letter(name_read=0.5), [_rule(0.65), _number(Feature.OWN_NAMED)], False),
        # What a text layer says is as it was written.
        (_letter(source=PageSource.TEXT, number_read=1.0), [_number(Feature.OWN_BARE)], False),
    ],
)
def test_the_words_that_decide_must_be_read_well(
    letter: Letter, pieces: list[tuple[Evidence, Feature]], *, badly: bool
) -> None:
    assert is_read_badly(letter, _gathered(*pieces), "21") is badly
    assert not is_read_badly(letter, _gathered(*pieces), "22")


@pytest.mark.parametrize(
    ("confidence", "source", "badly"),
    [(0.4, EvidenceSource.TEXT, True), (0.7, EvidenceSource.TEXT, False), (0.4, EvidenceSource.CASE_LIST, False)],
)
def test_words_of_the_text_must_be_read_well_where_no_file_speaks(
    confidence: float, source: EvidenceSource, *, badly: bool
) -> None:
    piece = Evidence(source, "21", "m", {}, 1.0, 1, NAME_BOX, ocr_confidence=confidence)
    assert rests_on_badly_read_words([piece], "21") is badly
    assert not rests_on_badly_read_words([piece], "22")
