# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters, candidates and evidence in the shape that pages show."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from router.deciding.report import confidence_words
from router.office.office import Office
from router.records import Box, Decision, EvidenceSource, Letter, Outcome, Owner, Place, Reason
from router.store.views import EntryResult, EntryView, ItemState, ItemView, LetterState, LetterSummary
from router.texts import _, ngettext
from router.web.words import (
    channel_words,
    country_words,
    owner_words,
    reason_words_of,
    reference_words,
    role_words,
    source_words,
    state_words,
)

__all__ = [
    "CandidateShown",
    "FactShown",
    "Mark",
    "PostShown",
    "Row",
    "SheetShown",
    "Spot",
    "candidates_of",
    "facts_of",
    "letter_row",
    "marks_of",
    "post_named",
    "posts_of",
    "protocol_sentence",
    "rows_of",
    "sheets_of",
    "shows_nothing",
    "telling",
    "word_marks_of",
]

_MARGIN_POINTS = 3.0
_WORDS_MARKED = 3
_OF_THE_DOCUMENT = (Reason.ENCRYPTED, Reason.UNREADABLE, Reason.TOO_LARGE, Reason.CONFIDENTIAL)
_BADGES = {
    LetterState.WAITING: "info",
    LetterState.REVIEW: "warning",
    LetterState.ROUTED: "success",
    LetterState.ASSIGNED: "success",
    LetterState.DELIVERED: "success",
}


def shows_nothing(reasons: Iterable[Reason]) -> bool:
    """Tell whether a letter goes to a person because nothing of it could be read."""
    return bool({Reason.ENCRYPTED, Reason.UNREADABLE} & set(reasons))


