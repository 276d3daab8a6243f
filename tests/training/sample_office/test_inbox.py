# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The committed inbox and its table."""

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

from router.office.plan import load_plan
from router.reading.kinds import Kind, kind_of
from training.sample_office.city import City
from training.sample_office.compose import split_letters
from training.sample_office.inbox import COLUMNS, CONDITION_WORDS, make_inbox, write_inbox
from training.sample_office.letters import load_letters
from training.sample_office.wishes import Wish

DATA = Path(__file__).parents[3] / "data_samples"
INBOX = DATA / "inbox"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    with (INBOX / "truth.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert tuple(reader.fieldnames or ()) == COLUMNS
        return list(reader)


def test_every_file_is_in_the_table_and_small_enough(rows: list[dict[str, str]]) -> None:
    files = [path for path in INBOX.iterdir() if path.name != "truth.csv" and not path.name.endswith(".license")]
    assert {path.name for path in files} == {row["file"] for row in rows}
    assert 55 <= len(files) <= 75
    assert sum(path.stat().st_size for path in files) <= 25 * 2**20
    assert sum(path.stat().st_size <= 400 * 1024 for path in files) >= 0.85 * len(files)


def test_names_tell_day_number_and_channel_only(rows: list[dict[str, str]]) -> None:
    for row in rows:
        match = re.fullmatch(r"(2026-11-\d\d)_\d{4}_(scan|fax|foto|mail|upload)\.(pdf|tif|jpg|eml)", row["file"])
        assert match, row["file"]
        assert match[1] == row["received_at"]
        assert row["received_at"] <= "2026-11-20"
    numbers = [row["file"].split("_")[1] for row in rows if row["letter"] == "1"]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]


def test_the_table_fits_plan_and_letters(rows: list[dict[str, str]]) -> None:
    plan = load_plan(DATA / "office" / "plan.yaml")
    letters = load_letters(DATA / "letters")
    split, by_id = split_letters(letters), {letter.id: letter for letter in letters}
    for row in rows:
        assert row["condition"] in CONDITION_WORDS
        assert row["review"] in ("yes", "no")
        if not row["letter_id"]:
            assert row["reason"] in ("unreadable", "no_person")
            continue
        written = by_id[row["letter_id"]]
        assert split[written.id] == "test"
        assert row["post"] in plan.posts
        assert row["kind"] == str(written.kind)
        assert row["language"] == written.language


def test_every_condition_and_trap_is_there(rows: list[dict[str, str]]) -> None:
    assert {row["condition"] for row in rows} == set(CONDITION_WORDS)
    assert len({row["language"] for row in rows} - {""}) >= 8
    reasons = Counter(row["reason"] for row in rows)
    for reason in ("confidential", "several_letters", "misdirected", "encrypted", "too_large", "unreadable"):
        assert reasons[reason], reason
    assert sum(row["urgent"] == "yes" for row in rows) >= 3
    assert sum(row["matter"] == "irrlaeufer" for row in rows) >= 3
    traps = {trap for row in rows for trap in row["traps"].split(";")}
    assert traps & {"host_and_guest", "two_guests", "guest_and_host"}
    assert {"sender_reference", "several_people"} <= traps


def test_bytes_are_what_the_table_says(rows: list[dict[str, str]]) -> None:
    kinds = {row["file"]: kind_of((INBOX / row["file"]).read_bytes()) for row in rows}
    for row in rows:
        kind = kinds[row["file"]]
        if row["condition"] == "empty":
            assert kind is Kind.EMPTY
        elif row["condition"] in ("word", "program"):
            assert kind is {"word": Kind.WORD, "program": Kind.UNKNOWN}[row["condition"]]
        else:
            assert kind.value == {"tif": "tiff", "jpg": "jpeg", "eml": "mail"}.get(row["file"][-3:], row["file"][-3:])


def test_the_readme_has_a_line_for_every_file(rows: list[dict[str, str]]) -> None:
    text = (DATA / "README.md").read_text(encoding="utf-8")
    assert all(f"| {row['file']} |" in text for row in rows)


def test_files_can_be_made_again_byte_for_byte(tmp_path: Path) -> None:
    wishes = [Wish("bilevel300", (10,)), Wish("mail", (2,), ("en",)), Wish("locked", (37,))]
    city = City(DATA)
    first, second = (make_inbox(city, 0, lambda _done, _all: None, wishes) for _ in range(2))
    assert [(name, file.data) for name, file in first] == [(name, file.data) for name, file in second]
    write_inbox(first, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {name for name, _file in first} | {"truth.csv"}
