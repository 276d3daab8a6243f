# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Everything that speaks for a post, as features that all posts share.

Because the weights belong to kinds of evidence and not to posts, a post that never had mail and a letter
range that moved this morning are reached the same day.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from router.deciding.kinds import N_, Feature, TopicView
from router.deciding.mixture import derive, set_topic
from router.deciding.ruling import clear_rules, nationality_of, person_concerned, rule_shares, surname_keys
from router.office.cases import Case, agreement
from router.office.office import Office
from router.office.surnames import name_tokens
from router.records import (
    Evidence,
    EvidenceSource,
    Facts,
    Letter,
    Owner,
    Person,
    PersonRole,
    Place,
    Reference,
    ReferenceKind,
)

__all__ = ["Feature", "Gathered", "TopicView", "gather_evidence", "person_concerned"]

_OUR_NUMBERS = (ReferenceKind.OWN, ReferenceKind.AZR, ReferenceKind.BAMF)


@dataclass(frozen=True)
class Gathered:
    """Candidates, their features and what they rest on.

    Attributes
    ----------
    posts
        The candidates.
    features
        Shape (n_posts, n_features).
    evidence
        One entry for each piece; its weight is filled in by the combination.
    evidence_features
        Column of each piece of evidence.
    hard
        Posts that a number or a person with birth date points to, with the file.
    concerned_posts
        Posts of each different person concerned that has a file.
    details
        Probabilities behind the features, for audit.
    evidence_values
        What each piece says in its column; a feature is the highest of its pieces, the plan's rules aside.
    rests_on
        The fact each piece rests on, such as ``number:33.2-475-123456``; pieces of one fact fall with it.
    """

    posts: tuple[str, ...]
    features: NDArray[np.float64]
    evidence: tuple[Evidence, ...]
    evidence_features: tuple[Feature, ...]
    hard: tuple[tuple[str, Case], ...] = ()
    concerned_posts: frozenset[str] = frozenset()
    details: dict[str, float] = field(default_factory=dict)
    evidence_values: tuple[float, ...] = ()
    rests_on: tuple[str, ...] = ()


@dataclass
class _Sheet:
    """Features under construction."""

    posts: tuple[str, ...]
    values: NDArray[np.float64]
    evidence: list[Evidence] = field(default_factory=list)
    columns: list[Feature] = field(default_factory=list)
    said: list[float] = field(default_factory=list)
    rests_on: list[str] = field(default_factory=list)

    def raise_to(self, post: str, column: Feature, value: float) -> bool:
        """Set a feature unless it is higher already; tell whether the post is a candidate."""
        if post not in self.posts:
            return False
        row = self.posts.index(post)
        self.values[row, column] = max(self.values[row, column], value)
        return True

    def note(self, column: Feature, evidence: Evidence, value: float, fact: str) -> None:
        """Keep a piece of evidence with what it says in its column and the fact it rests on."""
        self.evidence.append(evidence)
        self.columns.append(column)
        self.said.append(value)
        self.rests_on.append(fact)


def gather_evidence(
    letter: Letter, facts: Facts, office: Office, topic: TopicView, posts: Sequence[str], day: dt.date
) -> Gathered:
    """Collect all that speaks for any post.

    Parameters
    ----------
    letter, facts
        What was read and found.
    office
        Plan and case list.
    topic
        What the letter is about.
    posts
        The candidates.
    day
        Day of receipt; rules and absences count as of this day.
    """
    sheet = _Sheet(tuple(posts), np.zeros((len(posts), len(Feature))))
    hard = _numbers(sheet, facts, office)
    concerned_posts = _people(sheet, facts, office, hard)
    _addressees(sheet, facts, office)
    shares: Mapping[str, Mapping[str, float]] = {}
    if office.plan is not None:
        keys, person = surname_keys(facts, office.plan)
        matters = dict.fromkeys([*topic.matters, *topic.catalogue_matters])
        rules = rule_shares(office.plan, matters, nationality_of(facts, person), keys, day)
        shares = rules.shares
        for evidence, share in clear_rules(facts, office.plan, topic, rules):
            if evidence.says in sheet.posts:
                sheet.note(Feature.RULE, evidence, share, "plan")
    set_topic(sheet.values, sheet.posts, topic, shares, office.plan)
    has_file = derive(sheet.values, sheet.posts, topic, office.plan)
    return Gathered(
        sheet.posts,
        sheet.values,
        tuple(sheet.evidence),
        tuple(sheet.columns),
        tuple(hard),
        concerned_posts,
        {
            "learned": float(topic.learned),
            "override": topic.override,
            "has_file": has_file,
            "misdirected": topic.misdirected,
        },
        tuple(sheet.said),
        tuple(sheet.rests_on),
    )


def _whole_text_names(facts: Facts) -> frozenset[str]:
    return frozenset().union(*(name_tokens(p.surname, p.given_names) for p in facts.persons), frozenset())


