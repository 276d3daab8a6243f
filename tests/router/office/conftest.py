# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A small plan, written to a file as an office would, and messages in English."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from router.office.plan import Plan, load_plan
from router.texts import in_language

SMALL = """\
office:
  name: Ausländeramt Neubrück
  address: [Ausländeramt, Kirchplatz 1, 99999 Neubrück]
  email: Amt@Neubrueck.example
  file_reference: '33\\.\\d-\\d{6}'
  file_reference_examples: ["33.2-123456"]
matters:
  studium: {label: Studium}
  duldung: {label: Duldung}
posts:
  - {id: "33.20", caseworker: a, deputies: [b]}
  - {id: "33.21", caseworker: b, deputies: [a, c]}
  - {id: "33.30", caseworker: c}
caseworkers:
  - {id: a, name: Frau Ahorn}
  - {id: b, name: Herr Buche}
  - {id: c, name: Frau Çınar}
rules:
  - {post: "33.30", matters: [duldung], nationalities: ["475", "997"], overrides_file: true}
  - {post: "33.20", matters: [studium, duldung], surnames: A-K}
  - {post: "33.21", matters: [studium, duldung], surnames: L-Z}
  - {post: "33.30", misdirected: true}
absences:
  - {caseworker: a, from: 2026-03-02, to: 2026-03-06}
  - {caseworker: b, from: 2026-03-05, to: 2026-03-06}
"""


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with in_language("en"):
        yield


@pytest.fixture
def write_plan(tmp_path: Path) -> Callable[..., Path]:
    """Write the small plan with some of its text exchanged."""

    def write(*changes: tuple[str, str]) -> Path:
        text = SMALL
        for old, new in changes:
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        path = tmp_path / "plan.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def make_plan(write_plan: Callable[..., Path]) -> Callable[..., Plan]:
    return lambda *changes: load_plan(write_plan(*changes))
