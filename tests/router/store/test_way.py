# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import threading
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from router.errors import ConflictError, NotFoundError, UsageError
from router.records import Box, Decision, Letter, LetterKind, Outcome, Page, PageSource, Reading, Reason, Word
from router.store.jobs import Task
from router.store.store import Store
from router.store.tables import deliveries, letters, steps
from router.store.views import AssignmentSource, Claim, ItemState, LetterState

Bring = Callable[..., UUID]
Decide = Callable[..., Decision]


def _jobs(store: Store, task: Task) -> list[str]:
    with store.engine.connect() as connection:
        query = sa.text("SELECT args->>'subject' FROM procrastinate_jobs WHERE task_name = :task ORDER BY id")
        return list(connection.execute(query, {"task": task.value}).scalars())


def _forget_jobs(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM procrastinate_jobs"))


def _deliver(store: Store, letter_id: UUID) -> list[bool]:
    return [store.deliver(parcel) for parcel in store.parcels(letter_id)]


def _claim(store: Store, subject: UUID, task: Task) -> Claim:
    claim = store.claim(subject, task)
    assert claim is not None
    return claim


def test_batch_becomes_letters_in_order(store: Store) -> None:
    receipt = store.receive(b"batch", channel="upload", actor="anna")
    waiting = store.item(receipt.item_id).letters
    odd = Word("nul\0 half\ud800", Box(1.5, 2.25, 3.1, 4.0), 0.9, 0)
    read = (
        Letter((Page(1, 595.0, 842.0, PageSource.OCR, (odd,), rotation=90, skew=0.5),), LetterKind.SCAN),
        Letter(
            (Page(3, 595.0, 842.0, PageSource.OCR), Page(4, 1.0, 1.0, PageSource.OCR)),
            LetterKind.SCAN,
            problems=(Reason.UNREADABLE,),
        ),
    )  # fmt: skip
    found = store.save_reading(_claim(store, receipt.item_id, Task.READ), Reading(read, "image/tiff", 4))
    item = store.item(receipt.item_id)
    assert item.letters == found
    assert found[:1] == waiting, "the letter that was shown waiting goes on as the first of the batch"
    assert (item.state, item.page_count, item.media_type) == (ItemState.READ, 4, "image/tiff")
    views = [store.letter(letter_id) for letter_id in found]
    assert [view.summary.pages for view in views] == [(1,), (3, 4)]
    assert views[1].letter == read[1]
    assert views[0].letter == replace(
        read[0], pages=(replace(read[0].pages[0], words=(replace(odd, text="nul\0 half?"),)),)
    )
    assert _jobs(store, Task.DECIDE) == [str(letter_id) for letter_id in found]


def test_item_nothing_could_be_read_of_is_one_letter(store: Store) -> None:
    receipt = store.receive(b"locked", channel="upload", actor="anna", media_type="application/pdf")
    reading = Reading(
        (Letter((), LetterKind.SCAN, problems=(Reason.ENCRYPTED,)),), "application/octet-stream", 0, Reason.ENCRYPTED
    )
    [letter_id] = store.save_reading(_claim(store, receipt.item_id, Task.READ), reading)
    item = store.item(receipt.item_id)
    assert (item.state, item.error, item.media_type) == (ItemState.FAILED, Reason.ENCRYPTED, "application/pdf")
    assert store.letter(letter_id).letter.problems == (Reason.ENCRYPTED,)
    assert store.original(receipt.item_id) == b"locked"


def test_step_is_done_once(store: Store, bring: Bring, decision: Decide) -> None:
    letter_id = bring(decided=False)
    claim = _claim(store, letter_id, Task.DECIDE)
    store.save_decision(claim, decision())
    assert store.claim(letter_id, Task.DECIDE) is None
    with pytest.raises(ConflictError):
        store.save_decision(claim, decision("33.99"))
    assert store.letter(letter_id).summary.post == "33.21"
    assert len(store.letter(letter_id).assignments) == 1
    assert store.claim(uuid4(), Task.DECIDE) is None


def test_worker_whose_step_was_taken_over_writes_nothing(store: Store, bring: Bring, decision: Decide) -> None:
    letter_id = bring(decided=False)
    frozen = _claim(store, letter_id, Task.DECIDE)
    taken = _claim(store, letter_id, Task.DECIDE)
    assert (frozen.epoch, taken.epoch, taken.attempts) == (1, 2, 2)
    with pytest.raises(ConflictError):
        store.save_decision(frozen, decision("33.99"))
    assert store.letter(letter_id).decision is None
    store.give_back(frozen, "late", counts=False)
    store.save_decision(taken, decision("33.22"))
    assert store.letter(letter_id).summary.post == "33.22"
    assert [e.event for e in store.letter(letter_id).events].count("letter:decision:routed") == 1


def test_attempts_count_only_what_is_the_letters_fault(store: Store, bring: Bring) -> None:
    letter_id = bring(decided=False)
    for _ in range(3):
        store.give_back(_claim(store, letter_id, Task.DECIDE), "dependency", counts=False)
    store.give_back(_claim(store, letter_id, Task.DECIDE), "crash", counts=True)
    assert _claim(store, letter_id, Task.DECIDE).attempts == 2


def test_routed_letter_goes_to_its_posts_work_list(store: Store, bring: Bring) -> None:
    letter_id = bring()
    view = store.letter(letter_id)
    assert (view.summary.state, view.summary.outcome) == (LetterState.ROUTED, Outcome.ROUTED)
    assert [(a.post, a.caseworker, a.source, a.actor) for a in view.assignments] == [
        ("33.21", "meyer", AssignmentSource.SERVICE, "service")
    ]
    assert view.decision is not None
    assert view.decision.candidates[0].confidence == 0.97
    assert [(d.target, d.state) for d in view.deliveries] == [("worklist", "pending")]
    assert _jobs(store, Task.DELIVER) == [str(letter_id)]
    parcels = store.parcels(letter_id)
    assert [store.deliver(parcel) for parcel in parcels] == [True]
    assert [store.deliver(parcel) for parcel in parcels] == [False], "a repeated delivery has no effect"
    view = store.letter(letter_id)
    assert view.summary.state is LetterState.DELIVERED
    assert [event.event for event in view.events][-3:] == [
        "item:document:read",
        "letter:decision:routed",
        "delivery:done",
    ]


def test_uncertain_letter_waits_for_a_person(store: Store, bring: Bring) -> None:
    view = store.letter(bring(routed=False))
    assert (view.summary.state, view.summary.post, view.assignments) == (LetterState.REVIEW, "33.21", ())
    assert view.summary.reasons == (Reason.LOW_CONFIDENCE,)


def test_routed_without_a_candidate_is_not_routed(store: Store, bring: Bring) -> None:
    view = store.letter(bring(post=None))
    assert (view.summary.state, view.summary.outcome, view.summary.post) == (LetterState.REVIEW, Outcome.REVIEW, None)


@pytest.mark.parametrize(
    ("spot_check", "post", "source"),
    [
        (False, "33.21", AssignmentSource.CONFIRMED),
        (False, "33.99", AssignmentSource.CORRECTED),
        (True, "33.21", AssignmentSource.SPOT_CHECK),
        (True, "33.99", AssignmentSource.SPOT_CHECK),
    ],
)
def test_source_of_an_assignment(
    store: Store, bring: Bring, spot_check: bool, post: str, source: AssignmentSource
) -> None:
    letter_id = bring(routed=spot_check, spot_check=spot_check)
    assert store.letter(letter_id).summary.state is LetterState.REVIEW
    view = store.assign(letter_id, post, None, "anna")
    assert (view.assignments[-1].source, view.assignments[-1].actor, view.summary.post) == (source, "anna", post)
    assert view.summary.state is LetterState.ASSIGNED
    assert view.events[-1].event == f"assignment:{source.value}"
    assert view.events[-1].details == {"post": post, "caseworker": None, "proposed": "33.21"}
    assert _deliver(store, letter_id) == [True]
    assert store.letter(letter_id).summary.state is LetterState.DELIVERED


def test_spot_check_is_delivered_and_still_shown(store: Store, bring: Bring) -> None:
    letter_id = bring(spot_check=True)
    assert _deliver(store, letter_id) == [True]
    summary = store.letter(letter_id).summary
    assert (summary.state, summary.outcome, summary.spot_check) == (LetterState.REVIEW, Outcome.ROUTED, True)


def test_only_one_of_many_who_decide_at_once_wins(store: Store, bring: Bring) -> None:
    letter_id = bring(routed=False)
    version = store.letter(letter_id).version
    barrier = threading.Barrier(6)
    won, lost = [], []

    def assign(number: int) -> None:
        barrier.wait()
        try:
            store.assign(letter_id, f"33.{number}", None, f"user{number}", expected_version=version)
            won.append(number)
        except ConflictError:
            lost.append(number)

    threads = [threading.Thread(target=assign, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 5)
    view = store.letter(letter_id)
    assert (view.summary.post, len(view.assignments), view.version) == (f"33.{won[0]}", 1, version + 1)


def test_assigning_and_delivering_at_once_never_lock_each_other(store: Store, bring: Bring) -> None:
    letter_id = bring()
    problems: list[Exception] = []

    def work(action: Callable[[], object]) -> None:
        try:
            for _ in range(15):
                action()
        except Exception as error:  # noqa: BLE001 (shown by the test)
            problems.append(error)

    actions = [lambda: store.assign(letter_id, "33.22", None, "anna"), lambda: _deliver(store, letter_id)] * 2
    threads = [threading.Thread(target=work, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    _deliver(store, letter_id)
    view = store.letter(letter_id)
    assert view.summary.state is LetterState.DELIVERED
    assert len(view.assignments) == 31
    assert store.verify_audit().ok


def test_assigned_anew_is_delivered_anew(store: Store, bring: Bring) -> None:
    letter_id = bring()
    [old] = store.parcels(letter_id)
    store.assign(letter_id, "33.22", "schulz", "anna")
    assert not store.deliver(old), "the delivery of an older assignment must not count for the newer one"
    [new] = store.parcels(letter_id)
    assert (new.post, new.caseworker) == ("33.22", "schulz")
    assert store.deliver(new)
    store.assign(letter_id, "33.21", None, "anna")
    assert store.letter(letter_id).summary.state is LetterState.ASSIGNED
    assert _deliver(store, letter_id) == [True]


def test_person_need_not_wait_for_the_service(store: Store, bring: Bring, decision: Decide) -> None:
    letter_id = bring(decided=False)
    store.assign(letter_id, "33.99", None, "anna")
    store.save_decision(_claim(store, letter_id, Task.DECIDE), decision())
    view = store.letter(letter_id)
    assert (view.summary.post, view.summary.state) == ("33.99", LetterState.ASSIGNED)
    assert view.decision is not None
    assert [a.source for a in view.assignments] == [AssignmentSource.CORRECTED]


def test_wrong_assignments(store: Store, bring: Bring) -> None:
    with pytest.raises(NotFoundError):
        store.assign(uuid4(), "33.21", None, "anna")
    letter_id = bring()
    with pytest.raises(UsageError):
        store.assign(letter_id, "", None, "anna")
    with pytest.raises(ConflictError):
        store.assign(letter_id, "33.22", None, "anna", expected_version=99)
    assert len(store.letter(letter_id).assignments) == 1


def test_failed_delivery_is_kept_and_shown(store: Store, bring: Bring) -> None:
    letter_id = bring()
    [parcel] = store.parcels(letter_id)
    store.not_delivered(parcel, "temporary", final=False)
    assert store.parcels(letter_id)[0].attempts == 1
    store.not_delivered(parcel, "storage", final=True)
    assert store.parcels(letter_id) == []
    view = store.letter(letter_id)
    assert [(d.target, d.state) for d in view.deliveries] == [("worklist", "failed")]
    assert (view.summary.state, view.events[-1].event) == (LetterState.ROUTED, "delivery:failed")


def test_everything_without_a_job_gets_one(store: Store, bring: Bring) -> None:
    unread = store.receive(b"unread", channel="upload", actor="anna").item_id
    undecided, undelivered = bring(decided=False), bring()
    training = store.request_training("admin").id
    done = bring()
    _deliver(store, done)
    assert store.reconcile(grace_seconds=0) == 0, "all have their jobs"
    _forget_jobs(store)
    assert store.reconcile(grace_seconds=3600) == 1, "what is young may be about to get one; trainings are not"
    _forget_jobs(store)
    assert store.reconcile(grace_seconds=0) == 4
    assert _jobs(store, Task.READ) == [str(unread)]
    assert _jobs(store, Task.DECIDE) == [str(undecided)]
    assert _jobs(store, Task.DELIVER) == [str(undelivered)]
    assert _jobs(store, Task.TRAIN) == [str(training)]
    assert store.reconcile(grace_seconds=0) == 0


def test_job_that_hangs_is_replaced(store: Store) -> None:
    item_id = store.receive(b"data", channel="upload", actor="anna").item_id
    with store.engine.begin() as connection:
        connection.execute(sa.text("UPDATE procrastinate_jobs SET status = 'doing'"))
    assert store.reconcile(grace_seconds=0, hang_seconds=3600) == 0
    with store.engine.begin() as connection:
        connection.execute(steps.update().values(changed_at=sa.text("now() - interval '2 hours'")))
    assert store.reconcile(grace_seconds=0, hang_seconds=3600) == 1
    assert _jobs(store, Task.READ) == [str(item_id)] * 2


def test_open_work_is_counted(store: Store, bring: Bring) -> None:
    store.receive(b"unread", channel="upload", actor="anna")
    bring()
    assert store.open_work() == {"read": 1, "decide": 0, "deliver": 1, "train": 0}


def test_nothing_of_an_item_outlives_it(store: Store, bring: Bring) -> None:
    letter_id = bring()
    with store.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM items"))
        for table in (letters, steps, deliveries):
            assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() == 0
    with pytest.raises(NotFoundError):
        store.letter(letter_id)
