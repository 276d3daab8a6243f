# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The entry as a model card: Markdown with the metadata block the Hugging Face hub reads (``model-index``).

Source: hub-docs, "Model Cards" and the annotated template of the hub.
"""

from collections.abc import Mapping
from typing import Any

import yaml

from register_entry.blocks import Block, blocks_of
from register_entry.entry import Entry
from register_entry.fields import GROUPS
from register_entry.views import values_in
from router.texts import _

__all__ = ["model_card"]

_METRICS = ("accuracy", "top3", "macro_f1", "share_routed", "accuracy_routed", "error_among_routed")


def model_card(entry: Entry, view: str) -> str:
    """Return a view of the entry as a model card."""
    values = values_in(entry, view)
    plain = {key: value for key, (_field, value, _missing) in values.items()}
    head = yaml.safe_dump(_metadata(entry, plain), allow_unicode=True, sort_keys=False)
    parts = [f"---\n{head}---\n", f"# {plain.get('name') or _('Name not filled in yet')}\n"]
    for group, title in GROUPS:
        fields = [(key, *entry_values) for key, entry_values in values.items() if entry_values[0].group == group]
        if not fields:
            continue
        parts.append(f"## {_(title)}\n")
        for key, field, value, missing in fields:
            pieces = blocks_of(key, value, written=True) if value is not None else []
            text = "\n".join(_markdown(piece) for piece in pieces) or f"*{_(missing or 'Not filled in yet')}*\n"
            parts.append(f"### {_(field.label)}\n\n{text}")
    return "\n".join(parts)


def _metadata(entry: Entry, plain: Mapping[str, Any]) -> dict[str, Any]:
    quality, model = plain.get("quality") or {}, plain.get("model") or {}
    data: dict[str, Any] = {
        "language": sorted((plain.get("training_data") or {}).get("language") or [entry.language]),
        "library_name": "sklearn",
        "pipeline_tag": "text-classification",
        "tags": ["public-administration", "mail-routing"],
    }
    metrics = [
        {"type": name, "name": name, "value": quality[name]["value"]}
        for name in _METRICS
        if quality.get(name) and quality[name]["value"] is not None
    ]
    if metrics:
        result = {
            "task": {"type": "text-classification"},
            "dataset": {"type": "private", "name": _("Past mail of the office"), "split": "cross-validation"},
            "metrics": metrics,
        }
        data["model-index"] = [{"name": f"postweiche@{model.get('version', '?')}", "results": [result]}]
    return data


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _markdown(piece: Block) -> str:
    lines = [f"**{piece.caption}**", ""] if piece.caption else []
    if piece.kind == "text":
        lines += [line + "\n" for line in piece.lines]
    elif piece.kind == "list":
        lines += [f"- {line}" for line in piece.lines]
    elif piece.kind == "pairs":
        lines += [f"- {name}: {value}" for name, value in piece.rows]
    else:
        lines.append("| " + " | ".join(map(_cell, piece.head)) + " |")
        lines.append("|" + " --- |" * len(piece.head))
        lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in piece.rows]
    return "\n".join(lines) + "\n"
