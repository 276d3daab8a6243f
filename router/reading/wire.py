# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What reader and child process say to each other: frames of a header and bytes, no pickles.

A reader that a hostile file has taken over can send wrong words, but nothing that is executed here.
"""

import struct
from typing import Annotated, BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from router.records import Page, Reading, Reason

__all__ = [
    "Answer",
    "Failure",
    "PagesRequest",
    "ReadRequest",
    "RenderRequest",
    "Request",
    "decode_answer",
    "decode_request",
    "receive",
    "send",
]

_HEADER = struct.Struct(">II")
_MAX_FRAME = 2**31


class ReadRequest(BaseModel):
    """Read the item whose bytes follow."""

    model_config = ConfigDict(frozen=True)
    do: Literal["read"] = "read"
    threads: int = 1
    first_pages: bool = False


class PagesRequest(BaseModel):
    """Read those pages of the item whose bytes follow that were left for later."""

    model_config = ConfigDict(frozen=True)
    do: Literal["pages"] = "pages"
    numbers: frozenset[int]
    threads: int = 1


class RenderRequest(BaseModel):
    """Show one page of the item whose bytes follow."""

    model_config = ConfigDict(frozen=True)
    do: Literal["render"] = "render"
    page: int
    dpi: int = 110
    rotation: int = 0


Request = Annotated[ReadRequest | PagesRequest | RenderRequest, Field(discriminator="do")]


class Failure(BaseModel):
    """The child could not do it; ``code`` is the code of an error class."""

    model_config = ConfigDict(frozen=True)
    code: str
    what: str
    remedy: str | None = None


class Answer(BaseModel):
    """A reading, or pages, or the picture that follows as bytes, or a failure."""

    model_config = ConfigDict(frozen=True)
    reading: Reading | None = None
    pages: tuple[Page, ...] | None = None
    problems: tuple[Reason, ...] = ()
    failure: Failure | None = None


_request: TypeAdapter[ReadRequest | PagesRequest | RenderRequest] = TypeAdapter(Request)
_answer: TypeAdapter[Answer] = TypeAdapter(Answer)


def decode_request(head: bytes) -> ReadRequest | PagesRequest | RenderRequest:
    """Return the request a frame's head holds."""
    return _request.validate_json(head)


def decode_answer(head: bytes) -> Answer:
    """Return the answer a frame's head holds.

    Raises
    ------
    pydantic.ValidationError
        When the child sent anything else.
    """
    return _answer.validate_json(head)


def send(stream: BinaryIO, head: BaseModel, body: bytes = b"") -> None:
    """Write one frame."""
    encoded = head.model_dump_json().encode()
    stream.write(_HEADER.pack(len(encoded), len(body)))
    stream.write(encoded)
    stream.write(body)
    stream.flush()


def receive(stream: BinaryIO) -> tuple[bytes, bytes] | None:
    """Read one frame's head and body; ``None`` at the end of the stream."""
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    head_length, body_length = _HEADER.unpack(header)
    if head_length + body_length > _MAX_FRAME:
        raise EOFError("a frame larger than any answer")
    head, body = stream.read(head_length), stream.read(body_length)
    if len(head) + len(body) < head_length + body_length:
        raise EOFError("the other side closed in the middle of a frame")
    return head, body
