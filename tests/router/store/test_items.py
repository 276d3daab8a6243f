# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
import hashlib
import os
import threading
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from router.errors import ConflictError, NotFoundError, StorageError
from router.store.database import Database
from router.store.jobs import BACKLOG, INTERACTIVE, Task
from router.store.originals import SMALL_BYTES
from router.store.store import Store
from router.store.tables import items, letters, originals, steps
from router.store.views import ItemState, LetterState

_LARGE = os.urandom(SMALL_BYTES + 1)


def _jobs(store: Store) -> list[tuple[str, str, int]]:
    with store.engine.connect() as connection:
        rows = connection.execute(
            sa.text("SELECT task_name, args->>'subject', priority FROM procrastinate_jobs ORDER BY id")
        )
        return [(row[0], row[1], row[2]) for row in rows]


def _files(store: Store) -> list[Path]:
    return [path for path in (store.folder / "originals").rglob("*") if path.is_file()]


def test_received_item_is_complete(store: Store) -> None:
    at = dt.datetime(2026, 3, 29, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=2)))
    receipt = store.receive(
        b"data", channel="upload", actor="anna", file_name="a\0b.pdf", sender="x\ud800y", received_at=at,
        media_type="application/pdf", priority=INTERACTIVE,
    )  # fmt: skip
    assert not receipt.known
    item = store.item(receipt.item_id)
    assert item.sha256 == hashlib.sha256(b"data").hexdigest()
    assert (item.size, item.media_type, item.channel, item.state) == (
        4,
        "application/pdf",
        "upload",
        ItemState.RECEIVED,
    )
    assert (item.file_name, item.sender, item.received_at) == ("ab.pdf", "x?y", at)
    assert store.original(receipt.item_id) == b"data"
    [letter_id] = item.letters
    assert store.letter(letter_id).summary.state is LetterState.WAITING
    assert _jobs(store) == [("read", str(receipt.item_id), INTERACTIVE)]
    assert [event.event for event in store.letter(letter_id).events] == ["item:document:received"]


def test_large_original_is_a_file_and_small_one_a_row(store: Store) -> None:
    small = store.receive(b"s" * SMALL_BYTES, channel="api", actor="a")
    assert _files(store) == []
    large = store.receive(_LARGE, channel="api", actor="a")
    [file] = _files(store)
    assert file.read_bytes() == _LARGE
    assert file.stat().st_mode & 0o077 == 0
    assert (
        file.relative_to(store.folder).as_posix()
        == f"originals/{store.item(large.item_id).sha256[:2]}/" + (store.item(large.item_id).sha256[2:])
    )
    assert store.original(large.item_id) == _LARGE
    assert store.original(small.item_id) == b"s" * SMALL_BYTES


def test_same_bytes_are_processed_once(store: Store) -> None:
    first = store.receive(b"data", channel="upload", actor="anna")
    again = store.receive(b"data", channel="mail", actor="mta")
    assert (again.item_id, again.known) == (first.item_id, True)
    assert len(_jobs(store)) == 1
    assert [event.event for event in store.audit_events()] == ["item:document:repeated", "item:document:received"]


def test_same_message_by_two_ways_is_processed_once(store: Store) -> None:
    first = store.receive(b"way 1", channel="mail", actor="mta", message_key="m1")
    assert store.receive(b"way 2", channel="mail", actor="mta", message_key="m1").item_id == first.item_id
    assert not store.receive(b"way 3", channel="mail", actor="mta", message_key="m2").known
    assert not store.receive(b"way 4", channel="mail", actor="mta").known
    assert not store.receive(b"way 5", channel="mail", actor="mta").known


def test_idempotency_key_belongs_to_one_actor_and_one_item(store: Store) -> None:
    first = store.receive(b"one", channel="api", actor="dms", idempotency_key="k")
    again = store.receive(b"one", channel="api", actor="dms", idempotency_key="k")
    assert (again.item_id, again.known) == (first.item_id, True)
    with pytest.raises(ConflictError):
        store.receive(b"two", channel="api", actor="dms", idempotency_key="k")
    assert not store.receive(b"two", channel="api", actor="other", idempotency_key="k").known
    assert len(store.items()) == 2


def test_same_item_at_the_same_moment_is_taken_once(store: Store) -> None:
    barrier = threading.Barrier(8)
    receipts = []

    def receive() -> None:
        barrier.wait()
        receipts.append(store.receive(_LARGE, channel="mail", actor="mta"))

    threads = [threading.Thread(target=receive) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({receipt.item_id for receipt in receipts}) == 1
    assert sorted(receipt.known for receipt in receipts) == [False] + [True] * 7
    assert len(_jobs(store)) == 1
    assert store.verify_audit().count == 8
    assert len(_files(store)) == 1


def test_without_a_job_nothing_is_kept(database: Database, tmp_path: Path) -> None:
    class QueueAwayError(Exception):
        pass

    def refuse(_connection: sa.Connection, _task: Task, _subject: UUID, *, priority: int = BACKLOG) -> None:
        raise QueueAwayError

    store = Store(database.engine, tmp_path, defer=refuse)
    with pytest.raises(QueueAwayError):
        store.receive(b"data", channel="upload", actor="anna")
    with database.engine.connect() as connection:
        for table in (items, originals, letters, steps):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
    assert store.audit_events() == []


def test_row_is_not_written_when_the_file_can_not_be(store: Store) -> None:
    (store.folder / "originals").write_text("in the way", encoding="ascii")
    with pytest.raises(StorageError) as caught:
        store.receive(_LARGE, channel="upload", actor="anna")
    assert caught.value.again
    assert store.items() == []


def test_damaged_or_missing_file_is_noticed(store: Store) -> None:
    receipt = store.receive(_LARGE, channel="upload", actor="anna")
    [file] = _files(store)
    file.write_bytes(_LARGE[:-1] + b"!")
    with pytest.raises(StorageError):
        store.original(receipt.item_id)
    file.unlink()
    with pytest.raises(StorageError):
        store.original(receipt.item_id)


def test_orphans_are_swept_and_nothing_else(store: Store) -> None:
    store.receive(_LARGE, channel="upload", actor="anna")
    [kept] = _files(store)
    orphan = kept.with_name("0" * 62)
    draft = kept.with_name(".draft-cut")
    young = kept.with_name("1" * 62)
    for path in (orphan, draft, young):
        path.write_bytes(b"x")
    for path in (orphan, draft, kept):
        os.utime(path, (0, 0))
    assert store.sweep_originals() == 2
    assert sorted(_files(store)) == sorted([kept, young])


def test_items_are_listed_newest_first(store: Store) -> None:
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for number in range(5):
        at = start + dt.timedelta(days=number)
        store.receive(bytes([number]), channel="api", actor="a", received_at=at, file_name=str(number))
    assert [item.file_name for item in store.items(2)] == ["4", "3"]
    assert [item.file_name for item in store.items(2, store.items(2)[-1].received_at)] == ["2", "1"]


def test_unknown_item(store: Store) -> None:
    with pytest.raises(NotFoundError):
        store.item(uuid4())
    with pytest.raises(NotFoundError):
        store.original(uuid4())


def test_database_away_is_a_storage_error(database: Database, tmp_path: Path) -> None:
    url = sa.make_url(database.url).set(database="nowhere")
    engine = sa.create_engine(url)
    with pytest.raises(StorageError) as caught:
        Store(engine, tmp_path).receive(b"data", channel="upload", actor="anna")
    assert caught.value.again
    engine.dispose()
