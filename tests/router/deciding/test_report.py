# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reports as programs read them, stored forms without loss, and words for people."""

import datetime as dt
import json
import math
from dataclasses import replace

import pytest

from router.deciding.decide import decide
from router.deciding.model import DecisionModel
from router.deciding.report import (
    change_words,
    confidence_words,
    decision_from_json,
    decision_to_json,
    letter_from_json,
    letter_report,
    letter_to_json,
    reason_words,
)
from router.office.office import Office
from router.records import (
    Decision,
    Facts,
    Letter,
    LetterKind,
    MailHeader,
    Outcome,
    PageSource,
    Reason,
)
from router.texts import in_language
from tests.router.deciding.offices import DAY, facts_of, letter_of

TEXT = (
    "Sehr geehrte Damen und Herren,\nich beantrage die Verlängerung meiner Aufenthaltserlaubnis zum Studium.\n"
    "Die Immatrikulationsbescheinigung der Universität für das Wintersemester liegt bei.\n"
    "Meine Prüfungen im Masterstudium schließe ich im nächsten Semester ab.\n"
    "Bitte antworten Sie bis zum 15.06.2026.\nMit freundlichen Grüßen\nFranck Ngassa\ngeboren am 24.04.2005\n"
    "Aktenzeichen: 33.2-262-857724\n"
)
LETTER_KEYS = {
    "pages", "kind", "outcome", "post", "caseworker", "confidence", "threshold", "reasons", "candidates", "facts",
    "evidence", "model",
}  # fmt: skip
WITH_EXPLANATION = LETTER_KEYS | {"explanation"}


@pytest.fixture(scope="module")
def letter() -> Letter:
    mail = MailHeader("a@b.example", "abh@musterstadt.example", "Studium", dt.datetime(2026, 6, 1, 8, tzinfo=dt.UTC))
    return letter_of(TEXT, kind=LetterKind.MAIL, source=PageSource.MAIL, mail=mail)


@pytest.fixture(scope="module")
def facts(letter: Letter, office: Office) -> Facts:
    return facts_of(letter, office)


@pytest.fixture(scope="module")
def decision(letter: Letter, facts: Facts, office: Office) -> Decision:
    return decide(letter, facts, office, None, DAY)


def test_a_report_has_exactly_the_keys_of_the_contract(letter: Letter, decision: Decision) -> None:
    report = letter_report(letter, decision)
    assert set(report) == WITH_EXPLANATION
    assert set(report["facts"]) == {"references", "persons", "matter", "language", "deadlines"}
    assert set(report["candidates"][0]) == {"post", "caseworker", "confidence"}
    assert set(report["evidence"][0]) == {"source", "says", "why", "page", "box", "weight"}
    assert {"kind", "value", "owner", "page", "box"} == set(report["facts"]["references"][0])
    person = report["facts"]["persons"][0]
    assert {"surname", "given_names", "role", "birth_date", "nationality"} <= set(person)
    assert {"date", "words"} <= set(report["facts"]["deadlines"][0])


def test_a_report_says_what_was_decided(letter: Letter, decision: Decision) -> None:
    report = json.loads(json.dumps(letter_report(letter, decision)))
    assert (report["pages"], report["kind"], report["outcome"]) == ([1], "mail", "routed")
    assert (report["post"], report["caseworker"], report["model"]) == ("22", "schulz", None)
    assert report["confidence"] == report["candidates"][0]["confidence"] > report["threshold"]
    assert report["facts"]["references"][0]["value"] == "33.2-262-857724"
    assert report["facts"]["persons"][0]["birth_date"] == "2005-04-24"
    assert report["facts"]["deadlines"][0]["date"] == "2026-06-15"
    assert report["facts"]["matter"] == "studium"
    assert len(report["facts"]["references"][0]["box"]) == 4


def test_an_explanation_is_told_beside_the_contract(letter: Letter, decision: Decision) -> None:
    with in_language("en"):
        told = json.loads(json.dumps(letter_report(letter, decision)["explanation"]))
    assert set(told) == {
        "post", "runner_up", "sentences", "baseline", "score", "margin", "above_threshold", "text", "would_change",
    }  # fmt: skip
    assert (told["post"], told["margin"] > 0) == ("22", True)
    assert told["above_threshold"] == pytest.approx(decision.confidence - (decision.threshold or 0.0))
    assert "File number 33.2-262-857724 is kept by post 22, and the name fits" in told["sentences"]
    assert set(told["text"]) == {"field", "against", "words", "other_words"}
    assert set(told["text"]["words"][0]) == {"word", "weight", "page", "box"}
    assert all(set(change) == {"what", "post", "why"} for change in told["would_change"])


