# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from router.office.linter import Finding, lint
from router.office.plan import Plan, load_plan

MAKE = Callable[..., Plan]
DAY = dt.date(2026, 1, 15)


def found(findings: list[Finding], code: str) -> list[str]:
    return [finding.what for finding in findings if finding.code == code]


def test_a_sound_plan_gives_no_finding(make_plan: MAKE) -> None:
    assert lint(make_plan(), DAY) == []


def test_the_sample_plan_gives_no_finding() -> None:
    plan = load_plan(Path(__file__).parents[3] / "data_samples" / "office" / "plan.yaml")
    assert [(finding.code, finding.what) for finding in lint(plan, DAY)] == []


def test_letters_in_no_range_are_named(make_plan: MAKE) -> None:
    gap = found(lint(make_plan(("L-Z", "Mb-U")), DAY), "gap")
    assert len(gap) == 1
    assert "from L to before Mb" in gap[0]
    assert "from V to the end" in gap[0]
    assert "studium, duldung" in gap[0]


def test_a_gap_on_one_day_only_is_found_on_that_day(make_plan: MAKE) -> None:
    plan = make_plan(("surnames: A-K}", "surnames: A-K, valid_to: 2026-02-28}"))
    assert found(lint(plan, DAY), "gap") == []
    assert len(found(lint(plan, dt.date(2026, 3, 1)), "gap")) == 1


def test_a_rule_that_nothing_reaches(make_plan: MAKE) -> None:
    late = '- {post: "33.30", misdirected: true}\n  - {post: "33.21", matters: [duldung], surnames: B-C}'
    findings = lint(make_plan(('- {post: "33.30", misdirected: true}', late)), DAY)
    assert [finding.code for finding in findings] == ["unreachable"]
    assert "rule 5 (duldung; B-C → 33.21)" in findings[0].what
    assert findings[0].remedy


def test_a_narrower_rule_in_front_is_no_mistake(make_plan: MAKE) -> None:
    assert found(lint(make_plan(("surnames: L-Z", "surnames: L-Z, nationalities: []")), DAY), "unreachable") == []


def test_ranges_that_share_letters(make_plan: MAKE) -> None:
    overlap = found(lint(make_plan(("L-Z", "K-Z")), DAY), "overlap")
    assert len(overlap) == 1
    assert "rule 3" in overlap[0]
    assert "earlier rule 2" in overlap[0]


def test_a_matter_without_rule(make_plan: MAKE) -> None:
    plan = make_plan(("  studium: {", "  ausbildung: {label: Ausbildung}\n  studium: {"))
    assert found(lint(plan, DAY), "matter_without_rule") == ["No rule in force names the matter ausbildung"]


def test_a_rule_for_everything_covers_every_matter(make_plan: MAKE) -> None:
    plan = make_plan(
        ("  studium: {", "  ausbildung: {label: Ausbildung}\n  studium: {"),
        ('- {post: "33.30", misdirected: true}', '- {post: "33.30", misdirected: true}\n  - {post: "33.30"}'),
    )
    assert found(lint(plan, DAY), "matter_without_rule") == []


def test_a_post_without_people_and_without_rule(make_plan: MAKE) -> None:
    plan = make_plan(('- {id: "33.30", caseworker: c}', '- {id: "33.30", caseworker: c}\n  - {id: "33.40"}'))
    findings = lint(plan, DAY)
    assert found(findings, "post_without_person") == ["Post 33.40 has no caseworker"]
    assert found(findings, "post_without_rule") == ["No rule in force leads to post 33.40"]


def test_a_holder_who_is_the_own_deputy(make_plan: MAKE) -> None:
    assert (
        len(
            found(lint(make_plan(("caseworker: a, deputies: [b]", "caseworker: a, deputies: [a]")), DAY), "deputy_loop")
        )
        == 1
    )


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (dt.date(2026, 2, 5), False),
        (dt.date(2026, 2, 6), True),
        (dt.date(2026, 3, 6), True),
        (dt.date(2026, 3, 7), False),
    ],
)
def test_days_when_nobody_answers_are_told_four_weeks_ahead(make_plan: MAKE, day: dt.date, told: bool) -> None:
    away = found(lint(make_plan(), day), "everybody_away")
    assert (away != []) is told
    assert all("nobody answers for post 33.20" in finding for finding in away)
