# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Quality on real routing decisions: written inquiries to the German government and the ministry that answered.

The file is no part of the project. It holds one JSON object a line with ``text`` (or ``title`` and ``abstract``),
``label`` and ``split`` (``train``, ``cal``, ``test``) in time order; gzip is unpacked. Source of the data:
bundestag/dip21-daten (public domain).
"""

import datetime as dt
import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from router.deciding.decide import decide
from router.office.office import Office
from router.records import Box, Letter, LetterKind, Page, PageSource, Word
from router.settings import load_settings
from training.dataset import facts_of
from training.evaluate import evaluate
from training.fit import fit_model
from training.history import HistoryRow, ReadLetter

__all__ = ["measure_bundestag", "read_inquiries"]

Progress = Callable[[str, float], None]
_DAY = dt.date(2017, 1, 1)


def measure_bundestag(path: Path, limit: int | None, progress: Progress) -> dict[str, Any]:
    """Train on the older inquiries without a plan, and decide the newer ones.

    Parameters
    ----------
    path
        The file.
    limit
        At most so many of each side, the newest to learn from; ``None`` takes all.
    progress
        Told the step and its share.
    """
    settings = load_settings()
    sides: dict[str, list[ReadLetter]] = {"train": [], "test": []}
    for split, inquiry in read_inquiries(path):
        sides["test" if split == "test" else "train"].append(inquiry)
    learn = sides["train"][-limit:] if limit else sides["train"]
    test = sides["test"][:limit] if limit else sides["test"]
    office, processes = Office(), settings.reader_count
    letters = facts_of(learn, office, processes, lambda done, of: progress("facts", done / of))
    start = time.perf_counter()
    fitted = fit_model(
        letters,
        office,
        version=1,
        target_error=settings.target_error,
        certainty=settings.certainty,
        seed=settings.seed,
        processes=processes,
        step=progress,
    )
    seconds = time.perf_counter() - start
    unseen = facts_of(test, office, processes, lambda done, of: progress("facts of unseen", done / of))
    decisions = []
    for done, entry in enumerate(unseen, start=1):
        decisions.append(decide(entry.letter, entry.facts, office, fitted.model, entry.received))
        progress("deciding", done / len(unseen))
    figures = evaluate(unseen, decisions, office).to_json()
    kept = {name: value for name, value in figures.items() if name not in ("curve", "per_field", "per_channel")}
    return {"trained_on": len(letters), "fitting_seconds": seconds, **kept}


def read_inquiries(path: Path) -> Iterator[tuple[str, ReadLetter]]:
    """Yield the split (``train``, ``cal``, ``test``) and the letter of each inquiry, in the order of time."""
    for number, told in enumerate(_lines(path)):
        yield str(told["split"]), _letter(told, number)


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    data = path.read_bytes()
    text = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    yield from (json.loads(line) for line in text.split(b"\n") if line.strip())


def _letter(entry: dict[str, Any], number: int) -> ReadLetter:
    text = entry.get("text") or f"{entry.get('title', '')}\n{entry.get('abstract', '')}"
    words = tuple(
        Word(word, Box(0, 12 * line, 500, 12 * line + 10), 1.0, line)
        for line, content in enumerate(text.splitlines())
        for word in content.split()
    )
    letter = Letter((Page(1, 595, 842, PageSource.TEXT, words),), LetterKind.TEXT)
    row = HistoryRow(Path(), _DAY, str(entry["label"]), None, None, f"inquiry-{number}", number + 1)
    return ReadLetter(row, letter, f"{number:064x}", 0.0)
