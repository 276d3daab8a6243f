# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A letter's way through the steps: claims, results, assignments, deliveries, and what fell by the wayside.

Effects are exact whatever the queue does: a step has one row and is done once; a claim raises its epoch, and a
result is taken only with the newest one, checked in the result's own transaction; a delivery has one row for each
letter and target; and a step or delivery that is open without a live job gets a new one.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from router.errors import ConflictError, NotFoundError, UsageError
from router.records import Decision, Letter, Outcome, Reading
from router.store.audit import SERVICE, AuditEvent, append
from router.store.items import add_letter
from router.store.jobs import BACKLOG, INTERACTIVE, LATER, Task
from router.store.letters import read_letter
from router.store.packing import pack_decision, pack_letter, unpack_letter
from router.store.room import Room, now
from router.store.tables import assignments, deliveries, items, letters, steps, trainings
from router.store.views import AssignmentSource, Claim, ItemState, LetterState, LetterView, Parcel
from router.texts import _

__all__ = ["WORK_LIST", "WayRoom", "columns_of", "details_of", "finish"]

WORK_LIST = "worklist"
"""The target every letter has: the work list of its post, kept in this database."""

_UNKNOWN_KIND = "application/octet-stream"
_SOURCE_EVENTS = {
    AssignmentSource.SERVICE: AuditEvent.ASSIGNED_BY_SERVICE,
    AssignmentSource.CONFIRMED: AuditEvent.ASSIGNMENT_CONFIRMED,
    AssignmentSource.CORRECTED: AuditEvent.ASSIGNMENT_CORRECTED,
    AssignmentSource.SPOT_CHECK: AuditEvent.ASSIGNMENT_SPOT_CHECK,
}
# An open step without a job that waits, and without one that runs and may still come to an end.
_STRANDED_STEPS = sa.text(
    """
    SELECT s.subject, s.step AS task, CASE s.step WHEN 'complete' THEN -10 ELSE i.priority END AS priority
    FROM steps s JOIN items i ON i.id = s.item_id
    WHERE NOT s.done AND s.changed_at < now() - make_interval(secs => :grace) AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs j
        WHERE j.task_name = s.step AND j.args->>'subject' = s.subject::text
        AND (j.status = 'todo' OR j.status = 'doing' AND s.changed_at >= now() - make_interval(secs => :hang)))
    ORDER BY s.changed_at LIMIT :most FOR UPDATE OF s SKIP LOCKED
    """
)
_STRANDED_REST = sa.text(
    """
    SELECT DISTINCT d.letter_id AS subject, 'deliver' AS task, 0 AS priority FROM deliveries d
    WHERE d.state = 'pending' AND d.at < now() - make_interval(secs => :grace) AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs j
        WHERE j.task_name = 'deliver' AND j.args->>'subject' = d.letter_id::text
        AND (j.status = 'todo' OR j.status = 'doing' AND d.at >= now() - make_interval(secs => :hang)))
    UNION ALL
    SELECT t.id, 'train', 0 FROM trainings t
    WHERE t.live AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs j
        WHERE j.task_name = 'train' AND j.args->>'subject' = t.id::text AND j.status IN ('todo', 'doing'))
    LIMIT :most
    """
)


