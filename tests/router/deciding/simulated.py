# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Simulated offices: letters with a model's confidence, errors that come in cases, and what is true of all mail."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

__all__ = ["KINDS", "TARGET", "Drawn", "Mail", "draw", "margin", "true_error"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TARGET = 0.02
_MANY = 400_000


@dataclass(frozen=True)
class Mail:
    """What an office's mail and its model are like.

    Attributes
    ----------
    overconfidence
        So many times more often than its confidence says does the model go wrong.
    floor
        Share of letters that go wrong however sure the model is.
    case_size
        Mean number of letters of a case; sizes are geometric.
    likeness
        Share of letters that are right or wrong together with their case.
    """

    overconfidence: float = 1.0
    floor: float = 0.002
    case_size: float = 1.0
    likeness: float = 0.0

    def worse(self, factor: float) -> "Mail":
        """Return mail on which the same model goes wrong so many times more often."""
        return replace(self, overconfidence=self.overconfidence * factor, floor=self.floor * factor)


@dataclass(frozen=True)
class Drawn:
    """Letters of an office in the order of their arrival."""

    confidence: Floats
    wrong: Flags
    cases: NDArray[np.intp]


KINDS = (
    Mail(),
    Mail(overconfidence=2.0),
    Mail(overconfidence=0.5, floor=0.01),
    Mail(overconfidence=1.3, case_size=3.0, likeness=0.5),
    Mail(overconfidence=1.3, case_size=4.0, likeness=1.0),
)
"""Calibrated, overconfident, wrong now and then however sure, in cases, in cases of one fate."""


def draw(mail: Mail, rng: np.random.Generator, count: int) -> Drawn:
    """Draw letters; those of a case are about as sure and, by the mail's likeness, wrong together."""
    if mail.case_size > 1:
        sizes = rng.geometric(1 / mail.case_size, count)
        cases = np.repeat(np.arange(count), sizes)[:count]
    else:
        cases = np.arange(count)
    sureness = rng.beta(6, 0.5, count)[cases]
    confidence = np.clip(sureness + rng.normal(0, 0.005, count), 0, 0.99995)
    chance = np.clip(mail.floor + mail.overconfidence * (1 - confidence), 0, 1)
    together = rng.random(count) < mail.likeness
    wrong = np.where(together, rng.random(count)[cases], rng.random(count)) < chance
    order = rng.permutation(count)
    return Drawn(confidence[order], wrong[order], cases[order].astype(np.intp))


@lru_cache(maxsize=64)
def _chances(mail: Mail) -> tuple[Floats, Floats]:
    drawn = draw(replace(mail, case_size=1.0, likeness=0.0), np.random.default_rng(7), _MANY)
    chance = np.clip(mail.floor + mail.overconfidence * (1 - drawn.confidence), 0, 1)
    order = np.argsort(-drawn.confidence)
    return drawn.confidence[order], np.cumsum(chance[order]) / np.arange(1, _MANY + 1)


def true_error(mail: Mail, threshold: float | None) -> float:
    """Return the share of wrong letters among all mail that is at least so sure; 0 where nothing is routed."""
    if threshold is None:
        return 0.0
    confidence, error = _chances(mail)
    above = int(np.searchsorted(-confidence, -threshold, side="right"))
    return float(error[above - 1]) if above else 0.0


def margin(offices: int, share: float = 0.05) -> int:
    """Return how many of so many offices may break a promise that exactly this share breaks: all but 1 in 1,000."""
    return int(binom.ppf(0.999, offices, share))
