# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import numpy as np
import pytest

from router.deciding.effective import effective_size


def test_letters_of_their_own_all_count() -> None:
    wrong = np.array([True, False] * 20)
    assert effective_size(wrong, np.arange(40)) == 40


def test_groups_that_err_together_count_as_one_letter_each() -> None:
    wrong = np.repeat(np.arange(20) < 5, 10)
    assert effective_size(wrong, np.repeat(np.arange(20), 10)) == pytest.approx(20)


def test_groups_that_err_alike_lose_little_once_many_errors_show_it() -> None:
    wrong = np.tile(np.array([True] + [False] * 9), 400)
    assert 0.8 * 4000 < effective_size(wrong, np.repeat(np.arange(400), 10)) < 4000


def test_few_errors_do_not_show_that_groups_err_alike() -> None:
    wrong = np.tile(np.array([True] + [False] * 9), 2)
    assert effective_size(wrong, np.repeat(np.arange(2), 10)) < 5


def test_groups_without_an_error_count_as_one_letter_each() -> None:
    assert effective_size(np.zeros(100, bool), np.repeat(np.arange(25), 4)) == pytest.approx(25)


def test_what_is_known_of_other_letters_counts_while_errors_are_few() -> None:
    wrong, groups = np.zeros(100, bool), np.repeat(np.arange(25), 4)
    assert effective_size(wrong, groups, likeness=0.0) == 100
    assert effective_size(wrong, groups, likeness=0.5) == pytest.approx(40)


def test_no_letters_are_worth_nothing() -> None:
    assert effective_size(np.zeros(0, bool), np.zeros(0, np.int64)) == 0
