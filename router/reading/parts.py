# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""An item taken apart into files with pages of their own, in reading order."""

from collections.abc import Iterator
from dataclasses import dataclass

from router.errors import DocumentError, EncryptedError, TooLargeError, UnreadableError
from router.reading import images, mail, plain
from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.pdf import PdfFile
from router.records import MailHeader, Page, PageSource, Reason

__all__ = ["Part", "reason_of", "take_apart"]


@dataclass(frozen=True, slots=True)
class Part:
    """A file with pages: the item itself, a mail's body, or an attachment.

    Attributes
    ----------
    kind
        What it is.
    data
        Its bytes; empty for a body, which has ``pages`` instead.
    first
        Number of its first page in the item.
    page_count
        How many pages it has; more than are read when it is over the limit.
    pages
        Pages of a text, laid out already.
    header
        Of a mail's body.
    problem
        Why it can't be read, if so.
    """

    kind: Kind
    data: bytes
    first: int
    page_count: int
    pages: tuple[Page, ...] = ()
    header: MailHeader | None = None
    problem: Reason | None = None


def take_apart(data: bytes, limits: Limits, *, first: int = 1, depth: int = 0) -> Iterator[Part]:
    """Yield the parts of an item; pages are numbered through.

    A part that can't be read is yielded with its problem and takes no page number.
    """
    kind = kind_of(data)
    try:
        if len(data) > limits.max_bytes:
            raise TooLargeError("too many bytes")
        if kind is Kind.MAIL:
            yield from _mail(data, limits, first, depth)
        elif kind is Kind.TEXT:
            pages = plain.lay_out(plain.decode(data), first=first, source=PageSource.TEXT, limits=limits)
            yield Part(kind, b"", first, len(pages), tuple(pages))
        elif kind is Kind.PDF:
            file = PdfFile(data, limits)
            count = len(file)
            file.close()
            yield Part(kind, data, first, count)
        elif kind in (Kind.TIFF, Kind.JPEG, Kind.PNG):
            yield Part(kind, data, first, images.count_pages(data))
        else:
            raise UnreadableError("empty or of an unknown kind")
    except DocumentError as error:
        yield Part(kind, b"", first, 0, problem=reason_of(error))


def reason_of(error: DocumentError) -> Reason:
    """Return why a letter with such a part goes to a person."""
    if isinstance(error, EncryptedError):
        return Reason.ENCRYPTED
    return Reason.TOO_LARGE if isinstance(error, TooLargeError) else Reason.UNREADABLE


def _mail(data: bytes, limits: Limits, first: int, depth: int) -> Iterator[Part]:
    message = mail.parse(data, limits)
    pages = plain.lay_out(_as_read(message), first=first, source=PageSource.MAIL, limits=limits)
    problem = Reason.TOO_LARGE if message.truncated else None
    yield Part(Kind.MAIL, b"", first, len(pages), tuple(pages), message.header, problem)
    following = first + len(pages)
    if depth + 1 >= limits.max_nesting:
        return
    for attachment in message.attachments:
        for part in take_apart(attachment.data, limits, first=following, depth=depth + 1):
            following += part.page_count
            yield part


def _as_read(message: mail.Mail) -> str:
    """Return header and body the way a person reads a printed mail."""
    header = message.header
    lines = [f"Von: {header.sender}", f"An: {header.recipients}"]
    if header.date:
        lines.append(f"Datum: {header.date:%d.%m.%Y %H:%M}")
    lines.append(f"Betreff: {header.subject}")
    if header.attachments:
        lines.append("Anlagen: " + "; ".join(name for name in header.attachments if name))
    return "\n".join([*lines, "", message.text])
