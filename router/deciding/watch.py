# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Watches by spot checks whether the promise still holds, and says what may be routed from now on.

The test is sequential: looking after every check costs no certainty. For a wrong share of at most `target`, the
likelihood ratio of any larger share against `target` is a supermartingale, hence so is a mixture over larger shares
and over the check from which on they hold; by Ville's inequality it ever reaches ``1 / (1 - certainty)`` with a chance
of at most ``1 - certainty``. (Ramdas, Grünwald, Vovk & Shafer 2023, "Game-theoretic statistics and safe anytime-valid
inference"; Waudby-Smith & Ramdas 2024, "Estimating means of bounded random variables by betting"; the mixture over
beginnings as in Shin, Ramdas & Rinaldo 2024, "E-detectors".)

Which letters are checked depends on chance and on the day, never on the letter: each check says, without weighting, how
often what was routed that day goes wrong. Corrections of other letters don't count, because of those only errors
come to light; nor does the review queue, because it holds just what was not sure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil, log

import numpy as np

from router.deciding.promise import Promise, find_threshold, letters_needed, upper_bound

__all__ = ["Check", "Routing", "Verdict", "Watch", "watch"]

_LARGER = (1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
"""Shares of errors looked for, as multiples of the target."""
_BEGIN_EVERY = 25
"""A change is looked for from every so many-th check on; the k-th of these beginnings weighs 1 / (k (k + 1))."""
_SUSPICIOUS = 3.0
"""From this likelihood ratio on each letter is checked: that costs some work for a day or two and no certainty, and
what is wrong meanwhile goes nowhere."""
_CALM_CERTAINTY = 0.65
"""It ends when the letters checked since then keep the promise with this certainty: 52 without an error at 2 %."""
_NEXT_LOOK = 1.5
"""While nothing is routed, it is seen whether a threshold holds after so many times more checks each time."""


class Routing(StrEnum):
    """What may be routed: as promised, only what is surer than that, or nothing."""

    AS_PROMISED = "as_promised"
    RAISED = "raised"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class Check:
    """A letter a person saw although it was sure enough, and whether the post proposed was wrong."""

    confidence: float
    wrong: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """What follows from all checks of a model.

    Attributes
    ----------
    threshold
        Lowest confidence that is routed now; ``None`` where nothing is.
    checks, errors
        On which that rests: since the threshold was last changed, else all.
    evidence
        How many times better a larger share of errors than promised explains the checks; the promise counts as broken
        at ``1 / (1 - certainty)``, 20 for 95 %.
    missing
        After so many further letters decided by people it is seen whether something can be routed again; 0 while
        something is.
    closely
        Whether each routed letter is to be checked, because something looks wrong.
    """

    routing: Routing
    threshold: float | None
    target_error: float
    certainty: float
    checks: int = 0
    errors: int = 0
    evidence: float = 1.0
    missing: int = 0
    closely: bool = False

    def share(self, usual: float) -> float:
        """Return the share of routed letters to be checked, given the usual one."""
        return 1.0 if self.closely else usual


class Watch:
    """Takes checks one after the other.

    Parameters
    ----------
    promise
        Of the model in use; its threshold is not ``None``.
    """

    def __init__(self, promise: Promise) -> None:
        if promise.threshold is None:
            raise ValueError("nothing is promised that could be watched")
        self._promise = promise
        self._base = promise.threshold
        self._threshold: float | None = promise.threshold
        self._looks = 0
        self._next_look = 0
        target = promise.target_error
        larger = [min(target * factor, (1 + target) / 2) for factor in _LARGER]
        self._if_wrong = [share / target for share in larger]
        self._if_right = [(1 - share) / (1 - target) for share in larger]
        self._begin()

    def _begin(self) -> None:
        """Forget the checks: what is routed from here on is something else."""
        self._seen: list[Check] = []
        self._errors = 0
        self._wealth = [0.0] * len(_LARGER)
        self._recent = [1.0] * len(_LARGER)
        self._closely = False
        self._close_checks = self._close_errors = 0

    def add(self, check: Check) -> None:
        """Take the next check, in the order in which people decided.

        Letters below the model's own threshold, or below the present one while something is routed, are passed over.
        """
        if check.confidence < (self._base if self._threshold is None else self._threshold):
            return
        if self._threshold is not None:
            self._bet(check)
        self._seen.append(check)
        self._errors += check.wrong
        if self._threshold is None:
            if len(self._seen) >= self._next_look:
                self._look(self._seen)
        elif self._evidence() >= 1 / (1 - self._promise.certainty):
            self._looks = 0
            self._look(self._seen[self._likely_begin() :])

    def _bet(self, check: Check) -> None:
        beginning, rest = divmod(len(self._seen), _BEGIN_EVERY)
        entering = 1 / ((beginning + 1) * (beginning + 2)) if rest == 0 else 0.0
        gains = self._if_wrong if check.wrong else self._if_right
        self._wealth = [(wealth + entering) * gain for wealth, gain in zip(self._wealth, gains, strict=True)]
        self._recent = [max(wealth, 1.0) * gain for wealth, gain in zip(self._recent, gains, strict=True)]
        self._look_closely(check)

    def _look_closely(self, check: Check) -> None:
        if not self._closely:
            self._closely = sum(self._recent) / len(self._recent) >= _SUSPICIOUS
            self._close_checks = self._close_errors = 0
            return
        self._close_checks += 1
        self._close_errors += check.wrong
        # Another wrong letter only makes the bound larger; it need not be asked for then.
        if not check.wrong and self._is_calm():
            self._closely = False
            self._recent = [1.0] * len(_LARGER)

    def _is_calm(self) -> bool:
        target = self._promise.target_error
        if self._close_errors >= self._close_checks * target:
            return False
        return upper_bound(self._close_errors, self._close_checks, _CALM_CERTAINTY) <= target

    def _evidence(self) -> float:
        # What is set aside for later beginnings is worth what it was.
        begun = -(-len(self._seen) // _BEGIN_EVERY)
        return sum(self._wealth) / len(self._wealth) + 1 / (begun + 1)

    def _likely_begin(self) -> int:
        """Return the check from which on a larger share of errors explains the checks best."""
        best, begin = 0.0, 0
        for if_wrong, if_right in zip(self._if_wrong, self._if_right, strict=True):
            total = 0.0
            for place in range(len(self._seen) - 1, -1, -1):
                total += log(if_wrong if self._seen[place].wrong else if_right)
                if total > best:
                    best, begin = total, place
        return begin

    def _look(self, checks: Sequence[Check]) -> None:
        """Take the lowest threshold that keeps the promise on these checks, if there is one.

        The certainty is shared out among the looks, as half of what is left each.
        """
        certainty = 1 - (1 - self._promise.certainty) / 2 ** (self._looks + 1)
        found = find_threshold(
            np.array([check.confidence for check in checks]),
            np.array([check.wrong for check in checks], bool),
            np.arange(len(checks)),
            target_error=self._promise.target_error,
            certainty=certainty,
        )
        waited = len(checks) if self._threshold is None else 0
        self._looks += 1
        if found.threshold is not None:
            self._threshold = max(found.threshold, self._base)
            self._begin()
            return
        if self._threshold is not None:
            self._threshold = None
            self._begin()
        needed = letters_needed(self._promise.target_error, 1 - (1 - self._promise.certainty) / 2 ** (self._looks + 1))
        self._next_look = max(needed, ceil(waited * _NEXT_LOOK))

    @property
    def verdict(self) -> Verdict:
        """What follows from the checks so far."""
        promise = self._promise
        told = (promise.target_error, promise.certainty, len(self._seen), self._errors)
        if self._threshold is None:
            return Verdict(Routing.STOPPED, None, *told, 0.0, self._next_look - len(self._seen))
        routing = Routing.RAISED if self._threshold > self._base else Routing.AS_PROMISED
        return Verdict(routing, self._threshold, *told, self._evidence(), 0, self._closely)


def watch(promise: Promise, checks: Iterable[Check]) -> Verdict | None:
    """Return what follows from all checks of a model, oldest first; ``None`` where it promises nothing.

    The same checks always give the same verdict, so nothing needs to be remembered between two looks.
    """
    if promise.threshold is None:
        return None
    watching = Watch(promise)
    for check in checks:
        watching.add(check)
    return watching.verdict
