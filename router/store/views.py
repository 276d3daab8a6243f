# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the store shows: frozen records of items, letters, trainings, users."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from router.records import Decision, Letter, Outcome, Reason

__all__ = [
    "AssignmentSource",
    "AssignmentView",
    "AuditReport",
    "AuditView",
    "Claim",
    "Counts",
    "DeliveryView",
    "EntryResult",
    "EntryView",
    "EventView",
    "ItemPage",
    "ItemState",
    "ItemView",
    "LetterState",
    "LetterSummary",
    "LetterView",
    "Parcel",
    "ProtocolReceipt",
    "ProtocolSummary",
    "ProtocolView",
    "Receipt",
    "Regrouped",
    "StoredLabel",
    "TokenView",
    "TrainingState",
    "TrainingView",
    "UserView",
]


class ItemState(StrEnum):
    """How far an item is: ``failed`` means that nothing of it could be read."""

    RECEIVED = "received"
    READING = "reading"
    READ = "read"
    FAILED = "failed"


class LetterState(StrEnum):
    """Where a letter is on its way; ``assigned`` was decided by a person."""

    WAITING = "waiting"
    REVIEW = "review"
    ROUTED = "routed"
    ASSIGNED = "assigned"
    DELIVERED = "delivered"


class AssignmentSource(StrEnum):
    """Who assigned and why; only those by persons are labels."""

    SERVICE = "service"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    SPOT_CHECK = "spot_check"


class TrainingState(StrEnum):
    """How far a training is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Answer to the sender: the item is safe. ``known`` when the same one had come before."""

    item_id: UUID
    known: bool


class EntryResult(StrEnum):
    """What became of a file of a scan protocol; ``not_in_protocol`` is said of items that no line names."""

    WAITING = "waiting"
    CORRECT = "correct"
    MISSING_FILE = "missing_file"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_FEW_PAGES = "too_few_pages"
    NOT_IN_PROTOCOL = "not_in_protocol"

    @classmethod
    def of(cls, expected: int, found: int) -> "EntryResult":
        """Compare the pages a file should have with those it has."""
        if expected == found:
            return cls.CORRECT
        return cls.TOO_MANY_PAGES if found > expected else cls.TOO_FEW_PAGES


@dataclass(frozen=True, slots=True)
class ProtocolReceipt:
    """Answer to who brings a scan protocol: it is safe. ``known`` when the same one came shortly before."""

    protocol_id: UUID
    known: bool


@dataclass(frozen=True, slots=True)
class EntryView:
    """A line of a scan protocol and what became of its file.

    Attributes
    ----------
    line
        From 1; 0 for an item that no line names.
    pages, found
        What the protocol says and what was read; ``None`` where it is not known.
    settled_at, settled_by
        When and by whom a missing file was marked as settled.
    """

    protocol_id: UUID
    line: int
    file_name: str
    pages: int | None
    number: str
    result: EntryResult
    item_id: UUID | None
    found: int | None
    settled_at: dt.datetime | None = None
    settled_by: str | None = None


@dataclass(frozen=True, slots=True)
class ProtocolSummary:
    """A scan protocol; ``results`` counts its lines, ``due_at`` is when files that are not there count as missing."""

    id: UUID
    sha256: str
    size: int
    channel: str
    file_name: str
    received_at: dt.datetime
    due_at: dt.datetime
    results: Mapping[EntryResult, int]


@dataclass(frozen=True, slots=True)
class ProtocolView:
    """A scan protocol with its lines, and the items of its station that no line names."""

    summary: ProtocolSummary
    entries: tuple[EntryView, ...]
    unnamed: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class ItemView:
    """What arrived at once; ``letters`` are in the order of the item, at least one."""

    id: UUID
    sha256: str
    size: int
    media_type: str
    channel: str
    file_name: str
    sender: str
    received_at: dt.datetime
    state: ItemState
    page_count: int
    error: Reason | None
    letters: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class LetterSummary:
    """One line of a list of letters.

    Attributes
    ----------
    position
        Place in the item, from 0.
    outcome, confidence, threshold, reasons, model
        Of the service's decision; ``None`` and empty while there is none.
    post, caseworker
        Where it goes now: as assigned, else the service's best candidate.
    spot_check
        Routed, and shown to a person all the same.
    """

    id: UUID
    item_id: UUID
    position: int
    pages: tuple[int, ...]
    received_at: dt.datetime
    channel: str
    file_name: str
    state: LetterState
    outcome: Outcome | None
    post: str | None
    caseworker: str | None
    confidence: float | None
    threshold: float | None
    reasons: tuple[Reason, ...]
    kind: str
    model: str | None
    spot_check: bool


