# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The plan: dated, ordered rules from matter, nationality and surname to a post, and who holds it today."""

import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from router.errors import ImportMistakesError
from router.office.surnames import RangeError, SurnameRange, SurnameRules
from router.texts import _
from router.yamlfile import YamlFile

__all__ = ["Caseworker", "Matter", "Outlook", "Plan", "Post", "Rule", "load_plan"]

_strict = ConfigDict(extra="forbid", frozen=True)
Text = Annotated[str, Field(min_length=1)]


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _absent(value: object) -> object:
    return None if value in ("", "null", "~") else value


TextList = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
OptionalDate = Annotated[dt.date | None, BeforeValidator(_absent)]


class _SurnameRules(BaseModel):
    model_config = _strict
    umlauts: Literal["a", "ae"] = "a"
    articles: Literal["count", "skip"] = "count"
    skip_prefixes: TextList = ("von", "zu", "vom", "zum")
    double_names: Literal["first", "either"] = "first"


class _Office(BaseModel):
    model_config = _strict
    name: Text
    address: TextList = ()
    email: str = ""
    file_reference: str | None = None
    file_reference_examples: TextList = ()
    surname_rules: _SurnameRules = _SurnameRules()


class Matter(BaseModel):
    """What letters are about, as the office's plan names it."""

    model_config = _strict
    label: Text
    hints: TextList = ()
    catalogue: TextList = ()


class Post(BaseModel):
    """The stable organisational unit that is responsible."""

    model_config = _strict
    id: Text
    label: str = ""
    caseworker: str | None = None
    deputies: TextList = ()


class Caseworker(BaseModel):
    """A person who holds posts today."""

    model_config = _strict
    id: Text
    name: Text
    email: str = ""


class Rule(BaseModel):
    """One line of the plan; every condition is optional.

    ``overrides_file`` marks a unit that does its matters for everybody: its rule counts even where the
    case list names another post as holder of the person's file.
    """

    model_config = _strict
    post: Text
    matters: TextList = ()
    nationalities: TextList = ()
    surnames: str | None = None
    misdirected: bool = False
    overrides_file: bool = False
    valid_from: OptionalDate = None
    valid_to: OptionalDate = None

    def valid_on(self, day: dt.date) -> bool:
        """Tell whether the rule is in force on `day`."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


class Absence(BaseModel):
    """Days on which a caseworker is away, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    caseworker: Text
    first: dt.date = Field(alias="from")
    last: dt.date = Field(alias="to")


class PlanFile(BaseModel):
    """Shape of ``plan.yaml``."""

    model_config = _strict
    office: _Office
    matters: dict[str, Matter] = {}
    posts: tuple[Post, ...] = Field(min_length=1)
    caseworkers: tuple[Caseworker, ...] = ()
    rules: tuple[Rule, ...] = ()
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """A post that rules lead to.

    Attributes
    ----------
    share
        1.0 where the rules leave no choice; less where something they ask for is unknown.
    rule
        Index of the rule in the plan, from 0.
    """

    post: str
    share: float
    rule: int


