# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
import sqlite3
import zlib
from pathlib import Path

import pytest

from router.office.office import Office
from router.settings import load_settings
from router.store.views import StoredLabel
from training.history import load_history
from training.letters import Gathered, gather_letters

SECRET = "Wacholderbeere"


@pytest.fixture
def gathered(tmp_path: Path) -> Gathered:
    """Gather a history of three letters, one of them marked, twice, the second time from the cache."""
    lines = ["file,received_at,post"]
    for name, text in (("a", "Guten Tag"), ("b", f"- persönlich/vertraulich -\n{SECRET}"), ("c", "Hallo Amt")):
        (tmp_path / f"{name}.txt").write_text(f"{text}\n\nanbei die Unterlagen.\n", encoding="utf-8")
        lines.append(f"{name}.txt,2026-11-01,{name}")
    (tmp_path / "history.csv").write_text("\n".join(lines), encoding="utf-8")
    settings = load_settings(data=tmp_path / "data")
    rows = load_history(tmp_path / "history.csv", Office())
    for _time in range(2):
        found = gather_letters(settings, Office(), rows, [], lambda step, share: None, cache_folder=tmp_path / "cache")
    return found


def test_marked_letters_of_a_history_are_left_out_and_counted(gathered: Gathered) -> None:
    assert gathered.confidential == 1
    assert [letter.post for letter in gathered.letters] == ["a", "c"]
    assert gathered.reused == 3


def test_the_cache_keeps_nothing_of_a_marked_letter(gathered: Gathered, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "cache" / "readings.sqlite") as database:
        kept = [zlib.decompress(body).decode() for (body,) in database.execute("SELECT body FROM kept")]
    assert any("Hallo" in body for body in kept)
    assert not any(SECRET in body for body in kept)


def test_marked_letters_of_the_service_are_left_out(gathered: Gathered, tmp_path: Path) -> None:
    letter = gathered.letters[0].letter.withheld()
    label = StoredLabel(letter, dt.date(2026, 11, 20), "a", None, "upload", "item-1", "confirmed", "0" * 64)
    found = gather_letters(load_settings(data=tmp_path), Office(), [], [label], lambda step, share: None)
    assert (found.letters, found.confidential) == ((), 1)
