# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Original bytes: small ones in the database, large ones as files named by their hash."""

import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path

from router.errors import StorageError
from router.texts import _

__all__ = ["SMALL_BYTES", "Originals"]

SMALL_BYTES = 2**20
"""Up to this size an original is kept in the database."""

_YOUNG_SECONDS = 24 * 3600.0


class Originals:
    """Files of large originals below one folder; they are written before the row that names them.

    Parameters
    ----------
    folder
        Made when the first file comes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Return the place of the file with this hash."""
        return self.folder / sha256[:2] / sha256[2:]

    def write(self, sha256: str, data: bytes) -> None:
        """Write a file and wait until it, its name and its folder are on disk.

        Raises
        ------
        StorageError
            When the disk is full or refuses; nothing is left behind.
        """
        path = self.path(sha256)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".draft-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                Path(draft).rename(path)
            except BaseException:
                Path(draft).unlink(missing_ok=True)
                raise
            for folder in (path.parent, self.folder, self.folder.parent):
                _sync(folder)
        except OSError as error:
            raise StorageError(
                _("The original can't be written: {error}").format(error=error.strerror),
                remedy=_("look at free space and permissions of the data folder"),
            ) from error

    def read(self, sha256: str) -> bytes:
        """Return a file's bytes.

        Raises
        ------
        StorageError
            When it is missing, or not what was written.
        """
        try:
            data = self.path(sha256).read_bytes()
        except OSError as error:
            raise StorageError(
                _("The original can't be read: {error}").format(error=error.strerror),
                item=sha256,
                remedy=_("restore it from the backup"),
            ) from error
        if hashlib.sha256(data).hexdigest() != sha256:
            raise StorageError(_("The original was damaged"), item=sha256, remedy=_("restore it from the backup"))
        return data

    def sweep(
        self, known: Callable[[Collection[str]], Collection[str]], *, older_than_seconds: float = _YOUNG_SECONDS
    ) -> int:
        """Delete files no row names; return how many.

        Parameters
        ----------
        known
            Tells which of some hashes have a row.
        older_than_seconds
            Younger files are left alone: their row may be about to be written.
        """
        youngest = time.time() - older_than_seconds
        swept = 0
        for folder in sorted(self.folder.glob("??")):
            old = [path for path in folder.iterdir() if path.stat().st_mtime < youngest]
            named = {folder.name + path.name: path for path in old}
            for sha256 in named.keys() - set(known(list(named))):
                named[sha256].unlink(missing_ok=True)
                swept += 1
        return swept


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
