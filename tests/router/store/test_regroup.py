# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import threading
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.errors import ConflictError, NotFoundError, UsageError
from router.records import Box, Decision, Letter, LetterKind, Page, PageSource, Reading, Word
from router.store.jobs import Task
from router.store.store import Store
from router.store.tables import letters, steps
from router.store.views import Claim, LetterState, LetterSummary

Decide = Callable[..., Decision]
Batch = Callable[..., UUID]


def _page(number: int) -> Page:
    return Page(number, 595.0, 842.0, PageSource.OCR, (Word(f"w{number}", Box(0, 0, 1, 1), 0.9, 0),))


def _claim(store: Store, subject: UUID, task: Task) -> Claim:
    claim = store.claim(subject, task)
    assert claim is not None
    return claim


@pytest.fixture
def batch(store: Store, decision: Decide) -> Batch:
    """Bring an item of several letters, each given by its pages, and decide them."""

    def run(*groups: Sequence[int], decided: bool = True, **how: object) -> UUID:
        item_id = store.receive(uuid4().bytes, channel="upload", actor="anna").item_id
        read = tuple(Letter(tuple(_page(number) for number in group), LetterKind.SCAN) for group in groups)
        found = store.save_reading(_claim(store, item_id, Task.READ), Reading(read, "application/pdf", 12))
        for letter_id in found if decided else ():
            store.save_decision(_claim(store, letter_id, Task.DECIDE), decision(**{"routed": False, **how}))
        return item_id

    return run


def _letters(store: Store, item_id: UUID) -> list[LetterSummary]:
    return [store.letter(letter_id).summary for letter_id in store.item(item_id).letters]


def _pages(store: Store, item_id: UUID) -> list[tuple[int, ...]]:
    return [letter.pages for letter in _letters(store, item_id)]


def _waiting_jobs(store: Store) -> list[str]:
    with store.engine.connect() as connection:
        query = "SELECT args->>'subject' FROM procrastinate_jobs WHERE task_name = 'decide' ORDER BY id"
        return list(connection.execute(sa.text(query)).scalars())


def test_splitting_makes_new_letters_that_are_decided_anew(store: Store, batch: Batch) -> None:
    item_id = batch([1, 2, 3, 4, 5, 6])
    [whole] = _letters(store, item_id)
    jobs = len(_waiting_jobs(store))
    found = store.regroup(item_id, [1, 4, 6], "anna", expected=[1])
    assert found.letters == tuple(_letters(store, item_id))
    assert [letter.pages for letter in found.letters] == [(1, 2, 3), (4, 5), (6,)]
    assert [letter.position for letter in found.letters] == [0, 1, 2]
    assert found.letters[0].id == whole.id
    assert found.changed == tuple(letter.id for letter in found.letters)
    assert _waiting_jobs(store)[jobs:] == [str(letter.id) for letter in found.letters]
    for letter in found.letters:
        view = store.letter(letter.id)
        assert (letter.state, letter.post, letter.outcome, view.decision) == (LetterState.WAITING, None, None, None)
        assert view.letter.text == "\f".join(f"w{number}" for number in letter.pages)
    assert store.letter(whole.id).version == 3
    event = store.audit_events(1)[0]
    assert (event.event, event.actor, event.subject) == ("item:letters:regrouped", "anna", str(item_id))
    assert event.details["before"] == [{"letter": str(whole.id), "pages": [1, 2, 3, 4, 5, 6]}]
    assert event.details["after"] == [
        {"letter": str(letter.id), "pages": list(letter.pages)} for letter in found.letters
    ]


def test_joining_removes_a_letter_and_the_chain_tells_where_it_went(store: Store, batch: Batch) -> None:
    item_id = batch([1, 2], [4], [5, 6])
    first, second, third = _letters(store, item_id)
    found = store.regroup(item_id, [1, 5], "anna")
    assert [letter.pages for letter in found.letters] == [(1, 2, 4), (5, 6)]
    assert found.changed == (first.id,)
    assert store.letter(third.id).summary.state is LetterState.REVIEW, "a letter whose pages stay keeps its decision"
    with pytest.raises(NotFoundError):
        store.letter(second.id)
    told = next(entry for entry in store.audit_events() if entry.subject == str(second.id))
    assert (told.event, told.details) == (
        "letter:pages:joined",
        {"item": str(item_id), "pages": [4], "into": str(first.id)},
    )
    assert store.joined_into(second.id) == first.id
    assert store.joined_into(first.id) is None
    assert store.verify_audit().ok
    with store.engine.connect() as connection:
        assert set(connection.execute(sa.select(steps.c.subject)).scalars()) == {item_id, first.id, third.id}


