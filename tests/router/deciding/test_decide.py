# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Decisions from first letter to routed or reviewed: an office on its first day, and one with a model."""

import dataclasses
import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from router.deciding.decide import PROOF_CONFIDENCE, decide
from router.deciding.evidence import Feature
from router.deciding.model import DecisionModel
from router.deciding.promise import Promise
from router.deciding.watch import Routing, Verdict
from router.office.catalogue import MISDIRECTED
from router.office.office import Office
from router.records import Decision, EvidenceSource, Outcome, Reason, Reference, ReferenceKind
from router.records import Owner as NumberOwner
from tests.router.deciding.offices import (
    DAY,
    PLAN,
    TEXTS,
    concerned,
    facts_of,
    labelled,
    letter_of,
    own,
    told,
    write_office,
)

STUDY = "Sehr geehrte Damen und Herren,\n" + " ".join(TEXTS["studium"][:3]) + "\nMit freundlichen Grüßen\n"
NGASSA = concerned("Ngassa", "Franck", dt.date(2005, 4, 24))
SHOP = (
    "Musterhandel GmbH\nRechnung\nSehr geehrte Damen und Herren,\nfür Ihre Bestellung von Druckerpapier bitten wir um "
    "Überweisung des Rechnungsbetrags. Newsletter und Angebot: jetzt mit Rabatt bestellen.\nMit freundlichen Grüßen"
)  # fmt: skip


def _cold(office: Office, text: str, *, day: dt.date = DAY) -> Decision:
    """Decide a real letter with its real facts, before there is any model."""
    letter = letter_of(text)
    return decide(letter, facts_of(letter, office), office, None, day)


def test_on_the_first_day_what_the_case_list_proves_is_routed(office: Office) -> None:
    text = STUDY + "Franck Ngassa\ngeboren am 24.04.2005\nAktenzeichen: 33.2-262-857724\n"
    decision = _cold(office, text)
    assert (decision.outcome, decision.post, decision.reasons) == (Outcome.ROUTED, "22", ())
    assert decision.candidates[0].caseworker == "schulz"
    assert decision.confidence >= PROOF_CONFIDENCE == decision.threshold
    assert decision.model is None
    assert {evidence.source for evidence in decision.evidence} >= {EvidenceSource.REFERENCE, EvidenceSource.CASE_LIST}
    assert decision.evidence[0].page == 1


@pytest.mark.parametrize(
    "closing",
    ["Franck Ngassa\n", "Uwe Unbekannt\nAktenzeichen: 33.2-262-857724\n", "Amina Diallo, geboren am 01.02.1999\n", ""],
    ids=["name alone", "number of somebody else", "no file", "nobody"],
)
def test_on_the_first_day_everything_else_goes_to_a_person(office: Office, closing: str) -> None:
    decision = _cold(office, STUDY + closing)
    assert decision.outcome is Outcome.REVIEW
    assert Reason.NO_MODEL in decision.reasons
    assert len(decision.candidates) == 5
    assert decision.matter == "studium"


def test_without_a_case_list_nothing_is_routed_on_the_first_day(tmp_path: Path) -> None:
    office = write_office(tmp_path, cases=None)
    decision = _cold(office, STUDY + "Franck Ngassa\ngeboren am 24.04.2005\nAktenzeichen: 33.2-262-857724\n")
    assert (decision.outcome, decision.threshold) == (Outcome.REVIEW, None)
    assert decision.post == "22", "the rule for the surname still makes a suggestion"


def test_without_plan_case_list_and_model_there_are_no_candidates() -> None:
    decision = decide(letter_of(STUDY), told(STUDY), Office(), None, DAY)
    assert (decision.outcome, decision.candidates, decision.post, decision.confidence) == (
        Outcome.REVIEW,
        (),
        None,
        0.0,
    )


def test_a_lawyers_objection_is_not_routed_by_the_file_alone(office: Office) -> None:
    head = "Rechtsanwältin Beispiel\nKanzlei für Aufenthaltsrecht\n\n"
    text = head + STUDY + "Franck Ngassa\ngeboren am 24.04.2005\nAktenzeichen: 33.2-262-857724\n"
    assert _cold(office, text).outcome is Outcome.REVIEW


def test_a_confidential_letter_goes_to_a_person_whatever_it_proves(office: Office) -> None:
    text = "Persönlich / Vertraulich\n\n" + STUDY
    text += "Franck Ngassa\ngeboren am 24.04.2005\nAktenzeichen: 33.2-262-857724\n"
    decision = _cold(office, text)
    assert decision.outcome is Outcome.REVIEW
    assert Reason.CONFIDENTIAL in decision.reasons


def test_numbers_of_two_posts_are_a_conflict(office: Office) -> None:
    facts = told(STUDY, NGASSA, references=[own("33.2-262-857724"), own("33.2-475-123456")])
    decision = decide(letter_of(STUDY), facts, office, None, DAY)
    assert decision.outcome is Outcome.REVIEW
    assert Reason.CONFLICT in decision.reasons


