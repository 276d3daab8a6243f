# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pydantic import SecretStr

from router.errors import ConfigError, ConflictError, StorageError
from router.settings import Settings
from router.store.cluster import Cluster
from router.store.database import Database, connect, migrate, open_database
from router.store.queue_schema import newest_migration, upgrade_queue
from router.store.tables import metadata, queue_schema


def _is_ours(item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    table = item if kind == "table" else getattr(item, "table", None)
    return not str(getattr(table, "name", name)).startswith("procrastinate_")


def test_migrations_equal_the_tables(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": _is_ours, "compare_type": True, "compare_server_default": True},
        )
        assert compare_metadata(context, metadata) == []


def test_comparison_would_find_a_difference(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE letters DROP COLUMN kind"))
        context = MigrationContext.configure(connection, opts={"include_object": _is_ours})
        assert len(compare_metadata(context, metadata)) == 1


def test_queue_tables_are_the_librarys_newest(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.execute(sa.select(queue_schema.c.last_migration)).scalar_one() == newest_migration()


def test_queue_tables_follow_the_library(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("DROP FUNCTION procrastinate_retry_job_v2"))
        connection.execute(queue_schema.update().values(last_migration="02.05.00_01_add_periodic_job_priority.sql"))
        # A migration that was applied already fails; that shows that the missing ones are tried.
        with pytest.raises(Exception, match=r"exist"):
            upgrade_queue(connection)


def test_migrating_twice_and_at_once_is_harmless(cluster: Cluster) -> None:
    url = sa.make_url(cluster.url)
    admin = sa.create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(sa.text("CREATE DATABASE several"))
    engine = connect(url.set(database="several").render_as_string(hide_password=False))
    problems: list[BaseException] = []

    def run() -> None:
        try:
            migrate(engine)
        except Exception as error:  # noqa: BLE001 (shown by the test)
            problems.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    migrate(engine)
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(sa.text("DROP DATABASE several"))
    admin.dispose()
    assert problems == []


def test_database_of_a_newer_version_is_refused(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigError):
        migrate(database.engine)


def test_external_database(database: Database, tmp_path: Path) -> None:
    plain = database.url.replace("postgresql+psycopg", "postgresql")
    settings = Settings(data=tmp_path, database_url=SecretStr(plain))
    with open_database(settings, exclusive=True) as opened, opened.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM items")).scalar_one() == 0
    assert not (tmp_path / "postgres").exists()


@pytest.mark.parametrize("address", ["nonsense", "mysql://user@host/name", "sqlite:///x.db", "://"])
def test_wrong_addresses(address: str, tmp_path: Path) -> None:
    with (
        pytest.raises(ConfigError, match="POSTWEICHE_DATABASE_URL"),
        open_database(Settings(data=tmp_path, database_url=SecretStr(address))),
    ):
        pass


def test_database_that_does_not_answer(tmp_path: Path) -> None:
    address = SecretStr("postgresql://someone:secret@127.0.0.1:1/nothing")
    with (
        pytest.raises(StorageError) as caught,
        open_database(Settings(data=tmp_path, database_url=address)),
    ):
        pass
    assert "secret" not in str(caught.value)


def test_second_service_is_refused(database: Database, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=SecretStr(database.url))
    with (
        open_database(settings, exclusive=True),
        open_database(settings),
        pytest.raises(ConflictError),
        open_database(settings, exclusive=True),
    ):
        pass
