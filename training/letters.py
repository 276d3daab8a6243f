# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters to train on: the history's files read, the service's own labels beside, facts for all of them."""

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from router.facts.confidential import is_confidential
from router.facts.extract import office_words
from router.facts.model import SHIPPED, load_facts_model
from router.office.office import Office
from router.reading.configured import limits_of, ocr_of, open_readers
from router.records import Facts, Letter
from router.settings import Settings
from training.cache import ReadingCache, facts_key, letter_key, reading_key, words_version
from training.dataset import Labelled, facts_of
from training.history import HistoryRow, ReadLetter, read_history

__all__ = ["Gathered", "Label", "gather_letters", "labelled"]

Progress = Callable[[str, float], None]


class Label(Protocol):
    """A letter of the service and where a person sent it, as the store hands it out."""

    @property
    def letter(self) -> Letter: ...  # noqa: D102
    @property
    def received(self) -> dt.date: ...  # noqa: D102
    @property
    def post(self) -> str: ...  # noqa: D102
    @property
    def matter(self) -> str | None: ...  # noqa: D102
    @property
    def channel(self) -> str | None: ...  # noqa: D102
    @property
    def group(self) -> str: ...  # noqa: D102
    @property
    def source(self) -> str: ...  # noqa: D102
    @property
    def sha256(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Gathered:
    """Letters ready to be learned from.

    Attributes
    ----------
    letters
        With facts and labels.
    reused
        How many were not read again.
    left_out
        Labels of the service whose post the plan no longer has.
    confidential
        Letters marked confidential; nothing is learned from them, and nothing they say is kept.
    seconds
        Wall time of reading and of finding facts.
    """

    letters: tuple[Labelled, ...]
    reused: int
    left_out: int
    confidential: int
    seconds: dict[str, float]


def gather_letters(
    settings: Settings,
    office: Office,
    rows: Sequence[HistoryRow],
    stored: Iterable[Label],
    progress: Progress,
    *,
    cache_folder: Path | None = None,
) -> Gathered:
    """Read a history, add the labels of the service, and find all facts.

    Parameters
    ----------
    settings
        How to read, and how many processes may work.
    office
        Plan and case list.
    rows
        The history, checked.
    stored
        What people decided in the service; it counts more than the history's label of the same file.
    progress
        Called with the step (``reading``, ``facts``) and the share of it that is done.
    cache_folder
        Where earlier readings are kept; ``None`` keeps nothing.
    """
    known_posts = set(office.plan.posts) if office.plan else None
    labels = list(stored)
    kept = [label for label in labels if known_posts is None or label.post in known_posts]
    decided = {label.sha256 for label in kept}
    cache = ReadingCache(cache_folder) if cache_folder is not None else None
    try:
        start = time.perf_counter()
        read, keys, reused = _read(settings, rows, cache, progress)
        fresh = [(entry, key) for entry, key in zip(read, keys, strict=True) if entry.sha256 not in decided]
        fresh += [(_as_read(label), letter_key(label.letter)) for label in kept]
        told = [(entry, key) for entry, key in fresh if not _is_marked(entry.letter)]
        reading_done = time.perf_counter()
        letters = _with_facts(settings, office, told, cache, progress)
        if cache is not None:
            cache.drop_unused()
    finally:
        if cache is not None:
            cache.close()
    seconds = {"reading": reading_done - start, "facts": time.perf_counter() - reading_done}
    return Gathered(tuple(letters), reused, len(labels) - len(kept), len(fresh) - len(told), seconds)


def _is_marked(letter: Letter) -> bool:
    return letter.is_withheld or is_confidential(letter.text)


def _told_apart(letter: Letter) -> Letter:
    """Return a letter that says of itself whether it is marked confidential."""
    if letter.is_withheld or not is_confidential(letter.text):
        return letter
    return letter.withheld()


def _as_read(label: Label) -> ReadLetter:
    # The path only serves messages about the history's lines; letters of the service have none.
    row = HistoryRow(
        Path(), label.received, label.post, label.matter, label.channel, label.group, 0, label.source
    )  # fmt: skip
    return ReadLetter(row, label.letter, label.sha256, 0.0)


def _read(
    settings: Settings, rows: Sequence[HistoryRow], cache: ReadingCache | None, progress: Progress
) -> tuple[list[ReadLetter], list[str], int]:
    limits, ocr = limits_of(settings), ocr_of(settings)
    hashes = [hashlib.sha256(row.path.read_bytes()).hexdigest() for row in rows]
    keys = [reading_key(sha256, limits, ocr) for sha256 in hashes]
    found: dict[int, ReadLetter] = {}
    for place, (row, key) in enumerate(zip(rows, keys, strict=True)):
        letter = cache.letter(key) if cache is not None else None
        if letter is not None:
            found[place] = ReadLetter(row, letter, hashes[place], 0.0)
    missing = [place for place in range(len(rows)) if place not in found]
    reused = len(found)
    if missing:
        with open_readers(settings) as pool:
            fresh = read_history(
                [rows[place] for place in missing],
                pool,
                settings.reader_count,
                lambda done, of: progress("reading", done / of),
            )
        if cache is not None:
            told = ((place, _told_apart(entry.letter)) for place, entry in zip(missing, fresh, strict=True))
            cache.keep_letters({keys[place]: letter for place, letter in told})
        found |= dict(zip(missing, fresh, strict=True))
    progress("reading", 1.0)
    return [found[place] for place in range(len(rows))], keys, reused


def _with_facts(
    settings: Settings,
    office: Office,
    read: Sequence[tuple[ReadLetter, str]],
    cache: ReadingCache | None,
    progress: Progress,
) -> list[Labelled]:
    version = load_facts_model(SHIPPED).version
    words = words_version(office, office_words(office))
    keys = [facts_key(key, entry.row.received, version, words) for entry, key in read]
    known: dict[int, Facts] = {}
    for place, key in enumerate(keys):
        facts = cache.facts(key) if cache is not None else None
        if facts is not None:
            known[place] = facts
    missing = [place for place in range(len(read)) if place not in known]
    if missing:
        fresh = facts_of(
            [read[place][0] for place in missing],
            office,
            settings.reader_count,
            lambda done, of: progress("facts", done / of),
        )
        if cache is not None:
            cache.keep_facts({keys[place]: entry.facts for place, entry in zip(missing, fresh, strict=True)})
        known |= {place: entry.facts for place, entry in zip(missing, fresh, strict=True)}
    progress("facts", 1.0)
    return [labelled(entry, known[place]) for place, (entry, _key) in enumerate(read)]


def labelled(entry: ReadLetter, facts: Facts) -> Labelled:
    """Return a read letter with its facts."""
    row = entry.row
    return Labelled(
        letter=entry.letter,
        facts=facts,
        received=row.received,
        post=row.post,
        matter=row.matter,
        channel=row.channel,
        group=row.group,
        source=row.source,
        sha256=entry.sha256,
        read_seconds=entry.seconds,
    )
