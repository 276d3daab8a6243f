# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters as Outlook saves and sends them: .msg files and winmail.dat."""

import datetime as dt
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

__all__ = ["SavedFile", "SavedMessage", "as_tnef", "compound_file"]

Tree = Mapping[str, "bytes | Tree"]
"""A compound file: streams and storages by name."""

_SECTOR, _SMALL_SECTOR, _SMALL = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_UNICODE, _BINARY, _NUMBER, _TIME, _OBJECT = 0x001F, 0x0102, 0x0003, 0x0040, 0x000D
_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class SavedFile:
    """An attachment: bytes, or a message."""

    name: str
    content: "bytes | SavedMessage"
    content_id: str = ""


@dataclass(frozen=True)
class SavedMessage:
    """A message with its properties.

    Attributes
    ----------
    html, rtf
        Other forms of the body; ``rtf`` is compressed already.
    header
        Internet header, if the message came from outside.
    """

    sender: str = ""
    address: str = ""
    recipient: str = ""
    subject: str = ""
    body: str = ""
    html: bytes = b""
    rtf: bytes = b""
    header: str = ""
    sent: dt.datetime | None = None
    files: Sequence[SavedFile] = field(default=())

    def as_msg(self) -> bytes:
        """Return the message as a .msg file ([MS-OXMSG])."""
        return compound_file(self._storage(32))

    def _storage(self, offset: int) -> Tree:
        tree: dict[str, bytes | Tree] = {"__nameid_version1.0": {"__substg1.0_00020102": b"\0" * 16}}
        tree |= _storage_of(self.properties(), offset)
        recipient: list[tuple[int, int, bytes]] = [
            (0x3001, _UNICODE, _text(self.recipient)),
            (0x39FE, _UNICODE, _text(self.recipient)),
            (0x0C15, _NUMBER, struct.pack("<I", 1)),
        ]
        tree["__recip_version1.0_#00000000"] = _storage_of(recipient, 8)
        for number, file in enumerate(self.files):
            described = _described(file)
            if isinstance(file.content, bytes):
                described.append((0x3701, _BINARY, file.content))
            storage = _storage_of(described, 8)
            if isinstance(file.content, SavedMessage):
                storage["__substg1.0_3701000D"] = file.content._storage(24)
            tree[f"__attach_version1.0_#{number:08X}"] = storage
        return tree

    def properties(self) -> list[tuple[int, int, bytes]]:
        """Return number, type and value of what says something about the message."""
        found = [
            (0x0C1A, _UNICODE, _text(self.sender)),
            (0x5D01, _UNICODE, _text(self.address)),
            (0x0E04, _UNICODE, _text(self.recipient)),
            (0x0037, _UNICODE, _text(self.subject)),
            (0x1000, _UNICODE, _text(self.body)),
            (0x1013, _BINARY, self.html),
            (0x1009, _BINARY, self.rtf),
            (0x007D, _UNICODE, _text(self.header)),
        ]
        found = [entry for entry in found if entry[2]]
        if self.html:
            found.append((0x3FDE, _NUMBER, struct.pack("<I", 65001)))
        if self.sent:
            ticks = (self.sent - _EPOCH) // dt.timedelta(microseconds=1) * 10
            found.append((0x0039, _TIME, struct.pack("<Q", ticks)))
        return found


def _described(file: SavedFile) -> list[tuple[int, int, bytes]]:
    described = [(0x3707, _UNICODE, _text(file.name)), (0x3712, _UNICODE, _text(file.content_id))]
    return [entry for entry in described if entry[2]]


def _text(text: str) -> bytes:
    return text.encode("utf-16-le")


def _storage_of(properties: Sequence[tuple[int, int, bytes]], offset: int) -> "dict[str, bytes | Tree]":
    tree: dict[str, bytes | Tree] = {}
    entries = b"\0" * offset
    for number, kind, value in properties:
        if kind in (_NUMBER, _TIME):
            entries += struct.pack("<HHI", kind, number, 6) + value.ljust(8, b"\0")
        else:
            tree[f"__substg1.0_{number:04X}{kind:04X}"] = value
            entries += struct.pack("<HHIII", kind, number, 6, len(value) + (2 if kind == _UNICODE else 0), 0)
    tree["__properties_version1.0"] = entries
    return tree


