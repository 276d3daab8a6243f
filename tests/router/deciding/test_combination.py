# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Weights of evidence are shared by all posts, and confidences are honest."""

import numpy as np
import pytest
from numpy.typing import NDArray

from router.deciding.combination import Combination, ConfidenceModel, confidence_features
from router.deciding.evidence import Feature

Floats = NDArray[np.float64]


def _table(posts: int, **values: dict[int, float]) -> Floats:
    table = np.zeros((posts, len(Feature)))
    for name, rows in values.items():
        for row, value in rows.items():
            table[row, Feature[name]] = value
    return table


def test_before_anything_is_learned_proof_comes_before_hints() -> None:
    table = _table(3, OWN_NAMED={0: 1.0}, NAME_OTHER={1: 1.0})
    shares = Combination().shares(table)
    assert shares.sum() == pytest.approx(1.0)
    assert list(np.argsort(-shares)) == [0, 1, 2]


def test_no_posts_have_no_shares() -> None:
    assert Combination().shares(np.zeros((0, len(Feature)))).shape == (0,)


def test_weights_grow_for_what_is_right_and_fall_for_what_misleads() -> None:
    tables = [_table(4, ADDRESSEE={number % 4: 1.0}, NAME_OTHER={(number + 1) % 4: 1.0}) for number in range(60)]
    learned = Combination().fit(tables, [number % 4 for number in range(60)])
    before = Combination().weights_
    assert learned.weights_[Feature.ADDRESSEE] > before[Feature.ADDRESSEE] + 0.5
    assert learned.weights_[Feature.NAME_OTHER] < before[Feature.NAME_OTHER]
    assert learned.weights_[Feature.OWN_NAMED] == pytest.approx(before[Feature.OWN_NAMED], abs=1e-6)


def test_what_was_learned_on_three_posts_holds_for_a_fourth() -> None:
    rng = np.random.default_rng(2)
    rights = [int(value) for value in rng.integers(0, 3, 90)]
    learned = Combination().fit([_table(4, ADDRESSEE={right: 1.0}) for right in rights], rights)
    assert learned.scores(_table(4, ADDRESSEE={3: 1.0})).argmax() == 3


def test_fitting_leaves_the_former_weights_alone() -> None:
    combination = Combination()
    before = combination.weights_.copy()
    combination.fit([_table(2, RULE={0: 1.0})] * 5, [1] * 5)
    assert np.array_equal(combination.weights_, before)


def test_candidates_of_letters_may_differ_in_number() -> None:
    learned = Combination().fit([_table(2, TEXT={0: 1.0}), _table(5, TEXT={4: 1.0}), _table(1)], [0, 4, 0])
    assert np.isfinite(learned.weights_).all()


def test_a_ranking_is_described_by_odds_lead_and_file() -> None:
    weights = Combination().weights_
    clear = confidence_features(_table(3, OWN_NAMED={1: 1.0}, MIXTURE={1: 5.0}), weights)
    unclear = confidence_features(_table(3, MIXTURE={0: 0.1}), weights)
    assert clear.shape == (3,)
    assert clear[0] > unclear[0]
    assert clear[1] > unclear[1]
    assert (clear[2], unclear[2]) == (1.0, 0.0)


def test_one_candidate_alone_has_a_finite_description() -> None:
    assert np.isfinite(confidence_features(_table(1, MIXTURE={0: 900.0}), Combination().weights_)).all()


def test_confidences_are_as_high_as_the_share_that_is_right() -> None:
    rng = np.random.default_rng(4)
    odds = rng.normal(1, 2, 4000)
    right = rng.random(4000) < 1 / (1 + np.exp(-0.5 * odds))
    described = np.column_stack([odds, np.abs(odds), np.zeros(4000)])
    predicted = ConfidenceModel().fit(described[:2000], right[:2000]).predict(described[2000:])
    for low in (0.3, 0.5, 0.7):
        chosen = (predicted >= low) & (predicted < low + 0.2)
        assert right[2000:][chosen].mean() == pytest.approx(predicted[chosen].mean(), abs=0.08)


@pytest.mark.parametrize(("flag", "expected"), [(True, 21 / 22), (False, 1 / 22)])
def test_even_a_faultless_history_leaves_a_doubt(flag: bool, expected: float) -> None:
    clear = np.tile([9.0, 12.0, 1.0], (20, 1))
    confidence = ConfidenceModel().fit(clear, np.full(20, flag))
    assert confidence.predict(clear[:2]) == pytest.approx([expected, expected])


def test_after_a_faultless_history_a_tie_is_still_a_tie() -> None:
    confidence = ConfidenceModel().fit(np.tile([9.0, 12.0, 0.0], (400, 1)), np.ones(400, bool))
    tie = confidence_features(_table(2, TEXT={0: 9.0, 1: 9.0}), Combination().weights_)
    assert confidence.predict(tie[None, :]) == pytest.approx([0.5])


def test_fitting_again_forgets_that_all_was_right() -> None:
    described = np.array([[float(number), 1.0, 0.0] for number in range(-20, 20)])
    confidence = ConfidenceModel().fit(described, np.ones(40, bool))
    confidence.fit(described, described[:, 0] > 0)
    low, high = confidence.predict(described[[0, -1]])
    assert low < 0.1 < 0.9 < high
