# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from router.errors import ConflictError, NotFoundError
from router.records import Letter, Outcome, ProtocolEntry, Reading, Reason
from router.store.jobs import Task
from router.store.room import now
from router.store.store import Store
from router.store.views import Claim, EntryResult, LetterState, ProtocolView
from tests.router.store.conftest import Decide, letter_of

Protocol = Callable[..., UUID]


@pytest.fixture
def protocol(store: Store) -> Protocol:
    """Bring a protocol: names of files and their pages."""

    def bring(*, data: bytes = b"csv", channel: str = "upload", at: dt.datetime | None = None, minutes: float = 60,
              **files: int) -> UUID:  # fmt: skip
        entries = [ProtocolEntry(line, f"{name}.pdf", pages) for line, (name, pages) in enumerate(files.items(), 2)]
        return store.receive_protocol(
            data, entries, channel=channel, actor="anna", received_at=at, missing_after=dt.timedelta(minutes=minutes)
        ).protocol_id

    return bring


def _arrive(store: Store, name: str = "a.pdf", *, at: dt.datetime | None = None, channel: str = "upload") -> UUID:
    data = f"{name} {now()}".encode()
    return store.receive(data, channel=channel, actor="anna", file_name=name, received_at=at).item_id


def _read(store: Store, item: UUID, pages: int) -> UUID:
    claim = store.claim(item, Task.READ)
    assert claim is not None
    letter = Letter(
        tuple(letter_of("Guten Tag", number).pages[0] for number in range(1, pages + 1)), letter_of("").kind
    )
    return store.save_reading(claim, Reading((letter,), "application/pdf", pages))[0]


def _claim(store: Store, letter: UUID, task: Task = Task.DECIDE) -> Claim:
    claim = store.claim(letter, task)
    assert claim is not None
    return claim


def _results(store: Store, protocol_id: UUID) -> list[str]:
    return [entry.result.value for entry in store.protocol(protocol_id).entries]


def _problems(store: Store, letter: UUID) -> tuple[Reason, ...]:
    return store.letter(letter).letter.problems


@pytest.mark.parametrize(
    ("pages", "result", "problems"),
    [(3, "correct", ()), (5, "too_many_pages", (Reason.SEVERAL_LETTERS,)), (2, "too_few_pages", (Reason.CONFLICT,))],
)
@pytest.mark.parametrize("order", ["protocol first", "between", "protocol last"])
def test_pages_are_compared_whenever_both_are_there(
    store: Store, protocol: Protocol, order: str, pages: int, result: str, problems: tuple[Reason, ...]
) -> None:
    sheet = protocol(a=3) if order == "protocol first" else None
    item = _arrive(store, "A.PDF")
    sheet = protocol(a=3) if order == "between" else sheet
    if sheet is not None:
        assert _results(store, sheet) == ["waiting"]
    letter = _read(store, item, pages)
    sheet = sheet or protocol(a=3)
    assert _results(store, sheet) == [result]
    assert _problems(store, letter) == problems
    entry = store.protocol_entry_of(item)
    assert entry is not None
    assert (entry.pages, entry.found) == (3, pages)
    assert store.verify_audit().ok


def test_who_decides_meanwhile_without_the_doubt_comes_too_late(
    store: Store, protocol: Protocol, decision: Decide
) -> None:
    letter = _read(store, _arrive(store), 5)
    claim = _claim(store, letter)
    protocol(a=3)
    with pytest.raises(ConflictError):
        store.save_decision(claim, decision())
    store.save_decision(_claim(store, letter), decision(routed=False))
    assert store.letter(letter).summary.state is LetterState.REVIEW


@pytest.mark.parametrize("delivered", [False, True])
def test_what_the_service_routed_is_shown_to_a_person(
    store: Store, protocol: Protocol, decision: Decide, delivered: bool
) -> None:
    letter = _read(store, _arrive(store), 5)
    store.save_decision(_claim(store, letter), decision(), pages_left=True)
    early = _claim(store, letter, Task.COMPLETE)
    for parcel in store.parcels(letter) if delivered else ():
        store.deliver(parcel)
    protocol(a=3)
    seen = store.letter(letter)
    assert (seen.summary.state, seen.summary.outcome) == (LetterState.REVIEW, Outcome.REVIEW)
    assert seen.summary.reasons == (Reason.SEVERAL_LETTERS,)
    assert seen.decision is not None
    assert seen.decision.reasons == seen.summary.reasons
    # Whoever reads its further pages just now does not know.
    with pytest.raises(ConflictError):
        store.save_rest(early, letter_of("Guten Tag"), decision())
    assert store.letter(letter).summary.state is LetterState.REVIEW


def test_what_waits_for_a_person_gets_the_reason_too(store: Store, protocol: Protocol, decision: Decide) -> None:
    letter = _read(store, _arrive(store), 1)
    store.save_decision(_claim(store, letter), decision(routed=False))
    protocol(a=3)
    assert store.letter(letter).summary.reasons == (Reason.CONFLICT, Reason.LOW_CONFIDENCE)


def test_what_a_person_decided_stays(store: Store, protocol: Protocol, decision: Decide) -> None:
    letter = _read(store, _arrive(store), 5)
    store.save_decision(_claim(store, letter), decision())
    store.assign(letter, "33.22", None, "anna")
    before = store.letter(letter)
    sheet = protocol(a=3)
    after = store.letter(letter)
    assert _results(store, sheet) == ["too_many_pages"]
    assert (after.summary, after.version) == (before.summary, before.version)


