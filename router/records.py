# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Frozen records that pass from room to room.

Positions are in points (1/72 inch) with the origin at the top left of the upright page; pages are
numbered from 1 within their item. ``ocr_confidence`` and ``confidence`` are 0 to 1; only a calibrated
probability is called *confidence*, every raw value is a *score*.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from router.texts import _

__all__ = [
    "SUGGESTED_FROM",
    "Box",
    "Candidate",
    "Change",
    "Code",
    "CourtMessage",
    "CourtParty",
    "Deadline",
    "Decision",
    "Evidence",
    "EvidenceSource",
    "Explanation",
    "Facts",
    "Letter",
    "LetterKind",
    "MailHeader",
    "Outcome",
    "Owner",
    "Page",
    "PageSource",
    "Person",
    "PersonRole",
    "Place",
    "ProtocolEntry",
    "Reading",
    "Reason",
    "Reference",
    "ReferenceKind",
    "Sentence",
    "TextMap",
    "Word",
    "WordPart",
]

SUGGESTED_FROM = 0.5
"""From this ``Page.start_score`` on it is suggested to people that a letter of its own starts there."""


class Box(NamedTuple):
    """Rectangle in points, origin top left."""

    x0: float
    y0: float
    x1: float
    y1: float

    def rounded(self) -> tuple[float, float, float, float]:
        """Return the corners rounded to a tenth of a point, as reports show them."""
        return (round(self.x0, 1), round(self.y0, 1), round(self.x1, 1), round(self.y1, 1))


class PageSource(StrEnum):
    """Where a page's words come from."""

    TEXT = "text"
    OCR = "ocr"
    FORM = "form"
    MAIL = "mail"


class LetterKind(StrEnum):
    """Kind of a letter as reports name it."""

    SCAN = "scan"
    TEXT = "text"
    FORM = "form"
    MAIL = "mail"

    @classmethod
    def of(cls, sources: Collection[PageSource], *, is_mail: bool) -> "LetterKind":
        """Return the kind of a letter whose pages come from `sources`; all that comes by mail is mail."""
        if is_mail:
            return cls.MAIL
        if PageSource.FORM in sources:
            return cls.FORM
        return cls.SCAN if PageSource.OCR in sources else cls.TEXT


class Reason(StrEnum):
    """Why a letter goes to a person; the list is closed."""

    LOW_CONFIDENCE = "low_confidence"
    NOVEL = "novel"
    POOR_OCR = "poor_ocr"
    CONFLICT = "conflict"
    NO_PERSON = "no_person"
    SEVERAL_LETTERS = "several_letters"
    UNREADABLE = "unreadable"
    ENCRYPTED = "encrypted"
    TOO_LARGE = "too_large"
    CONFIDENTIAL = "confidential"
    MISDIRECTED = "misdirected"
    NO_MODEL = "no_model"


