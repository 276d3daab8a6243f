# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The queue library's own tables, brought to the installed version of the library."""

from pathlib import Path
from typing import cast

import psycopg
import sqlalchemy as sa
from procrastinate.schema import SchemaManager

from router.store.tables import queue_schema

__all__ = ["newest_migration", "upgrade_queue"]


def _migrations() -> dict[str, Path]:
    return {path.name: path for path in sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))}


def newest_migration() -> str:
    """Return the name of the installed library's newest migration; names sort by age."""
    return max(_migrations())


def upgrade_queue(connection: sa.Connection) -> None:
    """Make the queue's tables, or apply the library's migrations that came since.

    Tables of a newer library are left alone: it keeps them usable for older workers.
    """
    applied = connection.execute(sa.select(queue_schema.c.last_migration)).scalar_one_or_none()
    newest = newest_migration()
    if applied is None:
        _run(connection, SchemaManager.get_schema())
        connection.execute(queue_schema.insert().values(id=1, last_migration=newest))
        return
    missing = {name: path for name, path in _migrations().items() if name > applied}
    for path in missing.values():
        _run(connection, path.read_text(encoding="utf-8"))
    if missing:
        connection.execute(queue_schema.update().values(last_migration=newest))


def _run(connection: sa.Connection, script: str) -> None:
    # Several statements at once, and percent signs that are no placeholders: the driver takes them as they are.
    driver = cast(psycopg.Connection[tuple[object, ...]], connection.connection.driver_connection)
    driver.execute(script.encode())
