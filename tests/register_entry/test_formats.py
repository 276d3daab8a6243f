# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import csv
import io
import json

import pikepdf
import pytest
import yaml

from register_entry.entry import Entry, compose_entry
from register_entry.formats import FORMATS, MEDIA_TYPES, PLANNED, export
from register_entry.texts import RegisterTexts
from register_entry.views import as_json, values_in
from router.errors import UsageError


def test_json_is_the_view(entry: Entry) -> None:
    assert json.loads(export(entry, "json", "internal")) == json.loads(json.dumps(as_json(entry, "internal")))
    assert set(FORMATS) == set(MEDIA_TYPES)


def test_the_flat_sheet_has_a_line_for_each_field(entry: Entry) -> None:
    rows = list(csv.reader(io.StringIO(export(entry, "csv", "public", "en").decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Number", "Key", "Field", "Origin", "Value"]
    assert [row[1] for row in rows[1:]] == list(values_in(entry, "public"))
    values = {row[1]: row[4] for row in rows[1:]}
    assert "Stadt Auenfurt" in values["deployer"]
    assert values["operation_year"] == "Not measured yet"


def test_the_flat_sheet_starts_no_formula(texts: RegisterTexts) -> None:
    bad = texts.model_copy(update={"purpose": "=HYPERLINK(1)"})
    assert ";'=HYPERLINK(1)\r\n" in export(compose_entry(None, bad), "csv").decode("utf-8-sig")


def test_the_model_card_carries_the_results_as_metadata(entry: Entry) -> None:
    card = export(entry, "huggingface", "public", "en").decode()
    _start, head, body = card.split("---\n", 2)
    data = yaml.safe_load(head)
    (result,) = data["model-index"][0]["results"]
    metrics = {metric["type"]: metric["value"] for metric in result["metrics"]}
    assert metrics["accuracy"] == as_json(entry, "public")["fields"]["quality"]["value"]["accuracy"]["value"]
    assert data["pipeline_tag"] == "text-classification"
    assert "de" in data["language"]
    assert "## How well it works" in body


def test_the_printed_entry_is_a_readable_pdf(entry: Entry) -> None:
    with pikepdf.open(io.BytesIO(export(entry, "pdf", "public", "de"))) as pdf:
        assert 3 <= len(pdf.pages) <= 16
        assert pdf.Root.Lang == "de"
        assert "/StructTreeRoot" in pdf.Root


@pytest.mark.parametrize("name", [*PLANNED, "word"])
def test_formats_that_are_not_there_are_refused_with_those_that_are(entry: Entry, name: str) -> None:
    with pytest.raises(UsageError) as caught:
        export(entry, name)
    assert name in caught.value.what
    assert all(available in str(caught.value.remedy) for available in FORMATS)