class Outcome(StrEnum):
    """What a decision comes to."""

    ROUTED = "routed"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Word:
    """One word as read.

    Attributes
    ----------
    text
        Characters without blanks.
    box
        Position on its page, in points.
    ocr_confidence
        0 to 1; 1.0 for a text layer, a form field or a mail.
    line
        Index of the line on its page, from 0 and in reading order.
    """

    text: str
    box: Box
    ocr_confidence: float
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an item.

    Attributes
    ----------
    number
        Place in the item, from 1.
    width, height
        Size of the upright page in points.
    source
        Where the words come from.
    words
        In reading order; empty for a blank page.
    rotation
        Degrees clockwise by which the stored page has to be turned to stand upright: 0, 90, 180 or 270.
    skew
        Degrees by which the scan was tilted against the clock and straightened before recognition.
    is_read
        False for a scanned page that was left for later, because the pages before it may do.
    start_score
        0 to 1, how much the page looks like the first of a letter of its own; a hint for people, not calibrated.
    """

    number: int
    width: float
    height: float
    source: PageSource
    words: tuple[Word, ...] = ()
    rotation: int = 0
    skew: float = 0.0
    is_read: bool = True
    start_score: float = 0.0


@dataclass(frozen=True, slots=True)
class Code:
    """A barcode found on a page.

    Attributes
    ----------
    text
        What it says.
    page
        Number of its page.
    box
        Where it stands, in points of the upright page; ``None`` where that is not known.
    form
        Symbology as its standard names it, such as ``QRCode``.
    """

    text: str
    page: int
    box: Box | None = None
    form: str = ""


@dataclass(frozen=True, slots=True)
class CourtParty:
    """Somebody a court's message names.

    Attributes
    ----------
    role
        As the message says, such as ``Kläger``; empty where it only gives a key.
    """

    surname: str
    given_names: str = ""
    role: str = ""
    birth_date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class CourtMessage:
    """What the machine-readable part of a court's message says (XJustiz).

    Attributes
    ----------
    court
        Name, or key where no name is given.
    sender_references, recipient_references
        File numbers of the court, and those it says are ours.
    """

    court: str = ""
    sender_references: tuple[str, ...] = ()
    recipient_references: tuple[str, ...] = ()
    parties: tuple[CourtParty, ...] = ()


@dataclass(frozen=True, slots=True)
class MailHeader:
    """What a mail's header says; all values as sent, decoded."""

    sender: str = ""
    recipients: str = ""
    subject: str = ""
    date: dt.datetime | None = None
    message_id: str = ""
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Letter:
    """The unit that is routed: consecutive pages of one item.

    Attributes
    ----------
    pages
        At least one, unless nothing could be read.
    kind
        As reports name it.
    mail
        Header of the mail, if the letter is one.
    problems
        Reasons found while reading that send the letter to a person (``encrypted``, ``too_large``, ...).
    codes
        Barcodes on its pages.
    court
        What a court's message says in machine-readable form.
    """

    pages: tuple[Page, ...]
    kind: LetterKind
    mail: MailHeader | None = None
    problems: tuple[Reason, ...] = ()
    codes: tuple[Code, ...] = ()
    court: CourtMessage | None = None

    @property
    def is_complete(self) -> bool:
        """Whether no page was left for later."""
        return all(page.is_read for page in self.pages)

    def with_pages(self, pages: Iterable[Page]) -> "Letter":
        """Return the letter with pages that were left for later and are read now; others are ignored."""
        read = {page.number: page for page in pages}
        later = tuple(read.get(page.number, page) if not page.is_read else page for page in self.pages)
        problems = self.problems
        if any(page.words for page in later) and not any(page.words for page in self.pages):
            problems = tuple(problem for problem in problems if problem is not Reason.UNREADABLE)
        return replace(self, pages=later, problems=problems)

    @property
    def is_withheld(self) -> bool:
        """Whether the letter is marked confidential, so that nothing it says is kept."""
        return Reason.CONFIDENTIAL in self.problems

    def withheld(self) -> "Letter":
        """Return the letter as it may be kept when it is marked confidential: its pages without anything they say.

        The pages count as left for later; whoever needs their words reads them anew from the original.
        """
        pages = tuple(replace(page, words=(), is_read=False) for page in self.pages)
        problems = tuple(dict.fromkeys((*self.problems, Reason.CONFIDENTIAL)))
        return Letter(pages, self.kind, problems=problems)

    @property
    def suggested_starts(self) -> tuple[Page, ...]:
        """Pages within the letter that look like the first of a letter of its own."""
        return tuple(page for page in self.pages[1:] if page.start_score >= SUGGESTED_FROM)

    @cached_property
    def text_map(self) -> "TextMap":
        """The letter's text with the way back from characters to words."""
        return TextMap.of(self.pages)

    @property
    def text(self) -> str:
        """The letter's text: words joined by blanks, lines by newlines, pages by form feeds."""
        return self.text_map.text


