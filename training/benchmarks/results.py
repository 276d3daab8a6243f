# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Keeps what was measured beside ``docs/benchmarks.md``, so that a run of one part leaves the others as they were."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from training.benchmarks.document import write_document

__all__ = ["DOCUMENT", "Results"]

DOCUMENT = Path(__file__).parents[2] / "docs" / "benchmarks.md"


class Results:
    """Results of all parts, in a file with the document's name and the ending ``.json``.

    Parameters
    ----------
    document
        The document that is written from them.
    """

    def __init__(self, document: Path = DOCUMENT) -> None:
        self._document = document
        self._path = document.with_suffix(".json")
        self.parts: dict[str, dict[str, Any]] = {}
        if self._path.exists():
            self.parts = json.loads(self._path.read_text(encoding="utf-8"))

    def add(self, part: str, result: Mapping[str, Any], machine: Mapping[str, str]) -> None:
        """Keep a result in place of the part's former one and write the document anew."""
        self.parts[part] = {"machine": dict(machine), **result}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self.parts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        write_document(self.parts, self._document)
