# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Where an entry comes from: the release's training facts and the office's texts."""

import json
from pathlib import Path
from typing import Any

from register_entry.entry import Entry, compose_entry
from register_entry.texts import RegisterTexts, load_texts
from router.errors import ModelError, NotFoundError
from router.texts import _
from router.yamlfile import YamlFile

__all__ = ["load_entry", "office_name", "version_in_use"]


def load_entry(
    models_folder: Path, office_folder: Path | None, version: int | None = None, *, smallest_cell: int = 10
) -> Entry:
    """Compose the entry of a model's version.

    Parameters
    ----------
    models_folder
        With ``releases/`` and ``aliases.json``.
    office_folder
        With ``register.yaml`` and ``plan.yaml``; ``None`` where there is none.
    version
        Of the model; by default the one in use. Before the first training the entry says that there is none.
    smallest_cell
        Smallest number of letters a published figure may rest on.

    Raises
    ------
    NotFoundError
        When the version named does not exist.
    ModelError
        When a release's facts are damaged.
    ImportMistakesError
        When the texts have mistakes.
    """
    office = office_name(office_folder)
    texts = load_texts(office_folder) if office_folder is not None else RegisterTexts()
    chosen = version if version is not None else version_in_use(models_folder, office)
    facts = _facts(models_folder, chosen) if chosen is not None else None
    return compose_entry(facts, texts, office=office, smallest_cell=smallest_cell)


def office_name(office_folder: Path | None) -> str:
    """Return the office's name as its plan has it; empty without a plan."""
    path = office_folder / "plan.yaml" if office_folder is not None else None
    if path is None or not path.exists():
        return ""
    data = YamlFile(path).data
    office = data.get("office") if isinstance(data, dict) else None
    return str(office.get("name", "")) if isinstance(office, dict) else ""


def version_in_use(models_folder: Path, office: str) -> int | None:
    """Return the model version an office uses, ``None`` where it has none."""
    aliases = _json(models_folder / "aliases.json")
    names = aliases.get(office) if aliases is not None else None
    return int(names["champion"]) if isinstance(names, dict) and "champion" in names else None


def _facts(models_folder: Path, version: int) -> dict[str, Any]:
    facts = _json(models_folder / "releases" / str(version) / "training_facts.json")
    if facts is None:
        raise NotFoundError(
            _("There is no such model"), item=f"postweiche@{version}", remedy=_("see: postweiche models list")
        )
    return facts


def _json(path: Path) -> dict[str, Any] | None:
    try:
        loaded = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise ModelError(
            _("The file is damaged"), item=str(path), remedy=_("restore it from a backup, or train again")
        ) from error
    return loaded if isinstance(loaded, dict) else {}
