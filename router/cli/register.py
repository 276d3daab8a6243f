# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Commands about the entry for the city's AI register."""

from pathlib import Path
from typing import Annotated

import typer

from register_entry.entry import Entry
from register_entry.formats import export
from register_entry.source import load_entry
from register_entry.views import as_json as entry_as_json
from router.cli.console import print_json, say
from router.cli.context import json_option, office_option, settings_for
from router.errors import StorageError
from router.settings import Settings
from router.texts import _

__all__ = ["add_commands"]


def _entry(settings: Settings, version: int | None) -> Entry:
    return load_entry(settings.models, settings.office, version)


def add_commands(app: typer.Typer) -> None:
    """Add ``register show`` and ``register export``."""
    register = typer.Typer(help=_("The entry for the city's AI register."), no_args_is_help=True)
    app.add_typer(register, name="register")
    view_help = _("public, internal or eu.")

    @register.command("show", help=_("Show the entry of the model in use."))
    def show(
        office: Annotated[Path | None, office_option()] = None,
        view: Annotated[str, typer.Option("--view", help=view_help)] = "public",
        version: Annotated[int | None, typer.Option("--model", help=_("Version instead of the one in use."))] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        entry = _entry(settings_for(office), version)
        if as_json:
            print_json(entry_as_json(entry, view))
        else:
            say(export(entry, "huggingface", view).decode())

    @register.command("export", help=_("Write the entry to a file."))
    def export_entry(
        out: Annotated[Path, typer.Option("--out", help=_("File to write."))],
        office: Annotated[Path | None, office_option()] = None,
        view: Annotated[str, typer.Option("--view", help=view_help)] = "public",
        format_name: Annotated[str, typer.Option("--format", help=_("html, json, pdf, csv or huggingface."))] = "html",
        version: Annotated[int | None, typer.Option("--model", help=_("Version instead of the one in use."))] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        settings = settings_for(office)
        content = export(_entry(settings, version), format_name, view)
        try:
            out.write_bytes(content)
        except OSError as error:
            raise StorageError(
                _("The file can't be written ({why})").format(why=error.strerror),
                item=str(out),
                remedy=_("check --out"),
            ) from error
        if as_json:
            print_json({"file": str(out), "format": format_name, "view": view, "bytes": len(content)})
        else:
            say("✓ " + _("Written: {path}").format(path=out), style="green")
