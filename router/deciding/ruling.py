# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the plan's rules say of a letter: whose surname and nationality count, and where matters lead."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from router.deciding.kinds import N_, TopicView
from router.office.plan import Plan
from router.records import Evidence, EvidenceSource, Facts, Person, PersonRole, ReferenceKind

__all__ = [
    "RuleShares",
    "clear_rules",
    "nationality_of",
    "person_concerned",
    "rule_shares",
    "surname_keys",
]

_CLEAR_RULE = 0.15
"""From this share on the plan's rules are told as evidence for a post."""


def person_concerned(facts: Facts) -> Person | None:
    """Return the person a letter is about: the one whose role shows most clearly."""
    suited = [person for person in facts.persons if person.role not in (PersonRole.OFFICIAL, PersonRole.CASEWORKER)]
    named = [person for person in suited if person.role is PersonRole.CONCERNED]
    return max(named or suited, key=lambda person: person.role_score, default=None)


def surname_keys(facts: Facts, plan: Plan) -> tuple[tuple[str, ...], Person | None]:
    """Return the possible keys of the surname that decides, and whose it is."""
    person = person_concerned(facts)
    if person is None:
        return (), None
    keys = list(plan.surname_rules.keys(person.surname))
    if person.other_surname:
        keys += [key for key in plan.surname_rules.keys(person.other_surname) if key not in keys]
    if person.swappable and person.given_names:
        keys += [key for key in plan.surname_rules.keys(person.given_names) if key not in keys]
    return tuple(keys), person


def nationality_of(facts: Facts, person: Person | None) -> str | None:
    """Return the nationality that decides: the person's own, else that of a BAMF number."""
    if person is not None and person.nationality is not None:
        return person.nationality
    bamf = next((r.value for r in facts.references if r.kind is ReferenceKind.BAMF), None)
    return bamf[-3:] if bamf else None


@dataclass(frozen=True)
class RuleShares:
    """What the plan's rules say for each matter.

    Attributes
    ----------
    shares
        For each matter the share of each post, summing to at most 1.
    rule_of
        Index of the first rule that leads from a matter to a post.
    """

    shares: dict[str, dict[str, float]]
    rule_of: dict[tuple[str, str], int]


def rule_shares(
    plan: Plan, matters: Iterable[str], nationality: str | None, keys: Sequence[str], day: dt.date
) -> RuleShares:
    """Apply the plan's rules to matters.

    Parameters
    ----------
    plan
        The plan.
    matters
        Those to ask for.
    nationality
        Destatis key, or ``None``.
    keys
        Readings of the surname, the likeliest first: it counts 0.8, the others share the rest. Where all lead to one
        post, that post gets the whole share.
    day
        Only rules in force on this day count.
    """
    found = RuleShares({}, {})
    for matter in matters:
        by_post: dict[str, float] = defaultdict(float)
        for rank, key in enumerate(keys or ("",)):
            weight = 1.0 if len(keys) < 2 else (0.8 if rank == 0 else 0.2 / (len(keys) - 1))
            for outlook in plan.outlooks(matter, nationality, [key] if key else [], day):
                by_post[outlook.post] += weight * outlook.share
                found.rule_of.setdefault((matter, outlook.post), outlook.rule)
        found.shares[matter] = by_post
    return found


def clear_rules(facts: Facts, plan: Plan, topic: TopicView, found: RuleShares) -> Iterator[tuple[Evidence, float]]:
    """Yield evidence for each post the rules lead to clearly, with the share they give it."""
    person = person_concerned(facts)
    ruled: dict[str, dict[str, float]] = defaultdict(dict)
    for matter, share in topic.matters.items():
        for post, ruling in found.shares[matter].items():
            ruled[post][matter] = share * ruling
    for post, by_matter in ruled.items():
        if (total := sum(by_matter.values())) >= _CLEAR_RULE:
            matter = max(by_matter, key=lambda name: by_matter[name])
            yield _rule_evidence(plan, matter, post, person, found.rule_of[matter, post]), total


def _rule_evidence(plan: Plan, matter: str, post: str, person: Person | None, index: int) -> Evidence:
    rule = plan.rules[index]
    label = plan.matters[matter].label if matter in plan.matters else matter
    values = {"matter": label, "post": post}
    if rule.surnames and person is not None:
        values |= {"surname": person.surname, "letters": rule.surnames}
        message = N_("Plan: {matter}, surname {surname} ({letters}) → post {post}")
    elif rule.surnames:
        message = N_("Plan: {matter}, surname unknown → perhaps post {post}")
    elif rule.nationalities:
        message = N_("Plan: {matter}, nationality → post {post}")
    else:
        message = N_("Plan: {matter} → post {post}")
    evidence = Evidence(EvidenceSource.RULE, post, message, values, 0.0)
    place = person.place if person is not None and rule.surnames else None
    if place is None:
        return evidence
    return replace(evidence, page=place.page, box=place.box, ocr_confidence=place.ocr_confidence)
