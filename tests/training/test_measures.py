# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, brier_score_loss, f1_score, log_loss

from training.measures import Judged, calibration_of, curve_of, group_figures, macro_f1, share_of


def judged(post: str, *ranked: str, confidence: float = 0.5, routed: bool = False, held: bool = False) -> Judged:
    return Judged(post, ranked, confidence, routed, held, field=post[:1], channel="scan")


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # statsmodels.stats.proportion.proportion_confint(hits, n, method="wilson")
        (0, 20, 0.0, 0.161125),
        (1, 100, 0.001768, 0.054486),
        (45, 50, 0.786397, 0.956524),
        (50, 50, 0.928652, 1.0),
    ],
)
def test_shares_carry_the_interval_wilson_gives_them(hits: int, n: int, low: float, high: float) -> None:
    found = share_of(hits, n)
    assert found.interval == pytest.approx((low, high), abs=1e-4)


def test_a_share_of_nothing_is_nothing() -> None:
    assert share_of(0, 0).to_json() == {"hits": 0, "n": 0, "value": None, "interval": None}


def test_macro_f1_is_the_librarys() -> None:
    rng = np.random.default_rng(3)
    truth = [str(x) for x in rng.integers(0, 6, 300)]
    guess = [t if rng.random() < 0.7 else str(rng.integers(0, 8)) for t in truth]
    letters = [judged(t, g) for t, g in zip(truth, guess, strict=True)]
    assert macro_f1(letters) == pytest.approx(f1_score(truth, guess, average="macro", zero_division=0.0))
    assert sum(x.right for x in letters) / 300 == accuracy_score(truth, guess)


def test_a_letter_nobody_could_read_counts_as_missed_and_is_no_post() -> None:
    letters = [judged("a", "a"), judged("a"), judged("b", "b")]
    # Of a: precision 1, recall 1/2, F1 2/3; of b: 1.
    assert macro_f1(letters) == pytest.approx((2 / 3 + 1) / 2)


def test_calibration_by_hand() -> None:
    letters = [
        judged("a", "a", confidence=0.95),
        judged("a", "a", confidence=0.97),
        judged("a", "b", confidence=0.91),
        judged("a", "b", confidence=0.25),
        judged("a", confidence=0.0),
    ]
    found = calibration_of(letters)
    assert found.n == 4
    assert [entry.n for entry in found.bins] == [0, 0, 1, 0, 0, 0, 0, 0, 0, 3]
    last = found.bins[9]
    assert last.confidence == pytest.approx((0.95 + 0.97 + 0.91) / 3)
    assert last.right == pytest.approx(2 / 3)
    assert found.error == pytest.approx((3 * abs(2.83 / 3 - 2 / 3) + 0.25) / 4)
    right, sure = [1, 1, 0, 0], [0.95, 0.97, 0.91, 0.25]
    assert found.log_loss == pytest.approx(log_loss(right, sure))
    assert found.brier == pytest.approx(brier_score_loss(right, sure))


def test_a_confidence_of_one_falls_into_the_last_bin() -> None:
    assert calibration_of([judged("a", "a", confidence=1.0)]).bins[9].n == 1


def test_the_curve_never_routes_what_is_held_and_routes_equal_confidences_together() -> None:
    letters = [
        judged("a", "a", confidence=0.9),
        judged("a", "b", confidence=0.8),
        judged("a", "a", confidence=0.8),
        judged("a", "b", confidence=0.99, held=True),
    ]
    points = [(point.threshold, point.share_routed, point.error) for point in curve_of(letters)]
    assert points == [(0.9, 0.25, 0.0), (0.8, 0.75, pytest.approx(1 / 3))]


def test_groups_have_their_own_figures() -> None:
    letters = [
        judged("a1", "a1", routed=True),
        judged("a1", "a2", routed=True),
        judged("a2", "a2"),
        judged("b1", "b1"),
    ]
    found = group_figures(letters, "field")
    assert list(found) == ["a", "b"]
    assert found["a"].to_json() == {
        "n": 3,
        "accuracy": pytest.approx(2 / 3),
        "share_routed": pytest.approx(2 / 3),
        "error": 0.5,
    }
    assert found["b"].error is None
