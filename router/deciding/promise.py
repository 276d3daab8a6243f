# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The promise: a threshold at which few routed letters are wrong, with a stated certainty.

Sources: Clopper & Pearson (1934) for the bound on a share; fixed-sequence testing (Bauer 1991; Angelopoulos et al.
2021, "Learn then Test") so that looking at many thresholds costs no certainty. Letters of one case are not independent:
``router.deciding.effective`` says how many they count for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, norm

from router.deciding.effective import Moments, effective, known_likeness

__all__ = ["Promise", "find_threshold", "letters_needed", "upper_bound"]

Floats = NDArray[np.float64]


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
    newest_letters, newest_errors
        The same of the newest letters alone, where they were judged by a model that saw older ones only.
    drifted
        Whether the newest letters go wrong so much more often that the promise rests on them alone.
    """

    threshold: float | None
    target_error: float
    certainty: float
    letters: int = 0
    errors: int = 0
    bound: float = 1.0
    share_routed: float = 0.0
    missing: int = 0
    newest_letters: int = 0
    newest_errors: int = 0
    drifted: bool = False


_STARTS = (0.25, 0.45)
"""Further starting points of the search, as shares of the cases that are surer than half."""
_FEW = 10
"""Times the smallest number of cases that can show anything."""
_ONE_START = 1.2
_STEPS = np.unique(
    np.concatenate([np.linspace(0.5, 0.9, 17), np.linspace(0.9, 0.99, 37), np.linspace(0.99, 0.9999, 25)])
)
_EVEN = 0.5
"""The newest letters are few; they must keep the promise more likely than not, all letters with full certainty."""
_STRATA = 10
"""Letters are compared with those of the same tenth of confidence."""
_DRIFT_LEVEL = 0.05
"""If nothing drifted, chance makes the newest letters look so much worse in so many of all trainings."""


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


@dataclass(frozen=True, slots=True)
class _Ladder:
    """Letters above each of the fixed steps of confidence, strictest step first."""

    steps: Floats
    count: Floats
    errors: Floats
    effective: Floats
    cases: NDArray[np.intp]
    """Different groups; how many there are does not depend on errors."""

    def bound(self, place: int, certainty: float) -> float:
        share = self.errors[place] / max(self.count[place], 1.0)
        return upper_bound(share * self.effective[place], self.effective[place], certainty)


def _ladder(confidence: Floats, wrong: NDArray[np.bool_], groups: NDArray[np.intp]) -> _Ladder:
    inside = confidence >= _STEPS[0]
    confidence, errs = confidence[inside], wrong[inside].astype(np.float64)
    ids = np.unique(groups[inside], return_inverse=True)[1]
    height = len(_STEPS)
    # The first step from the top that a letter reaches.
    reached = height - np.searchsorted(_STEPS, confidence, side="right")
    single = (np.bincount(ids) == 1)[ids] if len(ids) else np.zeros(0, bool)
    several = np.unique(ids[~single], return_inverse=True)[1]
    width = int(several.max()) + 1 if len(several) else 1
    cell = reached[~single] * width + several

    def above(place: NDArray[np.intp], weights: Floats | None, columns: int) -> Floats:
        counted = np.bincount(place, weights, minlength=height * columns).astype(float)
        return counted.reshape(height, columns).cumsum(axis=0)

    told = Moments.of(above(cell, None, width), above(cell, errs[~single], width)).with_singles(
        above(reached[single], None, 1)[:, 0], above(reached[single], errs[single], 1)[:, 0]
    )
    likeness = known_likeness(errs, reached, ids) if len(ids) else 1.0
    first = np.full(int(ids.max()) + 1 if len(ids) else 0, height)
    np.minimum.at(first, ids, reached)
    cases = np.bincount(first, minlength=height).cumsum()[:height]
    return _Ladder(_STEPS[::-1], told.count, told.errors, effective(told, likeness), cases)


def find_threshold(
    confidence: Floats,
    wrong: NDArray[np.bool_],
    groups: Sequence[str] | NDArray[np.intp],
    *,
    target_error: float,
    certainty: float,
    eligible: NDArray[np.bool_] | None = None,
    newest: NDArray[np.bool_] | None = None,
    overlooked: float = 0.0,
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
    newest
        Letters that came last, judged by a model that saw older ones only. The threshold is raised until they keep
        the promise more likely than not; where they go wrong significantly more often than the others, the
        mail has changed and the promise rests on them alone.
    overlooked
        Share of errors that labels hide, because whoever decided nodded a wrong suggestion through; 0 to below 1.
        Labels that are wrong at random need no such care: they make a right answer look wrong, so they only cost
        share routed.

    Notes
    -----
    Thresholds are tried from the strictest down, at steps of confidence fixed beforehand. The allowed chance of a
    broken promise is shared out among a few starting points; a threshold that holds hands its share on to the
    next, one that fails loses it (fallback procedure, Wiens and Dmitrienko 2005). So one odd group of letters
    near the top does not end the search. Where the starts lie depends on confidences only, never on errors.
    """
    passing = np.ones(len(confidence), bool) if eligible is None else eligible
    ids = np.unique(np.asarray(groups), return_inverse=True)[1].astype(np.intp)
    permitted = target_error * (1 - overlooked)
    ladder = _ladder(confidence[passing], wrong[passing], ids[passing])
    holds = _search(ladder, permitted, certainty)
    drifted = False
    recent = passing & newest if newest is not None else np.zeros(len(confidence), bool)
    if recent.any() and holds.any():
        last = _ladder(confidence[recent], wrong[recent], ids[recent])
        # Only steps at which all letters keep the promise remain: chance among the newest can't lower it.
        sure = passing & (confidence >= _STEPS[0])
        worth = float(ladder.effective[-1] / ladder.count[-1])
        if _is_worse(confidence[sure], wrong[sure], recent[sure], worth):
            holds &= _search(last, permitted, certainty)
            ladder, drifted = last, True
        else:
            enough = letters_needed(permitted, _EVEN)
            holds &= [
                last.effective[place] < enough or last.bound(place, _EVEN) <= permitted for place in range(len(holds))
            ]
    if not holds.any():
        return _no_promise(ladder, target_error, certainty, permitted, drifted=drifted)
    place = int(np.flatnonzero(holds)[-1])
    above = passing & (confidence >= ladder.steps[place])
    return Promise(
        float(ladder.steps[place]), target_error, certainty, int(ladder.count[place]), int(ladder.errors[place]),
        ladder.bound(place, certainty) / (1 - overlooked), float(above.sum()) / max(len(confidence), 1), 0,
        int((above & recent).sum()), int((above & recent & wrong).sum()), drifted,
    )  # fmt: skip


