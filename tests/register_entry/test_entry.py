# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from register_entry.entry import Entry, compose_entry
from register_entry.fields import FIELDS, Origin
from register_entry.texts import RegisterTexts
from register_entry.views import as_json

ROOT = Path(__file__).parents[2]

SCHEMA = json.loads((ROOT / "register_entry" / "schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def test_measured_values_equal_the_training_facts(entry: Entry, facts: dict[str, Any]) -> None:
    quality = entry.value("quality")
    for name in ("n", "share_routed", "accuracy", "error_among_routed", "top3", "curve"):
        assert quality[name] == facts["quality"][name]
    assert entry.value("model_hash") == facts["model"]["sha256"]
    assert entry.value("threshold")["threshold"] == facts["quality"]["threshold"]
    assert entry.value("slices") == facts["slices"]
    assert entry.value("training_data")["n"] == facts["data"]["n"]


def test_every_row_of_the_crosswalk_has_a_field(entry: Entry) -> None:
    assert {field.number for field in FIELDS} == set(range(1, 56))
    assert list(entry.fields) == [field.key for field in FIELDS]


def test_a_field_without_a_value_says_why(facts: dict[str, Any]) -> None:
    empty = compose_entry(facts, RegisterTexts())
    for key, item in empty.fields.items():
        assert (item.value is None) == (item.missing is not None), key
    assert empty.fields["purpose"].missing == "Not filled in yet"
    assert empty.fields["operation_year"].missing == "Not measured yet"
    untrained = compose_entry(None, RegisterTexts())
    assert untrained.fields["quality"].missing == "No model has been trained yet"
    assert all(item.value is None for item in untrained.fields.values() if item.field.origin is Origin.MEASURED)


def test_the_entry_stays_a_draft_until_every_legal_field_is_filled_and_signed(
    entry: Entry, facts: dict[str, Any], signed: RegisterTexts
) -> None:
    assert entry.state == "draft"
    assert set(entry.open_legal) == {field.key for field in FIELDS if field.legal}
    assert compose_entry(facts, signed).state == "released"
    for gap in ({"profiling": ""}, {"legal_basis": ()}, {"fria_needed": None}, {"dpia_summary": ""}):
        assert compose_entry(facts, signed.model_copy(update=gap)).state == "draft", gap
    unsigned = signed.model_copy(update={"sign_offs": signed.sign_offs[:2]})
    assert compose_entry(facts, unsigned).open_legal == ("sign_offs",)


def test_the_version_follows_model_threshold_and_texts_and_nothing_else(
    entry: Entry, facts: dict[str, Any], texts: RegisterTexts
) -> None:
    office = "Ausländerbehörde der Stadt Auenfurt"
    assert compose_entry(copy.deepcopy(facts), texts, office=office).version == entry.version
    other_model = copy.deepcopy(facts)
    other_model["model"]["sha256"] = "6f" * 32
    other_threshold = copy.deepcopy(facts)
    other_threshold["quality"]["threshold"] = 0.5
    versions = {
        entry.version,
        compose_entry(other_model, texts, office=office).version,
        compose_entry(other_threshold, texts, office=office).version,
        compose_entry(facts, texts.model_copy(update={"purpose": "Anders."}), office=office).version,
    }
    assert len(versions) == 4
    assert compose_entry(other_model, texts, office=office).id == entry.id


def test_the_canonical_entry_is_valid(entry: Entry, facts: dict[str, Any], signed: RegisterTexts) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    for each in (entry, compose_entry(facts, signed), compose_entry(None, RegisterTexts())):
        VALIDATOR.validate(json.loads(json.dumps(as_json(each, "internal"))))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("state",), "released"),
        (("id",), "3f0c7e52"),
        (("open_legal",), []),
        (("further",), 1),
        (("fields", "purpose", "origin"), "guessed"),
        (("fields", "purpose", "missing"), "Not filled in yet"),
        (("fields", "purpose", "value"), None),
        (("fields", "short_text", "value"), "x" * 151),
        (("fields", "status", "value"), "famous"),
        (("fields", "quality", "value", "accuracy", "value"), 1.2),
        (("fields", "quality", "value", "accuracy"), 0.9),
        (("fields", "model_hash", "value"), "5e5e"),
        (("fields", "learning", "value", "in_operation"), True),
        (("fields", "threshold", "value", "target_error"), 0),
    ],
)
def test_broken_entries_are_rejected(entry: Entry, path: tuple[str, ...], value: Any) -> None:
    broken = json.loads(json.dumps(as_json(entry, "internal")))
    place = broken
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    with pytest.raises(ValidationError):
        VALIDATOR.validate(broken)


def test_an_entry_without_a_field_is_rejected(entry: Entry) -> None:
    broken = as_json(entry, "internal")
    del broken["fields"]["objection"]
    assert not VALIDATOR.is_valid(broken)
