# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is done with an item or letter at each step. Whatever goes wrong, it ends with a person, not nowhere."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import NoReturn, Protocol
from uuid import UUID

import structlog

from router.errors import (
    ConflictError,
    DependencyError,
    ModelError,
    NotFoundError,
    PostweicheError,
    TemporaryError,
)
from router.facts.confidential import is_confidential
from router.records import Decision, Facts, Letter, LetterKind, Outcome, Reading, Reason
from router.settings import Settings
from router.store.jobs import Task
from router.store.store import Store
from router.store.views import Claim, LetterView
from router.work.targets import Target

__all__ = ["MOST_ATTEMPTS", "DeskLike", "StepFailedError", "Steps", "drawn_for_spot_check"]

_log = structlog.get_logger(__name__)
MOST_ATTEMPTS = 3
"""After so many attempts that failed through its own fault a letter goes to a person."""

_MOST_DELIVERIES = 12


class StepFailedError(TemporaryError):
    """A step did not work out; it is tried again later."""

    code = "step_failed"


class DeskLike(Protocol):
    """Reads items and decides letters; ``router.work.desk.Desk`` is the real one."""

    def read_until_sure(self, data: bytes, received: dt.date) -> Reading:
        """Read an item as far as its decisions need it."""

    def read_rest(self, data: bytes, letter: Letter) -> Letter:
        """Read the pages of a letter that were left for later."""

    def decide(self, letter: Letter, received: dt.date) -> Decision:
        """Decide a letter."""

    def check_share(self, usual: float) -> float:
        """Return the share of routed letters a person is to see now, given the usual one."""


