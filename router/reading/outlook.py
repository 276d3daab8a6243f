# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Messages saved by Outlook (.msg, [MS-OXMSG]): properties in the streams of a compound file."""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import olefile

from router.errors import TooLargeError, UnreadableError
from router.reading import mapi
from router.reading.contents import Attachment, Contents, Unpacking
from router.reading.mail import as_read
from router.records import MailHeader, PageSource, Reason

__all__ = ["open_outlook"]

_PROPERTIES = "__properties_version1.0"
_ATTACHMENT, _RECIPIENT = "__attach_version1.0_#", "__recip_version1.0_#"
_VALUE = re.compile(r"__substg1\.0_([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})")
_EMBEDDED = "__substg1.0_3701000D"
_ENTRY = 16
# Bytes before the first entry of a properties stream: of the message itself, of one within, of anything else.
_TOP, _WITHIN, _OTHER = 32, 24, 8
_LARGEST_STREAM_OF_ENTRIES = 2**20
_MOST_STREAMS = 5000

Path = tuple[str, ...]


def open_outlook(data: bytes, unpacking: Unpacking) -> Contents:
    """Take a saved message apart; messages attached to it follow it on pages of their own.

    Raises
    ------
    UnreadableError
        When its compound file is damaged.
    """
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as file:
            return _Message(file, unpacking).contents()
    except (OSError, ValueError, IndexError, RecursionError) as error:
        raise UnreadableError("the saved message is damaged") from error


@dataclass(slots=True)
class _Message:
    file: olefile.OleFileIO
    unpacking: Unpacking
    texts: list[str] = field(default_factory=list)
    files: list[Attachment] = field(default_factory=list)
    problem: Reason | None = None

    def contents(self) -> Contents:
        header = self._take((), _TOP, 0)
        # A form feed starts a new page.
        text = "\f".join(self.texts)
        return Contents(text, PageSource.MAIL, header, files=tuple(self.files), problem=self.problem)

    def _take(self, path: Path, offset: int, depth: int) -> MailHeader:
        """Collect text and files of the message at `path`, then those of the messages attached to it."""
        properties = self._properties(path, offset)
        children = self._children(path)
        within: list[Path] = []
        names: list[str] = []
        for child in children:
            if not child.startswith(_ATTACHMENT):
                continue
            place = (*path, child)
            described = self._properties(place, _OTHER)
            names.append(mapi.file_name(described))
            if _EMBEDDED in self._children(place):
                within.append((*place, _EMBEDDED))
            elif not self._add_file(described, names[-1]):
                break
        header = mapi.header_from(properties, self._recipients(path, children), tuple(names))
        self.texts.append(as_read(header, mapi.body_of(properties)))
        for place in within:
            if depth + 1 >= self.unpacking.limits.max_nesting:
                self.problem = Reason.TOO_LARGE
                break
            self._take(place, _WITHIN, depth + 1)
        return header

    def _add_file(self, described: mapi.Properties, name: str) -> bool:
        data = described.get(mapi.ATTACH_DATA)
        if not isinstance(data, bytes) or not data:
            return True
        try:
            self.unpacking.take(len(data))
        except TooLargeError:
            self.problem = Reason.TOO_LARGE
            return False
        self.files.append(Attachment(name, data, mapi.is_inline(described)))
        return True

    def _recipients(self, path: Path, children: list[str]) -> str:
        return mapi.recipient_list(
            self._properties((*path, child), _OTHER) for child in children if child.startswith(_RECIPIENT)
        )

    def _properties(self, path: Path, offset: int) -> dict[int, mapi.Value]:
        """Return the properties of a storage: short ones stand in one stream, longer ones have their own."""
        short: list[tuple[int, int, bytes]] = []
        entries = self._stream((*path, _PROPERTIES))[offset:_LARGEST_STREAM_OF_ENTRIES]
        for start in range(0, len(entries) - _ENTRY + 1, _ENTRY):
            kind, number = struct.unpack_from("<HH", entries, start)
            if number in mapi.WANTED and kind in mapi.FIXED:
                short.append((number, kind, entries[start + 8 : start + _ENTRY]))
        found = {number: mapi.value_of(kind, value, None) for number, kind, value in short}
        page = found.get(mapi.MESSAGE_CODE_PAGE, found.get(mapi.INTERNET_CODE_PAGE))
        for number, kind, name in self._streams(path):
            found[number] = mapi.value_of(kind, self._stream((*path, name)), page if isinstance(page, int) else None)
        return found

    def _streams(self, path: Path) -> Iterator[tuple[int, int, str]]:
        """Yield number, type and name of the properties of a storage that have a stream of their own."""
        for name in self._children(path):
            if match := _VALUE.fullmatch(name):
                number, kind = int(match[1], 16), int(match[2], 16)
                if number in mapi.WANTED:
                    yield number, kind, name

    def _children(self, path: Path) -> list[str]:
        node = self.file.root
        for name in path:
            node = node.kids_dict.get(name.lower()) if node is not None else None
        return sorted(kid.name for kid in node.kids[:_MOST_STREAMS]) if node is not None else []

    def _stream(self, path: Path) -> bytes:
        try:
            with self.file.openstream(list(path)) as stream:
                return bytes(stream.read())
        except (OSError, ValueError, IndexError):
            return b""
