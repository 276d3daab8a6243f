# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from pathlib import Path

import pytest
import yaml

from register_entry.fields import FIELDS
from register_entry.texts import RegisterTexts, load_texts
from router.errors import ImportMistakesError

ROOT = Path(__file__).parents[2]

TEMPLATE = ROOT / "register_entry" / "register.template.yaml"


def test_the_sample_office_fills_everything_a_maintainer_may_fill_and_nothing_legal(texts: RegisterTexts) -> None:
    assert texts.name
    assert len(texts.short_text) <= 150
    assert texts.legal_basis == ()
    assert texts.sign_offs == ()
    for key in ("ai_act_condition", "ai_act_assessment", "profiling", "dpia_summary", "fria_summary"):
        assert getattr(texts, key) == "", key


def test_the_template_names_and_explains_every_text(tmp_path: Path) -> None:
    text = TEMPLATE.read_text(encoding="utf-8")
    assert set(yaml.safe_load(text)) == set(RegisterTexts.model_fields)
    (tmp_path / "register.yaml").write_text(text, encoding="utf-8")
    assert load_texts(tmp_path) == RegisterTexts()
    for line in text.splitlines():
        if line[:1].isalpha() and line.split(":")[0] != "register_entry":
            assert "#" in line, line


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "register.yaml").write_text(
        'name: "A"\nshort_text: "'
        + "x" * 151
        + '"\npurpos: "B"\nstatus: famous\npublished: gestern\nrisks:\n  - {name: "R"}\n',
        encoding="utf-8",
    )
    with pytest.raises(ImportMistakesError) as caught:
        load_texts(tmp_path)
    told = caught.value.mistakes
    assert len(told) == 5
    for line, word in ((2, "short_text"), (3, "purpos"), (4, "status"), (5, "published"), (7, "mitigation")):
        assert any(f" {line}:" in mistake and word in mistake for mistake in told), (line, told)
    assert caught.value.remedy


def test_without_a_file_every_text_is_empty(tmp_path: Path) -> None:
    assert load_texts(tmp_path) == RegisterTexts()


def test_keys_of_texts_and_fields_agree() -> None:
    keys = {field.key for field in FIELDS}
    composed = {
        "language", "id", "in_use_since", "in_use_until", "licence_of_software", "licence_of_entry", "published",
        "revised",
        "revision_note", "ai_act_condition_public", "dpia_summary", "dpia_date", "fria_summary", "fria_needed",
    }  # fmt: skip
    assert set(RegisterTexts.model_fields) - composed <= keys