def test_the_deputy_answers_while_the_caseworker_is_away(office: Office) -> None:
    facts = told(STUDY, concerned("Petrov", "Ivan", dt.date(1990, 1, 31)))
    letter = letter_of(STUDY)
    assert decide(letter, facts, office, None, DAY).candidates[0].caseworker == "meyer"
    assert decide(letter, facts, office, None, dt.date(2026, 12, 2)).candidates[0].caseworker == "schulz"
    assert decide(letter, facts, office, None, DAY, today=dt.date(2026, 12, 2)).candidates[0].caseworker == "schulz"


def test_candidates_are_ranked_and_share_one_probability(office: Office, model: DecisionModel) -> None:
    for entry in labelled(12, seed=9):
        decision = decide(entry.letter, entry.facts, office, model, DAY)
        confidences = [candidate.confidence for candidate in decision.candidates]
        assert confidences == sorted(confidences, reverse=True)
        assert sum(confidences) <= 1.001


def test_a_model_routes_what_it_is_sure_of(office: Office, model: DecisionModel) -> None:
    assert model.promise.threshold is not None
    decisions = [(entry, decide(entry.letter, entry.facts, office, model, DAY)) for entry in labelled(45, seed=77)]
    routed = [(entry, decision) for entry, decision in decisions if decision.outcome is Outcome.ROUTED]
    assert len(routed) > 30
    assert sum(decision.post != entry.post for entry, decision in routed) <= 1
    for _entry, decision in routed:
        assert decision.confidence >= model.promise.threshold == decision.threshold
        assert decision.model == "postweiche@1"


def test_what_is_below_the_threshold_goes_to_a_person(office: Office, model: DecisionModel) -> None:
    strict = dataclasses.replace(model, promise=Promise(1.01, 0.05, 0.95))
    entry = labelled(1, seed=5)[0]
    decision = decide(entry.letter, entry.facts, office, strict, DAY)
    assert (decision.outcome, decision.reasons) == (Outcome.REVIEW, (Reason.LOW_CONFIDENCE,))


def test_without_a_promise_a_model_routes_only_what_is_proved(office: Office, model: DecisionModel) -> None:
    unproved = dataclasses.replace(model, promise=Promise(None, 0.02, 0.95, missing=10))
    entry = labelled(1, seed=5)[0]
    decision = decide(entry.letter, entry.facts, office, unproved, DAY)
    assert decision.outcome is Outcome.REVIEW
    assert decision.reasons == (Reason.NO_MODEL, Reason.LOW_CONFIDENCE)


def test_while_routing_is_stopped_everything_goes_to_a_person_and_says_so(office: Office, model: DecisionModel) -> None:
    promised = model.promise.threshold
    assert promised is not None
    stopped = Verdict(Routing.STOPPED, None, 0.02, 0.95, missing=150)
    proved = facts_of(letter_of(STUDY + "Franck Ngassa\ngeboren am 24.04.2005\n"), office)
    decisions = [
        decide(entry.letter, entry.facts, office, model, DAY, verdict=stopped) for entry in labelled(45, seed=77)
    ]
    decisions.append(decide(letter_of(STUDY), proved, office, model, DAY, verdict=stopped))
    assert {decision.outcome for decision in decisions} == {Outcome.REVIEW}
    for decision in decisions:
        sure = decision.confidence >= promised
        assert (Reason.NO_MODEL in decision.reasons) == sure
        assert (Reason.LOW_CONFIDENCE in decision.reasons) != sure
        assert decision.threshold is None
        assert decision.details["promised_threshold"] == promised


def test_a_raised_threshold_holds_what_the_model_alone_would_route(office: Office, model: DecisionModel) -> None:
    entry = labelled(1, seed=5)[0]
    free = decide(entry.letter, entry.facts, office, model, DAY)
    assert free.outcome is Outcome.ROUTED
    assert "promised_threshold" not in free.details
    raised = Verdict(Routing.RAISED, 1.01, 0.02, 0.95)
    decision = decide(entry.letter, entry.facts, office, model, DAY, verdict=raised)
    assert (decision.outcome, decision.reasons) == (Outcome.REVIEW, (Reason.LOW_CONFIDENCE,))
    assert decision.threshold == 1.01
    assert decision.details["promised_threshold"] == model.promise.threshold


def test_a_verdict_that_all_is_as_promised_changes_nothing(office: Office, model: DecisionModel) -> None:
    assert model.promise.threshold is not None
    fine = Verdict(Routing.AS_PROMISED, model.promise.threshold, 0.02, 0.95)
    for entry in labelled(12, seed=9):
        free = decide(entry.letter, entry.facts, office, model, DAY)
        watched = decide(entry.letter, entry.facts, office, model, DAY, verdict=fine)
        assert (watched.outcome, watched.reasons, watched.threshold) == (free.outcome, free.reasons, free.threshold)