def as_tnef(message: SavedMessage) -> bytes:
    """Return a message as winmail.dat ([MS-OXTNEF]); sender and recipient stand in the mail around it."""
    written = [
        _attribute(1, 0x9006, 8, struct.pack("<I", 0x10000)),
        _attribute(1, 0x9007, 6, struct.pack("<II", 1252, 0)),
    ]
    written.append(_attribute(1, 0x9003, 6, _property_list(message.properties())))
    for file in message.files:
        written.append(_attribute(2, 0x9002, 6, b"\x01\0" + b"\xff" * 4 + b"\0" * 8))
        described = _described(file)
        if isinstance(file.content, bytes):
            written.append(_attribute(2, 0x800F, 6, file.content))
        else:
            interface = bytes.fromhex("0703020000000000c000000000000046")
            described.append((0x3701, _OBJECT, interface + as_tnef(file.content)))
        written.append(_attribute(2, 0x9005, 6, _property_list(described)))
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(written)


def _attribute(level: int, number: int, kind: int, value: bytes) -> bytes:
    return struct.pack("<BHHI", level, number, kind, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def _property_list(properties: Sequence[tuple[int, int, bytes]]) -> bytes:
    written = struct.pack("<I", len(properties))
    for number, kind, value in properties:
        written += struct.pack("<HH", kind, number)
        if kind in (_NUMBER, _TIME):
            written += value
        else:
            written += struct.pack("<II", 1, len(value)) + value + b"\0" * (-len(value) % 4)
    return written


def compound_file(tree: Tree) -> bytes:
    """Return streams and storages as a compound file ([MS-CFB], version 3)."""
    return _CompoundFile().written(tree)


@dataclass
class _CompoundFile:
    entries: list[bytearray] = field(default_factory=list)
    small: bytearray = field(default_factory=bytearray)
    small_chain: list[int] = field(default_factory=list)
    large: bytearray = field(default_factory=bytearray)
    chain: list[int] = field(default_factory=list)

    def written(self, tree: Tree) -> bytes:
        root = self._entry("Root Entry", 5)
        self._add_children(root, tree)
        struct.pack_into("<II", self.entries[root], 116, self._store(bytes(self.small)), len(self.small))
        while len(self.entries) % 4:
            self.entries.append(bytearray(128))
        directory = self._store(b"".join(self.entries))
        small_table = self._store(struct.pack(f"<{len(self.small_chain)}I", *self.small_chain))
        tables = 1
        while tables * _SECTOR // 4 < len(self.chain) + tables:
            tables += 1
        first_table = len(self.chain)
        self.chain += [_FAT] * tables
        self.chain += [_FREE] * (tables * _SECTOR // 4 - len(self.chain))
        table = struct.pack(f"<{len(self.chain)}I", *self.chain)
        head = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
        small_count = -(-len(self.small_chain) * 4 // _SECTOR)
        head += struct.pack("<IIIIIIIII", 0, tables, directory, 0, _SMALL, small_table, small_count, _END, 0)
        places = [first_table + number for number in range(tables)] + [_FREE] * (109 - tables)
        return head + struct.pack("<109I", *places) + bytes(self.large) + table

    def _add_children(self, parent: int, tree: Tree) -> None:
        numbers = []
        for name in sorted(tree, key=lambda name: (len(name), name.upper())):
            content = tree[name]
            if isinstance(content, bytes):
                number = self._entry(name, 2)
                start = self._store_small(content) if len(content) < _SMALL else self._store(content)
                struct.pack_into("<II", self.entries[number], 116, start, len(content))
            else:
                number = self._entry(name, 1)
                self._add_children(number, content)
            numbers.append(number)
        struct.pack_into("<I", self.entries[parent], 76, self._balanced(numbers))

    def _balanced(self, numbers: list[int]) -> int:
        """Link siblings as a search tree and return its top."""
        if not numbers:
            return _FREE
        middle = len(numbers) // 2
        left, right = self._balanced(numbers[:middle]), self._balanced(numbers[middle + 1 :])
        struct.pack_into("<II", self.entries[numbers[middle]], 68, left, right)
        return numbers[middle]

    def _entry(self, name: str, kind: int) -> int:
        encoded = name.encode("utf-16-le")
        entry = bytearray(128)
        entry[: len(encoded)] = encoded
        struct.pack_into("<HBBIII", entry, 64, len(encoded) + 2, kind, 1, _FREE, _FREE, _FREE)
        self.entries.append(entry)
        return len(self.entries) - 1

    def _store(self, content: bytes) -> int:
        if not content:
            return _END
        first, count = len(self.chain), -(-len(content) // _SECTOR)
        self.chain += [*range(first + 1, first + count), _END]
        self.large += content.ljust(count * _SECTOR, b"\0")
        return first

    def _store_small(self, content: bytes) -> int:
        if not content:
            return _END
        first, count = len(self.small_chain), -(-len(content) // _SMALL_SECTOR)
        self.small_chain += [*range(first + 1, first + count), _END]
        self.small += content.ljust(count * _SMALL_SECTOR, b"\0")
        return first
