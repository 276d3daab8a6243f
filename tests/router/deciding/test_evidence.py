# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Evidence: what the case list, the plan and the text say for each post, on the day it is asked."""

import datetime as dt
import math
from pathlib import Path

import numpy as np
import pytest

from router.deciding.combination import Combination
from router.deciding.evidence import Feature, Gathered, TopicView, gather_evidence, person_concerned
from router.office.office import Office
from router.records import (
    Box,
    Evidence,
    EvidenceSource,
    Facts,
    Owner,
    Person,
    PersonRole,
    Place,
    Reference,
    ReferenceKind,
)
from router.texts import in_language
from tests.router.deciding.offices import DAY, PLAN, concerned, letter_of, own, told, write_office


def _about(matter: str | None = None, *, misdirected: float = 0.0, keeps: float = 0.97) -> TopicView:
    matters = {matter: 1.0} if matter else {}
    return TopicView(matters, {}, misdirected, matters, dict.fromkeys(matters, keeps))


def _gather(office: Office, facts: Facts, topic: TopicView, day: dt.date = DAY) -> Gathered:
    posts = tuple(office.plan.posts) if office.plan else ("21", "22", "31")
    return gather_evidence(letter_of("x"), facts, office, topic, posts, day)


def _value(gathered: Gathered, post: str, column: Feature) -> float:
    return float(gathered.features[gathered.posts.index(post), column])


def _best(gathered: Gathered) -> str:
    return gathered.posts[int(Combination().scores(gathered.features).argmax())]


def test_a_letter_range_that_moved_today_counts_from_today(tmp_path: Path) -> None:
    moved = PLAN.replace(
        '  - {matters: [studium], surnames: "A-K", post: "21"}\n  - {matters: [studium], surnames: "L-Z", '
        'post: "22"}\n',
        '  - {matters: [studium], surnames: "A-K", post: "21", valid_to: 2026-05-31}\n'
        '  - {matters: [studium], surnames: "L-Z", post: "22", valid_to: 2026-05-31}\n'
        '  - {matters: [studium], surnames: "A-G", post: "21", valid_from: 2026-06-01}\n'
        '  - {matters: [studium], surnames: "H-Z", post: "22", valid_from: 2026-06-01}\n',
    )
    assert moved != PLAN
    office = write_office(tmp_path, plan=moved, cases=None)
    facts = told("Studium", concerned("Haddad"))
    assert _best(_gather(office, facts, _about("studium"), dt.date(2026, 5, 31))) == "21"
    assert _best(_gather(office, facts, _about("studium"), dt.date(2026, 6, 1))) == "22"


def test_a_post_that_never_had_mail_is_reached(tmp_path: Path) -> None:
    """Weights belong to kinds of evidence, so a post of this morning needs no training."""
    with_new = PLAN.replace(
        "caseworkers:\n", '  - {id: "99", label: "neu", caseworker: demir}\ncaseworkers:\n', 1
    ).replace('  - {matters: [familie], post: "31"}', '  - {matters: [familie], post: "99"}')
    office = write_office(tmp_path, plan=with_new, cases=None)
    gathered = _gather(office, told("x", concerned("Kaya")), _about("familie"))
    assert _best(gathered) == "99"
    assert _value(gathered, "31", Feature.RULE) == pytest.approx(math.log(0.003))


def test_swapped_names_leave_room_for_the_other_range(office: Office) -> None:
    sure = _gather(office, told("x", concerned("Kaya", "Tran")), _about("studium"))
    swapped = _gather(office, told("x", concerned("Kaya", "Tran", swappable=True)), _about("studium"))
    assert _value(sure, "22", Feature.RULE) == pytest.approx(math.log(0.003))
    assert _best(swapped) == "21"
    assert math.exp(_value(swapped, "22", Feature.RULE)) == pytest.approx(0.203, abs=0.01)


def test_swapped_names_find_the_file_all_the_same(office: Office) -> None:
    birth = dt.date(2005, 4, 24)
    gathered = _gather(office, told("x", concerned("Franck", "Ngassa", birth)), _about())
    assert _value(gathered, "22", Feature.BIRTH_CONCERNED) == 1.0
    assert [post for post, _case in gathered.hard] == ["22"]


def test_a_number_with_its_name_is_proof_and_without_it_is_less(office: Office) -> None:
    named = _gather(office, told("x", concerned("Ngassa", "Franck"), references=[own("33.2-262-857724")]), _about())
    bare = _gather(office, told("x", concerned("Müller", "Uwe"), references=[own("33.2-262-857724")]), _about())
    assert (_value(named, "22", Feature.OWN_NAMED), _value(named, "22", Feature.OWN_BARE)) == (1.0, 0.0)
    assert (_value(bare, "22", Feature.OWN_NAMED), _value(bare, "22", Feature.OWN_BARE)) == (0.0, 1.0)
    assert _best(named) == "22"


def test_a_number_is_found_whatever_its_punctuation(office: Office) -> None:
    gathered = _gather(office, told("x", concerned("Ngassa"), references=[own("33.2 262 857724")]), _about())
    assert _value(gathered, "22", Feature.OWN_NAMED) == 1.0


def test_our_number_in_the_senders_place_counts_half(office: Office) -> None:
    theirs = Reference(ReferenceKind.OWN, "33.2-262-857724", Owner.THEIRS)
    gathered = _gather(office, told("x", concerned("Ngassa"), references=[theirs]), _about())
    assert _value(gathered, "22", Feature.OWN_NAMED) == 0.5


