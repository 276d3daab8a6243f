# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The tables. Migrations make them; a test proves that both say the same.

Identifiers are random UUIDs, times are UTC. What a letter says and what was found in it stands only in
``letters.content`` and ``letters.decision`` (packed JSON), so that one place can be emptied or encrypted.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

__all__ = [
    "assignments",
    "audit",
    "audit_head",
    "deliveries",
    "items",
    "letters",
    "metadata",
    "originals",
    "protocol_entries",
    "protocols",
    "queue_schema",
    "sessions",
    "steps",
    "tokens",
    "trainings",
    "users",
]

metadata = sa.MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "fk": "%(table_name)s_%(column_0_name)s_fkey",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _of_item() -> sa.Column[object]:
    return sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.id", ondelete="CASCADE"), nullable=False)


def _of_letter() -> sa.Column[object]:
    return sa.Column("letter_id", sa.Uuid, sa.ForeignKey("letters.id", ondelete="CASCADE"), nullable=False)


items = sa.Table(
    "items",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False, unique=True),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sender", sa.Text, nullable=False),
    _time("received_at"),
    sa.Column("message_key", sa.Text, unique=True, comment="hash of a mail's id and content"),
    sa.Column("idempotency_key", sa.Text),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("page_count", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.UniqueConstraint("actor", "idempotency_key"),
    sa.Index(None, "received_at", "id"),
)

originals = sa.Table(
    "originals",
    metadata,
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("data", sa.LargeBinary, comment="empty: a file under originals, named by the item's hash"),
)

letters = sa.Table(
    "letters",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _of_item(),
    sa.Column("position", sa.Integer, nullable=False),
    _time("received_at"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("pages", ARRAY(sa.Integer), nullable=False),
    sa.Column("content", sa.LargeBinary, comment="the letter as read, packed"),
    sa.Column("decision", sa.LargeBinary, comment="the service's decision, packed"),
    _time("decided_at", nullable=True),
    sa.Column("outcome", sa.Text),
    sa.Column("post", sa.Text, comment="where it goes now"),
    sa.Column("caseworker", sa.Text),
    sa.Column("proposed_post", sa.Text, comment="the service's best candidate"),
    sa.Column("confidence", sa.Double),
    sa.Column("threshold", sa.Double),
    sa.Column("reasons", ARRAY(sa.Text), nullable=False),
    sa.Column("model", sa.Text),
    sa.Column("spot_check", sa.Boolean, nullable=False),
    sa.Column("confidential", sa.Boolean, nullable=False),
    sa.Column("reviewer", sa.Text, comment="who looks at it just now"),
    _time("reviewer_until", nullable=True),
    sa.UniqueConstraint("item_id", "position"),
    sa.Index(None, "received_at", "id"),
    sa.Index(None, "state", "received_at", "id"),
    sa.Index(None, "post", "received_at", "id"),
)

steps = sa.Table(
    "steps",
    metadata,
    sa.Column("subject", sa.Uuid, primary_key=True, comment="the item that is read, the letter that is decided"),
    sa.Column("step", sa.Text, primary_key=True),
    _of_item(),
    sa.Column("epoch", sa.Integer, nullable=False, comment="grows with every claim; an older one can't write"),
    sa.Column("attempts", sa.Integer, nullable=False, comment="claims that count against the subject"),
    sa.Column("done", sa.Boolean, nullable=False),
    _time("changed_at"),
    sa.Column("problem", sa.Text, comment="code of the last error"),
    sa.Index(None, "done", "changed_at"),
    sa.Index(None, "item_id"),
)

assignments = sa.Table(
    "assignments",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    _of_letter(),
    sa.Column("number", sa.Integer, nullable=False, comment="1 for the first of a letter"),
    sa.Column("post", sa.Text, nullable=False),
    sa.Column("caseworker", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    _time("at"),
    sa.UniqueConstraint("letter_id", "number"),
    sa.Index(None, "source", "at"),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("letter_id", sa.Uuid, sa.ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("target", sa.Text, primary_key=True),
    sa.Column(
        "assignment_id", sa.Uuid, sa.ForeignKey("assignments.id", ondelete="CASCADE"), nullable=False,
        comment="the assignment in effect at the target, or to be brought there",
    ),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("problem", sa.Text),
    _time("at"),
    sa.Index(None, "state", "at"),
    sa.Index(None, "assignment_id"),
)  # fmt: skip

protocols = sa.Table(
    "protocols",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False, comment="as it came"),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    _time("received_at"),
    sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False, comment="its files came from then on"),
    sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="what is not there then is missing"),
    sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False, comment="files after that belong to others"),
    sa.Index(None, "received_at", "id"),
    sa.Index(None, "sha256"),
)

protocol_entries = sa.Table(
    "protocol_entries",
    metadata,
    sa.Column("protocol_id", sa.Uuid, sa.ForeignKey("protocols.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("file_key", sa.Text, nullable=False, comment="the name as it is compared"),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("result", sa.Text, nullable=False),
    sa.Column("item_id", sa.Uuid, sa.ForeignKey("items.id", ondelete="SET NULL"), unique=True),
    _time("settled_at", nullable=True),
    sa.Column("settled_by", sa.Text),
    sa.Index(None, "file_key"),
    sa.Index(None, "result"),
)

trainings = sa.Table(
    "trainings",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("live", sa.Boolean, unique=True, comment="true while queued or running, else null: at most one"),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("share", sa.Double, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    _time("requested_at"),
    _time("finished_at", nullable=True),
    sa.Column("version", sa.Integer),
    sa.Column("error", sa.Text),
    sa.Column("result", JSONB, nullable=False),
    sa.Index(None, "requested_at"),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("password", sa.Text, nullable=False, comment="argon2id"),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    _time("locked_until", nullable=True),
    _time("added_at"),
)


def _of_user() -> sa.Column[object]:
    return sa.Column("user", sa.Text, sa.ForeignKey("users.name", ondelete="CASCADE"), nullable=False)


sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token", sa.Text, primary_key=True, comment="SHA-256 of the token"),
    _of_user(),
    _time("opened_at"),
    _time("expires_at"),
    sa.Index(None, "expires_at"),
    sa.Index(None, "user"),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("token", sa.Text, nullable=False, unique=True, comment="SHA-256 of the token"),
    _of_user(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", ARRAY(sa.Text), nullable=False),
    _time("added_at"),
    _time("expires_at", nullable=True),
    sa.Index(None, "user"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    _time("at"),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("details", JSONB, nullable=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Index(None, "subject", "seq"),
)

audit_head = sa.Table(
    "audit_head",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.CheckConstraint("id = 1", name="single"),
    comment="the last link of the chain; appending locks it",
)

queue_schema = sa.Table(
    "queue_schema",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last_migration", sa.Text, nullable=False),
    sa.CheckConstraint("id = 1", name="single"),
    comment="the newest of the queue library's own migrations that was applied",
)
