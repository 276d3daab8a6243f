# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import json
from pathlib import Path
from typing import Any

import pytest

from router.texts import in_language
from router.web.figures import compare, figures_of

FACTS = Path(__file__).parents[2] / "register_entry" / "data" / "training_facts.json"


def _release(folder: Path, **quality: Any) -> Path:
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    facts["quality"].update(quality)
    folder.mkdir()
    (folder / "training_facts.json").write_text(json.dumps(facts), encoding="utf-8")
    return folder


def _share(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "n": 500, "low": low, "high": high}


@pytest.mark.parametrize(
    ("key", "old", "new", "verdict"),
    [
        ("accuracy", _share(0.8, 0.78, 0.82), _share(0.9, 0.88, 0.92), "better"),
        ("accuracy", _share(0.8, 0.78, 0.82), _share(0.81, 0.79, 0.83), "same"),
        ("accuracy", _share(0.9, 0.88, 0.92), _share(0.8, 0.78, 0.82), "worse"),
        ("error_among_routed", _share(0.05, 0.04, 0.06), _share(0.01, 0.005, 0.02), "better"),
        ("error_among_routed", _share(0.01, 0.005, 0.02), _share(0.05, 0.04, 0.06), "worse"),
        ("error_among_routed", {"value": None, "reason": "none"}, _share(0.05, 0.04, 0.06), ""),
    ],
)
def test_only_what_chance_does_not_explain_is_called_better_or_worse(
    tmp_path: Path, key: str, old: dict[str, Any], new: dict[str, Any], verdict: str
) -> None:
    before = figures_of(_release(tmp_path / "1", **{key: old}), 1)
    after = figures_of(_release(tmp_path / "2", **{key: new}), 2)
    place = ("share_routed", "error_among_routed", "accuracy", "top3").index(key)
    assert compare(before, after)[place].verdict == verdict


def test_a_first_model_is_compared_with_nothing(tmp_path: Path) -> None:
    lines = compare(None, figures_of(_release(tmp_path / "1"), 1))
    assert {line.old for line in lines} == {"–"}
    assert {line.verdict for line in lines} == {""}
    assert all(line.new for line in lines)


def test_a_missing_promise_says_how_many_decisions_are_needed(tmp_path: Path) -> None:
    promise = {"missing_letters": 149}
    with in_language("en"):
        lines = compare(None, figures_of(_release(tmp_path / "1", threshold=None, promise=promise), 1))
        assert "149" in lines[4].new


def test_a_release_without_facts_has_no_figures(tmp_path: Path) -> None:
    figures = figures_of(tmp_path, 3)
    assert (figures.trained_at, figures.letters) == (None, 0)
    assert {line.new for line in compare(None, figures)} == {"–", "0"}