@pytest.mark.parametrize(("kind", "number"), [(ReferenceKind.AZR, "101010084300"), (ReferenceKind.BAMF, "7654321-475")])
def test_central_numbers_lead_to_the_file(office: Office, kind: ReferenceKind, number: str) -> None:
    reference = Reference(kind, number, Owner.UNKNOWN)
    named = _gather(office, told("x", concerned("Haddad", "Nour"), references=[reference]), _about())
    bare = _gather(office, told("x", references=[reference]), _about())
    assert _value(named, "31", Feature.CENTRAL_NAMED) == 1.0
    assert [post for post, _case in named.hard] == ["31"]
    assert _value(bare, "31", Feature.CENTRAL_BARE) == 1.0
    assert bare.hard == ()


def test_a_courts_number_leads_to_no_file(office: Office) -> None:
    court = Reference(ReferenceKind.COURT, "33.2-262-857724", Owner.THEIRS)
    gathered = _gather(office, told("x", references=[court]), _about())
    assert not gathered.features[:, : Feature.NAME_OTHER + 1].any()


def test_a_misread_number_needs_the_name(office: Office) -> None:
    misread = [own("33.2-262-857725")]
    fits = _gather(office, told("x", concerned("Ngassa", "Franck"), references=misread), _about())
    other = _gather(office, told("x", concerned("Müller", "Uwe"), references=misread), _about())
    assert _value(fits, "22", Feature.SIMILAR_NAMED) == 1.0
    assert fits.hard == ()
    assert not other.features[:, Feature.SIMILAR_NAMED].any()


def test_a_birth_date_that_differs_rules_the_file_out(office: Office) -> None:
    gathered = _gather(office, told("x", concerned("Ngassa", "Franck", dt.date(1970, 1, 1))), _about())
    assert not gathered.features[:, : Feature.NAME_OTHER + 1].any()


def test_a_caseworker_named_like_a_client_is_no_client(office: Office) -> None:
    official = Person("Ngassa", "Franck", PersonRole.CASEWORKER)
    assert not _gather(office, told("x", official), _about()).features[:, : Feature.NAME_OTHER + 1].any()


def test_an_addressed_caseworker_speaks_for_the_post(office: Office) -> None:
    gathered = _gather(office, told("x", addressees=["yildiz", "nobody"]), _about())
    assert _value(gathered, "31", Feature.ADDRESSEE) == 1.0
    assert gathered.features[:, Feature.ADDRESSEE].sum() == 1.0


def test_a_unit_that_acts_for_everybody_wins_over_the_holder(office: Office) -> None:
    facts = told("x", concerned("Ngassa", "Franck", dt.date(2005, 4, 24)), references=[own("33.2-262-857724")])
    assert _best(_gather(office, facts, _about("klage", keeps=0.02))) == "10"
    assert _best(_gather(office, facts, _about("familie", keeps=0.97))) == "22"


def test_misdirected_mail_speaks_for_the_post_that_takes_it(office: Office) -> None:
    gathered = _gather(office, told("x"), _about(misdirected=0.9))
    assert _value(gathered, "00", Feature.MISDIRECTED) == 0.9
    assert _best(gathered) == "00"


def test_without_plan_and_posts_nothing_breaks() -> None:
    empty = gather_evidence(letter_of("x"), told("x", concerned("Kaya")), Office(), _about(), (), DAY)
    assert empty.features.shape == (0, len(Feature))
    plain = _gather(Office(), told("x", concerned("Kaya")), TopicView({}, {"22": 0.9, "21": 0.1}, 0.0, {}, {}))
    assert _best(plain) == "22"


def test_features_are_finite_and_every_piece_has_a_column(office: Office) -> None:
    facts = told("x", concerned("Haddad", "Nour", dt.date(1998, 3, 2)), references=[own("33.2-475-123456")])
    gathered = _gather(office, facts, _about("studium"))
    assert np.isfinite(gathered.features).all()
    assert len(gathered.evidence) == len(gathered.evidence_features) >= 3
    assert {evidence.says for evidence in gathered.evidence} == {"31", "21"}


def test_evidence_keeps_its_place_and_says_why_in_the_readers_language(office: Office) -> None:
    place = Place(2, Box(10, 20, 30, 40), 0.7)
    facts = told(
        "x", concerned("Ngassa"), references=[Reference(ReferenceKind.OWN, "33.2-262-857724", Owner.OURS, place)]
    )
    found = _gather(office, facts, _about()).evidence[0]
    assert (found.source, found.page, found.box, found.ocr_confidence) == (EvidenceSource.REFERENCE, 2, place.box, 0.7)
    with in_language("en"):
        assert found.why == "File number 33.2-262-857724 is kept by post 22, and the name fits"
    with in_language("de"):
        german = found.why
    assert "33.2-262-857724" in german
    assert "is kept by" not in german


def test_the_person_concerned_is_the_clearest_one_and_never_an_official() -> None:
    official = Person("Amt", "", PersonRole.OFFICIAL, role_score=1.0)
    sender = Person("Kaya", "", PersonRole.SENDER, role_score=0.9)
    unclear = Person("Tran", "", PersonRole.CONCERNED, role_score=0.4)
    clear = Person("Diallo", "", PersonRole.CONCERNED, role_score=0.8)
    assert person_concerned(told("x", official, sender, unclear, clear)) is clear
    assert person_concerned(told("x", official, sender)) is sender
    assert person_concerned(told("x", official)) is None


def test_equal_evidence_has_equal_words() -> None:
    values = {"matter": "Studium", "post": "21"}
    evidence = Evidence(EvidenceSource.RULE, "21", "Plan: {matter} → post {post}", values, 0.0)
    with in_language("en"):
        assert evidence.why == "Plan: Studium → post 21"
