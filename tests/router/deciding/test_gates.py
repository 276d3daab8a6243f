# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Each gate by itself: what sends a letter to a person although its confidence would do."""

from dataclasses import replace

import numpy as np
import pytest

from router.deciding.decide import is_settled
from router.deciding.evidence import Feature, Gathered
from router.deciding.gates import gates, nobody_named
from router.office.cases import Case
from router.records import (
    Box,
    Candidate,
    Decision,
    Evidence,
    Facts,
    Letter,
    LetterKind,
    Outcome,
    Page,
    PageSource,
    Person,
    PersonRole,
    Place,
    Reason,
    Word,
)
from tests.router.deciding.offices import concerned, letter_of, said, told

TEXT = "Sehr geehrte Damen und Herren, ich schreibe Ihnen heute"
CASE = Case("33.2-262-857724", "", "", "Ngassa", "Franck", (), None, "262", "21")


def _gathered(
    *hard: str, concerned_posts: frozenset[str] = frozenset(), evidence: tuple[Evidence, ...] = ()
) -> Gathered:
    return Gathered(
        ("21", "22"), np.zeros((2, len(Feature))), evidence, (Feature.RULE,) * len(evidence),
        tuple((post, CASE) for post in hard), concerned_posts,
    )  # fmt: skip


def _reasons(
    letter: Letter | None = None,
    facts: Facts | None = None,
    gathered: Gathered | None = None,
    *,
    best: str | None = "21",
    familiarity: float | None = 0.9,
    override: float = 0.0,
) -> list[Reason]:
    return gates(
        letter or letter_of(TEXT), facts or told(TEXT), gathered or _gathered(), best,
        familiarity=familiarity, familiar_above=0.5, override=override,
    )  # fmt: skip


def _scan(*confidences: float) -> Letter:
    words = tuple(Word("Wortlaut", Box(0, 0, 1, 1), confidence, line) for line, confidence in enumerate(confidences))
    return Letter((Page(1, 595, 842, PageSource.OCR, words),), LetterKind.SCAN)


def test_an_ordinary_letter_has_no_reason() -> None:
    assert _reasons() == []


def test_what_reading_found_comes_first() -> None:
    letter = Letter(letter_of(TEXT).pages, LetterKind.SCAN, problems=(Reason.TOO_LARGE,))
    assert _reasons(letter, told(TEXT, confidential=True)) == [Reason.TOO_LARGE, Reason.CONFIDENTIAL]


def test_confidential_letters_go_to_a_person() -> None:
    assert _reasons(facts=told(TEXT, confidential=True)) == [Reason.CONFIDENTIAL]


@pytest.mark.parametrize("letter", [letter_of(""), Letter((), LetterKind.SCAN)])
def test_nothing_read_is_unreadable(letter: Letter) -> None:
    assert _reasons(letter, told("")) == [Reason.UNREADABLE]


def test_a_reason_is_given_once() -> None:
    letter = Letter(letter_of("").pages, LetterKind.SCAN, problems=(Reason.UNREADABLE,))
    assert _reasons(letter, told(" \n")) == [Reason.UNREADABLE]


@pytest.mark.parametrize(("familiarity", "novel"), [(0.49, True), (0.5, False), (None, False)])
def test_a_letter_unlike_any_known_is_novel(familiarity: float | None, novel: bool) -> None:
    assert (Reason.NOVEL in _reasons(familiarity=familiarity)) is novel


def test_a_file_number_makes_up_for_strange_words() -> None:
    assert _reasons(gathered=_gathered("21"), familiarity=0.1) == []


def test_files_at_different_posts_contradict() -> None:
    assert _reasons(gathered=_gathered("21", "22")) == [Reason.CONFLICT]
    assert _reasons(gathered=_gathered("21", "21")) == []


def test_a_file_elsewhere_contradicts_unless_a_unit_acts_for_everybody() -> None:
    assert _reasons(gathered=_gathered("22")) == [Reason.CONFLICT]
    assert _reasons(gathered=_gathered("22"), override=0.5) == []


def test_people_with_files_at_several_posts_may_be_several_letters() -> None:
    two = _gathered(concerned_posts=frozenset({"21", "22"}))
    assert _reasons(gathered=two) == [Reason.SEVERAL_LETTERS]
    assert _reasons(gathered=two, override=0.6) == []


