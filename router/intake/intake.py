# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Taking in one item: what can never be read is refused at the door, everything else is kept first, read later."""

import datetime as dt
import re

from router.errors import TooLargeError, UnreadableError, UnsupportedError
from router.intake.message import header_of, message_key
from router.intake.protocol import parse_protocol
from router.reading.kinds import Kind, kind_of, media_type
from router.store.jobs import BACKLOG, INTERACTIVE
from router.store.store import Store
from router.store.views import ProtocolReceipt, Receipt
from router.texts import _

__all__ = ["UPLOAD", "accept", "accept_file", "accept_message"]

UPLOAD = "upload"
"""Channel of the upload page: somebody waits for it."""


def accept_file(
    store: Store,
    data: bytes,
    *,
    channel: str,
    actor: str,
    file_name: str = "",
    idempotency_key: str | None = None,
    max_item_mib: int = 100,
    protocol_window_hours: float = 24.0,
    protocol_missing_minutes: float = 60.0,
) -> Receipt | ProtocolReceipt:
    """Take in whatever lies where letters are handed in: a scan protocol, or an item; it is safe then.

    Parameters
    ----------
    protocol_window_hours
        How long before and after a scan protocol its files may come.
    protocol_missing_minutes
        How long after it a file that did not come counts as missing.
    store, data, channel, actor, file_name, idempotency_key, max_item_mib
        As for ``accept``.

    Raises
    ------
    UnreadableError
        When it is a scan protocol with a mistake; and as ``accept``.
    TooLargeError, UnsupportedError, ConflictError, StorageError
        As ``accept``.
    """
    entries = parse_protocol(data)
    if entries is None:
        return accept(
            store, data, channel=channel, actor=actor, file_name=file_name, idempotency_key=idempotency_key,
            max_item_mib=max_item_mib,
        )  # fmt: skip
    return store.receive_protocol(
        data,
        entries,
        channel=channel,
        actor=actor,
        file_name=_last_part(file_name),
        window=dt.timedelta(hours=protocol_window_hours),
        missing_after=dt.timedelta(minutes=protocol_missing_minutes),
    )


def accept(
    store: Store,
    data: bytes,
    *,
    channel: str,
    actor: str,
    file_name: str = "",
    sender: str = "",
    received_at: dt.datetime | None = None,
    idempotency_key: str | None = None,
    max_item_mib: int = 100,
) -> Receipt:
    """Take in a file; when this returns, it is safe.

    Parameters
    ----------
    store
        Where it is kept.
    data
        Its bytes.
    channel, actor
        Way in and who brought it.
    file_name, sender
        As given; a path is cut down to its last part.
    received_at
        When it came; by default now.
    idempotency_key
        The sender's own key for this request.
    max_item_mib
        Largest size, MiB.

    Raises
    ------
    TooLargeError, UnreadableError, UnsupportedError
        When it is too large, empty, or of a kind nobody reads; nothing was stored.
    ConflictError
        When the key was used for another item.
    StorageError
        When it can't be kept.
    """
    _check_size(data, max_item_mib)
    kind = kind_of(data)
    if kind is Kind.EMPTY:
        raise UnreadableError(_("The file is empty"), remedy=_("send it again"))
    if kind is Kind.UNKNOWN:
        raise UnsupportedError(
            _("This kind of file can't be read"),
            remedy=_("send a PDF or picture, a mail, a Word, OpenDocument or text file, or a ZIP archive of these"),
        )
    is_mail = kind is Kind.MAIL
    return store.receive(
        data,
        channel=channel,
        actor=actor,
        file_name=_last_part(file_name),
        sender=sender or (header_of(data, "from") if is_mail else ""),
        received_at=received_at,
        idempotency_key=idempotency_key,
        media_type=media_type(kind),
        message_key=message_key(data) if is_mail else None,
        priority=INTERACTIVE if channel == UPLOAD else BACKLOG,
    )


def accept_message(
    store: Store,
    data: bytes,
    *,
    actor: str,
    channel: str = "mail",
    sender: str = "",
    received_at: dt.datetime | None = None,
    idempotency_key: str | None = None,
    max_item_mib: int = 100,
) -> Receipt:
    """Take in one e-mail message; when this returns, it is safe and the mail server may forget it.

    Whatever a mail server hands over as a message is taken for one, however broken it is.

    Parameters
    ----------
    sender
        Of the envelope; by default the header's.
    store, data, actor, channel, received_at, idempotency_key, max_item_mib
        As for ``accept``.

    Raises
    ------
    TooLargeError, UnreadableError
        When it is too large, or holds no byte at all; nothing was stored.
    StorageError
        When it can't be kept now; the mail server has to try again.
    """
    _check_size(data, max_item_mib)
    if not data.strip():
        raise UnreadableError(_("The message is empty"), remedy=_("send it again"))
    return store.receive(
        data,
        channel=channel,
        actor=actor,
        sender=sender or header_of(data, "from"),
        received_at=received_at,
        idempotency_key=idempotency_key,
        media_type=media_type(Kind.MAIL),
        message_key=message_key(data),
    )


def _check_size(data: bytes, max_item_mib: int) -> None:
    if len(data) > max_item_mib * 2**20:
        raise TooLargeError(
            _("The item is larger than {limit} MiB").format(limit=max_item_mib),
            remedy=_("send it in parts, or raise POSTWEICHE_MAX_ITEM_MIB"),
        )


def _last_part(file_name: str) -> str:
    return re.split(r"[/\\]", file_name)[-1].strip()
