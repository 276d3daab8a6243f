# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""An item taken apart into files with pages of their own, in reading order."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from router.errors import (
    DependencyError,
    DocumentError,
    EncryptedError,
    TemporaryError,
    TooLargeError,
    UnreadableError,
)
from router.reading import images, plain
from router.reading.contents import Contents, Unpacking
from router.reading.kinds import IMAGES, Kind, kind_of
from router.reading.limits import Limits
from router.reading.pdf import PdfFile, attachments_of
from router.records import CourtMessage, MailHeader, Page, PageSource, Reason

__all__ = ["Part", "parts_of", "reason_of"]

# Pictures in the text of a mail that are smaller than this are logos and buttons, never a scanned letter.
_INLINE_PIXELS = 500_000
# Their pages come out as another file, which nests nothing deeper.
_CONVERTED = frozenset([Kind.WORD, Kind.OPEN_DOCUMENT, Kind.OLD_WORD, Kind.RTF])


@dataclass(frozen=True, slots=True)
class Part:
    """A file with pages: the item itself, a mail's body, or an attachment.

    Attributes
    ----------
    kind
        What it is.
    data
        Its bytes; empty for a text, which has ``pages`` instead.
    first
        Number of its first page in the item.
    page_count
        How many pages it has; more than are read when it is over the limit.
    pages
        Pages of a text, laid out already.
    header, court
        Of a mail, of a court's message.
    problem
        Why it, or some of it, can't be read, if so.
    """

    kind: Kind
    data: bytes
    first: int
    page_count: int
    pages: tuple[Page, ...] = ()
    header: MailHeader | None = None
    court: CourtMessage | None = None
    problem: Reason | None = None


# A person turns the pages of one letter; unpacking it anew for every picture would cost more than the picture.
@lru_cache(maxsize=1)
def parts_of(data: bytes, limits: Limits) -> tuple[Part, ...]:
    """Return the parts of an item; pages are numbered through.

    A part that can't be read stands there with its problem and takes no page number.
    """
    return tuple(_taken_apart(data, Unpacking(limits), 1, 0))


def reason_of(error: Exception) -> Reason:
    """Return why a letter with such a part goes to a person.

    Raises
    ------
    TemporaryError, DependencyError
        The error itself, when it does not lie in the item.
    """
    if isinstance(error, TemporaryError | DependencyError):
        raise error
    if isinstance(error, EncryptedError):
        return Reason.ENCRYPTED
    return Reason.TOO_LARGE if isinstance(error, TooLargeError | MemoryError) else Reason.UNREADABLE


def _taken_apart(data: bytes, unpacking: Unpacking, first: int, depth: int) -> Iterator[Part]:
    kind = kind_of(data)
    limits = unpacking.limits
    try:
        if len(data) > limits.max_bytes:
            raise TooLargeError("too many bytes")
        if kind is Kind.PDF:
            yield from _pdf(data, unpacking, first, depth)
        elif kind in IMAGES:
            yield Part(kind, data, first, images.count_pages(data))
        else:
            yield from _opened(kind, _open(kind, data, unpacking), unpacking, first, depth)
    except Exception as error:  # noqa: BLE001 (edge: damaged files make libraries raise anything)
        yield Part(kind, b"", first, 0, problem=reason_of(error))


def _pdf(data: bytes, unpacking: Unpacking, first: int, depth: int) -> Iterator[Part]:
    file = PdfFile(data, unpacking.limits)
    try:
        count = len(file)
    finally:
        file.close()
    yield Part(Kind.PDF, data, first, count)
    yield from _opened(Kind.PDF, attachments_of(data, unpacking), unpacking, first + count, depth)


def _opened(kind: Kind, contents: Contents, unpacking: Unpacking, first: int, depth: int) -> Iterator[Part]:
    """Yield a part for the text of a file that was taken apart, then those of the files within."""
    following = first
    pages: tuple[Page, ...] = ()
    if contents.text.strip() or contents.header or contents.court:
        pages = tuple(plain.lay_out(contents.text, first=first, source=contents.source, limits=unpacking.limits))
        following += len(pages)
    if pages or contents.problem:
        yield Part(
            kind, b"", first, len(pages), pages, contents.header, contents.court, problem=contents.problem
        )  # fmt: skip
    deeper = depth + (kind not in _CONVERTED)
    if contents.files and deeper >= unpacking.limits.max_nesting:
        yield Part(kind, b"", following, 0, problem=Reason.TOO_LARGE)
        return
    for attachment in contents.files:
        if attachment.inline and _is_small_picture(attachment.data):
            continue
        for part in _taken_apart(attachment.data, unpacking, following, deeper):
            following += part.page_count
            yield part


def _is_small_picture(data: bytes) -> bool:
    try:
        return kind_of(data) in IMAGES and images.count_pixels(data) < _INLINE_PIXELS
    except DocumentError:
        return False


def _open(kind: Kind, data: bytes, unpacking: Unpacking) -> Contents:
    """Take a file of a kind that holds text or other files apart; libraries are loaded only when they are needed."""
    match kind:
        case Kind.TEXT:
            return Contents(plain.decode(data), PageSource.TEXT)
        case Kind.MAIL:
            from router.reading.mail import open_mail

            return open_mail(data, unpacking)
        case Kind.OUTLOOK:
            from router.reading.outlook import open_outlook

            return open_outlook(data, unpacking)
        case Kind.TNEF:
            from router.reading.tnef import open_tnef

            return open_tnef(data, unpacking)
        case Kind.SIGNED:
            from router.reading.signed import open_signed

            return open_signed(data, unpacking)
        case Kind.WORD | Kind.OPEN_DOCUMENT | Kind.OLD_WORD | Kind.RTF:
            from router.reading.documents import open_document

            return open_document(kind, data, unpacking)
        case Kind.XJUSTIZ:
            from router.reading.xjustiz import open_court_message

            return open_court_message(data, unpacking)
        case Kind.ZIP:
            from router.reading.archive import open_archive

            return open_archive(data, unpacking)
        case Kind.LOCKED:
            raise EncryptedError("the document needs a password")
        case _:
            raise UnreadableError("empty or of an unknown kind")