class Plan:
    """A loaded plan.

    Parameters
    ----------
    file
        Its contents, checked.
    version
        Hash of the file's bytes; two plans with the same version are the same.
    """

    def __init__(self, file: PlanFile, version: str) -> None:
        self.file = file
        self.version = version
        raw = file.office.surname_rules
        self.surname_rules = SurnameRules(
            raw.umlauts == "ae", raw.articles == "skip", tuple(p.lower() for p in raw.skip_prefixes), raw.double_names
        )
        self.matters = file.matters
        self.posts = {post.id: post for post in file.posts}
        self.caseworkers = {person.id: person for person in file.caseworkers}
        self.rules = file.rules
        self._ranges = [
            SurnameRange.parse(rule.surnames, self.surname_rules) if rule.surnames else None for rule in file.rules
        ]
        self._absences: dict[str, list[Absence]] = defaultdict(list)
        for absence in file.absences:
            self._absences[absence.caseworker].append(absence)

    @property
    def office_name(self) -> str:
        """Name of the office."""
        return self.file.office.name

    @cached_property
    def file_reference(self) -> re.Pattern[str] | None:
        """Pattern of the office's own file numbers."""
        pattern = self.file.office.file_reference
        return re.compile(pattern) if pattern else None

    def range_of(self, rule: int) -> SurnameRange | None:
        """Return the letter range of a rule."""
        return self._ranges[rule]

    @cached_property
    def misdirected_post(self) -> str | None:
        """Post that takes mail for other offices, if the plan names one."""
        return next((rule.post for rule in self.rules if rule.misdirected), None)

    def caseworker_on(self, post: str, day: dt.date) -> str | None:
        """Return who answers for a post on a day: its holder, else the first deputy who is there.

        When everybody is away, the holder; ``None`` when the post has nobody.
        """
        entry = self.posts.get(post)
        if entry is None or entry.caseworker is None:
            return None
        chain = (entry.caseworker, *entry.deputies)
        return next((person for person in chain if not self.is_absent(person, day)), entry.caseworker)

    def is_absent(self, caseworker: str, day: dt.date) -> bool:
        """Tell whether a caseworker is away on a day."""
        return any(absence.first <= day <= absence.last for absence in self._absences.get(caseworker, ()))

    def outlooks(
        self, matter: str | None, nationality: str | None, surname_keys: Iterable[str], day: dt.date
    ) -> list[Outlook]:
        """Apply the rules in order: the first that fits wins, and the unknown leaves a choice.

        Parameters
        ----------
        matter
            A matter of the plan, or ``None`` when it is not known.
        nationality
            Destatis key, or ``None``.
        surname_keys
            All readings of the surname; empty when it is not known.
        day
            Only rules in force on this day count.

        Returns
        -------
        list of Outlook
            Posts with shares that sum to 1; empty when no rule fits.
        """
        keys: list[str | None] = [*dict.fromkeys(surname_keys)] or [None]
        total: dict[str, Outlook] = {}
        for key in keys:
            possible: list[tuple[str, int]] = []
            for index, rule in enumerate(self.rules):
                if rule.misdirected or not rule.valid_on(day):
                    continue
                fit = self._fit(index, rule, matter, nationality, key)
                if fit is not None:
                    possible.append((rule.post, index))
                if fit is True:
                    break
            for post, index in possible:
                share = 1 / len(possible) / len(keys)
                before = total.get(post)
                total[post] = Outlook(post, share + (before.share if before else 0.0), before.rule if before else index)
        return list(total.values())

    def _fit(self, index: int, rule: Rule, matter: str | None, nationality: str | None, key: str | None) -> bool | None:
        """Return True where the rule fits, None where it can't, False where it may."""
        certain = True
        if rule.matters and matter not in rule.matters:
            return None
        if rule.nationalities:
            if nationality is None:
                certain = False
            elif nationality not in rule.nationalities:
                return None
        letters = self._ranges[index]
        if letters is not None:
            if key is None:
                certain = False
            elif key not in letters:
                return None
        return certain

    @cached_property
    def fields(self) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
        """Fields of responsibility: posts that share matters, with those matters.

        Two posts belong to one field when a rule gives both one matter (or through others in between). Names
        of fields are those of their first post. Posts no rule with matters leads to are fields of their own;
        so is the post for misdirected mail.
        """
        parent: dict[str, str] = {}

        def root(node: str) -> str:
            parent.setdefault(node, node)
            while parent[node] != node:
                parent[node] = parent[parent[node]]
                node = parent[node]
            return node

        for post in self.posts:
            root(f"post:{post}")
        for rule in self.rules:
            for matter in rule.matters:
                parent[root(f"post:{rule.post}")] = root(f"matter:{matter}")
        members: dict[str, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
        for node in parent:
            kind, name = node.split(":", 1)
            members[root(node)][0 if kind == "post" else 1].add(name)
        named = {}
        for posts, matters in members.values():
            if posts:
                first = next(post for post in self.posts if post in posts)
                named[first] = (frozenset(posts), frozenset(matters))
        return named

    @cached_property
    def field_of_post(self) -> dict[str, str]:
        """Field of each post."""
        return {post: name for name, (posts, _matters) in self.fields.items() for post in posts}

    @cached_property
    def field_of_matter(self) -> dict[str, str]:
        """Field of each matter that has a rule."""
        return {matter: name for name, (_posts, matters) in self.fields.items() for matter in matters}

    @cached_property
    def overriding_matters(self) -> frozenset[str]:
        """Matters whose unit acts whoever keeps the file."""
        return frozenset(matter for rule in self.rules if rule.overrides_file for matter in rule.matters)


def load_plan(path: Path) -> Plan:
    """Load and check ``plan.yaml``.

    Raises
    ------
    NotFoundError
        When there is no such file.
    ImportMistakesError
        With every mistake and its line; warnings of the linter do not count.
    """
    source = YamlFile(path)
    file, mistakes = source.validated(PlanFile)
    if file is not None:
        mistakes += _check_names(source, file)
    if mistakes or file is None:
        raise ImportMistakesError(
            _("The plan has mistakes; nothing of it was taken over"),
            item=str(path),
            mistakes=mistakes,
            remedy=_("mend them and run: postweiche plan check"),
        )
    return Plan(file, hashlib.sha256(path.read_bytes()).hexdigest()[:16])


def _check_names(source: YamlFile, file: PlanFile) -> list[str]:
    """List references to things that do not exist, ranges and dates that can't be meant."""
    mistakes: list[str] = []
    posts = [post.id for post in file.posts]
    people = [person.id for person in file.caseworkers]

    def unknown(path: tuple[str | int, ...], what: str, name: str, known: Iterable[str]) -> None:
        if name not in known:
            mistakes.append(
                source.mistake(
                    path,
                    _("{what} {name} is not in the plan").format(what=what, name=repr(name)),
                    _("add it or mend the name"),
                )
            )

    for kind, names in (("posts", posts), ("caseworkers", people)):
        for index, name in enumerate(names):
            if name in names[:index]:
                mistakes.append(source.mistake((kind, index), _("{name} occurs twice").format(name=repr(name))))
    for index, post in enumerate(file.posts):
        for person in (post.caseworker, *post.deputies):
            if person is not None:
                unknown(("posts", index), _("caseworker"), person, people)
    for index, rule in enumerate(file.rules):
        unknown(("rules", index), _("post"), rule.post, posts)
        for matter in rule.matters:
            unknown(("rules", index), _("matter"), matter, file.matters)
        mistakes += _check_rule(source, index, rule, file)
    for index, absence in enumerate(file.absences):
        unknown(("absences", index), _("caseworker"), absence.caseworker, people)
        if absence.last < absence.first:
            mistakes.append(source.mistake(("absences", index), _("the absence ends before it begins")))
    mistakes += _check_reference(source, file)
    return mistakes


def _check_rule(source: YamlFile, index: int, rule: Rule, file: PlanFile) -> list[str]:
    mistakes = []
    place = ("rules", index)
    rules = file.office.surname_rules
    if rule.surnames is not None:
        try:
            SurnameRange.parse(rule.surnames, SurnameRules(rules.umlauts == "ae"))
        except RangeError as error:
            mistakes.append(
                source.mistake(
                    (*place, "surnames"),
                    _("the letter range {range} can't be read").format(range=repr(str(error))),
                    _("write it as A-K or Al H-All, the lower bound first"),
                )
            )
    for key in rule.nationalities:
        if not re.fullmatch(r"\d{3}", key):
            mistakes.append(
                source.mistake(
                    (*place, "nationalities"),
                    _("{key} is no country key").format(key=repr(key)),
                    _("use the three-digit key of Destatis, in quotes"),
                )
            )
    if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
        mistakes.append(source.mistake(place, _("the rule ends before it begins")))
    return mistakes


def _check_reference(source: YamlFile, file: PlanFile) -> list[str]:
    pattern = file.office.file_reference
    place = ("office", "file_reference")
    if not pattern:
        return []
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        return [source.mistake(place, _("the pattern of the file number is broken: {error}").format(error=error))]
    if compiled.search(""):
        return [source.mistake(place, _("the pattern of the file number fits an empty text"))]
    return [
        source.mistake(
            ("office", "file_reference_examples", index),
            _("the example {example} does not fit the pattern").format(example=repr(example)),
        )
        for index, example in enumerate(file.office.file_reference_examples)
        if not compiled.fullmatch(example)
    ]
