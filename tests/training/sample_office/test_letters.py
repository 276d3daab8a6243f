# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The written letters: enough of them, every slot fillable, parted into trained and unseen ones."""

import datetime as dt
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from training.sample_office.build import HISTORY_PERIOD, TEST_PERIOD, truth_of
from training.sample_office.city import City
from training.sample_office.compose import Composed, Composer, split_letters
from training.sample_office.letters import WrittenLetter, load_letters

DATA = Path(__file__).parents[3] / "data_samples"


@pytest.fixture(scope="module")
def letters() -> list[WrittenLetter]:
    return load_letters(DATA / "letters")


@pytest.fixture(scope="module")
def city() -> City:
    return City(DATA)


@pytest.fixture(scope="module")
def composed(letters: list[WrittenLetter], city: City) -> list[Composed]:
    """Every letter filled once, on the side it belongs to."""
    split = split_letters(letters)
    composer = Composer(city)
    return [
        composer.compose(
            letter,
            4,
            period=TEST_PERIOD if split[letter.id] == "test" else HISTORY_PERIOD,
            held_out=split[letter.id] == "test",
        )
        for letter in letters
    ]


def test_there_are_enough_letters_of_every_kind_and_language(letters: list[WrittenLetter]) -> None:
    assert len(letters) >= 400
    assert {letter.kind for letter in letters} == set(range(1, 39))
    languages = Counter(letter.language for letter in letters)
    assert len([name for name, count in languages.items() if count >= 4]) >= 8
    assert len({letter.sender for letter in letters}) >= 20


def test_letters_are_distinct(letters: list[WrittenLetter]) -> None:
    """No two letters share most of their long sentences."""
    seen: dict[str, list[str]] = defaultdict(list)
    for letter in letters:
        for sentence in re.split(r"(?<=[.!?])\s+|\n\n", letter.body):
            if len(sentence) > 60 and "{{" not in sentence:
                seen[" ".join(sentence.split())].append(letter.id)
    repeated = {sentence: ids for sentence, ids in seen.items() if len(set(ids)) > 1}
    assert len(repeated) <= len(seen) // 100, list(repeated.items())[:5]


def test_hard_cases_are_tagged(letters: list[WrittenLetter]) -> None:
    traps = Counter(trap for letter in letters for trap in letter.traps)
    for trap in ("sender_reference", "host_and_guest", "several_people", "lawyer_and_client", "number_looks_like_ours"):
        assert traps[trap] >= 5, trap
    assert sum(letter.urgent for letter in letters) >= 40
    assert {letter.review for letter in letters} >= {"confidential", "several_letters"}


def test_every_slot_of_every_letter_can_be_filled(composed: list[Composed], city: City) -> None:
    for letter in composed:
        filled = letter.filled(city.plan)
        assert not re.search(r"\{\{|\}\}|\{%|[\ue000-\uf8ff]", filled.text), letter.letter_id
        for span in filled.spans:
            value = filled.text[span.start : span.end].strip()
            assert value not in ("", "None"), (letter.letter_id, span.label)


def test_split_is_by_whole_letters_and_stays_when_letters_are_added(letters: list[WrittenLetter]) -> None:
    split = split_letters(letters)
    assert split.keys() == {letter.id for letter in letters}
    share = sum(side == "test" for side in split.values()) / len(split)
    assert 0.25 < share < 0.35
    kinds = {letter.kind for letter in letters if split[letter.id] == "test"}
    assert kinds == set(range(1, 39))
    assert split_letters(list(reversed(letters))) == split


def test_people_of_unseen_letters_are_not_those_trained_on(
    letters: list[WrittenLetter], composed: list[Composed]
) -> None:
    split = split_letters(letters)
    files: dict[str, set[str]] = {"train": set(), "test": set()}
    for letter in composed:
        if letter.in_case_list:
            files[split[letter.letter_id]].add(letter.people["c"].own)
    assert len(files["test"]) > 50
    assert not files["train"] & files["test"]


def test_the_same_seed_gives_the_same_letter(letters: list[WrittenLetter], city: City) -> None:
    again, other = City(DATA), City(DATA, seed=34)
    for letter in letters[::100]:
        first = Composer(city).compose(letter, 7, period=TEST_PERIOD, held_out=True).filled(city.plan)
        assert Composer(again).compose(letter, 7, period=TEST_PERIOD, held_out=True).filled(city.plan) == first
        if letter.people:
            assert Composer(other).compose(letter, 7, period=TEST_PERIOD, held_out=True).filled(city.plan) != first


def test_truth_follows_plan_and_files(composed: list[Composed], city: City) -> None:
    plan = city.plan
    for letter in composed:
        truth = truth_of(letter)
        assert letter.post in plan.posts, letter.letter_id
        assert letter.date <= letter.received <= letter.date + dt.timedelta(days=4)
        concerned = letter.people.get("c")
        if letter.written.matter == "irrlaeufer":
            assert letter.post == plan.misdirected_post
        elif letter.in_case_list and letter.written.matter not in plan.overriding_matters:
            assert concerned is not None
            assert letter.post == city.holder(concerned, letter.date), letter.letter_id
            assert truth["file_reference"] == concerned.own
        else:
            keys = [plan.surname_rules.key(concerned.surname)] if concerned else []
            nation = concerned.nation if concerned else None
            assert letter.post == plan.outlooks(letter.matter, nation, keys, letter.date)[0].post, letter.letter_id


def test_the_committed_case_list_is_the_citys(city: City) -> None:
    rows = (DATA / "office" / "cases.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(rows) == len(city.cases) == 2000
    assert [row.split(",")[0] for row in rows] == [person.own for person in city.cases]
    assert [row.rsplit(",", 1)[1] for row in rows] == [person.post for person in city.cases]