def test_way_to_a_letter_that_took_over_leads_over_others_that_are_gone(store: Store, batch: Batch) -> None:
    item_id = batch([1], [2], [3])
    first, second, third = _letters(store, item_id)
    store.regroup(item_id, [1, 2], "anna")
    store.regroup(item_id, [1], "anna")
    assert store.joined_into(third.id) == store.joined_into(second.id) == first.id


def test_asking_again_changes_nothing(store: Store, batch: Batch) -> None:
    item_id = batch([1, 2, 3])
    store.regroup(item_id, [1, 3], "anna", expected=[1])
    before, count, jobs = _letters(store, item_id), len(store.audit_events()), _waiting_jobs(store)
    again = store.regroup(item_id, [3, 1], "anna", expected=[1])
    assert (again.letters, again.changed) == (tuple(before), ())
    assert (len(store.audit_events()), _waiting_jobs(store)) == (count, jobs)


def test_stale_reviewers_change_nothing(store: Store, batch: Batch) -> None:
    item_id = batch([1, 2, 3])
    [whole] = _letters(store, item_id)
    seen = store.letter(whole.id).version
    store.regroup(item_id, [1, 2], "bert")
    with pytest.raises(ConflictError):
        store.regroup(item_id, [1, 3], "anna", expected=[1])
    with pytest.raises(ConflictError):
        store.assign(whole.id, "33.21", None, "anna", expected_version=seen)
    assert _pages(store, item_id) == [(1,), (2, 3)]


def test_worker_that_decides_a_letter_whose_pages_changed_writes_nothing(
    store: Store, batch: Batch, decision: Decide
) -> None:
    item_id = batch([1, 2], [3], decided=False)
    first, second = _letters(store, item_id)
    claims = [_claim(store, letter.id, Task.DECIDE) for letter in (first, second)]
    assert [letter.pages for letter in store.regroup(item_id, [1], "anna").letters] == [(1, 2, 3)]
    for claim in claims:
        with pytest.raises(ConflictError):
            store.save_decision(claim, decision())
        store.give_back(claim, "late", counts=True)
    assert store.claim(second.id, Task.DECIDE) is None
    fresh = _claim(store, first.id, Task.DECIDE)
    assert (fresh.epoch, fresh.attempts) == (claims[0].epoch + 2, 1)
    store.save_decision(fresh, decision("33.22"))
    assert store.letter(first.id).summary.post == "33.22"


def test_pages_left_for_later_are_read_for_the_letters_they_are_in_now(
    store: Store, batch: Batch, decision: Decide
) -> None:
    item_id = batch([1, 2], decided=False)
    [letter] = _letters(store, item_id)
    store.save_decision(_claim(store, letter.id, Task.DECIDE), decision(routed=False), pages_left=True)
    reading, whole = _claim(store, letter.id, Task.COMPLETE), store.letter(letter.id).letter
    store.regroup(item_id, [1, 2], "anna")
    with pytest.raises(ConflictError):
        store.save_rest(reading, whole, decision())
    assert store.claim(letter.id, Task.COMPLETE) is None, "first it is decided"
    assert store.letter(letter.id).summary.state is LetterState.WAITING
    store.save_decision(_claim(store, letter.id, Task.DECIDE), decision(routed=False), pages_left=True)
    again = _claim(store, letter.id, Task.COMPLETE)
    assert again.epoch > reading.epoch
    with pytest.raises(ConflictError):
        store.save_rest(reading, whole, decision())
    store.save_rest(again, store.letter(letter.id).letter, decision())
    assert _pages(store, item_id) == [(1,), (2,)]


@pytest.mark.parametrize("how", ["person", "service", "spot_check", "delivered"])
def test_letters_that_are_decided_keep_their_pages(store: Store, batch: Batch, decision: Decide, how: str) -> None:
    item_id = batch([1, 2], [3, 4], [5, 6])
    first, second, _third = _letters(store, item_id)
    if how == "person":
        store.assign(second.id, "33.21", None, "bert")
    else:
        store.regroup(item_id, [1, 3, 4, 5], "bert")
        store.regroup(item_id, [1, 3, 5], "bert")
        store.save_decision(_claim(store, second.id, Task.DECIDE), decision(), spot_check=how == "spot_check")
        if how == "delivered":
            assert [store.deliver(parcel) for parcel in store.parcels(second.id)] == [True]
    before = store.letter(second.id)
    for starts in ([1, 3, 4, 5], [1, 5], [1, 3], [1, 2, 3, 4, 5]):
        with pytest.raises(ConflictError) as refused:
            store.regroup(item_id, starts, "anna")
        assert "3" in refused.value.what
    assert _pages(store, item_id) == [(1, 2), (3, 4), (5, 6)]
    found = store.regroup(item_id, [1, 2, 3, 5, 6], "anna")
    assert [letter.pages for letter in found.letters] == [(1,), (2,), (3, 4), (5,), (6,)]
    after = store.letter(second.id)
    assert (after.decision, after.assignments, after.version) == (before.decision, before.assignments, before.version)
    assert [page.number for page in store.item_pages(item_id) if page.fixed] == [3, 4]
    assert first.id in {page.letter_id for page in store.item_pages(item_id)}


