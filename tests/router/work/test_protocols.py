# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Scan protocols while a real worker reads, decides and delivers."""

import datetime as dt
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from uuid import UUID

import pytest

from router.records import Decision, Letter, Outcome, ProtocolEntry, Reason
from router.store.store import Store
from router.store.views import EntryResult, LetterState
from tests.router.work.desks import QuickDesk

Working = Callable[..., AbstractContextManager[threading.Event]]
pytestmark = pytest.mark.service


class _Desk(QuickDesk):
    """Sends letters with a problem to a person, as the gates do."""

    def decide(self, letter: Letter, received: dt.date) -> Decision:
        decision = super().decide(letter, received)
        return replace(decision, outcome=Outcome.REVIEW, reasons=letter.problems) if letter.problems else decision


def _receive(store: Store, name: str) -> UUID:
    return store.receive(f"33.21 {name}".encode(), channel="folder", actor="scan", file_name=name).item_id


def _protocol(store: Store, *, minutes: float = 60, **files: int) -> UUID:
    entries = [ProtocolEntry(line, f"{name}.pdf", pages) for line, (name, pages) in enumerate(files.items(), 2)]
    return store.receive_protocol(
        repr(entries).encode(), entries, channel="folder", actor="scan", missing_after=dt.timedelta(minutes=minutes)
    ).protocol_id


def test_protocols_hold_up_what_does_not_agree_and_nothing_else(
    store: Store, working: Working, settle: Callable[..., None]
) -> None:
    early = _protocol(store, a=1, b=2)
    items = {name: _receive(store, f"{name}.pdf") for name in "abcd"}
    with working(_Desk()):
        settle()
        late = _protocol(store, c=0, d=1, e=1, minutes=0)
        letters = {name: store.letter(store.item(item).letters[0]) for name, item in items.items()}
        until = time.monotonic() + 20
        while not store.missing_files() and time.monotonic() < until:
            time.sleep(0.05)
    assert {name: (letter.summary.state, letter.summary.reasons) for name, letter in letters.items()} == {
        "a": (LetterState.DELIVERED, ()),
        "b": (LetterState.REVIEW, (Reason.CONFLICT,)),
        "c": (LetterState.REVIEW, (Reason.SEVERAL_LETTERS,)),
        "d": (LetterState.DELIVERED, ()),
    }
    # What had gone out stays where it is until a person decides; what was held up never went.
    assert [len(letters[name].assignments) for name in "abcd"] == [1, 0, 1, 1]
    assert [entry.file_name for entry in store.missing_files()] == ["e.pdf"]
    assert store.protocol(early).summary.results == {EntryResult.CORRECT: 1, EntryResult.TOO_FEW_PAGES: 1}
    assert store.protocol(late).summary.results == {
        EntryResult.TOO_MANY_PAGES: 1, EntryResult.CORRECT: 1, EntryResult.MISSING_FILE: 1
    }  # fmt: skip
    assert store.verify_audit().ok
