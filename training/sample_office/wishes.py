# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which letters the committed inbox is to hold, and in which shape."""

from dataclasses import dataclass

__all__ = ["SPECIAL", "WISHES", "Wish"]


@dataclass(frozen=True, slots=True)
class Wish:
    """A file of the inbox.

    Attributes
    ----------
    condition
        One of the renderer's conditions, or one of ``SPECIAL``.
    kinds
        Item kinds (``data_samples/letters/README.md``) the letter may be of; empty for any.
    languages
        Languages it may be in.
    traps
        One of these tags must stand at the letter; empty for no matter which.
    review
        ``True`` for letters that a person must decide.
    letters
        How many letters lie in the file.
    """

    condition: str
    kinds: tuple[int, ...] = ()
    languages: tuple[str, ...] = ("de",)
    traps: tuple[str, ...] = ()
    review: bool = False
    letters: int = 1


SPECIAL = {
    "batch": "scan of a stack with separator sheets",
    "mixed": "PDF with a typed letter and a scanned enclosure",
    "twice": "letter that came by fax and again by post",
    "guarded": "PDF that opens without a password and forbids changes",
    "locked": "PDF that needs a password",
    "truncated": "scan whose transfer broke off",
    "half_photo": "photo whose transfer broke off",
    "long": "letter with a printed file of more than 100 sheets",
    "word_mail": "mail whose enclosure is a word processor's file",
    "word": "word processor's file with the name of a PDF",
    "program": "bytes of a program with the name of a PDF",
    "blank": "scan of an empty sheet",
    "empty": "file without content",
}
"""Shapes beyond the renderer's conditions, and what they are."""

_ANY_TRAP_OF_NUMBERS = ("sender_reference", "several_numbers", "number_looks_like_ours", "two_sender_numbers")

WISHES: tuple[Wish, ...] = (
    # DIN 5008 letters as PDF with a text layer
    Wish("letter", (14,)),
    Wish("letter", (18, 19), traps=("lawyer_and_client",)),
    Wish("letter", (31,), traps=("namesake", "number_like_ours", "other_persons_file")),
    Wish("letter", (2,), ("fr",)),
    Wish("letter", (1, 35), ("ar",)),
    Wish("letter", (1, 2, 4), ("uk",)),
    Wish("letter", (6,)),
    # forms filled on the screen
    Wish("form", (1,)),
    Wish("form", (6,), traps=_ANY_TRAP_OF_NUMBERS),
    Wish("form", (12,)),
    Wish("form", (34,)),
    # photos
    Wish("photo", (3,)),
    Wish("photo", (2,), traps=("landlord", "learner_german", "learners_german", "several_family_members")),
    Wish("photo", (35, 5, 1)),
    # scans
    Wish("scan300", (21,)),
    Wish("scan300", (28,), traps=("guardian", "minor")),
    Wish("scan300", (36,)),
    Wish("scan300", (9,)),
    Wish("scan200", (29,)),
    Wish("scan200", (13,)),
    Wish("scan200", (24,)),
    Wish("scan200", (34,)),
    Wish("bilevel300", (10,)),
    Wish("bilevel300", (15,)),
    Wish("bilevel300", (33,)),
    Wish("bilevel300", (30,), traps=_ANY_TRAP_OF_NUMBERS),
    Wish("bilevel300", (12,), traps=("host_and_guest", "two_guests", "guest_and_host", "host_same_origin")),
    Wish("skewed", (11,)),
    Wish("skewed", (32,), traps=("several_people",)),
    Wish("rotated", (26,)),
    Wish("rotated", (35,)),
    Wish("poor", (4, 3)),
    Wish("poor", (27,)),
    # faxes
    Wish("fax", (22,)),
    Wish("fax", (6, 20, 19)),
    Wish("fax", (38,)),
    Wish("faxfine", (25,)),
    Wish("faxfine", (16,)),
    # mails
    Wish("mail", (2,), ("en",)),
    Wish("mail", (3,), ("en",), traps=("name_only_in_mail_address",)),
    Wish("mail", (4,), ("tr",)),
    Wish("mail", (4, 5), ("uk",)),
    Wish("mail", (1, 2, 4), ("ru",)),
    Wish("mail", (35, 32, 34), ("ar",)),
    Wish("mail", (36,), ("es",)),
    Wish("mail", (7,)),
    Wish("mail", (37,), traps=("several_people", "consent_missing")),
    Wish("mail", (12,), traps=("host_and_guest", "two_guests", "guest_and_host", "host_address")),
    Wish("mail", (8,)),
    # not ours
    Wish("mail", (38,), ("en", "tr", "pl"), traps=("advertising", "phishing", "job_application")),
    Wish("bilevel300", (38,), traps=("other_department", "other_authority")),
    Wish("letter", (38,), traps=("addressed_to_citizen", "number_looks_like_ours")),
    # a person must decide
    Wish("scan200", (30, 31, 32, 33, 3), review=True),
    Wish("letter", (7,), review=True),
    Wish("bilevel300", (27,), review=True),
    # unusual and broken
    Wish("batch", letters=3),
    Wish("mixed", (10, 9, 31)),
    Wish("twice", (16, 22, 20, 31)),
    Wish("guarded", (18, 23)),
    Wish("locked", (33, 37)),
    Wish("word_mail", (2, 3, 37)),
    Wish("truncated", (2, 3, 9)),
    Wish("half_photo", (2, 3, 35)),
    Wish("long", (18, 23)),
    Wish("word"),
    Wish("program"),
    Wish("blank"),
    Wish("empty"),
)