@dataclass(frozen=True, slots=True)
class TextMap:
    r"""Text of pages and, for every word, where it begins and ends in it.

    Attributes
    ----------
    text
        Words joined by blanks, lines by ``\n``, pages by ``\f``.
    starts, ends
        Offsets of each word in `text`, ascending.
    words
        The words, as ``(page, word)``.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[tuple[Page, Word], ...]

    @classmethod
    def of(cls, pages: tuple[Page, ...]) -> "TextMap":
        """Compose the text of `pages`."""
        pieces: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        words: list[tuple[Page, Word]] = []
        length = 0
        before: tuple[int, int] | None = None
        for index, page in enumerate(pages):
            for word in page.words:
                place = (index, word.line)
                if before is not None:
                    joint = " " if place == before else "\n" if place[0] == before[0] else "\f"
                    pieces.append(joint)
                    length += 1
                starts.append(length)
                pieces.append(word.text)
                length += len(word.text)
                ends.append(length)
                words.append((page, word))
                before = place
        return cls("".join(pieces), tuple(starts), tuple(ends), tuple(words))

    def covering(self, start: int, end: int) -> tuple[tuple[Page, Word], ...]:
        """Return the words that ``text[start:end]`` touches."""
        first = bisect_right(self.ends, start)
        last = bisect_left(self.starts, end)
        return self.words[first:last]

    def place(self, start: int, end: int) -> "Place | None":
        """Return page, box and lowest OCR confidence of ``text[start:end]``.

        Words of a further page or line break the box off: a mark on the page stays one rectangle.
        """
        touched = self.covering(start, end)
        if not touched:
            return None
        page, first = touched[0]
        same = [word for other, word in touched if other is page and word.line == first.line]
        box = Box(
            min(word.box.x0 for word in same),
            min(word.box.y0 for word in same),
            max(word.box.x1 for word in same),
            max(word.box.y1 for word in same),
        )
        return Place(page.number, box, min(word.ocr_confidence for _, word in touched))


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands and how well it was read."""

    page: int
    box: Box
    ocr_confidence: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one item gave.

    Attributes
    ----------
    letters
        One or more; a batch is split at its separator sheets.
    media_type
        Kind of the bytes, found by content.
    page_count
        Pages of the item, separator sheets and unread pages included.
    error
        Reason why nothing could be read, else ``None``.
    seconds
        Wall time of reading.
    """

    letters: tuple[Letter, ...]
    media_type: str
    page_count: int
    error: Reason | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ProtocolEntry:
    """What a scanner station says of one file it made.

    Attributes
    ----------
    line
        Where it stands in the protocol, from 1.
    file_name
        Without folders.
    pages
        Pages the file should have.
    number
        Pagination number, empty where there is none.
    """

    line: int
    file_name: str
    pages: int
    number: str = ""


class ReferenceKind(StrEnum):
    """Kinds of identifiers the service tells apart."""

    OWN = "own"
    AZR = "azr"
    BAMF = "bamf"
    COURT = "court"
    PROSECUTOR = "prosecutor"
    JOBCENTER = "jobcenter"
    OTHER = "other"


class Owner(StrEnum):
    """Whose number a reference is."""

    OURS = "ours"
    THEIRS = "theirs"
    UNKNOWN = "unknown"


class PersonRole(StrEnum):
    """Part a person plays in a letter."""

    CONCERNED = "concerned"
    SENDER = "sender"
    RELATIVE = "relative"
    HOST = "host"
    REPRESENTATIVE = "representative"
    OFFICIAL = "official"
    CASEWORKER = "caseworker"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reference:
    """An identifier found in a letter."""

    kind: ReferenceKind
    value: str
    owner: Owner
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A person found in a letter.

    Attributes
    ----------
    surname, given_names
        As written; ``given_names`` is empty where only one name stands.
    role
        Part the person plays.
    birth_date
        If the letter gives it.
    nationality
        Three-digit Destatis key, if the letter gives it.
    role_score
        0 to 1, how clearly the role shows; not calibrated.
    swappable
        True where the order of surname and given names does not show.
    other_surname
        Another reading of the surname, such as the second of two.
    """

    surname: str
    given_names: str
    role: PersonRole
    birth_date: dt.date | None = None
    nationality: str | None = None
    place: Place | None = None
    role_score: float = 1.0
    swappable: bool = False
    other_surname: str = ""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date by which the sender wants an answer; a hint, never a reason for routing."""

    date: dt.date
    words: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found in a letter.

    Attributes
    ----------
    masked_text
        The letter's text without names, numbers, addresses and dates: all the text model ever sees.
    addressees
        Caseworkers of the office the letter names, by id, with the place.
    confidential
        True where the letter is marked personal, confidential or classified.
    """

    language: str
    references: tuple[Reference, ...] = ()
    persons: tuple[Person, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    addressees: tuple[tuple[str, Place | None], ...] = ()
    confidential: bool = False
    masked_text: str = ""


class EvidenceSource(StrEnum):
    """Where a piece of evidence comes from."""

    CASE_LIST = "case_list"
    REFERENCE = "reference"
    ADDRESSEE = "addressee"
    RULE = "rule"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that speaks for a post.

    Attributes
    ----------
    source
        Where it comes from.
    says
        The post it speaks for.
    message, values
        Message id and what to fill in; together they make ``why``.
    weight
        What it added to the post's score; negative speaks against. Of the best post and the runner-up the weights
        sum to the score above that of a post nothing speaks for.
    page, box
        Where it stands, if it stands somewhere.
    ocr_confidence
        How well the words it rests on were read.
    """

    source: EvidenceSource
    says: str
    message: str
    values: dict[str, str]
    weight: float
    page: int | None = None
    box: Box | None = None
    ocr_confidence: float = 1.0

    @property
    def why(self) -> str:
        """One sentence a caseworker understands, in the language of the present user."""
        return _(self.message).format(**self.values)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words for people: message id and what to fill in."""

    message: str
    values: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The sentence in the language of the present user."""
        return _(self.message).format(**self.values)


@dataclass(frozen=True, slots=True)
class WordPart:
    """What all occurrences of a word add to the best field's score against another's.

    Attributes
    ----------
    page, box
        Where it first stands, if it was found.
    """

    word: str
    weight: float
    page: int | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """Something that would send the letter elsewhere if it were otherwise.

    Attributes
    ----------
    post
        Where the letter would go.
    what
        Kind of the change: ``number``, ``person``, ``file``, ``addressee``, ``matter``, ``surname`` or ``meant``.
    lead
        How far that post would then be ahead of the present one, in points of the score.
    """

    post: str
    what: str
    message: str
    values: dict[str, str]
    lead: float

    @property
    def words(self) -> str:
        """The change in the language of the present user."""
        return _(self.message).format(**self.values)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why the best post is the best one, and what would change it.

    Attributes
    ----------
    post, runner_up
        The two that are compared.
    baseline
        Score of a post nothing speaks for.
    score, runner_up_score
        Scores of the two; they differ from the baseline by the weights of the evidence that says the post.
    sentences
        Why, the most important first.
    field, against
        What the text was taken for, and what it was compared with; empty where the text was not asked.
    words
        Words of the text that tell the two apart, the strongest first.
    other_words
        What all else in the text adds; with `words` it sums to what the text model sees between the two fields.
    changes
        What would send the letter elsewhere, the clearest first; empty where no single fact decides.
    """

    post: str
    runner_up: str | None
    baseline: float
    score: float
    runner_up_score: float | None
    sentences: tuple[Sentence, ...] = ()
    field: str = ""
    against: str = ""
    words: tuple[WordPart, ...] = ()
    other_words: float = 0.0
    changes: tuple[Change, ...] = ()

    @property
    def margin(self) -> float | None:
        """How far the best post is ahead of the runner-up; ``None`` without one."""
        return self.score - self.runner_up_score if self.runner_up_score is not None else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A post with the calibrated probability that it is responsible."""

    post: str
    caseworker: str | None
    confidence: float
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """Ranked candidates, what speaks for them, and whether a person is needed.

    Attributes
    ----------
    threshold
        Lowest confidence that is routed; ``None`` while nothing may be routed on confidence.
    model
        Name and version, or ``None`` where only plan and case list spoke.
    details
        Scores behind the decision, for audit: familiarity, probability that the file's holder is overridden, ...
    explanation
        Why; ``None`` without candidates, and for decisions stored before there were explanations.
    """

    outcome: Outcome
    candidates: tuple[Candidate, ...]
    reasons: tuple[Reason, ...]
    evidence: tuple[Evidence, ...]
    facts: Facts
    matter: str | None
    threshold: float | None
    model: str | None
    plan_version: str = ""
    details: dict[str, float] = field(default_factory=dict)
    explanation: Explanation | None = None

    @property
    def is_withheld(self) -> bool:
        """Whether the letter is marked confidential, so that nothing it says is kept."""
        return self.facts.confidential or Reason.CONFIDENTIAL in self.reasons

    def withheld(self) -> "Decision":
        """Return the decision as it may be kept of a letter marked confidential: for whom it is, not what it says."""
        facts = Facts(self.facts.language, addressees=self.facts.addressees, confidential=True)
        named = tuple(evidence for evidence in self.evidence if evidence.source is EvidenceSource.ADDRESSEE)
        return replace(self, facts=facts, evidence=named, matter=None, details={})

    @property
    def post(self) -> str | None:
        """The best candidate's post."""
        return self.candidates[0].post if self.candidates else None

    @property
    def confidence(self) -> float:
        """The best candidate's confidence, 0 without candidates."""
        return self.candidates[0].confidence if self.candidates else 0.0
