# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The sample office's city: plan, names, and a case list of files that fit them."""

import csv
import datetime as dt
import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from router.office.cases import COLUMNS
from router.office.plan import Plan, load_plan
from training.sample_office.people import Nation, Person, Pools, digits, load_pools, make_person

__all__ = ["City", "write_cases"]

_TODAY = dt.date(2026, 11, 22)
_HELD_OUT_SHARE = 0.3

_MATTER_SHARES = {
    "studium": 13, "ausbildung": 5, "fachkraft": 9, "blaue_karte": 6, "chancenkarte": 2, "selbstaendig": 2,
    "familie": 15, "niederlassung": 7, "integrationskurs": 2, "freizuegigkeit": 6, "humanitaer": 14, "reiseausweis": 1,
    "umverteilung": 1, "ukraine": 9, "asyl": 5, "duldung": 6, "beschaeftigung": 1, "rueckfuehrung": 4,
}  # fmt: skip
_NATIONS_OF = {
    "ukraine": {"166": 1},
    "freizuegigkeit": {"125": 4, "152": 5, "154": 6, "137": 2, "161": 1, "168": 1},
    "humanitaer": {"475": 16, "423": 9, "438": 5, "439": 3, "224": 4, "273": 3, "163": 2, "459": 1, "277": 1},
    "asyl": {"475": 4, "423": 5, "163": 6, "430": 3, "367": 3, "349": 2, "232": 2, "439": 2, "273": 2, "160": 1},
    "duldung": {"423": 3, "438": 4, "232": 3, "461": 3, "432": 3, "262": 2, "451": 2, "430": 2, "170": 2, "238": 2, "436": 2, "252": 2},  # noqa: E501 - a table
    "rueckfuehrung": {"163": 2, "430": 2, "170": 2, "221": 1, "252": 1, "438": 2, "461": 1, "273": 1, "232": 1, "121": 1, "423": 1},  # noqa: E501 - a table
    "beschaeftigung": {"423": 2, "461": 1, "432": 1, "232": 1, "163": 1},
    "reiseausweis": {"475": 3, "224": 2, "273": 1, "423": 1},
    "umverteilung": {"475": 3, "423": 2, "438": 1},
    "studium": {"436": 12, "479": 8, "461": 3, "439": 3, "252": 3, "262": 3, "437": 2, "432": 2, "460": 3, "458": 2, "163": 2, "353": 1, "349": 1, "285": 1},  # noqa: E501 - a table
    "blaue_karte": {"436": 10, "163": 4, "160": 4, "439": 3, "479": 3, "327": 2, "287": 2, "368": 2, "166": 1},
}  # fmt: skip
_NUMBERED = ("humanitaer", "asyl", "duldung", "beschaeftigung", "reiseausweis", "umverteilung", "rueckfuehrung")


def _held_out(text: str) -> bool:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 0xFFFFFFFF < _HELD_OUT_SHARE


