# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Trainings: requested on a page, done by a worker, at most one at a time."""

from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from router.errors import ConflictError, NotFoundError
from router.store.audit import SERVICE, AuditEvent, append
from router.store.jobs import Task
from router.store.room import Room, now
from router.store.tables import trainings
from router.store.views import TrainingState, TrainingView
from router.texts import _

__all__ = ["TrainingRoom"]

_ENDS = {
    TrainingState.DONE: AuditEvent.TRAINING_DONE,
    TrainingState.FAILED: AuditEvent.TRAINING_FAILED,
    TrainingState.CANCELLED: AuditEvent.TRAINING_CANCELLED,
}


class TrainingRoom(Room):
    """Keeps trainings and their progress."""

    def request_training(self, actor: str) -> TrainingView:
        """Queue a training: row and job in one transaction.

        Raises
        ------
        ConflictError
            While another one is queued or runs.
        """
        training_id = uuid4()
        with self._transaction() as connection:
            added = connection.execute(
                insert(trainings)
                .values(
                    id=training_id, state=TrainingState.QUEUED.value, live=True, epoch=0, cancelled=False, step="",
                    share=0.0, requested_by=actor, requested_at=now(), result={},
                )
                .on_conflict_do_nothing(index_elements=["live"])
                .returning(trainings.c.id)
            ).scalar_one_or_none()  # fmt: skip
            if added is None:
                raise ConflictError(_("A training is already running"), remedy=_("wait for it, or cancel it"))
            self._defer(connection, Task.TRAIN, training_id)
            append(connection, AuditEvent.TRAINING_REQUESTED, actor=actor, subject=training_id)
        return self.training(training_id)

    def training(self, training_id: UUID) -> TrainingView:
        """Return one training.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        with self._transaction() as connection:
            row = connection.execute(sa.select(trainings).where(trainings.c.id == training_id)).one_or_none()
        if row is None:
            raise NotFoundError(_("There is no such training"), item=str(training_id))
        return _view(row)

    def trainings(self, limit: int = 20) -> list[TrainingView]:
        """Return the newest trainings, newest first."""
        query = sa.select(trainings).order_by(trainings.c.requested_at.desc(), trainings.c.id).limit(limit)
        with self._transaction() as connection:
            return [_view(row) for row in connection.execute(query)]

    def cancel_training(self, training_id: UUID, actor: str) -> TrainingView:
        """Ask for a training to be stopped; one that has ended stays as it is.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        with self._transaction() as connection:
            asked = connection.execute(
                trainings.update()
                .where(trainings.c.id == training_id, trainings.c.live, sa.not_(trainings.c.cancelled))
                .values(cancelled=True)
            ).rowcount
            queued = connection.execute(
                trainings.update()
                .where(trainings.c.id == training_id, trainings.c.state == TrainingState.QUEUED.value)
                .values(state=TrainingState.CANCELLED.value, live=None, finished_at=now())
            ).rowcount
            if asked:
                append(connection, AuditEvent.TRAINING_CANCELLED, actor=actor, subject=training_id,
                       details={"before_start": bool(queued)})  # fmt: skip
        return self.training(training_id)

    def claim_training(self, training_id: UUID) -> int | None:
        """Start or take over a training; return the claim's epoch, or ``None`` when it has ended."""
        with self._transaction() as connection:
            epoch: int | None = connection.execute(
                trainings.update()
                .where(trainings.c.id == training_id, trainings.c.live)
                .values(state=TrainingState.RUNNING.value, epoch=trainings.c.epoch + 1, step="", share=0.0)
                .returning(trainings.c.epoch)
            ).scalar_one_or_none()
            return epoch

    def update_training(
        self,
        training_id: UUID,
        *,
        epoch: int | None = None,
        step: str | None = None,
        share: float | None = None,
        state: TrainingState | None = None,
        version: int | None = None,
        error: str | None = None,
        result: dict[str, Any] | None = None,
    ) -> bool:
        """Write progress or the end of a training.

        Parameters
        ----------
        epoch
            The claim's; a worker whose training was taken over writes nothing.
        step, share
            What it does just now, and how far it is (0 to 1).
        state
            ``done``, ``failed`` or ``cancelled`` ends it.
        version, error, result
            The model it made, or why not, and its figures.

        Returns
        -------
        bool
            Whether the worker should go on: false when the training was cancelled, has ended, or was taken over.
        """
        values: dict[str, Any] = {
            name: value
            for name, value in {
                "step": step, "share": share, "version": version, "error": error, "result": result,
            }.items()
            if value is not None
        }  # fmt: skip
        ended = state in _ENDS
        if state is not None:
            values["state"] = state.value
        if ended:
            values |= {"live": None, "finished_at": now()}
        with self._transaction() as connection:
            mine = sa.and_(
                trainings.c.id == training_id, trainings.c.live, trainings.c.epoch == epoch if epoch else sa.true()
            )
            cancelled = connection.execute(
                trainings.update().where(mine).values(**(values or {"live": True})).returning(trainings.c.cancelled)
            ).scalar_one_or_none()
            # Who cancelled is in the chain already.
            if cancelled is not None and state in _ENDS and not (cancelled and state is TrainingState.CANCELLED):
                append(connection, _ENDS[state], actor=SERVICE, subject=training_id,
                       details={"version": version, "error": error})  # fmt: skip
        return cancelled is False and not ended


def _view(row: sa.Row[Any]) -> TrainingView:
    return TrainingView(
        id=row.id,
        state=TrainingState(row.state),
        step=row.step,
        share=row.share,
        requested_by=row.requested_by,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        version=row.version,
        error=row.error,
        result=row.result,
    )
