# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What must be known of a mail before it is read: its sender, and whether it came before."""

import email.policy
import hashlib
import re
from email.message import EmailMessage
from email.parser import BytesHeaderParser

__all__ = ["header_of", "message_key"]

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_LONGEST_HEADER = 2**20


def _header(data: bytes) -> EmailMessage:
    parser = BytesHeaderParser(policy=email.policy.default)
    return parser.parsebytes(data[:_LONGEST_HEADER].lstrip(b"\r\n"))


def header_of(data: bytes, name: str) -> str:
    """Return one field of a mail's header on one line; empty when it is missing or broken."""
    try:
        value = str(_header(data)[name] or "")
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):  # the parser trips over some broken mail
        return ""
    return re.sub(r"\s+", " ", value).strip()


def message_key(data: bytes) -> str | None:
    """Return a key that copies of one message share, whatever way they came; ``None`` for mail without an id.

    Copies differ in the header fields that mail servers add, not in id and body. The id alone is not enough:
    some programs give the same one to different mail, and the second would be lost.
    """
    identifier = header_of(data, "message-id")
    end = _END_OF_HEADER.search(data)
    if not identifier or end is None:
        return None
    body = re.sub(rb"\r?\n", b"\n", data[end.end() :]).rstrip()
    return hashlib.sha256(identifier.encode("utf-8", "replace") + b"\0" + body).hexdigest()
