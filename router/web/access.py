# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who asks, and whether they may: session cookie, bearer token, or name and password.

Every route names who may use it with a ``Require``; ``PUBLIC_PATHS`` lists those that need nobody. A test walks
all routes and finds any that does neither.
"""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Literal

from fastapi import Request
from starlette.responses import Response

from router.errors import AccessError
from router.settings import Settings
from router.store.views import UserView
from router.texts import _
from router.web.middleware import is_same_site
from router.web.services import Services, services_of

__all__ = [
    "ADMIN",
    "ANYBODY",
    "ANY_SCOPE",
    "MAILROOM",
    "PUBLIC_PATHS",
    "REGISTER",
    "SESSION_COOKIE",
    "Identity",
    "Require",
    "SignInNeededError",
    "clear_session",
    "from_our_pages",
    "keep_session",
]

SESSION_COOKIE = "postweiche_session"
MAILROOM = frozenset({"mailroom", "admin"})
ADMIN = frozenset({"admin"})
REGISTER = frozenset({"register", "admin"})
ANYBODY = frozenset({"mailroom", "admin", "register"})

ANY_SCOPE = "*"
"""Every valid token will do."""

PUBLIC_PATHS = ("/healthz", "/readyz", "/signin", "/language", "/static")


class SignInNeededError(AccessError):
    """Nobody is signed in, or the sign-in has ended."""

    code = "sign_in"
    http_status = 401


@dataclass(frozen=True)
class Identity:
    """Who sent a request.

    Attributes
    ----------
    way
        How they showed it.
    scopes
        What a token allows; ``None`` where the user's roles alone count.
    """

    user: UserView
    way: Literal["session", "token", "password"]
    scopes: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """The user's name, as audit and assignments keep it."""
        return self.user.name

    def may(self, roles: frozenset[str]) -> bool:
        """Tell whether the user has one of `roles`."""
        return bool(self.user.roles & roles)


@dataclass(frozen=True)
class Require:
    """Dependency of a route: one of these roles, and for tokens this scope.

    Attributes
    ----------
    roles
        The user must have one of them.
    scope
        A token must have it; ``None`` keeps tokens out, ``ANY_SCOPE`` lets every token in.
    """

    roles: frozenset[str]
    scope: str | None = field(default=None)

    def __call__(self, request: Request) -> Identity:
        """Return who asks.

        Raises
        ------
        SignInNeededError
            When nobody is signed in.
        AccessError
            When they may not, or the request comes from another site.
        """
        services = services_of(request)
        identity = _identity(request, services)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            _from_here(request, services.settings, by_cookie=identity.way == "session")
        if not identity.may(self.roles):
            raise AccessError(_("Your account may not do this"), remedy=_("ask an administrator for the role"))
        if identity.scopes is not None and self.scope != ANY_SCOPE and self.scope not in identity.scopes:
            raise AccessError(
                _("The token lacks the scope this needs"), item=self.scope, remedy=_("make a token with the scope")
            )
        request.state.identity = identity
        return identity


def from_our_pages(request: Request) -> None:
    """Refuse a form that another site sends, such as a sign-in with somebody else's account.

    Raises
    ------
    AccessError
        When the request comes from another site.
    """
    _from_here(request, services_of(request).settings, by_cookie=False)


def _from_here(request: Request, settings: Settings, *, by_cookie: bool) -> None:
    if not is_same_site(request.headers, request.url.scheme, settings, by_cookie=by_cookie):
        raise AccessError(
            _("The request does not come from a page of this service"),
            remedy=_("open the service's own page and try again; behind a proxy, set public_url"),
        )


def _identity(request: Request, services: Services) -> Identity:
    header = request.headers.get("authorization")
    if header is not None:
        return _by_header(header, services)
    token = request.cookies.get(SESSION_COOKIE)
    user = services.store.session_user(token) if token else None
    if user is None or not user.active:
        raise SignInNeededError(_("You are not signed in, or the sign-in has ended"), remedy=_("sign in"))
    return Identity(user, "session")


def _by_header(header: str, services: Services) -> Identity:
    kind, _blank, value = header.partition(" ")
    if kind.lower() == "bearer":
        found = services.store.token_user(value.strip())
        if found is None or not found[0].active:
            raise SignInNeededError(_("The token is not valid"), remedy=_("ask an administrator for a new one"))
        return Identity(found[0], "token", found[1])
    if kind.lower() == "basic":
        name, password = _name_and_password(value)
        try:
            return Identity(services.store.sign_in(name, password), "password")
        except AccessError as error:
            raise SignInNeededError(error.what, remedy=error.remedy) from error
    raise SignInNeededError(_("This way of signing in is not known"), remedy=_("use a bearer token"))


def _name_and_password(value: str) -> tuple[str, str]:
    try:
        name, colon, password = base64.b64decode(value.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        name, colon, password = "", "", ""
    if not colon:
        raise SignInNeededError(_("Name and password can't be read"), remedy=_("send them as RFC 7617 says"))
    return name, password


def keep_session(response: Response, token: str, request: Request, settings: Settings) -> None:
    """Hand the browser its session."""
    response.set_cookie(
        SESSION_COOKIE,
        token,
        max_age=int(settings.session_hours * 3600),
        path="/",
        httponly=True,
        samesite="strict",
        secure=_is_https(request, settings),
    )


def clear_session(response: Response, request: Request, settings: Settings) -> None:
    """Take the session from the browser."""
    response.delete_cookie(
        SESSION_COOKIE, path="/", httponly=True, samesite="strict", secure=_is_https(request, settings)
    )


def _is_https(request: Request, settings: Settings) -> bool:
    return request.url.scheme == "https" or settings.public_url.startswith("https://")
