# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Limits on every input the reader takes."""

from dataclasses import dataclass

__all__ = ["Limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one item may ask for.

    Attributes
    ----------
    max_bytes
        Size of the item.
    max_pages
        Pages that are read; an item with more is read this far and goes to a person as ``too_large``.
    max_pixels
        Pixels of one page image; larger ones are read at a smaller scale, absurd ones refused.
    max_characters
        Characters of one text or mail body.
    max_attachments, max_nesting
        Files in an item (the electronic mailbox of courts takes 100), and how deep mails and files may be nested.
    max_unpacked_bytes
        Sum of all decoded attachments.
    wall_seconds
        Time for one item; the child process is killed when it is over.
    cpu_seconds
        Processor time of a child process for one item, its recognition processes not counted.
    memory_bytes
        Address space of the child and of each recognition process.
    """

    max_bytes: int = 100 * 2**20
    max_pages: int = 60
    max_pixels: int = 60_000_000
    max_characters: int = 400_000
    max_attachments: int = 120
    max_nesting: int = 4
    max_unpacked_bytes: int = 300 * 2**20
    wall_seconds: float = 300.0
    cpu_seconds: int = 240
    memory_bytes: int = 4 * 2**30
