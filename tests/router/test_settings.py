# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from pathlib import Path

import pytest

from router.errors import ConfigError
from router.settings import Settings, load_settings


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POSTWEICHE_DATA", str(tmp_path))
    for name in Settings.model_fields:
        if name != "data":
            monkeypatch.delenv(f"POSTWEICHE_{name.upper()}", raising=False)
    monkeypatch.delenv("POSTWEICHE_CONFIG", raising=False)


def test_arguments_beat_environment_beats_file_beats_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert load_settings().port == 8080
    (tmp_path / "postweiche.toml").write_text("port = 8081\nlang = 'en'\n")
    assert (load_settings().port, load_settings().lang) == (8081, "en")
    monkeypatch.setenv("POSTWEICHE_PORT", "8082")
    assert load_settings().port == 8082
    assert load_settings(port=8083, lang=None).port == 8083


def test_all_problems_are_told_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTWEICHE_PORT", "99999")
    monkeypatch.setenv("POSTWEICHE_TARGET_ERROR", "secret-value")
    monkeypatch.setenv("POSTWEICHE_PROT", "1")
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert all(name in str(caught.value) for name in ("POSTWEICHE_PORT", "POSTWEICHE_TARGET_ERROR", "POSTWEICHE_PROT"))
    assert "99999" not in str(caught.value)
    assert "secret-value" not in str(caught.value)


@pytest.mark.parametrize("text", ["prot = 1", "port = ["])
def test_a_wrong_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "postweiche.toml").write_text(text)
    with pytest.raises(ConfigError):
        load_settings()


def test_secrets_print_as_stars_and_settings_stay() -> None:
    settings = load_settings(database_url="postgresql://u:geheim@h/d")
    assert "geheim" not in repr(settings)
    assert settings.reader_count >= 1
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1  # type: ignore[misc]
