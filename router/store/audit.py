# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The audit chain: who did what and when, each entry holding the hash of the one before.

Entries are written in the transaction of what they tell, so that neither exists without the other. Appending
locks the chain's head until the commit; keep it the last statement of a transaction.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from router.store.room import Room, now
from router.store.tables import audit, audit_head
from router.store.views import AuditReport, AuditView
from router.texts import _

__all__ = ["SERVICE", "AuditEvent", "AuditRoom", "append"]

SERVICE = "service"
"""Actor of what the service does by itself."""

_PAGE = 5000


class AuditEvent(StrEnum):
    """Everything the chain can tell; the list is closed."""

    ITEM_RECEIVED = "item:document:received"
    ITEM_REPEATED = "item:document:repeated"
    ITEM_READ = "item:document:read"
    ITEM_REGROUPED = "item:letters:regrouped"
    LETTER_JOINED = "letter:pages:joined"
    LETTER_ROUTED = "letter:decision:routed"
    LETTER_TO_REVIEW = "letter:decision:review"
    ASSIGNED_BY_SERVICE = "assignment:service"
    ASSIGNMENT_CONFIRMED = "assignment:confirmed"
    ASSIGNMENT_CORRECTED = "assignment:corrected"
    ASSIGNMENT_SPOT_CHECK = "assignment:spot_check"
    DELIVERY_DONE = "delivery:done"
    DELIVERY_FAILED = "delivery:failed"
    PROTOCOL_RECEIVED = "protocol:received"
    PROTOCOL_REPEATED = "protocol:repeated"
    PROTOCOL_MISMATCH = "protocol:pages:mismatch"
    PROTOCOL_FILE_MISSING = "protocol:file:missing"
    PROTOCOL_FILE_SETTLED = "protocol:file:settled"
    TRAINING_REQUESTED = "training:requested"
    TRAINING_DONE = "training:done"
    TRAINING_FAILED = "training:failed"
    TRAINING_CANCELLED = "training:cancelled"
    MODEL_PROMOTED = "model:promoted"
    MODEL_ROLLED_BACK = "model:rolled_back"
    USER_ADDED = "user:added"
    USER_CHANGED = "user:changed"
    USER_SIGNED_IN = "user:signed_in"
    USER_REFUSED = "user:refused"
    USER_LOCKED = "user:locked"
    TOKEN_ADDED = "token:added"  # noqa: S105 (the name of an event)
    TOKEN_REVOKED = "token:revoked"  # noqa: S105


def append(
    connection: sa.Connection,
    event: AuditEvent,
    *,
    actor: str,
    subject: UUID | str,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add an entry within the transaction of `connection`.

    Parameters
    ----------
    event
        What happened.
    actor
        Name of the user, ``service``, or the channel.
    subject
        Id of what it happened to.
    details
        JSON values; ids, posts, codes, figures, never text of letters or names of citizens.
    """
    head = connection.execute(sa.select(audit_head).with_for_update()).one()
    entry = {
        "seq": head.seq + 1,
        "at": now(),
        "actor": actor,
        "event": event.value,
        "subject": str(subject),
        # As it comes back from the database.
        "details": json.loads(json.dumps(dict(details or {}))),
        "previous": head.hash,
    }
    entry["hash"] = _hash(entry)
    connection.execute(audit.insert().values(**entry))
    connection.execute(audit_head.update().values(seq=entry["seq"], hash=entry["hash"]))


def _hash(entry: Mapping[Any, Any]) -> str:
    told = {name: entry[name] for name in ("seq", "actor", "event", "subject", "details", "previous")}
    told["at"] = entry["at"].astimezone(dt.UTC).isoformat(timespec="microseconds")
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class AuditRoom(Room):
    """Reads and checks the chain."""

    def record_event(
        self, event: AuditEvent, *, actor: str, subject: UUID | str, details: Mapping[str, Any] | None = None
    ) -> None:
        """Add an entry about something that happened outside the store, such as a model's promotion."""
        with self._transaction() as connection:
            append(connection, event, actor=actor, subject=subject, details=details)

    def audit_events(self, limit: int = 100, *, before: int | None = None) -> list[AuditView]:
        """Return the newest entries, newest first; those before the number `before` if given."""
        query = sa.select(audit).order_by(audit.c.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.seq < before)
        with self._transaction() as connection:
            return [
                AuditView(row.seq, row.at, row.actor, row.event, row.subject, row.details, row.hash)
                for row in connection.execute(query)
            ]

    def verify_audit(self) -> AuditReport:
        """Check every link of the chain and name each entry that is changed, missing or inserted."""
        problems: list[str] = []
        count, seq, previous = 0, 0, ""
        with self._transaction() as connection:
            connection.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            head = connection.execute(sa.select(audit_head)).one_or_none()
            query = sa.select(audit).order_by(audit.c.seq).execution_options(yield_per=_PAGE)
            for row in connection.execute(query).mappings():
                count += 1
                if row["seq"] != seq + 1:
                    problems.append(_missing(seq + 1, row["seq"] - 1))
                elif row["previous"] != previous:
                    problems.append(_("Entry {seq} does not follow on the one before it").format(seq=row["seq"]))
                if _hash(row) != row["hash"]:
                    problems.append(_("Entry {seq} was changed").format(seq=row["seq"]))
                seq, previous = row["seq"], row["hash"]
        if head is None:
            problems.append(_("The chain's head is missing"))
        elif head.seq > seq:
            problems.append(_missing(seq + 1, head.seq))
        elif (head.seq, head.hash) != (seq, previous):
            problems.append(_("The chain's head does not fit its last entry {seq}").format(seq=seq))
        return AuditReport(not problems, count, tuple(problems))


def _missing(first: int, last: int) -> str:
    if first == last:
        return _("Entry {seq} is missing").format(seq=first)
    return _("Entries {first} to {last} are missing").format(first=first, last=last)
