# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from router.errors import PostweicheError
from router.intake.intake import accept, accept_message
from router.records import Reason
from router.settings import Settings
from router.store.store import Store
from router.store.views import LetterState
from router.work.desk import Desk

_BROKEN = {
    "cut pdf": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog",
    "cut tiff": b"II*\0\x08\0\0\0\x10\0",
    "cut jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "cut png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "mail of nothing": b"From: a@example.org\r\nMessage-ID: <1@example.org>\r\n\r\n",
    "control characters": b"\x0c\x0c\x0c",
}


@pytest.mark.service
def test_rubbish_ends_with_a_person_and_its_bytes_are_kept(
    store: Store,
    settings: Settings,
    working: Callable[[Desk], AbstractContextManager[threading.Event]],
    settle: Callable[..., None],
) -> None:
    taken = {}
    for name, data in _BROKEN.items():
        try:
            taken[name] = accept(store, data, channel="upload", actor="anna").item_id
        except PostweicheError:
            taken[name] = accept_message(store, data, actor="mta").item_id
    sound = accept(store, b"Sehr geehrte Damen und Herren", channel="upload", actor="anna").item_id
    with Desk(settings, office_folder=None, readers=2) as desk, working(desk):
        settle(120.0)
    for name, item_id in taken.items():
        item = store.item(item_id)
        assert store.original(item_id) == _BROKEN[name]
        assert len(item.letters) == 1
        view = store.letter(item.letters[0])
        assert (view.summary.state, view.summary.post) == (LetterState.REVIEW, None), name
        assert Reason.UNREADABLE in view.summary.reasons or view.letter.text, name
    assert store.letter(store.item(sound).letters[0]).letter.text == "Sehr geehrte Damen und Herren"
    assert store.verify_audit().ok
