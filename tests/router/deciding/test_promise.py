# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The promise is kept: bounds against known values, and thresholds against thousands of unseen letters."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from router.deciding.promise import effective_size, find_threshold, letters_needed, upper_bound

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@pytest.mark.parametrize(
    ("errors", "letters", "certainty", "bound"),
    [
        # Two-sided 95 % intervals of Clopper and Pearson, as printed in tables of statistics: upper end.
        (0, 10, 0.975, 0.3085),
        (1, 10, 0.975, 0.4450),
        (5, 10, 0.975, 0.8129),
        (10, 100, 0.975, 0.1762),
        # The rule of three: about 3 / n.
        (0, 100, 0.95, 0.0295),
        (0, 149, 0.95, 0.0199),
    ],
)
def test_bounds_are_those_of_the_tables(errors: int, letters: int, certainty: float, bound: float) -> None:
    assert upper_bound(errors, letters, certainty) == pytest.approx(bound, abs=5e-5)


def test_a_bound_makes_so_few_errors_as_unlikely_as_stated() -> None:
    bound = upper_bound(3, 200, 0.95)
    at_most = sum(math.comb(200, k) * bound**k * (1 - bound) ** (200 - k) for k in range(4))
    assert at_most == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize(("errors", "letters"), [(0, 0), (7, 7), (3.0, 2.5)])
def test_nothing_is_bounded_without_a_right_letter(errors: float, letters: float) -> None:
    assert upper_bound(errors, letters, 0.95) == 1.0


@pytest.mark.parametrize("target", [0.005, 0.01, 0.02, 0.05])
def test_letters_needed_is_the_smallest_number(target: float) -> None:
    needed = letters_needed(target, 0.95)
    assert upper_bound(0, needed, 0.95) <= target < upper_bound(0, needed - 1, 0.95)


def test_letters_of_their_own_all_count() -> None:
    wrong = np.array([True, False] * 20)
    assert effective_size(wrong, np.arange(40)) == 40


def test_groups_that_err_together_count_as_one_letter_each() -> None:
    wrong = np.repeat(np.arange(20) < 5, 10)
    size = effective_size(wrong, np.repeat(np.arange(20), 10))
    assert size == pytest.approx(19, rel=0.01)


def test_groups_that_err_alike_lose_nothing() -> None:
    wrong = np.tile(np.array([True] + [False] * 9), 20)
    assert effective_size(wrong, np.repeat(np.arange(20), 10)) == 200


def test_groups_without_an_error_count_half_way() -> None:
    assert effective_size(np.zeros(100, bool), np.repeat(np.arange(25), 4)) == pytest.approx(50)


def test_no_letters_are_worth_nothing() -> None:
    assert effective_size(np.zeros(0, bool), np.zeros(0, np.int64)) == 0


def _own_groups(count: int) -> Sequence[str]:
    return [f"{number:06d}" for number in range(count)]


def test_few_letters_allow_no_promise_and_it_says_how_many_lack() -> None:
    promise = find_threshold(
        np.full(100, 0.99), np.zeros(100, bool), _own_groups(100), target_error=0.02, certainty=0.95
    )
    assert promise.threshold is None
    assert promise.missing == letters_needed(0.02, 0.95) - 100
    assert promise.share_routed == 0


def test_no_letters_at_all() -> None:
    promise = find_threshold(np.zeros(0), np.zeros(0, bool), [], target_error=0.02, certainty=0.95)
    assert (promise.threshold, promise.letters, promise.missing) == (None, 0, 149)


def test_many_errors_allow_no_promise() -> None:
    wrong = np.arange(1000) % 5 == 0
    promise = find_threshold(np.full(1000, 0.97), wrong, _own_groups(1000), target_error=0.02, certainty=0.95)
    assert promise.threshold is None
    assert (promise.letters, promise.errors) == (1000, 200)
    assert promise.missing > 0


def test_the_threshold_lies_where_errors_begin() -> None:
    confidence = np.linspace(0.5, 1.0, 2000)
    wrong = (confidence < 0.8) & (np.arange(2000) % 2 == 0)
    promise = find_threshold(confidence, wrong, _own_groups(2000), target_error=0.02, certainty=0.95)
    assert promise.threshold == pytest.approx(0.8, abs=0.03)
    assert promise.bound <= 0.02
    assert promise.share_routed == pytest.approx(promise.letters / 2000)


def test_letters_a_gate_holds_back_do_not_count() -> None:
    confidence, wrong = np.full(600, 0.99), np.arange(600) < 300
    promise = find_threshold(
        confidence, wrong, _own_groups(600), target_error=0.02, certainty=0.95, eligible=np.arange(600) >= 300
    )
    assert promise.threshold is not None
    assert (promise.letters, promise.errors, promise.share_routed) == (300, 0, 0.5)


def test_letters_alike_promise_less_than_letters_of_their_own() -> None:
    confidence, wrong = np.full(200, 0.99), np.zeros(200, bool)
    alone = find_threshold(confidence, wrong, _own_groups(200), target_error=0.02, certainty=0.95)
    alike = find_threshold(confidence, wrong, ["a", "b"] * 100, target_error=0.02, certainty=0.95)
    assert alone.threshold is not None
    assert alike.threshold is None


def _world(rng: np.random.Generator, count: int, group_size: int) -> tuple[Floats, Flags, list[str]]:
    """Draw letters of an overconfident model; those of a group are about as sure and often wrong together."""
    groups = count // group_size
    sureness = np.repeat(rng.beta(6, 0.6, groups), group_size)
    confidence = np.clip(sureness + rng.normal(0, 0.01, len(sureness)), 0, 0.9999)
    chance = np.clip(1.3 * (1 - sureness), 0, 1)
    drawn = np.repeat(rng.random(groups), group_size) if group_size > 1 else rng.random(len(chance))
    wrong = drawn < chance
    return confidence, wrong, [str(place // group_size) for place in range(len(sureness))]


@pytest.mark.parametrize(("count", "group_size"), [(500, 1), (1500, 1), (2400, 4)])
def test_the_promise_is_kept_in_95_of_100_offices(count: int, group_size: int) -> None:
    rng = np.random.default_rng(20261122)
    many_confidence, many_wrong, _groups = _world(rng, 200_000, 1)
    target, draws, broken, promised = 0.05, 100, 0, 0
    for _draw in range(draws):
        confidence, wrong, groups = _world(rng, count, group_size)
        threshold = find_threshold(confidence, wrong, groups, target_error=target, certainty=0.95).threshold
        if threshold is not None:
            promised += 1
            broken += bool(many_wrong[many_confidence >= threshold].mean() > target)
    assert promised > draws / 4, "a promise that is never made proves nothing"
    assert broken <= 0.05 * draws


def test_a_threshold_by_the_bare_error_would_break_it() -> None:
    """The simulated offices are hard enough: the obvious way fails in them."""
    rng = np.random.default_rng(20261122)
    many_confidence, many_wrong, _groups = _world(rng, 200_000, 1)
    broken = 0
    for _draw in range(60):
        confidence, wrong, _names = _world(rng, 500, 1)
        order = np.argsort(-confidence)
        rates = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
        last = np.flatnonzero(rates <= 0.05)[-1]
        broken += bool(many_wrong[many_confidence >= confidence[order[last]]].mean() > 0.05)
    assert broken >= 15
