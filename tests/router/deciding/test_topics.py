# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a letter is about: by the catalogue alone, and by a model on the plan of today."""

import math
from pathlib import Path

import pytest

from router.deciding.textinput import text_input
from router.deciding.topics import (
    BY_FILE,
    Topic,
    catalogue_view,
    expected_to_stay,
    hints_at_unit,
    learned_view,
    term_probabilities,
)
from router.office.office import Office
from tests.router.deciding.offices import PLAN, TEXTS, letter_of, told, write_office

STUDY = " ".join(TEXTS["studium"])
TOPICS = {
    "21": Topic("21", frozenset({"21", "22"}), frozenset({"studium"})),
    "31": Topic("31", frozenset({"31"}), frozenset({"familie"})),
    "00": Topic("00", frozenset({"00"}), frozenset(), misdirected=True),
    BY_FILE: Topic(BY_FILE, frozenset(), frozenset()),
}


def _logs(**shares: float) -> dict[str, float]:
    return {name.removeprefix("p"): math.log(max(share, 1e-9)) for name, share in shares.items()}


@pytest.mark.parametrize("matter", list(TEXTS))
def test_the_catalogue_knows_matters_without_any_model(office: Office, matter: str) -> None:
    text = " ".join(TEXTS[matter])
    view = catalogue_view(office, text_input(letter_of(text), told(text), office))
    assert view.top_matter() == matter
    assert not view.learned
    assert sum(view.matters.values()) + view.misdirected == pytest.approx(1.0)
    best = max(view.posts, key=lambda post: view.posts[post])
    assert best in {"studium": ("21", "22"), "familie": ("31",), "einbuergerung": ("71",)}[matter]


def test_without_any_term_all_matters_are_equally_likely(office: Office) -> None:
    matters, misdirected, hits = term_probabilities(office, text_input(letter_of("qqq"), told("qqq"), office))
    assert hits == []
    assert {round(share, 9) for share in matters.values()} == {round(misdirected, 9)}


def test_without_a_plan_there_are_no_matters() -> None:
    view = catalogue_view(Office(), text_input(letter_of(STUDY), told(STUDY), Office()))
    assert (view.matters, view.posts, view.top_matter()) == ({}, {}, None)


def test_units_that_act_for_everybody_are_expected_to(office: Office) -> None:
    keeps = expected_to_stay(office)
    assert keeps["klage"] == 0.03
    assert keeps["studium"] > 0.9


def test_a_lawyer_hints_at_a_unit_and_a_student_does_not(office: Office) -> None:
    lawyer = "Rechtsanwältin Beispiel\nSehr geehrte\nich vertrete die Betroffene."
    assert hints_at_unit(office, text_input(letter_of(lawyer), told(lawyer), office))
    assert not hints_at_unit(office, text_input(letter_of(STUDY), told(STUDY), office))


def test_a_class_stands_for_the_posts_that_hold_its_matter_today(tmp_path: Path) -> None:
    moved = PLAN.replace('surnames: "L-Z", post: "22"', 'surnames: "L-Z", post: "71"')
    office = write_office(tmp_path, plan=moved, cases=None)
    entry = text_input(letter_of(STUDY), told(STUDY), office)
    view = learned_view(office, TOPICS, _logs(p21=0.9, p31=0.1), None, entry, {})
    assert view.posts["21"] == view.posts["71"] == pytest.approx(0.9)
    assert "22" not in view.posts


def test_shares_of_a_learned_view_never_exceed_one(office: Office) -> None:
    entry = text_input(letter_of(STUDY), told(STUDY), office)
    logs = {**_logs(p21=0.5, p31=0.2, p00=0.2), BY_FILE: math.log(0.1)}
    view = learned_view(office, TOPICS, logs, {"studium": -0.1, "familie": -2.0}, entry, {"21": 0.9})
    assert sum(view.matters.values()) + view.misdirected <= 1 + 1e-9
    assert view.top_matter() == "studium"
    assert view.holder_keeps["studium"] == 0.9
    assert 0 < view.misdirected < 0.3
    assert 0 <= view.override <= 1


def test_a_matter_the_model_never_saw_is_still_possible(office: Office) -> None:
    text = " ".join(TEXTS["einbuergerung"])
    entry = text_input(letter_of(text), told(text), office)
    view = learned_view(office, TOPICS, _logs(p21=0.5, p31=0.5), None, entry, {})
    assert view.matters["einbuergerung"] > 0.1
    assert view.posts["71"] > 0


def test_without_a_plan_classes_are_posts() -> None:
    topics = {name: Topic(name, frozenset({name}), frozenset()) for name in ("a", "b")}
    entry = text_input(letter_of("x"), told("x"), Office())
    view = learned_view(Office(), topics, {"a": math.log(0.8), "b": math.log(0.2)}, None, entry, {})
    assert view.posts == pytest.approx({"a": 0.8, "b": 0.2})
