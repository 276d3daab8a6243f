# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Messages as Microsoft's programs store them: as numbered properties ([MS-OXPROPS]), in .msg and winmail.dat alike."""

import datetime as dt
from collections.abc import Iterable, Mapping
from email.parser import HeaderParser
from typing import TypeAlias

import compressed_rtf
import html_text

from router.reading.charsets import decode_code_page
from router.reading.mail import header_of
from router.reading.plain import decode
from router.reading.rtf import text_of_rtf
from router.records import MailHeader

__all__ = [
    "ATTACH_DATA",
    "FIXED",
    "INTERNET_CODE_PAGE",
    "MESSAGE_CODE_PAGE",
    "WANTED",
    "Properties",
    "Value",
    "body_of",
    "file_name",
    "header_from",
    "is_inline",
    "recipient_list",
    "value_of",
]

Value: TypeAlias = str | bytes | int | dt.datetime
Properties: TypeAlias = Mapping[int, Value]
"""Values by their property id."""

_SUBJECT, _BODY, _BODY_HTML, _BODY_RTF = 0x0037, 0x1000, 0x1013, 0x1009
_TRANSPORT_HEADER, _MESSAGE_ID = 0x007D, 0x1035
_SENT, _DELIVERED = 0x0039, 0x0E06
_SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS, _DISPLAY_TO = 0x0C1A, 0x5D01, 0x0C1F, 0x0E04
MESSAGE_CODE_PAGE, INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE
ATTACH_DATA = 0x3701
_ATTACH_NAME, _ATTACH_LONG_NAME, _ATTACH_CONTENT_ID, _ATTACH_FLAGS, _ATTACH_HIDDEN = (
    0x3704,
    0x3707,
    0x3712,
    0x3714,
    0x7FFE,
)
_RENDERED_IN_BODY = 4
_RECIPIENT_NAME, _RECIPIENT_ADDRESS, _RECIPIENT_SMTP, _RECIPIENT_TYPE = 0x3001, 0x3003, 0x39FE, 0x0C15
_TO = 1
_OF_MESSAGES = (_SUBJECT, _BODY, _BODY_HTML, _BODY_RTF, _TRANSPORT_HEADER, _MESSAGE_ID, _SENT, _DELIVERED)
_OF_SENDERS = (_SENDER_NAME, _SENDER_SMTP, _SENDER_ADDRESS, _DISPLAY_TO, MESSAGE_CODE_PAGE, INTERNET_CODE_PAGE)
_OF_ATTACHMENTS = (ATTACH_DATA, _ATTACH_NAME, _ATTACH_LONG_NAME, _ATTACH_CONTENT_ID, _ATTACH_FLAGS, _ATTACH_HIDDEN)
_OF_RECIPIENTS = (_RECIPIENT_NAME, _RECIPIENT_ADDRESS, _RECIPIENT_SMTP, _RECIPIENT_TYPE)
WANTED = frozenset([*_OF_MESSAGES, *_OF_SENDERS, *_OF_ATTACHMENTS, *_OF_RECIPIENTS])
"""Ids of the properties that are read; hundreds of others are left alone."""

_STRING8, _UNICODE, _TIME = 0x001E, 0x001F, 0x0040
_NUMBERS = {0x0002: 2, 0x0003: 4, 0x000B: 2, 0x0014: 8}
FIXED = frozenset([*_NUMBERS, _TIME])
"""Types of a fixed size of at most eight bytes."""
_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)


