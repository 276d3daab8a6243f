# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Explanations: weights that sum to scores, sentences, and what would change a decision."""

import dataclasses
import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.deciding.combination import Combination
from router.deciding.decide import decide
from router.deciding.kinds import Feature
from router.deciding.model import DecisionModel
from router.deciding.textinput import text_input
from router.deciding.topics import SHARPNESS
from router.office.office import Office
from router.records import (
    Change,
    Decision,
    EvidenceSource,
    Explanation,
    Facts,
    Person,
    PersonRole,
    Reference,
    ReferenceKind,
    Sentence,
)
from router.records import Owner as NumberOwner
from router.texts import in_language
from tests.router.deciding.offices import DAY, TEXTS, concerned, facts_of, labelled, letter_of, own, told
from training.dataset import Labelled

STUDY = "Guten Tag,\nnach § 16b AufenthG " + " ".join(TEXTS["studium"][:3]) + "\nMit freundlichen Grüßen"
SUIT = "Gegen Ihren Bescheid erhebe ich Klage beim Verwaltungsgericht und stelle einen Eilantrag. Zum Studium: " + STUDY
SHOP = (
    "Musterhandel GmbH\nRechnung\nfür Ihre Bestellung von Druckerpapier bitten wir um Überweisung des "
    "Rechnungsbetrags. Newsletter und Angebot: jetzt mit Rabatt bestellen."
)
NGASSA = concerned("Ngassa", "Franck", dt.date(2005, 4, 24))
HADDAD = concerned("Haddad", "Nour", dt.date(1998, 3, 2))
SEVERAL = [own("33.2-262-857724"), Reference(ReferenceKind.AZR, "101010084299", NumberOwner.OURS)]

TWO_FILES = told(STUDY, NGASSA, HADDAD, references=[own("33.2-475-123456")], addressees=["demir"])
LETTERS = {
    "file": (STUDY, told(STUDY, NGASSA, references=SEVERAL)),
    "file at a post of another field": (STUDY, told(STUDY, HADDAD, references=[own("33.2-475-123456")])),
    "files at two posts": (STUDY, TWO_FILES),
    "name alone": (STUDY, told(STUDY, concerned("Kaya", "Kim"))),
    "name read either way": (STUDY, told(STUDY, concerned("Kaya", "Tran", swappable=True))),
    "nobody": (STUDY, told(STUDY)),
    "suit": (SUIT, told(SUIT, NGASSA, references=[own("33.2-262-857724")])),
    "for another office": (SHOP, told(SHOP)),
    "no words": ("x y", told("x y", NGASSA)),
}  # fmt: skip


def _explained(decision: Decision) -> Explanation:
    assert decision.explanation is not None
    return decision.explanation


def _decide(name: str, office: Office, model: DecisionModel | None) -> Decision:
    text, facts = LETTERS[name]
    return decide(letter_of(text), facts, office, model, DAY)


def _check_sums(decision: Decision) -> None:
    explanation = _explained(decision)
    for post, score in ((explanation.post, explanation.score), (explanation.runner_up, explanation.runner_up_score)):
        if post is None or score is None:
            continue
        weights = [evidence.weight for evidence in decision.evidence if evidence.says == post]
        assert math.fsum(weights) == pytest.approx(score - explanation.baseline, abs=1e-6)


@pytest.mark.parametrize("trained", [False, True], ids=["first day", "model"])
@pytest.mark.parametrize("name", LETTERS)
def test_weights_sum_to_the_score_above_that_of_a_post_nothing_speaks_for(
    name: str, trained: bool, office: Office, model: DecisionModel
) -> None:
    decision = _decide(name, office, model if trained else None)
    _check_sums(decision)
    explanation = _explained(decision)
    assert explanation.post == decision.post
    assert explanation.margin is not None
    assert math.exp(-explanation.margin) == pytest.approx(
        decision.candidates[1].score / decision.candidates[0].score, rel=1e-6
    )


@given(st.lists(st.floats(-3, 3), min_size=len(Feature), max_size=len(Feature)))
def test_weights_sum_whatever_was_learned(office: Office, model: DecisionModel, weights: list[float]) -> None:
    other = dataclasses.replace(model, combination=Combination(np.array(weights)))
    for name in ("files at two posts", "suit", "for another office"):
        _check_sums(_decide(name, office, other))


