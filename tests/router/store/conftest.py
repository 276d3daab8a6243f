# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
from collections.abc import Callable
from uuid import UUID

import pytest

from router.records import (
    Box,
    Candidate,
    Decision,
    Facts,
    Letter,
    LetterKind,
    Outcome,
    Page,
    PageSource,
    Reading,
    Reason,
    Word,
)
from router.store.jobs import Task
from router.store.store import Store

Decide = Callable[..., Decision]
Bring = Callable[..., UUID]


def letter_of(text: str, number: int = 1) -> Letter:
    """Return a letter of one page."""
    words = tuple(Word(word, Box(10.0 * i, 20.0, 10.0 * i + 8.0, 30.0), 1.0, 0) for i, word in enumerate(text.split()))
    return Letter((Page(number, 595.0, 842.0, PageSource.TEXT, words),), LetterKind.TEXT)


@pytest.fixture
def decision() -> Decide:
    """Make decisions."""

    def make(post: str | None = "33.21", *, routed: bool = True, confidential: bool = False) -> Decision:
        candidates = (Candidate(post, "meyer", 0.97), Candidate("33.22", None, 0.02)) if post else ()
        return Decision(
            Outcome.ROUTED if routed else Outcome.REVIEW,
            candidates=candidates,
            reasons=() if routed else (Reason.LOW_CONFIDENCE,),
            evidence=(),
            facts=Facts("de", confidential=confidential),
            matter="studium",
            threshold=0.93,
            model="postweiche@3",
            plan_version="p1",
        )

    return make


@pytest.fixture
def bring(store: Store, decision: Decide) -> Bring:
    """Bring a letter as far as wished: received, read, decided."""
    count = 0

    def run(text: str | None = None, *, decided: bool = True, spot_check: bool = False, at: dt.datetime | None = None,
            **how: object) -> UUID:  # fmt: skip
        nonlocal count
        count += 1
        text = text or f"letter {count}"
        receipt = store.receive(text.encode(), channel="upload", actor="anna", received_at=at)
        claim = store.claim(receipt.item_id, Task.READ)
        assert claim is not None
        [letter_id] = store.save_reading(claim, Reading((letter_of(text),), "text/plain", 1))
        if decided:
            claim = store.claim(letter_id, Task.DECIDE)
            assert claim is not None
            store.save_decision(claim, decision(**how), spot_check=spot_check)
        return letter_id

    return run
