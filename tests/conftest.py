# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Fixtures for all tests: a real PostgreSQL, and a store of its own for each test."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from hypothesis import settings

from router.store.cluster import Cluster
from router.store.database import Database, connect, conninfo_of, migrate
from router.store.store import Store

_TEMPLATE = "template_postweiche"

# A busy machine must not fail a property: pytest's own time limit is enough.
settings.register_profile("postweiche", deadline=None)
settings.load_profile("postweiche")


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One embedded server for all tests; it does not wait for the disk."""
    unsafe = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
    with Cluster(tmp_path_factory.mktemp("postgres"), options=unsafe) as cluster:
        engine = connect(cluster.url)
        migrate(engine)
        engine.dispose()
        _run(cluster, f"ALTER DATABASE postweiche RENAME TO {_TEMPLATE}")
        yield cluster


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """An empty database in the shape of this version, thrown away after the test."""
    name = f"test_{uuid4().hex}"
    _run(cluster, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    url = sa.make_url(cluster.url).set(database=name).render_as_string(hide_password=False)
    engine = connect(url)
    yield Database(engine, url)
    engine.dispose()
    _run(cluster, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(database: Database, tmp_path: Path) -> Store:
    """An empty store; its data folder is ``tmp_path / "data"``."""
    folder = tmp_path / "data"
    folder.mkdir()
    return Store(database.engine, folder)


def _run(cluster: Cluster, statement: str) -> None:
    url = sa.make_url(cluster.url).set(database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(conninfo_of(url), autocommit=True) as connection:
        connection.execute(statement.encode())
