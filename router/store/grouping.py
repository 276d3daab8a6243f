# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Gives the pages of an item anew to letters; nothing is read anew and nothing of what was read gets lost."""

from collections import Counter
from collections.abc import Sequence

from router.errors import UsageError
from router.records import Letter, LetterKind, Page, Reason
from router.texts import _, ngettext

__all__ = ["grouped"]


def grouped(letters: Sequence[Letter], starts: Sequence[int]) -> tuple[Letter, ...]:
    """Return the letters that begin at `starts`, made of the pages of `letters`.

    Every page is in exactly one of them, in the order of the item. What belongs to the item as a whole (the header
    of its mail, a court's message, problems of reading) goes with every piece, barcodes with their page.

    Parameters
    ----------
    letters
        All letters of one item, in order.
    starts
        Numbers of the pages at which a letter begins, the item's first one among them.

    Raises
    ------
    UsageError
        When `starts` can't be meant.
    """
    pages = [page for letter in letters for page in letter.pages]
    _check([page.number for page in pages], starts)
    # What every letter of an item has, reading found about the item; a blank letter is unreadable by itself.
    common = set.intersection(*(set(letter.problems) for letter in letters))
    groups: list[list[Page]] = []
    for page in pages:
        if page.number in starts:
            groups.append([])
        groups[-1].append(page)
    return tuple(_letter(tuple(group), letters, unreadable=Reason.UNREADABLE in common) for group in groups)


def _check(numbers: Sequence[int], starts: Sequence[int]) -> None:
    if not numbers:
        raise UsageError(_("This item has no pages that could be divided"), remedy=_("look at the original"))
    twice = sorted(number for number, count in Counter(starts).items() if count > 1)
    if twice:
        raise UsageError(
            _("Page {pages} is named twice").format(pages=twice[0]), remedy=_("name each page at most once")
        )
    unknown = sorted(set(starts) - set(numbers))
    if unknown:
        raise UsageError(
            ngettext(
                "Page {pages} is in no letter of this item",
                "Pages {pages} are in no letter of this item",
                len(unknown),
            ).format(pages=", ".join(map(str, unknown))),
            remedy=_("name pages from {first} to {last}; separator sheets belong to no letter").format(
                first=numbers[0], last=numbers[-1]
            ),
        )
    if numbers[0] not in starts:
        raise UsageError(
            _("The first letter begins at page {page}").format(page=numbers[0]), remedy=_("name that page too")
        )


def _letter(pages: tuple[Page, ...], letters: Sequence[Letter], *, unreadable: bool) -> Letter:
    same = next((letter for letter in letters if letter.pages == pages), None)
    if same is not None:
        return same
    numbers = {page.number for page in pages}
    givers = [letter for letter in letters if any(page.number in numbers for page in letter.pages)]
    problems = dict.fromkeys(problem for letter in givers for problem in letter.problems)
    # A barcode whose place was not kept is taken to stand on its letter's first page.
    codes = [(code, code.page or letter.pages[0].number) for letter in givers for code in letter.codes]
    if not unreadable:
        problems.pop(Reason.UNREADABLE, None)
        # Pages left for later may hold words yet.
        if all(page.is_read and not page.words for page in pages):
            problems[Reason.UNREADABLE] = None
    grouped_letter = Letter(
        pages,
        LetterKind.of(
            [page.source for page in pages], is_mail=any(letter.kind is LetterKind.MAIL for letter in givers)
        ),
        mail=next((letter.mail for letter in givers if letter.mail), None),
        problems=tuple(problems),
        codes=tuple(code for code, page in codes if page in numbers),
        court=next((letter.court for letter in givers if letter.court), None),
    )
    # What was marked confidential stays so with whatever it is joined to or divided into.
    return grouped_letter.withheld() if grouped_letter.is_withheld else grouped_letter
