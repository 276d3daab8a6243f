# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Everything that speaks for a post, as features that all posts share.

Because the weights belong to kinds of evidence and not to posts, a post that never had mail and a letter
range that moved this morning are reached the same day.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from router.office.cases import Case, agreement
from router.office.office import Office
from router.office.plan import Plan
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

_FLOOR = 0.003
_OUR_NUMBERS = (ReferenceKind.OWN, ReferenceKind.AZR, ReferenceKind.BAMF)


def N_(message: str) -> str:
    """Mark a message for translation."""
    return message


class Feature(IntEnum):
    """Columns of the feature matrix. Shares and agreements are 0 to 1, logarithms natural."""

    OWN_NAMED = 0
    """Own number of a file whose person the letter names."""
    OWN_BARE = 1
    """Own number of a file; the letter names nobody or somebody else."""
    CENTRAL_NAMED = 2
    """AZR or BAMF number of a file whose person the letter names."""
    CENTRAL_BARE = 3
    SIMILAR_NAMED = 4
    """A number one character off, and the person fits."""
    BIRTH_CONCERNED = 5
    """Name and birth date of a file, weighted with how clearly the person is the one concerned."""
    BIRTH_OTHER = 6
    NAME_CONCERNED = 7
    """Name alone, shared out among the files that bear it."""
    NAME_OTHER = 8
    ADDRESSEE = 9
    """The letter addresses the post's caseworker."""
    RULE = 10
    """Log share the plan's rules give the post, over what the letter may be about."""
    RULE_WITH_FILE = 11
    """The same where a file was found."""
    RULE_CATALOGUE = 12
    """The same with matters by the catalogue's terms alone."""
    TEXT = 13
    """Log probability of the post's field by the text model."""
    OVERRIDE = 14
    """Share of the rules of units that act whoever keeps the file."""
    HOLDER_OVERRIDDEN = 15
    """Strength of the file evidence times the probability that another unit acts all the same."""
    MISDIRECTED = 16
    """Probability that the mail is for another office, for the post that takes such mail."""
    MIXTURE = 17
    """Log probability when all is put together as the office works: the holder of the file, unless a unit acts
    for everybody; the plan's rules where there is no file."""


