# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2

import datetime as dt
from pathlib import Path

import pytest

from router.errors import ImportMistakesError, NotFoundError
from router.office.office import Office
from router.settings import load_settings
from tests.training.conftest import OFFICE
from training.history import load_history
from training.train import train_office


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text("Guten Tag", encoding="utf-8")
    return tmp_path


def _write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "history.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_every_mistake_is_told_with_its_line_and_what_to_do(folder: Path, office: Office) -> None:
    path = _write(
        folder,
        "file,received_at,post,caseworker,matter,channel\n"
        "a.txt,2026-01-31,33.21,,,scan\n"
        "missing.txt,2026-01-31,33.21,,,\n"
        "a.txt,yesterday,33.21,,,\n"
        "a.txt,2026-01-31,99.99,,,\n"
        "a.txt,2026-01-31,,nobody,,\n"
        "a.txt,2026-01-31,,,,\n"
        "a.txt,2026-01-31,33.21,,no-such-matter,\n"
        ",2026-02-30,99.99,,,\n",
    )
    with pytest.raises(ImportMistakesError) as caught:
        load_history(path, office)
    mistakes = caught.value.mistakes
    lines = [mistake.split(":")[0].split()[-1] for mistake in mistakes]
    assert lines == ["3", "4", "5", "6", "7", "8", "9", "9", "9"]
    assert all("→" in mistake for mistake in mistakes)
    assert caught.value.exit_status == 64


def test_a_history_with_a_mistake_trains_nothing(folder: Path) -> None:
    path = _write(folder, "file,received_at,post\na.txt,2026-01-31,33.21\na.txt,2026-01-31,99.99\n")
    settings = load_settings(data=folder / "data", models=folder / "models")
    with pytest.raises(ImportMistakesError):
        train_office(settings, OFFICE, path)
    assert not (folder / "models").exists()
    assert not (folder / "data").exists()


@pytest.mark.parametrize(
    "text",
    ["", "file,received_at\na.txt,2026-01-31\n", "post,matter\n33.21,\n", "file,received_at,post\n"],
    ids=["empty", "no label", "no file", "no letter"],
)
def test_a_history_without_its_columns_or_letters_is_refused(folder: Path, office: Office, text: str) -> None:
    with pytest.raises(ImportMistakesError) as caught:
        load_history(_write(folder, text), office)
    assert len(caught.value.mistakes) == 1


def test_a_history_that_is_not_utf_8_names_the_line(folder: Path, office: Office) -> None:
    path = _write(folder, "file,received_at,post\na.txt,2026-01-31,33.21\nä.txt,2026-01-31,33.21\n", "latin-1")
    with pytest.raises(ImportMistakesError) as caught:
        load_history(path, office)
    assert "3" in caught.value.mistakes[0]
    assert "UTF-8" in caught.value.mistakes[0]


def test_a_missing_history_is_not_found(folder: Path, office: Office) -> None:
    with pytest.raises(NotFoundError):
        load_history(folder / "history.csv", office)


@pytest.mark.parametrize("received", ["2026-01-31", "31.01.2026", "2026-01-31T08:15:00"])
def test_what_spreadsheets_write_is_understood(folder: Path, office: Office, received: str) -> None:
    text = f"file;received_at;post;letter_id\r\na.txt;{received};33.21;x-1\r\n"
    (row,) = load_history(_write(folder, text, "utf-8-sig"), office)
    assert row.received == dt.date(2026, 1, 31)
    assert (row.post, row.group, row.line, row.matter) == ("33.21", "x-1", 2, None)


def test_without_a_plan_any_post_counts(folder: Path) -> None:
    path = _write(folder, "file,received_at,caseworker\na.txt,2026-01-31,Zimmer 3\n")
    (row,) = load_history(path, Office())
    assert row.post == "Zimmer 3"
