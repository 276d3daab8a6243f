# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a file that holds others consists of: mails, archives, court messages, office documents."""

import time
from dataclasses import dataclass, field

from router.errors import TooLargeError
from router.reading.limits import Limits
from router.records import CourtMessage, MailHeader, PageSource, Reason

__all__ = ["Attachment", "Contents", "Unpacking"]


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file within another.

    Attributes
    ----------
    name
        As given; never used as a path.
    inline
        True for a picture within a text, such as the logo of a signature.
    """

    name: str
    data: bytes
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Contents:
    """A file taken apart.

    Attributes
    ----------
    text
        What it says itself, laid out on pages of its own; nothing for a mere container.
    source
        What the words of that text are said to come from.
    header
        Of a mail.
    court
        Of a court's message.
    files
        In reading order.
    problem
        Why not all of it could be taken out, if so.
    """

    text: str = ""
    source: PageSource = PageSource.TEXT
    header: MailHeader | None = None
    court: CourtMessage | None = None
    files: tuple[Attachment, ...] = ()
    problem: Reason | None = None


@dataclass(slots=True)
class Unpacking:
    """How much may still be unpacked: one account for an item, however its parts are nested.

    Attributes
    ----------
    files, octets
        Files and bytes taken out so far.
    begun
        When taking apart began, by the monotonic clock.
    """

    limits: Limits
    files: int = field(default=0)
    octets: int = field(default=0)
    begun: float = field(default_factory=time.monotonic)

    def room(self) -> int:
        """Return how many bytes may still be unpacked."""
        return max(0, self.limits.max_unpacked_bytes - self.octets)

    def seconds_left(self) -> float:
        """Return how long other programs may still take: less than half of the item's time, all of them together."""
        return self.begun + 0.4 * self.limits.wall_seconds - time.monotonic()

    def take(self, size: int, *, files: int = 1) -> None:
        """Book a file of `size` bytes, or bytes that are no file of their own.

        Raises
        ------
        TooLargeError
            When the item holds too many files or bytes.
        """
        self.files += files
        self.octets += size
        if self.files > self.limits.max_attachments or self.octets > self.limits.max_unpacked_bytes:
            raise TooLargeError("too many or too large attachments")