class WayRoom(Room):
    """Moves letters on."""

    targets: tuple[str, ...] = (WORK_LIST,)

    def claim(self, subject: UUID, task: Task) -> Claim | None:
        """Claim a step; every earlier claim on it becomes worthless. ``None`` when it is done."""
        with self._transaction() as connection:
            row = connection.execute(
                steps.update()
                .where(steps.c.subject == subject, steps.c.step == task.value, sa.not_(steps.c.done))
                .values(epoch=steps.c.epoch + 1, attempts=steps.c.attempts + 1, changed_at=sa.func.now())
                .returning(steps.c.epoch, steps.c.attempts)
            ).one_or_none()
            if row is None:
                return None
            if task is Task.READ:
                connection.execute(items.update().where(items.c.id == subject).values(state=ItemState.READING.value))
        return Claim(subject, task.value, row.epoch, row.attempts)

    def give_back(self, claim: Claim, problem: str, *, counts: bool) -> None:
        """Note why a claimed step was not finished; unless it `counts`, the attempt is forgotten."""
        with self._transaction() as connection:
            connection.execute(
                steps.update()
                .where(_is(claim))
                .values(attempts=steps.c.attempts - (0 if counts else 1), problem=problem, changed_at=sa.func.now())
            )

    def save_reading(self, claim: Claim, reading: Reading) -> tuple[UUID, ...]:
        """Save what reading an item gave, and queue its letters for deciding.

        Of a letter that is marked confidential only its pages are kept, without what they say.

        Raises
        ------
        ConflictError
            When somebody else claimed the step since; nothing is written.

        Returns
        -------
        tuple of UUID
            Its letters, in order.
        """
        item_id = claim.subject
        with self._transaction() as connection:
            finish(connection, claim)
            item = connection.execute(
                sa.select(items).where(items.c.id == item_id).with_for_update(key_share=True)
            ).one()
            known = reading.media_type if reading.media_type != _UNKNOWN_KIND else item.media_type
            state = ItemState.READ if reading.error is None else ItemState.FAILED
            connection.execute(
                items.update()
                .where(items.c.id == item_id)
                .values(state=state.value, page_count=reading.page_count, error=reading.error, media_type=known)
            )
            first = connection.execute(
                sa.select(letters.c.id).where(letters.c.item_id == item_id, letters.c.position == 0)
            ).scalar_one()
            saved = []
            for position, letter in enumerate(reading.letters):
                letter_id = first if position == 0 else add_letter(connection, item_id, position, item.received_at)
                self._save_letter(connection, item_id, letter_id, letter, item.priority)
                saved.append(letter_id)
            self._is_read(connection, item_id)
            append(
                connection,
                AuditEvent.ITEM_READ,
                actor=SERVICE,
                subject=item_id,
                details={"letters": len(saved), "pages": reading.page_count, "error": reading.error},
            )
        return tuple(saved)

    def _is_read(self, connection: sa.Connection, item_id: UUID) -> None:
        """Do what follows on a reading in its own transaction; rooms above add to it."""

    def _save_letter(
        self, connection: sa.Connection, item_id: UUID, letter_id: UUID, letter: Letter, priority: int
    ) -> None:
        if letter.is_withheld:
            letter = letter.withheld()
        connection.execute(
            letters.update()
            .where(letters.c.id == letter_id)
            .values(kind=letter.kind.value, pages=[page.number for page in letter.pages], content=pack_letter(letter))
        )
        connection.execute(
            steps.insert().values(
                subject=letter_id, step=Task.DECIDE.value, item_id=item_id, epoch=0, attempts=0, done=False,
                changed_at=sa.func.now(),
            )
        )  # fmt: skip
        self._defer(connection, Task.DECIDE, letter_id, priority=priority)

    def save_decision(
        self, claim: Claim, decision: Decision, *, spot_check: bool = False, pages_left: bool = False
    ) -> None:
        """Save a decision; a routed letter goes on to delivery, any other to a person.

        Parameters
        ----------
        claim
            On the step ``decide``.
        decision
            The service's.
        spot_check
            Show the letter to a person although it is routed.
        pages_left
            Some of its pages were not needed for the decision; they are read later, unless it is confidential.

        Raises
        ------
        ConflictError
            When somebody else claimed the step since; nothing is written.
        """
        letter_id = claim.subject
        best = decision.candidates[0] if decision.candidates else None
        routed = decision.outcome is Outcome.ROUTED and best is not None
        with self._transaction() as connection:
            finish(connection, claim)
            row = connection.execute(sa.select(letters).where(letters.c.id == letter_id).with_for_update()).one()
            by_person = row.state != LetterState.WAITING.value  # a person did not wait for the service
            withheld = decision.is_withheld
            values = {**columns_of(decision), "spot_check": routed and spot_check, "version": row.version + 1}
            if not by_person:
                values["post"] = best.post if best else None
                values["caseworker"] = best.caseworker if best else None
                straight = routed and not spot_check
                values["state"] = (LetterState.ROUTED if straight else LetterState.REVIEW).value
            if withheld and row.content is not None:
                values["content"] = pack_letter(unpack_letter(row.content).withheld())
            connection.execute(letters.update().where(letters.c.id == letter_id).values(**values))
            if routed and best is not None and not by_person:
                self._assign(connection, letter_id, best.post, best.caseworker, AssignmentSource.SERVICE, SERVICE)
            if pages_left and not withheld:
                self._queue_rest(connection, letter_id, row.item_id)
            append(
                connection,
                AuditEvent.LETTER_ROUTED if routed else AuditEvent.LETTER_TO_REVIEW,
                actor=SERVICE,
                subject=letter_id,
                details={**details_of(decision), "spot_check": values["spot_check"]},
            )

    def _queue_rest(self, connection: sa.Connection, letter_id: UUID, item_id: UUID) -> None:
        opened = {"attempts": 0, "done": False, "problem": None, "changed_at": sa.func.now()}
        connection.execute(
            insert(steps)
            .values(subject=letter_id, step=Task.COMPLETE.value, item_id=item_id, epoch=0, **opened)
            .on_conflict_do_update(index_elements=["subject", "step"], set_={**opened, "epoch": steps.c.epoch + 1})
        )
        self._defer(connection, Task.COMPLETE, letter_id, priority=LATER)

    def assign(
        self, letter_id: UUID, post: str, caseworker: str | None, actor: str, *, expected_version: int | None = None
    ) -> LetterView:
        """Send a letter where a person says.

        Parameters
        ----------
        letter_id, post, caseworker
            Which letter goes where.
        actor
            The person.
        expected_version
            Version of the letter the person saw.

        Raises
        ------
        ConflictError
            When the letter is no longer of that version; it stays as it is.
        NotFoundError
            When there is no such letter.
        UsageError
            When no post is given.
        """
        if not post:
            raise UsageError(_("An assignment needs a post"), item=str(letter_id))
        with self._transaction() as connection:
            row = connection.execute(
                sa.select(letters.c.version, letters.c.proposed_post, letters.c.spot_check)
                .where(letters.c.id == letter_id)
                .with_for_update()
            ).one_or_none()
            if row is None:
                raise NotFoundError(_("There is no such letter"), item=str(letter_id))
            if expected_version is not None and row.version != expected_version:
                raise ConflictError(
                    _("Somebody else decided or divided this letter in the meantime"),
                    item=str(letter_id),
                    remedy=_("look at it again"),
                )
            same = post == row.proposed_post
            source = AssignmentSource.CONFIRMED if same else AssignmentSource.CORRECTED
            if row.spot_check:
                source = AssignmentSource.SPOT_CHECK
            connection.execute(
                letters.update()
                .where(letters.c.id == letter_id)
                .values(
                    post=post,
                    caseworker=caseworker,
                    state=LetterState.ASSIGNED.value,
                    version=row.version + 1,
                    reviewer=None,
                    reviewer_until=None,
                )
            )
            self._assign(connection, letter_id, post, caseworker, source, actor, priority=INTERACTIVE)
            append(
                connection,
                _SOURCE_EVENTS[source],
                actor=actor,
                subject=letter_id,
                details={"post": post, "caseworker": caseworker, "proposed": row.proposed_post},
            )
            return read_letter(connection, letter_id)

    def _assign(
        self,
        connection: sa.Connection,
        letter_id: UUID,
        post: str,
        caseworker: str | None,
        source: AssignmentSource,
        actor: str,
        *,
        priority: int = BACKLOG,
    ) -> None:
        """Add an assignment and open its deliveries; the letter's row is locked by the caller."""
        before = sa.select(sa.func.coalesce(sa.func.max(assignments.c.number), 0)).where(
            assignments.c.letter_id == letter_id
        )
        number = connection.execute(before).scalar_one() + 1
        assignment_id = uuid4()
        connection.execute(
            assignments.insert().values(
                id=assignment_id, letter_id=letter_id, number=number, post=post, caseworker=caseworker,
                source=source.value, actor=actor, at=now(),
            )
        )  # fmt: skip
        for target in self.targets:
            opened = {"assignment_id": assignment_id, "state": "pending", "attempts": 0, "problem": None}
            connection.execute(
                insert(deliveries)
                .values(letter_id=letter_id, target=target, at=sa.func.now(), **opened)
                .on_conflict_do_update(index_elements=["letter_id", "target"], set_={**opened, "at": sa.func.now()})
            )
        self._defer(connection, Task.DELIVER, letter_id, priority=priority)

    def parcels(self, letter_id: UUID) -> list[Parcel]:
        """Return the deliveries of a letter that are open."""
        query = (
            sa.select(
                deliveries.c.target, deliveries.c.assignment_id, deliveries.c.attempts, letters.c.item_id,
                assignments.c.post, assignments.c.caseworker,
            )
            .join(letters, letters.c.id == deliveries.c.letter_id)
            .join(assignments, assignments.c.id == deliveries.c.assignment_id)
            .where(deliveries.c.letter_id == letter_id, deliveries.c.state == "pending")
            .order_by(deliveries.c.target)
        )  # fmt: skip
        with self._transaction() as connection:
            return [
                Parcel(letter_id, row.item_id, row.assignment_id, row.target, row.post, row.caseworker, row.attempts)
                for row in connection.execute(query)
            ]

    def deliver(self, parcel: Parcel) -> bool:
        """Note that a parcel is in effect at its target; false when the letter was assigned anew or it was known."""
        with self._transaction() as connection:
            # Letter before ledger, as everywhere: two transactions must not wait for each other.
            connection.execute(sa.select(letters.c.id).where(letters.c.id == parcel.letter_id).with_for_update())
            done = connection.execute(
                deliveries.update()
                .where(_is_parcel(parcel))
                .values(state="done", problem=None, attempts=deliveries.c.attempts + 1, at=sa.func.now())
            ).rowcount
            if not done:
                return False
            still_open = sa.exists().where(deliveries.c.letter_id == parcel.letter_id, deliveries.c.state != "done")
            connection.execute(
                letters.update()
                .where(
                    letters.c.id == parcel.letter_id,
                    letters.c.state.in_([LetterState.ROUTED.value, LetterState.ASSIGNED.value]),
                    sa.not_(still_open),
                )
                .values(state=LetterState.DELIVERED.value)
            )
            append(
                connection,
                AuditEvent.DELIVERY_DONE,
                actor=SERVICE,
                subject=parcel.letter_id,
                details={"target": parcel.target, "post": parcel.post},
            )
        return True

    def not_delivered(self, parcel: Parcel, problem: str, *, final: bool) -> None:
        """Note that a delivery failed; a `final` one is not tried again by itself."""
        values: Mapping[str, Any] = {
            "state": "failed" if final else "pending",
            "problem": problem,
            "attempts": deliveries.c.attempts + 1,
            "at": sa.func.now(),
        }
        with self._transaction() as connection:
            changed = connection.execute(deliveries.update().where(_is_parcel(parcel)).values(**values)).rowcount
            if changed and final:
                append(
                    connection,
                    AuditEvent.DELIVERY_FAILED,
                    actor=SERVICE,
                    subject=parcel.letter_id,
                    details={"target": parcel.target, "post": parcel.post, "problem": problem},
                )

    def reconcile(self, *, grace_seconds: float = 30.0, hang_seconds: float = 1800.0, most: int = 1000) -> int:
        """Give a new job to every open step, delivery and training that has none; return how many.

        Parameters
        ----------
        grace_seconds
            How long a step may be without one.
        hang_seconds
            After how long a running job counts as dead although its worker lives.
        most
            How many at once.
        """
        limits = {"grace": grace_seconds, "hang": hang_seconds, "most": most}
        with self._transaction() as connection:
            stranded = connection.execute(_STRANDED_STEPS, limits).all()
            rest = connection.execute(_STRANDED_REST, limits).all()
            for row in (*stranded, *rest):
                self._defer(connection, Task(row.task), row.subject, priority=row.priority)
            for table, column, rows in (
                (steps.update().values(changed_at=sa.func.now()), steps.c.subject, stranded),
                (deliveries.update().values(at=sa.func.now()), deliveries.c.letter_id, rest),
            ):
                if rows:
                    connection.execute(table.where(column.in_([row.subject for row in rows])))
        return len(stranded) + len(rest)

    def open_work(self) -> Mapping[str, int]:
        """Return how many steps, deliveries and trainings are open, by task."""
        with self._transaction() as connection:
            found = connection.execute(
                sa.select(steps.c.step, sa.func.count()).where(sa.not_(steps.c.done)).group_by(steps.c.step)
            ).all()
            pending = connection.execute(
                sa.select(sa.func.count()).select_from(deliveries).where(deliveries.c.state == "pending")
            ).scalar_one()
            live = connection.execute(
                sa.select(sa.func.count()).select_from(trainings).where(trainings.c.live)
            ).scalar_one()
        counted: dict[str, int] = {row[0]: row[1] for row in found}
        return {Task.READ: 0, Task.DECIDE: 0, **counted, Task.DELIVER: pending, Task.TRAIN: live}


