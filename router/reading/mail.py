# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Mail messages: header, body as text, attachments.

The standard library's older parser is used on purpose (``compat32``): it takes every message there is, where the
newer one raises on some broken headers and takes very long over some huge ones.
"""

import base64
import binascii
import contextlib
import email.errors
import email.policy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime

import html_text

from router.errors import DocumentError, TooLargeError, UnreadableError
from router.reading.charsets import decode_as
from router.reading.contents import Attachment, Contents, Unpacking
from router.reading.flowed import unflow
from router.reading.kinds import Kind, kind_of
from router.reading.plain import decode
from router.records import MailHeader, PageSource, Reason

__all__ = ["as_read", "header_of", "is_entity", "open_entity", "open_mail"]

_MBOX_LINE = re.compile(rb"^From [^\r\n]*\r?\n")
_BROKEN = (ValueError, LookupError, TypeError, AttributeError, AssertionError)
"""What the standard library raises over broken parts."""
_AS_SENT = email.policy.compat32.clone(mangle_from_=False, max_line_length=0)
_LONGEST_HEADER = 10_000
_SIGNATURES = frozenset(
    f"application/{name}" for name in ("pkcs7-signature", "x-pkcs7-signature", "pgp-signature", "pgp-keys")
)
_PGP_BLOCK = re.compile(r"-----BEGIN PGP MESSAGE-----.*?(?:-----END PGP MESSAGE-----|\Z)", re.DOTALL)
# "Your program shows no HTML" is no text to prefer to the letter itself.
_STUB_CHARACTERS = 300


def open_mail(data: bytes, unpacking: Unpacking) -> Contents:
    """Take a message apart.

    Broken headers and charsets are read as far as they go; nothing a sender writes makes this fail, except a
    message that has neither header nor body. Of an encrypted message the header is read.

    Raises
    ------
    UnreadableError
        When nothing of it is a message.
    """
    message = _parsed(_MBOX_LINE.sub(b"", data.lstrip(b"\r\n")))
    parts = _Parts(unpacking)
    parts.add_all(_leaves(message))
    header = header_of(message, tuple(file.name for file in parts.files))
    text = parts.text
    if not text.strip() and not parts.files and not header.subject and not header.sender:
        raise UnreadableError("the message is empty")
    return Contents(as_read(header, text), PageSource.MAIL, header, files=tuple(parts.files), problem=parts.problem)


def open_entity(data: bytes, unpacking: Unpacking) -> Contents:
    """Take a part of a message apart that has no sender and subject of its own: what was signed or encrypted."""
    parts = _Parts(unpacking)
    parts.add_all(_leaves(_parsed(data)))
    return Contents(parts.text, PageSource.MAIL, files=tuple(parts.files), problem=parts.problem)


def is_entity(data: bytes) -> bool:
    """Tell whether a text is a part of a message: it begins with the field that says what it is."""
    return re.match(rb"\s*(?:mime-version|content-[a-z-]+)\s*:", data, re.IGNORECASE) is not None


def as_read(header: MailHeader, text: str) -> str:
    """Return header and body the way a person reads a printed mail."""
    lines = [f"Von: {header.sender}", f"An: {header.recipients}"]
    if header.date:
        lines.append(f"Datum: {header.date:%d.%m.%Y %H:%M}")
    lines.append(f"Betreff: {header.subject}")
    if header.attachments:
        lines.append("Anlagen: " + "; ".join(name for name in header.attachments if name))
    return "\n".join([*lines, "", text])


def header_of(message: "Message[str, str]", attachments: tuple[str, ...]) -> MailHeader:
    """Return what the header of a parsed message says, decoded as far as it can be."""
    raw: dict[str, str] = {}
    for name, value in message.raw_items():
        raw.setdefault(name.lower(), str(value))

    def said(name: str) -> str:
        return _decoded(raw.get(name, ""))

    date = None
    try:
        date = parsedate_to_datetime(said("date")) if said("date") else None
    except (ValueError, TypeError, IndexError, OverflowError):
        date = None
    return MailHeader(said("from"), said("to"), said("subject"), date, said("message-id"), attachments)


@dataclass(slots=True)
class _Parts:
    """Texts and files of a message, collected in order."""

    unpacking: Unpacking
    bodies: list[str] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    spare: list[str] = field(default_factory=list)
    problem: Reason | None = None

    @property
    def text(self) -> str:
        """What the message says itself; the copy in Outlook's own container only where there is nothing else."""
        written = [body for body in self.bodies if body.strip()]
        return "\n\n".join(written or self.spare)

    def add_all(self, leaves: "Iterable[Message[str, str]]") -> None:
        """Add parts until one is too much."""
        try:
            for leaf in leaves:
                self._add(leaf)
        except TooLargeError:
            self.problem = Reason.TOO_LARGE
        except RecursionError:
            self.problem = self.problem or Reason.TOO_LARGE

    def _add(self, part: "Message[str, str]") -> None:
        kind = part.get_content_type()
        if kind == "multipart/encrypted":
            self.problem = Reason.ENCRYPTED
            return
        try:
            content, name = _content(part), _text(part.get_filename() or "")
        except _BROKEN:
            self.problem = self.problem or Reason.UNREADABLE
            return
        is_text = kind in ("text/plain", "text/html")
        if is_text and part.get_content_disposition() != "attachment" and not name:
            self._add_body(_as_text(part, content, kind))
        elif kind_of(content) is Kind.TNEF:
            self._add_container(content)
        elif content:
            if is_text and kind_of(content) is Kind.TEXT:
                content = _as_text(part, content, kind).encode("utf-8", "replace")
            self.unpacking.take(len(content))
            inline = part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"
            self.files.append(Attachment(name, content, inline))

    def _add_body(self, body: str) -> None:
        readable = _PGP_BLOCK.sub("", body)
        if readable != body:
            self.problem = Reason.ENCRYPTED
        self.bodies.append(readable)

    def _add_container(self, content: bytes) -> None:
        """Add what Outlook's own container holds: its attachments, and its text should there be no other."""
        from router.reading.tnef import open_tnef

        try:
            contents = open_tnef(content, self.unpacking)
        except TooLargeError:
            raise
        except DocumentError:
            self.problem = self.problem or Reason.UNREADABLE
            return
        self.spare.append(contents.text)
        self.files += contents.files
        self.problem = self.problem or contents.problem


