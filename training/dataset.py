# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Read letters with their facts: what models are fitted to and measured on."""

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from joblib import Parallel, delayed

from router.facts.extract import extract_all, office_words
from router.facts.model import SHIPPED, load_facts_model
from router.office.office import Office
from router.records import Facts, Letter
from training.history import Progress, ReadLetter

__all__ = ["Labelled", "facts_of", "fingerprint"]

_CHUNK = 64


@dataclass(frozen=True)
class Labelled:
    """A letter with its facts and its label.

    ``group`` keeps variants of one letter together; ``source`` tells where the label comes from.
    """

    letter: Letter
    facts: Facts
    received: dt.date
    post: str
    matter: str | None = None
    channel: str | None = None
    group: str = ""
    source: str = "history"
    sha256: str = ""
    read_seconds: float = 0.0


def _chunk(entries: Sequence[tuple[Letter, dt.date]], office: Office) -> list[Facts]:
    model, words = load_facts_model(SHIPPED), office_words(office)
    return list(extract_all(entries, model, words))


def facts_of(read: Sequence[ReadLetter], office: Office, processes: int, progress: Progress) -> list[Labelled]:
    """Find the facts of letters in several processes.

    Parameters
    ----------
    read
        Letters with their labels.
    office
        What the office knows.
    processes
        How many at a time.
    progress
        Called with done and all.
    """
    chunks = [read[start : start + _CHUNK] for start in range(0, len(read), _CHUNK)]
    jobs = (delayed(_chunk)([(entry.letter, entry.row.received) for entry in chunk], office) for chunk in chunks)
    workers = processes if len(read) > 2 * _CHUNK else 1
    labelled: list[Labelled] = []
    found: Iterable[list[Facts]] = Parallel(n_jobs=workers, return_as="generator")(jobs)
    for chunk, facts_list in zip(chunks, found, strict=True):
        for entry, facts in zip(chunk, facts_list, strict=True):
            row = entry.row
            labelled.append(
                Labelled(entry.letter, facts, row.received, row.post, row.matter, row.channel, row.group, row.source,
                         entry.sha256, entry.seconds)
            )  # fmt: skip
        progress(len(labelled), len(read))
    return labelled


def fingerprint(letters: Iterable[Labelled]) -> str:
    """Return a hash of the training data: of all items' hashes with their labels, whatever their order."""
    lines = sorted(f"{entry.sha256}/{entry.post}/{entry.matter or ''}" for entry in letters)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
