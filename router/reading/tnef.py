# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Outlook's own container for mails (winmail.dat, [MS-OXTNEF])."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from router.errors import TooLargeError, UnreadableError
from router.reading import mapi
from router.reading.charsets import decode_code_page
from router.reading.contents import Attachment, Contents, Unpacking
from router.records import PageSource, Reason

__all__ = ["open_tnef"]

_ATTRIBUTE = struct.Struct("<BHHI")
_CHECKSUM = 2
_BODY, _MESSAGE_PROPERTIES, _CODE_PAGE = 0x800C, 0x9003, 0x9007
_NEW_ATTACHMENT, _ATTACHMENT_DATA, _ATTACHMENT_NAME, _ATTACHMENT_PROPERTIES = 0x9002, 0x800F, 0x8010, 0x9005
_SEVERAL = 0x1000
_OBJECT, _CLASS_ID = 0x000D, 0x0048
_LONG = frozenset([0x001E, 0x001F, _OBJECT, 0x0102])
_INTERFACE = 16
_MOST_ATTRIBUTES = 20_000


def open_tnef(data: bytes, unpacking: Unpacking) -> Contents:
    """Take a container apart; it is part of a mail, whose header says who wrote it.

    A container that breaks off gives what stands before the break.

    Raises
    ------
    UnreadableError
        When nothing can be taken out.
    """
    container = _Container()
    try:
        for number, value in _attributes(data):
            container.add(number, value)
    except (struct.error, ValueError):
        container.problem = Reason.UNREADABLE
    files: list[Attachment] = []
    for attached in container.attachments:
        if content := attached.content:
            try:
                unpacking.take(len(content))
            except TooLargeError:
                container.problem = Reason.TOO_LARGE
                break
            files.append(Attachment(attached.name, content, mapi.is_inline(attached.properties)))
    text = container.text
    if container.problem and not text.strip() and not files:
        raise UnreadableError("the container is damaged")
    return Contents(text, PageSource.MAIL, files=tuple(files), problem=container.problem)


@dataclass(slots=True)
class _Attached:
    title: str = ""
    data: bytes = b""
    properties: dict[int, mapi.Value] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return mapi.file_name(self.properties) or self.title

    @property
    def content(self) -> bytes:
        within = self.properties.get(mapi.ATTACH_DATA)
        if self.data or not isinstance(within, bytes):
            return self.data
        # Of an object the first bytes say what it is; a message within is a container like this one.
        return within[_INTERFACE:]


@dataclass(slots=True)
class _Container:
    code_page: int | None = None
    body: bytes = b""
    properties: dict[int, mapi.Value] = field(default_factory=dict)
    attachments: list[_Attached] = field(default_factory=list)
    problem: Reason | None = None

    @property
    def text(self) -> str:
        return mapi.body_of(self.properties) or decode_code_page(self.body, self.code_page).rstrip("\0")

    def add(self, number: int, value: bytes) -> None:
        if number == _CODE_PAGE and len(value) >= 4:
            self.code_page = int.from_bytes(value[:4], "little")
        elif number == _BODY:
            self.body = value
        elif number == _MESSAGE_PROPERTIES:
            self.properties |= _properties(value, self.code_page)
        elif number == _NEW_ATTACHMENT:
            self.attachments.append(_Attached())
        elif self.attachments:
            self._describe(self.attachments[-1], number, value)

    def _describe(self, attached: _Attached, number: int, value: bytes) -> None:
        if number == _ATTACHMENT_DATA:
            attached.data = value
        elif number == _ATTACHMENT_NAME:
            attached.title = decode_code_page(value, self.code_page).rstrip("\0")
        elif number == _ATTACHMENT_PROPERTIES:
            attached.properties |= _properties(value, self.code_page)


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and value of what a container holds.

    Raises
    ------
    ValueError
        When it breaks off.
    """
    place = 6
    for _count in range(_MOST_ATTRIBUTES):
        rest = data[place : place + _ATTRIBUTE.size]
        if place <= len(data) and not rest.strip(b"\0\r\n ") and len(rest) < _ATTRIBUTE.size:
            return  # some programs fill up the last line
        _level, number, _kind, length = _ATTRIBUTE.unpack_from(data, place)
        place += _ATTRIBUTE.size
        if place + length > len(data):
            yield number, data[place:]
            raise ValueError("the container breaks off")
        yield number, data[place : place + length]
        place += length + _CHECKSUM
    raise ValueError("the container holds absurdly many attributes")


class _Reader:
    """Numbers and stretches of bytes, one after another."""

    def __init__(self, data: bytes) -> None:
        self._data, self._place = data, 0

    def number(self, size: int = 4) -> int:
        return int.from_bytes(self.stretch(size), "little")

    def stretch(self, size: int) -> bytes:
        """Return the next bytes; what follows begins at a multiple of four."""
        if self._place + size > len(self._data):
            raise ValueError("a property breaks off")
        found = self._data[self._place : self._place + size]
        self._place += size
        return found

    def padded(self, size: int) -> bytes:
        found = self.stretch(size)
        self._place = min(len(self._data), self._place + -size % 4)
        return found


def _properties(data: bytes, code_page: int | None) -> dict[int, mapi.Value]:
    """Return the properties of a list, as far as it goes."""
    found: dict[int, mapi.Value] = {}
    reader = _Reader(data)
    try:
        for _count in range(min(reader.number(), _MOST_ATTRIBUTES)):
            kind, number = reader.number(2), reader.number(2)
            if number >= 0x8000:
                _skip_name(reader)
            values = _values(reader, kind)
            if values and number in mapi.WANTED:
                found[number] = mapi.value_of(kind, values[0], code_page)
    except ValueError:
        return found
    return found


def _skip_name(reader: _Reader) -> None:
    """Skip the set and the name of a property that has no number of its own."""
    reader.stretch(16)
    if reader.number() == 0:
        reader.number()
    else:
        reader.padded(reader.number())


def _values(reader: _Reader, kind: int) -> list[bytes]:
    single = kind & ~_SEVERAL
    if single in _LONG:
        return [reader.padded(reader.number()) for _count in range(_counted(reader))]
    count = _counted(reader) if kind & _SEVERAL else 1
    size = 16 if single == _CLASS_ID else 8 if single in (0x0005, 0x0006, 0x0007, 0x0014, 0x0040) else 4
    return [reader.stretch(size) for _count in range(count)]


def _counted(reader: _Reader) -> int:
    count = reader.number()
    if count > _MOST_ATTRIBUTES:
        raise ValueError("absurdly many values")
    return count