def telling(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return the reasons people should see: where nothing was read, what was not found in it tells nothing."""
    given = tuple(reasons)
    return tuple(reason for reason in given if reason in _OF_THE_DOCUMENT) if shows_nothing(given) else given


@dataclass(frozen=True)
class PostShown:
    """A post with what it is called and who answers for it today."""

    id: str
    label: str
    caseworker: str | None
    name: str

    @property
    def line(self) -> str:
        """All of it in one line, as the type-ahead shows it."""
        return " · ".join(part for part in (self.id, self.label, self.name) if part)


def posts_of(office: Office, day: dt.date, further: Iterable[str] = ()) -> dict[str, PostShown]:
    """Return the posts of the plan, and `further` ones where there is none."""
    if office.plan is None:
        return {post: PostShown(post, "", None, "") for post in further}
    shown = {}
    for post in office.plan.posts.values():
        caseworker = office.caseworker(post.id, day)
        shown[post.id] = PostShown(
            post.id, post.label, caseworker, office.caseworker_names.get(caseworker or "", caseworker or "")
        )
    return shown


def post_named(posts: dict[str, PostShown], typed: str) -> str | None:
    """Return the post a person typed: its id, a whole line of the type-ahead, or words that fit one post only."""
    wanted = typed.strip()
    if wanted in posts:
        return wanted
    by_line = [post.id for post in posts.values() if post.line.casefold() == wanted.casefold()]
    if by_line:
        return by_line[0]
    words = re.findall(r"[\w.]+", wanted.casefold())
    fitting = [post.id for post in posts.values() if words and all(word in post.line.casefold() for word in words)]
    return fitting[0] if len(fitting) == 1 else None


@dataclass(frozen=True)
class Row:
    """A line of a list: one letter, or an item that is not read yet.

    Attributes
    ----------
    href
        Page of the letter; ``None`` while there is none.
    badge
        KERN's name for the colour of the state.
    """

    href: str | None
    title: str
    details: str
    received_at: dt.datetime
    badge: str
    state: str
    post: PostShown | None
    confidence: float | None
    words: str
    reasons: tuple[str, ...]
    spot_check: bool
    waiting: bool


def rows_of(items: Iterable[ItemView], letters: Iterable[LetterSummary], posts: dict[str, PostShown]) -> list[Row]:
    """Return the lines for items, newest first as given, each with its letters in order."""
    by_item: dict[UUID, list[LetterSummary]] = {}
    for letter in letters:
        by_item.setdefault(letter.item_id, []).append(letter)
    rows: list[Row] = []
    for item in items:
        found = sorted(by_item.get(item.id, ()), key=lambda letter: letter.position)
        rows += [
            _item_row(item, len(found))
            if letter.state is LetterState.WAITING
            else letter_row(letter, posts, of=len(found))
            for letter in found
        ] or [_item_row(item, 1)]
    return rows


def letter_row(letter: LetterSummary, posts: dict[str, PostShown], *, of: int = 1) -> Row:
    """Return the line of one letter; `of` is the number of letters in its item, 1 where that is not known."""
    title = letter.file_name or _("Letter without a name")
    if of > 1:
        title = _("{name}, letter {number} of {count}").format(name=title, number=letter.position + 1, count=of)
    elif letter.position:
        title = _("{name}, letter {number}").format(name=title, number=letter.position + 1)
    known = letter.state is not LetterState.WAITING
    # Where nothing was read, a suggestion rests on nothing and must not look like one.
    guessed = letter.state is LetterState.REVIEW and shows_nothing(letter.reasons)
    post = posts.get(letter.post or "") or (PostShown(letter.post, "", None, "") if letter.post else None)
    by_person = letter.state is LetterState.ASSIGNED or (
        letter.state is LetterState.DELIVERED and letter.outcome is Outcome.REVIEW
    )
    details = [channel_words(letter.channel), *([_pages(len(letter.pages))] if letter.pages else [])]
    if letter.state is LetterState.DELIVERED:
        details.append(state_words(letter.state))
    return Row(
        href=f"/letters/{letter.id}",
        title=title,
        details=" · ".join(details),
        received_at=letter.received_at,
        badge=_BADGES[letter.state],
        state=_state(letter, by_person=by_person),
        post=post if known and not guessed else None,
        confidence=letter.confidence if known and not by_person and not guessed else None,
        words=confidence_words(letter.confidence or 0.0, letter.threshold) if known else "",
        reasons=tuple(reason_words_of(reason) for reason in telling(letter.reasons))
        if letter.state is LetterState.REVIEW
        else (),
        spot_check=letter.spot_check,
        waiting=not known,
    )


def _state(letter: LetterSummary, *, by_person: bool) -> str:
    """Return what became of a letter; once it is delivered, who decided is what people want to know."""
    if letter.spot_check and letter.state is LetterState.REVIEW:
        return _("spot check")
    if letter.state is LetterState.DELIVERED:
        return state_words(LetterState.ASSIGNED if by_person else LetterState.ROUTED)
    return state_words(letter.state)


def _pages(count: int) -> str:
    return ngettext("{count} page", "{count} pages", count).format(count=count)


def protocol_sentence(entry: EntryView | None) -> str:
    """Return what a scan protocol says otherwise of an item than was read; empty where they agree or none names it."""
    if entry is None or entry.result not in (EntryResult.TOO_MANY_PAGES, EntryResult.TOO_FEW_PAGES):
        return ""
    said = ngettext(
        "The scan protocol says that the file has {count} page",
        "The scan protocol says that the file has {count} pages",
        entry.pages or 0,
    ).format(count=entry.pages)
    read = ngettext("{count} was read", "{count} were read", entry.found or 0).format(count=entry.found)
    return f"{said}, {read}."


def _item_row(item: ItemView, of: int) -> Row:
    words = {
        ItemState.RECEIVED: _("waiting"),
        ItemState.READING: _("being read"),
        ItemState.READ: _("being decided"),
        ItemState.FAILED: _("could not be read"),
    }
    failed = item.state is ItemState.FAILED
    return Row(
        href=None,
        title=item.file_name or _("Item without a name"),
        details=" · ".join(
            [channel_words(item.channel), *([_pages(item.page_count)] if item.page_count and of == 1 else [])]
        ),
        received_at=item.received_at,
        badge="danger" if failed else "info",
        state=words[item.state],
        post=None,
        confidence=None,
        words="",
        reasons=(reason_words_of(item.error),) if item.error else (),
        spot_check=False,
        waiting=not failed,
    )


@dataclass(frozen=True)
class Mark:
    """A piece of evidence, and where it stands.

    Attributes
    ----------
    number
        From 1, the same on the page image and in the list.
    favours
        True where it speaks for its post, False where against.
    weight
        What it added to the score of its post.
    is_anchor
        False for a further place of a mark that stands elsewhere as well.
    x, y, width, height
        Rectangle in points; ``page`` is ``None`` where the evidence stands nowhere.
    """

    number: int
    source: str
    says: str
    why: str
    favours: bool
    weight: float = 0.0
    is_anchor: bool = True
    page: int | None = None
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0


def marks_of(decision: Decision) -> tuple[Mark, ...]:
    """Return all evidence, the strongest first."""
    marks = []
    for number, evidence in enumerate(decision.evidence, start=1):
        words = source_words(evidence.source)
        mark = Mark(number, words, evidence.says, evidence.why, evidence.weight >= 0, evidence.weight)
        marks.append(_placed(mark, evidence.page, evidence.box))
    return tuple(marks)


def _placed(mark: Mark, page: int | None, box: Box | None) -> Mark:
    if page is None or box is None:
        return mark
    return replace(
        mark,
        page=page,
        x=round(box.x0 - _MARGIN_POINTS, 1),
        y=round(box.y0 - _MARGIN_POINTS, 1),
        width=round(box.x1 - box.x0 + 2 * _MARGIN_POINTS, 1),
        height=round(box.y1 - box.y0 + 2 * _MARGIN_POINTS, 1),
    )


def word_marks_of(decision: Decision, marks: Iterable[Mark]) -> tuple[Mark, ...]:
    """Return the places of further words of the text that speak for the first two posts, as marks of that evidence."""
    explanation = decision.explanation
    if explanation is None:
        return ()
    texts = {
        evidence.says: mark
        for evidence, mark in zip(decision.evidence, marks, strict=True)
        if evidence.source is EvidenceSource.TEXT and mark.page is not None
    }
    found = []
    for post, sign in ((explanation.post, 1), (explanation.runner_up or "", -1)):
        home = texts.get(post)
        if home is None:
            continue
        for part in [part for part in explanation.words if part.weight * sign > 0][:_WORDS_MARKED]:
            mark = _placed(replace(home, is_anchor=False), part.page, part.box)
            if part.box is not None and (mark.page, mark.x, mark.y) != (home.page, home.x, home.y):
                found.append(mark)
    return tuple(found)


@dataclass(frozen=True)
class CandidateShown:
    """A candidate with its key, its confidence in words and its evidence."""

    key: int
    post: PostShown
    confidence: float
    words: str
    marks: tuple[Mark, ...]


def candidates_of(decision: Decision, posts: dict[str, PostShown]) -> tuple[CandidateShown, ...]:
    """Return the candidates in order, each with the evidence that speaks for it."""
    marks = marks_of(decision)
    return tuple(
        CandidateShown(
            key,
            posts.get(candidate.post)
            or PostShown(candidate.post, "", candidate.caseworker, candidate.caseworker or ""),
            candidate.confidence,
            confidence_words(candidate.confidence, decision.threshold),
            tuple(mark for mark in marks if mark.says == candidate.post),
        )
        for key, candidate in enumerate(decision.candidates, start=1)
    )


@dataclass(frozen=True)
class Spot:
    """A rectangle on a page with all evidence that stands there.

    Attributes
    ----------
    numbers
        Of the marks.
    anchors
        Numbers of the marks that links lead to here.
    posts
        For which they speak.
    favours
        True where any of them speaks for its post.
    """

    x: float
    y: float
    width: float
    height: float
    numbers: tuple[int, ...]
    posts: tuple[str, ...]
    favours: bool
    anchors: tuple[int, ...] = ()

    @property
    def label(self) -> str:
        """The numbers as they stand on the page."""
        return "·".join(str(number) for number in self.numbers)

    @property
    def label_width(self) -> float:
        """Width of the label, in points."""
        return 8 + 5.2 * len(self.label)


@dataclass(frozen=True)
class SheetShown:
    """A page with the size its marks are measured by."""

    number: int
    width: float
    height: float
    spots: tuple[Spot, ...]


def sheets_of(letter: Letter, marks: Iterable[Mark]) -> tuple[SheetShown, ...]:
    """Return the pages of a letter with the marks on each."""
    placed = tuple(marks)
    return tuple(
        SheetShown(
            page.number,
            round(page.width, 1),
            round(page.height, 1),
            _spots([mark for mark in placed if mark.page == page.number]),
        )
        for page in letter.pages
    )


def _spots(marks: list[Mark]) -> tuple[Spot, ...]:
    """Put marks of one and the same place together: several files may bear one name."""
    places: dict[tuple[float, float, float, float], list[Mark]] = {}
    for mark in marks:
        places.setdefault((mark.x, mark.y, mark.width, mark.height), []).append(mark)
    return tuple(
        Spot(
            *place,
            tuple(dict.fromkeys(mark.number for mark in found)),
            tuple(dict.fromkeys(mark.says for mark in found)),
            any(mark.favours for mark in found),
            tuple(mark.number for mark in found if mark.is_anchor),
        )
        for place, found in places.items()
    )


@dataclass(frozen=True)
class FactShown:
    """A line of the facts: what it is, the value, a remark, and the page it stands on."""

    name: str
    value: str
    remark: str
    page: int | None


def facts_of(decision: Decision) -> tuple[FactShown, ...]:
    """Return numbers and persons found in a letter."""
    facts = [
        FactShown(
            reference_words(reference.kind),
            reference.value,
            owner_words(reference.owner) if reference.owner is not Owner.UNKNOWN else "",
            _page(reference.place),
        )
        for reference in decision.facts.references
    ]
    for person in decision.facts.persons:
        born = _("born {date}").format(date=f"{person.birth_date:%d.%m.%Y}") if person.birth_date else ""
        remarks = [part for part in (born, country_words(person.nationality)) if part]
        name = f"{person.given_names} {person.surname}".strip()
        facts.append(FactShown(_sentence_case(role_words(person.role)), name, ", ".join(remarks), _page(person.place)))
    return tuple(facts)


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]


def _page(place: Place | None) -> int | None:
    return place.page if place is not None else None