class City:
    """Everything the sample office knows, made from a seed.

    Parameters
    ----------
    folder
        The project's ``data_samples``.
    seed
        The same seed gives the same city.
    files
        Number of files in the case list.
    """

    def __init__(self, folder: Path, seed: int = 33, files: int = 2000) -> None:
        self.folder = folder
        self.seed = seed
        self.pools: Pools = load_pools(folder / "people")
        self.plan: Plan = load_plan(folder / "office" / "plan.yaml")
        self._files = files

    @cached_property
    def cases(self) -> tuple[Person, ...]:
        """People with a file, each with own number, matter and the post that holds it."""
        rng = random.Random(f"{self.seed}/cases")
        cases: list[Person] = []
        numbers: set[str] = set()
        while len(cases) < self._files:
            matter = rng.choices(list(_MATTER_SHARES), list(_MATTER_SHARES.values()))[0]
            nation = self.random_nation(matter, rng)
            age = (
                (17, 31)
                if matter in ("studium", "ausbildung")
                else (2, 64)
                if matter in ("familie", "humanitaer", "ukraine", "asyl")
                else (19, 62)
            )
            person = make_person(self.pools, rng, nation, age=age, today=_TODAY)
            own = f"33.{self._section(matter)}-{nation}-{digits('######', rng)}"
            if own in numbers:
                continue
            numbers.add(own)
            key = self.plan.surname_rules.key(person.surname)
            post = self.plan.outlooks(matter, nation, [key], _TODAY)[0].post
            stayed = ""
            if rng.random() < 0.03:  # the file stayed where it was when the person changed purpose
                stayed = post = rng.choice([other for other in self._file_posts if other != post])
            stored = max(person.birth + dt.timedelta(days=30), dt.date(2009, 1, 1))
            first = stored + dt.timedelta(days=rng.randrange(max((_TODAY - stored).days, 1)))
            cases.append(
                replace(
                    person,
                    own=own,
                    azr=f"{first:%y%m%d}{digits('######', rng)}" if rng.random() < 0.9 else "",
                    bamf=f"{digits('#######', rng)}-{nation}" if matter in _NUMBERED else "",
                    matter=matter,
                    post=post,
                    details={"stayed": stayed},
                )
            )
        return tuple(cases)

    @cached_property
    def _file_posts(self) -> list[str]:
        matters = set(_MATTER_SHARES)
        return sorted({rule.post for rule in self.plan.rules if matters & set(rule.matters)})

    def _section(self, matter: str) -> str:
        post = next(rule.post for rule in self.plan.rules if matter in rule.matters)
        return post.split(".")[1][0]

    def holder(self, person: Person, day: dt.date) -> str:
        """Return the post that held a person's file on a day."""
        if person.details.get("stayed"):
            return person.details["stayed"]
        key = self.plan.surname_rules.key(person.surname)
        return self.plan.outlooks(person.matter, person.nation, [key], day)[0].post

    @cached_property
    def _pool(self) -> dict[tuple[bool, str], list[Person]]:
        pool: dict[tuple[bool, str], list[Person]] = defaultdict(list)
        for person in self.cases:
            side = _held_out(person.own)
            pool[side, person.matter].append(person)
            pool[side, ""].append(person)
        return pool

    def pick_case(
        self, matter: str, suits: Callable[[Person], bool], rng: random.Random, *, held_out: bool
    ) -> Person | None:
        """Return a person with a file that fits a letter's matter, or ``None`` when there is none."""
        field = self.plan.field_of_matter.get(matter)
        pools: list[list[Person]] = []
        if matter in _MATTER_SHARES:
            pools.append(self._pool[held_out, matter])
            neighbours = self.plan.fields[field][1] if field else frozenset()
            pools.append([person for other in sorted(neighbours) for person in self._pool[held_out, other]])
        else:
            pools.append(self._pool[held_out, ""])
        for pool in pools:
            fitting = [person for person in pool if suits(person)]
            if fitting:
                return rng.choice(fitting)
        return None

    def random_nation(self, matter: str, rng: random.Random) -> str:
        """Return a country key, likely ones for the matter more often."""
        shares = _NATIONS_OF.get(matter) or {
            nation.key: nation.weight for nation in self.pools.nations.values() if nation.key != "000"
        }
        known = {key: share for key, share in shares.items() if key in self.pools.nations}
        return rng.choices(list(known), list(known.values()))[0]

    @cached_property
    def _split_pools(self) -> dict[bool, Pools]:
        """The name pools parted in names training may see and names it never sees."""

        def part(nation: Nation, held_out: bool) -> Nation:
            kept = tuple(name for name in nation.surnames if _held_out(f"{nation.key}/{name}") == held_out)
            return nation.model_copy(update={"surnames": kept or nation.surnames})

        return {
            side: replace(self.pools, nations={key: part(nation, side) for key, nation in self.pools.nations.items()})
            for side in (False, True)
        }

    def stranger(
        self, rng: random.Random, nation: str, *, age: tuple[int, int], day: dt.date, held_out: bool, local: bool = True
    ) -> Person:
        """Invent somebody without a file; sometimes with an AZR or BAMF number of their own."""
        key = nation if nation in self.pools.nations else "000"
        person = make_person(self._split_pools[held_out], rng, key, age=age, today=day, local=local)
        stored = day - dt.timedelta(days=rng.randint(20, 2500))
        return replace(
            person,
            nation=key,
            azr=f"{stored:%y%m%d}{digits('######', rng)}" if key != "000" else "",
            bamf=f"{digits('#######', rng)}-{key}" if key != "000" and rng.random() < 0.5 else "",
        )


def write_cases(cases: Iterable[Person], path: Path) -> None:
    """Write a case list as the office would export it."""
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for person in cases:
            writer.writerow(
                {
                    "file_reference": person.own,
                    "azr": person.azr,
                    "bamf_reference": person.bamf,
                    "surname": person.surname,
                    "given_names": person.given,
                    "aliases": person.alias,
                    "birth_date": person.birth.isoformat(),
                    "nationality": person.nation,
                    "post": person.post,
                }
            )
