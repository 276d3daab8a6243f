# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The formats an entry can be exported in."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

from register_entry.blocks import Block, blocks_of
from register_entry.entry import Entry
from register_entry.model_card import model_card
from register_entry.views import as_html, as_json, values_in
from router.errors import UsageError
from router.texts import _, current_language, in_language

__all__ = ["FORMATS", "MEDIA_TYPES", "PLANNED", "export"]

PLANNED: tuple[str, ...] = ("reporting-standard", "cyclonedx", "dcat", "annex-viii", "committee")
"""Formats that are named in the contract and not yet there."""


def export(entry: Entry, format_name: str, view: str = "public", lang: str | None = None) -> bytes:
    """Return an entry in a format.

    Parameters
    ----------
    entry
        What to export.
    format_name
        One of ``FORMATS``.
    view
        ``public``, ``internal`` or ``eu``.
    lang
        ``de`` or ``en``; by default the present language.

    Raises
    ------
    UsageError
        When the format is unknown or not available yet, or there is no such view.
    """
    make = FORMATS.get(format_name)
    if make is None:
        what = (
            _("This format is not available yet: {name}")
            if format_name in PLANNED
            else _("There is no such format: {name}")
        )
        raise UsageError(
            what.format(name=format_name), remedy=_("available are: {names}").format(names=", ".join(FORMATS))
        )
    with in_language(lang or current_language()):
        return make(entry, view)


def _json(entry: Entry, view: str) -> bytes:
    return (json.dumps(as_json(entry, view), indent=2, ensure_ascii=False) + "\n").encode()


def _html(entry: Entry, view: str) -> bytes:
    return as_html(entry, view).encode()


def _pdf(entry: Entry, view: str) -> bytes:
    # Loading WeasyPrint takes a second that no other format should cost.
    from weasyprint import HTML

    return bytes(HTML(string=as_html(entry, view), url_fetcher=_nothing_from_outside).write_pdf(pdf_variant="pdf/ua-1"))


def _nothing_from_outside(url: str, *args: Any, **options: Any) -> dict[str, Any]:
    raise ValueError(url)


def _csv(entry: Entry, view: str) -> bytes:
    """Return a flat sheet for registers that are filled in by hand: one line for each field."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_("Number"), _("Key"), _("Field"), _("Origin"), _("Value")])
    for key, (field, value, missing) in values_in(entry, view).items():
        pieces = blocks_of(key, value, written=True) if value is not None else []
        text = "\n".join(_plain(piece) for piece in pieces) or _(missing or "Not filled in yet")
        writer.writerow([field.number, key, _(field.label), field.origin.value, _harmless(text)])
    # The mark at the start lets spreadsheet programs see that it is UTF-8.
    return ("\ufeff" + out.getvalue()).encode()


def _plain(piece: Block) -> str:
    lines = [piece.caption] if piece.caption else []
    if piece.kind == "pairs":
        lines += [": ".join(row) for row in piece.rows]
    elif piece.kind == "table":
        lines += [" | ".join(row) for row in (piece.head, *piece.rows)]
    else:
        lines += piece.lines
    return "\n".join(lines)


def _harmless(text: str) -> str:
    """Keep spreadsheet programs from taking a text for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text


def _card(entry: Entry, view: str) -> bytes:
    return model_card(entry, view).encode()


FORMATS: dict[str, Callable[[Entry, str], bytes]] = {
    "html": _html,
    "json": _json,
    "pdf": _pdf,
    "csv": _csv,
    "huggingface": _card,
}

MEDIA_TYPES: dict[str, str] = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "huggingface": "text/markdown; charset=utf-8",
}
