# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Papers that lie behind a letter: reading, checking, choosing and filling ``data_samples/enclosures``."""

import datetime as dt
import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from training.sample_office.city import City
from training.sample_office.compose import Composed, Composer, slot_functions
from training.sample_office.letters import MATTERS, ROLES, Labels, Role, fill, mark, unmark
from training.sample_office.people import Person, Slots, make_relative

__all__ = [
    "Encloser",
    "FilledEnclosure",
    "WrittenEnclosure",
    "choose_enclosures",
    "load_enclosures",
    "split_enclosures",
]

_TEST_SHARE = 0.4
_FITTING_WEIGHT = 4.0


class Follows(BaseModel):
    """Which letters an enclosure may lie behind; an empty list means any."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kinds: tuple[int, ...] = ()
    matters: tuple[str, ...] = ()
    file: Literal["known", "unknown", "either"] = "either"


class WrittenEnclosure(BaseModel):
    """One page as it stands in the YAML file (see ``data_samples/enclosures/README.md``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^e-[a-z0-9-]+$")
    kind: str = Field(pattern=r"^[a-z_]+$")
    language: str = Field(pattern=r"^[a-z]{2}$")
    looks_like_a_letter: bool
    layout: Literal["letter", "private", "plain", "typed", "certificate", "stamp", "blank"] = "plain"
    after: str | None = None
    follows: Follows = Follows()
    dated: tuple[int, int] = (5, 200)
    people: Mapping[str, Role] = {}
    letterhead: str = ""
    address: str = ""
    reference: str = ""
    subject: str = ""
    rows: tuple[tuple[str, ...], ...] = ()
    body: str = ""


@dataclass(frozen=True)
class FilledEnclosure:
    """An enclosure with the people, numbers and dates of the letter it lies behind.

    Attributes
    ----------
    written
        The page it was made of.
    date
        Day it was issued, before the letter.
    """

    written: WrittenEnclosure
    date: dt.date
    letterhead: str
    address: str
    reference: str
    subject: str
    rows: tuple[tuple[str, ...], ...]
    body: str


def load_enclosures(folder: Path) -> list[WrittenEnclosure]:
    """Read all enclosures below `folder`, in order of file name and place.

    Raises
    ------
    ValueError
        With every mistake of every file, one a line.
    """
    found: list[WrittenEnclosure] = []
    mistakes: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        for position, raw in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")) or []):
            try:
                found.append(WrittenEnclosure.model_validate(raw))
            except ValidationError as error:
                name = raw.get("id", position) if isinstance(raw, dict) else position
                for detail in error.errors():
                    where = ".".join(str(part) for part in detail["loc"])
                    mistakes.append(f"{path.name}: {name}: {where}: {detail['msg']}")
    mistakes += _cross_checks(found)
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return found


def _cross_checks(enclosures: Sequence[WrittenEnclosure]) -> Iterator[str]:
    ids = [entry.id for entry in enclosures]
    for entry in enclosures:
        if ids.count(entry.id) > 1:
            yield f"{entry.id}: the id occurs twice"
        if entry.after is not None and entry.after not in ids:
            yield f"{entry.id}: continues {entry.after!r}, which there is not"
        if entry.looks_like_a_letter and not (entry.letterhead.strip() and entry.body.strip()):
            yield f"{entry.id}: looks like a letter without letterhead or body"
        if entry.layout != "blank" and not (entry.body.strip() or entry.rows):
            yield f"{entry.id}: neither body nor rows"
        yield from (f"{entry.id}: unknown matter {name!r}" for name in entry.follows.matters if name not in MATTERS)
        yield from (f"{entry.id}: unknown kind {kind}" for kind in entry.follows.kinds if not 1 <= kind <= 38)
        yield from (f"{entry.id}: unknown role {name!r}" for name in entry.people if not ROLES.match(name))
        whole = " ".join(
            (entry.letterhead, entry.address, entry.reference, entry.subject, entry.body, *sum(entry.rows, ()))
        )
        for role in sorted(set(re.findall(r"\b(c|s|h|l|g|t|w|e2?|r[1-5]|x[1-6])\.[a-z]", " ".join(_slots(whole))))):
            if role not in entry.people:
                yield f"{entry.id}: {role} is named and not among the people"


def _slots(text: str) -> list[str]:
    return re.findall(r"\{[{%](.*?)[%}]\}", text, re.DOTALL)


def split_enclosures(enclosures: Sequence[WrittenEnclosure]) -> dict[str, str]:
    """Assign enclosures to ``train`` or ``test`` by their id, letter-like ones and others in the same share.

    A page that continues another goes where that one goes.
    """
    after = {entry.id: entry.after for entry in enclosures}

    def root(name: str) -> str:
        previous = after[name]
        return name if previous is None else root(previous)

    groups: dict[bool, list[str]] = defaultdict(list)
    for entry in enclosures:
        if entry.after is None:
            groups[entry.looks_like_a_letter].append(entry.id)
    sides: dict[str, str] = {}
    for ids in groups.values():
        ordered = sorted(ids, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
        held_out = round(_TEST_SHARE * len(ordered))
        sides |= {name: "test" if place < held_out else "train" for place, name in enumerate(ordered)}
    return {entry.id: sides[root(entry.id)] for entry in enclosures}


def choose_enclosures(
    enclosures: Sequence[WrittenEnclosure], letter: Composed, count: int, rng: random.Random
) -> list[WrittenEnclosure]:
    """Choose pages that may lie behind a letter, papers of its matter more often than those that fit any.

    Parameters
    ----------
    enclosures
        Of one side of ``split_enclosures``.
    letter
        The letter in front.
    count
        How many pages at most; a page that continues another follows it at once.
    rng
        Chooses.
    """
    fitting = [entry for entry in enclosures if entry.after is None and _fits(entry, letter)]
    # Weighted drawing without putting back (Efraimidis and Spirakis 2006).
    order = sorted(fitting, key=lambda entry: rng.random() ** (1 / _weight(entry)), reverse=True)
    chosen: list[WrittenEnclosure] = []
    for entry in order:
        if len(chosen) == count:
            break
        if entry.kind in {other.kind for other in chosen}:
            continue
        chosen.append(entry)
        following = [other for other in enclosures if other.after == entry.id]
        chosen += following[: count - len(chosen)]
    return chosen


def _fits(entry: WrittenEnclosure, letter: Composed) -> bool:
    follows = entry.follows
    if entry.people and "c" not in letter.people:
        return False
    if follows.kinds and letter.written.kind not in follows.kinds:
        return False
    if follows.matters and letter.matter not in follows.matters:
        return False
    return follows.file == "either" or (follows.file == "known") == letter.in_case_list


def _weight(entry: WrittenEnclosure) -> float:
    return _FITTING_WEIGHT if entry.follows.kinds or entry.follows.matters else 1.0


class Encloser:
    """Fills enclosures.

    Parameters
    ----------
    city
        The sample office: plan, files, names.
    """

    def __init__(self, city: City) -> None:
        self._city = city
        self._composer = Composer(city)

    def fill(self, enclosure: WrittenEnclosure, letter: Composed, *, held_out: bool) -> FilledEnclosure:
        """Fill a page for a letter; the same letter gives the same page.

        Parameters
        ----------
        enclosure
            The written page.
        letter
            The letter in front: its persons keep their roles, others are invented.
        held_out
            Take names from the part of the city that training never sees.
        """
        rng = random.Random(f"{self._city.seed}/{letter.name}/{enclosure.after or enclosure.id}")
        day = letter.date - dt.timedelta(days=rng.randint(*enclosure.dated))
        labels = Labels()
        names = self._names(enclosure, letter, rng, day, labels, held_out)

        def text(template: str) -> str:
            return unmark(labels, fill(template, names)).text.strip("\n")

        return FilledEnclosure(
            enclosure, day, text(enclosure.letterhead), text(enclosure.address), text(enclosure.reference),
            text(enclosure.subject), tuple(tuple(text(cell) for cell in row) for row in enclosure.rows),
            text(enclosure.body),
        )  # fmt: skip

    def _names(
        self,
        enclosure: WrittenEnclosure,
        letter: Composed,
        rng: random.Random,
        day: dt.date,
        labels: Labels,
        held: bool,
    ) -> dict[str, Any]:
        def marked(label: str, value: str) -> str:
            return mark(labels, label, value)

        names: dict[str, Any] = {}
        for role, fixed in enclosure.people.items():
            if role == "w":
                names[role] = self._composer.caseworker(letter.post, rng, marked)
                continue
            person = self._person(role, fixed, letter, rng, day, held)
            numbers = ["own", "azr", "bamf"] if role != "c" or letter.in_case_list else ["azr", "bamf"]
            names[role] = Slots(person, role, enclosure.language, self._city.pools, rng, marked, numbers)
        return names | slot_functions(enclosure.language, rng, day, labels)

    def _person(self, role: str, fixed: Role, letter: Composed, rng: random.Random, day: dt.date, held: bool) -> Person:
        if role in ("c", "h", "l", "g") and role in letter.people:
            return letter.people[role]
        if role.startswith("r"):
            for name, other in letter.written.people.items():
                if name.startswith("r") and other.relation == fixed.relation:
                    return letter.people[name]
            return make_relative(self._city.pools, rng, letter.people["c"], fixed.relation, day)
        return self._city.stranger(rng, "000", age=(25, 64), day=day, held_out=held)
