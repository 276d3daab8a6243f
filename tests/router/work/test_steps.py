# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from router.delivery.targets import all_targets
from router.errors import ConflictError, DependencyError, ModelError, StorageError, TemporaryError, UsageError
from router.records import (
    Box,
    Candidate,
    Decision,
    Facts,
    Letter,
    LetterKind,
    Outcome,
    Page,
    PageSource,
    Reading,
    Reason,
    Word,
)
from router.settings import Settings
from router.store.jobs import Task
from router.store.store import Store
from router.store.views import ItemState, LetterState, Parcel
from router.work.steps import MOST_ATTEMPTS, StepFailedError, Steps, drawn_for_spot_check


class _Desk:
    """Does as it is told."""

    def __init__(self, reading: Reading | Exception, decision: Decision | Exception | None = None) -> None:
        self.reading, self.decision = reading, decision
        self.rest: tuple[Page, ...] | Exception = ()
        self.check_all = 0.0

    def read_until_sure(self, data: bytes, received: dt.date) -> Reading:
        if isinstance(self.reading, Exception):
            raise self.reading
        return self.reading

    def read_rest(self, data: bytes, letter: Letter) -> Letter:
        if isinstance(self.rest, Exception):
            raise self.rest
        return letter.with_pages(self.rest)

    def decide(self, letter: Letter, received: dt.date) -> Decision:
        if isinstance(self.decision, Exception):
            raise self.decision
        assert self.decision is not None
        return self.decision

    def check_share(self, usual: float) -> float:
        return self.check_all or usual


_EMPTY = Reading((Letter((), LetterKind.SCAN, problems=(Reason.ENCRYPTED,)),), "application/pdf", 0, Reason.ENCRYPTED)


def _steps(store: Store, settings: Settings, desk: _Desk) -> Steps:
    return Steps(store, desk, settings, all_targets())


def _item(store: Store) -> tuple[UUID, UUID]:
    item_id = store.receive(b"data", channel="upload", actor="anna").item_id
    return item_id, store.item(item_id).letters[0]


@pytest.mark.parametrize("error", [ValueError("Anna Müller"), MemoryError(), RecursionError(), TemporaryError("x")])
def test_item_that_breaks_its_reading_goes_to_a_person(store: Store, settings: Settings, error: Exception) -> None:
    steps = _steps(store, settings, _Desk(error, error))
    item_id, letter_id = _item(store)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(StepFailedError) as caught:
            steps.read(item_id)
        assert "Müller" not in f"{caught.value}{caught.value.__cause__}"
    steps.read(item_id)
    item = store.item(item_id)
    assert (item.state, item.error) == (ItemState.FAILED, Reason.UNREADABLE)
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(StepFailedError):
            steps.decide(letter_id)
    steps.decide(letter_id)
    summary = store.letter(letter_id).summary
    assert (summary.state, summary.reasons) == (LetterState.REVIEW, (Reason.UNREADABLE,))
    assert store.original(item_id) == b"data"


def test_missing_program_is_waited_for(store: Store, settings: Settings) -> None:
    desk = _Desk(DependencyError("Tesseract is missing"))
    steps = _steps(store, settings, desk)
    item_id, _letter_id = _item(store)
    for _ in range(3 * MOST_ATTEMPTS):
        with pytest.raises(StepFailedError):
            steps.read(item_id)
    desk.reading = _EMPTY
    steps.read(item_id)
    assert store.item(item_id).error is Reason.ENCRYPTED


def test_lost_original_goes_to_a_person_too(store: Store, settings: Settings) -> None:
    steps = _steps(store, settings, _Desk(_EMPTY))
    item_id = store.receive(b"x" * (2**20 + 1), channel="upload", actor="anna").item_id
    for path in (store.folder / "originals").rglob("*"):
        if path.is_file():
            path.unlink()
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(StepFailedError):
            steps.read(item_id)
    steps.read(item_id)
    assert store.item(item_id).error is Reason.UNREADABLE


def test_unusable_model_sends_to_a_person(store: Store, settings: Settings) -> None:
    steps = _steps(store, settings, _Desk(_EMPTY, ModelError("altered")))
    item_id, letter_id = _item(store)
    steps.read(item_id)
    steps.decide(letter_id)
    summary = store.letter(letter_id).summary
    assert (summary.state, summary.reasons) == (LetterState.REVIEW, (Reason.ENCRYPTED, Reason.NO_MODEL))


def test_done_steps_are_not_done_again(store: Store, settings: Settings) -> None:
    steps = _steps(store, settings, _Desk(_EMPTY, ModelError("altered")))
    item_id, letter_id = _item(store)
    for _ in range(2):
        steps.read(item_id)
        steps.decide(letter_id)
        steps.deliver(letter_id)
    steps.read(uuid4())
    steps.decide(uuid4())
    steps.deliver(uuid4())
    assert [event.event for event in store.letter(letter_id).events] == [
        "item:document:received", "item:document:read", "letter:decision:review",
    ]  # fmt: skip


