# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Memory of this process and everything it started (Linux)."""

import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from training.benchmarks.processor_time import tree_processes

__all__ = ["PeakMemory", "tree_bytes"]

_KIB = 2**10


def tree_bytes() -> int:
    """Return how much memory this process and its living descendants hold; pages they share count once.

    ``resource.RUSAGE_CHILDREN`` tells the largest child only, and a child begins with the peak of the process it was
    forked from, even if it never touches that memory.
    """
    return sum(_proportional(pid) for pid in tree_processes())


def _proportional(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:  # ended meanwhile
        return 0
    return next((int(line.split()[1]) * _KIB for line in lines if line.startswith("Pss:")), 0)


class PeakMemory:
    """Looks at the memory again and again while a block runs.

    Parameters
    ----------
    seconds
        Between two looks; a peak shorter than that may go unseen.

    Attributes
    ----------
    processes
        Bytes of all processes together at the worst moment seen.
    """

    def __init__(self, seconds: float = 0.5) -> None:
        self.processes = 0
        self._seconds = seconds
        self._end = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name=f"memory-{os.getpid()}", daemon=True)

    def _watch(self) -> None:
        while True:
            self.processes = max(self.processes, tree_bytes())
            if self._end.wait(self._seconds):
                return

    def __enter__(self) -> Self:
        self._watcher.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._watcher.join()
