# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pages of a letter that were read after it was decided, and what that changes."""

from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa

from router.records import Decision, Letter, Outcome, Reason
from router.store.audit import SERVICE, AuditEvent, append
from router.store.packing import pack_decision, pack_letter, unpack_decision, unpack_letter
from router.store.room import now
from router.store.tables import assignments, letters
from router.store.views import AssignmentSource, Claim, LetterState
from router.store.way import WayRoom, columns_of, details_of, finish

__all__ = ["RestRoom", "by_person"]

_OBJECTIONS = frozenset(
    [
        Reason.CONFIDENTIAL, Reason.CONFLICT, Reason.ENCRYPTED, Reason.MISDIRECTED, Reason.SEVERAL_LETTERS,
        Reason.TOO_LARGE, Reason.UNREADABLE,
    ]
)  # fmt: skip


class RestRoom(WayRoom):
    """Completes letters."""

    def save_rest(self, claim: Claim, letter: Letter, decision: Decision) -> None:
        """Save a letter with the pages that were left for later, and what the whole letter says.

        A letter that waits for a person may now be routed. One that was routed on its first pages and against which
        the others speak is shown to a person; it stays where it is until that person decides. What a
        person decided, or has before them, stays as it is. Of a letter that shows to be confidential only now,
        nothing is kept that it says.

        Parameters
        ----------
        claim
            On the step ``complete``.
        letter
            As it was decided now. When a person gave it other pages meanwhile, those it still has are
            kept and the decision is not: the letter is decided again anyway.
        decision
            The service's, on all pages.

        Raises
        ------
        ConflictError
            When somebody else claimed the step since; nothing is written.
        """
        letter_id = claim.subject
        with self._transaction() as connection:
            finish(connection, claim)
            row = connection.execute(
                sa.select(letters).where(letters.c.id == letter_id).with_for_update()
            ).one_or_none()
            if row is None or row.content is None:
                return
            stored = unpack_letter(row.content).with_pages(letter.pages)
            problems = tuple(dict.fromkeys((*stored.problems, *letter.problems)))
            whole = replace(stored, problems=problems)
            values: dict[str, object] = {"content": pack_letter(whole)}
            if whole.is_withheld or decision.is_withheld:
                values = _withheld(row, whole)
            connection.execute(letters.update().where(letters.c.id == letter_id).values(**values))
            if list(row.pages) != [page.number for page in letter.pages]:
                return
            if row.spot_check or by_person(connection, letter_id) or _is_looked_at(row):
                return
            if row.state == LetterState.REVIEW.value and not _was_assigned(connection, letter_id):
                self._decide_anew(connection, letter_id, row.version, decision)
            elif row.state in (LetterState.ROUTED.value, LetterState.DELIVERED.value) and _objects(row, decision):
                self._reopen(connection, letter_id, row.version, decision, all_pages=True)

    def _decide_anew(self, connection: sa.Connection, letter_id: UUID, version: int, decision: Decision) -> None:
        best = decision.candidates[0] if decision.candidates else None
        routed = decision.outcome is Outcome.ROUTED and best is not None
        connection.execute(
            letters.update()
            .where(letters.c.id == letter_id)
            .values(
                **columns_of(decision),
                post=best.post if best else None,
                caseworker=best.caseworker if best else None,
                state=(LetterState.ROUTED if routed else LetterState.REVIEW).value,
                version=version + 1,
            )
        )
        if routed and best is not None:
            self._assign(connection, letter_id, best.post, best.caseworker, AssignmentSource.SERVICE, SERVICE)
        append(
            connection,
            AuditEvent.LETTER_ROUTED if routed else AuditEvent.LETTER_TO_REVIEW,
            actor=SERVICE,
            subject=letter_id,
            details={**details_of(decision), "all_pages": True},
        )

    def _reopen(
        self, connection: sa.Connection, letter_id: UUID, version: int, decision: Decision, **why: object
    ) -> None:
        """Show a letter that went its way to a person; `why` goes into the audit chain."""
        connection.execute(
            letters.update()
            .where(letters.c.id == letter_id)
            .values(
                **{**columns_of(decision), "outcome": Outcome.REVIEW.value},
                state=LetterState.REVIEW.value,
                version=version + 1,
            )
        )
        append(
            connection,
            AuditEvent.LETTER_TO_REVIEW,
            actor=SERVICE,
            subject=letter_id,
            details={**details_of(decision), **why, "reopened": True},
        )


def _withheld(row: sa.Row[tuple[object, ...]], letter: Letter) -> dict[str, object]:
    """Return what is left of a letter that shows to be confidential after it was decided."""
    values: dict[str, object] = {"content": pack_letter(letter.withheld()), "confidential": True}
    if row.decision is not None:
        values["decision"] = pack_decision(unpack_decision(row.decision).withheld())
    return values


def _objects(row: sa.Row[tuple[object, ...]], decision: Decision) -> bool:
    """Tell whether a decision on all pages speaks against where a letter went.

    That the papers behind a letter make it less sure does not: the first pages say what it wants.
    """
    return decision.post != row.post or not _OBJECTIONS.isdisjoint(decision.reasons)


def _is_looked_at(row: sa.Row[tuple[object, ...]]) -> bool:
    return row.reviewer_until is not None and row.reviewer_until > now()


def _was_assigned(connection: sa.Connection, letter_id: UUID) -> bool:
    """Tell whether a letter went somewhere before; if it waits for a person all the same, something was doubted."""
    return bool(
        connection.execute(
            sa.select(sa.func.count()).select_from(assignments).where(assignments.c.letter_id == letter_id)
        ).scalar_one()
    )


def by_person(connection: sa.Connection, letter_id: UUID) -> bool:
    """Tell whether a person ever sent a letter somewhere."""
    return bool(
        connection.execute(
            sa.select(sa.func.count())
            .select_from(assignments)
            .where(assignments.c.letter_id == letter_id, assignments.c.source != AssignmentSource.SERVICE.value)
        ).scalar_one()
    )
