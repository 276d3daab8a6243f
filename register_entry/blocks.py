# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A field's value as paragraphs, lists and tables, whatever its shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from register_entry.public import is_figure
from register_entry.words import figure_words, key_words, percent, percent_words, scalar_words
from router.texts import _

__all__ = ["Block", "blocks_of"]


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a page.

    Attributes
    ----------
    kind
        ``text``, ``list``, ``pairs`` (rows of name and value) or ``table``.
    lines
        Of texts and lists.
    head, rows
        Of pairs and tables.
    caption
        Heading of the piece, if it needs one.
    written
        True for words people wrote, which stand in the office's language.
    """

    kind: Literal["text", "list", "pairs", "table"]
    lines: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    caption: str = ""
    written: bool = False


_CELL = ("share_routed", "accuracy", "accuracy_routed")


def blocks_of(key: str, value: Any, *, written: bool) -> list[Block]:
    """Return the pieces that show a value.

    Parameters
    ----------
    key
        The field's key.
    value
        JSON types, not ``None``.
    written
        True where a person wrote it.
    """
    if isinstance(value, bool | int | float):
        return [Block("text", (scalar_words(value, key),))]
    if isinstance(value, str):
        return [Block("text", tuple(scalar_words(part, key) for part in value.split("\n\n")), written=written)]
    if isinstance(value, Mapping):
        return _mapping(key, value, written)
    if isinstance(value, Sequence):
        return _sequence(value, written)
    return []


def _sequence(value: Sequence[Any], written: bool) -> list[Block]:
    if not value:
        return []
    if not isinstance(value[0], Mapping):
        return [Block("list", tuple(scalar_words(entry) for entry in value), written=written)]
    if is_cell(value[0]):
        return []
    names = list(value[0])
    heads = {"name": _("Risk"), "mitigation": _("What is done"), "title": _("Title"), "link": _("Where"),
             "data": _("Data"),
             "period": _("Kept for"), "role": _("Role"), "post": _("Right unit"), "predicted": _("Proposed unit"),
             "n": _("Letters")}  # fmt: skip
    rows = tuple(tuple(_shown(entry.get(name), name) for name in names) for entry in value)
    return [
        Block("table", head=tuple(heads.get(name) or key_words(name) for name in names), rows=rows, written=written)
    ]


def is_cell(value: Any) -> bool:
    """Tell whether a value is the quality of one group of letters."""
    return isinstance(value, Mapping) and "share_routed" in value and "accuracy" in value and "n" in value


def _shown(value: Any, key: str = "") -> str:
    return figure_words(value) if is_figure(value) else scalar_words(value, key)


def _mapping(key: str, value: Mapping[str, Any], written: bool) -> list[Block]:
    """Return simple values as pairs first, then one piece for each part that has parts itself."""
    if not value:
        return []
    if all(is_cell(part) for part in value.values()):
        return [_cells(key, value)]
    simple: list[tuple[str, str]] = []
    further: list[Block] = []
    for name, part in value.items():
        if name in ("curve", "bins"):
            # Plots show these, with a table of their own.
            continue
        if is_figure(part):
            simple.append((key_words(name), figure_words(part)))
        elif isinstance(part, Mapping) and set(part) <= {"start", "end"}:
            simple.append((key_words(name), _span(part)))
        elif isinstance(part, Mapping) and "lowest" in part:
            simple.append((key_words(name), _("between {low} and {high} (in {units} units)").format(
                low=percent(part["lowest"]), high=percent(part["highest"]), units=part["units"])))  # fmt: skip
        elif isinstance(part, Mapping):
            further += _part(name, part, written)
        elif isinstance(part, list | tuple):
            shown = ", ".join(_shown(entry) for entry in part if not isinstance(entry, Mapping))
            simple.append((key_words(name), shown))
        elif part is not None or name == "threshold":
            simple.append((key_words(name), _plain(name, part)))
    pairs = [Block("pairs", rows=tuple(simple), written=written)] if simple else []
    return pairs + further


def _plain(name: str, part: Any) -> str:
    if name == "threshold" and part is None:
        return _("none yet: only what the case list proves is sorted automatically")
    return scalar_words(part, name)


def _span(part: Mapping[str, Any]) -> str:
    start = scalar_words(part["start"], "start") if part.get("start") else ""
    end = scalar_words(part["end"], "end") if part.get("end") else ""
    if start and end:
        return _("{start} to {end}").format(start=start, end=end)
    return _("since {start}").format(start=start) if start else _("until {end}").format(end=end)


def _part(name: str, part: Mapping[str, Any], written: bool) -> list[Block]:
    shares = [isinstance(entry, float) or (is_figure(entry) and "low" in entry) for entry in part.values()]
    if name in ("channel", "language", "ocr", "label_sources", "kind", "length") and part and all(shares):
        rows = tuple(
            (
                scalar_words(group, "language" if name == "language" else ""),
                percent_words(entry) if is_figure(entry) else percent(entry),
            )
            for group, entry in part.items()
        )
        return [Block("table", head=(key_words(name), _("Share of the letters")), rows=rows)]
    blocks = _mapping(name, part, written)
    if not blocks:
        return []
    first = blocks[0]
    caption = first.caption or key_words(name)
    return [Block(first.kind, first.lines, first.head, first.rows, caption, first.written), *blocks[1:]]


def _cells(key: str, value: Mapping[str, Any]) -> Block:
    head = (key_words(key), _("Letters"), *(key_words(name) for name in _CELL))
    rows = tuple(
        (
            scalar_words(group, "language" if key == "language" else ""),
            scalar_words(cell["n"]),
            *(percent_words(cell[name]) for name in _CELL),
        )
        for group, cell in value.items()
    )
    return Block("table", head=head, rows=rows)
