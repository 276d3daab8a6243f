# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reading and deciding with the plan, case list and model in force: what command line, worker and pages share."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Generic, TypeVar

import structlog

from router.deciding.decide import decide, is_settled
from router.deciding.model import DecisionModel, Releases
from router.deciding.watch import Check, Verdict
from router.errors import ModelError, NotFoundError, PostweicheError
from router.facts.extract import extract, office_words
from router.facts.model import load_facts_model
from router.office.office import Office, load_office
from router.reading.configured import open_readers
from router.records import Decision, Letter, Reading
from router.settings import Settings
from router.work.watching import Watching

__all__ = ["Desk"]

_log = structlog.get_logger(__name__)
_LOOK_AGAIN_SECONDS = 1.0
T = TypeVar("T")


class _Watched(Generic[T]):
    """Something loaded from files, loaded anew when they change; what can't be loaded leaves the old in force."""

    def __init__(self, state: Callable[[], object], load: Callable[[], T], event: str) -> None:
        self._state, self._load, self._event = state, load, event
        self._lock = threading.Lock()
        self._seen = state()
        self._value = load()
        self._looked = time.monotonic()
        self.problem: PostweicheError | None = None

    def get(self) -> T:
        with self._lock:
            if time.monotonic() - self._looked >= _LOOK_AGAIN_SECONDS:
                self._looked = time.monotonic()
                state = self._state()
                if state != self._seen:
                    self._reload(state)
            return self._value

    def _reload(self, state: object) -> None:
        self._seen = state
        try:
            self._value, self.problem = self._load(), None
            _log.info(f"{self._event}_reloaded")
        except PostweicheError as error:
            self.problem = error
            _log.warning(f"{self._event}_refused", code=error.code)


class Desk:
    """Reads letters and decides them with what is in force now; safe to use from many threads.

    Parameters
    ----------
    settings
        Limits, languages, folders.
    office_folder
        Plan and case list; ``None`` works without both.
    readers
        Reading processes; by default as many as the settings say.
    checks
        Returns a model's checks, ``Store.checks``; without it nobody watches whether the promise is kept.

    Raises
    ------
    NotFoundError, ImportMistakesError
        When the office's files can't be used at the start. Later, files with mistakes are refused and those
        in force stay so; ``office_problem`` tells.
    ModelError
        When the model in use can't be loaded at the start.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        office_folder: Path | None,
        readers: int | None = None,
        checks: Callable[[str, float], Sequence[Check]] | None = None,
    ) -> None:
        self.settings = settings
        self.office_folder = office_folder
        self.releases = Releases(settings.models)
        self._office = _Watched(lambda: _stamps(office_folder), lambda: load_office(office_folder), "office")
        self._model = _Watched(
            lambda: (self.releases.champion(self.office.name), self.office.name), self._load_model, "model"
        )
        self._facts = load_facts_model()
        self._pool = open_readers(settings, readers)
        self._facts_lock = threading.Lock()
        self._watching = Watching(checks) if checks is not None else None

    @property
    def office(self) -> Office:
        """Plan and case list in force."""
        return self._office.get()

    @property
    def office_problem(self) -> PostweicheError | None:
        """Why newer files of the office are not in force, if so."""
        return self._office.problem

    @property
    def model(self) -> DecisionModel | None:
        """The model the office uses, or ``None`` where it has none."""
        return self._model.get()

    @property
    def model_problem(self) -> PostweicheError | None:
        """Why a newly promoted model is not in force, if so."""
        return self._model.problem

    @property
    def verdict(self) -> Verdict | None:
        """What the checks of the model in use say; ``None`` where it promises nothing or nobody watches."""
        return self._watching.verdict(self.model) if self._watching is not None else None

    def check_share(self, usual: float) -> float:
        """Return the share of routed letters a person is to see now, given the usual one."""
        verdict = self.verdict
        return verdict.share(usual) if verdict is not None else usual

    def _load_model(self) -> DecisionModel | None:
        try:
            return self.releases.in_use(self.office.name)
        except NotFoundError as error:
            raise ModelError(error.what, item=error.item, remedy=error.remedy) from error

    def read(self, data: bytes, *, threads: int | None = None) -> Reading:
        """Read an item in a child process; what can't be read says why in the reading itself.

        Parameters
        ----------
        data
            Its bytes.
        threads
            Pages recognised side by side; by default as many as there are idle readers.
        """
        return self._pool.read(data, threads=threads, attempts=2)

    def read_until_sure(self, data: bytes, received: dt.date, *, threads: int | None = None) -> Reading:
        """Read an item as far as its letters' decisions need it.

        The first scanned page of each letter is recognised; the others only while the decision is open. Pages left
        say so (``Page.is_read``); ``read_rest`` reads them later.

        Parameters
        ----------
        data, threads
            As for ``read``.
        received
            Day of receipt.
        """
        reading = self._pool.read(data, threads=threads, attempts=2, first_pages=True)
        letters = tuple(
            letter if letter.is_complete or is_settled(letter, self.decide(letter, received))
            else self.read_rest(data, letter, threads=threads)
            for letter in reading.letters
        )  # fmt: skip
        return replace(reading, letters=letters)

    def read_rest(self, data: bytes, letter: Letter, *, threads: int | None = None) -> Letter:
        """Return a letter with the pages read that were left for later."""
        return self._pool.read_rest(data, letter, threads=threads, attempts=2)

    def picture(self, data: bytes, page: int, *, dpi: int = 110, rotation: int = 0) -> bytes:
        """Return one page of an item as a WebP picture; see ``ReaderPool.picture``."""
        return self._pool.picture(data, page, dpi=dpi, rotation=rotation)

    def decide(self, letter: Letter, received: dt.date, *, today: dt.date | None = None) -> Decision:
        """Find a letter's facts and decide where it goes.

        Parameters
        ----------
        letter
            As read.
        received
            Day of receipt; rules count as of this day.
        today
            Day for which caseworkers and deputies count.
        """
        office, model = self.office, self.model
        verdict = self._watching.verdict(model) if self._watching is not None else None
        # spaCy's vocabulary grows while it reads and is not made for several threads at once.
        with self._facts_lock:
            facts = extract(letter, self._facts, office_words(office), received)
        return decide(letter, facts, office, model, received, today=today, verdict=verdict)

    def warm_up(self) -> None:
        """Start a reader ahead of the first item."""
        self._pool.warm_up()

    def close(self) -> None:
        """End the reading processes."""
        self._pool.close()

    def __enter__(self) -> "Desk":
        return self

    def __exit__(self, *_exception: Any) -> None:
        self.close()


def _stamps(folder: Path | None) -> tuple[tuple[str, int, int], ...]:
    if folder is None:
        return ()
    found = []
    for name in ("plan.yaml", "cases.csv"):
        try:
            stat = (folder / name).stat()
        except OSError:
            continue
        found.append((name, stat.st_mtime_ns, stat.st_size))
    return tuple(found)