def _numbers(sheet: _Sheet, facts: Facts, office: Office) -> list[tuple[str, Case]]:
    """Look numbers up in the case list; return the files found surely."""
    names = _whole_text_names(facts)
    hard: list[tuple[str, Case]] = []
    for reference in facts.references:
        if reference.kind not in _OUR_NUMBERS:
            continue
        cases = office.cases.by_number(reference.value)
        own = reference.kind is ReferenceKind.OWN
        for case in cases:
            named = agreement(case, names) >= 0.5
            column = (
                (Feature.OWN_NAMED if named else Feature.OWN_BARE)
                if own
                else (Feature.CENTRAL_NAMED if named else Feature.CENTRAL_BARE)
            )
            trust = 0.5 if reference.owner is Owner.THEIRS and own else 1.0
            # One BAMF number covers a family whose files may lie at different posts.
            value = trust / len({other.post for other in cases})
            if sheet.raise_to(case.post, column, value):
                evidence = _number_evidence(reference, case, named=named)
                sheet.note(column, evidence, value, f"number:{reference.value}")
                if named or own:
                    hard.append((case.post, case))
        if not cases:
            for case, _number in office.cases.by_similar_number(reference.value):
                if agreement(case, names) >= 1.0 and sheet.raise_to(case.post, Feature.SIMILAR_NAMED, 1.0):
                    evidence = _similar_evidence(reference, case)
                    sheet.note(Feature.SIMILAR_NAMED, evidence, 1.0, f"number:{reference.value}")
    return hard


def _number_evidence(reference: Reference, case: Case, *, named: bool) -> Evidence:
    messages = {
        (ReferenceKind.OWN, True): N_("File number {number} is kept by post {post}, and the name fits"),
        (ReferenceKind.OWN, False): N_(
            "File number {number} is kept by post {post}; the name was not found in the letter"
        ),
        (ReferenceKind.AZR, True): N_("AZR number {number} belongs to a file of post {post}, and the name fits"),
        (ReferenceKind.AZR, False): N_("AZR number {number} belongs to a file of post {post}"),
        (ReferenceKind.BAMF, True): N_("BAMF number {number} belongs to a file of post {post}, and the name fits"),
        (ReferenceKind.BAMF, False): N_("BAMF number {number} belongs to a file of post {post}"),
    }
    source = EvidenceSource.REFERENCE if reference.kind is ReferenceKind.OWN else EvidenceSource.CASE_LIST
    return _placed(
        Evidence(
            source, case.post, messages[reference.kind, named], {"number": reference.value, "post": case.post}, 0.0
        ),
        reference.place,
    )


def _similar_evidence(reference: Reference, case: Case) -> Evidence:
    message = N_("{number} differs in one character from a file number of post {post}, and the name fits")
    return _placed(
        Evidence(EvidenceSource.CASE_LIST, case.post, message, {"number": reference.value, "post": case.post}, 0.0),
        reference.place,
    )


def _placed(evidence: Evidence, place: Place | None) -> Evidence:
    if place is None:
        return evidence
    return replace(evidence, page=place.page, box=place.box, ocr_confidence=place.ocr_confidence)


def _people(sheet: _Sheet, facts: Facts, office: Office, hard: list[tuple[str, Case]]) -> frozenset[str]:
    """Look people up in the case list; add sure finds to `hard`, return the posts of people concerned."""
    concerned_posts: dict[int, str] = {}
    for place, person in enumerate(facts.persons):
        if person.role in (PersonRole.CASEWORKER, PersonRole.OFFICIAL) and person.birth_date is None:
            continue
        tokens = name_tokens(person.surname, person.given_names)
        weight = max(person.role_score, 0.05)
        if person.birth_date is not None:
            for case, level in office.cases.by_birth_and_name(person.birth_date, tokens):
                if level < 0.5:
                    continue
                concerned = person.role is PersonRole.CONCERNED
                column = Feature.BIRTH_CONCERNED if concerned else Feature.BIRTH_OTHER
                value = level * (max(weight, 0.5) if concerned else weight)
                if sheet.raise_to(case.post, column, value):
                    evidence = _person_evidence(person, case, N_("{name}, born {birth}, has a file at post {post}"))
                    sheet.note(column, evidence, value, f"person:{place}")
                    if concerned and level >= 1.0:
                        hard.append((case.post, case))
                        concerned_posts[id(case)] = case.post
        matches = office.cases.by_name(tokens)
        if person.birth_date is not None:
            matches = [(case, level) for case, level in matches if case.birth_date in (None, person.birth_date)]
        for case, level in matches[:6]:
            concerned = person.role is PersonRole.CONCERNED
            column = Feature.NAME_CONCERNED if concerned else Feature.NAME_OTHER
            value = level * max(weight, 0.3 if concerned else 0.05) / len(matches)
            if sheet.raise_to(case.post, column, value):
                evidence = _person_evidence(person, case, N_("{name} has a file at post {post}"))
                sheet.note(column, evidence, value, f"person:{place}")
                if concerned and len(matches) == 1:
                    concerned_posts[id(case)] = case.post
    return frozenset(concerned_posts.values())


def _person_evidence(person: Person, case: Case, message: str) -> Evidence:
    name = f"{person.given_names} {person.surname}".strip()
    values = {"name": name, "post": case.post, "birth": f"{person.birth_date:%d.%m.%Y}" if person.birth_date else "–"}
    return _placed(Evidence(EvidenceSource.CASE_LIST, case.post, message, values, 0.0), person.place)


def _addressees(sheet: _Sheet, facts: Facts, office: Office) -> None:
    for caseworker, place in facts.addressees:
        name = office.caseworker_names.get(caseworker, caseworker)
        posts = office.posts_of_caseworker(caseworker)
        for post in posts:
            if sheet.raise_to(post, Feature.ADDRESSEE, 1 / len(posts)):
                message = N_("The letter addresses {name}, who holds post {post}")
                evidence = Evidence(EvidenceSource.ADDRESSEE, post, message, {"name": name, "post": post}, 0.0)
                sheet.note(Feature.ADDRESSEE, _placed(evidence, place), 1 / len(posts), f"addressee:{caseworker}")
