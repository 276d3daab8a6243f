# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What commands print: tables and sentences for people, JSON for programs, errors for both."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from babel.numbers import format_percent
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from router.errors import ImportMistakesError, PostweicheError
from router.texts import current_language

__all__ = [
    "error_to_json",
    "on_terminal",
    "out",
    "percent",
    "print_error",
    "print_json",
    "print_table",
    "progress_bar",
    "say",
]

out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)


def on_terminal() -> bool:
    """Tell whether a bar can be drawn."""
    return _err.is_terminal


def say(text: str = "", **styles: str) -> None:
    """Print a sentence; text of letters and files must not be taken for markup."""
    out.print(escape(text), **styles)  # type: ignore[arg-type]


def print_json(value: Any) -> None:
    """Print one JSON value on one line."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    sys.stdout.flush()


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table."""
    table = Table(show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(column)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    out.print(table)


def error_to_json(error: PostweicheError) -> dict[str, Any]:
    """Return an error as programs get it."""
    told: dict[str, Any] = {"code": error.code, "what": error.what, "item": error.item, "remedy": error.remedy}
    if isinstance(error, ImportMistakesError):
        told["mistakes"] = list(error.mistakes)
    return told


def print_error(error: PostweicheError, *, as_json: bool) -> None:
    """Print what went wrong, with which item, and what to do."""
    if as_json:
        print_json({"error": error_to_json(error)})
        return
    subject = f"{error.item}: " if error.item else ""
    _err.print(f"[bold red]✗[/] {escape(subject + error.what)}")
    if isinstance(error, ImportMistakesError):
        for mistake in error.mistakes:
            _err.print(f"  - {escape(mistake)}")
    if error.remedy:
        _err.print(f"  → {escape(error.remedy)}")


@contextmanager
def progress_bar(*, quiet: bool, counted: bool = False) -> Iterator[Progress]:
    """Show a bar on the error stream while something takes long; nothing where a program reads along."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn() if counted else TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_err, transient=True, disable=quiet or not _err.is_terminal) as progress:
        yield progress


def percent(value: float | None) -> str:
    """Return a share as people read it."""
    return "–" if value is None else format_percent(value, "#,##0.0 %", locale=current_language())
