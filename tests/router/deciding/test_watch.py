# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import numpy as np
import pytest

from router.deciding.promise import Promise
from router.deciding.watch import Check, Routing, Verdict, Watch, watch
from tests.router.deciding.simulated import margin

PROMISE = Promise(0.9, 0.02, 0.95, 500, 2, 0.012, 0.4)


def _checks(wrong: str, confidence: float = 0.95) -> list[Check]:
    """Return checks from signs: ``x`` was wrong, any other right."""
    return [Check(confidence, sign == "x") for sign in wrong]


def _verdict(*checks: Check) -> Verdict:
    verdict = watch(PROMISE, checks)
    assert verdict is not None
    return verdict


def test_without_checks_it_is_as_promised() -> None:
    verdict = _verdict()
    assert (verdict.routing, verdict.threshold, verdict.checks) == (Routing.AS_PROMISED, 0.9, 0)
    assert verdict.evidence == pytest.approx(1.0)
    assert verdict.share(0.02) == 0.02


def test_without_a_promise_there_is_nothing_to_watch() -> None:
    nothing = Promise(None, 0.02, 0.95)
    assert watch(nothing, _checks("xxx")) is None
    with pytest.raises(ValueError, match="nothing is promised"):
        Watch(nothing)


def test_right_checks_change_nothing() -> None:
    verdict = _verdict(*_checks("." * 600))
    assert (verdict.routing, verdict.checks, verdict.errors) == (Routing.AS_PROMISED, 600, 0)
    assert verdict.evidence < 0.1


def test_a_wrong_check_has_each_letter_checked_until_that_is_found_to_be_chance() -> None:
    doubtful = _verdict(*_checks("." * 100 + "x"))
    assert (doubtful.routing, doubtful.share(0.02)) == (Routing.AS_PROMISED, 1.0)
    calm = _verdict(*_checks("." * 100 + "x" + "." * 60))
    assert calm.share(0.02) == 0.02


def test_many_wrong_checks_stop_routing() -> None:
    verdict = _verdict(*_checks("..x.x..xx.x..x.xxxx"))
    assert (verdict.routing, verdict.threshold) == (Routing.STOPPED, None)
    assert verdict.missing >= 149


def test_a_change_after_long_good_times_is_found_soon() -> None:
    """What went well before must not have to be outweighed."""
    verdict = _verdict(*_checks("." * 3000 + ".....x...x......x.x....x...x....x..x...x.x"))
    assert verdict.routing is Routing.STOPPED


def test_where_only_the_less_sure_go_wrong_the_threshold_is_raised() -> None:
    rng = np.random.default_rng(1)
    sure = rng.random(2500) < 0.8
    checks = [Check(0.99 if is_sure else 0.91, bool(not is_sure and rng.random() < 0.3)) for is_sure in sure]
    watching = Watch(PROMISE)
    for check in checks:
        watching.add(check)
    verdict = watching.verdict
    assert verdict.routing is Routing.RAISED
    assert verdict.threshold is not None
    assert 0.91 < verdict.threshold <= 0.99


def test_letters_below_the_raised_threshold_no_longer_count() -> None:
    rng = np.random.default_rng(1)
    sure = rng.random(2500) < 0.8
    checks = [Check(0.99 if is_sure else 0.91, bool(not is_sure and rng.random() < 0.3)) for is_sure in sure]
    raised = _verdict(*checks)
    later = _verdict(*checks, *_checks("x" * 100, 0.91))
    assert (later.routing, later.threshold, later.checks) == (raised.routing, raised.threshold, raised.checks)


def test_after_a_stop_enough_right_letters_start_it_again() -> None:
    bad = _checks("xx")
    stopped = _verdict(*bad)
    assert stopped.routing is Routing.STOPPED
    assert _verdict(*bad, *_checks("." * (stopped.missing - 1))).routing is Routing.STOPPED
    assert _verdict(*bad, *_checks("." * stopped.missing)).routing is Routing.AS_PROMISED


def test_after_a_stop_wrong_letters_keep_it_stopped() -> None:
    bad = _checks("xx.xx.x.x.x.x.xxx")
    verdict = _verdict(*bad, *_checks(("." * 9 + "x") * 200))
    assert verdict.routing is Routing.STOPPED
    assert verdict.missing > 0


def test_letters_the_model_was_not_sure_of_are_no_checks() -> None:
    assert _verdict(*_checks("x" * 50, 0.7)).checks == 0


def test_looking_after_every_check_costs_no_certainty() -> None:
    """With exactly as many errors as promised, at most 5 % of offices are ever stopped or raised in 800 checks."""
    rng = np.random.default_rng(20261122)
    alarms = 0
    for _office in range(300):
        watching = Watch(PROMISE)
        for wrong in rng.random(800) < PROMISE.target_error:
            watching.add(Check(0.95, bool(wrong)))
            if watching.verdict.routing is not Routing.AS_PROMISED:
                alarms += 1
                break
    assert alarms <= margin(300)


def test_a_fixed_test_looked_at_every_day_would_cry_wolf() -> None:
    """The simulation is hard enough: a bound for one look, taken after every check, fails often."""
    rng = np.random.default_rng(20261122)
    wrong = rng.random((400, 1500)) < PROMISE.target_error
    counts = np.arange(1, 1501)
    expected, spread = counts * 0.02, np.sqrt(counts * 0.02 * 0.98)
    alarms = ((np.cumsum(wrong, axis=1) - expected) / spread > 1.645)[:, 50:].any(axis=1)
    assert alarms.mean() > 0.15
