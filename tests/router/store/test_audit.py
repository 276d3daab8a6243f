# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import threading

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from router.store.audit import AuditEvent
from router.store.store import Store


@pytest.fixture
def chain(store: Store) -> Store:
    for number in range(6):
        store.record_event(
            AuditEvent.MODEL_PROMOTED, actor="admin", subject="postweiche",
            details={"version": number, "share": 0.1 * number, "small": 1e-7, "who": "Müller \u2028", "none": None},
        )  # fmt: skip
    return store


def _tamper(store: Store, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        connection.execute(sa.text(statement))
        connection.execute(sa.text("ALTER TABLE audit ENABLE TRIGGER ALL"))


def test_whole_chain(chain: Store) -> None:
    report = chain.verify_audit()
    assert (report.ok, report.count, report.problems) == (True, 6, ())
    assert [event.seq for event in chain.audit_events(2)] == [6, 5]
    assert [event.seq for event in chain.audit_events(2, before=5)] == [4, 3]
    assert chain.audit_events(1)[0].details["who"] == "Müller \u2028"


def test_empty_chain(store: Store) -> None:
    assert store.verify_audit().ok


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE seq = 3", "3"),
        ("UPDATE audit SET details = jsonb_set(details, '{share}', '0.9') WHERE seq = 3", "3"),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE seq = 3", "3"),
        ("UPDATE audit SET event = 'model:rolled_back' WHERE seq = 1", "1"),
        ("UPDATE audit SET hash = repeat('0', 64) WHERE seq = 4", "4"),
        ("DELETE FROM audit WHERE seq = 4", "4"),
        ("DELETE FROM audit WHERE seq = 1", "1"),
        ("DELETE FROM audit WHERE seq IN (5, 6)", "5"),
        ("INSERT INTO audit SELECT 7, at, actor, event, subject, details, hash, hash FROM audit WHERE seq = 6", "7"),
        ("UPDATE audit_head SET hash = 'x'", "6"),
        ("DELETE FROM audit_head", ""),
    ],
)
def test_tampering_is_found_and_named(chain: Store, statement: str, named: str) -> None:
    _tamper(chain, statement)
    report = chain.verify_audit()
    assert not report.ok
    assert any(named in problem for problem in report.problems)


def test_each_changed_entry_is_named(chain: Store) -> None:
    _tamper(chain, "UPDATE audit SET subject = 'other' WHERE seq IN (2, 5)")
    assert len(chain.verify_audit().problems) == 2


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_entries_can_not_be_changed_by_accident(chain: Store, statement: str) -> None:
    with pytest.raises(DBAPIError), chain.engine.begin() as connection:
        connection.execute(sa.text(statement))
    assert chain.verify_audit().ok


def test_many_writers_make_one_chain(store: Store) -> None:
    def write() -> None:
        for _ in range(10):
            store.record_event(AuditEvent.MODEL_PROMOTED, actor="admin", subject="x")

    threads = [threading.Thread(target=write) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.verify_audit().ok
    assert store.verify_audit().count == 60
