# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from router.delivery.targets import all_targets
from router.settings import Settings
from router.store.database import Database
from router.store.store import Store
from router.work.steps import DeskLike
from router.work.worker import run_worker

Work = Callable[..., "contextmanager[threading.Event]"]


@pytest.fixture
def settings(store: Store) -> Settings:
    return Settings(data=store.folder, models=store.folder / "models", readers=2, spot_check_share=0.0)


@pytest.fixture
def working(database: Database, settings: Settings) -> Callable[[DeskLike], Iterator[threading.Event]]:
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

    return run  # type: ignore[return-value]


@pytest.fixture
def settle(store: Store) -> Callable[..., None]:
    """Wait until nothing is open."""

    def wait(seconds: float = 40.0) -> None:
        end = time.monotonic() + seconds
        while any(open_work := store.open_work().values()):
            assert time.monotonic() < end, f"still open: {open_work}"
            time.sleep(0.05)

    return wait
