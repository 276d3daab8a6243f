# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A small history of the sample office and one training on it, shared by all tests of this folder."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from router.office.office import Office, load_office
from router.settings import Settings, load_settings
from training.sample_office.build import write_history
from training.sample_office.city import City
from training.train import TrainingResult, train_office

ROOT = Path(__file__).parents[2]
OFFICE = ROOT / "data_samples" / "office"
LETTERS = 200
LEARNED = LETTERS - 3
"""Three of them are marked confidential."""


@dataclass(frozen=True)
class Trained:
    """A training, the settings it ran with, and the progress it told."""

    settings: Settings
    history: Path
    result: TrainingResult
    steps: list[tuple[str, float]]

    def manifest(self, version: int) -> dict[str, object]:
        text = (self.settings.models / "releases" / str(version) / "manifest.json").read_text(encoding="utf-8")
        return dict(json.loads(text))


@pytest.fixture(scope="session")
def office() -> Office:
    return load_office(OFFICE)


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Labelled letters of the sample office as text and mail files."""
    target = tmp_path_factory.mktemp("history")
    return write_history(City(ROOT / "data_samples"), target, LETTERS, lambda done, of: None)


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, history: Path) -> Trained:
    """The first training of the sample office."""
    folder = tmp_path_factory.mktemp("trained")
    settings = load_settings(data=folder / "data", models=folder / "models", readers=2)
    steps: list[tuple[str, float]] = []
    result = train_office(settings, OFFICE, history, progress=lambda step, share: steps.append((step, share)))
    return Trained(settings, history, result, steps)
