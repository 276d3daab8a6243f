# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The workers' side of the queue; the only module that knows which library it is.

Putting jobs in is ``router.store.jobs``: that happens in the store's own transactions.
"""

import asyncio
import datetime as dt
import random
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import procrastinate
import psycopg
import structlog
from procrastinate import exceptions
from procrastinate.jobs import DeleteJobCondition, Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from router.store.database import conninfo_of
from router.store.jobs import Task

__all__ = ["QUEUE_ERRORS", "Crew", "Handler", "Queue"]

Handler = Callable[[UUID], None]
QUEUE_ERRORS = (exceptions.ProcrastinateException, psycopg.Error)
"""What the queue raises while the database is away."""

_log = structlog.get_logger(__name__)
_HEARTBEAT_SECONDS = 5.0
_DEAD_SECONDS = 20.0
_POLL_SECONDS = 5.0
_LONGEST_WAIT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Crew:
    """Which tasks are worked on together, and how many at a time."""

    tasks: Sequence[Task]
    size: int


class _Backoff(BaseRetryStrategy):
    """Try again after 1, 2, 4, ... seconds, at most five minutes, give or take half.

    There is no last attempt: the handlers themselves give up on a letter and send it to a person.
    """

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision:
        if isinstance(exception, asyncio.CancelledError):  # the worker is stopping: let another one have it
            return RetryDecision(retry_at=dt.datetime.now(dt.UTC))
        wait = min(2.0 ** min(job.attempts, 20), _LONGEST_WAIT_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311
        return RetryDecision(retry_at=dt.datetime.now(dt.UTC) + dt.timedelta(seconds=wait))


class Queue:
    """Fetches jobs and gives them to handlers.

    Parameters
    ----------
    url
        The database, as SQLAlchemy writes it.
    handlers
        What to do for each task; they run in threads of their own and may raise to be called again later.
    """

    def __init__(self, url: str, handlers: Mapping[Task, Handler]) -> None:
        connector = procrastinate.PsycopgConnector(conninfo=conninfo_of(url), min_size=1, max_size=10, timeout=10.0)
        self._app = procrastinate.App(connector=connector)
        for task, handler in handlers.items():
            self._app.task(name=task.value, queue=task.value, retry=_Backoff(), pass_context=True)(
                self._tracked(_in_thread(handler))
            )
        self._workers: set[int] = set()
        self._running: set[int] = set()
        self._lost: set[int] = set()

    async def work(self, crews: Sequence[Crew], stop: asyncio.Event, *, grace_seconds: float) -> None:
        """Work on jobs until `stop` is set; what is not finished within the grace then goes back into the queue.

        Raises
        ------
        QUEUE_ERRORS
            When the database went away.
        """
        async with self._app.open_async():
            running = [
                asyncio.create_task(
                    self._app.run_worker_async(
                        queues=[task.value for task in crew.tasks],
                        concurrency=crew.size,
                        name="-".join(task.value for task in crew.tasks),
                        install_signal_handlers=False,
                        fetch_job_polling_interval=_POLL_SECONDS,
                        update_heartbeat_interval=_HEARTBEAT_SECONDS,
                        stalled_worker_timeout=_DEAD_SECONDS,
                        shutdown_graceful_timeout=grace_seconds,
                        delete_jobs=DeleteJobCondition.SUCCESSFUL,
                    )
                )
                for crew in crews
            ]
            stopped = asyncio.create_task(stop.wait())
            # A worker ends by itself when the database is away: its heartbeat fails. Then all start afresh.
            await asyncio.wait([*running, stopped], return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            for worker in running:
                worker.cancel()
            for ended in await asyncio.gather(*running, return_exceptions=True):
                if isinstance(ended, BaseException) and not isinstance(ended, asyncio.CancelledError):
                    raise ended

    async def take_over(self) -> int:
        """Put lost jobs back into the queue and return how many; ``work`` has to be running.

        Lost are those of workers whose heart stopped, and those of this process that it is not working on: their
        end could not be noted while the database was away.
        """
        manager = self._app.job_manager
        stalled = list(await manager.get_stalled_jobs(seconds_since_heartbeat=_DEAD_SECONDS))
        mine = [
            job for worker in self._workers for job in await manager.list_jobs_async(status="doing", worker_id=worker)
        ]
        lost = {job.id for job in mine if job.id is not None} - self._running
        # Only at the second look: between the look at the table and at the set a job may have begun or ended.
        stalled += [job for job in mine if job.id in lost & self._lost]
        self._lost = lost
        for job in stalled:
            with suppress(exceptions.ConnectorException):  # finished or taken over in the meantime
                await manager.retry_job(job, retry_at=dt.datetime.now(dt.UTC))
        return len(stalled)

    def _tracked(self, run: Callable[[str], Awaitable[None]]) -> Callable[..., Any]:
        async def tracked(context: procrastinate.JobContext, subject: str) -> None:
            job = context.job
            number = job.id or 0
            self._workers.add(job.worker_id or 0)
            self._running.add(number)
            try:
                await run(subject)
            finally:
                self._running.discard(number)

        return tracked


def _in_thread(handler: Handler) -> Callable[[str], Awaitable[None]]:
    """Return a coroutine that runs `handler` in a daemon thread.

    A thread pool would be waited for at exit; a reading may take minutes. When the worker stops earlier, the
    thread's result comes too late to be taken: its claim is no longer the newest.
    """

    async def run(subject: str) -> None:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def finish(error: BaseException | None) -> None:
            if done.done():
                return
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)

        def work() -> None:
            problem: BaseException | None = None
            try:
                handler(UUID(subject))
            except BaseException as error:  # noqa: BLE001 (handed over to the queue, which calls again)
                problem = error
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(finish, problem)

        threading.Thread(target=work, name=f"job-{subject}", daemon=True).start()
        await done

    return run
