# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The promise: a threshold at which few routed letters are wrong, with a stated certainty.

Sources: Clopper & Pearson (1934) for the bound on a share; Korn & Graubard (1998) for letters that come in
groups (variants of one letter, one sender), where the number of letters is replaced by an effective one;
fixed-sequence testing (Bauer 1991; Angelopoulos et al. 2021, "Learn then Test") so that looking at many
thresholds costs no certainty.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

__all__ = ["Promise", "effective_size", "find_threshold", "letters_needed", "upper_bound"]


@dataclass(frozen=True, slots=True)
class Promise:
    """What is promised, and on what it rests.

    Attributes
    ----------
    threshold
        Lowest confidence that is routed; ``None`` where the data allow no promise.
    target_error, certainty
        At most this share of routed letters goes wrong, with this certainty.
    letters, errors
        Held-out letters above the threshold, and how many of them were wrong.
    bound
        Upper bound on the error there.
    share_routed
        Share of held-out letters above the threshold.
    missing
        How many further letters without an error would allow a promise; 0 where there is one.
    """

    threshold: float | None
    target_error: float
    certainty: float
    letters: int = 0
    errors: int = 0
    bound: float = 1.0
    share_routed: float = 0.0
    missing: int = 0


_STARTS = (0.25, 0.45)
"""Further starting points of the search, as shares of the letters that are surer than half."""
_STEPS = np.unique(
    np.concatenate([np.linspace(0.5, 0.9, 17), np.linspace(0.9, 0.99, 37), np.linspace(0.99, 0.9999, 25)])
)


def upper_bound(errors: float, letters: float, certainty: float) -> float:
    """Return the one-sided Clopper-Pearson bound on a share; both counts may be effective, not whole.

    >>> round(upper_bound(0, 149, 0.95), 4)
    0.0199
    """
    if letters <= 0:
        return 1.0
    if errors >= letters:
        return 1.0
    return float(beta.ppf(certainty, errors + 1, letters - errors))


def effective_size(wrong: NDArray[np.bool_], groups: NDArray[np.int64]) -> float:
    """Return how many independent letters a set in groups is worth, at most its number.

    The number divided by the design effect: the variance of the share of errors between groups over the
    variance it had if letters were independent. Without any error the groups can't show how alike their letters
    are; then the effective number lies half way (geometric) between letters and groups.
    """
    count = len(wrong)
    if count == 0:
        return 0.0
    _names, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    number = len(sizes)
    if number == count:
        return float(count)
    rate = wrong.mean()
    if rate in (0.0, 1.0) or number < 2:
        return float(np.sqrt(count * number))
    sums = np.bincount(place, weights=wrong.astype(float))
    residual = sums - rate * sizes
    variance = number / (number - 1) * float(np.sum(residual**2)) / count**2
    simple = rate * (1 - rate) / count
    return float(np.clip(count / max(variance / simple, 1.0), 1.0, count))


def find_threshold(
    confidence: NDArray[np.float64],
    wrong: NDArray[np.bool_],
    groups: Sequence[str],
    *,
    target_error: float,
    certainty: float,
    eligible: NDArray[np.bool_] | None = None,
) -> Promise:
    """Return the lowest threshold that keeps the promise.

    Parameters
    ----------
    confidence
        Of held-out letters the model never saw, shape (n,).
    wrong
        Whether the first post was wrong, shape (n,).
    groups
        Letters of one group are not independent.
    target_error, certainty
        What is to be kept.
    eligible
        Letters no gate holds back; by default all.

    Notes
    -----
    Thresholds are tried from the strictest down, at steps of confidence fixed beforehand. The allowed chance of a
    broken promise is shared out among a few starting points; a threshold that holds hands its share on to the
    next, one that fails loses it (fallback procedure, Wiens and Dmitrienko 2005). So one odd group of letters
    near the top does not end the search. Where the starts lie depends on confidences only, never on errors.
    """
    passing = np.ones(len(confidence), bool) if eligible is None else eligible
    _names, group_ids = np.unique(np.asarray(groups), return_inverse=True)
    best: Promise | None = None
    smallest = letters_needed(target_error, certainty)
    sure = int((passing & (confidence >= 0.5)).sum())
    starts = sorted({max(smallest, min(3 * smallest, sure)), *(int(share * sure) for share in _STARTS)})
    starts = [count for count in starts if count >= smallest]
    waiting, carried = list(starts), 0.0
    tried = False
    for step in _STEPS[::-1]:
        above = passing & (confidence >= step)
        count = int(above.sum())
        while waiting and count >= waiting[0]:
            carried += (1 - certainty) / len(starts)
            waiting.pop(0)
        if carried == 0.0:
            continue
        tried = True
        errors = int(wrong[above].sum())
        effective = effective_size(wrong[above], group_ids[above])
        bound = upper_bound(errors * effective / count, effective, 1 - carried)
        if bound > target_error:
            carried = 0.0
            continue
        best = Promise(float(step), target_error, certainty, count, errors, bound, count / max(len(confidence), 1), 0)
    if best is not None:
        return best
    above = passing & (confidence >= 0.5)
    missing = max(0, smallest - int(above.sum())) if not tried else smallest
    return Promise(None, target_error, certainty, int(above.sum()), int(wrong[above].sum()), 1.0, 0.0, max(missing, 1))


def letters_needed(target_error: float, certainty: float) -> int:
    """Return how many letters without any error are needed before a promise is possible.

    >>> letters_needed(0.02, 0.95)
    149
    """
    return int(np.ceil(np.log(1 - certainty) / np.log(1 - target_error)))
