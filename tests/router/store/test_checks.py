# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Only what chance or a stop brought before a person says how often sure letters go wrong."""

from collections.abc import Callable
from dataclasses import replace

from router.deciding.watch import Check
from router.records import Decision, Outcome, Reason
from router.store.jobs import Task
from router.store.store import Store
from tests.router.store.conftest import Bring

MODEL = "postweiche@3"


def _held(
    store: Store, bring: Bring, decision: Callable[..., Decision], *reasons: Reason, threshold: float | None
) -> None:
    letter_id = bring(decided=False)
    claim = store.claim(letter_id, Task.DECIDE)
    assert claim is not None
    made = replace(decision(routed=False), outcome=Outcome.REVIEW, reasons=reasons, threshold=threshold)
    store.save_decision(claim, made)
    store.assign(letter_id, "33.99", None, "anna")


def test_spot_checks_tell_right_and_wrong(store: Store, bring: Bring) -> None:
    first, second = bring(spot_check=True), bring(spot_check=True)
    store.assign(first, "33.99", None, "anna")
    store.assign(second, "33.21", None, "anna")
    assert store.checks(MODEL, 0.93) == [Check(0.97, True), Check(0.97, False)]


def test_the_newest_word_of_a_person_counts_once(store: Store, bring: Bring) -> None:
    letter_id = bring(spot_check=True)
    store.assign(letter_id, "33.21", None, "anna")
    store.assign(letter_id, "33.99", None, "bert")
    assert store.checks(MODEL, 0.93) == [Check(0.97, True)]


def test_a_spot_check_nobody_decided_says_nothing(store: Store, bring: Bring) -> None:
    bring(spot_check=True)
    assert store.checks(MODEL, 0.93) == []


def test_letters_that_came_to_a_person_for_another_reason_are_no_checks(
    store: Store, bring: Bring, decision: Callable[..., Decision]
) -> None:
    store.assign(bring(), "33.99", None, "anna")  # routed, and somebody objected
    _held(store, bring, decision, Reason.CONFLICT, threshold=0.93)
    _held(store, bring, decision, Reason.NO_MODEL, Reason.NOVEL, threshold=None)
    _held(store, bring, decision, Reason.LOW_CONFIDENCE, threshold=0.93)
    assert store.checks(MODEL, 0.93) == []


def test_letters_held_by_a_stop_or_a_raised_threshold_are_checks(
    store: Store, bring: Bring, decision: Callable[..., Decision]
) -> None:
    _held(store, bring, decision, Reason.NO_MODEL, threshold=None)
    _held(store, bring, decision, Reason.LOW_CONFIDENCE, threshold=0.99)
    assert store.checks(MODEL, 0.93) == [Check(0.97, True), Check(0.97, True)]


def test_checks_are_those_of_the_model_at_its_own_threshold(store: Store, bring: Bring) -> None:
    store.assign(bring(spot_check=True), "33.99", None, "anna")
    assert store.checks("postweiche@4", 0.93) == []
    assert store.checks(MODEL, 0.98) == []
