# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Puts jobs into the queue within the caller's transaction: rows and job become durable together.

This is the store's side of the queue; the workers' side is ``router.work.queue``. Jobs carry ids only.
"""

from enum import StrEnum
from typing import Protocol
from uuid import UUID

import sqlalchemy as sa
from procrastinate import SyncPsycopgConnector
from procrastinate.jobs import Job
from procrastinate.manager import JobManager

__all__ = ["BACKLOG", "INTERACTIVE", "LATER", "Defer", "Task", "defer"]

INTERACTIVE = 10
"""Priority of what a person waits for."""
BACKLOG = 0
"""Priority of everything else."""
LATER = -10
"""Priority of what nobody waits for."""


class Task(StrEnum):
    """Kinds of jobs; each has a queue of the same name."""

    READ = "read"
    DECIDE = "decide"
    COMPLETE = "complete"
    DELIVER = "deliver"
    TRAIN = "train"


class Defer(Protocol):
    """Something that puts a job into the queue."""

    def __call__(self, connection: sa.Connection, task: Task, subject: UUID, /, *, priority: int = BACKLOG) -> None:
        """Put the job in, within the transaction of `connection`."""


# Never opened: every statement runs on the connection that is handed over.
_manager = JobManager(SyncPsycopgConnector())


def defer(connection: sa.Connection, task: Task, subject: UUID, *, priority: int = BACKLOG) -> None:
    """Put a job into procrastinate's queue.

    Parameters
    ----------
    connection
        The caller's; the job exists when its transaction is committed.
    task, subject
        What to do with which item, letter or training.
    priority
        Higher ones first.
    """
    job = Job(
        queue=task.value,
        task_name=task.value,
        task_kwargs={"subject": str(subject)},
        priority=priority,
        lock=None,
        queueing_lock=None,
    )
    _manager.defer_job(job, connection=connection.connection.driver_connection)
