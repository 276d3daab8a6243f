# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files of every kind, broken in many ways, read by the real reader processes.

``make fuzz`` reads 20,000 of them and prints what became of them; the tests read a few hundred.
"""

import argparse
import os
import random
import resource
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.sandbox import ReaderPool
from tests.router.reading.corpus import corpus

__all__ = ["Tally", "mutate", "mutations", "read_all"]

_TOKENS = (
    b"\x00", b"\xff" * 4, b"\x7f\xff\xff\xff", b"\x80\x00\x00\x00", b"99999999999", b"-1", b"1e308", b"%s%n",
    b"../../etc/passwd", b"<<", b">>", b"[", b"/Kids", b"/Parent 1 0 R", b"/Length 4294967295", b"endobj", b"stream\n",
    b"obj", b"xref", b"%%EOF", b"PK\x03\x04", b"PK\x05\x06", b"--", b"\r\n\r\n", b"=?utf-8?b?", b"]]>", b"&a;",
    b"Content-Type: multipart/mixed; boundary=", b"<!DOCTYPE a [", b'<!ENTITY a SYSTEM "file:///etc/passwd">',
    b"\\rtf1", b"{\\bin4294967295 ", b"\xd0\xcf\x11\xe0", b"II*\x00", b"MM\x00*",
)  # fmt: skip


@dataclass
class Tally:
    """What became of the files."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_name: str = ""

    def add(self, name: str, outcome: str, seconds: float) -> None:
        self.outcomes[outcome] += 1
        if seconds > self.slowest:
            self.slowest, self.slowest_name = seconds, name


def mutate(data: bytes, other: bytes, draw: random.Random) -> bytes:
    """Break a file in one to six places."""
    broken = bytearray(data)
    for _ in range(draw.randint(1, 6)):
        if not broken:
            break
        place = draw.randrange(len(broken))
        length = min(len(broken) - place, draw.choice((1, 2, 4, 16, 64, 512)))
        match draw.randrange(8):
            case 0:
                broken[place] ^= 1 << draw.randrange(8)
            case 1:
                broken[place : place + length] = draw.randbytes(length)
            case 2:
                del broken[place : place + length]
            case 3:
                broken[place:place] = broken[place : place + length] * draw.randint(1, 20)
            case 4:
                del broken[place:]
            case 5:
                token = draw.choice(_TOKENS)
                broken[place : place + (len(token) if draw.random() < 0.5 else 0)] = token
            case 6:
                start = draw.randrange(max(len(other), 1))
                broken[place:place] = other[start : start + draw.choice((8, 64, 1024))]
            case _:
                broken[place : place + length] = bytes(length)
    return bytes(broken)


def mutations(files: Mapping[str, bytes], seed: int) -> Iterator[tuple[str, bytes]]:
    """Yield broken files without end, the kinds in turn; the same for the same seed."""
    draw = random.Random(seed)
    names = sorted(files)
    number = 0
    while True:
        name = names[number % len(names)]
        yield f"{name}/{seed}/{number}", mutate(files[name], files[draw.choice(names)], draw)
        number += 1


def read_all(pool: ReaderPool, cases: Iterator[tuple[str, bytes]], side_by_side: int, tally: Tally) -> None:
    """Read broken files; anything but a reading is a defect."""

    def read(case: tuple[str, bytes]) -> tuple[str, str, float]:
        name, data = case
        start = time.perf_counter()
        reading = pool.read(data, attempts=2)
        outcome = reading.error.value if reading.error else "read"
        assert reading.letters, name
        return name, outcome, time.perf_counter() - start

    with ThreadPoolExecutor(side_by_side) as threads:
        while block := list(islice(cases, 200)):
            for name, outcome, seconds in threads.map(read, block):
                tally.add(name, outcome, seconds)


def main() -> None:
    """Read many broken files and print what became of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=20.0, help="limit on one file")
    chosen = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    limits = Limits(wall_seconds=chosen.seconds, cpu_seconds=int(chosen.seconds), max_pages=4)
    files = corpus()
    tally = Tally()
    with tempfile.TemporaryDirectory() as programs, tempfile.TemporaryDirectory() as folder:
        # Only Tesseract: converting every broken document with an office suite would take days.
        Path(programs, "tesseract").symlink_to(shutil.which("tesseract") or "tesseract")
        os.environ["PATH"] = programs
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        with ReaderPool(cores, limits, OcrSettings(timeout_seconds=chosen.seconds / 2)) as pool:
            cases = mutations(files, chosen.seed)
            read_all(pool, islice(cases, 500), cores, tally)  # libraries are loaded, caches filled
            before, start = _resident_mib(), time.perf_counter()
            # Who stops it early learns what it found so far.
            with suppress(KeyboardInterrupt):
                for done in range(500, chosen.count, 500):
                    read_all(pool, islice(cases, min(500, chosen.count - done)), cores, tally)
                    sys.stderr.write(f"\r{done} {dict(tally.outcomes)} {_resident_mib() - before:+.1f} MiB ")
        left = [path for path in Path(folder).rglob("*") if not path.is_dir()]
    print()  # noqa: T201 (a tool's output)
    for line in (
        f"{tally.outcomes.total()} broken files made of {len(files)} good ones, {time.perf_counter() - start:.0f} s",
        *(f"  {outcome}: {count}" for outcome, count in tally.outcomes.most_common()),
        f"slowest: {tally.slowest:.1f} s ({tally.slowest_name}), limit {2 * chosen.seconds:.0f} s for two attempts",
        f"memory of this process: {_resident_mib() - before:+.1f} MiB, at most {_peak_mib():.0f} MiB",
        f"files left behind: {len(left)}",
    ):
        print(line)  # noqa: T201
    sys.exit(1 if left or tally.slowest > 2 * chosen.seconds + 5 else 0)


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
