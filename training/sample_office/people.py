# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Invented people: names by country, birth dates, addresses, and the marked values letters ask for."""

import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from babel import Locale
from babel.core import UnknownLocaleError
from pydantic import BaseModel, ConfigDict

from router.office.surnames import fold

__all__ = ["Nation", "Person", "Pools", "Slots", "country_name", "load_pools"]

Gender = Literal["m", "f"]


class Nation(BaseModel):
    """Names and words of one country key."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    key: str
    iso: str
    adjective_de: str
    adjective_en: str
    weight: int = 1
    order: str = "given_first"
    surnames: tuple[str, ...]
    male: tuple[str, ...]
    female: tuple[str, ...]
    single_name_share: float = 0.0
    cities: tuple[str, ...] = ("–",)
    variants: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Pools:
    """Everything people are made of."""

    nations: dict[str, Nation]
    streets: tuple[str, ...]
    zips: tuple[str, ...]
    towns: tuple[tuple[str, str], ...]
    mail_providers: tuple[str, ...]


def load_pools(folder: Path) -> Pools:
    """Load ``nations.yaml`` and ``places.yaml``."""
    nations = [Nation.model_validate(raw) for raw in yaml.safe_load((folder / "nations.yaml").read_text("utf-8"))]
    # Stateless people and those of unclear nationality bear the names of the regions they mostly come from.
    syria = next(nation for nation in nations if nation.key == "475")
    for key, words in (("997", ("staatenlos", "stateless")), ("998", ("ungeklärt", "unclear"))):
        nations.append(
            syria.model_copy(
                update={"key": key, "iso": "", "adjective_de": words[0], "adjective_en": words[1], "weight": 1}
            )
        )
    places = yaml.safe_load((folder / "places.yaml").read_text("utf-8"))
    return Pools(
        {nation.key: nation for nation in nations},
        tuple(places["streets"]),
        tuple(str(code) for code in places["zips"]),
        tuple((town["name"], str(town["zip"])) for town in places["neighbour_towns"]),
        tuple(places["mail_providers"]),
    )


@dataclass(frozen=True, slots=True)
class Person:
    """An invented person.

    ``own``, ``azr`` and ``bamf`` are empty for people without a file; ``alias`` is another spelling of the name.
    """

    surname: str
    given: str
    gender: Gender
    birth: dt.date
    nation: str
    birthplace: str
    street: str
    zip: str
    city: str
    phone: str
    email: str
    passport: str
    alias: str = ""
    own: str = ""
    azr: str = ""
    bamf: str = ""
    matter: str = ""
    post: str = ""
    details: dict[str, str] = field(default_factory=dict)


def digits(pattern: str, rng: random.Random) -> str:
    return "".join(
        str(rng.randrange(10)) if sign == "#" else rng.choice("ABCDEFGHKLMNPRSTVWXZ") if sign == "@" else sign
        for sign in pattern
    )


def variant_spelling(name: str, nation: Nation, rng: random.Random) -> str:
    """Return the name as another office or the person in a hurry would write it."""
    for left, right in nation.variants:
        for this, other in ((left, right), (right, left)):
            if this in name.split() or this == name:
                return name.replace(this, other)
    changes: list[tuple[str, str]] = [
        ("ou", "u"), ("ch", "tsch"), ("y", "j"), ("j", "y"), ("kh", "ch"), ("w", "v"), ("ss", "s"), ("ee", "i"),
        ("ü", "ue"), ("ö", "oe"), ("ä", "ae"), ("ş", "s"), ("ć", "c"), ("č", "c"), ("ğ", "g"), ("ı", "i"), ("ł", "l"),
        ("Al-", "Al "), ("Al ", "Al-"), ("El ", "Al "), ("mm", "m"), ("ll", "l"),
    ]  # fmt: skip
    fitting = [(old, new) for old, new in changes if old in name]
    if fitting:
        old, new = rng.choice(fitting)
        return name.replace(old, new, 1)
    return name


def make_person(
    pools: Pools,
    rng: random.Random,
    nation_key: str,
    *,
    age: tuple[int, int] = (19, 62),
    today: dt.date,
    surname: str | None = None,
    local: bool = True,
) -> Person:
    """Invent a person of a country.

    Parameters
    ----------
    pools
        What people are made of.
    rng
        Source of chance.
    nation_key
        Destatis key.
    age
        Youngest and oldest age in years.
    today
        Day from which the age counts.
    surname
        A given family name, for relatives.
    local
        Whether the person lives in the city.
    """
    nation = pools.nations[nation_key]
    gender: Gender = "m" if rng.random() < 0.55 else "f"
    family = surname or rng.choice(nation.surnames)
    if "|" in family:
        family = family.split("|")[0 if gender == "m" else 1]
    given = rng.choice(nation.male if gender == "m" else nation.female)
    if rng.random() < 0.12 and " " not in given and "-" not in given:
        second = rng.choice(nation.male if gender == "m" else nation.female)
        given = given if second == given else f"{given} {second}"
    if rng.random() < nation.single_name_share:
        family, given = given.split()[0], ""
    birth = today - dt.timedelta(days=rng.randint(age[0] * 365, age[1] * 365 + 364))
    if nation_key in ("423", "273", "277", "475", "438") and rng.random() < 0.25:
        birth = dt.date(birth.year, 1, 1)  # many registers know only the year
    town, code = ("Auenfurt", rng.choice(pools.zips)) if local else rng.choice(pools.towns)
    full = f"{given} {family}".strip()
    alias = variant_spelling(full, nation, rng) if rng.random() < 0.3 else ""
    handle = fold(rng.choice([f"{given}.{family}", f"{family}{birth:%y}", f"{given}_{family}", f"{given}{family}"]))
    handle = "".join(sign for sign in handle.replace(" ", "") if sign.isalnum() or sign in "._").strip("._")
    return Person(
        surname=family,
        given=given,
        gender=gender,
        birth=birth,
        nation=nation_key,
        birthplace=rng.choice(nation.cities),
        street=f"{rng.choice(pools.streets)} {rng.randint(1, 160)}{rng.choice(['', '', '', ' a', ' b'])}",
        zip=code,
        city=town,
        phone=digits(rng.choice(["0157 ########", "01## #######", "04981 ######", "+49 176 ########"]), rng),
        email=f"{handle}@{rng.choice(pools.mail_providers)}",
        passport=digits(rng.choice(["@########", "@@#######", "P########", "@#@######"]), rng),
        alias=alias if alias != full else "",
    )


def make_relative(pools: Pools, rng: random.Random, lead: Person, relation: str | None, today: dt.date) -> Person:
    """Invent a relative; children and siblings bear the same family name, most spouses too."""
    lead_age = (today - lead.birth).days // 365
    ages = {
        "child": (0, max(0, min(17, lead_age - 18))),
        "spouse": (max(18, lead_age - 8), max(19, lead_age + 6)),
        "parent": (lead_age + 19, lead_age + 38),
        "sibling": (max(1, lead_age - 12), lead_age + 12),
    }
    shares_name = relation in ("child", "sibling") or rng.random() < 0.7
    relative = make_person(
        pools,
        rng,
        lead.nation,
        age=ages.get(relation or "sibling", (18, 60)),
        today=today,
        surname=lead.surname if shares_name and lead.given else None,
    )
    return replace(relative, street=lead.street, zip=lead.zip, city=lead.city, bamf=lead.bamf)


@lru_cache(maxsize=4096)
def country_name(iso: str, language: str) -> str:
    """Return the name of a country in a language (CLDR)."""
    try:
        return str(Locale.parse(language).territories.get(iso, iso))
    except (UnknownLocaleError, ValueError):
        return iso


class Slots:
    """A person as letters see it: every field marked with its role.

    Parameters
    ----------
    person
        Who.
    role
        ``c``, ``r1``, ...
    language
        Of the letter.
    pools
        For words about countries.
    rng
        For variants.
    mark
        Wraps a value with the mark of a label.
    numbers
        Which of own, azr, bamf the letter may show.
    """

    def __init__(
        self,
        person: Person,
        role: str,
        language: str,
        pools: Pools,
        rng: random.Random,
        mark: Callable[[str, str], str],
        numbers: Sequence[str] = (),
    ) -> None:
        self._person = person
        self._role = role
        nation = pools.nations[person.nation]
        given_first = " ".join(part for part in (person.given, person.surname) if part)
        values: dict[str, str] = {
            "given": person.given or person.surname,
            "surname": person.surname,
            "birth": f"{person.birth:%d.%m.%Y}",
            "birth_iso": person.birth.isoformat(),
            "birth_year": str(person.birth.year),
            "birthplace": person.birthplace,
            "country": country_name(nation.iso, language) or "–",
            "nationality": nation.adjective_de
            if language == "de"
            else nation.adjective_en
            if language == "en"
            else country_name(nation.iso, language),
            "street": person.street,
            "zip": person.zip,
            "city": person.city,
            "phone": person.phone,
            "email": person.email,
            "passport": person.passport,
        }
        self._values = {name: mark(f"{role}.{name}", value) for name, value in values.items()}
        given, surname = (mark(f"{role}.{name}", values[name]) for name in ("given", "surname"))
        upper = mark(f"{role}.surname", person.surname.upper())
        both = bool(person.given)

        def whole(text: str) -> str:
            return mark(f"{role}.name", text)

        self._values |= {
            "name": whole(f"{given} {surname}" if both else surname),
            "comma": whole(f"{surname}, {given}" if both else surname),
            "caps": whole(f"{upper}, {given}" if both else upper),
            "surname_first": whole(f"{surname} {given}" if both else surname),
            "variant": whole(person.alias or variant_spelling(given_first, nation, rng)),
            "address": f"{self._values['street']}, {self._values['zip']} {self._values['city']}",
            "herr": "Herr" if person.gender == "m" else "Frau",
            "herrn": "Herrn" if person.gender == "m" else "Frau",
        }
        for name in ("own", "azr", "bamf"):
            value = getattr(person, name) if name in numbers else ""
            self._values[name] = mark(f"{role}.{name}", value) if value else ""

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(f"a person has no field {name}") from None

    def pick(self, masculine: str, feminine: str) -> str:
        """Return the wording that fits the person's gender."""
        return masculine if self._person.gender == "m" else feminine
