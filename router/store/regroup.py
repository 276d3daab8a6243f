# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Splitting and joining: a person gives the pages of an item anew to letters.

A letter is known by the page it begins with: the piece that begins where a letter began goes on as that letter, a
piece that begins elsewhere is a new one, and a letter at whose first page none begins any more is gone. Letters
whose pages change are decided anew; a worker that decides one of them just now can't write any more.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from router.errors import ConflictError, NotFoundError
from router.records import Letter
from router.store.audit import AuditEvent, append
from router.store.grouping import grouped
from router.store.items import add_letter
from router.store.jobs import INTERACTIVE, Task
from router.store.letters import letters_of
from router.store.packing import pack_letter, unpack_letter
from router.store.room import Room
from router.store.tables import assignments, audit, items, letters, steps
from router.store.views import ItemPage, ItemState, LetterState, Regrouped
from router.texts import _

__all__ = ["RegroupRoom", "open_step"]

_OPEN = (LetterState.WAITING.value, LetterState.REVIEW.value)
_UNDECIDED: dict[str, Any] = {
    "state": LetterState.WAITING.value,
    **dict.fromkeys(("decision", "decided_at", "outcome", "post", "caseworker", "proposed_post", "confidence")),
    **dict.fromkeys(("threshold", "model", "reviewer", "reviewer_until")),
    "reasons": [],
    "spot_check": False,
    "confidential": False,
}


class RegroupRoom(Room):
    """Divides items anew into letters."""

    def regroup(
        self, item_id: UUID, starts: Sequence[int], by: str, *, expected: Sequence[int] | None = None
    ) -> Regrouped:
        """Divide an item anew: a letter begins at each page of `starts` and ends before the next.

        Letters whose pages stay as they are keep everything; all others wait for a new decision. Asking for what is
        already so changes nothing.

        Parameters
        ----------
        item_id
            The item; it has been read.
        starts
            Numbers of the pages at which letters begin, the first one's among them.
        by
            The person.
        expected
            The pages at which letters began when the person looked.

        Raises
        ------
        ConflictError
            When the item is not read yet, was divided otherwise in the meantime, or a letter that would change was
            decided or delivered already; nothing is changed.
        NotFoundError
            When there is no such item.
        UsageError
            When `starts` can't be meant: a page twice, unknown, or the first one missing.
        """
        with self._transaction() as connection:
            item = _item(connection, item_id, lock=True)
            old = _letters(connection, item_id, lock=True)
            pieces = grouped(_contents(old), starts)
            before = {row.pages[0]: row for row in old}
            after = {piece.pages[0].number: piece for piece in pieces}
            changed = [start for start, piece in after.items() if start not in before or _differs(before[start], piece)]
            if not changed:
                return Regrouped(letters_of(connection, item_id), ())
            if expected is not None and set(expected) != before.keys():
                raise ConflictError(
                    _("Somebody else divided this item in the meantime"),
                    item=str(item_id),
                    remedy=_("look at it again"),
                )
            gone = [row for start, row in before.items() if start not in after]
            _refuse_fixed([before[start] for start in changed if start in before] + gone, item_id)
            for row in gone:
                _forget(connection, row.id)
            ids = {start: row.id for start, row in before.items() if start in after}
            # Out of the way first: no two letters of an item may share a position, not even for a moment.
            connection.execute(
                letters.update().where(letters.c.item_id == item_id).values(position=-1 - letters.c.position)
            )
            for position, (start, piece) in enumerate(after.items()):
                if start not in ids:
                    ids[start] = add_letter(connection, item_id, position, item.received_at)
                values: dict[str, Any] = {"position": position}
                if start in changed:
                    values |= _fresh(piece) | ({"version": before[start].version + 1} if start in before else {})
                connection.execute(letters.update().where(letters.c.id == ids[start]).values(**values))
            for start in changed:
                open_step(connection, item_id, ids[start])
                self._defer(connection, Task.DECIDE, ids[start], priority=INTERACTIVE)
            found = letters_of(connection, item_id)
            for row in gone:
                into = next(letter.id for letter in found if row.pages[0] in letter.pages)
                details = {"item": str(item_id), "pages": row.pages, "into": str(into)}
                append(connection, AuditEvent.LETTER_JOINED, actor=by, subject=row.id, details=details)
            append(
                connection,
                AuditEvent.ITEM_REGROUPED,
                actor=by,
                subject=item_id,
                details={
                    "before": [{"letter": str(row.id), "pages": row.pages} for row in old],
                    "after": [{"letter": str(letter.id), "pages": list(letter.pages)} for letter in found],
                },
            )
        return Regrouped(found, tuple(ids[start] for start in changed))

    def item_pages(self, item_id: UUID) -> tuple[ItemPage, ...]:
        """Return the pages of an item's letters in order; none where it is not read yet or nothing could be read.

        Raises
        ------
        NotFoundError
            When there is no such item.
        """
        with self._transaction() as connection:
            _item(connection, item_id, lock=False)
            rows = _letters(connection, item_id, lock=False)
        return tuple(
            ItemPage(page.number, row.id, index == 0, _is_fixed(row), page.start_score)
            for row, letter in zip(rows, _contents(rows), strict=False)
            for index, page in enumerate(letter.pages)
        )

    def joined_into(self, letter_id: UUID) -> UUID | None:
        """Return the letter that took over the first page of a letter that is gone, ``None`` if that is unknown."""
        seen = {letter_id}
        with self._transaction() as connection:
            while True:
                into = connection.execute(
                    sa.select(audit.c.details["into"].astext)
                    .where(audit.c.subject == str(letter_id), audit.c.event == AuditEvent.LETTER_JOINED.value)
                    .order_by(audit.c.seq.desc())
                    .limit(1)
                ).scalar_one_or_none()
                if into is None or UUID(into) in seen:
                    return None
                letter_id = UUID(into)
                seen.add(letter_id)
                if connection.execute(sa.select(letters.c.id).where(letters.c.id == letter_id)).scalar_one_or_none():
                    return letter_id