def _parsed(data: bytes) -> "Message[str, str]":
    try:
        return BytesParser().parsebytes(data)
    except RecursionError:  # parts within parts within parts, hundreds of times: only the header is worth reading
        return BytesParser().parsebytes(data, headersonly=True)


def _leaves(message: "Message[str, str]") -> "Iterator[Message[str, str]]":
    """Yield the parts to read: of alternatives the plainest that says enough, attached messages whole."""
    kind = message.get_content_type()
    if kind in _SIGNATURES:
        return
    if kind == "multipart/encrypted" or message.get_content_maintype() != "multipart" or not message.is_multipart():
        yield message
        return
    children = [part for part in message.get_payload() if isinstance(part, Message)]
    if kind != "multipart/alternative":
        for child in children:
            yield from _leaves(child)
        return
    versions = [list(_leaves(child)) for child in children]
    chosen = _best(versions)
    for version in versions:
        # A scan may hang on the version that is left out.
        yield from version if version is chosen else (leaf for leaf in version if leaf.get_content_maintype() != "text")


def _best(versions: "list[list[Message[str, str]]]") -> "list[Message[str, str]] | None":
    """Return the plain version, unless another says much more or it is empty."""
    lengths = [sum(len(_body(leaf)) for leaf in version) for version in versions]
    longest = max(lengths, default=0)
    for version, length in zip(versions, lengths, strict=True):
        if any(leaf.get_content_type() == "text/plain" for leaf in version):
            enough = longest < 4 * length if length < _STUB_CHARACTERS else True
            if length and enough:
                return version
    return next((version for version, n in reversed(list(zip(versions, lengths, strict=True))) if n == longest), None)


def _body(leaf: "Message[str, str]") -> str:
    kind = leaf.get_content_type()
    if kind not in ("text/plain", "text/html"):
        return ""
    try:
        return _as_text(leaf, _content(leaf), kind).strip()
    except _BROKEN:
        return ""


def _content(part: "Message[str, str]") -> bytes:
    if part.get_content_maintype() == "message" and part.is_multipart():
        inner = [message for message in part.get_payload() if isinstance(message, Message)]
        content = b"\n".join(message.as_bytes(policy=_AS_SENT) for message in inner)
        # Forbidden, but sent: the message within was packed like any other file.
        if str(part.get("content-transfer-encoding", "")).strip().lower() == "base64":
            try:
                return base64.b64decode(content)
            except binascii.Error:
                return content
        return content
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _as_text(part: "Message[str, str]", content: bytes, kind: str) -> str:
    text = decode_as(content, part.get_content_charset())
    if kind == "text/html":
        return html_text.extract_text(text) if text.strip() else ""
    if str(part.get_param("format", "")).lower() == "flowed":
        return unflow(text, delete_space=str(part.get_param("delsp", "")).lower() == "yes")
    return text


def _decoded(raw: str) -> str:
    """Return a header's value on one line; bytes that have no business there are read as text all the same."""
    return _text(decode(raw[:_LONGEST_HEADER].encode("utf-8", "surrogateescape")))


def _text(value: str) -> str:
    """Return a value on one line with its encoded words (RFC 2047) read, without what only damaged mail holds."""
    with contextlib.suppress(ValueError, LookupError, email.errors.MessageError):
        value = "".join(_piece(piece, charset) for piece, charset in decode_header(value))
    return re.sub(r"\s+", " ", value.encode("utf-8", "replace").decode("utf-8", "replace")).replace("\0", "").strip()


def _piece(piece: str | bytes, charset: str | None) -> str:
    if isinstance(piece, str):
        return piece
    return decode_as(piece, charset) if charset else piece.decode("raw-unicode-escape", "replace")
