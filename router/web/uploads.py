# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Bytes from the network, with limits that hold before and while they arrive."""

import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from router.errors import TooLargeError, UnsupportedError, UsageError
from router.texts import _

__all__ = ["Arrived", "read_body", "read_files"]

MIB = 2**20
_ENVELOPE_BYTES = 64 * 1024
"""Room for the headers and other fields of a multipart body beside the files."""
_FILES = 200
_DISCARD_SECONDS = 20.0
_DISCARD_BYTES = 2**30


@dataclass(frozen=True)
class Arrived:
    """A file as it came.

    Attributes
    ----------
    name
        As the sender called it; never used as a path.
    """

    name: str
    data: bytes


async def read_files(
    request: Request, max_mib: int, *, total_mib: int | None = None, field: str = "file"
) -> list[Arrived]:
    """Return the files of a multipart body.

    Parameters
    ----------
    request
        Its body is read; files beyond 1 MiB wait in unnamed temporary files, not in memory.
    max_mib
        Largest file.
    total_mib
        Largest body; by default that of one file.
    field
        Form field of the files.

    Raises
    ------
    TooLargeError
        As soon as the declared or the real length is too much.
    UsageError
        When the body is no multipart body, or has no file.
    """
    limit = (total_mib or max_mib) * MIB + _ENVELOPE_BYTES
    stream = await _bounded(request, limit, max_mib)
    try:
        form = await MultiPartParser(request.headers, stream, max_files=_FILES, max_fields=20).parse()
    except (MultiPartException, KeyError) as error:
        raise UsageError(
            _("The form can't be read"), remedy=_("send multipart/form-data with the field {name}").format(name=field)
        ) from error
    files: list[Arrived] = []
    try:
        for name, value in form.multi_items():
            # A form sent without a choice has one file without name and bytes.
            if name == field and isinstance(value, UploadFile) and (value.filename or value.size):
                if (value.size or 0) > max_mib * MIB:
                    raise _too_large(max_mib)
                files.append(Arrived(value.filename or "", await value.read()))
    finally:
        await form.close()
    if not files:
        raise UsageError(_("No file was sent"), remedy=_("choose at least one file"))
    return files


async def read_body(request: Request, max_mib: int) -> bytes:
    """Return the body of a request that is the item itself.

    Raises
    ------
    TooLargeError
        As soon as the declared or the real length is too much.
    UnsupportedError
        When the body is compressed.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedError(_("Compressed bodies are not read"), remedy=_("send the bytes as they are"))
    pieces = [chunk async for chunk in await _bounded(request, max_mib * MIB, max_mib)]
    return b"".join(pieces)


async def _bounded(request: Request, limit: int, max_mib: int) -> AsyncGenerator[bytes, None]:
    declared = request.headers.get("content-length")
    if declared is not None and declared.isdigit() and int(declared) > limit:
        # Who asked with Expect: 100-continue has sent nothing yet and needs no patience.
        if "100-continue" not in request.headers.get("expect", "").lower():
            await _discard(request.stream())
        raise _too_large(max_mib)

    async def counted() -> AsyncGenerator[bytes, None]:
        seen = 0
        stream = request.stream()
        async for chunk in stream:
            seen += len(chunk)
            if seen > limit:
                await _discard(stream)
                raise _too_large(max_mib)
            yield chunk

    return counted()


async def _discard(stream: AsyncGenerator[bytes, None]) -> None:
    """Read on for a while without keeping anything.

    A server that answers and closes while the sender still sends cuts the connection before the answer is
    read; web servers call this a lingering close.
    """
    until = time.monotonic() + _DISCARD_SECONDS
    seen = 0
    async for chunk in stream:
        seen += len(chunk)
        if seen > _DISCARD_BYTES or time.monotonic() > until:
            return


def _too_large(max_mib: int) -> TooLargeError:
    what = _("Larger than {count} MiB, the most this office accepts").format(count=max_mib)
    return TooLargeError(what, remedy=_("split it, or scan it with a lower resolution"))