def test_badly_read_scans_go_to_a_person() -> None:
    assert _reasons(_scan(*[0.5] * 6)) == [Reason.POOR_OCR]
    assert _reasons(_scan(*[0.9] * 6)) == []


def test_a_few_words_tell_nothing_of_the_reading() -> None:
    assert _reasons(_scan(0.1, 0.1)) == []


def test_the_words_the_decision_rests_on_must_be_read_well() -> None:
    page = _scan(*[0.95] * 9)
    assert _reasons(page, gathered=_gathered(evidence=(said("21", 0.4),))) == [Reason.POOR_OCR]
    assert _reasons(page, gathered=_gathered(evidence=(said("21", 0.4), said("21", 0.8)))) == []
    assert _reasons(page, gathered=_gathered(evidence=(said("22", 0.4),))) == []


def test_officials_are_nobody_a_letter_is_about() -> None:
    assert nobody_named(told(TEXT))
    assert nobody_named(told(TEXT, Person("Meyer", "", PersonRole.CASEWORKER)))
    assert not nobody_named(told(TEXT, concerned("Kaya")))


def _stack(*, score: float, is_read: bool = True, second: str = "Wort") -> Letter:
    words = (Word(second, Box(0, 0, 1, 1), 1.0, 0),)
    return Letter(
        (
            Page(1, 595, 842, PageSource.OCR, words),
            Page(2, 595, 842, PageSource.OCR, words if is_read else (), is_read=is_read, start_score=score),
        ),
        LetterKind.SCAN,
    )


def _named(*surnames: str) -> Facts:
    """Return facts with one person named on each page."""
    persons = tuple(
        Person(surname, "", PersonRole.CONCERNED, place=Place(number, Box(0, 0, 1, 1), 1.0))
        for number, surname in enumerate(surnames, start=1)
        if surname
    )
    return replace(told(TEXT), persons=persons)


@pytest.mark.parametrize(
    ("score", "surnames", "several"),
    [
        (0.6, ("Ngassa", "Haddad"), True),
        (0.6, ("Ngassa", "NGASSA"), False),
        (0.4, ("Ngassa", "Haddad"), False),
        (0.6, ("Ngassa", ""), False),
        (0.9, ("Ngassa", ""), True),
    ],
)
def test_a_page_that_begins_a_letter_about_somebody_else_goes_to_a_person(
    score: float, surnames: tuple[str, ...], several: bool
) -> None:
    assert (Reason.SEVERAL_LETTERS in _reasons(_stack(score=score, second=surnames[-1]), _named(*surnames))) is several


@pytest.mark.parametrize(("score", "settled"), [(0.6, False), (0.4, True)])
def test_a_routed_letter_is_read_on_where_another_may_begin(score: float, settled: bool) -> None:
    decision = Decision(Outcome.ROUTED, (), (), (), told(TEXT), None, None, None)
    assert is_settled(_stack(score=score, is_read=False), decision) is settled
    assert is_settled(_stack(score=score), decision)


@pytest.mark.parametrize(
    ("confidence", "reason", "model", "settled"),
    [
        (0.89, Reason.LOW_CONFIDENCE, "postweiche@1", False),
        (0.80, Reason.LOW_CONFIDENCE, "postweiche@1", True),
        (0.80, Reason.NO_PERSON, "postweiche@1", False),
        (0.80, Reason.POOR_OCR, "postweiche@1", False),
        (0.89, Reason.CONFIDENTIAL, "postweiche@1", True),
        (0.10, Reason.NO_MODEL, None, False),
    ],
)
def test_a_letter_for_a_person_is_read_on_where_that_may_change_it(
    confidence: float, reason: Reason, model: str | None, settled: bool
) -> None:
    candidates = (Candidate("21", None, confidence),)
    decision = Decision(Outcome.REVIEW, candidates, (reason,), (), told(TEXT), None, 0.93, model)
    assert is_settled(_stack(score=0.0, is_read=False), decision) is settled


def test_a_line_says_too_little_unless_it_names_a_file() -> None:
    assert _reasons(letter_of("siehe Anlage"), told("siehe Anlage")) == [Reason.NOVEL]
    assert _reasons(letter_of("siehe Anlage"), told("siehe Anlage"), _gathered("21")) == []
