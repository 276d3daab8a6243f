# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The doctor finds what is missing and says how to mend it."""

import socket
from pathlib import Path

import pytest

from router.doctor import Finding, diagnose
from router.settings import Settings
from router.texts import in_language

SAMPLES = Path(__file__).parents[2] / "data_samples"


def _by_name(settings: Settings) -> dict[str, Finding]:
    with in_language("en"):
        return {finding.name: finding for finding in diagnose(settings)}


def _settings(folder: Path, **values: object) -> Settings:
    merged: dict[str, object] = {
        "data": folder / "var", "models": folder / "models", "office": SAMPLES / "office", **values
    }  # fmt: skip
    return Settings.model_validate(merged)


def test_everything_is_there_after_set_up(tmp_path: Path) -> None:
    findings = _by_name(_settings(tmp_path))
    assert [f for f in findings.values() if not f.ok] == []
    assert "24 posts, 2000 files" in findings["Office"].found
    assert findings["Model in use"].remedy.startswith("train one")
    assert not (tmp_path / "var").exists(), "looking must not make anything"


def test_a_missing_language_names_its_package(tmp_path: Path) -> None:
    finding = _by_name(_settings(tmp_path, ocr_languages="deu+xyz"))["Tesseract"]
    assert not finding.ok
    assert "xyz" in finding.found
    assert "tesseract-ocr-xyz" in finding.remedy


def test_missing_programs_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    finding = _by_name(_settings(tmp_path))["Tesseract"]
    assert not finding.ok
    assert "apt-get install tesseract-ocr" in finding.remedy


def test_a_plan_with_mistakes_is_a_failure_with_its_mistakes(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text("office: {name: X}\nposts: [{id: '1', deputys: [a]}]\n", encoding="utf-8")
    finding = _by_name(_settings(tmp_path, office=tmp_path))["Office"]
    assert not finding.ok
    assert "deputys" in finding.found
    assert "plan check" in finding.remedy


def test_a_file_where_the_data_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("", encoding="utf-8")
    finding = _by_name(_settings(tmp_path))["Data folder"]
    assert not finding.ok
    assert "POSTWEICHE_DATA" in finding.remedy


def test_a_damaged_list_of_models_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "aliases.json").write_text("{", encoding="utf-8")
    finding = _by_name(_settings(tmp_path))["Model in use"]
    assert not finding.ok
    assert finding.remedy


def test_an_unreachable_database_does_not_show_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://me:secret-word@127.0.0.1:1/none"
    finding = _by_name(_settings(tmp_path, database_url=url))["PostgreSQL (external)"]
    assert not finding.ok
    assert "secret-word" not in f"{finding.found} {finding.remedy}"
    assert "POSTWEICHE_DATABASE_URL" in finding.remedy


def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        finding = _by_name(_settings(tmp_path, port=taken.getsockname()[1]))["Address"]
    assert "in use" in finding.found
    assert "POSTWEICHE_PORT" in finding.remedy


def test_a_cluster_of_a_version_that_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "var" / "postgres").mkdir(parents=True)
    (tmp_path / "var" / "postgres" / "PG_VERSION").write_text("12\n", encoding="ascii")
    finding = _by_name(_settings(tmp_path))["PostgreSQL (own server)"]
    assert not finding.ok
    assert "postgresql-12" in finding.remedy
