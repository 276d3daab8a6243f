# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Number, name and text that point to different posts are shown side by side; where they agree nobody is asked."""

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from router.deciding.contradiction import both_sides_first, find_contradiction
from router.deciding.decide import decide
from router.deciding.evidence import Feature, Gathered
from router.deciding.report import decision_from_json, decision_to_json, reason_sentence
from router.office.cases import Case
from router.office.office import Office
from router.records import (
    Decision,
    Evidence,
    EvidenceSource,
    Facts,
    Outcome,
    Owner,
    Reason,
    Reference,
    ReferenceKind,
)
from tests.router.deciding.offices import CASES, DAY, PLAN, concerned, letter_of, own, told, write_office

CASE = Case("33.2-262-857724", "", "", "Ngassa", "Franck", (), None, "262", "22")
TEXT = (
    "Sehr geehrte Damen und Herren, ich beantrage die Verlängerung der Aufenthaltserlaubnis zum Studium, "
    "Immatrikulation anbei"
)


def _piece(post: str, column: Feature, **values: str) -> tuple[Evidence, Feature]:
    return Evidence(EvidenceSource.CASE_LIST, post, str(column), {"post": post, **values}, 0.0), column


def _gathered(*pieces: tuple[Evidence, Feature], hard: tuple[str, ...] = (), concerned_posts: tuple[str, ...] = (),
              unit: tuple[str, float] | None = None) -> Gathered:  # fmt: skip
    posts = ("21", "22", "31", "71")
    features = np.zeros((len(posts), len(Feature)))
    if unit is not None:
        features[posts.index(unit[0]), Feature.OVERRIDE] = unit[1]
    return Gathered(
        posts, features, tuple(piece for piece, _column in pieces), tuple(column for _piece, column in pieces),
        tuple((post, CASE) for post in hard), frozenset(concerned_posts),
    )  # fmt: skip


NUMBER = _piece("22", Feature.OWN_BARE, number="33.2-262-857724")
NAMED_NUMBER = _piece("22", Feature.OWN_NAMED, number="33.2-262-857724")
AZR = _piece("22", Feature.CENTRAL_BARE, number="101010084299")
BIRTH = _piece("31", Feature.BIRTH_CONCERNED, name="Nour Haddad")
NAME = _piece("31", Feature.NAME_CONCERNED, name="Nour Haddad")
RULE = _piece("71", Feature.RULE, matter="Einbürgerung")


@pytest.mark.parametrize(
    ("gathered", "best", "override", "sides"),
    [
        (_gathered(NAMED_NUMBER, BIRTH, hard=("22", "31")), "22", 0.0, ("22", "31")),
        (_gathered(NAMED_NUMBER, BIRTH, hard=("22", "31")), "22", 0.9, None),
        (_gathered(AZR, BIRTH), "31", 0.0, ("22", "31")),
        (_gathered(NUMBER, NAME, hard=("22",), concerned_posts=("31",)), "22", 0.0, ("22", "31")),
        (_gathered(NAMED_NUMBER, NAME, hard=("22",), concerned_posts=("22", "31")), "22", 0.0, None),
        (_gathered(NUMBER, hard=("22",)), "31", 0.0, ("22", "31")),
        (_gathered(NUMBER, hard=("22",)), "22", 0.0, None),
        (_gathered(NAMED_NUMBER, RULE, hard=("22",), unit=("71", 0.5)), "22", 0.45, ("22", "71")),
        (_gathered(NAMED_NUMBER, RULE, hard=("22",), unit=("71", 0.5)), "71", 0.55, ("22", "71")),
        (_gathered(NAMED_NUMBER, RULE, hard=("22",), unit=("71", 0.9)), "71", 0.9, None),
        (_gathered(NAMED_NUMBER, RULE, hard=("22",), unit=("71", 0.2)), "22", 0.2, None),
        (_gathered(NAMED_NUMBER, RULE, hard=("22",), unit=("22", 0.5)), "22", 0.45, None),
        (_gathered(RULE, unit=("71", 0.5)), "71", 0.45, None),
        (_gathered(), None, 0.0, None),
    ],
)
def test_what_contradicts_itself(
    gathered: Gathered, best: str | None, override: float, sides: tuple[str, str] | None
) -> None:
    found = find_contradiction(gathered, best, override)
    assert (found.posts if found is not None else None) == sides