@dataclass(frozen=True)
class TopicView:
    """What the text is about, by the text model or by the catalogue alone.

    Attributes
    ----------
    matters
        Probability of each matter of the plan.
    posts
        Probability of the field each post belongs to.
    misdirected
        Probability that the mail is for another office.
    catalogue_matters
        Probability of each matter by the catalogue's terms alone.
    holder_keeps
        For each matter the share of letters that stay with the post that keeps the person's file.
    learned
        False where only the catalogue spoke.
    """

    matters: Mapping[str, float]
    posts: Mapping[str, float]
    misdirected: float
    catalogue_matters: Mapping[str, float]
    holder_keeps: Mapping[str, float]
    learned: bool = True

    @property
    def override(self) -> float:
        """Probability that another unit acts although the person has a file."""
        named = sum(share * (1 - self.holder_keeps.get(matter, 1.0)) for matter, share in self.matters.items())
        return min(1.0, named + self.misdirected)

    def top_matter(self) -> str | None:
        """Return the likeliest matter."""
        return max(self.matters, key=lambda matter: self.matters[matter]) if self.matters else None


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
    """

    posts: tuple[str, ...]
    features: NDArray[np.float64]
    evidence: tuple[Evidence, ...]
    evidence_features: tuple[Feature, ...]
    hard: tuple[tuple[str, Case], ...] = ()
    concerned_posts: frozenset[str] = frozenset()
    details: dict[str, float] = field(default_factory=dict)


def person_concerned(facts: Facts) -> Person | None:
    """Return the person a letter is about: the one whose role shows most clearly."""
    suited = [person for person in facts.persons if person.role not in (PersonRole.OFFICIAL, PersonRole.CASEWORKER)]
    named = [person for person in suited if person.role is PersonRole.CONCERNED]
    return max(named or suited, key=lambda person: person.role_score, default=None)


@dataclass
class _Sheet:
    """Features under construction."""

    posts: tuple[str, ...]
    values: NDArray[np.float64]
    evidence: list[Evidence] = field(default_factory=list)
    columns: list[Feature] = field(default_factory=list)

    def raise_to(self, post: str, column: Feature, value: float) -> bool:
        """Set a feature unless it is higher already; tell whether the post is a candidate."""
        if post not in self.posts:
            return False
        row = self.posts.index(post)
        self.values[row, column] = max(self.values[row, column], value)
        return True

    def note(self, column: Feature, evidence: Evidence) -> None:
        self.evidence.append(evidence)
        self.columns.append(column)


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
    sheet.values[:, [Feature.RULE, Feature.RULE_WITH_FILE, Feature.RULE_CATALOGUE, Feature.TEXT]] = 0.0
    hard = _numbers(sheet, facts, office)
    concerned_posts = _people(sheet, facts, office, hard)
    _addressees(sheet, facts, office)
    holders = sheet.values[:, : Feature.NAME_OTHER + 1].max(axis=1) if len(posts) else np.zeros(0)
    has_file = float(holders.max()) if len(holders) else 0.0
    if office.plan is not None:
        _rules(sheet, facts, office.plan, topic, day, has_file)
    sheet.values[:, Feature.TEXT] = [math.log(topic.posts.get(post, 0.0) + _FLOOR) for post in sheet.posts]
    sheet.values[:, Feature.HOLDER_OVERRIDDEN] = holders * topic.override
    if office.plan is not None and office.plan.misdirected_post is not None:
        sheet.raise_to(office.plan.misdirected_post, Feature.MISDIRECTED, topic.misdirected)
    _mixture(sheet, topic, office)
    details = {"override": topic.override, "has_file": has_file, "misdirected": topic.misdirected}
    return Gathered(
        sheet.posts, sheet.values, tuple(sheet.evidence), tuple(sheet.columns), tuple(hard), concerned_posts, details
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
            if sheet.raise_to(case.post, column, trust / len({other.post for other in cases})):
                sheet.note(column, _number_evidence(reference, case, named=named))
                if named or own:
                    hard.append((case.post, case))
        if not cases:
            for case, _number in office.cases.by_similar_number(reference.value):
                if agreement(case, names) >= 1.0 and sheet.raise_to(case.post, Feature.SIMILAR_NAMED, 1.0):
                    sheet.note(Feature.SIMILAR_NAMED, _similar_evidence(reference, case))
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
    for person in facts.persons:
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
                if sheet.raise_to(case.post, column, level * (max(weight, 0.5) if concerned else weight)):
                    sheet.note(
                        column, _person_evidence(person, case, N_("{name}, born {birth}, has a file at post {post}"))
                    )
                    if concerned and level >= 1.0:
                        hard.append((case.post, case))
                        concerned_posts[id(case)] = case.post
        matches = office.cases.by_name(tokens)
        if person.birth_date is not None:
            matches = [(case, level) for case, level in matches if case.birth_date in (None, person.birth_date)]
        for case, level in matches[:6]:
            concerned = person.role is PersonRole.CONCERNED
            column = Feature.NAME_CONCERNED if concerned else Feature.NAME_OTHER
            if sheet.raise_to(case.post, column, level * max(weight, 0.3 if concerned else 0.05) / len(matches)):
                sheet.note(column, _person_evidence(person, case, N_("{name} has a file at post {post}")))
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
                sheet.note(Feature.ADDRESSEE, _placed(evidence, place))


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


def _rules(sheet: _Sheet, facts: Facts, plan: Plan, topic: TopicView, day: dt.date, has_file: float) -> None:
    keys, person = surname_keys(facts, plan)
    nationality = person.nationality if person else None
    if nationality is None:
        bamf = next((r.value for r in facts.references if r.kind is ReferenceKind.BAMF), None)
        nationality = bamf[-3:] if bamf else None
    # The first reading of a name is the likelier one; a swapped reading only leaves room for doubt.
    shares: dict[str, dict[str, float]] = {}
    rule_of: dict[tuple[str, str], int] = {}
    for matter in {*topic.matters, *topic.catalogue_matters}:
        by_post: dict[str, float] = defaultdict(float)
        for rank, key in enumerate(keys or ("",)):
            weight = 1.0 if len(keys) < 2 else (0.8 if rank == 0 else 0.2 / (len(keys) - 1))
            for outlook in plan.outlooks(matter, nationality, [key] if key else [], day):
                by_post[outlook.post] += weight * outlook.share
                rule_of.setdefault((matter, outlook.post), outlook.rule)
        shares[matter] = by_post
    for row, post in enumerate(sheet.posts):
        total = sum(share * shares[matter].get(post, 0.0) for matter, share in topic.matters.items())
        by_terms = sum(share * shares[matter].get(post, 0.0) for matter, share in topic.catalogue_matters.items())
        overriding = sum(
            share * (1 - topic.holder_keeps.get(matter, 1.0)) * shares[matter].get(post, 0.0)
            for matter, share in topic.matters.items()
        )
        sheet.values[row, Feature.RULE] = math.log(total + _FLOOR)
        sheet.values[row, Feature.RULE_WITH_FILE] = math.log(total + _FLOOR) * min(has_file, 1.0)
        sheet.values[row, Feature.RULE_CATALOGUE] = math.log(by_terms + _FLOOR)
        sheet.values[row, Feature.OVERRIDE] = overriding
        if total >= 0.15:
            matter = max(topic.matters, key=lambda name: topic.matters[name] * shares[name].get(post, 0.0))
            sheet.note(Feature.RULE, _rule_evidence(plan, matter, post, person, rule_of[matter, post]))


_TRUST = {
    Feature.OWN_NAMED: 0.99,
    Feature.OWN_BARE: 0.85,
    Feature.CENTRAL_NAMED: 0.99,
    Feature.CENTRAL_BARE: 0.9,
    Feature.SIMILAR_NAMED: 0.9,
    Feature.BIRTH_CONCERNED: 0.97,
    Feature.BIRTH_OTHER: 0.7,
    Feature.NAME_CONCERNED: 0.85,
    Feature.NAME_OTHER: 0.5,
}
"""How far each kind of file evidence is trusted in the mixture; the learned weights correct it."""


def _mixture(sheet: _Sheet, topic: TopicView, office: Office) -> None:
    """Put file, rules and text together in one probability for each post."""
    columns = list(_TRUST)
    trust = np.array([_TRUST[column] for column in columns])
    strength = 1 - np.prod(1 - sheet.values[:, columns] * trust, axis=1)
    found = float(1 - np.prod(1 - strength))
    holder = strength / strength.sum() if strength.sum() > 0 else strength
    rules = np.exp(sheet.values[:, Feature.RULE]) - _FLOOR if office.plan is not None else np.zeros(len(sheet.posts))
    if office.plan is None:
        rules = np.array([topic.posts.get(post, 0.0) for post in sheet.posts])
    elsewhere = np.zeros(len(sheet.posts))
    if office.plan is not None and office.plan.misdirected_post in sheet.posts:
        elsewhere[sheet.posts.index(office.plan.misdirected_post)] = topic.misdirected
    with_file = (1 - topic.override) * holder + sheet.values[:, Feature.OVERRIDE] + elsewhere
    without = rules + elsewhere
    sheet.values[:, Feature.MIXTURE] = np.log(found * with_file + (1 - found) * without + _FLOOR)


def _rule_evidence(plan: Plan, matter: str, post: str, person: Person | None, index: int) -> Evidence:
    rule = plan.rules[index]
    label = plan.matters[matter].label if matter in plan.matters else matter
    values = {"matter": label, "post": post}
    if rule.surnames and person is not None:
        values |= {"surname": person.surname, "letters": rule.surnames}
        message = N_("Plan: {matter}, surname {surname} ({letters}) → post {post}")
    elif rule.nationalities:
        message = N_("Plan: {matter}, nationality → post {post}")
    else:
        message = N_("Plan: {matter} → post {post}")
    evidence = Evidence(EvidenceSource.RULE, post, message, values, 0.0)
    return _placed(evidence, person.place if person is not None and rule.surnames else None)
