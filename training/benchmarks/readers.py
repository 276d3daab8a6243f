# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Ways to read the same files: ours in three variants, bare Tesseract, and OCRmyPDF as people run it.

OCRmyPDF is measured where it is installed; the product neither needs nor calls it.
"""

import datetime as dt
import os
import shutil
import subprocess
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from router.reading.sandbox import ReaderPool
from router.records import Reading
from router.work.desk import Desk
from training.benchmarks.reading_files import BenchmarkFile

__all__ = ["OCRMYPDF_REMEDY", "AllPages", "FirstPages", "OcrMyPdf", "Output", "Reader", "Tesseract", "UntilSure",
           "ocrmypdf_version", "until_sure"]  # fmt: skip

OCRMYPDF_REMEDY = "apt-get install ocrmypdf, or uv tool install ocrmypdf"
_ONE_THREAD = {"OMP_THREAD_LIMIT": "1"}
_AS_USERS_RUN_IT = ("-l", "deu", "--rotate-pages", "--deskew", "--skip-text", "--output-type", "pdf")
_FASTEST = ("--jobs", "1", "--optimize", "0", "--fast-web-view", "0")


@dataclass(frozen=True)
class Output:
    """What a reader made of a file.

    Attributes
    ----------
    text
        As read; empty where nothing came out.
    reading
        Ours only.
    """

    text: str
    reading: Reading | None = None


class Reader(ABC):
    """Reads files, as many at a time as there are threads.

    Parameters
    ----------
    threads
        Kept between readings: our reading processes end with the thread that started them. ``None`` reads one file
        after another.
    """

    name: str
    words: str

    def __init__(self, threads: ThreadPoolExecutor | None) -> None:
        self._threads = threads

    def takes(self, file: BenchmarkFile) -> bool:
        """Whether the reader can read such a file and is measured on it."""
        return True

    def warm_up(self, file: BenchmarkFile) -> None:
        """Get programs and language data into memory."""
        self.read_one(file)

    def read(self, files: Sequence[BenchmarkFile]) -> dict[str, Output]:
        """Read files and return what came out, by name."""
        outputs = map(self.read_one, files) if self._threads is None else self._threads.map(self.read_one, files)
        return dict(zip((file.name for file in files), outputs, strict=True))

    @abstractmethod
    def read_one(self, file: BenchmarkFile) -> Output:
        """Read one file."""


class _Ours(Reader):
    """A reader of ours, with reading processes that live through the whole measurement."""

    def __init__(self, threads: ThreadPoolExecutor, at_a_time: int) -> None:
        super().__init__(threads)
        self._at_a_time = at_a_time

    def warm_up(self, file: BenchmarkFile) -> None:
        """Start as many reading processes as files are read at a time."""
        self.read([file] * self._at_a_time)


class AllPages(_Ours):
    """Ours, every page."""

    name, words = "all", "Postweiche, all pages"

    def __init__(self, desk: Desk, threads: ThreadPoolExecutor, at_a_time: int) -> None:
        super().__init__(threads, at_a_time)
        self._desk = desk

    def read_one(self, file: BenchmarkFile) -> Output:
        """Read one file."""
        return _ours(self._desk.read(file.path.read_bytes()))


class FirstPages(_Ours):
    """Ours, the first page of each letter only."""

    name, words = "first", "Postweiche, first page"

    def __init__(self, pool: ReaderPool, threads: ThreadPoolExecutor, at_a_time: int) -> None:
        super().__init__(threads, at_a_time)
        self._pool = pool

    def read_one(self, file: BenchmarkFile) -> Output:
        """Read one file."""
        return _ours(self._pool.read(file.path.read_bytes(), attempts=2, first_pages=True))


class UntilSure(AllPages):
    """Ours, until it is sure where each letter goes, as the service reads; deciding is part of the time."""

    name, words = "sure", "Postweiche, until sure"

    def read_one(self, file: BenchmarkFile) -> Output:
        """Read one file."""
        return _ours(until_sure(self._desk, file.path.read_bytes(), file.received))


def until_sure(desk: Desk, data: bytes, received: dt.date) -> Reading:
    """Read an item as far as its letters' decisions need it.

    Parameters
    ----------
    desk
        Reads and decides, with the model in use.
    data
        The item.
    received
        Day of receipt.
    """
    return desk.read_until_sure(data, received)


class Tesseract(Reader):
    """The floor: ``tesseract page.png - -l deu+eng`` on one thread for every page image as it is stored."""

    def __init__(self, threads: ThreadPoolExecutor | None, at_a_time: int) -> None:
        super().__init__(threads)
        self.name = f"tesseract-{at_a_time}"
        self.words = f"`tesseract`, one thread, {_at_a_time(at_a_time)}"

    def takes(self, file: BenchmarkFile) -> bool:
        """Only page images."""
        return bool(file.pictures)

    def read_one(self, file: BenchmarkFile) -> Output:
        """Read one file, page after page."""
        pages = [_run(("tesseract", str(path), "-", "-l", "deu+eng"), _ONE_THREAD) for path in file.pictures]
        return Output("\f".join(page.stdout for page in pages))


class OcrMyPdf(Reader):
    """OCRmyPDF: as users run it one file after another, or several at a time with its fastest settings.

    Parameters
    ----------
    threads, at_a_time
        How many files at a time.
    fastest
        One thread, no optimising, instead of its own choice.
    """

    def __init__(self, threads: ThreadPoolExecutor | None, at_a_time: int, *, fastest: bool) -> None:
        super().__init__(threads)
        self._options = _AS_USERS_RUN_IT + (_FASTEST if fastest else ())
        self._environment = _ONE_THREAD if fastest else {}
        self.name = "ocrmypdf-fast" if fastest else "ocrmypdf"
        how = "fastest settings, one thread" if fastest else "as users run it"
        self.words = f"OCRmyPDF, {how}, {_at_a_time(at_a_time)}"

    def takes(self, file: BenchmarkFile) -> bool:
        """Only what is or was wrapped as PDF."""
        return file.pdf is not None

    def read_one(self, file: BenchmarkFile) -> Output:
        """Read one file; the side file holds the text as Tesseract gave it."""
        with tempfile.TemporaryDirectory() as folder:
            side = Path(folder) / "text.txt"
            command = (
                "ocrmypdf",
                "--quiet",
                *self._options,
                "--sidecar",
                str(side),
                str(file.pdf),
                f"{folder}/out.pdf",
            )
            done = _run(command, self._environment)
            return Output(side.read_text(encoding="utf-8") if done.returncode == 0 and side.exists() else "")


def ocrmypdf_version() -> str | None:
    """Return the version of the OCRmyPDF on the path, or ``None`` without one."""
    if shutil.which("ocrmypdf") is None:
        return None
    return _run(("ocrmypdf", "--version"), {}).stdout.strip()


def _run(command: Sequence[str], environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    return subprocess.run(command, env={**inherited, **environment}, capture_output=True, text=True, check=False)


def _ours(reading: Reading) -> Output:
    return Output("\f".join(letter.text for letter in reading.letters), reading)


def _at_a_time(count: int) -> str:
    return "one after another" if count == 1 else f"{count} at a time"