def _search(ladder: _Ladder, permitted: float, certainty: float) -> NDArray[np.bool_]:
    """Return at which steps the promise is kept; with the given certainty not one of them is wrong."""
    smallest = letters_needed(permitted, certainty)
    sure = int(ladder.cases[-1])
    starts = sorted({max(smallest, min(3 * smallest, sure)), *(int(share * sure) for share in _STARTS)})
    starts = [count for count in starts if count >= smallest]
    if sure < _FEW * smallest:
        # With few cases a share of the certainty is too little to show anything: all of it goes to one start, a
        # little later where letters of one case are alike.
        alone = int(ladder.count[-1]) == sure
        starts = [smallest if alone else int(_ONE_START * smallest)]
    waiting, carried = list(starts), 0.0
    holds = np.zeros(len(ladder.steps), bool)
    for place, count in enumerate(ladder.cases):
        while waiting and count >= waiting[0]:
            carried += (1 - certainty) / len(starts)
            waiting.pop(0)
        if carried == 0.0:
            continue
        holds[place] = ladder.bound(place, 1 - carried) <= permitted
        carried = carried if holds[place] else 0.0
    return holds


def _is_worse(confidence: Floats, wrong: NDArray[np.bool_], newest: NDArray[np.bool_], worth: float) -> bool:
    """Tell whether the newest letters go wrong more often than others that are as sure (Mantel & Haenszel 1959).

    Parameters
    ----------
    confidence, wrong, newest
        Of letters that are surer than half: where there are many errors a change shows soonest.
    worth
        How many independent letters one letter counts for, up to 1.
    """
    edges = np.unique(np.quantile(confidence, np.arange(1, _STRATA) / _STRATA))
    stratum = np.searchsorted(edges, confidence, side="right")
    count = np.bincount(stratum, minlength=_STRATA).astype(float)
    errors = np.bincount(stratum, weights=wrong, minlength=_STRATA)
    recent = np.bincount(stratum, weights=newest, minlength=_STRATA)
    expected = float((recent * errors / np.maximum(count, 1)).sum())
    variance = recent * (count - recent) * errors * (count - errors) / np.maximum(count**2 * (count - 1), 1)
    surplus = float((wrong & newest).sum()) - expected - 0.5
    return bool(surplus * np.sqrt(worth) > norm.ppf(1 - _DRIFT_LEVEL) * np.sqrt(variance.sum()))


def _no_promise(ladder: _Ladder, target_error: float, certainty: float, permitted: float, *, drifted: bool) -> Promise:
    smallest = letters_needed(permitted, certainty)
    lacking = smallest - int(ladder.effective[-1])
    return Promise(
        None, target_error, certainty, int(ladder.count[-1]), int(ladder.errors[-1]),
        missing=lacking if lacking > 0 else smallest, drifted=drifted,
    )  # fmt: skip


def letters_needed(target_error: float, certainty: float) -> int:
    """Return how many letters without any error are needed before a promise is possible.

    >>> letters_needed(0.02, 0.95)
    149
    """
    return int(np.ceil(np.log(1 - certainty) / np.log(1 - target_error)))
