# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Of letters marked confidential no table keeps what they say."""

import datetime as dt
import json
import zlib
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa

from router.facts.confidential import is_confidential
from router.records import (
    Decision,
    Evidence,
    EvidenceSource,
    Facts,
    Letter,
    LetterKind,
    MailHeader,
    Outcome,
    Person,
    PersonRole,
    Reading,
    Reason,
)
from router.settings import load_settings
from router.store.jobs import Task
from router.store.store import Store
from router.store.tables import metadata
from router.work.steps import Steps
from tests.router.store.conftest import Bring, Decide, letter_of

SECRET = "Wacholderbeere"
MARKED = f"VERTRAULICH {SECRET}"


def _kept(store: Store) -> str:
    """Return everything the tables hold but the originals, unpacked."""
    found = []
    with store.engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name in ("originals", "originals_chunks"):
                continue
            for row in connection.execute(sa.select(table)):
                for value in row:
                    if isinstance(value, bytes):
                        try:
                            value = zlib.decompress(value).decode()
                        except zlib.error:
                            continue
                    found.append(json.dumps(value, default=str, ensure_ascii=False))
    return "\n".join(found)


def _telling(decision: Decision) -> Decision:
    """Return a decision that repeats what the letter says wherever a decision can."""
    return replace(
        decision,
        facts=replace(
            decision.facts, masked_text=SECRET, persons=(Person(SECRET, SECRET, PersonRole.CONCERNED),),
            addressees=(("meyer", None),),
        ),
        evidence=(
            Evidence(EvidenceSource.TEXT, "33.21", "{words}", {"words": SECRET}, 1.0),
            Evidence(EvidenceSource.ADDRESSEE, "33.21", "{name}", {"name": "Frau Meyer"}, 1.0),
        ),
        matter="studium",
    )  # fmt: skip


def _marked(letter: Letter) -> Letter:
    return replace(
        letter, problems=(Reason.CONFIDENTIAL,), mail=MailHeader(subject=SECRET, sender=SECRET), kind=LetterKind.MAIL
    )


def _read(store: Store, *letters: Letter) -> tuple[UUID, list[UUID]]:
    item_id = store.receive(b"data", channel="upload", actor="anna").item_id
    claim = store.claim(item_id, Task.READ)
    assert claim is not None
    return item_id, list(store.save_reading(claim, Reading(letters, "text/plain", len(letters))))


def test_what_a_marked_letter_says_is_not_kept_when_it_is_read(store: Store) -> None:
    _item, [letter_id] = _read(store, _marked(letter_of(MARKED)))
    assert SECRET not in _kept(store)
    kept = store.letter(letter_id).letter
    assert kept.is_withheld
    assert [page.number for page in kept.pages] == [1]


def test_a_decision_that_finds_the_mark_empties_the_letter(store: Store, bring: Bring, decision: Decide) -> None:
    letter_id = bring(SECRET, decided=False)
    assert SECRET in _kept(store)
    claim = store.claim(letter_id, Task.DECIDE)
    assert claim is not None
    store.save_decision(claim, _telling(decision(routed=False, confidential=True)), pages_left=True)
    assert SECRET not in _kept(store)
    view = store.letter(letter_id)
    assert view.decision is not None
    assert [evidence.why for evidence in view.decision.evidence] == ["Frau Meyer"]
    assert view.decision.facts.addressees == (("meyer", None),)
    assert store.claim(letter_id, Task.COMPLETE) is None


def test_a_mark_found_on_later_pages_empties_the_letter_even_if_a_person_decided_it(
    store: Store, bring: Bring, decision: Decide
) -> None:
    letter_id = bring(SECRET, decided=False)
    claim = store.claim(letter_id, Task.DECIDE)
    assert claim is not None
    store.save_decision(claim, _telling(decision(routed=False)), pages_left=True)
    store.assign(letter_id, "33.22", None, "anna")
    claim = store.claim(letter_id, Task.COMPLETE)
    assert claim is not None
    store.save_rest(claim, letter_of(SECRET), _telling(decision(routed=False, confidential=True)))
    assert SECRET not in _kept(store)
    assert list(store.labels()) == []


@pytest.mark.parametrize("starts", [[1], [1, 2]])
def test_dividing_and_joining_keeps_nothing_of_a_marked_letter(store: Store, starts: list[int]) -> None:
    if starts == [1]:
        item_id, _ids = _read(store, _marked(letter_of(MARKED)), letter_of("offen", 2))
    else:
        both = replace(_marked(letter_of(MARKED)), pages=(*letter_of(MARKED).pages, *letter_of(SECRET, 2).pages))
        item_id, _ids = _read(store, both)
    found = store.regroup(item_id, starts, "anna").letters
    assert len(found) == len(starts)
    for summary in found:
        assert store.letter(summary.id).letter.is_withheld
    assert SECRET not in _kept(store)
    assert "offen" not in _kept(store)


class _Desk:
    """Reads a page with the secret and tells what of it a decision saw."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def read_until_sure(self, data: bytes, received: dt.date) -> Reading:
        page = letter_of(MARKED).pages[0]
        words = (*page.words[:1], *(replace(word, line=1) for word in page.words[1:]))
        return Reading((Letter((replace(page, words=words),), LetterKind.SCAN),), "text/plain", 1)

    def read_rest(self, data: bytes, letter: Letter) -> Letter:
        return letter

    def decide(self, letter: Letter, received: dt.date) -> Decision:
        self.seen.append(letter.text)
        facts = Facts("de", confidential=is_confidential(letter.text), masked_text=letter.text)
        return Decision(Outcome.REVIEW, (), (Reason.CONFIDENTIAL,), (), facts, None, None, None)

    def check_share(self, usual: float) -> float:
        return usual


def test_a_marked_letter_goes_its_way_without_its_words_in_the_store(store: Store, tmp_path: Path) -> None:
    desk = _Desk()
    steps = Steps(store, desk, load_settings(data=tmp_path), {})
    item_id = store.receive(b"data", channel="upload", actor="anna").item_id
    letter_id = store.item(item_id).letters[0]
    steps.read(item_id)
    assert SECRET not in _kept(store)
    steps.decide(letter_id)
    assert desk.seen == [f"VERTRAULICH\n{SECRET}"]
    assert SECRET not in _kept(store)
    assert store.letter(letter_id).summary.reasons == (Reason.CONFIDENTIAL,)
