# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Short letters as people write them, from facts to decision: who it is about, whose number, how names are read."""

import datetime as dt
from pathlib import Path

import pytest

from router.deciding.decide import decide
from router.deciding.evidence import gather_evidence
from router.deciding.kinds import Feature, TopicView
from router.deciding.ruling import rule_shares, surname_keys
from router.office.office import Office
from router.records import Decision, Owner, Person, PersonRole, Reason
from tests.router.deciding.offices import CASES, DAY, PLAN, TEXTS, concerned, facts_of, letter_of, told, write_office

MORE_CASES = """33.2-423-555001,101010084400,,Ahmadi,Maryam,,2014-05-06,423,21
33.2-423-555002,101010084401,,Ahmadi,Reza,,1985-01-02,423,21
33.2-163-777001,,,Yılmaz,Ayşe,,1991-07-08,163,31
33.2-166-888001,,,Ковальчук,Олена,Kovalchuk Olena,1992-02-03,166,22
33.2-475-321321,,,Al Hassan,Maryam,,1990-01-31,475,31
33.2-160-646464,,,Müller-Nguyen,Thi,,1999-09-09,432,22
"""
HELLO = "Sehr geehrte Damen und Herren,\n"
BYE = "\nMit freundlichen Grüßen\n"
STUDY = HELLO + " ".join(TEXTS["studium"][:3]) + BYE


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The sample office with a few more files."""
    return write_office(tmp_path_factory.mktemp("town"), cases=CASES + MORE_CASES)


def _decide(text: str, office: Office) -> Decision:
    letter = letter_of(text)
    return decide(letter, facts_of(letter, office), office, None, DAY)


ABOUT_OTHERS = {
    "mother about a child": (
        HELLO + "ich schreibe wegen meiner Tochter Maryam Ahmadi, geboren am 06.05.2014. Sie möchte einen neuen "
        "Aufenthaltstitel, bitte teilen Sie uns einen Termin mit." + BYE + "Fatima Ahmadi\n",
        "Maryam Ahmadi", "21",
    ),
    "husband about his wife": (
        HELLO + "hiermit beantrage ich für meine Frau Nour Haddad, geb. am 02.03.1998, die Verlängerung." + BYE
        + "Ivan Petrov\n",
        "Nour Haddad", "31",
    ),
    "lawyer about a client": (
        "Rechtsanwältin Dr. Petra Vogel\nKanzlei Vogel & Partner\n\nIn Sachen Ngassa, Franck, geb. 24.04.2005\n"
        "Ihr Zeichen: 33.2-262-857724\nUnser Zeichen: 123/26 PV\n\n" + HELLO
        + "namens und in Vollmacht meines Mandanten bitte ich um Akteneinsicht." + BYE
        + "Dr. Petra Vogel\nRechtsanwältin\n",
        "Franck Ngassa", "22",
    ),
    "host about a guest": (
        HELLO + "ich möchte meinen Gast Nour Haddad, geboren am 02.03.1998, nach Deutschland einladen und eine "
        "Verpflichtungserklärung abgeben." + BYE + "Klaus Berger\n",
        "Nour Haddad", "31",
    ),
    "family of one file": (
        HELLO + "wir, Reza Ahmadi, geboren am 02.01.1985, und unsere Tochter Maryam Ahmadi, geboren am 06.05.2014, "
        "bitten um einen Termin zur Verlängerung." + BYE + "Reza Ahmadi\n",
        "Reza Ahmadi", "21",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ABOUT_OTHERS)
def test_the_person_a_letter_is_about_decides_and_not_who_wrote_it(name: str, town: Office) -> None:
    text, person, post = ABOUT_OTHERS[name]
    decision = _decide(text, town)
    named = [f"{p.given_names} {p.surname}" for p in decision.facts.persons if p.role is PersonRole.CONCERNED]
    assert named == [person]
    assert decision.post == post
    assert Reason.SEVERAL_LETTERS not in decision.reasons
    assert Reason.CONFLICT not in decision.reasons


TWO_NUMBERS = {
    "job centre": "Jobcenter Musterstadt\nUnser Zeichen: 12345BG0012345\nIhr Zeichen: 33.2-262-857724\n\n",
    "office next door": "Ausländeramt Nachbarstadt\nUnser Zeichen: 33.1-100-123123\nIhr Zeichen: 33.2-262-857724\n\n",
    "court": "Verwaltungsgericht Musterstadt\nGeschäftszeichen: 5 K 123/26\nIhr Zeichen: 33.2-262-857724\n\n",
}


@pytest.mark.parametrize("head", TWO_NUMBERS.values(), ids=TWO_NUMBERS)
def test_of_two_numbers_ours_leads_to_the_file(head: str, town: Office) -> None:
    text = head + HELLO + "bitte teilen Sie mit, ob der Aufenthaltstitel von Herrn Franck Ngassa fortbesteht." + BYE
    decision = _decide(text + "Im Auftrag\nSabine Krause\n", town)
    ours = [reference.value for reference in decision.facts.references if reference.owner is Owner.OURS]
    assert ours == ["33.2-262-857724"]
    assert decision.post == "22"
    assert Reason.CONFLICT not in decision.reasons


@pytest.mark.parametrize(
    ("signed", "post"),
    [
        ("Nachname: Franck\nVorname: Ngassa\nGeburtsdatum: 24.04.2005", "22"),
        ("Ayse Yilmaz, geboren am 08.07.1991", "31"),
        ("Olena Kovalchuk, geboren am 03.02.1992", "22"),
        ("Maryam Al-Hassan, geb. 31.01.1990", "31"),
        ("Thi Mueller Nguyen, geb. 09.09.1999", "22"),
    ],
    ids=["swapped", "without diacritics", "transliterated", "article", "double"],
)
def test_a_file_is_found_however_the_name_is_written(signed: str, post: str, town: Office) -> None:
    decision = _decide(HELLO + "ich bitte um einen Termin wegen der Verlängerung." + BYE + signed + "\n", town)
    assert decision.details["has_file"] > 0.9
    assert decision.post == post


@pytest.mark.parametrize(
    ("signed", "post"),
    [("Mehmet Kaya", "21"), ("KAYA Mehmet", "21"), ("Amadou Diallo", "21"), ("Anna Schmidt", "22")],
)
def test_who_signs_for_nobody_else_decides_by_the_surname(signed: str, post: str, town: Office) -> None:
    decision = _decide(STUDY + signed + "\n", town)
    assert decision.post == post
    assert Reason.NO_PERSON not in decision.reasons


@pytest.mark.parametrize("signed", ["Im Auftrag\nAnna Schmidt", "Anna Schmidt\nSachbearbeiterin"])
def test_who_signs_for_an_office_does_not(signed: str, town: Office) -> None:
    text = "Hochschule Musterstadt\n\n" + HELLO + "anbei meine Mitteilung zur Immatrikulation." + BYE + signed + "\n"
    decision = _decide(text, town)
    assert {person.role for person in decision.facts.persons} <= {PersonRole.OFFICIAL, PersonRole.OTHER}
    assert Reason.NO_PERSON in decision.reasons


EITHER = PLAN.replace("office:\n", "office:\n  surname_rules: {double_names: either}\n", 1)
READINGS = {
    "swapped": concerned("Tran", "Zhang", swappable=True),
    "double": Person("Müller-Nguyen", "Thi", PersonRole.CONCERNED),
    "two surnames": Person("Lopez", "Ana", PersonRole.CONCERNED, other_surname="Vega"),
    "three readings": Person("Müller-Nguyen", "Tran", PersonRole.CONCERNED, swappable=True, other_surname="Zhang"),
    "article": Person("Al-Hassan", "Diallo", PersonRole.CONCERNED, swappable=True),
}


@pytest.mark.parametrize("name", READINGS)
def test_where_all_readings_lead_to_one_post_it_gets_the_whole_share(name: str, tmp_path: Path) -> None:
    office = write_office(tmp_path, plan=EITHER)
    assert office.plan is not None
    keys, person = surname_keys(told("x", READINGS[name]), office.plan)
    assert len(keys) > 1
    assert person is READINGS[name]
    found = rule_shares(office.plan, ["studium"], None, keys, DAY).shares["studium"]
    post = "21" if name == "article" else "22"
    assert found == {post: pytest.approx(1.0)}
    view = TopicView({"studium": 1.0}, {}, 0.0, {"studium": 1.0}, {"studium": 1.0})
    facts = told("x", READINGS[name])
    gathered = gather_evidence(letter_of("x"), facts, office, view, tuple(office.plan.posts), DAY)
    sure = gather_evidence(
        letter_of("x"), told("x", concerned("Anna" if post == "21" else "Zuse")), office, view, gathered.posts, DAY
    )
    assert gathered.features[:, Feature.RULE] == pytest.approx(sure.features[:, Feature.RULE])
    assert gathered.features[:, Feature.MIXTURE] == pytest.approx(sure.features[:, Feature.MIXTURE])


@pytest.mark.parametrize("spelling", ["Müller", "Mueller", "MÜLLER", "Mu\u0308ller"])
def test_spellings_of_a_name_lead_to_one_post(spelling: str, tmp_path: Path) -> None:
    office = write_office(tmp_path)
    assert office.plan is not None
    keys, _person = surname_keys(told("x", concerned(spelling)), office.plan)
    assert rule_shares(office.plan, ["studium"], None, keys, DAY).shares["studium"] == {"22": pytest.approx(1.0)}


def test_readings_that_lead_to_two_posts_share(tmp_path: Path) -> None:
    office = write_office(tmp_path)
    assert office.plan is not None
    keys, _person = surname_keys(told("x", concerned("Kaya", "Tran", swappable=True)), office.plan)
    shares = rule_shares(office.plan, ["studium"], None, keys, dt.date(2026, 6, 1)).shares["studium"]
    assert shares == {"21": pytest.approx(0.8), "22": pytest.approx(0.2)}
