# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The canonical entry: every field with its value, origin, visibility and source.

Measured values are taken over from the training facts as they are and never typed again. The entry is composed
anew whenever it is asked for, from files that do not change by themselves; its version is a hash of its content.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from register_entry.fields import FIELDS, Field, Origin, Visibility
from register_entry.measured import measured_values
from register_entry.texts import FILE_NAME, RegisterTexts

__all__ = ["FORMAT", "Entry", "EntryField", "compose_entry"]

FORMAT = 1
DRAFT, RELEASED = "draft", "released"

_NOT_FILLED = "Not filled in yet"
_LEGAL_OPEN = "A lawyer or the data protection officer has not filled this in yet"
_NO_MODEL = "No model has been trained yet"
_NOT_MEASURED = "Not measured yet"
_NEEDED_SIGNATURES = frozenset({"data_protection", "legal", "release"})


@dataclass(frozen=True, slots=True)
class EntryField:
    """A field with its value.

    Attributes
    ----------
    field
        What it is.
    value
        JSON types; ``None`` where there is none.
    source
        File and place the value comes from.
    missing
        Message id saying why there is no value.
    """

    field: Field
    value: Any
    source: str
    missing: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the field as JSON types."""
        return {
            "number": self.field.number,
            "label": self.field.label,
            "origin": self.field.origin.value,
            "visibility": sorted(mark.value for mark in self.field.visibility),
            "legal": self.field.legal,
            "source": self.source,
            "value": self.value,
            "missing": self.missing,
        }


@dataclass(frozen=True)
class Entry:
    """One version of the entry of one system.

    Attributes
    ----------
    id
        ``urn:uuid:…``, the same for all versions.
    version
        Hash of the content.
    state
        ``draft`` until every legal field is filled and signed, then ``released``.
    language
        Of the texts people wrote.
    smallest_cell
        Public views leave out figures that rest on fewer letters.
    fields
        By key, in the order of the crosswalk.
    open_legal
        Keys of the legal fields still open.
    """

    id: str
    version: str
    state: str
    language: str
    smallest_cell: int
    fields: Mapping[str, EntryField]
    open_legal: tuple[str, ...] = ()

    def value(self, key: str) -> Any:
        """Return a field's value."""
        return self.fields[key].value

    def to_json(self) -> dict[str, Any]:
        """Return the whole canonical entry as JSON types; it is internal."""
        return {
            "format": FORMAT,
            "id": self.id,
            "version": self.version,
            "state": self.state,
            "language": self.language,
            "smallest_cell": self.smallest_cell,
            "open_legal": list(self.open_legal),
            "fields": {key: entry.to_json() for key, entry in self.fields.items()},
        }


def compose_entry(
    training_facts: Mapping[str, Any] | None,
    texts: RegisterTexts,
    *,
    office: str = "",
    smallest_cell: int = 10,
) -> Entry:
    """Compose the entry.

    Parameters
    ----------
    training_facts
        Of the model's version; ``None`` before the first training.
    texts
        What people wrote and set.
    office
        Name of the office; the entry's id rests on it where the texts name no id.
    smallest_cell
        Smallest number of letters a published figure may rest on.
    """
    written = _written(texts)
    measured = measured_values(training_facts) if training_facts is not None else {}
    fields: dict[str, EntryField] = {}
    for field in (_field(entry, texts) for entry in FIELDS):
        if field.key in ("id", "entry_version"):
            continue
        if field.key in measured:
            value, place = measured[field.key]
            fields[field.key] = EntryField(
                field, value, f"training_facts.json#{place}", None if value is not None else _NOT_MEASURED
            )
            continue
        value = written.get(field.key)
        fields[field.key] = EntryField(
            field,
            value,
            f"{FILE_NAME}#/{field.key}",
            None if value is not None else _why_missing(field, training_facts),
        )
    open_legal = tuple(key for key, entry in fields.items() if entry.field.legal and not _complete(key, entry.value))
    identifier = texts.id or f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'postweiche:{office}')}"
    version = _hash(identifier, fields, smallest_cell)
    head = {"id": identifier, "entry_version": version}
    heads = {
        field.key: EntryField(
            field, head[field.key], f"{FILE_NAME}#/id" if texts.id and field.key == "id" else "computed"
        )
        for field in FIELDS
        if field.key in head
    }
    return Entry(
        identifier,
        version,
        DRAFT if open_legal else RELEASED,
        texts.language,
        smallest_cell,
        {field.key: heads.get(field.key) or fields[field.key] for field in FIELDS},
        open_legal,
    )


def _field(field: Field, texts: RegisterTexts) -> Field:
    """Return a field as the office shows it: it may choose to publish the condition under the AI Act."""
    if field.key == "ai_act_condition" and texts.ai_act_condition_public:
        return replace(field, visibility=field.visibility | {Visibility.PUBLIC})
    return field


def _hash(identifier: str, fields: Mapping[str, EntryField], smallest_cell: int) -> str:
    content = {key: [entry.value, entry.missing, sorted(entry.field.visibility)] for key, entry in fields.items()}
    text = json.dumps([FORMAT, identifier, smallest_cell, content], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _why_missing(field: Field, facts: Mapping[str, Any] | None) -> str:
    if field.legal:
        return _LEGAL_OPEN
    if field.origin is Origin.MEASURED:
        # Figures of operation come from the running service and not from a training.
        return _NO_MODEL if facts is None and field.group != "operation" else _NOT_MEASURED
    if field.key == "threshold":
        return _NO_MODEL if facts is None else _NOT_MEASURED
    return _NOT_FILLED


def _complete(key: str, value: Any) -> bool:
    if key == "sign_offs":
        return {entry["role"] for entry in value or ()} >= _NEEDED_SIGNATURES
    return value is not None


def _written(texts: RegisterTexts) -> dict[str, Any]:
    """Return what the texts say for each field; fields without a word are left out."""
    plain = texts.plain()
    values: dict[str, Any] = {key: value for key, value in plain.items() if value not in ("", [], (), None)}
    for key in ("deployer", "provider", "submitter"):
        filled = {name: value for name, value in plain[key].items() if value}
        values[key] = filled or None
    values["period"] = _some(start=plain["in_use_since"], end=plain["in_use_until"])
    values["dates"] = _some(published=plain["published"], revised=plain["revised"], note=plain["revision_note"])
    values["source_code"] = _some(address=plain["source_code"], licence=plain["licence_of_software"])
    values["licence"] = plain["licence_of_entry"] or None
    values["dpia"] = _some(summary=plain["dpia_summary"], date=plain["dpia_date"])
    if plain["fria_needed"] is False:
        values["fria"] = {"needed": False}
    else:
        values["fria"] = {"needed": True, "summary": plain["fria_summary"]} if plain["fria_summary"] else None
    if values["dpia"] is not None and "summary" not in values["dpia"]:
        values["dpia"] = None
    values["learning"] = {"in_operation": False}
    return {key: value for key, value in values.items() if value is not None}


def _some(**parts: Any) -> dict[str, Any] | None:
    return {key: value for key, value in parts.items() if value} or None
