# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress

import pytest

from router.delivery.targets import all_targets
from router.errors import StorageError
from router.settings import Settings
from router.store.database import Database
from router.store.store import Store
from router.work.steps import DeskLike
from router.work.worker import run_worker

Working = Callable[..., AbstractContextManager[threading.Event]]


@pytest.fixture
def settings(store: Store) -> Settings:
    return Settings(data=store.folder, models=store.folder / "models", readers=2, spot_check_share=0.0)


@pytest.fixture
def working(database: Database, settings: Settings) -> Working:
    """Run a worker in a thread for a ``with`` block."""

    @contextmanager
    def run(desk: DeskLike, grace_seconds: float = 5.0) -> Iterator[threading.Event]:
        stop = threading.Event()
        worker = threading.Thread(
            target=run_worker,
            args=(database.url, settings, desk, stop),
            kwargs={"targets": all_targets(), "grace_seconds": grace_seconds},
        )
        worker.start()
        try:
            yield stop
        finally:
            stop.set()
            worker.join(60)
            assert not worker.is_alive()

    return run


@pytest.fixture
def settle(store: Store) -> Callable[..., None]:
    """Wait until nothing is open."""

    def wait(seconds: float = 40.0) -> None:
        end = time.monotonic() + seconds
        open_work: Mapping[str, int] = {"?": 1}
        while any(open_work.values()):
            assert time.monotonic() < end, f"still open: {open_work}"
            time.sleep(0.05)
            with suppress(StorageError):  # some tests kill the database
                open_work = store.open_work()

    return wait