def _is(claim: Claim) -> sa.ColumnElement[bool]:
    return sa.and_(
        steps.c.subject == claim.subject,
        steps.c.step == claim.step,
        steps.c.epoch == claim.epoch,
        sa.not_(steps.c.done),
    )


def _is_parcel(parcel: Parcel) -> sa.ColumnElement[bool]:
    return sa.and_(
        deliveries.c.letter_id == parcel.letter_id,
        deliveries.c.target == parcel.target,
        deliveries.c.assignment_id == parcel.assignment_id,
        deliveries.c.state == "pending",
    )


def columns_of(decision: Decision) -> dict[str, Any]:
    """Return what the columns of ``letters`` say of a decision; of a confidential letter, for whom it is."""
    withheld = decision.is_withheld
    if withheld:
        decision = decision.withheld()
    best = decision.candidates[0] if decision.candidates else None
    routed = decision.outcome is Outcome.ROUTED and best is not None
    return {
        "decision": pack_decision(decision),
        "decided_at": now(),
        "outcome": (Outcome.ROUTED if routed else Outcome.REVIEW).value,
        "proposed_post": best.post if best else None,
        "confidence": best.confidence if best and not withheld else None,
        "threshold": decision.threshold,
        "reasons": [reason.value for reason in decision.reasons],
        "model": decision.model,
        "confidential": withheld,
    }


def details_of(decision: Decision) -> dict[str, Any]:
    """Return what the audit chain says of a decision."""
    return {
        "post": decision.post,
        "confidence": decision.confidence if decision.candidates and not decision.is_withheld else None,
        "threshold": decision.threshold,
        "reasons": [reason.value for reason in decision.reasons],
        "model": decision.model,
        "plan": decision.plan_version,
    }


def finish(connection: sa.Connection, claim: Claim) -> None:
    """Note that a claimed step is done.

    Raises
    ------
    ConflictError
        When the claim is not the newest.
    """
    done = connection.execute(
        steps.update().where(_is(claim)).values(done=True, problem=None, changed_at=sa.func.now())
    ).rowcount
    if not done:
        raise ConflictError(_("The step was taken over by another worker"), item=str(claim.subject))
