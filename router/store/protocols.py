# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Scan protocols: taken in once, kept as they came, shown with what became of each file."""

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from router.errors import ConflictError, NotFoundError
from router.records import ProtocolEntry
from router.store.audit import AuditEvent, append
from router.store.matching import LONGEST_NAME, MatchingRoom, file_key, lock_protocols, of_station
from router.store.packing import clean_text
from router.store.room import now
from router.store.tables import items, protocol_entries, protocols
from router.store.views import (
    EntryResult,
    EntryView,
    ItemState,
    ProtocolReceipt,
    ProtocolSummary,
    ProtocolView,
)
from router.texts import _

__all__ = ["ProtocolRoom"]

_UNNAMED_SHOWN = 200
_MAIL = "message/rfc822"
_LIGHT = [column for column in protocols.c if column.name != "data"]
_IS_READ = items.c.state.in_([ItemState.READ.value, ItemState.FAILED.value])
_ENTRIES = sa.select(protocol_entries, sa.case((_IS_READ, items.c.page_count)).label("found")).outerjoin(
    items, items.c.id == protocol_entries.c.item_id
)


class ProtocolRoom(MatchingRoom):
    """Takes scan protocols in and gives them out."""

    def receive_protocol(
        self,
        data: bytes,
        entries: Sequence[ProtocolEntry],
        *,
        channel: str,
        actor: str,
        file_name: str = "",
        received_at: dt.datetime | None = None,
        window: dt.timedelta = dt.timedelta(hours=24),
        missing_after: dt.timedelta = dt.timedelta(minutes=60),
    ) -> ProtocolReceipt:
        """Take a scan protocol in and compare it with the items that are there, in one transaction.

        Parameters
        ----------
        data
            The protocol; kept unchanged.
        entries
            What it says, at least one file.
        channel, actor
            Way in, and who brought it.
        file_name
            As given.
        received_at
            When it came; by default now.
        window
            How long before and after it its files may come.
        missing_after
            How long after it a file that is not there counts as missing.

        Returns
        -------
        ProtocolReceipt
            ``known`` when the same bytes came by the same way within the window; stations count their files anew
            every day, so that later the same bytes are another protocol.

        Raises
        ------
        StorageError
            When it can't be kept; the sender must not be told that it is.
        """
        sha256 = hashlib.sha256(data).hexdigest()
        at = (received_at or now()).astimezone(dt.UTC)
        protocol_id = uuid4()
        with self._transaction() as connection:
            lock_protocols(connection)
            same = sa.select(protocols.c.id).where(
                protocols.c.sha256 == sha256,
                protocols.c.channel == channel,
                protocols.c.received_at.between(at - window, at + window),
            )
            known = connection.execute(same.order_by(protocols.c.received_at.desc()).limit(1)).scalar_one_or_none()
            if known is not None:
                details = {"channel": channel}
                append(connection, AuditEvent.PROTOCOL_REPEATED, actor=actor, subject=known, details=details)
                return ProtocolReceipt(known, known=True)
            connection.execute(
                protocols.insert().values(
                    id=protocol_id, sha256=sha256, size=len(data), data=data, channel=channel, actor=actor,
                    file_name=clean_text(file_name, LONGEST_NAME), received_at=at, opens_at=at - window,
                    due_at=at + min(missing_after, window), closes_at=at + window,
                )
            )  # fmt: skip
            connection.execute(protocol_entries.insert(), [_values(protocol_id, entry) for entry in entries])
            self._match(connection, protocol_id)
            append(
                connection,
                AuditEvent.PROTOCOL_RECEIVED,
                actor=actor,
                subject=protocol_id,
                details={"channel": channel, "sha256": sha256, "size": len(data), "files": len(entries)},
            )
        return ProtocolReceipt(protocol_id, known=False)

    def protocols(self, limit: int = 50) -> list[ProtocolSummary]:
        """Return the newest scan protocols, newest first."""
        query = sa.select(*_LIGHT).order_by(protocols.c.received_at.desc(), protocols.c.id.desc()).limit(limit)
        with self._transaction() as connection:
            return _summaries(connection, query)

    def protocol(self, protocol_id: UUID) -> ProtocolView:
        """Return one scan protocol with its lines in order.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        with self._transaction() as connection:
            found = _summaries(connection, sa.select(*_LIGHT).where(protocols.c.id == protocol_id))
            if not found:
                raise _not_found(protocol_id)
            query = _ENTRIES.where(protocol_entries.c.protocol_id == protocol_id).order_by(protocol_entries.c.line)
            entries = tuple(_entry(row) for row in connection.execute(query).mappings())
            return ProtocolView(found[0], entries, _unnamed(connection, protocol_id))

    def protocol_original(self, protocol_id: UUID) -> bytes:
        """Return a scan protocol's bytes as they came.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        with self._transaction() as connection:
            data = connection.execute(
                sa.select(protocols.c.data).where(protocols.c.id == protocol_id)
            ).scalar_one_or_none()
        if data is None:
            raise _not_found(protocol_id)
        return bytes(data)

    def protocol_entry_of(self, item_id: UUID) -> EntryView | None:
        """Return what a scan protocol says of an item, ``None`` where none names it."""
        with self._transaction() as connection:
            row = connection.execute(_ENTRIES.where(protocol_entries.c.item_id == item_id)).mappings().one_or_none()
        return _entry(row) if row is not None else None

    def missing_files(self, limit: int = 100) -> list[EntryView]:
        """Return files that scan protocols name, that did not come, and that nobody marked as settled."""
        query = (
            _ENTRIES.join(protocols, protocols.c.id == protocol_entries.c.protocol_id)
            .where(protocol_entries.c.result == EntryResult.MISSING_FILE.value)
            .where(protocol_entries.c.settled_at.is_(None))
            .order_by(protocols.c.received_at.desc(), protocols.c.id, protocol_entries.c.line)
        )
        with self._transaction() as connection:
            return [_entry(row) for row in connection.execute(query.limit(limit)).mappings()]

    def settle_missing(self, protocol_id: UUID, line: int, by: str) -> None:
        """Mark a missing file as settled; doing so again changes nothing.

        Parameters
        ----------
        protocol_id, line
            The entry.
        by
            The person.

        Raises
        ------
        ConflictError
            When the file is not missing, or not any more.
        NotFoundError
            When there is no such entry.
        """
        is_entry = sa.and_(protocol_entries.c.protocol_id == protocol_id, protocol_entries.c.line == line)
        with self._transaction() as connection:
            row = connection.execute(sa.select(protocol_entries).where(is_entry).with_for_update()).one_or_none()
            if row is None:
                raise _not_found(protocol_id)
            if row.result != EntryResult.MISSING_FILE.value:
                raise ConflictError(_("The file is not missing any more"), item=str(protocol_id))
            if row.settled_at is not None:
                return
            connection.execute(protocol_entries.update().where(is_entry).values(settled_at=now(), settled_by=by))
            append(
                connection,
                AuditEvent.PROTOCOL_FILE_SETTLED,
                actor=by,
                subject=protocol_id,
                details={"line": line},
            )


