# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What would send a letter elsewhere: the same ranking with one fact taken away or read otherwise.

Facts are not looked for again and the text is not read again: pieces of evidence fall, or the plan is asked for another
matter or another surname, and the posts are ranked anew.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.deciding.evidence import Gathered
from router.deciding.kinds import FILE_COLUMNS, N_, Feature, TopicView
from router.deciding.mixture import derive, set_topic
from router.deciding.ruling import nationality_of, rule_shares, surname_keys
from router.office.office import Office
from router.office.plan import Plan
from router.records import Change, Evidence, Facts

__all__ = ["what_would_change"]

Floats = NDArray[np.float64]

_MOST = 4
_KNOWN = 0.15
"""A matter less likely than this is a guess, and what else it could be is as well."""
_LIKELY_ENOUGH = 0.02
_MATTERS = 4
"""Other matters that are tried, the likeliest first."""


@dataclass(frozen=True)
class _Bench:
    """The ranking that is tried with other facts."""

    facts: Facts
    office: Office
    gathered: Gathered
    topic: TopicView
    weights: Floats
    best: str
    day: dt.date

    @property
    def posts(self) -> tuple[str, ...]:
        return self.gathered.posts

    def outcome(self, values: Floats, topic: TopicView | None = None) -> tuple[str, float] | None:
        """Return the post that changed features lead to and its lead over the present one, unless it is the same."""
        derive(values, self.posts, topic or self.topic, self.office.plan)
        scores = values @ self.weights
        row = int(np.argmax(scores))
        if self.posts[row] == self.best:
            return None
        return self.posts[row], float(scores[row] - scores[self.posts.index(self.best)])

    def without(self, facts: Iterable[str]) -> Floats:
        """Return the features when some facts fall with all that rests on them."""
        gone = set(facts)
        values = self.gathered.features.copy()
        values[:, [*FILE_COLUMNS, Feature.ADDRESSEE]] = 0.0
        rows = {post: row for row, post in enumerate(self.posts)}
        for evidence, column, value, fact in zip(
            self.gathered.evidence,
            self.gathered.evidence_features,
            self.gathered.evidence_values,
            self.gathered.rests_on,
            strict=True,
        ):
            if column is not Feature.RULE and fact not in gone:
                row = rows[evidence.says]
                values[row, column] = max(values[row, column], value)
        return values


def what_would_change(
    facts: Facts,
    office: Office,
    gathered: Gathered,
    topic: TopicView,
    weights: Floats,
    best: str,
    runner_up: str | None,
    day: dt.date,
) -> tuple[Change, ...]:
    """Return the single facts that decide, the clearest first; at most four.

    Parameters
    ----------
    facts, office, gathered, topic
        What the decision rests on.
    weights
        Of the features, shape (n_features,).
    best, runner_up
        First and second post.
    day
        Day of receipt, for the plan's rules.
    """
    bench = _Bench(facts, office, gathered, topic, weights, best, day)
    changes = list(_without_facts(bench))
    if office.plan is not None:
        changes += _other_matters(bench, office.plan)
        changes += _other_surname(bench, office.plan, runner_up)
    return tuple(sorted(changes, key=lambda change: -change.lead)[:_MOST])


def _without_facts(bench: _Bench) -> Iterator[Change]:
    gathered = bench.gathered
    told: dict[str, Evidence] = {}
    for evidence, column, fact in zip(gathered.evidence, gathered.evidence_features, gathered.rests_on, strict=True):
        if evidence.says == bench.best and column is not Feature.RULE:
            told.setdefault(fact, evidence)
    alone = False
    for fact, evidence in told.items():
        outcome = bench.outcome(bench.without([fact]))
        if outcome is None:
            continue
        kind = fact.partition(":")[0]
        alone = alone or kind != "addressee"
        message, key = {
            "number": (N_("Without {number} it would go to post {post}"), "number"),
            "person": (N_("Without what the case list says of {name} it would go to post {post}"), "name"),
            "addressee": (N_("If {name} were not addressed, it would go to post {post}"), "name"),
        }[kind]
        yield Change(outcome[0], kind, message, {key: evidence.values[key], "post": outcome[0]}, outcome[1])
    file = {fact for fact in gathered.rests_on if not fact.startswith(("addressee:", "plan"))}
    if len(file) > 1 and not alone and (outcome := bench.outcome(bench.without(file))) is not None:
        message = N_("Without any file in the case list it would go to post {post}")
        yield Change(outcome[0], "file", message, {"post": outcome[0]}, outcome[1])


