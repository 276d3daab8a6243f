# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The letters that are measured on: those of the sample office and those of a public set, read once and kept."""

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.office.office import Office, load_office
from router.records import Letter
from router.settings import Settings, load_settings
from training.benchmarks.bundestag import read_inquiries
from training.benchmarks.deciding_peers.disturbed import disturb_letter
from training.benchmarks.deciding_peers.figures import code_version, letters_version
from training.dataset import Labelled
from training.history import ReadLetter, load_history
from training.letters import gather_letters
from training.sample_office.build import write_history
from training.sample_office.city import City

__all__ = ["DATA", "OFFICE", "Library", "Progress"]

Progress = Callable[[str, float], None]
DATA = Path(__file__).parents[3] / "data_samples"
OFFICE = DATA / "office"


@dataclass(frozen=True)
class _Unread:
    """A letter that is no file, as ``gather_letters`` takes those of the service."""

    letter: Letter
    received: dt.date
    post: str
    matter: str | None
    channel: str | None
    group: str
    source: str
    sha256: str


class Library:
    """Letters with facts, made when first asked for and kept in a folder for the next run.

    Parameters
    ----------
    work
        The folder. What is in it is as good as thrown away: every run makes anew what is missing.
    progress
        Told the step and its share.
    """

    def __init__(self, work: Path, progress: Progress) -> None:
        self.work = work
        self.settings: Settings = load_settings(data=work / "data", models=work / "models")
        self.office: Office = load_office(OFFICE)
        self.version = code_version()
        self._letters_version = letters_version()
        self._progress = progress
        self._kept: dict[tuple[object, ...], tuple[Labelled, ...]] = {}

    def history(self, count: int, side: str) -> Path:
        """Return a folder with `count` letters of a side (``train`` or ``test``) of the sample office."""
        folder = self.work / f"letters-{side}-{count}-{self._letters_version}"
        if not (folder / "truth.jsonl").exists():
            shutil.rmtree(folder, ignore_errors=True)
            write_history(
                City(DATA), folder, count, lambda done, of: self._progress("writing letters", done / of), side=side
            )
        return folder

    def truths(self, count: int, side: str) -> list[dict[str, Any]]:
        """Return everything known about these letters, in their order."""
        lines = (self.history(count, side) / "truth.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    def letters(self, count: int, side: str, *, with_plan: bool = True, rate: float = 0.0) -> tuple[Labelled, ...]:
        """Return letters of the sample office with their facts.

        Parameters
        ----------
        count, side
            As for ``history``.
        with_plan
            Whether the plan and the case list help to find facts.
        rate
            Share of their characters disturbed, 0 to 1.
        """
        key = ("office", count, side, with_plan, rate)
        if key not in self._kept:
            office = self.office if with_plan else Office()
            if rate > 0:
                clean = self.letters(count, side, with_plan=with_plan)
                self._kept[key] = self._disturbed(clean, office, rate, self._cache(*key))
            else:
                rows = load_history(self.history(count, side) / "history.csv", office)
                self._kept[key] = gather_letters(
                    self.settings, office, rows, [], self._progress, cache_folder=self._cache(*key)
                ).letters
        return self._kept[key]

    def keeps_facts(self, count: int, side: str) -> bool:
        """Tell whether an earlier run found facts of these letters and kept them."""
        return self._cache("office", count, side, True, 0.0).exists()

    def forget(self, count: int, side: str) -> None:
        """Let go of letters that are not needed again in this run."""
        self._kept = {key: value for key, value in self._kept.items() if key[:3] != ("office", count, side)}

    def inquiries(self, path: Path, limit: int | None) -> dict[str, tuple[Labelled, ...]]:
        """Return the public set by split, with facts found without an office; `limit` letters of each at most."""
        read: dict[str, list[ReadLetter]] = {"train": [], "cal": [], "test": []}
        for split, entry in read_inquiries(path):
            read[split].append(entry)
        chosen = {
            # The newest to learn from, the next ones to judge by: the order of time is kept.
            split: (entries[:limit] if split == "test" else entries[-limit:]) if limit else entries
            for split, entries in read.items()
        }
        return {
            split: self._with_facts(
                [(entry.letter, entry.row.received, entry.row.post, entry.row.group) for entry in entries],
                Office(),
                self._cache("inquiries", split, limit or "all"),
            )
            for split, entries in chosen.items()
        }

    def disturbed_inquiries(self, test: Sequence[Labelled], rate: float) -> tuple[Labelled, ...]:
        """Return inquiries with a share of their characters disturbed."""
        if rate <= 0:
            return tuple(test)
        return self._disturbed(test, Office(), rate, self._cache("inquiries", len(test), rate))

    def _disturbed(self, clean: Sequence[Labelled], office: Office, rate: float, cache: Path) -> tuple[Labelled, ...]:
        entries = (
            (disturb_letter(entry.letter, rate, entry.sha256), entry.received, entry.post, entry.group)
            for entry in clean
        )
        return self._with_facts(entries, office, cache)

    def _with_facts(
        self, entries: Iterable[tuple[Letter, dt.date, str, str]], office: Office, cache: Path
    ) -> tuple[Labelled, ...]:
        unread = [
            _Unread(letter, received, post, None, None, group, "history", f"{place:064x}")
            for place, (letter, received, post, group) in enumerate(entries)
        ]
        return gather_letters(self.settings, office, [], unread, self._progress, cache_folder=cache).letters

    def _cache(self, *key: object) -> Path:
        """Return a folder of its own for each set: a cache lets go of what was not asked for."""
        return self.work / "cache" / "-".join(str(part) for part in key)