def test_files_of_another_day_or_way_are_not_taken(store: Store, protocol: Protocol) -> None:
    long_ago = now() - dt.timedelta(hours=25)
    _read(store, _arrive(store, "old.pdf", at=long_ago), 1)
    _read(store, _arrive(store, "other.pdf", channel="api"), 1)
    _read(store, _arrive(store, "hand.pdf"), 1)
    assert _results(store, protocol(channel="folder", old=1, other=1, hand=1)) == ["waiting", "waiting", "correct"]


def test_each_item_is_taken_once_and_the_fitting_one_first(store: Store, protocol: Protocol) -> None:
    many, few = (_arrive(store) for _ in range(2))
    _read(store, many, 7)
    first = protocol(data=b"1", a=2)
    second = protocol(data=b"2", a=2)
    assert [_results(store, sheet) for sheet in (first, second)] == [["too_many_pages"], ["waiting"]]
    _read(store, few, 2)
    assert _results(store, second) == ["correct"]
    assert [entry.item_id for entry in store.protocol(second).entries] == [few]


def test_a_file_is_missing_when_its_time_is_over_until_it_comes(store: Store, protocol: Protocol) -> None:
    sheet = protocol(a=1, b=1, c=1, minutes=0)
    unread = _arrive(store, "b.pdf")
    assert (store.check_protocols(), store.check_protocols()) == (2, 0)
    assert _results(store, sheet) == ["missing_file", "waiting", "missing_file"]
    store.settle_missing(sheet, 4, "anna")
    store.settle_missing(sheet, 4, "berta")
    assert [entry.file_name for entry in store.missing_files()] == ["a.pdf"]
    settled = store.protocol(sheet).entries[2]
    assert (settled.settled_by, settled.settled_at is not None) == ("anna", True)
    _read(store, _arrive(store), 1)
    _read(store, unread, 1)
    assert _results(store, sheet) == ["correct", "correct", "missing_file"]
    assert store.missing_files() == []
    events = [(entry.event, entry.actor, dict(entry.details)) for entry in store.audit_events()]
    assert events.count(("protocol:file:settled", "anna", {"line": 4})) == 1
    assert not any("a.pdf" in str(event) for event in events)


def test_only_what_is_missing_can_be_settled(store: Store, protocol: Protocol) -> None:
    sheet = protocol(a=1)
    assert store.check_protocols() == 0
    with pytest.raises(ConflictError):
        store.settle_missing(sheet, 2, "anna")
    with pytest.raises(NotFoundError):
        store.settle_missing(sheet, 9, "anna")


def test_items_that_no_protocol_names_are_listed_only(store: Store, protocol: Protocol) -> None:
    protocol(data=b"other", b=1)
    letter = _read(store, _arrive(store, "stray.pdf"), 4)
    _read(store, _arrive(store, "b.pdf"), 1)
    _arrive(store, "a.pdf")
    _arrive(store, "fax.pdf", channel="api")
    view: ProtocolView = store.protocol(protocol(a=1))
    assert [(entry.file_name, entry.found, entry.result) for entry in view.unnamed] == [
        ("stray.pdf", 4, EntryResult.NOT_IN_PROTOCOL)
    ]
    assert _problems(store, letter) == ()


def test_a_protocol_is_kept_as_it_came_and_known_for_its_time(store: Store, protocol: Protocol) -> None:
    long_ago = now() - dt.timedelta(hours=30)
    first = protocol(data=b"\xffcsv\0", a=1, at=long_ago)
    second = protocol(data=b"\xffcsv\0", a=1)
    assert first != second == protocol(data=b"\xffcsv\0", a=1)
    assert store.protocol_original(first) == b"\xffcsv\0"
    assert [summary.id for summary in store.protocols()] == [second, first]
    assert store.protocols()[0].results == {EntryResult.WAITING: 1}


def test_of_several_files_the_one_with_the_right_pages_is_taken(store: Store, protocol: Protocol) -> None:
    fitting, nearer = _arrive(store), _arrive(store)
    _read(store, fitting, 2)
    _read(store, nearer, 7)
    assert [entry.item_id for entry in store.protocol(protocol(a=2)).entries] == [fitting]


def test_a_file_read_while_its_protocol_comes_is_not_overlooked(
    store: Store, protocol: Protocol, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = _arrive(store)
    looked, go_on = threading.Event(), threading.Event()
    look = store._match

    def slowly(*arguments: Any) -> None:
        look(*arguments)
        looked.set()
        assert go_on.wait(20)

    monkeypatch.setattr(store, "_match", slowly)
    coming = threading.Thread(target=protocol, kwargs={"a": 3})
    reading = threading.Thread(target=_read, args=(store, item, 5))
    coming.start()
    assert looked.wait(20)
    reading.start()
    reading.join(0.5)
    go_on.set()
    for thread in (coming, reading):
        thread.join(20)
    assert store.protocols()[0].results == {EntryResult.TOO_MANY_PAGES: 1}


def test_protocols_and_files_that_come_at_once_find_each_other(store: Store, protocol: Protocol) -> None:
    items = [_arrive(store, f"f{number}.pdf") for number in range(12)]
    problems: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 (shown by the test)
            problems.append(error)

    def read_all(part: list[UUID]) -> None:
        for item in part:
            _read(store, item, 2)

    works: list[Callable[[], object]] = [
        lambda: read_all(items[::2]),
        lambda: read_all(items[1::2]),
        lambda: [protocol(data=str(number).encode(), **{f"f{number}": 1}) for number in range(12)],
    ]
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert {result for sheet in store.protocols() for result in sheet.results} == {EntryResult.TOO_MANY_PAGES}
    letters = [store.item(item).letters[0] for item in items]
    assert all(_problems(store, letter) == (Reason.SEVERAL_LETTERS,) for letter in letters)
