# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may enter: users with roles, their sessions, and tokens for programs."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Collection
from functools import cache
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.dialects.postgresql import insert

from router.errors import AccessError, ConflictError, NotFoundError, UsageError
from router.store.audit import AuditEvent, append
from router.store.room import Room, now
from router.store.tables import sessions, tokens, users
from router.store.views import TokenView, UserView
from router.texts import _, ngettext

__all__ = ["ROLES", "SCOPES", "UserRoom"]

ROLES = frozenset({"mailroom", "admin", "register"})
SCOPES = frozenset({"items:write", "letters:read", "letters:assign", "trainings:write", "models:read"})

_SHORTEST_PASSWORD = 8
_LONGEST_PASSWORD = 1000
_FAILURES = 10
_LOCKED = dt.timedelta(minutes=5)
_TOKEN_PREFIX = "pw_"  # noqa: S105 (the visible start of every token, so that scanners find lost ones)
_hasher = PasswordHasher()


class UserRoom(Room):
    """Keeps users, sessions and tokens; secrets are stored as hashes only."""

    def add_user(self, name: str, password: str, roles: Collection[str], *, actor: str | None = None) -> UserView:
        """Add a user; `actor` says who does it, by default the user.

        Raises
        ------
        UsageError
            When name, password or roles can't be used.
        ConflictError
            When there is one of that name.
        """
        name = name.strip()
        if not name or len(name) > 100 or not name.isprintable():
            raise UsageError(_("A user's name has 1 to 100 visible characters"))
        wanted = _checked(roles, ROLES, _("There is no role {name}"))
        hashed = _hashed(password)
        with self._transaction() as connection:
            added = connection.execute(
                insert(users)
                .values(name=name, password=hashed, roles=sorted(wanted), active=True, failures=0, added_at=now())
                .on_conflict_do_nothing()
                .returning(users.c.name)
            ).scalar_one_or_none()
            if added is None:
                raise ConflictError(_("There is a user of this name already"), remedy=_("choose another name"))
            append(
                connection, AuditEvent.USER_ADDED, actor=actor or name, subject=name, details={"roles": sorted(wanted)}
            )
        return UserView(name, wanted, active=True)

    def change_user(
        self,
        name: str,
        *,
        actor: str,
        password: str | None = None,
        roles: Collection[str] | None = None,
        active: bool | None = None,
    ) -> UserView:
        """Change a user's password, roles, or whether they may sign in; sessions end with password or access.

        Raises
        ------
        NotFoundError
            When there is no such user.
        UsageError
            When password or roles can't be used.
        """
        values: dict[str, Any] = {}
        if password is not None:
            values |= {"password": _hashed(password), "failures": 0, "locked_until": None}
        if roles is not None:
            values["roles"] = sorted(_checked(roles, ROLES, _("There is no role {name}")))
        if active is not None:
            values["active"] = active
        with self._transaction() as connection:
            row = connection.execute(sa.select(users).where(users.c.name == name).with_for_update()).one_or_none()
            if row is None:
                raise NotFoundError(_("There is no such user"))
            if values:
                connection.execute(users.update().where(users.c.name == name).values(**values))
                if password is not None or active is False:
                    connection.execute(sessions.delete().where(sessions.c.user == name))
                changed = sorted(values.keys() & {"password", "roles", "active"})
                append(connection, AuditEvent.USER_CHANGED, actor=actor, subject=name, details={"changed": changed})
            return UserView(name, frozenset(values.get("roles", row.roles)), values.get("active", row.active))

    def users(self) -> list[UserView]:
        """Return all users by name."""
        with self._transaction() as connection:
            return [_user(row) for row in connection.execute(sa.select(users).order_by(users.c.name))]

    def sign_in(self, name: str, password: str) -> UserView:
        """Check a user's password.

        After ten wrong ones in a row the user is locked for five minutes.

        Raises
        ------
        AccessError
            When name or password is wrong, or the user is locked or not active; it does not say which of the
            first two.
        """
        wrong = AccessError(_("Name or password is wrong"))
        with self._transaction() as connection:
            row = connection.execute(sa.select(users).where(users.c.name == name)).one_or_none()
        if row is None:
            _verify(_nobody(), password)  # takes as long as for a user there is
            raise wrong
        if row.locked_until is not None and row.locked_until > now():
            minutes = max(1, round((row.locked_until - now()).total_seconds() / 60))
            raise AccessError(
                _("Too many wrong passwords; this user is locked for now"),
                remedy=ngettext("try again in {n} minute", "try again in {n} minutes", minutes).format(n=minutes),
            )
        right = _verify(row.password, password)
        with self._transaction() as connection:
            if right and row.active:
                renewed = {"password": _hasher.hash(password)} if _hasher.check_needs_rehash(row.password) else {}
                connection.execute(
                    users.update().where(users.c.name == name).values(failures=0, locked_until=None, **renewed)
                )
                append(connection, AuditEvent.USER_SIGNED_IN, actor=name, subject=name)
                return _user(row)
            self._count_failure(connection, name)
        raise wrong if not right else AccessError(_("This user is not active"), remedy=_("ask an administrator"))

    def _count_failure(self, connection: sa.Connection, name: str) -> None:
        failures = connection.execute(
            users.update().where(users.c.name == name).values(failures=users.c.failures + 1).returning(users.c.failures)
        ).scalar_one()
        locked = failures >= _FAILURES
        if locked:
            connection.execute(
                users.update().where(users.c.name == name).values(failures=0, locked_until=now() + _LOCKED)
            )
        event = AuditEvent.USER_LOCKED if locked else AuditEvent.USER_REFUSED
        append(connection, event, actor=name, subject=name)

    def open_session(self, user: str, hours: float) -> str:
        """Open a session; return its token, which is not stored and can't be shown again."""
        token = secrets.token_urlsafe(32)
        opened = now()
        with self._transaction() as connection:
            connection.execute(sessions.delete().where(sessions.c.expires_at < opened))
            connection.execute(
                sessions.insert().values(
                    token=_digest(token), user=user, opened_at=opened, expires_at=opened + dt.timedelta(hours=hours)
                )
            )
        return token

    def session_user(self, token: str) -> UserView | None:
        """Return whose session it is; ``None`` when it is over or the user is not active."""
        query = (
            sa.select(users)
            .join(sessions, sessions.c.user == users.c.name)
            .where(sessions.c.token == _digest(token), sessions.c.expires_at > now(), users.c.active)
        )
        with self._transaction() as connection:
            row = connection.execute(query).one_or_none()
        return _user(row) if row is not None else None

    def close_session(self, token: str) -> None:
        """End a session; one that is over already stays so."""
        with self._transaction() as connection:
            connection.execute(sessions.delete().where(sessions.c.token == _digest(token)))

    def add_token(self, user: str, scopes: Collection[str], name: str, *, expires_at: dt.datetime | None = None) -> str:
        """Add a token for a program; return it, for it can't be shown again.

        Raises
        ------
        NotFoundError
            When there is no such user.
        UsageError
            When a scope does not exist.
        """
        wanted = _checked(scopes, SCOPES, _("There is no scope {name}"))
        token, token_id = _TOKEN_PREFIX + secrets.token_urlsafe(32), uuid4()
        with self._transaction() as connection:
            if connection.execute(sa.select(users.c.name).where(users.c.name == user)).one_or_none() is None:
                raise NotFoundError(_("There is no such user"))
            connection.execute(
                tokens.insert().values(
                    id=token_id, token=_digest(token), user=user, name=name[:100], scopes=sorted(wanted),
                    added_at=now(), expires_at=expires_at,
                )
            )  # fmt: skip
            append(connection, AuditEvent.TOKEN_ADDED, actor=user, subject=token_id, details={"scopes": sorted(wanted)})
        return token

    def token_user(self, token: str) -> tuple[UserView, frozenset[str]] | None:
        """Return whose token it is and what it may do; ``None`` when it does not count."""
        query = (
            sa.select(users, tokens.c.scopes)
            .join(tokens, tokens.c.user == users.c.name)
            .where(
                tokens.c.token == _digest(token),
                users.c.active,
                sa.or_(tokens.c.expires_at.is_(None), tokens.c.expires_at > now()),
            )
        )
        with self._transaction() as connection:
            row = connection.execute(query).one_or_none()
        return (_user(row), frozenset(row.scopes)) if row is not None else None

    def tokens(self, user: str | None = None) -> list[TokenView]:
        """Return the tokens of a user, or of all."""
        query = sa.select(tokens).order_by(tokens.c.added_at)
        if user is not None:
            query = query.where(tokens.c.user == user)
        with self._transaction() as connection:
            return [
                TokenView(row.id, row.user, row.name, frozenset(row.scopes), row.added_at, row.expires_at)
                for row in connection.execute(query)
            ]

    def revoke_token(self, token_id: UUID, actor: str) -> None:
        """Make a token worthless.

        Raises
        ------
        NotFoundError
            When there is none.
        """
        with self._transaction() as connection:
            if not connection.execute(tokens.delete().where(tokens.c.id == token_id)).rowcount:
                raise NotFoundError(_("There is no such token"), item=str(token_id))
            append(connection, AuditEvent.TOKEN_REVOKED, actor=actor, subject=token_id)


def _user(row: sa.Row[Any]) -> UserView:
    return UserView(row.name, frozenset(row.roles), row.active)


def _checked(wanted: Collection[str], known: Collection[str], problem: str) -> frozenset[str]:
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise UsageError(
            problem.format(name=", ".join(unknown)),
            remedy=_("choose from {names}").format(names=", ".join(sorted(known))),
        )
    return frozenset(wanted)


def _hashed(password: str) -> str:
    if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise UsageError(
            _("A password has {least} to {most} characters").format(least=_SHORTEST_PASSWORD, most=_LONGEST_PASSWORD)
        )
    return _hasher.hash(password)


def _verify(hashed: str, password: str) -> bool:
    try:
        return len(password) <= _LONGEST_PASSWORD and _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


def _digest(token: str) -> str:
    # Tokens hold 256 random bits; a fast hash is enough to keep the stored form from being used.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
