# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters of one case are found, and never lie on both sides of a split; the newest are judged by older ones."""

import datetime as dt
from pathlib import Path

import numpy as np
import pytest

from router.office.office import Office
from router.records import Owner, Person, PersonRole, Reference, ReferenceKind
from tests.router.deciding.offices import letter_of, told, write_office
from training.cases import case_of, hold_out
from training.dataset import Labelled

DAY = dt.date(2026, 6, 1)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return write_office(tmp_path)


def _letter(
    *numbers: str,
    persons: tuple[Person, ...] = (),
    group: str = "",
    kind: ReferenceKind = ReferenceKind.OWN,
    owner: Owner = Owner.OURS,
) -> Labelled:
    references = [Reference(kind, number, owner) for number in numbers]
    return Labelled(letter_of("x"), told("x", *persons, references=references), DAY, "21", group=group)


def _born(surname: str, given: str, day: dt.date | None) -> Person:
    return Person(surname, given, PersonRole.CONCERNED, birth_date=day)


def _together(office: Office, *letters: Labelled) -> bool:
    return len(set(case_of(letters, office))) == 1


def test_variants_of_one_letter_are_of_one_case(office: Office) -> None:
    assert _together(office, _letter(group="a"), _letter(group="a"))
    assert not _together(office, _letter(group="a"), _letter(group="b"))


def test_letters_without_a_group_are_not_variants_of_each_other(office: Office) -> None:
    assert not _together(office, _letter(), _letter())


def test_one_number_is_one_case_however_it_is_written(office: Office) -> None:
    assert _together(office, _letter("33.2-111-000001"), _letter("33.2 111 000001"))
    assert not _together(office, _letter("33.2-111-000001"), _letter("33.2-111-000002"))


def test_numbers_of_one_file_are_one_case(office: Office) -> None:
    central = _letter("101010084300", kind=ReferenceKind.AZR, owner=Owner.UNKNOWN)
    assert _together(office, _letter("33.2-475-123456"), central)


def test_a_number_of_somebody_else_makes_no_case(office: Office) -> None:
    letters = [_letter("33.2-111-000001", owner=Owner.THEIRS) for _number in range(2)]
    assert not _together(office, *letters)
    court = [_letter("4 K 12/26", kind=ReferenceKind.COURT) for _number in range(2)]
    assert not _together(office, *court)


def test_a_person_is_known_by_birth_date_and_part_of_the_name(office: Office) -> None:
    day = dt.date(1998, 3, 2)
    assert _together(
        office, _letter(persons=(_born("Haddad", "Nour", day),)), _letter(persons=(_born("Nour", "Al-Haddad", day),))
    )
    assert not _together(
        office, _letter(persons=(_born("Haddad", "Nour", day),)), _letter(persons=(_born("Petrov", "Ivan", day),))
    )
    assert not _together(
        office, _letter(persons=(_born("Haddad", "Nour", None),)), _letter(persons=(_born("Haddad", "Nour", None),))
    )


def test_cases_join_along_chains(office: Office) -> None:
    day = dt.date(1998, 3, 2)
    letters = [
        _letter("33.2-111-000001"),
        _letter("33.2-111-000001", persons=(_born("Haddad", "Nour", day),)),
        _letter(persons=(_born("Haddad", "N.", day),), group="a"),
        _letter(group="a"),
    ]
    assert _together(office, *letters)


def test_a_number_on_every_letterhead_joins_nothing(office: Office) -> None:
    letters = [_letter("33.2-111-000001") for _number in range(100)]
    assert len(set(case_of(letters, office))) == 100


def test_each_letter_is_tested_once_and_cases_are_never_divided() -> None:
    rng = np.random.default_rng(1)
    cases = np.unique(rng.integers(0, 150, 400), return_inverse=True)[1].astype(np.intp)
    received = [DAY + dt.timedelta(days=int(day)) for day in rng.integers(0, 100, 400)]
    folds = hold_out(received, cases, ["a", "b"] * 200, count=5, seed=1)
    assert len(folds.parts) == 5
    assert sorted(place for _learn, test in folds.parts for place in test) == list(range(400))
    for learn, test in folds.parts:
        assert not set(cases[learn]) & set(cases[test])


def test_the_newest_letters_are_judged_by_older_ones_alone() -> None:
    received = [DAY + dt.timedelta(days=place % 100) for place in range(400)]
    folds = hold_out(received, np.arange(400), ["a", "b"] * 200, count=5, seed=1)
    learn, test = folds.parts[-1]
    assert set(test) == set(np.flatnonzero(folds.newest))
    assert len(test) == 80
    assert max(received[place] for place in learn) < min(received[place] for place in test)
    # The others may learn from what came later: nothing is wasted.
    assert all(folds.newest[other].any() for other, _test in folds.parts[:-1])


@pytest.mark.parametrize(
    ("received", "labels"),
    [
        ([DAY] * 100, ["a", "b"] * 50),
        ([DAY] * 50 + [DAY + dt.timedelta(days=1)] * 50, ["a", "b"] * 50),
        ([DAY + dt.timedelta(days=place) for place in range(100)], ["a"] * 80 + ["b"] * 20),
    ],
    ids=["one day", "half on the last day", "older letters of one kind"],
)
def test_letters_that_time_does_not_divide_are_divided_by_case(received: list[dt.date], labels: list[str]) -> None:
    folds = hold_out(received, np.arange(100), labels, count=5, seed=1)
    assert not folds.newest.any()
    assert sorted(place for _learn, test in folds.parts for place in test) == list(range(100))