def test_result_that_comes_too_late_is_dropped(store: Store, settings: Settings) -> None:
    item_id, _letter_id = _item(store)

    class Slow(_Desk):
        def read(self, data: bytes) -> Reading:
            claim = store.claim(item_id, Task.READ)  # another worker takes over meanwhile
            assert claim is not None
            store.save_reading(claim, _EMPTY)
            return Reading(_EMPTY.letters * 3, "application/pdf", 3)

    _steps(store, settings, Slow(_EMPTY)).read(item_id)
    assert len(store.item(item_id).letters) == 1
    assert store.verify_audit().count == 2


class _Target:
    name = "worklist"

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.parcels: list[Parcel] = []

    def deliver(self, parcel: Parcel) -> None:
        self.parcels.append(parcel)
        answer = self.answers.pop(0)
        if answer is not None:
            raise answer


def _assigned(store: Store) -> UUID:
    _item_id, letter_id = _item(store)
    store.assign(letter_id, "33.21", "meyer", "anna")
    return letter_id


def test_delivery_is_tried_again(store: Store, settings: Settings) -> None:
    target = _Target(TemporaryError("busy"), StorageError("full"), None)
    letter_id = _assigned(store)
    steps = Steps(store, _Desk(_EMPTY), settings, {"worklist": target})
    for _ in range(2):
        with pytest.raises(StepFailedError):
            steps.deliver(letter_id)
    steps.deliver(letter_id)
    assert store.letter(letter_id).summary.state is LetterState.DELIVERED
    assert [(parcel.post, parcel.caseworker, parcel.attempts) for parcel in target.parcels] == [
        ("33.21", "meyer", 0), ("33.21", "meyer", 1), ("33.21", "meyer", 2),
    ]  # fmt: skip
    assert len({parcel.assignment_id for parcel in target.parcels}) == 1


def test_delivery_that_can_never_work_is_given_up(store: Store, settings: Settings) -> None:
    letter_id = _assigned(store)
    Steps(store, _Desk(_EMPTY), settings, {"worklist": _Target(UsageError("never"))}).deliver(letter_id)
    assert [delivery.state for delivery in store.letter(letter_id).deliveries] == ["failed"]


def test_delivery_is_given_up_after_many_attempts(store: Store, settings: Settings) -> None:
    letter_id = _assigned(store)
    steps = Steps(store, _Desk(_EMPTY), settings, {"worklist": _Target(*[TemporaryError("busy")] * 12)})
    for _ in range(11):
        with pytest.raises(StepFailedError):
            steps.deliver(letter_id)
    steps.deliver(letter_id)
    assert store.parcels(letter_id) == []


def test_target_that_is_not_set_up_is_waited_for(store: Store, settings: Settings) -> None:
    letter_id = _assigned(store)
    with pytest.raises(StepFailedError):
        Steps(store, _Desk(_EMPTY), settings, {}).deliver(letter_id)
    _steps(store, settings, _Desk(_EMPTY)).deliver(letter_id)
    assert store.letter(letter_id).summary.state is LetterState.DELIVERED


def test_spot_checks_are_a_repeatable_share() -> None:
    letters = [UUID(int=number) for number in range(20000)]
    drawn = [letter for letter in letters if drawn_for_spot_check(letter, 0.02, 7)]
    assert 300 < len(drawn) < 500
    assert drawn == [letter for letter in letters if drawn_for_spot_check(letter, 0.02, 7)]
    assert drawn != [letter for letter in letters if drawn_for_spot_check(letter, 0.02, 8)]
    assert not any(drawn_for_spot_check(letter, 0.0, 7) for letter in letters)
    assert all(drawn_for_spot_check(letter, 1.0, 7) for letter in letters)


def test_conflicts_are_no_failures() -> None:
    assert not ConflictError("x").again


def _page(number: int, text: str, *, is_read: bool = True) -> Page:
    words = tuple(Word(word, Box(0, 0, 1, 1), 0.9, 0) for word in text.split())
    return Page(number, 595.0, 842.0, PageSource.OCR, words, is_read=is_read)


_TWO_PAGES = Reading(
    (Letter((_page(1, "erste Seite"), _page(2, "", is_read=False)), LetterKind.SCAN),), "application/pdf", 2
)


def _decision(post: str | None) -> Decision:
    return Decision(
        Outcome.ROUTED if post else Outcome.REVIEW,
        candidates=(Candidate(post or "33.99", None, 0.99),),
        reasons=() if post else (Reason.SEVERAL_LETTERS,),
        evidence=(),
        facts=Facts("de"),
        matter=None,
        threshold=0.9,
        model=None,
    )


def _decided(store: Store, settings: Settings, post: str | None) -> tuple[Steps, _Desk, UUID]:
    """Read and decide an item on its first page."""
    desk = _Desk(_TWO_PAGES, _decision(post))
    desk.rest = (_page(2, "zweite Seite"),)
    steps = _steps(store, settings, desk)
    item_id, letter_id = _item(store)
    steps.read(item_id)
    steps.decide(letter_id)
    return steps, desk, letter_id