@dataclass(frozen=True, slots=True)
class AssignmentView:
    """Where a letter was sent, by whom."""

    id: UUID
    post: str
    caseworker: str | None
    source: AssignmentSource
    actor: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """A target and whether the letter's present assignment is in effect there: pending, done or failed."""

    target: str
    state: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class EventView:
    """One entry of the audit chain about a letter or item."""

    at: dt.datetime
    actor: str
    event: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class LetterView:
    """One letter with everything known about it; ``version`` moves with every change."""

    summary: LetterSummary
    letter: Letter
    decision: Decision | None
    assignments: tuple[AssignmentView, ...]
    deliveries: tuple[DeliveryView, ...]
    events: tuple[EventView, ...]
    item: ItemView
    version: int


@dataclass(frozen=True, slots=True)
class ItemPage:
    """A page of an item and the letter it belongs to.

    Attributes
    ----------
    starts
        The letter begins here.
    fixed
        The letter was decided or delivered already, so that its pages stay together.
    start_score
        0 to 1, how much the page looks like the first of a letter.
    """

    number: int
    letter_id: UUID
    starts: bool
    fixed: bool
    start_score: float


@dataclass(frozen=True, slots=True)
class Regrouped:
    """The letters of an item whose pages were given anew; `changed` are those with other pages than before."""

    letters: tuple[LetterSummary, ...]
    changed: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of one day, and what waits at all.

    Attributes
    ----------
    today
        Letters received on the day.
    routed
        Of them, routed by the service.
    review
        Letters of any day that wait for a person.
    waiting
        Letters of any day that are being read or decided.
    by_post
        Letters of the day by the post they went to.
    """

    today: int
    routed: int
    review: int
    waiting: int
    by_post: dict[str, int]


@dataclass(frozen=True, slots=True)
class TrainingView:
    """A training and how far it is; ``share`` is 0 to 1, ``version`` the model it made."""

    id: UUID
    state: TrainingState
    step: str
    share: float
    requested_by: str
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    version: int | None
    error: str | None
    result: dict[str, Any]


@dataclass(frozen=True, slots=True)
class UserView:
    """A user; roles are ``mailroom``, ``admin``, ``register``."""

    name: str
    roles: frozenset[str]
    active: bool


@dataclass(frozen=True, slots=True)
class TokenView:
    """A token for programs, without its secret."""

    id: UUID
    user: str
    name: str
    scopes: frozenset[str]
    added_at: dt.datetime
    expires_at: dt.datetime | None


@dataclass(frozen=True)
class StoredLabel:
    """A letter with the post a person gave it last; ``group`` is the same for letters of one item."""

    letter: Letter
    received: dt.date
    post: str
    matter: str | None
    channel: str
    group: str
    source: str
    sha256: str


@dataclass(frozen=True, slots=True)
class AuditView:
    """One link of the audit chain."""

    seq: int
    at: dt.datetime
    actor: str
    event: str
    subject: str
    details: Mapping[str, Any]
    hash: str


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What checking the whole chain gave; ``problems`` name the entries."""

    ok: bool
    count: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a step, until somebody claims it anew.

    Attributes
    ----------
    subject
        The item (``read``) or letter (``decide``).
    step
        ``read`` or ``decide``.
    epoch
        Number of the claim; the result is taken only while it is the newest.
    attempts
        How often it was claimed and not finished through its own fault, this one included.
    """

    subject: UUID
    step: str
    epoch: int
    attempts: int


@dataclass(frozen=True)
class Parcel:
    """A letter on its way to a target."""

    letter_id: UUID
    item_id: UUID
    assignment_id: UUID
    target: str
    post: str
    caseworker: str | None
    attempts: int
    details: Mapping[str, Any] = field(default_factory=dict)
