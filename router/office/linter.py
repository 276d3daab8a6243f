# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is allowed in a plan and still likely wrong: gaps, overlaps, rules nothing reaches, posts without people."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from router.office.plan import Plan, Rule
from router.office.surnames import gaps
from router.texts import _

__all__ = ["Finding", "lint"]

_WHOLE_ALPHABET = (("A", "["),)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth a look.

    Attributes
    ----------
    code
        Stable name of the kind of finding.
    what
        The finding in words.
    remedy
        What to do about it.
    """

    code: str
    what: str
    remedy: str


def lint(plan: Plan, day: dt.date) -> list[Finding]:
    """Look through a plan as it is in force on a day."""
    rules = [(index, rule) for index, rule in enumerate(plan.rules) if rule.valid_on(day)]
    return [
        *_letter_gaps(plan, rules),
        *_covered_rules(plan, rules),
        *_matters_without_rule(plan, rules),
        *_posts_without_people(plan, rules),
        *_everybody_away(plan, day),
    ]


def _name(rule: Rule, index: int) -> str:
    conditions = [", ".join(rule.matters), ", ".join(rule.nationalities), rule.surnames or ""]
    shown = "; ".join(part for part in conditions if part) or "–"
    return _("rule {number} ({conditions} → {post})").format(number=index + 1, conditions=shown, post=rule.post)


def _intervals(plan: Plan, index: int) -> tuple[tuple[str, str], ...]:
    letters = plan.range_of(index)
    return letters.intervals if letters else _WHOLE_ALPHABET


def _letter_gaps(plan: Plan, rules: list[tuple[int, Rule]]) -> list[Finding]:
    by_matter: dict[str, list[int]] = defaultdict(list)
    for index, rule in rules:
        if rule.nationalities or rule.misdirected:
            continue
        for matter in rule.matters or tuple(plan.matters):
            by_matter[matter].append(index)
    found: dict[tuple[tuple[str, str], ...], list[str]] = defaultdict(list)
    for matter, indexes in by_matter.items():
        missing = gaps(interval for index in indexes for interval in _intervals(plan, index))
        if missing:
            found[tuple(missing)].append(matter)
    return [
        Finding(
            "gap",
            _("No rule covers surnames {letters} for {matters}").format(
                letters=", ".join(_shown(low, end) for low, end in missing), matters=", ".join(matters)
            ),
            _("extend a letter range or add a rule; until then these letters go to a person"),
        )
        for missing, matters in found.items()
    ]


def _shown(low: str, end: str) -> str:
    if end == "[":
        return _("from {low} to the end").format(low=low.capitalize())
    return _("from {low} to before {end}").format(low=low.capitalize(), end=end.capitalize())


def _covered_rules(plan: Plan, rules: list[tuple[int, Rule]]) -> list[Finding]:
    """Find rules of which earlier rules take everything (unreachable) or a part (overlap)."""
    findings = []
    for place, (index, rule) in enumerate(rules):
        if rule.misdirected:
            continue
        earlier = [entry for entry in rules[:place] if not entry[1].misdirected and _wider(entry[1], rule)]
        taken = [interval for other, _rule in earlier for interval in _intervals(plan, other)]
        own = _intervals(plan, index)
        free = [span for span in gaps(taken) if any(span[0] < end and low < span[1] for low, end in own)]
        if not free:
            findings.append(
                Finding(
                    "unreachable",
                    _("{rule} is never reached: earlier rules take all its letters").format(rule=_name(rule, index)),
                    _("move it up or delete it"),
                )
            )
        elif rule.surnames and any(low < end2 and low2 < end for low, end in own for low2, end2 in taken):
            others = ", ".join(str(other + 1) for other, other_rule in earlier if other_rule.surnames)
            if others:
                findings.append(
                    Finding(
                        "overlap",
                        _("{rule} shares letters with the earlier rule {others}").format(
                            rule=_name(rule, index), others=others
                        ),
                        _("the earlier rule wins; mend the letter range if that is not meant"),
                    )
                )
    return findings


def _wider(earlier: Rule, rule: Rule) -> bool:
    """Tell whether the earlier rule's conditions, letters apart, hold wherever the later one's do."""
    matters = not earlier.matters or (bool(rule.matters) and set(rule.matters) <= set(earlier.matters))
    nations = not earlier.nationalities or (
        bool(rule.nationalities) and set(rule.nationalities) <= set(earlier.nationalities)
    )
    return matters and nations


def _matters_without_rule(plan: Plan, rules: list[tuple[int, Rule]]) -> list[Finding]:
    if any(
        not rule.matters and not rule.nationalities and not rule.surnames and not rule.misdirected for _i, rule in rules
    ):
        return []
    covered = {matter for _index, rule in rules for matter in rule.matters}
    return [
        Finding(
            "matter_without_rule",
            _("No rule in force names the matter {matter}").format(matter=matter),
            _("add a rule; until then such letters go to a person unless the case list names a post"),
        )
        for matter in plan.matters
        if matter not in covered
    ]


def _posts_without_people(plan: Plan, rules: list[tuple[int, Rule]]) -> list[Finding]:
    findings = [
        Finding(
            "post_without_person", _("Post {post} has no caseworker").format(post=post.id), _("name one under posts")
        )
        for post in plan.posts.values()
        if post.caseworker is None
    ]
    reached = {rule.post for _index, rule in rules}
    findings += [
        Finding(
            "post_without_rule",
            _("No rule in force leads to post {post}").format(post=post.id),
            _("add a rule, unless only the case list leads there"),
        )
        for post in plan.posts.values()
        if post.id not in reached
    ]
    findings += [
        Finding(
            "deputy_loop",
            _("Post {post} names its own caseworker as deputy").format(post=post.id),
            _("name another deputy"),
        )
        for post in plan.posts.values()
        if post.caseworker in post.deputies
    ]
    return findings


def _everybody_away(plan: Plan, day: dt.date) -> list[Finding]:
    """Find posts whose holder and deputies are all away on some day of the next four weeks."""
    findings = []
    for post in plan.posts.values():
        chain = [person for person in (post.caseworker, *post.deputies) if person]
        for offset in range(28):
            when = day + dt.timedelta(days=offset)
            if chain and all(plan.is_absent(person, when) for person in chain):
                findings.append(
                    Finding(
                        "everybody_away",
                        _("On {day} nobody answers for post {post}").format(day=when.isoformat(), post=post.id),
                        _("add a deputy or mend the absences"),
                    )
                )
                break
    return findings