def _other_matters(bench: _Bench, plan: Plan) -> Iterator[Change]:
    """Ask the plan for other matters the text may be about; tell the likeliest that leads elsewhere."""
    topic = bench.topic
    ranked = sorted(topic.matters, key=lambda matter: -topic.matters[matter])
    if bench.best == plan.misdirected_post:
        tried = ranked[:1] if ranked and topic.misdirected >= _KNOWN else []
        message, kind, present = N_("If it is meant for this office after all, it goes to post {post}"), "meant", ""
    else:
        if not ranked or topic.matters[ranked[0]] < _KNOWN:
            return
        likely = [matter for matter in ranked[1:] if topic.matters[matter] >= _LIKELY_ENOUGH]
        tried = (likely or ranked[1:])[:_MATTERS]
        message, kind = N_("If it were about {other} instead of {matter}, it would go to post {post}"), "matter"
        present = plan.matters[ranked[0]].label
    keys, person = surname_keys(bench.facts, plan)
    nationality = nationality_of(bench.facts, person)
    for matter in tried:
        sure = {matter: 1.0}
        posts = plan.fields.get(plan.field_of_matter.get(matter, ""), (frozenset[str](), frozenset[str]()))[0]
        view = TopicView(sure, dict.fromkeys(posts, 1.0), 0.0, sure, topic.holder_keeps)
        values = bench.gathered.features.copy()
        shares = rule_shares(plan, [matter], nationality, keys, bench.day).shares
        set_topic(values, bench.posts, view, shares, plan)
        if (outcome := bench.outcome(values, view)) is not None:
            words = {"other": plan.matters[matter].label, "matter": present, "post": outcome[0]}
            yield Change(outcome[0], kind, message, words, outcome[1])
            return


def _other_surname(bench: _Bench, plan: Plan, runner_up: str | None) -> Iterator[Change]:
    """Ask the plan for another reading of the surname, else for the next letter range."""
    keys, person = surname_keys(bench.facts, plan)
    topic = bench.topic
    ranked = sorted(topic.matters, key=lambda matter: -topic.matters[matter])
    if not ranked or topic.matters[ranked[0]] < _KNOWN:
        return
    nationality = nationality_of(bench.facts, person)
    likely = [matter for matter in ranked if topic.matters[matter] >= _LIKELY_ENOUGH][:_MATTERS]

    def outcome(key: str) -> tuple[str, float] | None:
        values = bench.gathered.features.copy()
        shares = rule_shares(plan, likely, nationality, [key], bench.day).shares
        set_topic(values, bench.posts, topic, shares, plan)
        return bench.outcome(values)

    readings = (person.other_surname, person.given_names if person.swappable else "") if person is not None else ()
    for name in readings:
        key = plan.surname_rules.key(name)
        if name and key and (found := outcome(key)) is not None:
            message = N_("If {name} were the surname, it would go to post {post}")
            yield Change(found[0], "surname", message, {"name": name, "post": found[0]}, found[1])
            return
    for key, written in _ranges(plan, ranked[0], bench.day, keys[0] if keys else "", runner_up):
        if (found := outcome(key)) is not None:
            message = N_("If the surname lay in {letters}, it would go to post {post}")
            yield Change(found[0], "surname", message, {"letters": written, "post": found[0]}, found[1])
            return


def _ranges(plan: Plan, matter: str, day: dt.date, key: str, runner_up: str | None) -> Sequence[tuple[str, str]]:
    """Return first key and wording of two other letter ranges of a matter: the runner-up's before the nearest one."""
    found = []
    for index, rule in enumerate(plan.rules):
        letters = plan.range_of(index)
        if letters is None or not rule.valid_on(day) or (rule.matters and matter not in rule.matters) or key in letters:
            continue
        start, distance = min(
            ((low, abs(ord(low[0]) - ord(key[0]))) if key else (low, 0) for low, _end in letters.intervals),
            key=lambda choice: choice[1],
        )
        found.append((rule.post != runner_up, distance, start, letters.written))
    return [(start, written) for _other, _distance, start, written in sorted(found)[:2]]
