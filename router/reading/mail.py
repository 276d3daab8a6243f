# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Mail messages: header, body as text, attachments."""

import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

import html_text

from router.errors import TooLargeError, UnreadableError
from router.reading.contents import Attachment, Contents, Unpacking
from router.reading.plain import decode
from router.records import MailHeader, PageSource, Reason

__all__ = ["as_read", "open_mail"]

_MBOX_LINE = re.compile(rb"^From [^\r\n]*\r?\n")
_READ_INLINE = ("text/plain", "text/html")


def open_mail(data: bytes, unpacking: Unpacking) -> Contents:
    """Take a message apart.

    Broken headers and charsets are read as far as they go; nothing a sender writes makes this fail, except a
    message that has neither header nor body.

    Raises
    ------
    UnreadableError
        When nothing of it is a message.
    """
    message = BytesParser(policy=email.policy.default).parsebytes(_MBOX_LINE.sub(b"", data.lstrip(b"\r\n")))
    if not isinstance(message, EmailMessage):
        raise UnreadableError("the message has no header")
    bodies: list[str] = []
    attachments: list[Attachment] = []
    problem = None
    for part in _parts(message):
        content = _content(part)
        kind = part.get_content_type()
        name = _text(part.get_filename() or "")
        if kind in _READ_INLINE and part.get_content_disposition() != "attachment" and not name:
            bodies.append(_body(part, content, kind))
        elif content:
            try:
                unpacking.take(len(content))
            except TooLargeError:
                problem = Reason.TOO_LARGE
                break
            inline = part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"
            attachments.append(Attachment(name, content, inline))
    header = _header(message, tuple(attachment.name for attachment in attachments))
    text = "\n\n".join(body for body in bodies if body.strip())
    if not text.strip() and not attachments and not header.subject and not header.sender:
        raise UnreadableError("the message is empty")
    return Contents(as_read(header, text), PageSource.MAIL, header, files=tuple(attachments), problem=problem)


def as_read(header: MailHeader, text: str) -> str:
    """Return header and body the way a person reads a printed mail."""
    lines = [f"Von: {header.sender}", f"An: {header.recipients}"]
    if header.date:
        lines.append(f"Datum: {header.date:%d.%m.%Y %H:%M}")
    lines.append(f"Betreff: {header.subject}")
    if header.attachments:
        lines.append("Anlagen: " + "; ".join(name for name in header.attachments if name))
    return "\n".join([*lines, "", text])


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield the parts to read: of alternatives the plainest that holds something, attached messages whole."""
    kind = message.get_content_type()
    if kind == "message/rfc822":
        yield message
        return
    if not message.is_multipart():
        yield message
        return
    children = [part for part in message.iter_parts() if isinstance(part, EmailMessage)]
    if kind == "multipart/alternative":
        plain = [part for part in children if part.get_content_type() == "text/plain" and _content(part).strip()]
        children = plain[:1] or children[-1:]
    for child in children:
        yield from _parts(child)


def _content(part: EmailMessage) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload(0) if part.is_multipart() else None
        return inner.as_bytes() if isinstance(inner, EmailMessage) else b""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _body(part: EmailMessage, content: bytes, kind: str) -> str:
    charset = part.get_content_charset()
    try:
        text = content.decode(charset, errors="replace") if charset else decode(content)
    except LookupError:
        text = decode(content)
    return html_text.extract_text(text) if kind == "text/html" and text.strip() else text


def _header(message: EmailMessage, attachments: tuple[str, ...]) -> MailHeader:
    date = None
    try:
        date = parsedate_to_datetime(str(message["date"])) if message["date"] else None
    except (ValueError, TypeError, IndexError):
        date = None

    def value(name: str) -> str:
        try:
            return _text(str(message[name] or ""))
        except (ValueError, IndexError, AttributeError, TypeError):
            return ""  # the standard parser trips over some broken headers

    return MailHeader(value("from"), value("to"), value("subject"), date, value("message-id"), attachments)


def _text(value: str) -> str:
    """Return a header value on one line, without characters that only damaged mail holds."""
    return re.sub(r"\s+", " ", value.encode("utf-8", "replace").decode("utf-8", "replace")).strip()
