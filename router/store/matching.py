# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files of scan protocols are found among the items, and what does not agree goes to a person.

An entry takes the item of its name that was read, came in the protocol's time and by its way, and belongs to no other
entry; where there are several, the one with the right number of pages. It is looked for when the protocol comes,
whenever an item was read, and once more when files that are not there count as missing.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias
from uuid import UUID

import sqlalchemy as sa

from router.records import Outcome, Reason
from router.store.audit import SERVICE, AuditEvent, append
from router.store.jobs import INTERACTIVE, Task
from router.store.packing import clean_text, pack_letter, unpack_decision, unpack_letter
from router.store.regroup import open_step
from router.store.rest import RestRoom, by_person
from router.store.room import now
from router.store.tables import items, letters, protocol_entries, protocols, steps
from router.store.views import EntryResult, ItemState, LetterState
from router.store.way import columns_of

__all__ = ["LONGEST_NAME", "MatchingRoom", "file_key", "lock_protocols", "of_station"]

LONGEST_NAME = 255
_BY_HAND = "upload"
# Any number that nobody else uses; it keeps a protocol and an item that come at once from overlooking each other.
_LOCK = 0x5343414E
_REASONS = {EntryResult.TOO_MANY_PAGES: Reason.SEVERAL_LETTERS, EntryResult.TOO_FEW_PAGES: Reason.CONFLICT}
_IS_READ = items.c.state.in_([ItemState.READ.value, ItemState.FAILED.value])
_TAKEN = sa.exists().where(protocol_entries.c.item_id == items.c.id)

_Rows: TypeAlias = Sequence[sa.Row[Any]]


def file_key(name: str) -> str:
    """Return a file name as names are compared: without regard to case and to the way umlauts are written."""
    return unicodedata.normalize("NFC", clean_text(name, LONGEST_NAME)).casefold()


def lock_protocols(connection: sa.Connection) -> None:
    """Wait until no other transaction matches items with protocols, and keep others waiting until the commit."""
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))


def of_station() -> sa.ColumnElement[bool]:
    """Return the condition that an item came in a protocol's time and by its way; what people drop fits any way."""
    return sa.and_(
        items.c.received_at.between(protocols.c.opens_at, protocols.c.closes_at),
        sa.or_(
            items.c.channel == protocols.c.channel,
            items.c.channel == _BY_HAND,
            protocols.c.channel == _BY_HAND,
        ),
    )