def test_what_can_not_be_divided_says_why(store: Store, batch: Batch) -> None:
    with pytest.raises(NotFoundError):
        store.regroup(uuid4(), [1], "anna")
    with pytest.raises(NotFoundError):
        store.item_pages(uuid4())
    unread = store.receive(b"unread", channel="upload", actor="anna").item_id
    with pytest.raises(ConflictError):
        store.regroup(unread, [1], "anna")
    assert store.item_pages(unread) == ()
    item_id = batch([1, 2])
    with pytest.raises(UsageError):
        store.regroup(item_id, [1, 3], "anna")
    with store.engine.begin() as connection:
        connection.execute(letters.update().values(content=None))
    with pytest.raises(UsageError):
        store.regroup(item_id, [1, 2], "anna")


def test_a_regroup_that_fails_half_way_leaves_everything(store: Store, batch: Batch) -> None:
    item_id = batch([1, 2], [3])
    before, count = _letters(store, item_id), len(store.audit_events())

    def broken(_connection: sa.Connection, _task: Task, _subject: UUID, /, *, priority: int = 0) -> None:
        raise OSError("cut off")

    with pytest.raises(OSError, match="cut off"):
        Store(store.engine, store.folder, defer=broken).regroup(item_id, [1, 2], "anna")
    assert (_letters(store, item_id), len(store.audit_events())) == (before, count)


def test_lost_jobs_of_new_letters_are_found(store: Store, batch: Batch) -> None:
    item_id = batch([1, 2])
    store.regroup(item_id, [1, 2], "anna")
    with store.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM procrastinate_jobs"))
    assert store.reconcile(grace_seconds=0) == 2
    assert sorted(_waiting_jobs(store)) == sorted(str(letter.id) for letter in _letters(store, item_id))


def test_dividing_deciding_and_assigning_at_once_never_lock_each_other(
    store: Store, batch: Batch, decision: Decide
) -> None:
    item_id = batch([1, 2, 3, 4])
    problems: list[Exception] = []

    def work(action: Callable[[int], object]) -> None:
        for number in range(25):
            try:
                action(number)
            except (ConflictError, NotFoundError):
                continue
            except Exception as error:  # noqa: BLE001 (shown by the test)
                problems.append(error)

    def divide(number: int) -> None:
        store.regroup(item_id, [1, *([2, 3, 4][: number % 4])], "anna")

    def decide(_number: int) -> None:
        for letter_id in store.item(item_id).letters:
            if claim := store.claim(letter_id, Task.DECIDE):
                store.save_decision(claim, decision(routed=False))

    threads = [threading.Thread(target=work, args=(action,)) for action in (divide, divide, decide, decide)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert [page for pages in _pages(store, item_id) for page in pages] == [1, 2, 3, 4]
    decide(0)
    assert {letter.state for letter in _letters(store, item_id)} == {LetterState.REVIEW}
    assert store.verify_audit().ok


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sets(st.integers(2, 7)), st.integers(0, 6)), min_size=1, max_size=5))
def test_every_page_is_in_one_letter_whatever_is_asked(
    store: Store, batch: Batch, decision: Decide, wishes: list[tuple[set[int], int]]
) -> None:
    item_id = batch([1, 2, 3], [5, 6, 7])
    for wish, assigned in wishes:
        starts = [1, *sorted(wish - {4})]
        fixed = [letter for letter in _letters(store, item_id) if letter.state is LetterState.ASSIGNED]
        before = _pages(store, item_id)
        try:
            found = store.regroup(item_id, starts, "anna").letters
        except ConflictError:
            assert _pages(store, item_id) == before
        else:
            assert [letter.pages[0] for letter in found] == starts
        now = _letters(store, item_id)
        assert [page for letter in now for page in letter.pages] == [1, 2, 3, 5, 6, 7]
        assert [letter.position for letter in now] == list(range(len(now)))
        assert {(letter.id, letter.pages) for letter in fixed} <= {(letter.id, letter.pages) for letter in now}
        for letter in now:
            if letter.state is LetterState.WAITING:
                store.save_decision(_claim(store, letter.id, Task.DECIDE), decision(routed=False))
        if assigned == 0:
            store.assign(now[-1].id, "33.21", None, "bert")
    assert store.verify_audit().ok
