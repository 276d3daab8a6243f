# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Processor time of this process and everything it started, living or ended (Linux)."""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

__all__ = ["Times", "timed", "tree_processes", "tree_seconds"]

_TICKS = os.sysconf("SC_CLK_TCK")
_T = TypeVar("_T")


class Times(NamedTuple):
    """Seconds of the clock and of all processors together."""

    wall: float
    processor: float


def tree_seconds() -> float:
    """Return the processor seconds of this process, its living descendants, and all those that ended.

    ``resource.RUSAGE_CHILDREN`` alone would miss reading processes that go on living between letters. What an
    ended process used counts with the one that waited for it, so that the sum never falls.
    """
    return sum(tree_processes().values())


def tree_processes() -> dict[int, float]:
    """Return this process and its living descendants, each with the processor seconds it used."""
    children: dict[int, list[int]] = defaultdict(list)
    used: dict[int, float] = {}
    for pid, parent, seconds in _processes():
        children[parent].append(pid)
        used[pid] = seconds
    found, open_ends = {}, [os.getpid()]
    while open_ends:
        pid = open_ends.pop()
        found[pid] = used.get(pid, 0.0)
        open_ends += children[pid]
    return found


def _processes() -> Iterator[tuple[int, int, float]]:
    """Yield process, its parent, and seconds it and the children it waited for have used."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:  # ended meanwhile
            continue
        # The name, in brackets, may hold blanks; fields 14 to 17 of proc(5) are the times.
        fields = stat.rpartition(")")[2].split()
        yield int(folder.name), int(fields[1]), sum(map(int, fields[11:15])) / _TICKS


def timed(work: Callable[[], _T]) -> tuple[_T, Times]:
    """Do `work` and return what it gives and what it took."""
    processor, clock = tree_seconds(), time.perf_counter()
    result = work()
    wall = time.perf_counter() - clock
    return result, Times(wall, tree_seconds() - processor)
