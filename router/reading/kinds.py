# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Kind of a file by its content, never by its name."""

import io
import re
import zipfile
from enum import StrEnum

__all__ = ["IMAGES", "Kind", "kind_of", "media_type"]


class Kind(StrEnum):
    """Kinds of bytes the reader tells apart."""

    PDF = "pdf"
    TIFF = "tiff"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    HEIC = "heic"
    MAIL = "mail"
    OUTLOOK = "outlook"
    TNEF = "tnef"
    SIGNED = "signed"
    WORD = "word"
    OPEN_DOCUMENT = "open_document"
    OLD_WORD = "old_word"
    RTF = "rtf"
    XJUSTIZ = "xjustiz"
    ZIP = "zip"
    TEXT = "text"
    LOCKED = "locked"
    EMPTY = "empty"
    UNKNOWN = "unknown"


_MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.TIFF: "image/tiff",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.WEBP: "image/webp",
    Kind.HEIC: "image/heic",
    Kind.MAIL: "message/rfc822",
    Kind.OUTLOOK: "application/vnd.ms-outlook",
    Kind.TNEF: "application/vnd.ms-tnef",
    Kind.SIGNED: "application/pkcs7-mime",
    Kind.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.OPEN_DOCUMENT: "application/vnd.oasis.opendocument.text",
    Kind.OLD_WORD: "application/msword",
    Kind.RTF: "application/rtf",
    Kind.XJUSTIZ: "application/xml",
    Kind.ZIP: "application/zip",
    Kind.LOCKED: "application/octet-stream",
    Kind.TEXT: "text/plain",
    Kind.EMPTY: "application/x-empty",
    Kind.UNKNOWN: "application/octet-stream",
}
# A mail starts with header fields; at least one of these stands among the first of them.
_HEADER_FIELD = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]?[^\r\n]*(\r?\n[ \t][^\r\n]*)*\r?\n")
_MAIL_FIELDS = {b"from", b"to", b"subject", b"date", b"received", b"message-id", b"return-path", b"mime-version"}
_MAIL_HEADER = 65536
_MBOX_LINE = re.compile(rb"^From [^\r\n]*\r?\n")


def media_type(kind: Kind) -> str:
    """Return the registered media type of `kind`."""
    return _MEDIA_TYPES[kind]


IMAGES = frozenset([Kind.TIFF, Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.HEIC])
"""Pictures of pages."""

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_XJUSTIZ_ROOT = re.compile(rb"<(?:[\w.-]+:)?nachricht\.[\w.-]+[^>]*xjustiz", re.IGNORECASE)


def kind_of(data: bytes) -> Kind:
    """Tell what `data` is by its content.

    Anything without control characters that decodes as text counts as text. Containers are looked into only as far
    as their directory.
    """
    head = data[:1024]
    if not data.strip(b"\0 \t\r\n"):
        return Kind.EMPTY
    return _by_signature(data, head) or _by_text(data, head)


def _by_signature(data: bytes, head: bytes) -> Kind | None:
    if head[:5] == b"%PDF-":
        return Kind.PDF
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
        return Kind.TIFF
    if head[:3] == b"\xff\xd8\xff":
        return Kind.JPEG
    if head[:8] == b"\x89PNG\r\n\x1a\n":
        return Kind.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Kind.WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS:
        return Kind.HEIC
    if head[:4] in (b"PK\3\4", b"PK\5\6"):
        return _in_archive(data)
    if head[:8] == _OLE:
        return _in_compound_file(data)
    if head[:4] == b"\x78\x9f\x3e\x22":
        return Kind.TNEF
    if head[:5] == b"{\\rtf":
        return Kind.RTF
    if head.lstrip(b"\r\n ").startswith(b"-----BEGIN PGP MESSAGE-----"):
        return Kind.LOCKED
    return Kind.SIGNED if _is_signed(head) else None


def _by_text(data: bytes, head: bytes) -> Kind:
    if _is_mail(data):
        return Kind.MAIL
    if b"%PDF-" in head:  # some programs write something of their own before it
        return Kind.PDF
    if not _is_text(data):
        return Kind.UNKNOWN
    return Kind.XJUSTIZ if _is_court_message(data) else Kind.TEXT


def _in_archive(data: bytes) -> Kind:
    """Tell an office document from an archive by the names in its directory."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist()[:5000])
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                declared = archive.read("mimetype")
                if declared.startswith(b"application/vnd.oasis.opendocument"):
                    return Kind.OPEN_DOCUMENT if b"opendocument.text" in declared else Kind.UNKNOWN
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, KeyError, EOFError):
        return Kind.ZIP
    if "[Content_Types].xml" in names:
        return Kind.WORD if any(name.startswith("word/") for name in names) else Kind.UNKNOWN
    return Kind.ZIP


def _in_compound_file(data: bytes) -> Kind:
    """Tell the kinds of Microsoft's compound files by the names of their streams, which stand in UTF-16."""
    if "__properties_version1.0".encode("utf-16-le") in data:
        return Kind.OUTLOOK
    if "EncryptedPackage".encode("utf-16-le") in data:
        return Kind.LOCKED
    return Kind.OLD_WORD if "WordDocument".encode("utf-16-le") in data else Kind.UNKNOWN


def _is_signed(head: bytes) -> bool:
    """Tell a CMS container (RFC 5652) by its object identifiers of signed or enveloped data."""
    return head[:1] == b"\x30" and b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07" in head[:32]


def _is_court_message(data: bytes) -> bool:
    return _XJUSTIZ_ROOT.search(data[:8192]) is not None


def _is_mail(data: bytes) -> bool:
    start = data[:_MAIL_HEADER].lstrip(b"\r\n\xef\xbb\xbf")
    start = _MBOX_LINE.sub(b"", start)
    seen: set[bytes] = set()
    place = 0
    while match := _HEADER_FIELD.match(start, place):
        seen.add(match[0].split(b":", 1)[0].lower())
        place = match.end()
    return len(seen & _MAIL_FIELDS) >= 2 and bool(seen & {b"from", b"received", b"return-path", b"message-id"})


def _is_text(data: bytes) -> bool:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    sample = data[:65536]
    control = sum(byte < 32 and byte not in (9, 10, 12, 13) for byte in sample)
    return control <= len(sample) // 500
