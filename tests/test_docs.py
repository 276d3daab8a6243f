# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The documentation names every setting with its default, and links only to what exists."""

import re
from pathlib import Path

import pytest

from router.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
_ROW = re.compile(rf"^\| `{PREFIX}(\w+)` \| `?([^`|]*?)`? \| (.+) \|$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)#\s]+)")


def _documented() -> dict[str, tuple[str, str]]:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    return {name.lower(): (default, meaning) for name, default, meaning in _ROW.findall(text)}


def _shown(default: object) -> str:
    if isinstance(default, bool):
        return str(default).lower()
    return "none" if default is None else str(default) or "empty"


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(_documented()) == set(Settings.model_fields)


@pytest.mark.parametrize("name", sorted(Settings.model_fields))
def test_the_documented_default_is_the_real_one(name: str) -> None:
    default, meaning = _documented()[name]
    assert default == _shown(Settings.model_fields[name].default)
    assert len(meaning) > 10


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [link for link in _LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]
    missing = [link for link in targets if not (page.parent / link).exists()]
    assert missing == []
