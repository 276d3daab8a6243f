# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from router.deciding.promise import Promise
from router.deciding.standing import standing
from router.deciding.watch import Routing, Verdict
from router.texts import in_language

KEPT = Promise(0.93, 0.02, 0.95, 500, 2, 0.012, 0.4)


def _said(promise: Promise | None, verdict: Verdict | None = None, decided: int | None = None) -> str:
    return " ".join(standing(promise, verdict, target_error=0.02, certainty=0.95, decided=decided))


def test_nothing_is_said_where_all_is_as_promised() -> None:
    assert _said(KEPT) == ""
    assert _said(KEPT, Verdict(Routing.AS_PROMISED, 0.93, 0.02, 0.95)) == ""


def test_without_a_promise_it_says_how_many_decisions_lack_and_how_many_there_are() -> None:
    with in_language("de"):
        said = _said(Promise(None, 0.02, 0.95, missing=49), decided=1)
    assert "höchstens 2 % falsch" in said
    assert "Mindestens 49 weitere Schreiben" in said
    assert "Bisher wurde 1 Schreiben" in said


def test_without_a_model_it_names_the_least_number_that_allows_a_promise() -> None:
    with in_language("en"):
        assert "At least 149 more letters" in _said(None)


def test_a_change_of_mail_is_told() -> None:
    with in_language("en"):
        assert "newest letters" in _said(Promise(None, 0.02, 0.95, missing=149, drifted=True))


def test_a_stop_says_why_and_what_it_takes() -> None:
    with in_language("de"):
        said = _said(KEPT, Verdict(Routing.STOPPED, None, 0.02, 0.95, 10, 3, missing=183))
    assert "angehalten" in said
    assert "183" in said


def test_a_raised_threshold_and_closer_checks_are_told() -> None:
    with in_language("de"):
        said = _said(KEPT, Verdict(Routing.RAISED, 0.9875, 0.02, 0.95, closely=True))
    assert "98,75 % hat, statt 93 %" in said
    assert "jedes sichere Schreiben" in said
