# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What all parts of the store share: the database, the data folder, the queue."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from router.errors import StorageError
from router.store.jobs import Defer, defer
from router.store.originals import Originals
from router.texts import _

__all__ = ["Room", "now"]


def now() -> dt.datetime:
    """Return the present time in UTC, to the microsecond that the database keeps."""
    return dt.datetime.now(dt.UTC)


class Room:
    """One part of the store.

    Parameters
    ----------
    engine
        The database.
    folder
        The data folder; large originals lie below it.
    defer
        Puts jobs into the queue.
    """

    def __init__(self, engine: sa.Engine, folder: Path, *, defer: Defer = defer) -> None:
        self.engine = engine
        self.folder = folder
        self._defer = defer
        self._originals = Originals(folder / "originals")

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        """Run a block as one transaction.

        Raises
        ------
        StorageError
            When the database does not answer or refuses; nothing was written.
        """
        try:
            with self.engine.begin() as connection:
                yield connection
        except (OperationalError, InterfaceError, InternalError, PoolTimeoutError) as error:
            raise StorageError(
                _("The database does not answer or refuses"), remedy=_("try again; see its log if it goes on")
            ) from error
