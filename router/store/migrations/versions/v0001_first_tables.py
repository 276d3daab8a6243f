# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEEP_AUDIT = """
CREATE FUNCTION audit_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the audit chain are never changed';
END;
$$;
CREATE TRIGGER audit_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_final();
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
"""


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "audit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("audit_pkey")),
    )
    op.create_index(op.f("audit_subject_seq_idx"), "audit", ["subject", "seq"], unique=False)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("audit_head_single_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_head_pkey")),
        comment="the last link of the chain; appending locks it",
    )
    op.create_table(
        "items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=True, comment="hash of a mail's id and content"),
        sa.Column("idempotency_key", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("items_pkey")),
        sa.UniqueConstraint("actor", "idempotency_key", name=op.f("items_actor_idempotency_key_key")),
        sa.UniqueConstraint("message_key", name=op.f("items_message_key_key")),
        sa.UniqueConstraint("sha256", name=op.f("items_sha256_key")),
    )
    op.create_index(op.f("items_received_at_id_idx"), "items", ["received_at", "id"], unique=False)
    op.create_table(
        "queue_schema",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_migration", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("queue_schema_single_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("queue_schema_pkey")),
        comment="the newest of the queue library's own migrations that was applied",
    )
    op.create_table(
        "trainings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=True, comment="true while queued or running, else null: at most one"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("trainings_pkey")),
        sa.UniqueConstraint("live", name=op.f("trainings_live_key")),
    )
    op.create_index(op.f("trainings_requested_at_idx"), "trainings", ["requested_at"], unique=False)
    op.create_table(
        "users",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False, comment="argon2id"),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("users_pkey")),
    )
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pages", postgresql.ARRAY(sa.Integer()), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True, comment="the letter as read, packed"),
        sa.Column("decision", sa.LargeBinary(), nullable=True, comment="the service's decision, packed"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("post", sa.Text(), nullable=True, comment="where it goes now"),
        sa.Column("caseworker", sa.Text(), nullable=True),
        sa.Column("proposed_post", sa.Text(), nullable=True, comment="the service's best candidate"),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("spot_check", sa.Boolean(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=True, comment="who looks at it just now"),
        sa.Column("reviewer_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("letters_item_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("letters_pkey")),
        sa.UniqueConstraint("item_id", "position", name=op.f("letters_item_id_position_key")),
    )
    op.create_index(op.f("letters_post_received_at_id_idx"), "letters", ["post", "received_at", "id"], unique=False)
    op.create_index(op.f("letters_received_at_id_idx"), "letters", ["received_at", "id"], unique=False)
    op.create_index(op.f("letters_state_received_at_id_idx"), "letters", ["state", "received_at", "id"], unique=False)
    op.create_table(
        "originals",
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column(
            "data", sa.LargeBinary(), nullable=True, comment="empty: a file under originals, named by the item's hash"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("originals_item_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("item_id", name=op.f("originals_pkey")),
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.Text(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name=op.f("sessions_user_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token", name=op.f("sessions_pkey")),
    )
    op.create_index(op.f("sessions_expires_at_idx"), "sessions", ["expires_at"], unique=False)
    op.create_index(op.f("sessions_user_idx"), "sessions", ["user"], unique=False)
    op.create_table(
        "steps",
        sa.Column("subject", sa.Uuid(), nullable=False, comment="the item that is read, the letter that is decided"),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False, comment="grows with every claim; an older one can't write"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="claims that count against the subject"),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True, comment="code of the last error"),
        sa.ForeignKeyConstraint(["item_id"], ["items.id"], name=op.f("steps_item_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subject", "step", name=op.f("steps_pkey")),
    )
    op.create_index(op.f("steps_done_changed_at_idx"), "steps", ["done", "changed_at"], unique=False)
    op.create_index(op.f("steps_item_id_idx"), "steps", ["item_id"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.name"], name=op.f("tokens_user_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("tokens_pkey")),
        sa.UniqueConstraint("token", name=op.f("tokens_token_key")),
    )
    op.create_index(op.f("tokens_user_idx"), "tokens", ["user"], unique=False)
    op.create_table(
        "assignments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1 for the first of a letter"),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("caseworker", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("assignments_letter_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("assignments_pkey")),
        sa.UniqueConstraint("letter_id", "number", name=op.f("assignments_letter_id_number_key")),
    )
    op.create_index(op.f("assignments_source_at_idx"), "assignments", ["source", "at"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("letter_id", sa.Uuid(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column(
            "assignment_id",
            sa.Uuid(),
            nullable=False,
            comment="the assignment in effect at the target, or to be brought there",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("deliveries_assignment_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["letter_id"], ["letters.id"], name=op.f("deliveries_letter_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("letter_id", "target", name=op.f("deliveries_pkey")),
    )
    op.create_index(op.f("deliveries_assignment_id_idx"), "deliveries", ["assignment_id"], unique=False)
    op.create_index(op.f("deliveries_state_at_idx"), "deliveries", ["state", "at"], unique=False)
    op.execute(_KEEP_AUDIT)
