# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from router.errors import AccessError, ConflictError, NotFoundError, UsageError
from router.store.store import Store
from router.store.tables import sessions, tokens, users


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("router.store.users._hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def anna(store: Store) -> str:
    return store.add_user("anna", "correct horse", {"mailroom"}).name


def _everything(store: Store) -> str:
    with store.engine.connect() as connection:
        rows = [row for table in (users, sessions, tokens) for row in connection.execute(sa.select(table))]
    return repr(rows) + repr(store.audit_events())


def test_passwords_are_hashed_at_the_libraries_full_price(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    store.add_user("anna", "correct horse", {"mailroom"})
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in _everything(store)
    assert store.sign_in("anna", "correct horse").name == "anna"


def test_adding(store: Store, anna: str) -> None:
    store.add_user("zoe", "another one", {"admin", "register"}, actor="anna")
    assert [(user.name, set(user.roles), user.active) for user in store.users()] == [
        ("anna", {"mailroom"}, True),
        ("zoe", {"admin", "register"}, True),
    ]
    with pytest.raises(ConflictError):
        store.add_user(anna, "correct horse", {"admin"})
    assert store.users()[0].roles == {"mailroom"}
    assert store.audit_events()[0].actor == "anna"


@pytest.mark.parametrize(
    ("name", "password", "roles"),
    [("", "long enough", {"admin"}), (" ", "long enough", {"admin"}), ("a\nb", "long enough", {"admin"}),
     ("bert", "short", {"admin"}), ("bert", "x" * 5000, {"admin"}), ("bert", "long enough", {"king"})],
)  # fmt: skip
def test_what_can_not_be_added(store: Store, name: str, password: str, roles: set[str]) -> None:
    with pytest.raises(UsageError):
        store.add_user(name, password, roles)
    assert store.users() == []


def _fail_often(store: Store, name: str, times: int) -> None:
    with store.engine.begin() as connection:
        connection.execute(users.update().where(users.c.name == name).values(failures=times))


def test_signing_in(store: Store, anna: str) -> None:
    assert store.sign_in(anna, "correct horse").roles == {"mailroom"}
    for name, password in ((anna, "wrong"), (anna, ""), (anna, "x" * 5000), ("nobody", "correct horse"), ("", "")):
        with pytest.raises(AccessError):
            store.sign_in(name, password)
    assert [event.event for event in store.audit_events()].count("user:signed_in") == 1


def test_ten_wrong_passwords_lock_for_five_minutes(store: Store, anna: str) -> None:
    _fail_often(store, anna, 8)
    with pytest.raises(AccessError):
        store.sign_in(anna, "wrong")
    assert store.sign_in(anna, "correct horse").name == anna, "nine are no ten, and a right one forgives them"
    with pytest.raises(AccessError):
        store.sign_in(anna, "wrong")
    assert store.sign_in(anna, "correct horse").name == anna
    _fail_often(store, anna, 9)
    with pytest.raises(AccessError):
        store.sign_in(anna, "wrong")
    with pytest.raises(AccessError) as caught:
        store.sign_in(anna, "correct horse")
    assert "5" in str(caught.value)
    assert store.audit_events()[0].event == "user:locked"
    with store.engine.begin() as connection:
        connection.execute(users.update().values(locked_until=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)))
    assert store.sign_in(anna, "correct horse").name == anna


def test_changing(store: Store, anna: str) -> None:
    token = store.open_session(anna, 1)
    assert store.change_user(anna, actor="root", roles={"admin"}).roles == {"admin"}
    assert store.session_user(token) is not None
    store.change_user(anna, actor="root", password="something new")
    assert store.session_user(token) is None, "a new password ends the sessions of the old one"
    with pytest.raises(AccessError):
        store.sign_in(anna, "correct horse")
    store.sign_in(anna, "something new")
    token, key = store.open_session(anna, 1), store.add_token(anna, {"items:write"}, "dms")
    assert not store.change_user(anna, actor="root", active=False).active
    assert store.session_user(token) is None
    assert store.token_user(key) is None
    with pytest.raises(AccessError):
        store.sign_in(anna, "something new")
    with pytest.raises(NotFoundError):
        store.change_user("nobody", actor="root", active=False)
    with pytest.raises(UsageError):
        store.change_user(anna, actor="root", roles={"king"})


def test_sessions(store: Store, anna: str) -> None:
    token, other = store.open_session(anna, 1), store.open_session(anna, 1)
    user = store.session_user(token)
    assert user is not None
    assert user.name == anna
    store.close_session(token)
    store.close_session(token)
    assert store.session_user(token) is None
    assert store.session_user(other) is not None
    with store.engine.begin() as connection:
        connection.execute(sessions.update().values(expires_at=dt.datetime.now(dt.UTC)))
    assert store.session_user(other) is None
    assert store.session_user("") is None
    assert store.session_user("\ud800") is None


def test_tokens(store: Store, anna: str) -> None:
    token = store.add_token(anna, {"items:write", "letters:read"}, "dms")
    found = store.token_user(token)
    assert found is not None
    assert (found[0].name, set(found[1])) == (anna, {"items:write", "letters:read"})
    late = store.add_token(anna, {"items:write"}, "late", expires_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert store.token_user(late) is None
    assert store.token_user("pw_" + "x" * 43) is None
    with pytest.raises(UsageError):
        store.add_token(anna, {"everything"}, "dms")
    with pytest.raises(NotFoundError):
        store.add_token("nobody", {"items:write"}, "dms")
    [first, _late] = store.tokens(anna)
    assert (first.name, set(first.scopes)) == ("dms", {"items:write", "letters:read"})
    store.revoke_token(first.id, "admin")
    assert store.token_user(token) is None
    with pytest.raises(NotFoundError):
        store.revoke_token(uuid4(), "admin")


def test_no_secret_is_stored(store: Store, anna: str, tmp_path: Path) -> None:
    session, token = store.open_session(anna, 1), store.add_token(anna, {"items:write"}, "dms")
    stored = _everything(store)
    assert "$argon2id$" in stored
    for secret in ("correct horse", session, token, token.removeprefix("pw_")):
        assert secret not in stored