def test_a_moved_letter_range_needs_no_new_model(tmp_path: Path, model: DecisionModel) -> None:
    moved = PLAN.replace('surnames: "A-K", post: "21"', 'surnames: "A-G", post: "21"')
    moved = moved.replace('surnames: "L-Z", post: "22"', 'surnames: "H-Z", post: "22"')
    facts = told(STUDY, concerned("Kaya", "Kim"))
    before, after = write_office(tmp_path / "before"), write_office(tmp_path / "after", plan=moved)
    assert decide(letter_of(STUDY), facts, before, model, DAY).post == "21"
    assert decide(letter_of(STUDY), facts, after, model, DAY).post == "22"


def test_a_post_that_never_had_mail_is_reached_by_an_old_model(tmp_path: Path, model: DecisionModel) -> None:
    split = PLAN.replace("caseworkers:\n", '  - {id: "23", caseworker: demir}\ncaseworkers:\n', 1)
    split = split.replace('surnames: "L-Z", post: "22"', 'surnames: "L-Z", post: "23"')
    office = write_office(tmp_path, plan=split)
    decision = decide(letter_of(STUDY), told(STUDY, concerned("Tran", "Kim")), office, model, DAY)
    assert (decision.post, decision.candidates[0].caseworker) == ("23", "demir")


def test_strange_letters_are_novel(office: Office, model: DecisionModel) -> None:
    text = "Lorem ipsum dolor sit amet consectetur adipiscing elit sed eiusmod tempor"
    decision = decide(letter_of(text), told(text), office, model, DAY)
    assert decision.outcome is Outcome.REVIEW
    assert Reason.NOVEL in decision.reasons
    assert decision.details["familiarity"] < model.familiar_above


def test_misdirected_mail_is_told_and_never_routed_on_the_first_day(office: Office) -> None:
    decision = _cold(office, SHOP)
    assert (decision.post, decision.matter) == ("00", MISDIRECTED)
    assert decision.outcome is Outcome.REVIEW
    assert Reason.MISDIRECTED in decision.reasons


def test_a_letter_about_nobody_says_so(office: Office) -> None:
    decision = decide(letter_of(STUDY), told(STUDY), office, None, DAY)
    assert decision.reasons == (Reason.NO_MODEL, Reason.NO_PERSON)


def test_the_words_that_speak_are_words_of_the_letter(office: Office, model: DecisionModel) -> None:
    decision = decide(letter_of(STUDY), told(STUDY, concerned("Kaya")), office, model, DAY)
    said = [evidence for evidence in decision.evidence if evidence.source is EvidenceSource.TEXT]
    [words] = [evidence for evidence in said if evidence.says == decision.post]
    for word in words.values["words"].split(", "):
        assert word.strip("„“") in STUDY
    assert words.box is not None


def test_weights_tell_what_each_piece_added(office: Office) -> None:
    facts = told(STUDY, NGASSA, references=[own("33.2-262-857724")], addressees=["yildiz"])
    decision = decide(letter_of(STUDY), facts, office, None, DAY)
    by_source = {evidence.source: evidence for evidence in decision.evidence}
    assert by_source[EvidenceSource.REFERENCE].weight > 1.0, "its own weight, and its part in the mixture"
    assert by_source[EvidenceSource.ADDRESSEE].says == "31"
    strengths = [abs(evidence.weight) for evidence in decision.evidence]
    assert strengths == sorted(strengths, reverse=True)


def test_deciding_again_gives_the_same(office: Office, model: DecisionModel) -> None:
    entry = labelled(1, seed=3)[0]
    first = decide(entry.letter, entry.facts, office, model, DAY)
    second = decide(entry.letter, entry.facts, office, model, DAY)
    assert first == second
    assert first.plan_version == office.version


def test_nothing_but_a_foreign_number_gives_no_proof(office: Office) -> None:
    court = Reference(ReferenceKind.COURT, "5 K 123/26", NumberOwner.THEIRS)
    decision = decide(letter_of(STUDY), told(STUDY, references=[court]), office, None, DAY)
    assert decision.details["has_file"] == 0.0
    assert decision.outcome is Outcome.REVIEW


def test_huge_and_empty_letters_are_decided(office: Office, model: DecisionModel) -> None:
    for text in ("", "Studium " * 50_000):
        decision = decide(letter_of(text), told(text), office, model, DAY)
        assert np.isfinite([candidate.confidence for candidate in decision.candidates]).all()
        assert (Reason.UNREADABLE in decision.reasons) is (not text)


def test_a_model_learned_to_look_at_the_plan(model: DecisionModel) -> None:
    assert model.combination.weights_.shape == (len(Feature),)
    assert model.combination.weights_[Feature.MIXTURE] + model.combination.weights_[Feature.RULE] > 0.5
