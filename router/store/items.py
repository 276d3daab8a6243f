# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Items: taken in once, safe before the sender is answered."""

import datetime as dt
import hashlib
from collections.abc import Collection
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from router.errors import ConflictError, NotFoundError
from router.records import LetterKind, Reason
from router.store.audit import AuditEvent, append
from router.store.jobs import BACKLOG, Task
from router.store.originals import SMALL_BYTES
from router.store.packing import clean_text
from router.store.room import Room, now
from router.store.tables import items, letters, originals, steps
from router.store.views import ItemState, ItemView, LetterState, Receipt
from router.texts import _

__all__ = ["ItemRoom", "item_view"]


class ItemRoom(Room):
    """Takes items in and gives them out."""

    def receive(
        self,
        data: bytes,
        *,
        channel: str,
        actor: str,
        file_name: str = "",
        sender: str = "",
        received_at: dt.datetime | None = None,
        idempotency_key: str | None = None,
        media_type: str = "application/octet-stream",
        message_key: str | None = None,
        priority: int = BACKLOG,
    ) -> Receipt:
        """Take an item in: its bytes, its row, its first letter and its job in one transaction.

        Parameters
        ----------
        data
            The item; kept unchanged.
        channel, actor
            Way in, and who brought it.
        file_name, sender
            As given; never used as a path.
        received_at
            When it came; by default now.
        idempotency_key
            The sender's own key for this request; repeating it gives the same receipt.
        media_type
            Kind of the bytes by their content.
        message_key
            For mail: the same for copies of one message that came different ways.
        priority
            Of its reading; higher first.

        Returns
        -------
        Receipt
            ``known`` when the same bytes, message or request came before; the item is that one, and it is not
            processed again.

        Raises
        ------
        ConflictError
            When the key was used for other bytes.
        StorageError
            When it can't be kept; the sender must not be told that it is.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        large = len(data) > SMALL_BYTES
        at = (received_at or now()).astimezone(dt.UTC)
        if large and not self.known_originals([sha256]):
            self._originals.write(sha256, data)
        item_id = uuid4()
        with self._transaction() as connection:
            added = connection.execute(
                insert(items)
                .values(
                    id=item_id,
                    sha256=sha256,
                    size=len(data),
                    media_type=media_type,
                    channel=channel,
                    actor=actor,
                    file_name=clean_text(file_name, 255),
                    sender=clean_text(sender),
                    received_at=at,
                    message_key=message_key,
                    idempotency_key=idempotency_key,
                    priority=priority,
                    state=ItemState.RECEIVED.value,
                    page_count=0,
                )
                .on_conflict_do_nothing()
                .returning(items.c.id)
            ).scalar_one_or_none()
            if added is None:
                return self._known(connection, sha256, message_key, actor, idempotency_key, channel)
            connection.execute(originals.insert().values(item_id=item_id, data=None if large else data))
            add_letter(connection, item_id, 0, at)
            connection.execute(
                steps.insert().values(
                    subject=item_id,
                    step=Task.READ.value,
                    item_id=item_id,
                    epoch=0,
                    attempts=0,
                    done=False,
                    changed_at=now(),
                )
            )
            self._defer(connection, Task.READ, item_id, priority=priority)
            append(
                connection,
                AuditEvent.ITEM_RECEIVED,
                actor=actor,
                subject=item_id,
                details={"channel": channel, "sha256": sha256, "size": len(data)},
            )
        return Receipt(item_id, known=False)

    def _known(
        self,
        connection: sa.Connection,
        sha256: str,
        message_key: str | None,
        actor: str,
        idempotency_key: str | None,
        channel: str,
    ) -> Receipt:
        # Compared with nothing, a column would match every row that has nothing there either.
        same_request: sa.ColumnElement[bool] = sa.false()
        same_message: sa.ColumnElement[bool] = sa.false()
        if idempotency_key is not None:
            same_request = sa.and_(items.c.actor == actor, items.c.idempotency_key == idempotency_key)
        if message_key is not None:
            same_message = items.c.message_key == message_key
        found = connection.execute(
            sa.select(items.c.id, items.c.sha256, same_request.label("same_request")).where(
                sa.or_(items.c.sha256 == sha256, same_message, same_request)
            )
        ).all()
        if any(row.same_request and row.sha256 != sha256 for row in found):
            raise ConflictError(
                _("This Idempotency-Key was used for another item"), remedy=_("use a new key for each item")
            )
        row = next((row for row in found if row.sha256 == sha256), None) or found[0]
        append(connection, AuditEvent.ITEM_REPEATED, actor=actor, subject=row.id, details={"channel": channel})
        return Receipt(row.id, known=True)

    def item(self, item_id: UUID) -> ItemView:
        """Return one item.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        with self._transaction() as connection:
            found = _views(connection, sa.select(items).where(items.c.id == item_id))
        if not found:
            raise NotFoundError(_("There is no such item"), item=str(item_id))
        return found[0]

    def items(self, limit: int = 50, before: dt.datetime | None = None) -> list[ItemView]:
        """Return the newest items, newest first; those received before `before` if given."""
        query = sa.select(items).order_by(items.c.received_at.desc(), items.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(items.c.received_at < before)
        with self._transaction() as connection:
            return _views(connection, query)

    def original(self, item_id: UUID) -> bytes:
        """Return an item's bytes as they came.

        Raises
        ------
        NotFoundError
            When there is no such item.
        StorageError
            When its file is missing or damaged.
        """
        query = sa.select(items.c.sha256, originals.c.data).join(originals).where(items.c.id == item_id)
        with self._transaction() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(_("There is no such item"), item=str(item_id))
        return bytes(row.data) if row.data is not None else self._originals.read(row.sha256)

    def known_originals(self, hashes: Collection[str]) -> set[str]:
        """Return those of `hashes` that belong to an item."""
        with self._transaction() as connection:
            return set(connection.execute(sa.select(items.c.sha256).where(items.c.sha256.in_(hashes))).scalars())

    def sweep_originals(self, *, older_than_seconds: float = 24 * 3600.0) -> int:
        """Delete files of originals that no item names, left behind by a process that was killed; return how many."""
        return self._originals.sweep(self.known_originals, older_than_seconds=older_than_seconds)


def add_letter(connection: sa.Connection, item_id: UUID, position: int, at: dt.datetime) -> UUID:
    """Add an empty letter that waits to be read; every item has one from the start, so that none is overlooked."""
    letter_id = uuid4()
    connection.execute(
        letters.insert().values(
            id=letter_id,
            item_id=item_id,
            position=position,
            received_at=at,
            state=LetterState.WAITING.value,
            version=1,
            kind=LetterKind.SCAN.value,
            pages=[],
            reasons=[],
            spot_check=False,
            confidential=False,
        )
    )
    return letter_id


def item_view(row: sa.RowMapping, letter_ids: tuple[UUID, ...]) -> ItemView:
    """Return the view of a row of ``items``."""
    return ItemView(
        id=row["id"],
        sha256=row["sha256"],
        size=row["size"],
        media_type=row["media_type"],
        channel=row["channel"],
        file_name=row["file_name"],
        sender=row["sender"],
        received_at=row["received_at"],
        state=ItemState(row["state"]),
        page_count=row["page_count"],
        error=Reason(row["error"]) if row["error"] else None,
        letters=letter_ids,
    )


def _views(connection: sa.Connection, query: sa.Select[Any]) -> list[ItemView]:
    rows = connection.execute(query).mappings().all()
    wanted = [row["id"] for row in rows]
    places = (
        sa.select(letters.c.item_id, letters.c.id).where(letters.c.item_id.in_(wanted)).order_by(letters.c.position)
    )
    of_item: dict[UUID, list[UUID]] = {item_id: [] for item_id in wanted}
    for item_id, letter_id in connection.execute(places):
        of_item[item_id].append(letter_id)
    return [item_view(row, tuple(of_item[row["id"]])) for row in rows]
