# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.records import (
    Box,
    Decision,
    Evidence,
    EvidenceSource,
    Facts,
    Outcome,
    Page,
    PageSource,
    Place,
    TextMap,
    Word,
)
from router.texts import in_language


def word(text: str, x: float, line: int, confidence: float = 1.0) -> Word:
    return Word(text, Box(x, 10.0 * line, x + 8, 10.0 * line + 8), confidence, line)


FIRST = Page(
    1, 595, 842, PageSource.OCR, (word("Omar", 10, 0, 0.9), word("Said", 20, 0, 0.5), word("Ende", 10, 1, 0.7))
)
BLANK = Page(2, 595, 842, PageSource.OCR)
LAST = Page(3, 595, 842, PageSource.OCR, (word("Neu", 10, 0, 0.8),))
MAP = TextMap.of((FIRST, BLANK, LAST))


def test_blanks_lines_and_pages_join_words() -> None:
    assert MAP.text == "Omar Said\nEnde\fNeu"


@pytest.mark.parametrize(
    ("start", "end", "place"),
    [
        (0, 4, Place(1, Box(10, 0, 18, 8), 0.9)),
        (1, 2, Place(1, Box(10, 0, 18, 8), 0.9)),
        (0, 9, Place(1, Box(10, 0, 28, 8), 0.5)),
        (5, 14, Place(1, Box(20, 0, 28, 8), 0.5)),
        (10, 18, Place(1, Box(10, 10, 18, 18), 0.7)),
        (15, 18, Place(3, Box(10, 0, 18, 8), 0.8)),
        (4, 5, None),
        (18, 99, None),
    ],
)
def test_places_of_stretches(start: int, end: int, place: Place | None) -> None:
    assert MAP.place(start, end) == place


def test_no_pages_have_no_text() -> None:
    assert TextMap.of(()).text == ""
    assert TextMap.of((BLANK,)).place(0, 1) is None


@given(st.lists(st.tuples(st.text("abc", min_size=1, max_size=5), st.integers(0, 3)), max_size=12))
def test_every_word_is_found_where_it_stands(parts: list[tuple[str, int]]) -> None:
    words = tuple(word(text, 10.0 * i, line) for i, (text, line) in enumerate(sorted(parts, key=lambda p: p[1])))
    mapped = TextMap.of((Page(1, 595, 842, PageSource.TEXT, words),))
    for one, start, end in zip(words, mapped.starts, mapped.ends, strict=True):
        assert mapped.text[start:end] == one.text
        assert mapped.place(start, end) == Place(1, one.box, 1.0)


def test_evidence_speaks_the_readers_language() -> None:
    evidence = Evidence(EvidenceSource.RULE, "33.20", "Post {post} has no caseworker", {"post": "33.20"}, 1.0)
    with in_language("en"):
        assert evidence.why == "Post 33.20 has no caseworker"
    assert evidence.why != "Post 33.20 has no caseworker"
    assert "33.20" in evidence.why


def test_a_decision_without_candidates() -> None:
    decision = Decision(Outcome.REVIEW, (), (), (), Facts("de"), None, None, None)
    assert (decision.post, decision.confidence) == (None, 0.0)


def test_boxes_round_to_tenths() -> None:
    assert Box(1.04, 2.06, 3.0, 4.99).rounded() == (1.0, 2.1, 3.0, 5.0)
