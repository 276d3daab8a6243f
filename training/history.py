# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Labelled past mail: ``history.csv`` and the files it names, checked as a whole, read side by side."""

import csv
import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from router.errors import ImportMistakesError, NotFoundError
from router.office.office import Office
from router.reading.sandbox import ReaderPool
from router.records import Letter
from router.texts import _

__all__ = ["HistoryRow", "ReadLetter", "load_history", "read_history"]

COLUMNS = ("file", "received_at", "post", "caseworker", "matter", "channel", "letter_id")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One labelled letter.

    Attributes
    ----------
    path
        Its file.
    received
        Day of receipt.
    post
        Where it belonged.
    matter, channel
        If the history tells.
    group
        Letters of one group are variants of each other and never lie on both sides of a split.
    line
        Line of the CSV file.
    source
        Provenance of the label: history, confirmed, corrected, spot_check.
    """

    path: Path
    received: dt.date
    post: str
    matter: str | None
    channel: str | None
    group: str
    line: int
    source: str = "history"


@dataclass(frozen=True)
class ReadLetter:
    """A labelled letter after reading."""

    row: HistoryRow
    letter: Letter
    sha256: str
    seconds: float


def load_history(path: Path, office: Office) -> list[HistoryRow]:
    """Load and check ``history.csv``.

    Parameters
    ----------
    path
        The CSV file; the files it names are relative to its folder.
    office
        Posts, caseworkers and matters must be those of its plan. Without a plan any post is allowed, and a
        caseworker counts as a post.

    Raises
    ------
    NotFoundError
        When there is no such file.
    ImportMistakesError
        With every mistake and its line; nothing is used.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(_("There is no such file"), item=str(path)) from error
    mistakes: list[str] = []
    rows = [row for line, raw in _raw_rows(data, mistakes) if (row := _row(path.parent, line, raw, office, mistakes))]
    if not mistakes and not rows:
        mistakes.append(_("line 1: the history holds no letters"))
    if mistakes:
        raise ImportMistakesError(
            _("The history has mistakes; nothing of it was used"),
            item=str(path),
            mistakes=mistakes,
            remedy=_("mend these lines and try again"),
        )
    return rows


def _raw_rows(data: bytes, mistakes: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        mistakes.append(_("line {line}: not UTF-8 text → save the file as UTF-8").format(line=line))
        return
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=";" if head.count(";") > head.count(",") else ",")
    columns = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = columns
    missing = [name for name in ("file", "received_at") if name not in columns]
    if "post" not in columns and "caseworker" not in columns:
        missing.append(_("post or caseworker"))
    if missing:
        mistakes.append(_("line 1: the columns {columns} are missing").format(columns=", ".join(missing)))
        return
    for row in reader:
        cleaned = {
            key: (value or "").strip()
            for key, value in row.items()
            if isinstance(key, str) and not isinstance(value, list)
        }
        if any(cleaned.values()):
            yield reader.line_num, cleaned


def _row(folder: Path, line: int, raw: dict[str, str], office: Office, mistakes: list[str]) -> HistoryRow | None:
    before = len(mistakes)

    def mistake(text: str, **values: object) -> None:
        mistakes.append(_("line {line}: ").format(line=line) + text.format(**values))

    name = raw.get("file", "")
    path = folder / name
    if not name:
        mistake(_("file is empty → name the letter's file"))
    elif not path.is_file():
        mistake(_("there is no file {file} → mend the name or delete the line"), file=name)
    received = _date(raw.get("received_at", ""))
    if received is None:
        mistake(_("received_at is not a date → write it as 2026-01-31"))
    post = _post(raw, office, mistake)
    matter = raw.get("matter") or None
    if matter and office.plan is not None and matter not in office.plan.matters and matter != "irrlaeufer":
        mistake(_("matter {matter} is not in the plan → add it to plan.yaml or leave it empty"), matter=repr(matter))
    if len(mistakes) > before or received is None or post is None:
        return None
    group = raw.get("letter_id") or f"line-{line}"
    return HistoryRow(path, received, post, matter, raw.get("channel") or None, group, line)


def _post(raw: dict[str, str], office: Office, mistake: Callable[..., None]) -> str | None:
    post, caseworker = raw.get("post", ""), raw.get("caseworker", "")
    if not post and not caseworker:
        mistake(_("neither post nor caseworker → name one"))
        return None
    if office.plan is None:
        return post or caseworker
    if post:
        if post not in office.plan.posts:
            mistake(_("post {post} is not in the plan → add it to plan.yaml or mend the line"), post=repr(post))
            return None
        return post
    if caseworker not in office.plan.caseworkers:
        mistake(_("caseworker {name} is not in the plan → add the caseworker or mend the line"), name=repr(caseworker))
        return None
    held = office.posts_of_caseworker(caseworker)
    if len(held) != 1:
        mistake(
            _("caseworker {name} holds {count} posts → name the post instead"), name=repr(caseworker), count=len(held)
        )
        return None
    return held[0]


def _date(text: str) -> dt.date | None:
    try:
        return dt.datetime.fromisoformat(text).date()
    except ValueError:
        pass
    try:
        return dt.datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no time zone
    except ValueError:
        return None


def read_history(
    rows: Sequence[HistoryRow], pool: ReaderPool, side_by_side: int, progress: Progress
) -> list[ReadLetter]:
    """Read the files of a history; a file that can't be read is a letter without pages.

    Parameters
    ----------
    rows
        What to read.
    pool
        Reads.
    side_by_side
        How many files at a time.
    progress
        Called with done and all.
    """
    read: list[ReadLetter] = []

    def one(row: HistoryRow) -> ReadLetter:
        data = row.path.read_bytes()
        reading = pool.read(data, threads=1, attempts=2)
        return ReadLetter(row, reading.letters[0], hashlib.sha256(data).hexdigest(), reading.seconds)

    with ThreadPoolExecutor(max_workers=side_by_side) as threads:
        for done, entry in enumerate(threads.map(one, rows), start=1):
            read.append(entry)
            progress(done, len(rows))
    return read
