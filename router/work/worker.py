# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The worker: moves items and letters on until it is told to stop."""

import asyncio
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

import structlog

from router.errors import StorageError
from router.settings import Settings
from router.store.database import connect
from router.store.jobs import Task
from router.store.store import Store
from router.work.queue import QUEUE_ERRORS, Crew, Queue
from router.work.steps import DeskLike, Steps
from router.work.targets import Target
from router.work.training import Trainer

__all__ = ["run_worker"]

_log = structlog.get_logger(__name__)
_GRACE_SECONDS = 8.0
_LOOK_SECONDS = 5.0
_RECONCILE_SECONDS = 30.0
_SWEEP_SECONDS = 3600.0
_LONGEST_PAUSE_SECONDS = 10.0
_DECIDERS = 4


def run_worker(
    store_url: str,
    settings: Settings,
    desk: DeskLike,
    stop: threading.Event,
    *,
    targets: Mapping[str, Target],
    grace_seconds: float = _GRACE_SECONDS,
) -> None:
    """Read, decide, deliver and train until `stop` is set; run it in a thread or process of its own.

    The database may go away and come back in the meantime.

    Parameters
    ----------
    store_url
        ``Database.url``.
    settings
        Data folder, readers, spot checks.
    desk
        Reads and decides.
    stop
        Ends the worker.
    targets
        Ways out by name, see ``router.delivery.targets``.
    grace_seconds
        How long jobs that run may go on after `stop`; then others get them.
    """
    engine = connect(store_url)
    store = Store(engine, settings.data)
    steps = Steps(store, desk, settings, targets)
    handlers = {
        Task.READ: steps.read,
        Task.DECIDE: steps.decide,
        Task.COMPLETE: steps.complete,
        Task.DELIVER: steps.deliver,
        Task.TRAIN: Trainer(store, settings).train,
    }
    crews = [
        # One more than there are readers: while one letter is decided to know whether to read on, another is read.
        Crew([Task.READ, Task.COMPLETE], settings.reader_count + 1),
        Crew([Task.DECIDE, Task.DELIVER], _DECIDERS),
        Crew([Task.TRAIN], 1),
    ]
    try:
        asyncio.run(_work(store_url, handlers, crews, store, settings, stop, grace_seconds))
    finally:
        engine.dispose()


async def _work(
    url: str,
    handlers: Mapping[Task, Callable[..., None]],
    crews: list[Crew],
    store: Store,
    settings: Settings,
    stop: threading.Event,
    grace_seconds: float,
) -> None:
    stopped = asyncio.Event()
    watch = asyncio.create_task(_watch(stop, stopped))
    pause = 0.5
    while not stopped.is_set():
        queue = Queue(url, handlers)
        keeping = asyncio.create_task(_keep_house(queue, store, settings))
        started = time.monotonic()
        try:
            _log.info("worker_started")
            await queue.work(crews, stopped, grace_seconds=grace_seconds)
        except QUEUE_ERRORS as error:
            _log.warning("worker_lost_database", error=type(error).__name__)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
        if not stopped.is_set():
            pause = 0.5 if time.monotonic() - started > 30.0 else min(pause * 2, _LONGEST_PAUSE_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), pause)
    await watch
    _log.info("worker_stopped")


async def _watch(stop: threading.Event, stopped: asyncio.Event) -> None:
    """Bring the thread's event into the loop."""
    while not stop.is_set():
        await asyncio.sleep(0.1)
    stopped.set()


async def _keep_house(queue: Queue, store: Store, settings: Settings) -> None:
    """Take over the work of dead workers, find what has no job, and sweep up, again and again."""
    reconciled, swept = -_RECONCILE_SECONDS, time.monotonic()
    # A reading is tried twice at the desk; only what takes longer than that hangs.
    hang_seconds = 2 * settings.read_timeout_seconds + 300.0
    while True:
        await asyncio.sleep(1.0 if reconciled < 0 else _LOOK_SECONDS)
        try:
            if taken := await queue.take_over():
                _log.warning("jobs_taken_over", count=taken)
            if time.monotonic() - reconciled > _RECONCILE_SECONDS:
                reconciled = time.monotonic()
                if found := await asyncio.to_thread(store.reconcile, hang_seconds=hang_seconds):
                    _log.warning("jobs_found_missing", count=found)
                if missing := await asyncio.to_thread(store.check_protocols):
                    _log.warning("scanned_files_missing", count=missing)
            if time.monotonic() - swept > _SWEEP_SECONDS:
                swept = time.monotonic()
                if gone := await asyncio.to_thread(store.sweep_originals):
                    _log.info("orphans_swept", count=gone)
        except (*QUEUE_ERRORS, StorageError) as error:
            _log.warning("housekeeping_failed", error=type(error).__name__)
