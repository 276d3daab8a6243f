# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What earlier trainings read and found, so that the same letters are not read again.

The cache holds personal data: it lies in the data folder, only its owner may open it, and a training deletes
from it everything it did not use itself, so that it never outlives the history it was made of.
"""

import datetime as dt
import hashlib
import sqlite3
import zlib
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from router.facts.extract import OfficeWords
from router.office.office import Office
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.records import Facts, Letter

__all__ = ["ReadingCache", "facts_key", "letter_key", "reading_key", "words_version"]

_FOLDER: Final = Path(__file__).parents[1] / "router"
_letters: Final[TypeAdapter[Letter]] = TypeAdapter(Letter)
_facts: Final[TypeAdapter[Facts]] = TypeAdapter(Facts)


@lru_cache(maxsize=1)
def _code_version() -> str:
    """Return a hash of the code that reads and finds facts: another version may read otherwise."""
    digest = hashlib.sha256()
    for path in sorted([*_FOLDER.glob("reading/*.py"), *_FOLDER.glob("facts/*.py"), _FOLDER / "records.py"]):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def _key(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()


def reading_key(sha256: str, limits: Limits, ocr: OcrSettings) -> str:
    """Return under which name the reading of an item is kept."""
    return _key("reading", sha256, limits, ocr, _code_version())


def letter_key(letter: Letter) -> str:
    """Return a name for a letter that was read elsewhere: the same words in the same places, the same name."""
    return _key("letter", hashlib.sha256(_letters.dump_json(letter)).hexdigest())


def words_version(office: Office, words: OfficeWords) -> str:
    """Return a hash of what finding facts takes from the office."""
    pattern = words.own_pattern.pattern if words.own_pattern else ""
    return _key(pattern, sorted(words.caseworkers.items()), words.hide_origins, office.version)


def facts_key(letter: str, received: dt.date, facts_version: str, words: str) -> str:
    """Return under which name the facts of a letter are kept.

    Parameters
    ----------
    letter
        Key of its reading, or of the letter itself.
    received
        Day of receipt: deadlines count from it.
    facts_version, words
        What finds them.
    """
    return _key("facts", letter, received.isoformat(), facts_version, words, _code_version())


class ReadingCache:
    """Letters as read, and their facts, on disk; close it after use.

    Parameters
    ----------
    folder
        Created with access for its owner only.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._used: set[str] = set()
        path = folder / "readings.sqlite"
        try:
            self._database = self._open(path)
        except sqlite3.DatabaseError:
            # A damaged cache costs time, nothing else: a new one takes its place.
            path.unlink()
            self._database = self._open(path)

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        database = sqlite3.connect(path, timeout=60)
        path.chmod(0o600)
        try:
            database.execute("PRAGMA secure_delete = ON")
            database.execute("CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID")
            database.commit()
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _get(self, key: str) -> bytes | None:
        self._used.add(key)
        with closing(self._database.execute("SELECT body FROM kept WHERE key = ?", (key,))) as cursor:
            row = cursor.fetchone()
        try:
            return zlib.decompress(row[0]) if row else None
        except zlib.error:
            return None

    def _put(self, entries: Iterable[tuple[str, bytes]]) -> None:
        with self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO kept (key, body) VALUES (?, ?)",
                ((key, zlib.compress(body, 1)) for key, body in entries),
            )

    def letter(self, key: str) -> Letter | None:
        """Return a kept letter."""
        body = self._get(key)
        try:
            return _letters.validate_json(body) if body else None
        except ValidationError:
            return None

    def facts(self, key: str) -> Facts | None:
        """Return kept facts."""
        body = self._get(key)
        try:
            return _facts.validate_json(body) if body else None
        except ValidationError:
            return None

    def keep_letters(self, found: Mapping[str, Letter]) -> None:
        """Keep letters by their keys; those without pages may be read better next time and are not kept.

        Of a letter marked confidential only that is kept.
        """
        self._put(
            (key, _letters.dump_json(letter.withheld() if letter.is_withheld else letter))
            for key, letter in found.items()
            if letter.pages
        )

    def keep_facts(self, found: Mapping[str, Facts]) -> None:
        """Keep facts by their keys."""
        self._put((key, _facts.dump_json(facts)) for key, facts in found.items())

    def drop_unused(self) -> int:
        """Delete what was not asked for since the cache was opened, and return how many entries that were."""
        with closing(self._database.execute("SELECT key FROM kept")) as cursor:
            stale = [(key,) for (key,) in cursor if key not in self._used]
        with self._database:
            self._database.executemany("DELETE FROM kept WHERE key = ?", stale)
        if stale:
            self._database.execute("VACUUM")
        return len(stale)
