# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import UsageError
from router.records import (
    Box,
    Code,
    CourtMessage,
    Letter,
    LetterKind,
    MailHeader,
    Page,
    PageSource,
    Reason,
    Word,
)
from router.store.grouping import grouped

_OF_THE_ITEM = [Reason.TOO_LARGE, Reason.ENCRYPTED, Reason.UNREADABLE]


@st.composite
def _pages(draw: st.DrawFn) -> tuple[Page, ...]:
    """Pages of an item; numbers are left out where separator sheets lay."""
    numbers = sorted(draw(st.sets(st.integers(1, 12), min_size=1)))
    pages = []
    for number in numbers:
        words = (Word(f"w{number}", Box(0, 0, 1, 1), 0.9, 0),) if draw(st.booleans()) else ()
        source = draw(st.sampled_from(PageSource))
        pages.append(Page(number, 595, 842, source, words, is_read=bool(words) or draw(st.booleans())))
    return tuple(pages)


@st.composite
def _items(draw: st.DrawFn) -> tuple[Letter, ...]:
    """Letters as reading leaves them: split at separator sheets, the item's traits in each."""
    pages = draw(_pages())
    is_mail = draw(st.booleans())
    mail = MailHeader(sender="a@b.example") if is_mail else None
    court = CourtMessage("Amtsgericht") if draw(st.booleans()) else None
    common = tuple(draw(st.lists(st.sampled_from(_OF_THE_ITEM), unique=True, max_size=2)))
    starts = draw(st.sets(st.sampled_from(pages)))
    letters, rest = [], pages
    while rest:
        count = next((index for index, page in enumerate(rest) if index and page in starts), len(rest))
        some, rest = rest[:count], rest[count:]
        silent = all(page.is_read and not page.words for page in some)
        problems = tuple(dict.fromkeys((*common, Reason.UNREADABLE) if silent else common))
        kind = LetterKind.of([page.source for page in some], is_mail=is_mail)
        codes = tuple(Code(f"c{page.number}", page.number) for page in some if page.number % 3 == 0)
        letters.append(Letter(some, kind, mail, problems, codes, court))
    return tuple(letters)


def _starts_of(letters: tuple[Letter, ...]) -> list[int]:
    return [letter.pages[0].number for letter in letters]


@given(_items(), st.lists(st.sets(st.integers(1, 12)), max_size=4))
def test_no_page_gets_lost_or_doubled_and_the_way_back_leads_to_the_same_letters(
    item: tuple[Letter, ...], wishes: list[set[int]]
) -> None:
    pages = [page for letter in item for page in letter.pages]
    letters = item
    for wish in wishes:
        starts = sorted({page.number for page in pages} & wish | {pages[0].number})
        letters = grouped(letters, starts)
        assert _starts_of(letters) == starts
        assert [page for letter in letters for page in letter.pages] == pages
        for letter in letters:
            assert {code.page for code in letter.codes} == {p.number for p in letter.pages if p.number % 3 == 0}
            assert (letter.mail, letter.court) == (item[0].mail, item[0].court)
    # The order of problems tells nothing.
    back = [replace(letter, problems=()) for letter in grouped(letters, _starts_of(item))]
    assert back == [replace(letter, problems=()) for letter in item]
    assert [set(letter.problems) for letter in grouped(letters, _starts_of(item))] == [set(x.problems) for x in item]


def _letter(*numbers: int, silent: tuple[int, ...] = (), problems: tuple[Reason, ...] = ()) -> Letter:
    word = Word("Wort", Box(0, 0, 1, 1), 1.0, 0)
    pages = tuple(Page(n, 595, 842, PageSource.OCR, () if n in silent else (word,)) for n in numbers)
    return Letter(pages, LetterKind.SCAN, problems=problems)


def test_what_belongs_to_the_item_goes_with_every_piece_and_blank_pieces_are_unreadable() -> None:
    whole = replace(_letter(1, 2, silent=(2,), problems=(Reason.TOO_LARGE,)), mail=MailHeader(subject="Unterlagen"))
    first, second = grouped([whole], [1, 2])
    assert (first.problems, second.problems) == ((Reason.TOO_LARGE,), (Reason.TOO_LARGE, Reason.UNREADABLE))
    assert first.mail == second.mail == whole.mail
    damaged = _letter(1, 2, problems=(Reason.UNREADABLE,))
    assert [letter.problems for letter in grouped([damaged], [1, 2])] == [(Reason.UNREADABLE,)] * 2


def test_a_blank_letter_that_is_joined_is_readable_again() -> None:
    [joined] = grouped([_letter(1), _letter(3, silent=(3,), problems=(Reason.UNREADABLE,))], [1])
    assert joined.problems == ()


def test_pages_left_for_later_stay_so_and_are_not_called_unreadable() -> None:
    whole = _letter(1, 2, silent=(2,))
    whole = replace(whole, pages=(whole.pages[0], replace(whole.pages[1], is_read=False)))
    _first, second = grouped([whole], [1, 2])
    assert (second.pages[0].is_read, second.problems) == (False, ())


def test_a_code_without_a_place_stays_at_the_front() -> None:
    whole = replace(_letter(1, 2), codes=(Code("alt", 0),))
    assert [len(letter.codes) for letter in grouped([whole], [1, 2])] == [1, 0]


@pytest.mark.parametrize("starts", [[], [2], [1, 2, 2], [1, 3], [1, 9], [0, 1]])
def test_starts_that_can_not_be_meant(starts: list[int]) -> None:
    with pytest.raises(UsageError):
        grouped([_letter(1, 2), _letter(4, 5)], starts)


def test_an_item_without_pages_has_nothing_to_divide() -> None:
    with pytest.raises(UsageError):
        grouped([Letter((), LetterKind.SCAN)], [1])
