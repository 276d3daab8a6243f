# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The promise is kept: bounds against known values, and thresholds against thousands of unseen letters."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from router.deciding.promise import find_threshold, letters_needed, upper_bound


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


def _histories(newest_wrong_every: int) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return 4,000 equally sure letters of which 1 in 200 is wrong, but for the newest 800."""
    newest = np.arange(4000) >= 3200
    wrong = np.arange(4000) % np.where(newest, newest_wrong_every, 200) == 0
    return np.full(4000, 0.99), wrong, newest


def test_newest_letters_that_are_like_the_others_change_nothing() -> None:
    confidence, wrong, newest = _histories(200)
    promise = find_threshold(confidence, wrong, _own_groups(4000), target_error=0.02, certainty=0.95, newest=newest)
    assert promise.threshold is not None
    assert (promise.letters, promise.newest_letters, promise.newest_errors) == (4000, 800, 4)
    assert not promise.drifted


def test_newest_letters_that_go_wrong_far_more_often_break_the_promise() -> None:
    confidence, wrong, newest = _histories(20)
    all_alike = find_threshold(confidence, wrong, _own_groups(4000), target_error=0.02, certainty=0.95)
    assert all_alike.threshold is not None, "the letters together would do"
    promise = find_threshold(confidence, wrong, _own_groups(4000), target_error=0.02, certainty=0.95, newest=newest)
    assert promise.threshold is None
    assert promise.drifted


def test_after_a_change_the_promise_rests_on_the_newest_letters() -> None:
    confidence, wrong, newest = _histories(20)
    confidence[newest & wrong] = 0.7
    confidence[wrong & ~newest] = 0.7
    confidence[np.arange(4000) % 7 == 3] = 0.7
    promise = find_threshold(confidence, wrong, _own_groups(4000), target_error=0.02, certainty=0.95, newest=newest)
    assert promise.threshold is not None
    assert promise.threshold > 0.7


def test_errors_that_labels_hide_make_the_promise_dearer() -> None:
    confidence, wrong, _newest = _histories(200)
    hidden = [
        find_threshold(confidence, wrong, _own_groups(4000), target_error=0.02, certainty=0.95, overlooked=share)
        for share in (0.0, 0.3, 0.9)
    ]
    assert [promise.threshold is not None for promise in hidden] == [True, True, False]
    assert hidden[1].bound == pytest.approx(hidden[0].bound / 0.7)
    assert hidden[2].target_error == 0.02
