# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Kind of a file by its content, never by its name."""

import re
from enum import StrEnum

__all__ = ["Kind", "kind_of", "media_type"]


class Kind(StrEnum):
    """Kinds of bytes the reader tells apart."""

    PDF = "pdf"
    TIFF = "tiff"
    JPEG = "jpeg"
    PNG = "png"
    MAIL = "mail"
    TEXT = "text"
    EMPTY = "empty"
    UNKNOWN = "unknown"


_MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.TIFF: "image/tiff",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.MAIL: "message/rfc822",
    Kind.TEXT: "text/plain",
    Kind.EMPTY: "application/x-empty",
    Kind.UNKNOWN: "application/octet-stream",
}
# A mail starts with header fields; at least one of these stands among the first of them.
_HEADER_FIELD = re.compile(rb"^[A-Za-z][A-Za-z0-9-]*:[ \t]?[^\r\n]*(\r?\n[ \t][^\r\n]*)*\r?\n")
_MAIL_FIELDS = {b"from", b"to", b"subject", b"date", b"received", b"message-id", b"return-path", b"mime-version"}
_MBOX_LINE = re.compile(rb"^From [^\r\n]*\r?\n")


def media_type(kind: Kind) -> str:
    """Return the registered media type of `kind`."""
    return _MEDIA_TYPES[kind]


def kind_of(data: bytes) -> Kind:
    """Tell what `data` is by its first bytes.

    Anything without control characters that decodes as text counts as text; ZIP files, Office files and the
    like are unknown.
    """
    if not data.strip(b"\0 \t\r\n"):
        return Kind.EMPTY
    head = data[:1024]
    if b"%PDF-" in head:
        return Kind.PDF
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return Kind.TIFF
    if head[:3] == b"\xff\xd8\xff":
        return Kind.JPEG
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return Kind.PNG
    if _is_mail(data):
        return Kind.MAIL
    return Kind.TEXT if _is_text(data) else Kind.UNKNOWN


def _is_mail(data: bytes) -> bool:
    start = data[:8192].lstrip(b"\r\n\xef\xbb\xbf")
    start = _MBOX_LINE.sub(b"", start)
    seen: set[bytes] = set()
    while match := _HEADER_FIELD.match(start):
        seen.add(match[0].split(b":", 1)[0].lower())
        start = start[match.end() :]
    return len(seen & _MAIL_FIELDS) >= 2 and bool(seen & {b"from", b"received", b"return-path", b"message-id"})


def _is_text(data: bytes) -> bool:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    sample = data[:65536]
    control = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in sample)
    return control <= len(sample) // 500