def test_what_would_change_a_decision_is_told_in_the_readers_language(letter: Letter, decision: Decision) -> None:
    with in_language("en"):
        english = change_words(decision)
    with in_language("de"):
        german = change_words(decision)
    assert english[-1] == "If the service were 1.0 points less sure, a person would decide"
    assert german[-1] == "Wäre der Dienst um 1,0 Prozentpunkte weniger sicher, würde ein Mensch entscheiden"
    assert change_words(replace(decision, explanation=None)) == []
    assert decision.explanation is not None
    nothing = replace(decision.explanation, changes=())
    with in_language("en"):
        assert change_words(replace(decision, explanation=nothing))[0] == "The suggestion hangs on no single fact"


def test_decisions_stored_before_there_were_explanations_load(letter: Letter, decision: Decision) -> None:
    stored = json.loads(json.dumps(decision_to_json(decision)))
    del stored["explanation"]
    loaded = decision_from_json(stored)
    assert loaded.explanation is None
    assert loaded.evidence == decision.evidence
    assert set(letter_report(letter, loaded)) == LETTER_KEYS


def test_the_text_is_told_on_request_only(letter: Letter, decision: Decision) -> None:
    assert set(letter_report(letter, decision, with_text=True)) == WITH_EXPLANATION | {"text"}
    assert "Verlängerung" in letter_report(letter, decision, with_text=True)["text"]


def test_pages_that_look_like_the_first_of_another_letter_are_told(letter: Letter, decision: Decision) -> None:
    first = letter.pages[0]
    scores = {1: 0.9, 2: 0.49, 3: 0.5, 4: 0.8412}
    pages = tuple(replace(first, number=number, start_score=score) for number, score in scores.items())
    report = letter_report(replace(letter, pages=pages), decision)
    assert report["suggested_starts"] == [{"page": 3, "score": 0.5}, {"page": 4, "score": 0.841}]


def test_pages_left_for_later_are_told(letter: Letter, decision: Decision) -> None:
    later = replace(letter.pages[0], number=2, words=(), is_read=False)
    assert letter_report(replace(letter, pages=(letter.pages[0], later)), decision)["pages_left"] == [2]
    assert "pages_left" not in letter_report(letter, decision)


def test_a_report_without_candidates(letter: Letter) -> None:
    empty = Decision(Outcome.REVIEW, (), (Reason.UNREADABLE,), (), Facts("und"), None, None, None)
    report = letter_report(Letter((), LetterKind.SCAN), empty)
    assert (report["post"], report["caseworker"], report["confidence"], report["pages"]) == (None, None, 0.0, [])
    assert set(report) == LETTER_KEYS


def test_a_decision_comes_back_as_it_was_stored(decision: Decision) -> None:
    stored = json.loads(json.dumps(decision_to_json(decision), allow_nan=False))
    loaded = decision_from_json(stored)
    assert math.isnan(decision.details["familiarity"])
    finite = {name: value for name, value in decision.details.items() if math.isfinite(value)}
    assert loaded.details == finite
    assert decision_to_json(loaded) == decision_to_json(decision)
    assert (loaded.facts, loaded.evidence, loaded.candidates) == (
        decision.facts, decision.evidence, decision.candidates,
    )  # fmt: skip
    assert (loaded.outcome, loaded.reasons, loaded.plan_version) == (
        decision.outcome, decision.reasons, decision.plan_version,
    )  # fmt: skip


def test_a_models_decision_comes_back_whole(letter: Letter, facts: Facts, office: Office, model: DecisionModel) -> None:
    decision = decide(letter, facts, office, model, DAY)
    assert decision_from_json(json.loads(json.dumps(decision_to_json(decision)))) == decision


def test_stored_evidence_speaks_the_language_of_whoever_reads_it(decision: Decision) -> None:
    with in_language("de"):
        stored = json.loads(json.dumps(decision_to_json(decision)))
        german = [evidence.why for evidence in decision.evidence]
    with in_language("en"):
        english = [evidence.why for evidence in decision_from_json(stored).evidence]
    assert "File number 33.2-262-857724 is kept by post 22, and the name fits" in english
    assert not set(german) & set(english)


def test_a_letter_comes_back_as_it_was_stored(letter: Letter) -> None:
    loaded = letter_from_json(json.loads(json.dumps(letter_to_json(letter))))
    assert loaded == letter
    assert loaded.text == letter.text
    assert loaded.mail is not None


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence_in_both_languages(reason: Reason) -> None:
    with in_language("en"):
        english = reason_words(reason)
    with in_language("de"):
        german = reason_words(reason)
    assert english != german
    assert min(len(english), len(german)) > 10


def test_words_for_confidence_grow_with_it() -> None:
    with in_language("en"):
        words = [confidence_words(value, 0.95) for value in (0.1, 0.5, 0.8, 0.92, 0.95)]
        assert words == ["a guess", "uncertain", "likely", "quite sure", "very sure"]
        assert confidence_words(0.99, None) == "quite sure"
