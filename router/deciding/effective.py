# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""How many independent letters a set is worth whose letters come in groups: of one case, variants of one letter.

Sources: Kish (1965) for the design effect; Korn & Graubard (1998) for putting the effective number into the
Clopper-Pearson bound; Fisher's intraclass correlation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Moments", "effective", "effective_size", "known_likeness"]

Floats = NDArray[np.float64]

_UNTIL_SHOWN = 5.0
"""So many errors weigh as much as the assumption that letters of one group are right or wrong all together."""


def effective_size(wrong: NDArray[np.bool_], groups: NDArray[np.integer], likeness: float = 1.0) -> float:
    """Return how many independent letters a set in groups is worth, at most its number.

    The number divided by Kish's design effect ``1 + (m - 1) · r``: `m` is the mean size of the group a letter is in,
    `r` how much alike letters of one group are, 0 for not at all, 1 for right or wrong all together. Few errors can't
    show `r`, so as long as there are few it stays near to what was known of it before.

    Parameters
    ----------
    wrong, groups
        Of each letter, shape (n,).
    likeness
        What is known of `r` before, 0 to 1; by default a group without an error counts as one letter.
    """
    if not len(wrong):
        return 0.0
    ids = np.unique(groups, return_inverse=True)[1]
    sizes = np.bincount(ids).astype(np.float64)
    sums = np.bincount(ids, weights=wrong.astype(float)).astype(np.float64)
    return float(effective(Moments.of(sizes[None, :], sums[None, :]), likeness)[0])


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over groups, for each of several sets: of sizes and errors, of their squares and products."""

    count: Floats
    errors: Floats
    sizes2: Floats
    errors2: Floats
    mixed: Floats

    @classmethod
    def of(cls, sizes: Floats, sums: Floats) -> "Moments":
        """Return the moments of rows of group sizes and errors in each group."""
        return cls(
            sizes.sum(axis=1), sums.sum(axis=1),
            (sizes**2).sum(axis=1), (sums**2).sum(axis=1), (sizes * sums).sum(axis=1),
        )  # fmt: skip

    def with_singles(self, count: Floats, errors: Floats) -> "Moments":
        """Add letters that are groups of their own."""
        return Moments(
            self.count + count, self.errors + errors, self.sizes2 + count, self.errors2 + errors, self.mixed + errors
        )  # fmt: skip


def effective(told: Moments, likeness: float) -> Floats:
    """Return effective sizes.

    Likeness is the intraclass correlation: the mean product of two letters of one group about the share of errors,
    over the variance of one letter (Fisher's estimator).
    """
    rate = told.errors / np.maximum(told.count, 1)
    variance = rate * (1 - rate)
    between = told.errors2 - 2 * rate * told.mixed + rate**2 * told.sizes2 - told.count * variance
    within = variance * (told.sizes2 - told.count)
    shown = np.divide(between, within, out=np.zeros_like(rate), where=within > 0)
    weight = np.where(within > 0, told.errors, 0.0)
    alike = (weight * np.clip(shown, 0, 1) + _UNTIL_SHOWN * likeness) / (weight + _UNTIL_SHOWN)
    mean_size = told.sizes2 / np.maximum(told.count, 1)
    return np.asarray(told.count / (1 + np.maximum(mean_size - 1, 0) * alike))


def known_likeness(wrong: Floats, reached: NDArray[np.intp], ids: NDArray[np.intp]) -> float:
    """Return how much alike letters of one group are, from all that are surer than half, whose errors are many.

    Letters of a group are about as sure, so errors are compared with those of other letters as sure as they are.
    """
    counts = np.bincount(reached)
    rate = np.bincount(reached, weights=wrong) / np.maximum(counts, 1)
    rest = wrong - rate[reached]
    spread = np.sqrt(rate * (1 - rate))[reached]
    errors = float(wrong.sum())
    between = float((np.bincount(ids, weights=rest) ** 2).sum() - (rest**2).sum())
    within = float((np.bincount(ids, weights=spread) ** 2).sum() - (spread**2).sum())
    if within <= 0:
        return 1.0
    return (errors * min(max(between / within, 0.0), 1.0) + _UNTIL_SHOWN) / (errors + _UNTIL_SHOWN)
