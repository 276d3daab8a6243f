# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from router.deciding.decide import decide
from router.deciding.model import Releases
from router.office.office import Office
from router.settings import load_settings
from router.store.database import Database
from tests.training.conftest import ROOT
from tests.training.plain import plain_history
from training.history import load_history
from training.letters import gather_letters

pytestmark = pytest.mark.service


def _train(folder: Path, database: Database, **settings: str) -> tuple[int, list[dict[str, Any]]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("POSTWEICHE_")}
    environment |= {
        "POSTWEICHE_DATA": str(folder / "data"),
        "POSTWEICHE_MODELS": str(folder / "models"),
        "POSTWEICHE_DATABASE_URL": database.url,
        "POSTWEICHE_READERS": "2",
        **settings,
    }
    command = [sys.executable, "-m", "training.run", "--training-id", "1"]
    done = subprocess.run(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=False, timeout=500)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_training_without_a_plan_learns_posts_from_their_names_and_tells_its_progress(
    tmp_path: Path, database: Database
) -> None:
    history = plain_history(tmp_path / "mail", 30, ("Studium", "Besuch"))
    status, told = _train(tmp_path, database, POSTWEICHE_HISTORY=str(history))
    assert status == 0
    assert told[0]["step"] == "checking"
    shares = [line["share"] for line in told[:-1]]
    assert shares == sorted(shares)
    last = told[-1]
    assert (last["version"], last["in_use"]) == (1, True)
    assert last["result"]["letters"] == 30
    assert last["result"]["evaluation"]["n"] == 30
    model = Releases(tmp_path / "models").in_use("")
    assert model is not None
    assert set(model.posts) == {"Studium", "Besuch"}
    settings = load_settings(data=tmp_path / "data", models=tmp_path / "models", readers=1)
    rows = load_history(history, Office())[:2]
    for entry in gather_letters(settings, Office(), rows, [], lambda step, share: None).letters:
        decision = decide(entry.letter, entry.facts, Office(), model, entry.received)
        assert decision.post == entry.post
        assert decision.model == "postweiche@1"


def test_a_training_without_letters_says_why_and_what_to_do(tmp_path: Path, database: Database) -> None:
    status, told = _train(tmp_path, database)
    assert status == 64
    error = told[-1]["error"]
    assert error["code"] == "usage"
    assert error["what"]
    assert error["remedy"]
