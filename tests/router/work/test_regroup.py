# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What follows on splitting and joining, with real workers that are killed."""

import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path
from uuid import UUID

import pytest

from router.records import Box, Letter, LetterKind, Page, PageSource, Reading, Word
from router.store.database import Database
from router.store.jobs import Task
from router.store.store import Store
from router.store.views import LetterState
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
    def decide(self, letter, received):
        print("deciding\\n", end="", flush=True)
        time.sleep(3600)
settings = Settings(data=sys.argv[2], models=Path(sys.argv[2]) / "models", readers=1, spot_check_share=0.0)
run_worker(sys.argv[1], settings, Desk(), threading.Event(), targets=all_targets())
"""


def _batch(store: Store, count: int) -> UUID:
    """Bring an item of one letter that waits to be decided; each page names its post."""
    item_id = store.receive(b"batch", channel="upload", actor="anna").item_id
    claim = store.claim(item_id, Task.READ)
    assert claim is not None
    pages = tuple(
        Page(number, 595.0, 842.0, PageSource.OCR, (Word(f"33.{number}", Box(0, 0, 1, 1), 0.9, 0),))
        for number in range(1, count + 1)
    )
    store.save_reading(claim, Reading((Letter(pages, LetterKind.SCAN),), "application/pdf", count))
    return item_id


def test_worker_killed_while_it_decides_new_letters_loses_none(
    store: Store, database: Database, working: Working, settle: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "_HEARTBEAT_SECONDS", 0.5)
    monkeypatch.setattr(queue, "_DEAD_SECONDS", 2.0)
    monkeypatch.setattr("router.work.worker._LOOK_SECONDS", 0.5)
    item_id = _batch(store, 6)
    store.regroup(item_id, [1, 3, 5], "anna")
    with subprocess.Popen(
        [sys.executable, "-c", _WORKER, database.url, str(store.folder)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=Path(__file__).parents[3],
    ) as other:  # fmt: skip
        try:
            assert other.stdout is not None
            assert len(list(islice((line for line in other.stdout if "deciding" in line), 3))) == 3
            # The person changes their mind while all three are being decided.
            store.regroup(item_id, [1, 4, 5], "anna")
        finally:
            other.kill()
    with working(QuickDesk()):
        settle()
    letters = [store.letter(letter_id) for letter_id in store.item(item_id).letters]
    assert [letter.summary.pages for letter in letters] == [(1, 2, 3), (4,), (5, 6)]
    assert [letter.summary.state for letter in letters] == [LetterState.DELIVERED] * 3
    posts = [[assignment.post for assignment in letter.assignments] for letter in letters]
    assert posts == [["33.1\f33.2\f33.3"], ["33.4"], ["33.5\f33.6"]]
    events = [entry.event for entry in store.audit_events()]
    assert (events.count("letter:decision:routed"), events.count("delivery:done")) == (3, 3)
    assert store.verify_audit().ok
