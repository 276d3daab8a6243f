# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Signing in and out, and the choice of language."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router.errors import AccessError
from router.texts import LANGUAGES
from router.web.access import (
    ANYBODY,
    SESSION_COOKIE,
    Require,
    clear_session,
    from_our_pages,
    keep_session,
)
from router.web.middleware import LANGUAGE_COOKIE
from router.web.services import Used
from router.web.templating import page

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
_YEAR_SECONDS = 365 * 24 * 3600
_Name = Annotated[str, Form(max_length=200)]


@router.get("/signin")
def show_sign_in(request: Request, services: Used, next: str = "/") -> Response:
    """Show the form; who is signed in already goes on."""
    token = request.cookies.get(SESSION_COOKIE)
    if token and services.store.session_user(token) is not None:
        return RedirectResponse(local_path(next), status_code=303)
    return page(request, "signin.html", next=local_path(next), name="", mistake=None, demo=services.settings.demo)


@router.post("/signin", dependencies=[Depends(from_our_pages)])
def sign_in(
    request: Request, services: Used, name: _Name = "", password: _Name = "", next: Annotated[str, Form()] = "/"
) -> Response:
    """Check name and password and start a session."""
    target = local_path(next)
    try:
        user = services.store.sign_in(name.strip(), password)
    except AccessError as error:
        return page(
            request,
            "signin.html",
            status_code=401,
            next=target,
            name=name.strip(),
            mistake=error.what,
            demo=services.settings.demo,
        )
    response = RedirectResponse(target, status_code=303)
    keep_session(
        response, services.store.open_session(user.name, services.settings.session_hours), request, services.settings
    )
    return response


@router.post("/signout", dependencies=[Depends(Require(ANYBODY))])
def sign_out(request: Request, services: Used) -> Response:
    """End the session."""
    token = request.cookies.get(SESSION_COOKIE)
    if token:
        services.store.close_session(token)
    response = RedirectResponse("/signin", status_code=303)
    clear_session(response, request, services.settings)
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


@router.post("/language", dependencies=[Depends(from_our_pages)])
def choose_language(
    services: Used, language: Annotated[str, Form(max_length=5)], next: Annotated[str, Form()] = "/"
) -> Response:
    """Keep the language a person chose."""
    response = RedirectResponse(local_path(next), status_code=303)
    if language in LANGUAGES:
        response.set_cookie(
            LANGUAGE_COOKIE,
            language,
            max_age=_YEAR_SECONDS,
            path="/",
            httponly=True,
            samesite="lax",
            secure=services.settings.public_url.startswith("https://"),
        )
    return response


def local_path(target: str) -> str:
    """Return `target` if it is a path of this service, else the start page: nobody is sent elsewhere.

    >>> local_path("/letters/1"), local_path("//evil.example"), local_path("https://evil.example")
    ('/letters/1', '/', '/')
    """
    parts = urlsplit(target)
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return target if safe and target.isprintable() and "\\" not in target else "/"