def test_both_sides_come_first_with_their_weights() -> None:
    gathered = _gathered(NAMED_NUMBER, NAME, BIRTH, hard=("22", "31"))
    found = find_contradiction(gathered, "22", 0.0)
    weighted = [replace(piece, weight=float(place)) for place, piece in enumerate([NAME[0], BIRTH[0], NAMED_NUMBER[0]])]
    shown, sides = both_sides_first(weighted, found)
    assert sides == 2
    assert [(piece.says, piece.message, piece.weight) for piece in shown] == [
        ("22", str(Feature.OWN_NAMED), 2.0),
        ("31", str(Feature.BIRTH_CONCERNED), 1.0),
        ("31", str(Feature.NAME_CONCERNED), 0.0),
    ]
    assert both_sides_first(weighted, None) == (tuple(weighted), 0)


def test_a_side_that_only_words_speak_for_is_shown_too() -> None:
    words = Evidence(EvidenceSource.TEXT, "31", "words", {"words": "Ehe"}, 1.0)
    found = find_contradiction(_gathered(NUMBER, hard=("22",)), "31", 0.0)
    shown, sides = both_sides_first([NUMBER[0], RULE[0], words], found)
    assert ([piece.says for piece in shown], sides) == (["22", "31", "71"], 2)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder: Path = tmp_path_factory.mktemp("office")
    return write_office(folder, plan=PLAN, cases=CASES)


def _decided(office: Office, facts: Facts) -> Decision:
    return decide(letter_of(TEXT), facts, office, None, DAY)


def test_a_number_and_a_name_at_two_posts_are_named_in_the_sentence(office: Office) -> None:
    facts = told(TEXT, concerned("Haddad", "Nour", dt.date(1998, 3, 2)), references=[own("33.2-262-857724")])
    decision = decision_from_json(decision_to_json(_decided(office, facts)))
    assert decision.outcome is Outcome.REVIEW
    assert Reason.CONFLICT in decision.reasons
    assert {piece.says for piece in decision.evidence[:2]} == {"22", "31"}
    sentence = reason_sentence(Reason.CONFLICT, decision)
    assert "33.2-262-857724 → 22" in sentence
    assert "Nour Haddad → 31" in sentence
    assert reason_sentence(Reason.NOVEL, decision) == reason_sentence(Reason.NOVEL, None)


def test_a_number_of_nobody_named_and_a_name_alone_contradict(office: Office) -> None:
    facts = told(TEXT, concerned("Haddad", "Nour"), references=[own("33.2-262-857724")])
    assert Reason.CONFLICT in _decided(office, facts).reasons


def test_a_central_number_and_a_birth_date_contradict(office: Office) -> None:
    azr = Reference(ReferenceKind.AZR, "101010084299", Owner.UNKNOWN)
    facts = told(TEXT, concerned("Haddad", "Nour", dt.date(1998, 3, 2)), references=[azr])
    assert Reason.CONFLICT in _decided(office, facts).reasons


def test_number_and_name_of_one_file_need_no_person(office: Office) -> None:
    facts = told(TEXT, concerned("Ngassa", "Franck", dt.date(2005, 4, 24)), references=[own("33.2-262-857724")])
    decision = _decided(office, facts)
    assert Reason.CONFLICT not in decision.reasons
    assert decision.outcome is Outcome.ROUTED


def test_an_older_decision_without_sides_has_the_plain_sentence(office: Office) -> None:
    facts = told(TEXT, concerned("Haddad", "Nour"), references=[own("33.2-262-857724")])
    decision = replace(_decided(office, facts), details={})
    assert "→" not in reason_sentence(Reason.CONFLICT, decision)
