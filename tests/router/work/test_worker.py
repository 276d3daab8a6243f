# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import sqlalchemy as sa

from router.records import Reading
from router.settings import Settings
from router.store.cluster import Cluster
from router.store.database import Database
from router.store.store import Store
from router.store.tables import steps
from router.store.views import ItemState, LetterState
from router.work import queue
from tests.router.work.desks import QuickDesk

Working = Callable[..., AbstractContextManager[threading.Event]]
pytestmark = pytest.mark.service
_WORKER = """
import sys, threading, time
from pathlib import Path
from router.delivery.targets import all_targets
from router.settings import Settings
from router.work import queue
from router.work.worker import run_worker
from tests.router.work.desks import QuickDesk
queue._HEARTBEAT_SECONDS, queue._DEAD_SECONDS = 0.5, 2.0
class Desk(QuickDesk):
    def read(self, data):
        print("reading", flush=True)
        time.sleep(float(sys.argv[3]))
        return super().read(b"33.99 by the other worker")
settings = Settings(data=sys.argv[2], models=Path(sys.argv[2]) / "models", readers=1, spot_check_share=0.0)
run_worker(sys.argv[1], settings, Desk(), threading.Event(), targets=all_targets())
"""


@pytest.fixture(autouse=True)
def quick_take_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_HEARTBEAT_SECONDS", 0.5)
    monkeypatch.setattr(queue, "_DEAD_SECONDS", 2.0)
    monkeypatch.setattr("router.work.worker._LOOK_SECONDS", 0.5)


def _other_worker(database: Database, store: Store, seconds: float) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", _WORKER, database.url, str(store.folder), str(seconds)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[3],
    )  # fmt: skip


def _until_it_reads(worker: "subprocess.Popen[str]") -> None:
    assert worker.stdout is not None
    assert any("reading" in line for line in worker.stdout)


def _events(store: Store, event: str) -> int:
    return [entry.event for entry in store.audit_events(10000)].count(event)


def _exactly_once(store: Store, count: int) -> None:
    for event in ("item:document:received", "item:document:read", "letter:decision:routed", "delivery:done"):
        assert _events(store, event) == count
    assert store.verify_audit().ok
    letters = store.letters(limit=1000)
    assert len(letters) == count
    assert {summary.state for summary in letters} == {LetterState.DELIVERED}
    assert all(len(store.letter(summary.id).assignments) == 1 for summary in letters)


def test_items_go_all_the_way(store: Store, working: Working, settle: Callable[..., None]) -> None:
    for number in range(10):
        store.receive(f"33.21 {number}".encode(), channel="upload", actor="anna")
    with working(QuickDesk()):
        for number in range(10, 20):
            store.receive(f"33.21 {number}".encode(), channel="upload", actor="anna")
        settle()
    _exactly_once(store, 20)


def test_failed_reading_is_repeated_and_harms_no_neighbour(
    store: Store, working: Working, settle: Callable[..., None]
) -> None:
    for number in range(5):
        text = f"33.21 {number}" + (" poison" if number == 2 else "")
        store.receive(text.encode(), channel="upload", actor="anna")
    with working(QuickDesk(fail={b"poison": 1})):
        settle()
    _exactly_once(store, 5)


def test_work_of_a_killed_worker_is_taken_over(
    database: Database, store: Store, working: Working, settle: Callable[..., None]
) -> None:
    other = _other_worker(database, store, 600)
    item = store.receive(b"33.21 x", channel="upload", actor="anna")
    _until_it_reads(other)
    assert store.item(item.item_id).state is ItemState.READING
    other.kill()
    other.communicate()
    with working(QuickDesk()):
        settle()
    _exactly_once(store, 1)
    assert store.letters()[0].post == "33.21"


def test_paused_worker_can_not_write_after_its_work_was_taken_over(
    database: Database, store: Store, working: Working, settle: Callable[..., None]
) -> None:
    other = _other_worker(database, store, 1)
    store.receive(b"33.21 x", channel="upload", actor="anna")
    _until_it_reads(other)
    other.send_signal(signal.SIGSTOP)
    with working(QuickDesk()):
        settle()
        other.send_signal(signal.SIGCONT)
        time.sleep(2.0)
    other.kill()
    other.communicate()
    _exactly_once(store, 1)
    assert store.letters()[0].post == "33.21"


def test_killed_database_loses_nothing(
    cluster: Cluster, store: Store, working: Working, settle: Callable[..., None]
) -> None:
    class Slow(QuickDesk):
        def read(self, data: bytes) -> Reading:
            time.sleep(0.05)
            return super().read(data)

    for number in range(30):
        store.receive(f"33.21 {number}".encode(), channel="upload", actor="anna")
    with working(Slow()):
        while _events(store, "delivery:done") < 3:
            time.sleep(0.05)
        os.kill(int((cluster.cluster / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        settle(90.0)
    _exactly_once(store, 30)


def test_cut_connections_lose_nothing(store: Store, working: Working, settle: Callable[..., None]) -> None:
    for number in range(30):
        store.receive(f"33.21 {number}".encode(), channel="upload", actor="anna")
    with working(QuickDesk()):
        for _ in range(4):
            time.sleep(0.2)
            with store.engine.connect() as connection:
                connection.execute(
                    sa.text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                    )
                )
        settle(90.0)
    _exactly_once(store, 30)


def test_items_without_a_job_are_found(store: Store, working: Working, settle: Callable[..., None]) -> None:
    store.receive(b"33.21 x", channel="upload", actor="anna")
    with store.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM procrastinate_jobs"))
        connection.execute(steps.update().values(changed_at=sa.text("now() - interval '1 hour'")))
    with working(QuickDesk()):
        settle()
    _exactly_once(store, 1)


def test_stopping_hands_unfinished_work_on(store: Store, working: Working, settle: Callable[..., None]) -> None:
    class Endless(QuickDesk):
        def read(self, data: bytes) -> Reading:
            self.read_count += 1
            time.sleep(30.0)
            return super().read(data)

    endless = Endless()
    store.receive(b"33.21 x", channel="upload", actor="anna")
    with working(endless, grace_seconds=0.5):
        while not endless.read_count:
            time.sleep(0.02)
        start = time.monotonic()
    assert time.monotonic() - start < 10.0
    with store.engine.connect() as connection:
        assert connection.execute(sa.text("SELECT status::text FROM procrastinate_jobs")).scalars().all() == ["todo"]
    with working(QuickDesk()):
        settle()
    _exactly_once(store, 1)


def test_interactive_items_are_read_first(
    store: Store, settings: Settings, working: Working, settle: Callable[..., None]
) -> None:
    order: list[bytes] = []

    class Noting(QuickDesk):
        def read(self, data: bytes) -> Reading:
            order.append(data)
            return super().read(data)

    for number in range(10):
        store.receive(f"33.21 {number}".encode(), channel="import", actor="anna")
    store.receive(b"33.21 somebody waits", channel="upload", actor="anna", priority=10)
    with working(Noting()):
        settle()
    # One item more than there are readers is at work at once.
    assert b"33.21 somebody waits" in order[: settings.reader_count + 1]