class Steps:
    """The handlers of the queue's jobs.

    Parameters
    ----------
    store
        Where everything is kept.
    desk
        Reads and decides.
    settings
        Share of spot checks, and the seed of their draw.
    targets
        Ways out, by name.
    """

    def __init__(self, store: Store, desk: DeskLike, settings: Settings, targets: Mapping[str, Target]) -> None:
        self._store = store
        self._desk = desk
        self._settings = settings
        self._targets = targets

    def read(self, item_id: UUID) -> None:
        """Read an item and save its letters."""
        claim = self._store.claim(item_id, Task.READ)
        if claim is None:
            return
        if claim.attempts > MOST_ATTEMPTS:
            reading = _nothing_read(Reason.UNREADABLE)
        else:
            try:
                received = self._store.item(item_id).received_at.astimezone().date()
                reading = self._desk.read_until_sure(self._store.original(item_id), received)
                reading = replace(reading, letters=tuple(_told_apart(letter) for letter in reading.letters))
            except Exception as error:  # noqa: BLE001 (edge: a document may break a library in any way)
                self._failed(claim, error)
        try:
            letters = self._store.save_reading(claim, reading)
        except ConflictError:
            _log.warning("reading_superseded", item=str(item_id), epoch=claim.epoch)
            return
        _log.info(
            "item_read", item=str(item_id), letters=len(letters), pages=reading.page_count,
            seconds=round(reading.seconds, 3), error=reading.error,
        )  # fmt: skip

    def decide(self, letter_id: UUID) -> None:
        """Decide a letter and save the decision."""
        claim = self._store.claim(letter_id, Task.DECIDE)
        if claim is None:
            return
        view = self._view(letter_id)
        if view is None:
            return
        letter = view.letter
        if claim.attempts > MOST_ATTEMPTS:
            decision = _undecided(letter, Reason.UNREADABLE)
        else:
            try:
                if letter.is_withheld:
                    letter = self._read_anew(view)
                elif not letter.is_complete and not letter.text:
                    # A person split a letter: of this piece no page was needed before.
                    letter = self._desk.read_rest(self._store.original(view.summary.item_id), letter)
                decision = self._desk.decide(letter, view.summary.received_at.astimezone().date())
            except ModelError as error:
                _log.warning("model_unusable", code=error.code)
                decision = _undecided(letter, Reason.NO_MODEL)
            except Exception as error:  # noqa: BLE001 (edge: a letter's text may break a library in any way)
                self._failed(claim, error)
        share = self._desk.check_share(self._settings.spot_check_share)
        spot_check = decision.outcome is Outcome.ROUTED and drawn_for_spot_check(letter_id, share, self._settings.seed)
        try:
            self._store.save_decision(claim, decision, spot_check=spot_check, pages_left=not view.letter.is_complete)
        except ConflictError:
            _log.warning("decision_superseded", letter=str(letter_id), epoch=claim.epoch)
            return
        _log.info("letter_decided", letter=str(letter_id), outcome=decision.outcome.value, spot_check=spot_check)

    def complete(self, letter_id: UUID) -> None:
        """Read the pages of a letter that its decision did not need, and see whether they change it."""
        claim = self._store.claim(letter_id, Task.COMPLETE)
        if claim is None:
            return
        view = self._view(letter_id)
        if view is None:
            return
        received = view.summary.received_at.astimezone().date()
        if claim.attempts > MOST_ATTEMPTS:
            letter, decision = view.letter, _undecided(view.letter, Reason.UNREADABLE)
        else:
            try:
                letter = self._desk.read_rest(self._store.original(view.summary.item_id), view.letter)
                decision = self._desk.decide(letter, received)
            except Exception as error:  # noqa: BLE001 (edge: a document may break a library in any way)
                self._failed(claim, error)
        try:
            self._store.save_rest(claim, letter, decision)
        except ConflictError:
            _log.warning("rest_superseded", letter=str(letter_id), epoch=claim.epoch)
            return
        _log.info("letter_completed", letter=str(letter_id), outcome=decision.outcome.value)

    def deliver(self, letter_id: UUID) -> None:
        """Bring a letter to each target where it is not in effect yet."""
        failed = False
        for parcel in self._store.parcels(letter_id):
            try:
                if parcel.target not in self._targets:
                    raise DependencyError("no such target is set up", item=parcel.target)
                self._targets[parcel.target].deliver(parcel)
            except PostweicheError as error:
                final = not error.again and not isinstance(error, DependencyError)
                final = final or parcel.attempts + 1 >= _MOST_DELIVERIES
                self._store.not_delivered(parcel, error.code, final=final)
                _log.warning(
                    "delivery_failed", letter=str(letter_id), target=parcel.target, code=error.code, final=final
                )
                failed = failed or not final
                continue
            if self._store.deliver(parcel):
                _log.info("letter_delivered", letter=str(letter_id), target=parcel.target)
        if failed:
            raise StepFailedError("a delivery did not work out", item=str(letter_id))

    def _read_anew(self, view: LetterView) -> Letter:
        """Return a letter of which no words are kept with those of the original, for as long as it is decided."""
        received = view.summary.received_at.astimezone().date()
        reading = self._desk.read_until_sure(self._store.original(view.summary.item_id), received)
        return view.letter.with_pages(page for letter in reading.letters for page in letter.pages)

    def _view(self, letter_id: UUID) -> LetterView | None:
        """Return a letter, or ``None`` when it was joined to another one meanwhile."""
        try:
            return self._store.letter(letter_id)
        except NotFoundError:
            return None

    def _failed(self, claim: Claim, error: Exception) -> NoReturn:
        """Give a claim back after an error and have the job called again later."""
        code = error.code if isinstance(error, PostweicheError) else type(error).__name__
        # A missing program is nobody's letter's fault; such letters wait until it is mended.
        self._store.give_back(claim, code, counts=not isinstance(error, DependencyError))
        _log.warning("step_failed", step=claim.step, subject=str(claim.subject), attempts=claim.attempts, problem=code)
        # Not chained: messages of libraries may hold words of the letter, and the queue logs them.
        raise StepFailedError(code, item=str(claim.subject)) from None


def drawn_for_spot_check(letter_id: UUID, share: float, seed: int) -> bool:
    """Draw a share of letters at random, for each letter always with the same result.

    Parameters
    ----------
    share
        0 to 1.
    seed
        Start of the draw.
    """
    digest = hashlib.sha256(f"{seed}/{letter_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def _told_apart(letter: Letter) -> Letter:
    """Return a letter that says of itself whether it is marked confidential, so that its words are not stored."""
    if letter.is_withheld or not is_confidential(letter.text):
        return letter
    return replace(letter, problems=(*letter.problems, Reason.CONFIDENTIAL))


def _nothing_read(reason: Reason) -> Reading:
    return Reading((Letter((), LetterKind.SCAN, problems=(reason,)),), "application/octet-stream", 0, reason)


def _undecided(letter: Letter, reason: Reason) -> Decision:
    reasons = tuple(dict.fromkeys((*letter.problems, reason)))
    return Decision(
        Outcome.REVIEW,
        candidates=(),
        reasons=reasons,
        evidence=(),
        facts=Facts(""),
        matter=None,
        threshold=None,
        model=None,
    )
