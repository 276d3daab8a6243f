# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Explanations as a letter's page shows them: by post, with weights, and words marked where they stand."""

from dataclasses import replace

import pytest

from router.records import (
    Box,
    Candidate,
    Change,
    Decision,
    Evidence,
    EvidenceSource,
    Explanation,
    Facts,
    Letter,
    LetterKind,
    Outcome,
    Page,
    PageSource,
    Sentence,
    WordPart,
)
from router.texts import in_language
from router.web.explained import explained, pieces_of
from router.web.shown import marks_of, sheets_of, word_marks_of

FIRST, SECOND, THIRD = Box(10, 10, 60, 20), Box(10, 40, 60, 50), Box(10, 70, 60, 80)


def _says(post: str, weight: float, source: EvidenceSource = EvidenceSource.RULE, box: Box | None = None) -> Evidence:
    message = "Plan: {matter} → post {post}"
    page = 1 if box else None
    return Evidence(source, post, message, {"matter": "Studium", "post": post}, weight, page, box)


EXPLANATION = Explanation(
    "21", "31", -1.0, 5.0, 2.0,
    (Sentence("Post {post} comes next, far behind", {"post": "31"}),),
    "Studium", "Familie",
    (WordPart("Semester", 2.0, 1, FIRST), WordPart("Ehe", -1.0, 1, SECOND), WordPart("Prüfung", 0.5, 1, THIRD)),
    -0.25,
    (Change("31", "number", "Without {number} it would go to post {post}", {"number": "1", "post": "31"}, 2.0),),
)  # fmt: skip
DECISION = Decision(
    Outcome.ROUTED,
    (Candidate("21", None, 0.99), Candidate("31", None, 0.01)),
    (),
    (
        _says("21", 4.0),
        _says("31", 3.04),
        _says("21", 2.0, EvidenceSource.TEXT, FIRST),
        _says("71", 1.0),
        _says("31", -0.04, EvidenceSource.TEXT, SECOND),
    ),
    Facts("de"),
    None,
    0.98,
    None,
    explanation=EXPLANATION,
)
LETTER = Letter((Page(1, 595, 842, PageSource.TEXT),), LetterKind.TEXT)


def test_evidence_stands_by_post_with_weights_and_their_sum() -> None:
    with in_language("de"):
        first, second, others = pieces_of(DECISION, marks_of(DECISION), "21")
    assert [piece.number for piece in first.pieces] == ["+4,0", "+2,0"]
    assert [piece.number for piece in second.pieces] == ["+3,0", "0"]
    assert (first.total, second.total, others.total) == ("+6,0", "+3,0", "")
    assert [piece.share for piece in first.pieces] == [1.0, 0.5]
    assert [piece.favours for piece in second.pieces] == [True, False]
    assert "71" in others.pieces[0].words


def test_where_a_person_sent_the_letter_elsewhere_that_post_comes_first() -> None:
    with in_language("en"):
        headings = [group.heading for group in pieces_of(DECISION, marks_of(DECISION), "71")]
    assert headings == ["What speaks for 71", "What speaks for 21 instead", "What speaks for 31 instead"]


def test_decisions_without_explanation_keep_their_evidence() -> None:
    old = replace(DECISION, explanation=None)
    groups = pieces_of(old, marks_of(old), "21")
    assert [len(group.pieces) for group in groups] == [2, 3]
    assert explained(old) is None
    assert explained(None) is None
    assert word_marks_of(old, marks_of(old)) == ()
    assert pieces_of(None, (), "") == ()


def test_sentences_words_and_changes_are_told() -> None:
    with in_language("en"):
        shown = explained(DECISION)
    assert shown is not None
    assert shown.sentences == ("Post 31 comes next, far behind",)
    assert shown.title == "Words for Studium rather than Familie"
    assert [(word.words, word.number) for word in shown.words] == [
        ("Semester", "+2.0"), ("Ehe", "−1.0"), ("Prüfung", "+0.5"), ("all other words", "−0.2"),
    ]  # fmt: skip
    assert shown.changes[0] == "Without 1 it would go to post 31"
    assert shown.changes[1].startswith("If the service were 1.0 points less sure")


def test_further_words_are_marked_with_the_number_of_their_evidence_and_links_lead_to_one_place() -> None:
    marks = marks_of(DECISION)
    further = word_marks_of(DECISION, marks)
    assert [(mark.number, mark.y) for mark in further] == [(3, 67.0)], "the others stand where the evidence stands"
    [sheet] = sheets_of(LETTER, (*marks, *further))
    assert [(spot.numbers, spot.anchors) for spot in sheet.spots] == [((3,), (3,)), ((5,), (5,)), ((3,), ())]


@pytest.mark.parametrize("language", ["de", "en"])
def test_words_without_a_counterpart_have_a_title(language: str) -> None:
    with in_language(language):
        shown = explained(replace(DECISION, explanation=replace(EXPLANATION, against="")))
    assert shown is not None
    assert shown.title.endswith("Studium")
