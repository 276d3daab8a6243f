# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Child processes that read, handed out one at a time.

A child that dies, hangs or grows beyond its limits is killed with everything it started; the item it was
reading counts one attempt, and the service goes on.
"""

import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO, cast

from pydantic import BaseModel, ValidationError

from router.errors import (
    DependencyError,
    EncryptedError,
    NotFoundError,
    PostweicheError,
    TemporaryError,
    TooLargeError,
    UnreadableError,
)
from router.reading import wire
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.records import Letter, LetterKind, Page, Reading, Reason

__all__ = ["ReaderPool"]

_ERRORS: dict[str, type[PostweicheError]] = {
    cls.code: cls
    for cls in (DependencyError, EncryptedError, NotFoundError, TemporaryError, TooLargeError, UnreadableError)
}


_FOLDERS = "postweiche-reader-"
_FRESH_SECONDS = 60.0


def _sweep() -> None:
    """Remove the folders of children whose parent was killed; they may hold pictures of pages."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}*"):
        with contextlib.suppress(OSError):  # another user's, in use, or gone meanwhile
            found = folder.stat(follow_symlinks=False)
            if found.st_uid != os.geteuid() or time.time() - found.st_mtime < _FRESH_SECONDS:
                continue
            handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(handle)


class ReaderDiedError(TemporaryError):
    """The child died or had to be killed; a second attempt may succeed."""

    code = "reader_died"


