# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Options that several commands share, and what they stand for."""

from pathlib import Path
from typing import Any

import typer

from router.errors import NotFoundError
from router.settings import Settings, load_settings
from router.texts import _, current_language

__all__ = ["json_option", "office_folder", "office_option", "settings_for"]


def json_option() -> Any:
    """Return the option that asks for JSON."""
    return typer.Option("--json", help=_("Print JSON for programs."))


def office_option() -> Any:
    """Return the option that names the office's folder."""
    return typer.Option(
        "--office", help=_("Folder of the office: plan.yaml, cases.csv, register.yaml."), show_default=False
    )


def settings_for(office: Path | None = None, **overrides: Any) -> Settings:
    """Return the settings with what the command line says on top."""
    settings = load_settings(office=office, lang=current_language(), **overrides)
    if settings.office is None and (settings.data / "office").is_dir():
        return load_settings(office=settings.data / "office", lang=current_language(), **overrides)
    return settings


def office_folder(settings: Settings) -> Path:
    """Return the office's folder where a command can't do without.

    Raises
    ------
    NotFoundError
        When none is set.
    """
    if settings.office is None:
        raise NotFoundError(_("No office is set"), remedy=_("name its folder with --office, or set POSTWEICHE_OFFICE"))
    return settings.office
