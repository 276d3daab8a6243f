# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2

from pathlib import Path
from typing import Any

from training.benchmarks.document import write_document
from training.benchmarks.machine import describe_machine


def _training(seconds: float, letters: int = 5000) -> dict[str, Any]:
    return {
        "machine": describe_machine(),
        "letters": letters,
        "load": 0.5,
        "processes": 2,
        "reading_seconds": 20.0,
        "facts_seconds": 60.0,
        "fitting_seconds": seconds,
        "fitting_steps": {"text": seconds},
        "total_seconds": 80.0 + seconds,
        "cross_fitted": {"accuracy": 0.9, "top3": 0.97, "share_routed": 0.7, "error_among_routed": None, "n": 5000},
    }


def test_a_target_is_met_or_missed_by_so_much(tmp_path: Path) -> None:
    path = tmp_path / "docs" / "benchmarks.md"
    write_document({"training": _training(50.0)}, path)
    text = path.read_text(encoding="utf-8")
    assert "| fitting a model to 5,000 letters of text | ≤ 60.0 s | 50.0 s | 5000 | met |" in text
    assert "| right post among all | ≥ 85.0 % | – | – | not measured |" in text
    write_document({"training": _training(72.5)}, path)
    assert "**missed** by 12.5 s" in path.read_text(encoding="utf-8")


def test_a_figure_from_too_few_letters_meets_no_target(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    write_document({"training": _training(9.0, letters=300)}, path)
    text = path.read_text(encoding="utf-8")
    assert "| 9.0 s | 300 | not judged: fewer than 5,000 |" in text
    assert "| met |" not in text


def test_the_machine_is_described_without_its_name() -> None:
    machine = describe_machine()
    assert int(machine["cores"]) >= 1
    assert machine["tesseract"][0].isdigit()
