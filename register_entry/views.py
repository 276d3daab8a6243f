# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The entry as others see it: JSON and HTML, for the public, the office, and the EU database's non-public section."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from register_entry.blocks import Block, blocks_of
from register_entry.entry import FORMAT, Entry
from register_entry.fields import GROUPS, Field, Origin, Visibility
from register_entry.plots import curve_plot, reliability_plot
from register_entry.public import public_value
from register_entry.summary import plain_summary
from register_entry.words import (
    day_words,
    figure_words,
    key_words,
    month_words,
    number_words,
    percent,
    percent_words,
    scalar_words,
)
from router.errors import UsageError
from router.texts import _, current_language, in_language, ngettext

__all__ = ["STYLES", "VIEWS", "View", "as_html", "as_json", "entry_fragment", "values_in"]

View = Literal["public", "internal", "eu"]
VIEWS: tuple[str, ...] = get_args(View)
STYLES = Path(__file__).with_name("static") / "entry.css"


@dataclass(frozen=True, slots=True)
class _Shown:
    """A field ready for the page."""

    key: str
    label: str
    legal: bool
    origin: Origin
    blocks: tuple[Block, ...]
    missing: str


@dataclass(frozen=True, slots=True)
class _Section:
    key: str
    title: str
    fields: tuple[_Shown, ...]


def values_in(entry: Entry, view: str) -> dict[str, tuple[Field, Any, str | None]]:
    """Return the fields of a view with their values as that view may know them.

    Returns
    -------
    dict
        By key: the field, its value (``None`` where there is none) and the message id that says why not.

    Raises
    ------
    UsageError
        When there is no such view.
    """
    if view not in VIEWS:
        raise UsageError(_("There is no such view: {view}").format(view=view), remedy=", ".join(VIEWS))
    found: dict[str, tuple[Field, Any, str | None]] = {}
    for key, item in entry.fields.items():
        if view == "internal":
            found[key] = (item.field, item.value, item.missing)
        elif Visibility(view) in item.field.visibility:
            value = public_value(key, item.value, entry.smallest_cell)
            found[key] = (item.field, value, item.missing if value is None else None)
    return found


def as_json(entry: Entry, view: str) -> dict[str, Any]:
    """Return a view as JSON types; the internal one is the whole canonical entry with sources."""
    if view == "internal":
        return {"view": view, **entry.to_json()}
    return {
        "view": view,
        "format": FORMAT,
        "id": entry.id,
        "version": entry.version,
        "state": entry.state,
        "language": entry.language,
        "smallest_cell": entry.smallest_cell,
        "fields": {
            key: {
                "number": field.number,
                "label": field.label,
                "origin": field.origin.value,
                "legal": field.legal,
                "value": value,
                "missing": missing,
            }
            for key, (field, value, missing) in values_in(entry, view).items()
        },
    }


@cache
def _templates() -> Environment:
    folder = Path(__file__).with_name("templates")
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(_, ngettext, newstyle=False)  # type: ignore[attr-defined]
    environment.globals.update(
        figure=figure_words, share=percent_words, percent=percent, number=number_words, day=day_words,
        month=month_words,         term=scalar_words, name=key_words,
    )  # fmt: skip
    return environment


def _context(entry: Entry, view: str) -> dict[str, Any]:
    values = values_in(entry, view)
    shown: dict[str, list[_Shown]] = {}
    for key, (field, value, missing) in values.items():
        written = field.origin is Origin.PERSON or field.origin is Origin.CONFIGURATION
        blocks = tuple(blocks_of(key, value, written=written)) if value is not None else ()
        reason = "" if blocks else _(missing or "Not filled in yet")
        shown.setdefault(field.group, []).append(_Shown(key, _(field.label), field.legal, field.origin, blocks, reason))
    # Templates may ask for any field; what the view may not show is nothing to them.
    plain = dict.fromkeys(entry.fields) | {key: value for key, (_field, value, _missing) in values.items()}
    quality: Mapping[str, Any] = plain.get("quality") or {}
    threshold: Mapping[str, Any] = plain.get("threshold") or {}
    calibration: Mapping[str, Any] = plain.get("calibration") or {}
    return {
        "entry": entry,
        "view": view,
        "values": plain,
        "language": current_language(),
        "sections": [_Section(key, _(title), tuple(shown[key])) for key, title in GROUPS if key in shown],
        "summary": plain_summary(plain),
        "curve": quality.get("curve") or [],
        "curve_plot": curve_plot(quality.get("curve") or [], threshold.get("threshold"), threshold.get("target_error")),
        "bins": calibration.get("bins") or [],
        "reliability_plot": reliability_plot(calibration.get("bins") or []),
    }


def entry_fragment(entry: Entry, view: str) -> Markup:
    """Return the entry's body for a page that brings its own frame and ``entry.css``, in the present language.

    The fragment has no style, script or handler of its own, so that a strict content security policy fits.
    """
    return Markup(_templates().get_template("fragment.html").render(_context(entry, view)))  # noqa: S704 - escaped by Jinja


def as_html(entry: Entry, view: str, lang: str | None = None, *, css_href: str | None = None) -> str:
    """Return a complete page.

    Parameters
    ----------
    entry
        What to show.
    view
        ``public``, ``internal`` or ``eu``.
    lang
        ``de`` or ``en``; by default the present language.
    css_href
        Address of ``entry.css``; without one the page carries the styles itself and stands alone.
    """
    with in_language(lang or current_language()):
        context = _context(entry, view)
        styles = Markup(STYLES.read_text(encoding="utf-8")) if css_href is None else None  # noqa: S704 - our own file
        return _templates().get_template("page.html").render(context, styles=styles, css_href=css_href)
