# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""How long a training on very many letters takes, how much memory it needs, and how large its model is."""

import gc
import os
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import joblib
from joblib.externals.loky import get_reusable_executor

from router.deciding.decide import decide
from training.benchmarks.deciding_peers.figures import spread_ms
from training.benchmarks.deciding_peers.letters import Library
from training.benchmarks.deciding_peers.ours import fit_ours
from training.benchmarks.memory import PeakMemory
from training.benchmarks.processor_time import timed

__all__ = ["measure_size"]

_GIB = 2**20
"""Kibibytes in one, as ``getrusage`` of Linux counts."""


def measure_size(work: Path, letters: int, timed_letters: int) -> dict[str, Any]:
    """Train in a process of its own, so that its memory is nobody else's.

    Reading and finding facts come first, in another process, and are kept; the process that fits loads what was kept,
    as a retraining does.

    Parameters
    ----------
    work
        Folder for letters and model.
    letters
        How many to learn from.
    timed_letters
        How many are decided one by one afterwards.

    Returns
    -------
    dict
        ``letters, written``; ``gather_seconds`` of reading and of finding facts, ``None`` where an earlier run kept
        them; ``fit``: wall and processor seconds; ``memory_gib``: peak of the process once the letters are ``loaded``,
        once the model is fitted (``itself``), and of it with its helpers (``together``); ``model_mb``: size of the file
        in millions of bytes; ``deciding_ms`` after facts.
    """
    gathered = _in_child(_gather, work, letters)
    return {**gathered, **_in_child(_fit, work, letters, timed_letters)}


def _in_child(task: Any, *arguments: object) -> dict[str, Any]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return dict(pool.submit(task, *arguments).result())


def _end_helpers() -> None:
    """End the processes that helped: idle, they would keep this one waiting for minutes."""
    get_reusable_executor().shutdown(wait=True)


def _quiet(_step: str, _share: float) -> None:
    """Tell nobody: the child has no screen."""


def _gather(work: Path, letters: int) -> dict[str, Any]:
    library = Library(work, _quiet)
    library.history(letters, "train")
    kept = library.keeps_facts(letters, "train")
    start = time.perf_counter()
    library.letters(letters, "train")
    seconds = time.perf_counter() - start
    _end_helpers()
    return {"gather_seconds": None if kept else seconds}


def _fit(work: Path, letters: int, timed_letters: int) -> dict[str, Any]:
    library = Library(work, _quiet)
    learn = library.letters(letters, "train")
    loaded = _peak()
    with PeakMemory() as memory:
        fitted, times = timed(partial(fit_ours, learn, library.office, library.settings, _quiet))
    itself = _peak()
    _end_helpers()
    path = work / f"model-{letters}.joblib"
    joblib.dump(fitted.model, path, compress=("zlib", 3))  # as Releases.save does
    model, office, steps = fitted.model, library.office, dict(fitted.seconds)
    chosen = learn[: timed_letters + 1]
    written = len({entry.group for entry in learn})
    count = len(learn)
    del fitted, learn
    gc.collect()
    seconds = []
    for entry in chosen:
        start = time.perf_counter()
        decide(entry.letter, entry.facts, office, model, entry.received)
        seconds.append(time.perf_counter() - start)
    return {
        "letters": count,
        "written": written,
        "load": os.getloadavg()[0],
        "processes": library.settings.reader_count,
        "fit": {"wall": times.wall, "processor": times.processor},
        "steps": steps,
        "memory_gib": {"loaded": loaded, "itself": itself, "together": max(itself, memory.processes / 2**30)},
        "model_mb": path.stat().st_size / 1e6,
        "timed": len(seconds) - 1,
        # The first letter also loads what a running service has loaded long before.
        "deciding_ms": spread_ms(seconds[1:]),
    }  # fmt: skip


def _peak() -> float:
    """Return the largest memory of this process so far in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _GIB
