# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Opens the database, embedded or external, in the shape this version needs."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
import structlog
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg.conninfo import make_conninfo
from sqlalchemy.exc import ArgumentError, DBAPIError

from router.errors import ConfigError, StorageError
from router.settings import Settings
from router.store.cluster import Cluster, claim_folder
from router.store.queue_schema import newest_migration, upgrade_queue
from router.store.tables import queue_schema
from router.texts import _

__all__ = ["Database", "connect", "conninfo_of", "migrate", "open_database"]

_log = structlog.get_logger(__name__)
_MIGRATIONS = Path(__file__).parent / "migrations"
# Any number that nobody else uses; it keeps two processes from migrating at once.
_MIGRATION_LOCK = 0x504F5354


@dataclass(frozen=True, slots=True)
class Database:
    """An open database in the shape of this version; ``url`` is SQLAlchemy's, with the password."""

    engine: sa.Engine
    url: str


@contextmanager
def open_database(settings: Settings, *, exclusive: bool = False) -> Iterator[Database]:
    """Open the database the settings name: the external one, else the embedded server, started if need be.

    Parameters
    ----------
    settings
        ``database_url`` and ``data``.
    exclusive
        Be the only service on the data folder; for ``serve``.

    Raises
    ------
    ConflictError
        When `exclusive` and another service runs on the folder.
    ConfigError
        When folder, address or version don't fit.
    StorageError
        When the database does not answer.
    """
    with ExitStack() as stack:
        if exclusive:
            stack.enter_context(claim_folder(settings.data))
        if settings.database_url is not None:
            url = _external(settings.database_url.get_secret_value())
        else:
            url = stack.enter_context(Cluster(settings.data)).url
        engine = connect(url)
        stack.callback(engine.dispose)
        migrate(engine)
        yield Database(engine, url)


def connect(url: str) -> sa.Engine:
    """Return an engine that checks connections before use and keeps values out of error messages."""
    return sa.create_engine(url, pool_pre_ping=True, pool_size=8, max_overflow=24, hide_parameters=True)


def conninfo_of(url: str) -> str:
    """Return what PostgreSQL's own client needs to connect to where the engine of `url` does."""
    parts = sa.make_url(url)
    arguments = {**parts.query, **parts.translate_connect_args(username="user", database="dbname")}
    return make_conninfo(**arguments)


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to the shape of this version; does nothing when they have it.

    Raises
    ------
    ConfigError
        When the database was changed by a newer version.
    StorageError
        When it does not answer or refuses.
    """
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    scripts = ScriptDirectory.from_config(config)
    head = scripts.get_current_head()
    try:
        with engine.begin() as connection:
            if MigrationContext.configure(connection).get_current_revision() == head and _queue_is_current(connection):
                return
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            upgrade_queue(connection)
        _log.info("database_migrated", revision=head)
    except CommandError as error:
        raise ConfigError(
            _("The database was made by a newer version of this program"),
            remedy=_("use that version again, or restore the backup taken before it"),
        ) from error
    except DBAPIError as error:
        raise StorageError(
            _("The database refuses: {error}").format(error=type(error.orig).__name__),
            remedy=_("see its log, and whether the user may make tables"),
        ) from error


def _queue_is_current(connection: sa.Connection) -> bool:
    applied = connection.execute(sa.select(queue_schema.c.last_migration)).scalar_one_or_none()
    return applied is not None and applied >= newest_migration()


def _external(address: str) -> str:
    try:
        url = sa.make_url(address)
    except ArgumentError as error:
        raise ConfigError(
            _("POSTWEICHE_DATABASE_URL is not an address of a database"), remedy=_("write postgresql://user@host/name")
        ) from error
    if url.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigError(
            _("POSTWEICHE_DATABASE_URL does not name a PostgreSQL"), remedy=_("write postgresql://user@host/name")
        )
    return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
