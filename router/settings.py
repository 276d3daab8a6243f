# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Settings: one frozen class, read once, environment over file over default.

The file is ``postweiche.toml`` in the data folder, or the one ``POSTWEICHE_CONFIG`` names. Every setting is
listed in ``docs/settings.md``; a test keeps it so.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from router.errors import ConfigError
from router.texts import _

__all__ = ["Settings", "load_settings"]

PREFIX = "POSTWEICHE_"


class Settings(BaseSettings):
    """Everything that can be set.

    Attributes carry their meaning as the field's description; sizes, times and shares name their unit.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    data: Path = Field(Path("var"), description="folder of everything that must not be lost")
    models: Path = Field(Path("models"), description="folder of the MLflow store and the released models")
    office: Path | None = Field(None, description="folder of the office: plan.yaml, cases.csv, register.yaml")
    history: Path | None = Field(None, description="labelled mail a training takes; empty: history.csv of the office")
    database_url: SecretStr | None = Field(
        None, description="an external PostgreSQL (postgresql://…); empty: the embedded server under the data folder"
    )
    lang: Literal["de", "en"] = Field("de", description="language of messages, reports and pages until a user chooses")

    host: str = Field("127.0.0.1", description="address the service listens on")
    port: int = Field(8080, ge=1, le=65535, description="port the service listens on")
    public_url: str = Field("", description="address under which people open the service, when it is behind a proxy")
    demo: bool = Field(False, description="create demo users; refused on any address but 127.0.0.1 and localhost")
    session_hours: float = Field(10.0, gt=0, le=72, description="how long a sign-in lasts")

    readers: int = Field(0, ge=0, le=64, description="reading processes side by side; 0: one for each processor core")
    ocr_languages: str = Field("deu+eng", description="languages of Tesseract, joined by plus")
    ocr_dpi: int = Field(200, ge=100, le=400, description="resolution to which scans are reduced for recognition")
    separator_codes: str = Field(
        "PATCH T, PATCHT, POSTWEICHE-TRENNBLATT",
        description="texts of the barcodes on separator sheets, joined by commas; PATCHT also names the patch code",
    )
    max_item_mib: int = Field(100, ge=1, le=1024, description="largest item that is accepted, MiB")
    max_pages: int = Field(60, ge=1, le=2000, description="pages of an item that are read; longer ones go to a person")
    read_timeout_seconds: float = Field(300.0, gt=0, description="time for reading one item")
    reader_memory_mib: int = Field(4096, ge=512, description="address space of a reading process, MiB")

    protocol_window_hours: float = Field(
        24.0, gt=0, le=24 * 31, description="how long before and after its scan protocol a file may come"
    )
    protocol_missing_minutes: float = Field(
        60.0, ge=0, le=60 * 24 * 31, description="how long after its scan protocol a file counts as missing"
    )

    target_error: float = Field(0.02, gt=0, lt=0.5, description="share of routed letters that may go to a wrong post")
    certainty: float = Field(0.95, ge=0.5, lt=1, description="certainty with which the target error is kept")
    spot_check_share: float = Field(
        0.02, ge=0, le=1, description="share of routed letters shown to a person all the same"
    )
    seed: int = Field(20261122, ge=0, description="start of every random choice in training")

    @property
    def reader_count(self) -> int:
        """Reading processes side by side."""
        return self.readers or len(os.sched_getaffinity(0))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, file."""
        path = os.environ.get(f"{PREFIX}CONFIG")
        file = Path(path) if path else Path(os.environ.get(f"{PREFIX}DATA", "var")) / "postweiche.toml"
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, toml_file=file))


def load_settings(**overrides: Any) -> Settings:
    """Read the settings.

    Parameters
    ----------
    **overrides
        What the command line says; ``None`` leaves a setting alone.

    Raises
    ------
    ConfigError
        Naming every setting that is unknown or out of range, never its value.
    """
    problems = [*_unknown_variables(os.environ)]
    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        for detail in error.errors():
            name = ".".join(str(part) for part in detail["loc"])
            problems.append(f"{PREFIX}{name.upper()}: {detail['msg']}")
        settings = None
    except (OSError, ValueError) as error:
        raise ConfigError(_("The settings file can't be read: {error}").format(error=error)) from error
    if problems or settings is None:
        raise ConfigError(
            _("Settings can't be used: {problems}").format(problems="; ".join(problems)),
            remedy=_("see docs/settings.md"),
        )
    return settings


def _unknown_variables(environment: Mapping[str, str]) -> list[str]:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    # Variables of the tests, and the name of the settings file itself.
    known |= {f"{PREFIX}CONFIG", f"{PREFIX}SCHEMAS"}
    return [
        _("{name}: no such setting").format(name=name)
        for name in sorted(environment)
        if name.startswith(PREFIX) and name not in known
    ]
