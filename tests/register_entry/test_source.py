# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import json
from pathlib import Path
from typing import Any

import pytest

from register_entry.source import load_entry, office_name
from router.errors import ModelError, NotFoundError

OFFICE = Path(__file__).parents[2] / "data_samples" / "office"


def release(models: Path, version: int, facts: dict[str, Any]) -> None:
    folder = models / "releases" / str(version)
    folder.mkdir(parents=True)
    (folder / "training_facts.json").write_text(json.dumps(facts), encoding="utf-8")


def test_the_entry_is_that_of_the_model_in_use_unless_a_version_is_named(tmp_path: Path, facts: dict[str, Any]) -> None:
    release(tmp_path, 1, facts)
    release(tmp_path, 2, facts | {"model": facts["model"] | {"version": 2, "sha256": "6f" * 32}})
    aliases = {office_name(OFFICE): {"champion": 2, "previous": 1}, "": {"champion": 1}}
    (tmp_path / "aliases.json").write_text(json.dumps(aliases), encoding="utf-8")
    in_use, older = load_entry(tmp_path, OFFICE), load_entry(tmp_path, OFFICE, 1)
    assert in_use.value("model")["version"] == 2
    assert older.value("model")["version"] == 1
    assert in_use.id == older.id
    assert in_use.version != older.version
    assert load_entry(tmp_path, None).value("model")["version"] == 1


def test_before_the_first_training_the_entry_says_so(tmp_path: Path) -> None:
    assert load_entry(tmp_path, OFFICE).fields["model"].missing == "No model has been trained yet"


def test_a_version_that_does_not_exist_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        load_entry(tmp_path, OFFICE, 7)


def test_damaged_facts_are_refused(tmp_path: Path, facts: dict[str, Any]) -> None:
    release(tmp_path, 1, facts)
    (tmp_path / "releases" / "1" / "training_facts.json").write_text('{"format": 1,', encoding="utf-8")
    with pytest.raises(ModelError):
        load_entry(tmp_path, OFFICE, 1)
