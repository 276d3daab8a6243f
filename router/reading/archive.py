# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""ZIP archives: bounded by what really comes out of them, not by what they say about themselves."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from router.errors import TooLargeError, UnreadableError
from router.reading.contents import Attachment, Contents, Unpacking
from router.records import Reason

__all__ = ["open_archive"]

_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    OSError,
    EOFError,
    ValueError,
    NotImplementedError,
    RuntimeError,
    LookupError,
)
"""What the standard library raises over damaged or unknown entries."""
_ENCRYPTED = 0x1
_SIZES_FOLLOW = 0x8
# What systems leave behind beside the files somebody meant.
_LEFTOVER = re.compile(r"(^|/)(__MACOSX/|\._|(Thumbs\.db|\.DS_Store|desktop\.ini)$)", re.IGNORECASE)
_COURT_MESSAGE = "xjustiz_nachricht.xml"
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_STORED, _DEFLATED = 0, 8
_CHUNK = 65536


def open_archive(data: bytes, unpacking: Unpacking) -> Contents:
    """Take an archive apart; its files come in natural order, a court's message first.

    What is encrypted or damaged is left out and told by ``problem``. Of an archive that breaks off everything
    before the break is read. Names are never used as paths.

    Raises
    ------
    UnreadableError
        When nothing can be taken out.
    """
    files: list[Attachment] = []
    problems: list[Reason] = []
    try:
        for name, content in _entries(data, unpacking):
            if isinstance(content, Reason):
                problems.append(content)
                continue
            unpacking.take(len(content))
            files.append(Attachment(name, content))
    except TooLargeError:
        problems.append(Reason.TOO_LARGE)
    if not files and not problems:
        raise UnreadableError("the archive is empty")
    problem = min(problems, key=[Reason.ENCRYPTED, Reason.TOO_LARGE, Reason.UNREADABLE].index, default=None)
    return Contents(files=tuple(files), problem=problem)


def _entries(data: bytes, unpacking: Unpacking) -> "Iterator[tuple[str, bytes | Reason]]":
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _BROKEN:
        yield from _salvaged(data, unpacking)
        return
    with archive:
        for entry in sorted(archive.infolist(), key=lambda entry: _order(entry.filename)):
            if entry.is_dir() or _LEFTOVER.search(entry.filename):
                continue
            if entry.flag_bits & _ENCRYPTED:
                yield entry.filename, Reason.ENCRYPTED
                continue
            try:
                with archive.open(entry) as stream:
                    yield entry.filename, _bounded(stream.read(unpacking.room() + 1), unpacking)
            except _BROKEN:
                yield entry.filename, Reason.UNREADABLE


def _bounded(content: bytes, unpacking: Unpacking) -> bytes:
    if len(content) > unpacking.room():
        raise TooLargeError("too many or too large attachments")
    return content


def _order(name: str) -> tuple[bool, list[tuple[int, str]]]:
    """Order as people do: 2 before 10; the court's message before its documents."""
    is_message = name.rsplit("/", 1)[-1].lower() == _COURT_MESSAGE
    pieces = re.split(r"(\d+)", name.lower())
    return not is_message, [(int(piece), "") if piece.isdecimal() else (0, piece) for piece in pieces]


def _salvaged(data: bytes, unpacking: Unpacking) -> "Iterator[tuple[str, bytes | Reason]]":
    """Yield the whole files of an archive without a directory, as a broken transfer leaves it."""
    place = 0
    while (place := data.find(b"PK\3\4", place)) >= 0 and place + _LOCAL.size <= len(data):
        head = _LOCAL.unpack_from(data, place)
        flags, method, packed, name_size, extra_size = head[2], head[3], head[7], head[9], head[10]
        start = place + _LOCAL.size + name_size + extra_size
        name = data[place + _LOCAL.size : place + _LOCAL.size + name_size].decode("utf-8", "replace")
        place += 4
        if flags & _ENCRYPTED:
            yield name, Reason.ENCRYPTED
        elif method == _STORED and not flags & _SIZES_FOLLOW and start + packed <= len(data):
            place = start + packed
            if packed and not _LEFTOVER.search(name):
                yield name, data[start:place]
        elif method == _DEFLATED and (unpacked := _inflated(data, start, unpacking)):
            place, content = unpacked
            if not _LEFTOVER.search(name):
                yield name, content
    yield "", Reason.UNREADABLE


def _inflated(data: bytes, start: int, unpacking: Unpacking) -> tuple[int, bytes] | None:
    """Return where a packed file ends and what it holds; nothing when it breaks off."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    pieces: list[bytes] = []
    size = 0
    for place in range(start, len(data), _CHUNK):
        try:
            piece = unpacker.decompress(data[place : place + _CHUNK], unpacking.room() - size + 1)
        except zlib.error:
            return None
        size += len(piece)
        if size > unpacking.room():
            raise TooLargeError("too many or too large attachments")
        pieces.append(piece)
        if unpacker.eof:
            return min(len(data), place + _CHUNK) - len(unpacker.unused_data), b"".join(pieces)
    return None
