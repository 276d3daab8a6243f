# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Facts of a real training of the sample office, and entries composed from them.

``data/training_facts.json`` was written by ``compose_training_facts`` after training on 3,200 letters of the sample
office; hash and size of the model, which ``Releases.save`` adds, are invented.
"""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from register_entry.entry import Entry, compose_entry
from register_entry.texts import RegisterTexts, load_texts

ROOT = Path(__file__).parents[2]
FACTS = Path(__file__).with_name("data") / "training_facts.json"
OFFICE = ROOT / "data_samples" / "office"


@pytest.fixture
def facts() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FACTS.read_text(encoding="utf-8"))
    loaded["model"] |= {"sha256": "5e" * 32, "bytes": 45_335_563}
    return copy.deepcopy(loaded)


@pytest.fixture(scope="session")
def texts() -> RegisterTexts:
    return load_texts(OFFICE)


@pytest.fixture
def entry(facts: dict[str, Any], texts: RegisterTexts) -> Entry:
    return compose_entry(facts, texts, office="Ausländerbehörde der Stadt Auenfurt")


@pytest.fixture(scope="session")
def signed(texts: RegisterTexts) -> RegisterTexts:
    """Return texts in which every legal field is filled and signed."""
    return RegisterTexts.model_validate(
        texts.plain()
        | {
            "legal_basis": [{"title": "§ 3 LDSG", "link": "https://recht.example/3"}],
            "ai_act_condition": "Art. 6 Abs. 3 Buchst. a",
            "ai_act_assessment": "Aktenvermerk vom 2. November 2026",
            "profiling": "Nein.",
            "dpia_summary": "Die Risiken sind vertretbar.",
            "dpia_date": "2026-10-30",
            "fria_needed": False,
            "sign_offs": [
                {"role": role, "name": "R. Beispiel", "date": "2026-11-02"}
                for role in ("data_protection", "legal", "release")
            ],
        }
    )
