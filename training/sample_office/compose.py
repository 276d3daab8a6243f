# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters with people in them: who writes about whom, which numbers show, and where each letter belongs."""

import datetime as dt
import hashlib
import random
import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from babel.dates import format_date

from router.office.plan import Plan
from training.sample_office.city import City
from training.sample_office.letters import FilledText, Labels, WrittenLetter, fill, mark, pages, unmark
from training.sample_office.people import Person, Slots, digits, make_person, make_relative

__all__ = ["Composed", "Composer", "slot_functions", "split_letters"]

_AUTHORITIES = frozenset(
    [
        "bamf",
        "court",
        "prosecutor",
        "police",
        "prison",
        "jobcenter",
        "social_office",
        "youth_office",
        "registry_office",
        "residents_registration",
        "other_immigration_office",
        "embassy",
        "lawyer",
        "other_authority",
    ]
)
_WRITER = {"applicant": "c", "relative": "r1", "friend": "s", "host": "h", "lawyer": "l"}
_PRIVATE = frozenset(("applicant", "relative", "friend", "host", "landlord", "unknown"))
_TEST_SHARE = 0.3
_UMLAUTS = str.maketrans(dict[str, str | int | None]({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}))
_AGES = {"studium": (18, 34), "ausbildung": (17, 32), "chancenkarte": (21, 45)}