def test_pages_left_are_read_later_and_change_nothing_when_they_agree(store: Store, settings: Settings) -> None:
    steps, _desk, letter_id = _decided(store, settings, "33.21")
    assert store.open_work()[Task.COMPLETE] == 1
    assert "zweite" not in store.letter(letter_id).letter.text
    steps.complete(letter_id)
    view = store.letter(letter_id)
    assert view.letter.text == "erste Seite\fzweite Seite"
    assert (view.summary.state, view.summary.post) == (LetterState.ROUTED, "33.21")
    assert len(view.assignments) == 1
    assert store.open_work().get(Task.COMPLETE, 0) == 0
    steps.complete(letter_id)
    assert len(store.letter(letter_id).assignments) == 1


@pytest.mark.parametrize("later", [None, "33.46"])
def test_routed_letter_whose_other_pages_object_is_shown_to_a_person(
    store: Store, settings: Settings, later: str | None
) -> None:
    steps, desk, letter_id = _decided(store, settings, "33.21")
    steps.deliver(letter_id)
    desk.decision = _decision(later)
    steps.complete(letter_id)
    summary = store.letter(letter_id).summary
    assert (summary.state, summary.post) == (LetterState.REVIEW, "33.21")
    assert store.letter(letter_id).events[-1].details["reopened"] is True


def test_papers_that_only_make_a_decision_less_sure_are_no_objection(store: Store, settings: Settings) -> None:
    steps, desk, letter_id = _decided(store, settings, "33.21")
    unsure = _decision("33.21")
    desk.decision = replace(unsure, outcome=Outcome.REVIEW, reasons=(Reason.LOW_CONFIDENCE,))
    steps.complete(letter_id)
    assert store.letter(letter_id).summary.state is LetterState.ROUTED


def test_open_letter_is_routed_once_all_pages_are_read(store: Store, settings: Settings) -> None:
    steps, desk, letter_id = _decided(store, settings, None)
    desk.decision = _decision("33.21")
    steps.complete(letter_id)
    view = store.letter(letter_id)
    assert (view.summary.state, view.summary.post) == (LetterState.ROUTED, "33.21")
    assert [assignment.post for assignment in view.assignments] == ["33.21"]


@pytest.mark.parametrize("post", ["33.21", None])
def test_what_a_person_decided_stays(store: Store, settings: Settings, post: str | None) -> None:
    steps, desk, letter_id = _decided(store, settings, post)
    store.assign(letter_id, "33.00", None, "anna")
    desk.decision = _decision("33.46")
    steps.complete(letter_id)
    view = store.letter(letter_id)
    assert (view.summary.state, view.summary.post) == (LetterState.ASSIGNED, "33.00")
    assert view.letter.is_complete


def test_pages_that_break_their_reading_are_given_up_and_a_person_looks(store: Store, settings: Settings) -> None:
    steps, desk, letter_id = _decided(store, settings, "33.21")
    desk.rest = ValueError("zweite Seite")
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(StepFailedError):
            steps.complete(letter_id)
    steps.complete(letter_id)
    assert store.letter(letter_id).summary.state is LetterState.REVIEW
    assert store.open_work().get(Task.COMPLETE, 0) == 0


def test_superseded_completion_writes_nothing(store: Store, settings: Settings) -> None:
    letter_id = _decided(store, settings, "33.21")[2]
    old = store.claim(letter_id, Task.COMPLETE)
    assert old is not None
    assert store.claim(letter_id, Task.COMPLETE) is not None
    with pytest.raises(ConflictError):
        store.save_rest(old, _TWO_PAGES.letters[0], _decision(None))
    assert not store.letter(letter_id).letter.is_complete


def test_a_piece_none_of_whose_pages_was_needed_is_read_before_it_is_decided(store: Store, settings: Settings) -> None:
    desk = _Desk(replace(_TWO_PAGES, letters=(replace(_TWO_PAGES.letters[0], pages=(_page(2, "", is_read=False),)),)))
    seen: list[str] = []

    def decide(letter: Letter, received: dt.date) -> Decision:
        seen.append(letter.text)
        return _decision(None)

    desk.decide = decide  # type: ignore[method-assign]
    desk.rest = (_page(2, "zweite Seite"),)
    steps = _steps(store, settings, desk)
    item_id, letter_id = _item(store)
    steps.read(item_id)
    steps.decide(letter_id)
    assert seen == ["zweite Seite"]
    steps.complete(letter_id)
    assert store.letter(letter_id).letter.text == "zweite Seite"


def test_while_something_looks_wrong_each_routed_letter_is_checked(store: Store, settings: Settings) -> None:
    routed = Decision(
        Outcome.ROUTED, (Candidate("33.21", None, 0.99),), reasons=(), evidence=(), facts=Facts("de"), matter=None,
        threshold=0.9, model="postweiche@1",
    )  # fmt: skip
    desk = _Desk(_EMPTY, routed)
    steps = _steps(store, settings, desk)
    for closely in (False, True):
        desk.check_all = float(closely)
        item_id = store.receive(f"data {closely}".encode(), channel="upload", actor="anna").item_id
        steps.read(item_id)
        [letter_id] = store.item(item_id).letters
        steps.decide(letter_id)
        assert store.letter(letter_id).summary.spot_check is closely