def value_of(kind: int, data: bytes, code_page: int | None) -> Value:
    """Return the value of a property from its bytes; a kind that nothing here needs stays bytes.

    Parameters
    ----------
    kind
        Its type, as [MS-OXCDATA] numbers them.
    code_page
        Of strings that are not Unicode.
    """
    if kind == _UNICODE:
        return data.decode("utf-16-le", "replace").rstrip("\0")
    if kind == _STRING8:
        return decode_code_page(data, code_page).rstrip("\0")
    if kind in _NUMBERS:
        return int.from_bytes(data[: _NUMBERS[kind]], "little")
    if kind == _TIME:
        try:
            return _EPOCH + dt.timedelta(microseconds=int.from_bytes(data[:8], "little") // 10)
        except OverflowError:
            return data
    return data


def header_from(properties: Properties, recipients: str, attachments: tuple[str, ...]) -> MailHeader:
    """Return sender, subject and so on: from the mail's own header where it was kept, else from the properties.

    Parameters
    ----------
    recipients
        Names and addresses from the table of recipients.
    """
    transport = HeaderParser().parsestr(_string(properties, _TRANSPORT_HEADER))
    said = header_of(transport, attachments)
    date = properties.get(_SENT, properties.get(_DELIVERED))
    return MailHeader(
        said.sender or _sender(properties),
        said.recipients or recipients or _string(properties, _DISPLAY_TO),
        said.subject or _string(properties, _SUBJECT),
        said.date or (date if isinstance(date, dt.datetime) else None),
        said.message_id or _string(properties, _MESSAGE_ID),
        attachments,
    )


def recipient_list(people: Iterable[Properties]) -> str:
    """Return names and addresses of those a message is for, copies left out."""
    found = []
    for person in people:
        if person.get(_RECIPIENT_TYPE, _TO) == _TO:
            name = _string(person, _RECIPIENT_NAME)
            address = _string(person, _RECIPIENT_SMTP) or _string(person, _RECIPIENT_ADDRESS)
            found.append(_named(name, address))
    return ", ".join(one for one in found if one)


def body_of(properties: Properties) -> str:
    """Return what a message says: its plain text, else that of its HTML, else that of its RTF."""
    body = properties.get(_BODY)
    page = properties.get(INTERNET_CODE_PAGE)
    number = page if isinstance(page, int) else None
    if isinstance(body, bytes):
        body = decode_code_page(body, number)
    if isinstance(body, str) and body.strip():
        return body
    markup = properties.get(_BODY_HTML)
    if isinstance(markup, bytes):
        markup = decode_code_page(markup, number) if number else decode(markup)
    if isinstance(markup, str) and markup.strip():
        text: str = html_text.extract_text(markup.replace("\0", ""))
        if text.strip():
            return text
    packed = properties.get(_BODY_RTF)
    return _text_of_packed_rtf(packed) if isinstance(packed, bytes) else ""


def file_name(properties: Properties) -> str:
    """Return the name of an attachment."""
    return _string(properties, _ATTACH_LONG_NAME) or _string(properties, _ATTACH_NAME)


def is_inline(properties: Properties) -> bool:
    """Tell whether an attachment is a picture within the text."""
    flags = properties.get(_ATTACH_FLAGS, 0)
    in_body = isinstance(flags, int) and bool(flags & _RENDERED_IN_BODY)
    return in_body or bool(properties.get(_ATTACH_CONTENT_ID)) or bool(properties.get(_ATTACH_HIDDEN))


def _sender(properties: Properties) -> str:
    address = _string(properties, _SENDER_SMTP) or _string(properties, _SENDER_ADDRESS)
    return _named(_string(properties, _SENDER_NAME), address)


def _named(name: str, address: str) -> str:
    if "@" not in address:  # an address within Exchange says nothing to anybody
        return name
    return f"{name} <{address}>" if name and name != address else address


def _string(properties: Properties, number: int) -> str:
    value = properties.get(number)
    return value.strip() if isinstance(value, str) else ""


def _text_of_packed_rtf(packed: bytes) -> str:
    # The library reads one byte beyond the end of some streams and refuses them.
    try:
        return text_of_rtf(compressed_rtf.decompress(packed + b"\0"))
    except Exception:  # noqa: BLE001 (edge: damaged streams make the library raise anything)
        return ""