def test_weights_sum_where_there_is_no_plan(office: Office, model: DecisionModel) -> None:
    bare = Office(cases=office.cases)
    for text, facts in LETTERS.values():
        _check_sums(decide(letter_of(text), facts, bare, model, DAY))


def test_of_pieces_of_one_kind_only_the_strongest_counts(office: Office) -> None:
    twice = told(STUDY, NGASSA, references=[own("33.2-262-857724"), own("33.2 262 857724")])
    decision = decide(letter_of(STUDY), twice, office, None, DAY)
    weights = [e.weight for e in decision.evidence if e.source is EvidenceSource.REFERENCE]
    assert len(weights) == 2
    assert weights[0] > 0 == weights[1]


@pytest.mark.parametrize("name", ["file", "suit", "nobody"])
def test_words_sum_to_what_the_text_sees_between_two_fields(name: str, office: Office, model: DecisionModel) -> None:
    text, facts = LETTERS[name]
    explanation = _explained(decide(letter_of(text), facts, office, model, DAY))
    scores = model.fields.scores(model.features.transform([text_input(letter_of(text), facts, office)]))[0]
    by_label = dict(zip(("Studium", "Familiennachzug", "Einbürgerung"), map(float, scores), strict=True))
    shown = math.fsum(part.weight for part in explanation.words)
    difference = by_label[explanation.field] - by_label[explanation.against]
    assert shown + explanation.other_words == pytest.approx(difference, abs=1e-4)
    assert explanation.field == "Studium"


def test_without_a_model_the_words_are_the_catalogues_terms(office: Office) -> None:
    explanation = _explained(_decide("suit", office, None))
    assert {explanation.field, explanation.against} == {"Studium", "Klagen, Eilverfahren"}
    weights = {part.word: part.weight for part in explanation.words}
    assert weights["§ 16b"] * weights["Eilantrag"] < 0
    assert all(abs(weight) >= SHARPNESS * 0.5 for weight in weights.values())


def test_words_stand_where_they_stand_in_the_letter(office: Office, model: DecisionModel) -> None:
    letter = letter_of(STUDY)
    explanation = _explained(decide(letter, told(STUDY, NGASSA), office, model, DAY))
    placed = [part for part in explanation.words if part.box is not None]
    assert placed
    for part in placed:
        words = [word.text.strip(".,") for word in letter.pages[0].words if word.box == part.box]
        assert part.word in words


def test_the_text_is_compared_with_the_runner_ups_field(office: Office) -> None:
    decision = _decide("suit", office, None)
    texts = {e.says: e for e in decision.evidence if e.source is EvidenceSource.TEXT}
    assert {"22", "10"} <= texts.keys()
    assert "Eilantrag" in texts["10"].values["words"]
    assert "Eilantrag" not in texts["22"].values["words"]


def _english(decision: Decision) -> list[str]:
    with in_language("en"):
        return [sentence.words for sentence in _explained(decision).sentences]


def test_sentences_name_the_file_the_words_and_the_surname(office: Office) -> None:
    by_file, by_rule = _english(_decide("file", office, None)), _english(_decide("name alone", office, None))
    assert by_file[0] == "File number 33.2-262-857724 is kept by post 22, and the name fits"
    assert by_rule[0].startswith("§ 16b, „")
    assert by_rule[0].endswith("speak for Studium; surname Kaya (A-K) → post 21")
    assert by_rule[-1].startswith("Post ")


def test_an_unknown_surname_is_said_to_be_unknown(office: Office) -> None:
    assert _english(_decide("nobody", office, None))[0].endswith("surname unknown → perhaps post 21")


def test_that_a_unit_acts_although_another_post_keeps_the_file_is_said(office: Office) -> None:
    suit = "Klage gegen den Bescheid, Eilantrag beim Verwaltungsgericht, Klageschrift, Klageverfahren, Prozessvollmacht"
    decision = decide(letter_of(suit), told(suit, NGASSA), office, None, DAY)
    assert decision.post == "10"
    assert "Post 22 keeps a file, but Klagen, Eilverfahren goes to post 10 all the same" in _english(decision)