def _values(protocol_id: UUID, entry: ProtocolEntry) -> dict[str, Any]:
    return {
        "protocol_id": protocol_id,
        "line": entry.line,
        "file_name": clean_text(entry.file_name, LONGEST_NAME),
        "file_key": file_key(entry.file_name),
        "pages": entry.pages,
        "number": clean_text(entry.number, LONGEST_NAME),
        "result": EntryResult.WAITING.value,
    }


def _entry(row: sa.RowMapping) -> EntryView:
    return EntryView(
        protocol_id=row["protocol_id"],
        line=row["line"],
        file_name=row["file_name"],
        pages=row["pages"],
        number=row["number"],
        result=EntryResult(row["result"]),
        item_id=row["item_id"],
        found=row["found"],
        settled_at=row["settled_at"],
        settled_by=row["settled_by"],
    )


def _unnamed(connection: sa.Connection, protocol_id: UUID) -> tuple[EntryView, ...]:
    """Return the items that came from the same hands in a protocol's time and that no protocol names."""
    query = (
        sa.select(items)
        .join(protocols, protocols.c.id == protocol_id)
        .where(of_station(), items.c.channel == protocols.c.channel, items.c.actor == protocols.c.actor)
        .where(items.c.media_type != _MAIL, sa.not_(sa.exists().where(protocol_entries.c.item_id == items.c.id)))
        .order_by(items.c.received_at, items.c.id)
        .limit(_UNNAMED_SHOWN)
    )
    named = set(
        connection.execute(
            sa.select(protocol_entries.c.file_key).where(
                protocol_entries.c.protocol_id == protocol_id, protocol_entries.c.item_id.is_(None)
            )
        ).scalars()
    )
    return tuple(
        EntryView(
            protocol_id, 0, row.file_name, None, "", EntryResult.NOT_IN_PROTOCOL, row.id,
            row.page_count if row.state in (ItemState.READ.value, ItemState.FAILED.value) else None,
        )
        for row in connection.execute(query)
        if file_key(row.file_name) not in named
    )  # fmt: skip


def _summaries(connection: sa.Connection, query: sa.Select[Any]) -> list[ProtocolSummary]:
    rows = connection.execute(query).all()
    counted = connection.execute(
        sa.select(protocol_entries.c.protocol_id, protocol_entries.c.result, sa.func.count())
        .where(protocol_entries.c.protocol_id.in_([row.id for row in rows]))
        .group_by(protocol_entries.c.protocol_id, protocol_entries.c.result)
    ).all()
    results: dict[UUID, dict[EntryResult, int]] = {row.id: {} for row in rows}
    for protocol_id, result, count in counted:
        results[protocol_id][EntryResult(result)] = count
    return [
        ProtocolSummary(
            row.id, row.sha256, row.size, row.channel, row.file_name, row.received_at, row.due_at, results[row.id]
        )
        for row in rows
    ]


def _not_found(protocol_id: UUID) -> NotFoundError:
    return NotFoundError(_("There is no such scan protocol, or no such line in it"), item=str(protocol_id))