class _Child:
    """One child process with a folder of its own."""

    def __init__(self, limits: Limits, ocr: OcrSettings) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=_FOLDERS))
        # Held as long as this process lives, so that others see that the folder is in use.
        self._handle = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        self._closing = threading.Lock()
        self.used = 0
        settings = json.dumps({"limits": asdict(limits), "ocr": asdict(ocr)})
        kept = ("PATH", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "PYTHONPATH", "VIRTUAL_ENV", "COVERAGE_PROCESS_START")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {
            "TMPDIR": str(self.folder),
            "HOME": str(self.folder),
            "LC_ALL": "C.UTF-8",
            "OMP_THREAD_LIMIT": "1",
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "router.reading.child", settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            env=environment,
            start_new_session=True,
        )

    def ask(self, request: BaseModel, data: bytes, seconds: float) -> tuple[wire.Answer, bytes]:
        """Send a request and wait for the answer, at most `seconds`.

        Raises
        ------
        ReaderDiedError
            When the child died, sent nonsense, or had to be killed because time was over.
        """
        self.used += 1
        watch = threading.Timer(seconds, self.kill)
        watch.start()
        try:
            wire.send(cast(BinaryIO, self.process.stdin), request, data)
            frame = wire.receive(cast(BinaryIO, self.process.stdout))
            if frame is None:
                # It may take a while to end; nobody else must be handed it meanwhile.
                self.kill()
                raise ReaderDiedError("the reading process ended without an answer")
            return wire.decode_answer(frame[0]), frame[1]
        except (OSError, EOFError, ValidationError) as error:
            self.kill()
            raise ReaderDiedError("the reading process broke off") from error
        finally:
            watch.cancel()

    def kill(self) -> None:
        """End the child and all it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """End the child and remove its folder; again does nothing."""
        self.kill()
        with self._closing:
            if self._handle < 0:
                return
            for stream in (self.process.stdin, self.process.stdout):
                if stream:
                    with contextlib.suppress(OSError):
                        stream.close()
            shutil.rmtree(self.folder, ignore_errors=True)
            os.close(self._handle)
            self._handle = -1


class ReaderPool:
    """Reads items in child processes; safe to use from many threads.

    Parameters
    ----------
    size
        How many children at most work at the same time.
    limits
        What one item may ask for.
    ocr
        How page images are recognised.
    recycle_after
        A child is replaced after this many items, so that no leak grows.
    """

    def __init__(self, size: int, limits: Limits, ocr: OcrSettings, *, recycle_after: int = 200) -> None:
        self._limits = limits
        self._ocr = ocr
        self._size = size
        self._recycle_after = recycle_after
        self._idle: list[_Child] = []
        self._children: set[_Child] = set()
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._busy = 0
        # A child dies with the thread that started it (PR_SET_PDEATHSIG); callers' threads come and go.
        self._starter = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader-starter")
        _sweep()

    def __enter__(self) -> "ReaderPool":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def read(self, data: bytes, *, threads: int | None = None, attempts: int = 1, first_pages: bool = False) -> Reading:
        """Read one item.

        Parameters
        ----------
        data
            Its bytes.
        threads
            Pages recognised side by side; by default as many as there are idle children.
        attempts
            After as many dead children the item is given up as unreadable instead of raising.
        first_pages
            Leave all but the first scanned page of each letter for ``read_rest``.

        Raises
        ------
        TemporaryError
            When the child died or Tesseract did not finish, and `attempts` is 0.
        DependencyError
            When Tesseract is missing.
        """
        if len(data) > self._limits.max_bytes:
            return _given_up(Reason.TOO_LARGE)
        for _attempt in range(max(attempts, 1)):
            request = wire.ReadRequest(threads=threads or self._free(), first_pages=first_pages)
            try:
                answer, _ = self._ask(request, data, self._limits.wall_seconds)
            except TemporaryError:
                if attempts == 0:
                    raise
                continue
            if answer.reading is None:
                raise ReaderDiedError("the reading process sent no reading")
            return answer.reading
        return _given_up(Reason.UNREADABLE)

    def read_rest(self, data: bytes, letter: Letter, *, threads: int | None = None, attempts: int = 1) -> Letter:
        """Read the pages of a letter that were left for later.

        Parameters
        ----------
        data
            The bytes of the item the letter belongs to.
        letter
            As ``read`` gave it.
        threads, attempts
            As for ``read``. Pages that can't be read after so many attempts are said to be unreadable.

        Raises
        ------
        TemporaryError, DependencyError
            As ``read``.
        """
        left = frozenset(page.number for page in letter.pages if not page.is_read)
        if not left:
            return letter
        for _attempt in range(max(attempts, 1)):
            request = wire.PagesRequest(numbers=left, threads=threads or self._free())
            try:
                answer, _ = self._ask(request, data, self._limits.wall_seconds)
            except TemporaryError:
                if attempts == 0:
                    raise
                continue
            if answer.pages is None:
                raise ReaderDiedError("the reading process sent no pages")
            return _completed(letter, answer.pages, answer.problems)
        return _completed(letter, [replace(page, is_read=True) for page in letter.pages], (Reason.UNREADABLE,))

    def _free(self) -> int:
        return max(1, self._size - self._busy)

    def picture(self, data: bytes, page: int, *, dpi: int = 110, rotation: int = 0) -> bytes:
        """Return one page as a WebP picture.

        Raises
        ------
        NotFoundError
            When there is no such page.
        UnreadableError, EncryptedError
            When it can't be shown.
        TemporaryError
            When the child died.
        """
        _, body = self._ask(wire.RenderRequest(page=page, dpi=dpi, rotation=rotation), data, 60.0)
        return body

    def warm_up(self) -> None:
        """Start one child ahead of the first item."""
        with self._child():
            pass

    def close(self) -> None:
        """End all children, those that read just now included; nothing of theirs stays behind."""
        self._starter.shutdown()
        with self._lock:
            children, self._children, self._idle = self._children, set(), []
        for child in children:
            child.close()

    def _ask(self, request: BaseModel, data: bytes, seconds: float) -> tuple[wire.Answer, bytes]:
        with self._child() as child:
            answer, body = child.ask(request, data, seconds)
        if answer.failure is not None:
            failure = answer.failure
            raise _ERRORS.get(failure.code, TemporaryError)(failure.what, remedy=failure.remedy)
        return answer, body

    @contextmanager
    def _child(self) -> Iterator[_Child]:
        with self._slots:
            with self._lock:
                child = self._idle.pop() if self._idle else None
                self._busy += 1
            try:
                if child is None or not child.alive:
                    if child is not None:
                        self._end(child)
                    child = self._start()
                yield child
            finally:
                with self._lock:
                    self._busy -= 1
                    keep = child in self._children and child.alive and child.used < self._recycle_after
                    if keep and child is not None:
                        self._idle.append(child)
                if not keep and child is not None:
                    self._end(child)

    def _start(self) -> _Child:
        child = self._starter.submit(_Child, self._limits, self._ocr).result()
        with self._lock:
            self._children.add(child)
        return child

    def _end(self, child: _Child) -> None:
        with self._lock:
            self._children.discard(child)
        child.close()


def _completed(letter: Letter, pages: Iterable[Page], problems: Iterable[Reason]) -> Letter:
    whole = letter.with_pages(pages)
    return replace(whole, problems=tuple(dict.fromkeys((*whole.problems, *problems))))


def _given_up(reason: Reason) -> Reading:
    return Reading((Letter((), LetterKind.SCAN, problems=(reason,)),), "application/octet-stream", 0, reason)