class MatchingRoom(RestRoom):
    """Compares items with scan protocols."""

    def _is_read(self, connection: sa.Connection, item_id: UUID) -> None:
        """Find the entry of an item that was just read."""
        lock_protocols(connection)
        item = connection.execute(sa.select(items).where(items.c.id == item_id)).one()
        key = file_key(item.file_name)
        if not key:
            return
        entries = connection.execute(
            sa.select(protocol_entries, protocols.c.received_at)
            .join(protocols)
            .join(items, items.c.id == item_id)
            .where(protocol_entries.c.file_key == key, protocol_entries.c.item_id.is_(None), of_station())
        ).all()
        self._take(connection, _pairs(entries, [item]))

    def _match(self, connection: sa.Connection, protocol_id: UUID) -> None:
        """Find the items of a protocol's open entries; ``lock_protocols`` comes before."""
        entries = connection.execute(
            sa.select(protocol_entries, protocols.c.received_at)
            .join(protocols)
            .where(protocols.c.id == protocol_id, protocol_entries.c.item_id.is_(None))
        ).all()
        self._take(connection, _pairs(entries, _items(connection, protocol_id, _IS_READ)))

    def check_protocols(self) -> int:
        """Mark files that did not come in time as missing; return how many."""
        overdue = (
            sa.select(protocols.c.id)
            .where(protocols.c.due_at <= now())
            .where(sa.exists().where(_waits(), protocol_entries.c.protocol_id == protocols.c.id))
        )
        marked = 0
        with self._transaction() as connection:
            found = connection.execute(overdue).scalars().all()
            if not found:
                return 0
            lock_protocols(connection)
            for protocol_id in found:
                # Read items were found when they were read; this one is for items that are still being read.
                there = {file_key(item.file_name) for item in _items(connection, protocol_id, sa.true())}
                missing = connection.execute(
                    protocol_entries.update()
                    .where(_waits(), protocol_entries.c.protocol_id == protocol_id)
                    .where(protocol_entries.c.file_key.not_in(there))
                    .values(result=EntryResult.MISSING_FILE.value)
                    .returning(protocol_entries.c.line)
                ).scalars()
                for line in sorted(missing):
                    details = {"line": line}
                    append(
                        connection,
                        AuditEvent.PROTOCOL_FILE_MISSING,
                        actor=SERVICE,
                        subject=protocol_id,
                        details=details,
                    )
                    marked += 1
        return marked

    def _take(self, connection: sa.Connection, pairs: Sequence[tuple[sa.Row[Any], sa.Row[Any]]]) -> None:
        """Give entries their items, and items that don't agree to a person."""
        doubted: dict[UUID, Reason] = {}
        events = []
        for entry, item in pairs:
            result = EntryResult.of(entry.pages, item.page_count)
            connection.execute(
                protocol_entries.update()
                .where(protocol_entries.c.protocol_id == entry.protocol_id, protocol_entries.c.line == entry.line)
                .values(item_id=item.id, result=result.value)
            )
            if result in _REASONS:
                doubted[item.id] = _REASONS[result]
                told = {"protocol": str(entry.protocol_id), "line": entry.line}
                events.append((item.id, told | {"expected": entry.pages, "found": item.page_count}))
        # All locks before the first audit entry.
        found = _lock_letters(connection, doubted)
        for row, epochs in found:
            self._doubt(connection, row, epochs, doubted[row.item_id])
        for item_id, details in events:
            append(connection, AuditEvent.PROTOCOL_MISMATCH, actor=SERVICE, subject=item_id, details=details)

    def _doubt(self, connection: sa.Connection, row: sa.Row[Any], epochs: dict[str, int], reason: Reason) -> None:
        """Have a letter looked at by a person, unless one decided it; `epochs` are those of its open steps."""
        if row.content is None or by_person(connection, row.id):
            return
        letter = unpack_letter(row.content)
        problems = tuple(dict.fromkeys((*letter.problems, reason)))
        content = pack_letter(replace(letter, problems=problems))
        connection.execute(letters.update().where(letters.c.id == row.id).values(content=content))
        if row.state == LetterState.WAITING.value:
            if epochs.get(Task.DECIDE.value) != 0:  # somebody may be deciding it without the doubt
                open_step(connection, row.item_id, row.id)
                self._defer(connection, Task.DECIDE, row.id, priority=INTERACTIVE)
            return
        if Task.COMPLETE.value in epochs:  # as above
            self._queue_rest(connection, row.id, row.item_id)
        if row.spot_check or row.decision is None:
            return
        before = unpack_decision(row.decision)
        reasons = tuple(dict.fromkeys((reason, *before.reasons)))
        decision = replace(before, outcome=Outcome.REVIEW, reasons=reasons)
        if row.state == LetterState.REVIEW.value:
            values = {**columns_of(decision), "decided_at": row.decided_at, "version": row.version + 1}
            connection.execute(letters.update().where(letters.c.id == row.id).values(**values))
        else:
            self._reopen(connection, row.id, row.version, decision, protocol=True)


def _waits() -> sa.ColumnElement[bool]:
    return protocol_entries.c.result == EntryResult.WAITING.value


def _items(connection: sa.Connection, protocol_id: UUID, condition: sa.ColumnElement[bool]) -> _Rows:
    """Return the items of a protocol's time and way that belong to no entry."""
    query = sa.select(items).join(protocols, protocols.c.id == protocol_id).where(of_station(), sa.not_(_TAKEN))
    return connection.execute(query.where(condition, items.c.file_name != "")).all()


def _pairs(entries: _Rows, found: _Rows) -> list[tuple[sa.Row[Any], sa.Row[Any]]]:
    """Pair entries and items of one name: those that agree first, then the nearest in time."""
    by_key: dict[str, list[sa.Row[Any]]] = {}
    for entry in entries:
        by_key.setdefault(entry.file_key, []).append(entry)
    possible = [(entry, item) for item in found for entry in by_key.get(file_key(item.file_name), ())]
    possible.sort(
        key=lambda pair: (
            pair[0].pages != pair[1].page_count,
            abs(pair[0].received_at - pair[1].received_at),
            pair[0].line,
        )
    )
    pairs, taken = [], set()
    for entry, item in possible:
        if item.id not in taken and (entry.protocol_id, entry.line) not in taken:
            taken |= {item.id, (entry.protocol_id, entry.line)}
            pairs.append((entry, item))
    return pairs


def _lock_letters(connection: sa.Connection, item_ids: Iterable[UUID]) -> list[tuple[sa.Row[Any], dict[str, int]]]:
    """Return the letters of items with the epochs of their open steps, steps locked before letters as elsewhere."""
    wanted = list(item_ids)
    if not wanted:
        return []
    first = steps.c.step == Task.DECIDE.value
    query = sa.select(steps).where(steps.c.item_id.in_(wanted), steps.c.subject != steps.c.item_id)
    found = connection.execute(query.order_by(first.desc(), steps.c.subject, steps.c.step).with_for_update()).all()
    epochs: dict[UUID, dict[str, int]] = {}
    for row in found:
        if not row.done:
            epochs.setdefault(row.subject, {})[row.step] = row.epoch
    rows = connection.execute(
        sa.select(letters).where(letters.c.item_id.in_(wanted)).order_by(letters.c.id).with_for_update()
    ).all()
    return [(row, epochs.get(row.id, {})) for row in rows]
