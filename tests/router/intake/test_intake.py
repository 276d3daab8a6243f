# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt

import pytest

from router.errors import TooLargeError, UnreadableError, UnsupportedError
from router.intake.intake import accept, accept_file, accept_message
from router.intake.message import header_of, message_key
from router.store.jobs import INTERACTIVE
from router.store.store import Store
from router.store.tables import items
from router.store.views import ProtocolReceipt, Receipt

_MAIL = (
    b"Received: from a by b\r\nFrom: =?utf-8?q?Anna_M=C3=BCller?= <anna@example.org>\r\nTo: abh@example.org\r\n"
    b"Subject: Frage\r\nMessage-ID: <1@example.org>\r\n\r\nGuten Tag\r\n"
)


def _priority(store: Store) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(items.select()).one().priority)


def test_upload_is_stored_with_its_kind(store: Store) -> None:
    receipt = accept(store, b"%PDF-1.7 ...", channel="upload", actor="anna", file_name="C:\\Users\\x/../brief.pdf")
    item = store.item(receipt.item_id)
    assert (item.media_type, item.file_name, item.channel) == ("application/pdf", "brief.pdf", "upload")
    assert _priority(store) == INTERACTIVE


def test_backlog_waits_behind_uploads(store: Store) -> None:
    accept(store, b"%PDF-1.7 ...", channel="import", actor="anna")
    assert _priority(store) < INTERACTIVE


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"", UnreadableError), (b" \r\n\0", UnreadableError), (b"MZ\x90\0" + b"\0\1\2" * 50, UnsupportedError),
     (b"x" * (2**20 + 1), TooLargeError)],
)  # fmt: skip
def test_what_nobody_can_read_is_refused_at_the_door(store: Store, data: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        accept(store, data, channel="upload", actor="anna", max_item_mib=1)
    assert store.items() == []
    assert store.audit_events() == []


def test_damaged_file_is_kept(store: Store) -> None:
    assert not accept(store, b"%PDF-1.4 truncated", channel="upload", actor="anna").known


def test_mail(store: Store) -> None:
    receipt = accept_message(store, _MAIL, actor="mta")
    item = store.item(receipt.item_id)
    assert (item.media_type, item.channel, item.sender) == ("message/rfc822", "mail", "Anna Müller <anna@example.org>")
    copy = _MAIL.replace(b"from a by b", b"from c by d").replace(b"\r\n", b"\n")
    assert accept_message(store, copy, actor="mta").item_id == receipt.item_id
    assert accept(store, copy + b"\n", channel="upload", actor="anna").item_id == receipt.item_id


def test_other_mail_with_the_same_id_is_not_lost(store: Store) -> None:
    accept_message(store, _MAIL, actor="mta")
    assert not accept_message(store, _MAIL.replace(b"Guten Tag", b"Guten Abend"), actor="mta").known


@pytest.mark.parametrize(
    "data",
    [b"no header at all \xff\0", b"From: \xff\xfe <\r\n\r\nx", b"Message-ID: <[::\r\n\r\n", b"\r\n\r\nbody", b"x"],
)
def test_whatever_a_mail_server_brings_is_taken(store: Store, data: bytes) -> None:
    assert not accept_message(store, data, actor="mta").known
    assert store.items()[0].media_type == "message/rfc822"


def test_empty_or_oversized_messages_are_refused(store: Store) -> None:
    with pytest.raises(UnreadableError):
        accept_message(store, b"\r\n", actor="mta")
    with pytest.raises(TooLargeError):
        accept_message(store, b"x" * (2**20 + 1), actor="mta", max_item_mib=1)
    assert store.items() == []


def test_message_key() -> None:
    assert message_key(_MAIL) is not None
    assert message_key(_MAIL.replace(b"Message-ID", b"X-Other")) is None
    assert message_key(b"Message-ID: <1@x>") is None
    assert header_of(_MAIL, "subject") == "Frage"
    assert header_of(b"", "subject") == ""


def test_a_scan_protocol_is_no_item(store: Store) -> None:
    receipt = accept_file(store, b"file,pages\na.pdf,2\n", channel="folder", actor="scan", file_name="C:\\out\\run.csv",
                          protocol_window_hours=2, protocol_missing_minutes=5)  # fmt: skip
    assert isinstance(receipt, ProtocolReceipt)
    assert store.items() == []
    summary = store.protocol(receipt.protocol_id).summary
    assert (summary.file_name, summary.due_at - summary.received_at) == ("run.csv", dt.timedelta(minutes=5))
    assert isinstance(accept_file(store, b"file,place\na,b\n", channel="folder", actor="scan"), Receipt)
