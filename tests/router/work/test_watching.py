# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from collections.abc import Sequence
from dataclasses import replace

import pytest

from router.deciding.model import DecisionModel
from router.deciding.promise import Promise
from router.deciding.watch import Check, Routing
from router.errors import StorageError
from router.office.office import Office
from router.work.watching import Watching
from tests.router.deciding.offices import labelled
from training.fit import fit_model

WRONG = [Check(0.99, True)] * 4


class _Checks:
    """Stands for the store."""

    def __init__(self) -> None:
        self.found: Sequence[Check] = ()
        self.asked: list[tuple[str, float]] = []
        self.broken = False

    def __call__(self, model: str, threshold: float) -> Sequence[Check]:
        self.asked.append((model, threshold))
        if self.broken:
            raise StorageError("no connection")
        return self.found


@pytest.fixture(scope="module")
def model() -> DecisionModel:
    fitted = fit_model(labelled(60), Office(), version=3, target_error=0.02, certainty=0.95, seed=1)
    return replace(fitted.model, promise=Promise(0.9, 0.02, 0.95))


def test_checks_are_asked_for_once_in_a_while(model: DecisionModel) -> None:
    checks = _Checks()
    watching = Watching(checks)
    for _letter in range(3):
        verdict = watching.verdict(model)
        assert verdict is not None
        assert verdict.routing is Routing.AS_PROMISED
    assert checks.asked == [("postweiche@3", 0.9)]


def test_new_checks_are_seen(model: DecisionModel) -> None:
    checks = _Checks()
    watching = Watching(checks, look_again_seconds=0)
    watching.verdict(model)
    checks.found = WRONG
    verdict = watching.verdict(model)
    assert verdict is not None
    assert verdict.routing is Routing.STOPPED


def test_while_the_database_is_away_the_last_verdict_stands(model: DecisionModel) -> None:
    checks = _Checks()
    checks.found = WRONG
    watching = Watching(checks, look_again_seconds=0)
    watching.verdict(model)
    checks.broken = True
    verdict = watching.verdict(model)
    assert verdict is not None
    assert verdict.routing is Routing.STOPPED


def test_another_model_is_judged_anew(model: DecisionModel) -> None:
    checks = _Checks()
    checks.found = WRONG
    watching = Watching(checks)
    watching.verdict(model)
    checks.found = ()
    verdict = watching.verdict(replace(model, version=4))
    assert verdict is not None
    assert verdict.routing is Routing.AS_PROMISED


def test_nothing_is_watched_where_nothing_is_promised(model: DecisionModel) -> None:
    checks = _Checks()
    watching = Watching(checks)
    assert watching.verdict(None) is None
    assert watching.verdict(replace(model, promise=Promise(None, 0.02, 0.95))) is None
    assert checks.asked == []
