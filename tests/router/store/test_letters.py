# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from router.errors import NotFoundError
from router.records import Outcome
from router.store.store import Store
from router.store.views import LetterState

Bring = Callable[..., UUID]
_START = dt.datetime(2026, 5, 4, 8, 0, tzinfo=dt.UTC)


def _at(hours: int) -> dt.datetime:
    return _START + dt.timedelta(hours=hours)


def test_lists(store: Store, bring: Bring) -> None:
    routed, review = bring(at=_at(0)), bring(at=_at(1), routed=False, post="33.22")
    waiting = bring(at=_at(2), decided=False)
    found = store.letters()
    assert [summary.id for summary in found] == [waiting, review, routed]
    assert found[0].outcome is None
    assert found[0].confidence is None
    assert [summary.id for summary in store.letters(outcome=Outcome.REVIEW)] == [review]
    assert [summary.id for summary in store.letters(state=LetterState.ROUTED)] == [routed]
    assert [summary.id for summary in store.letters(post="33.22")] == [review]
    assert [summary.id for summary in store.letters(limit=1, offset=1)] == [review]


def test_decision_comes_back_as_it_was(store: Store, bring: Bring, decision: Callable[..., object]) -> None:
    view = store.letter(bring("Sehr geehrte Frau Müller"))
    assert view.decision == decision()
    assert view.letter.text == "Sehr geehrte Frau Müller"
    assert (view.summary.threshold, view.summary.model, view.summary.kind) == (0.93, "postweiche@3", "text")
    assert view.item.letters == (view.summary.id,)


def test_unknown_letter(store: Store) -> None:
    with pytest.raises(NotFoundError):
        store.letter(uuid4())


def test_next_for_review_goes_round_and_keeps_people_apart(store: Store, bring: Bring) -> None:
    assert store.next_for_review(None, "anna") is None
    first, second, third = (bring(at=_at(hour), routed=False) for hour in range(3))
    bring(at=_at(-1))
    assert store.next_for_review(None, "anna") == first
    assert store.next_for_review(None, "anna") == first, "anna still looks at it"
    assert store.next_for_review(None, "bert") == second, "anna looks at the first one"
    assert store.next_for_review(first, "anna") == third
    assert store.next_for_review(third, "anna") == first
    store.assign(first, "33.21", None, "anna")
    assert store.next_for_review(first, "anna") == third
    for letter_id in (second, third):
        store.assign(letter_id, "33.21", None, "anna")
    assert store.next_for_review(second, "anna") is None


def test_next_for_review_shows_spot_checks(store: Store, bring: Bring) -> None:
    letter_id = bring(spot_check=True)
    assert store.next_for_review(None, "anna") == letter_id


def test_only_open_letter_is_not_next_after_itself(store: Store, bring: Bring) -> None:
    letter_id = bring(routed=False)
    assert store.next_for_review(letter_id, "anna") is None


def test_counts(store: Store, bring: Bring) -> None:
    noon = dt.datetime.combine(dt.date(2026, 5, 4), dt.time(12)).astimezone()
    bring(at=noon)
    bring(at=noon, spot_check=True)
    decided = bring(at=noon, routed=False)
    bring(at=noon, routed=False)
    bring(at=noon, decided=False)
    bring(at=noon - dt.timedelta(days=1), routed=False)
    store.assign(decided, "33.99", None, "anna")
    counts = store.counts(dt.date(2026, 5, 4))
    assert (counts.today, counts.routed, counts.review, counts.waiting) == (5, 2, 3, 1)
    assert counts.by_post == {"33.21": 2, "33.99": 1}


def test_labels_are_the_newest_words_of_people(store: Store, bring: Bring) -> None:
    bring("routed by the service alone", at=_at(0))
    bring("waits for a person", at=_at(1), routed=False)
    changed = bring("decided twice", at=_at(2), routed=False)
    store.assign(changed, "33.98", None, "anna")
    store.assign(changed, "33.99", None, "bert")
    confirmed = bring("right", at=_at(3), routed=False)
    store.assign(confirmed, "33.21", None, "anna")
    checked = bring("checked", at=_at(4), spot_check=True)
    store.assign(checked, "33.21", None, "anna")
    secret = bring("personal", at=_at(5), routed=False, confidential=True)
    store.assign(secret, "33.21", None, "anna")
    labels = list(store.labels())
    assert [(label.letter.text, label.post, label.source) for label in labels] == [
        ("decided twice", "33.99", "corrected"),
        ("right", "33.21", "confirmed"),
        ("checked", "33.21", "spot_check"),
    ]
    assert labels[0].received == _at(2).astimezone().date()
    assert labels[0].channel == "text"
    assert labels[0].group == str(store.letter(changed).item.id)
    assert labels[0].sha256 == store.letter(changed).item.sha256
    assert {source.value: count for source, count in store.label_counts().items()} == {
        "confirmed": 2, "corrected": 1, "spot_check": 1,
    }  # fmt: skip


def test_routed_letter_a_person_moves_is_a_correction(store: Store, bring: Bring) -> None:
    store.assign(bring(), "33.99", None, "anna")
    assert [(label.post, label.source) for label in store.labels()] == [("33.99", "corrected")]


def test_letter_without_words_teaches_nothing(store: Store, bring: Bring) -> None:
    store.assign(bring(" "), "33.99", None, "anna")
    assert list(store.labels()) == []