def _changes(decision: Decision) -> dict[str, tuple[str, str]]:
    with in_language("en"):
        return {change.what: (change.post, change.words) for change in _explained(decision).changes}


def test_without_the_number_the_letter_would_go_by_the_plan(office: Office) -> None:
    facts = told(STUDY, concerned("Unbekannt", "Uwe"), references=[own("33.2-475-999001")])
    changes = _changes(decide(letter_of(STUDY), facts, office, None, DAY))
    assert changes["number"] == ("22", "Without 33.2-475-999001 it would go to post 22")


def test_a_change_tells_where_the_letter_really_would_go(office: Office, model: DecisionModel) -> None:
    for used in (None, model):
        decision = _decide("files at two posts", office, used)
        for what, fewer in (
            ("number", dataclasses.replace(TWO_FILES, references=())),
            ("addressee", dataclasses.replace(TWO_FILES, addressees=())),
        ):
            without = decide(letter_of(STUDY), fewer, office, used, DAY)
            assert _changes(decision).get(what, (decision.post,))[0] == without.post


def test_number_and_name_fall_together_where_each_alone_would_do(office: Office) -> None:
    facts = told(STUDY, concerned("Petrov", "Ivan", dt.date(1990, 1, 31)), references=[own("33.2-475-999001")])
    changes = _changes(decide(letter_of(STUDY), facts, office, None, DAY))
    assert not {"number", "person"} & changes.keys()
    assert changes["file"] == ("22", "Without any file in the case list it would go to post 22")


def test_another_letter_range_would_change_it(office: Office) -> None:
    changes = _changes(_decide("name alone", office, None))
    assert changes["surname"] == ("22", "If the surname lay in L-Z, it would go to post 22")
    read_otherwise = _changes(_decide("name read either way", office, None))
    assert read_otherwise["surname"] == ("22", "If Tran were the surname, it would go to post 22")


def test_another_matter_would_change_it(office: Office) -> None:
    post, words = _changes(_decide("name alone", office, None))["matter"]
    assert post in {"10", "31", "71"}
    assert words.startswith("If it were about ")


def test_an_addressee_that_decides_is_told(office: Office) -> None:
    facts = told("Guten Tag, anbei", addressees=["demir"])
    decision = decide(letter_of("Guten Tag, anbei"), facts, office, None, DAY)
    assert decision.post == "71"
    assert "Frau Demir" in _changes(decision)["addressee"][1]


def test_changes_are_few_clear_and_lead_elsewhere(office: Office, model: DecisionModel) -> None:
    for name in LETTERS:
        for used in (None, model):
            explanation = _explained(_decide(name, office, used))
            leads = [change.lead for change in explanation.changes]
            assert len(leads) <= 4
            assert leads == sorted(leads, reverse=True)
            assert all(lead > 0 for lead in leads)
            assert explanation.post not in {change.post for change in explanation.changes}


def test_a_letter_without_candidates_has_no_explanation() -> None:
    assert decide(letter_of(STUDY), told(STUDY), Office(), None, DAY).explanation is None


def test_everything_is_said_in_german_too(office: Office, model: DecisionModel) -> None:
    for name in LETTERS:
        decision = _decide(name, office, model)
        explanation = _explained(decision)
        said: list[Sentence | Change] = [*explanation.sentences, *explanation.changes]
        with in_language("en"):
            english = {entry.words for entry in said} | {evidence.why for evidence in decision.evidence}
        with in_language("de"):
            german = {entry.words for entry in said} | {evidence.why for evidence in decision.evidence}
        assert not english & german


@pytest.mark.parametrize("entry", labelled(6, seed=4), ids=lambda entry: entry.group)
def test_real_letters_are_explained(office: Office, model: DecisionModel, entry: Labelled) -> None:
    decision = decide(entry.letter, facts_of(entry.letter, office), office, model, DAY)
    _check_sums(decision)
    assert _explained(decision).sentences


def test_nobody_concerned_is_no_obstacle(office: Office) -> None:
    facts: Facts = told(STUDY, Person("Amt", "", PersonRole.OFFICIAL))
    _check_sums(decide(letter_of(STUDY), facts, office, None, DAY))
