# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""How often the promise is broken in 1,000 simulated offices whose mail changes after the model was made.

An office trains on 4,000 letters and then gets 12,000. From some day on its mail goes wrong several times more often at
the same confidence. The promise is kept when at most the target share of all letters routed in that time went
wrong unnoticed: only checks can tell. Until the first wrong letter is among the checked ones, ``1 / share`` others went
wrong on average, however great the change; 10 % of 12,000 letters leave as much room for that as 2 % of 60,000.
"""

from dataclasses import dataclass

import numpy as np
import pytest

from router.deciding.promise import find_threshold
from router.deciding.watch import Check, Routing, Watch
from tests.router.deciding.simulated import KINDS, TARGET, Mail, draw, margin

OFFICES = 1000
LETTERS = 12_000
BATCH = 60
USUAL_SHARE = 0.1


@dataclass(frozen=True)
class Outcome:
    error: float
    routing: Routing
    gone: int
    checked: int


def _deployed(
    mail: Mail, factor: float, begin: int, rng: np.random.Generator, *, watched: bool = True, seen: float = 1.0
) -> Outcome | None:
    """Return what happened in an office; ``None`` where nothing was promised.

    ``seen`` is the share of wrong suggestions that people who check notice.
    """
    history = draw(mail, rng, 4000)
    promise = find_threshold(
        history.confidence, history.wrong, history.cases, target_error=TARGET, certainty=0.95, overlooked=1 - seen
    )
    if promise.threshold is None:
        return None
    before, after = draw(mail, rng, begin), draw(mail.worse(factor), rng, LETTERS - begin)
    confidence = np.concatenate([before.confidence, after.confidence])
    wrong = np.concatenate([before.wrong, after.wrong])
    sure = confidence >= promise.threshold
    chance, noticed = rng.random(LETTERS), rng.random(LETTERS) < seen
    watching = Watch(promise)
    gone = errors = checked = 0
    for start in range(0, LETTERS, BATCH):
        batch = np.flatnonzero(sure[start : start + BATCH]) + start
        verdict = watching.verdict
        limit = 2.0 if verdict.threshold is None else verdict.threshold
        passes = (confidence[batch] >= limit) | (not watched)
        drawn = passes & (chance[batch] < verdict.share(USUAL_SHARE)) & watched
        # What a person confirms although it is wrong goes wrong too.
        errors += int((wrong[batch] & passes & ~(drawn & noticed[batch])).sum())
        gone += int(passes.sum())
        checked += int(drawn.sum())
        if watched:
            for place in batch[drawn | ~passes]:
                watching.add(Check(float(confidence[place]), bool(wrong[place] and noticed[place])))
    return Outcome(errors / max(gone, 1), watching.verdict.routing, gone, checked)


def _offices(factors: tuple[float, ...], offices: int, *, watched: bool = True, seen: float = 1.0) -> list[Outcome]:
    rng = np.random.default_rng(20261122)
    found: list[Outcome] = []
    number = 0
    while len(found) < offices:
        mail = KINDS[number % 4]
        begin = int(rng.integers(LETTERS // 5, LETTERS * 4 // 5))
        outcome = _deployed(mail, factors[number // 4 % len(factors)], begin, rng, watched=watched, seen=seen)
        number += 1
        if outcome is not None:
            found.append(outcome)
    return found


def _broken(outcomes: list[Outcome]) -> int:
    return sum(outcome.error > TARGET for outcome in outcomes)


def test_spot_checks_keep_the_promise_when_mail_changes() -> None:
    assert _broken(_offices((1.0, 2.0, 4.0, 8.0), OFFICES)) <= margin(OFFICES)


@pytest.mark.parametrize("factor", [2.0, 4.0, 8.0])
def test_without_spot_checks_the_change_breaks_it(factor: float) -> None:
    assert _broken(_offices((factor,), 60, watched=False)) >= 18


def test_without_a_change_routing_goes_on() -> None:
    outcomes = _offices((1.0,), 200)
    assert sum(outcome.routing is Routing.STOPPED for outcome in outcomes) <= margin(200)
    assert _broken(outcomes) <= margin(200)


def test_a_great_change_stops_routing() -> None:
    outcomes = _offices((10.0,), 60)
    assert sum(outcome.routing is Routing.STOPPED for outcome in outcomes) >= 54