def _item(connection: sa.Connection, item_id: UUID, *, lock: bool) -> sa.Row[Any]:
    query = sa.select(items).where(items.c.id == item_id)
    row = connection.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(_("There is no such item"), item=str(item_id))
    if lock and row.state in (ItemState.RECEIVED.value, ItemState.READING.value):
        raise ConflictError(_("This item is still being read"), item=str(item_id), remedy=_("try again in a moment"))
    return row


def _letters(connection: sa.Connection, item_id: UUID, *, lock: bool) -> Sequence[sa.Row[Any]]:
    assigned = sa.exists().where(assignments.c.letter_id == letters.c.id).label("assigned")
    query = sa.select(letters, assigned).where(letters.c.item_id == item_id).order_by(letters.c.position)
    if lock:
        # Steps before letters and deciding before what follows from it, as where decisions are saved: two
        # transactions must not wait for each other.
        of_letters = sa.select(steps.c.epoch).where(steps.c.item_id == item_id, steps.c.subject != item_id)
        first = steps.c.step == Task.DECIDE.value
        connection.execute(of_letters.order_by(first.desc(), steps.c.subject, steps.c.step).with_for_update())
        connection.execute(
            sa.select(letters.c.id).where(letters.c.item_id == item_id).order_by(letters.c.id).with_for_update()
        )
    return connection.execute(query).all()


def _contents(rows: Sequence[sa.Row[Any]]) -> list[Letter]:
    """Return what was read; nothing where any of it is missing, for then the item can't be divided."""
    packed = [row.content for row in rows if row.content is not None]
    return [unpack_letter(content) for content in packed] if len(packed) == len(rows) else []


def _differs(row: sa.Row[Any], piece: Letter) -> bool:
    return bool(row.pages != [page.number for page in piece.pages])


def _is_fixed(row: sa.Row[Any]) -> bool:
    """Tell whether a letter was decided by a person or is on its way already, as spot checks are."""
    return row.state not in _OPEN or row.assigned


def _refuse_fixed(rows: Sequence[sa.Row[Any]], item_id: UUID) -> None:
    fixed = next((row for row in rows if _is_fixed(row)), None)
    if fixed is not None:
        raise ConflictError(
            _("The letter that begins at page {page} was decided or delivered already").format(page=fixed.pages[0]),
            item=str(item_id),
            remedy=_("leave its pages together; hand in anew as an item of its own what does not belong there"),
        )


def _fresh(piece: Letter) -> dict[str, Any]:
    """Return a letter's values as they are when it was just read."""
    return {
        **_UNDECIDED,
        "kind": piece.kind.value,
        "pages": [page.number for page in piece.pages],
        "content": pack_letter(piece),
        "confidential": piece.is_withheld,
    }


def _forget(connection: sa.Connection, letter_id: UUID) -> None:
    connection.execute(steps.delete().where(steps.c.subject == letter_id))
    connection.execute(letters.delete().where(letters.c.id == letter_id))


def open_step(connection: sa.Connection, item_id: UUID, letter_id: UUID) -> None:
    """Open the step ``decide``; whoever claimed any step of the letter before has come too late."""
    later = {"epoch": steps.c.epoch + 1, "attempts": 0, "problem": None, "changed_at": sa.func.now()}
    # What follows on a decision begins again after the next one.
    connection.execute(steps.update().where(steps.c.subject == letter_id).values(done=True, **later))
    connection.execute(
        insert(steps)
        .values(subject=letter_id, step=Task.DECIDE.value, item_id=item_id, done=False, **{**later, "epoch": 0})
        .on_conflict_do_update(index_elements=["subject", "step"], set_={"done": False})
    )
