# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The strip of an item's pages, where a person says at which of them letters begin."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from router.records import SUGGESTED_FROM
from router.store.views import ItemPage
from router.texts import _
from router.web.templating import percent

__all__ = ["Strip", "StripPage", "strip_of"]


@dataclass(frozen=True)
class StripPage:
    """A page of the strip.

    Attributes
    ----------
    here
        It belongs to the letter that is shown.
    starts
        A letter begins here now.
    free
        A person may say whether a letter begins here.
    fixed
        Its letter was decided already.
    suggested
        The score, as per cent, where a new letter probably begins here.
    """

    number: int
    href: str
    picture: str
    here: bool
    starts: bool
    free: bool
    fixed: bool
    suggested: str | None

    @property
    def checked(self) -> bool:
        """Whether the page is preset as the first of a letter; nothing is divided before a person confirms."""
        return self.starts or self.suggested is not None


@dataclass(frozen=True)
class Strip:
    """The pages of an item in order; ``number`` and ``count`` say which of its letters is shown."""

    pages: tuple[StripPage, ...]
    number: int
    count: int

    @property
    def seen(self) -> tuple[int, ...]:
        """The pages at which letters begin now."""
        return tuple(page.number for page in self.pages if page.starts)

    @property
    def suggestion(self) -> str:
        """What is suggested, in one sentence; empty where nothing is."""
        found = [page for page in self.pages if page.suggested is not None]
        if len(found) == 1:
            return _("Suggestion: a new letter probably begins at page {page} ({score})").format(
                page=found[0].number, score=found[0].suggested
            )
        if found:
            return _("Suggestion: new letters probably begin at pages {pages}").format(
                pages=", ".join(f"{page.number} ({page.suggested})" for page in found)
            )
        return ""


def strip_of(pages: Sequence[ItemPage], letter_id: UUID, *, divided: bool) -> Strip | None:
    """Return the strip for the page of a letter, ``None`` where there is nothing to divide or join.

    Parameters
    ----------
    pages
        Of the whole item.
    letter_id
        The letter that is shown.
    divided
        A person said before where letters begin: nothing is suggested any more.
    """
    own = [page for page in pages if page.letter_id == letter_id]
    if not own or own[0].fixed:
        return None
    shown = []
    for index, page in enumerate(pages):
        # Where a decided letter begins or ends, a letter begins whatever the person says.
        free = index > 0 and not page.fixed and not pages[index - 1].fixed
        suggested = free and not page.starts and not divided and page.start_score >= SUGGESTED_FROM
        here = page.letter_id == letter_id
        shown.append(
            StripPage(
                page.number,
                href=f"{'' if here else f'/letters/{page.letter_id}'}#page-{page.number}",
                picture=f"/api/v1/letters/{page.letter_id}/pages/{page.number}?dpi=36",
                here=here,
                starts=page.starts,
                free=free,
                fixed=page.fixed,
                suggested=percent(page.start_score) if suggested else None,
            )
        )
    if not any(page.free for page in shown):
        return None
    order = list(dict.fromkeys(page.letter_id for page in pages))
    return Strip(tuple(shown), order.index(letter_id) + 1, len(order))
