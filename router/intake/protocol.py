# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Scan protocols: the CSV in which a scanner station says which files it made, and how many pages each has."""

import csv
import re
from collections.abc import Iterator
from typing import TypeAlias

from router.errors import UnreadableError
from router.reading.plain import decode
from router.records import ProtocolEntry
from router.texts import _

__all__ = ["parse_protocol"]

_MOST_BYTES = 2**20
_MOST_LINES_BEFORE = 10
_DELIMITERS = ";,\t|"
_FILE = {"datei", "dateiname", "dokument", "file", "filename", "file name", "document", "name der datei"}
_PAGES = {
    "seiten", "seitenzahl", "seitenanzahl", "anzahl seiten", "anzahl der seiten", "pages", "page count", "pagecount",
    "number of pages", "no of pages",
}  # fmt: skip
_NUMBER = {
    "paginiernummer", "paginierung", "paginier nr", "paginiernr", "pagination", "pagination number", "nummer", "nr",
    "number", "no", "lfd nr",
}  # fmt: skip
_SUMS = re.compile(r"(gesamt|summe|insgesamt|anzahl|total|sum|count)\b", re.IGNORECASE)
_COUNT = re.compile(r"(\d{1,6})(?:[.,]0+)?\s*(?:seiten?|s\.?|pages?|p\.?)?", re.IGNORECASE)
_COMMENTS = ("#", "//", "--")

_Row: TypeAlias = tuple[int, list[str]]


def parse_protocol(data: bytes) -> tuple[ProtocolEntry, ...] | None:
    """Read a scan protocol.

    It is known by its head: a line among the first that names a column of files and one of pages, in German or
    English, between semicolons, commas, tabs or bars. Empty lines, comments and sums are passed over, a line that says
    the same as one before counts once, and paths are cut to their last part.

    Parameters
    ----------
    data
        UTF-8 or UTF-16 with or without a mark, or Windows-1252.

    Returns
    -------
    tuple of ProtocolEntry or None
        One for each file, in order; ``None`` when `data` is no scan protocol.

    Raises
    ------
    UnreadableError
        When it is one, but says nothing, or a line of it can't be meant.
    """
    if len(data) > _MOST_BYTES or not data.strip(b"\0 \t\r\n"):
        return None
    text = _decoded(data)
    for delimiter in _DELIMITERS:
        rows = list(_rows(text, delimiter))
        for place, (_line, cells) in enumerate(rows[:_MOST_LINES_BEFORE]):
            names = [_plain(cell) for cell in cells]
            file, pages, number = (_column(names, known) for known in (_FILE, _PAGES, _NUMBER))
            if file is not None and pages is not None:
                return _entries(rows[place + 1 :], file, pages, number)
    return None


def _decoded(data: bytes) -> str:
    # Letters of Western languages have a zero byte beside them in UTF-16; text has none otherwise.
    if data[1:2] == b"\0":
        return data.decode("utf-16-le", errors="replace")
    if data[:1] == b"\0":
        return data.decode("utf-16-be", errors="replace")
    return decode(data)


def _rows(text: str, delimiter: str) -> Iterator[_Row]:
    """Yield lines that say something, each with the number of its last line in the file."""
    reader = csv.reader(text.replace("\0", "").splitlines(keepends=True), delimiter=delimiter)
    try:
        for cells in reader:
            stripped = [cell.strip().strip("\ufeff") for cell in cells]
            if any(stripped) and not stripped[0].startswith(_COMMENTS):
                yield reader.line_num, stripped
    except csv.Error:  # a field longer than the library takes: no protocol, or not by this delimiter
        return


def _plain(name: str) -> str:
    return " ".join(re.split(r"[\W_]+", name.casefold())).strip()


def _column(names: list[str], known: set[str]) -> int | None:
    return next((place for place, name in enumerate(names) if name in known), None)


def _entries(rows: list[_Row], file: int, pages: int, number: int | None) -> tuple[ProtocolEntry, ...]:
    entries: dict[tuple[str, int, str], ProtocolEntry] = {}
    for line, cells in rows:
        path, count, label = (_cell(cells, place) for place in (file, pages, number))
        name = re.split(r"[/\\]", path)[-1].strip()
        if _is_sum(name, cells):
            continue
        match = _COUNT.fullmatch(count)
        if not name:
            raise _mistake(line, _("the name of the file is missing"))
        if match is None:
            raise _mistake(line, _("the number of pages is missing or no whole number"))
        entries.setdefault((path, int(match[1]), label), ProtocolEntry(line, name, int(match[1]), label))
    if not entries:
        raise UnreadableError(
            _("The scan protocol names no file"), remedy=_("look at the station, and send the complete protocol")
        )
    return tuple(entries.values())


def _cell(cells: list[str], place: int | None) -> str:
    return cells[place] if place is not None and place < len(cells) else ""


def _is_sum(name: str, cells: list[str]) -> bool:
    """Tell a line of sums: it has no file, or says what it is where others have one."""
    first = next(cell for cell in cells if cell)
    if "." in name and not name.endswith("."):
        return False
    return bool(_SUMS.match(first)) or (not name and sum(map(bool, cells)) == 1)


def _mistake(line: int, what: str) -> UnreadableError:
    return UnreadableError(
        _("The scan protocol can't be used, line {line}: {what}").format(line=line, what=what),
        remedy=_("correct the line and send the protocol again"),
    )
