# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Figures of ranked letters, alike for all who rank, and rows of results that survive an interrupted run."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.benchmarks.results import Results
from training.measures import Judged, macro_f1, share_of

__all__ = ["ERRORS", "Ledger", "code_version", "figures_of", "letters_version", "share_at", "spread_ms"]

ERRORS = (0.02, 0.05)
"""Errors among routed letters at which shares are told."""

_ROOT = Path(__file__).parents[3]


def share_at(letters: Sequence[Judged], error: float) -> dict[str, Any]:
    """Return which share of letters could go unseen, most confident first, with at most this error among them.

    It is read off the letters themselves, with their labels: what the ranking by confidence allows at best, no promise.
    Letters of equal confidence go together, letters without a proposal never. ``value`` is the share, ``wrong`` the
    errors among them.
    """
    proposed = [entry for entry in letters if entry.ranked]
    confidence = np.array([entry.confidence for entry in proposed])
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum([not proposed[place].right for place in order])
    ends = np.flatnonzero(np.append(np.diff(confidence[order]) != 0, True)) if len(order) else np.zeros(0, np.intp)
    kept = [int(end) for end in ends if wrong[end] <= error * (end + 1)]
    most = kept[-1] + 1 if kept else 0
    return {**share_of(most, len(letters)).to_json(), "wrong": int(wrong[most - 1]) if most else 0}


def figures_of(letters: Sequence[Judged], *, promised: bool = False) -> dict[str, Any]:
    """Return the figures of one table row.

    Parameters
    ----------
    letters
        Ranked, with their labels.
    promised
        Whether ``routed`` means anything: then it is told with the error among the routed ones.
    """
    count = len(letters)
    told: dict[str, Any] = {
        "n": count,
        "right": share_of(sum(entry.right for entry in letters), count).to_json(),
        "three": share_of(sum(entry.in_three for entry in letters), count).to_json(),
        "macro_f1": macro_f1(letters),
        "at": {f"{error:g}": share_at(letters, error) for error in ERRORS},
    }
    if promised:
        routed = [entry for entry in letters if entry.routed]
        told["routed"] = share_of(len(routed), count).to_json()
        told["wrong"] = share_of(sum(not entry.right for entry in routed), len(routed)).to_json()
    return told


def spread_ms(seconds: Sequence[float]) -> dict[str, float]:
    """Return mean, median and 95 of 100 of some times in milliseconds; zeros for none."""
    if not seconds:
        return {"mean": 0.0, "median": 0.0, "p95": 0.0}
    times = 1000 * np.asarray(seconds)
    return {
        "mean": float(times.mean()),
        "median": float(np.median(times)),
        "p95": float(np.quantile(times, 0.95, method="higher")),
    }


_LETTERS = (
    "data_samples/letters", "data_samples/people", "data_samples/office", "training/sample_office", "training/noise.py",
)  # fmt: skip
_CODE = ("router/deciding", "router/facts", "router/office", "training/fit.py", "training/fit_texts.py")


def letters_version() -> str:
    """Return a hash of what the sample office's letters are made of."""
    return _hash_of(_LETTERS)


def code_version() -> str:
    """Return a hash of the code that finds facts, fits and decides, and of what the letters are made of."""
    return _hash_of((*_LETTERS, *_CODE))


def _hash_of(names: Sequence[str]) -> str:
    digest = hashlib.sha256()
    for top in (_ROOT / name for name in names):
        for path in sorted([top] if top.is_file() else top.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(_ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


class Ledger:
    """The rows of one part, kept with the other results as soon as each is measured.

    Parameters
    ----------
    results
        Where to.
    part
        Name of the part.
    machine
        On what it is measured.
    configuration
        Sizes and versions, as JSON types. Rows that were measured with others are not mixed with these.
    resume
        Keep the rows a former run measured with the same configuration, instead of measuring everything anew.
    """

    def __init__(
        self,
        results: Results,
        part: str,
        machine: Mapping[str, str],
        configuration: Mapping[str, Any],
        *,
        resume: bool = False,
    ) -> None:
        self._results, self._part, self._machine = results, part, machine
        self._configuration = dict(configuration)
        before = results.parts.get(part, {})
        fits = resume and before.get("configuration") == self._configuration
        self.rows: dict[str, Any] = dict(before["rows"]) if fits else {}

    def __contains__(self, key: object) -> bool:
        return key in self.rows

    def keep(self, key: str, row: Mapping[str, Any]) -> None:
        """Keep a row and write the document anew."""
        self.rows[key] = dict(row)
        told = {"configuration": self._configuration, "rows": self.rows}
        self._results.add(self._part, told, self._machine)