def split_letters(letters: Sequence[WrittenLetter]) -> dict[str, str]:
    """Assign whole letters to ``train`` or ``test``, in every item kind the same share.

    The choice depends on the letter's id alone, so that adding letters moves none of the others across by
    chance of order; no variant of a test letter is ever trained on.
    """
    by_kind: dict[int, list[str]] = defaultdict(list)
    for letter in letters:
        by_kind[letter.kind].append(letter.id)
    split: dict[str, str] = {}
    for ids in by_kind.values():
        ordered = sorted(ids, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
        held_out = round(_TEST_SHARE * len(ordered))
        split |= {name: "test" if place < held_out else "train" for place, name in enumerate(ordered)}
    return split


def slot_functions(language: str, rng: random.Random, day: dt.date, labels: Labels) -> dict[str, Any]:
    """Return the slots that belong to nobody: dates as seen from `day`, numbers, amounts."""

    def date(days: int = 0) -> str:
        return f"{day + dt.timedelta(days=days):%d.%m.%Y}"

    def integer(low: int, high: int) -> int:
        return rng.randint(low, high)

    return {
        "date": date,
        "date_words": lambda days=0: format_date(day + dt.timedelta(days=days), "long", locale=language),
        "deadline": lambda days=14: mark(labels, "deadline", date(days)),
        "ref": lambda pattern: mark(labels, "ref", digits(str(pattern), rng)),
        "num": lambda pattern: mark(labels, "num", digits(str(pattern), rng)),
        "eur": lambda low, high: f"{rng.uniform(low, high):,.2f} €".translate(str.maketrans(",.", ".,")),
        "integer": integer,
        "year": lambda offset=0: str(day.year + offset),
        "maybe": lambda share=0.5: rng.random() < share,
    }


@dataclass(frozen=True)
class Composed:
    """One letter with people, numbers and dates filled in.

    Attributes
    ----------
    letter_id, variant
        Which written letter, and which filling of it.
    date, received
        Day it was written, and day it arrived.
    post, matter
        Where it belongs and what it is about, the truth for training and tests.
    in_case_list
        Whether the person concerned has a file.
    parts
        Marked texts: letterhead, reference, subject, body pages, form rows, companions.
    """

    written: WrittenLetter
    variant: int
    date: dt.date
    received: dt.date
    post: str
    matter: str
    in_case_list: bool
    people: Mapping[str, Person]
    letterhead: str
    reference: str
    subject: str
    body: tuple[str, ...]
    form: tuple[tuple[str, ...], ...]
    companions: tuple[tuple[str, str], ...]
    writer: str
    sender_email: str
    labels: Labels

    @property
    def letter_id(self) -> str:
        """Id of the written letter; all its variants belong to one group."""
        return self.written.id

    @property
    def name(self) -> str:
        """Name for files: letter and variant."""
        return f"{self.written.id}-{self.variant:03d}"

    def without_companions(self) -> "Composed":
        """Return the letter without the papers that travel with it."""
        return replace(self, companions=())

    def plain(self, marked: str) -> str:
        """Return a part without its marks."""
        return unmark(self.labels, marked).text

    def address_lines(self, office_address: Sequence[str]) -> tuple[str, ...]:
        """Return whom the letter is addressed to; misdirected ones often name somebody else."""
        own = tuple(line.strip() for line in self.written.address.splitlines() if line.strip())
        return own or tuple(office_address)

    def marked_text(self, office_address: Sequence[str], office_mail: str, *, as_mail: bool) -> str:
        """Return the whole letter as it reads from top to bottom, with marks."""
        address = self.address_lines(office_address)
        rows = ["\t".join(row) if len(row) > 1 else row[0].lstrip("# ") for row in self.form]
        content = "\n\n".join(part for part in ("\n".join(rows), *self.body) if part.strip())
        companions = "\n\n".join(f"{title}\n\n{body}" for title, body in self.companions)
        if as_mail:
            recipient = self.written.recipient or office_mail
            head = f"Von: {self._mail_name} <{self.sender_email}>\nAn: {recipient}\nBetreff: {self.subject}"
            content = "\n\n".join(part for part in (content, self.mail_footer) if part.strip())
        else:
            date = f"{self.date:%d.%m.%Y}"
            head = "\n\n".join(
                part
                for part in (self.letterhead, "\n".join(address), self.reference, date, self.subject)
                if part.strip()
            )
        return "\n\n".join(part for part in (head, content, companions) if part.strip())

    @property
    def from_organisation(self) -> bool:
        """Whether an office, firm or association writes rather than a private person."""
        return self.written.sender not in _PRIVATE

    @property
    def mail_footer(self) -> str:
        """What stands below the signature of an organisation's mail: its letterhead, with marks."""
        if not self.from_organisation or not self.letterhead.strip():
            return ""
        return "-- \n" + self.letterhead

    @property
    def _mail_name(self) -> str:
        person = self.people.get(self.writer)
        if person is None:
            return ""
        name = f"{person.given} {person.surname}".strip()
        return mark(self.labels, f"{self.writer}.name", name)

    @property
    def mail_from(self) -> tuple[str, str]:
        """Display name and address of the sender."""
        return self.plain(self._mail_name), self.sender_email

    def filled(self, plan: Plan, *, as_mail: bool = False) -> FilledText:
        """Return the whole letter's text with the exact positions of its slots."""
        office = plan.file.office
        return unmark(self.labels, self.marked_text(office.address, office.email, as_mail=as_mail))

    @cached_property
    def is_empty(self) -> bool:
        """True for a letter with next to nothing on it."""
        return len("".join(self.body)) < 40 and not self.form


class Composer:
    """Fills letters.

    Parameters
    ----------
    city
        The sample office: plan, files, names.
    """

    def __init__(self, city: City) -> None:
        self._city = city

    def compose(
        self, letter: WrittenLetter, variant: int, *, period: tuple[dt.date, dt.date], held_out: bool
    ) -> Composed:
        """Fill one letter.

        Parameters
        ----------
        letter
            The written letter.
        variant
            Which filling; the same number gives the same letter.
        period
            First and last day on which it may have been written.
        held_out
            Take people from the part of the city that training never sees.
        """
        rng = random.Random(f"{self._city.seed}/{letter.id}/{variant}")
        day = period[0] + dt.timedelta(days=rng.randrange((period[1] - period[0]).days + 1))
        labels = Labels()
        concerned, has_file = self._concerned(letter, rng, day, held_out)
        people = self._people(letter, concerned, rng, day, held_out)
        post, matter = self._truth(letter, concerned, has_file, day)
        names = self._names(letter, people, post, has_file, rng, day, labels)
        parts = {
            name: fill(getattr(letter, name), names).strip("\n") for name in ("letterhead", "reference", "subject")
        }
        body = tuple(fill(page, names).strip("\n") for page in pages(letter.body)) if letter.body.strip() else ()
        form = tuple(tuple(fill(cell, names) for cell in row) for row in letter.form)
        companions = tuple((fill(c.title, names), fill(c.body, names).strip("\n")) for c in letter.attachments)
        writer = _WRITER.get(letter.sender, "e")
        writer = writer if writer in people else next((r for r in ("s", "h", "e", "r1", "c") if r in people), "")
        received = day + dt.timedelta(days=rng.choice((0, 1, 1, 2, 2, 3, 4)))
        return Composed(
            letter, variant, day, received, post, matter, has_file, people, parts["letterhead"], parts["reference"],
            parts["subject"], body, form, companions, writer, self._address(
                letter, parts["letterhead"], people, writer, labels
            ), labels,
        )  # fmt: skip

    def _concerned(
        self, letter: WrittenLetter, rng: random.Random, day: dt.date, held_out: bool
    ) -> tuple[Person | None, bool]:
        if "c" not in letter.people:
            return None, False
        wants_file = letter.file == "known" or (letter.file == "either" and rng.random() < 0.5)
        young = "minor" in letter.traps or any(r.relation == "parent" for r in letter.people.values())
        has_children = any(role.relation == "child" for role in letter.people.values())

        def suits(person: Person) -> bool:
            age = (day - person.birth).days // 365
            if letter.nationalities and person.nation not in letter.nationalities:
                return False
            if "c_female" in letter.traps and person.gender != "f":
                return False
            if "minor" in letter.traps:
                return age < 18
            oldest = _AGES.get(letter.matter, (18, 99))[1] if not has_children else 99
            return age < 25 if young else (24 if has_children else 18) <= age <= oldest

        if wants_file:
            person = self._city.pick_case(letter.matter, suits, rng, held_out=held_out)
            if person is not None:
                return person, True
        key = rng.choice(letter.nationalities) if letter.nationalities else self._city.random_nation(letter.matter, rng)
        age = (
            (6, 17)
            if "minor" in letter.traps
            else (12, 24)
            if young
            else (26, 55)
            if has_children
            else _AGES.get(letter.matter, (18, 60))
        )
        for _attempt in range(20):
            person = self._city.stranger(rng, key, age=age, day=day, held_out=held_out, local=letter.matter != "visum")
            if "c_female" not in letter.traps or person.gender == "f":
                break
        return person, False

    def _people(
        self, letter: WrittenLetter, concerned: Person | None, rng: random.Random, day: dt.date, held_out: bool
    ) -> dict[str, Person]:
        people: dict[str, Person] = {}
        city = self._city
        lead = concerned or city.stranger(rng, "000", age=(25, 60), day=day, held_out=held_out)
        for role, fixed in letter.people.items():
            if role == "c":
                people[role] = lead
            elif role.startswith("r"):
                relative = make_relative(city.pools, rng, lead, fixed.relation, day)
                if "newborn" in letter.traps and fixed.relation in ("child", None):
                    relative = replace(relative, birth=day - dt.timedelta(days=rng.randint(5, 60)))
                people[role] = relative
            elif role.startswith("x"):
                people[role] = city.pick_case("by_case", lambda person: True, rng, held_out=held_out) or lead
            elif role == "w":
                people[role] = lead  # replaced by the caseworker's own slots
            elif role == "h":
                nation = lead.nation if rng.random() < 0.5 else "000"
                surname = lead.surname if nation == lead.nation and rng.random() < 0.5 else None
                people[role] = make_person(city.pools, rng, nation, age=(25, 65), today=day, surname=surname)
            else:
                people[role] = city.stranger(rng, "000", age=(25, 64), day=day, held_out=held_out)
        return people

    def _truth(self, letter: WrittenLetter, concerned: Person | None, has_file: bool, day: dt.date) -> tuple[str, str]:
        plan = self._city.plan
        if letter.matter == "irrlaeufer":
            return plan.misdirected_post or "", "irrlaeufer"
        if letter.matter in plan.overriding_matters:
            key = plan.surname_rules.key(concerned.surname) if concerned else ""
            outlooks = plan.outlooks(letter.matter, concerned.nation if concerned else None, [key] if key else [], day)
            return outlooks[0].post, letter.matter
        if has_file and concerned is not None:
            return self._city.holder(concerned, day), concerned.matter if letter.matter == "by_case" else letter.matter
        matter = "termin" if letter.matter == "by_case" else letter.matter
        key = plan.surname_rules.key(concerned.surname) if concerned else ""
        outlooks = plan.outlooks(matter, concerned.nation if concerned else None, [key] if key else [], day)
        return (outlooks[0].post if outlooks else plan.misdirected_post or ""), matter

    def _names(
        self,
        letter: WrittenLetter,
        people: Mapping[str, Person],
        post: str,
        has_file: bool,
        rng: random.Random,
        day: dt.date,
        labels: Labels,
    ) -> dict[str, Any]:
        def marked(label: str, value: str) -> str:
            return mark(labels, label, value)

        official = letter.sender in _AUTHORITIES
        names: dict[str, Any] = {}
        for role, person in people.items():
            if role == "w":
                names[role] = self.caseworker(post, rng, marked)
                continue
            shown: list[str] = []
            if role[0] in "crx":
                likely = {
                    "own": 0.75 if official else 0.45,
                    "azr": 0.6 if official else 0.25,
                    "bamf": 0.9 if official else 0.5,
                }
                shown = [name for name, share in likely.items() if rng.random() < share]
                if not has_file and role == "c":
                    shown = [name for name in shown if name != "own"]
            names[role] = Slots(person, role, letter.language, self._city.pools, rng, marked, shown)
        return names | slot_functions(letter.language, rng, day, labels)

    def caseworker(self, post: str, rng: random.Random, marked: Callable[[str, str], str]) -> "_CaseworkerSlots":
        """Return a caseworker as letters name one: mostly who holds `post`."""
        plan = self._city.plan
        if rng.random() < 0.12:  # an old letter lies before the writer: the person has long had another post
            post = rng.choice(list(plan.posts))
        holder = plan.posts[post].caseworker or next(iter(plan.caseworkers))
        return _CaseworkerSlots(plan, holder, post, marked)

    def _address(
        self, letter: WrittenLetter, letterhead: str, people: Mapping[str, Person], writer: str, labels: Labels
    ) -> str:
        person = people.get(writer)
        if letter.sender not in _PRIVATE or person is None:
            return f"info@{_domain(unmark(labels, letterhead).text, letter)}.example"
        return person.email


def _domain(letterhead: str, letter: WrittenLetter) -> str:
    """Return the domain an organisation with this letterhead may have: its first two long words."""
    words = re.findall(r"[a-zäöüß]{4,}", letterhead.split("\n", 1)[0].lower())
    if not words:
        return f"dienststelle-{len(letter.body) % 97}"
    return "-".join(words[:2]).translate(_UMLAUTS)


class _CaseworkerSlots:
    """A caseworker of the office as letters see one."""

    def __init__(self, plan: Plan, caseworker: str, post: str, marked: Callable[[str, str], str]) -> None:
        entry = plan.caseworkers[caseworker]
        title, _, rest = entry.name.partition(" ")
        surname = rest.split()[-1]
        self._feminine = title == "Frau"
        self.name = f"{title} {marked('w.name', marked('w.surname', rest))}"
        self.surname = marked("w.surname", surname)
        self.given = ""
        self.comma = self.name
        self.herr = title
        self.herrn = "Frau" if self._feminine else "Herrn"
        self.email = entry.email
        self.post = post
        self.phone = f"04981 33-{post[-2:]}0"

    def pick(self, masculine: str, feminine: str) -> str:
        """Return the wording that fits the caseworker's gender."""
        return feminine if self._feminine else masculine
