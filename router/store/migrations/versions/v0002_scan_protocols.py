# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Scan protocols."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make their tables."""
    op.create_table(
        "protocols",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False, comment="as it came"),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False, comment="its files came from then on"),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False, comment="what is not there then is missing"),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False, comment="files after that belong to others"),
        sa.PrimaryKeyConstraint("id", name=op.f("protocols_pkey")),
    )
    op.create_index(op.f("protocols_received_at_id_idx"), "protocols", ["received_at", "id"], unique=False)
    op.create_index(op.f("protocols_sha256_idx"), "protocols", ["sha256"], unique=False)
    op.create_table(
        "protocol_entries",
        sa.Column("protocol_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False, comment="the name as it is compared"),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("protocol_entries_item_id_fkey"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["protocol_id"], ["protocols.id"], name=op.f("protocol_entries_protocol_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("protocol_id", "line", name=op.f("protocol_entries_pkey")),
        sa.UniqueConstraint("item_id", name=op.f("protocol_entries_item_id_key")),
    )
    op.create_index(op.f("protocol_entries_file_key_idx"), "protocol_entries", ["file_key"], unique=False)
    op.create_index(op.f("protocol_entries_result_idx"), "protocol_entries", ["result"], unique=False)
