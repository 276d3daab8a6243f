# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Errors as answers: ``application/problem+json`` for programs (RFC 9457), a readable page for people."""

import traceback
from http import HTTPStatus
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.errors import ImportMistakesError, PostweicheError
from router.texts import _
from router.web.access import SignInNeededError
from router.web.templating import page

__all__ = ["MEDIA_TYPE", "UnknownErrorMiddleware", "handle_errors", "problem_body"]

MEDIA_TYPE = "application/problem+json"
_RETRY_SECONDS = 5
_log = structlog.get_logger(__name__)


def problem_body(
    status: int, code: str, detail: str, *, item: str | None = None, remedy: str | None = None
) -> dict[str, object]:
    """Return the body of a problem as RFC 9457 names its members, with our ``code``, ``item`` and ``remedy``."""
    body: dict[str, object] = {
        "type": f"urn:postweiche:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if item is not None:
        body["item"] = item
    if remedy is not None:
        body["remedy"] = remedy
    return body


def handle_errors(app: FastAPI) -> None:
    """Teach an application to answer our errors, wrong requests and unknown addresses."""
    app.add_exception_handler(PostweicheError, _ours)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


async def _ours(request: Request, error: Exception) -> Response:
    if not isinstance(error, PostweicheError):  # pragma: no cover - Starlette hands over what was registered
        raise error
    status = error.http_status
    if isinstance(error, SignInNeededError) and not _for_programs(request):
        return _to_sign_in(request)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("request_refused", code=error.code, status=status, route=_route(request))
    body = problem_body(status, error.code, error.what, item=error.item, remedy=error.remedy)
    if isinstance(error, ImportMistakesError):
        body["mistakes"] = list(error.mistakes)
    headers = {"retry-after": str(_RETRY_SECONDS)} if error.again else {}
    if isinstance(error, SignInNeededError):
        # Never Basic: browsers would open a password window of their own and keep the password.
        headers["www-authenticate"] = 'Bearer realm="postweiche"'
    return await _answer(request, body, headers)


async def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):  # pragma: no cover - as above
        raise error
    detail = _("The request does not have the form this address expects")
    body = problem_body(422, "usage", detail, remedy=_("see the API description under /api/v1/openapi.json"))
    # What was sent is left out: it may be personal data.
    body["errors"] = [
        {"place": ".".join(str(part) for part in entry["loc"]), "message": entry["msg"]} for entry in error.errors()
    ]
    return await _answer(request, body, {})


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):  # pragma: no cover - as above
        raise error
    details = {
        404: _("There is nothing at this address"),
        405: _("This address does not take this kind of request"),
    }
    codes = {404: "not_found", 405: "usage"}
    code = codes.get(error.status_code, "usage" if error.status_code < 500 else "internal")
    body = problem_body(error.status_code, code, details.get(error.status_code, _("The request can't be answered")))
    return await _answer(request, body, dict(error.headers or {}))


def _for_programs(request: Request) -> bool:
    path = request.url.path
    return path.startswith("/api/") or path in ("/metrics", "/healthz", "/readyz")


def _route(request: Request) -> str:
    """Return the route's pattern; the path itself may hold ids only, but patterns keep logs small."""
    return str(getattr(request.scope.get("route"), "path", ""))


def _to_sign_in(request: Request) -> Response:
    path = request.url.path
    if request.headers.get("hx-request"):
        # A fragment asked for it: the whole page has to go to the sign-in.
        return Response(status_code=401, headers={"hx-redirect": "/signin"})
    target = "/signin" if path == "/" or request.method != "GET" else f"/signin?next={quote(path)}"
    return RedirectResponse(target, status_code=303)


async def _answer(request: Request, body: dict[str, object], headers: dict[str, str]) -> Response:
    status = int(str(body["status"]))
    if _for_programs(request):
        return JSONResponse(body, status, headers=headers, media_type=MEDIA_TYPE)
    return await run_in_threadpool(
        page, request, "error.html", status_code=status, headers=headers, problem=body, title=_headline(status)
    )


def _headline(status: int) -> str:
    return {
        401: _("Please sign in"),
        403: _("Not allowed"),
        404: _("Not found"),
        409: _("Changed in the meantime"),
        413: _("Too large"),
        415: _("This kind of file is not read"),
        503: _("Not available right now"),
    }.get(status, _("That did not work") if status < HTTPStatus.INTERNAL_SERVER_ERROR else _("A fault in the service"))


class UnknownErrorMiddleware:
    """Answer what nobody foresaw with 500 and an id, and log where it happened, never what was in hand."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer in its place where it fails."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except ClientDisconnect:
            # The sender hung up; there is nobody to answer.
            _log.info("request_left")
        # The edge: whatever a bug raises must become an answer, and its message may hold personal data.
        except Exception as error:
            if scope["type"] != "http":
                raise
            _log.error("request_failed", error=type(error).__name__, where=_where(error))
            if started:
                raise RuntimeError("the answer broke off; see request_failed in the log") from None
            request = Request(scope)
            number = scope.get("state", {}).get("request_id", "")
            body = problem_body(
                500,
                "internal",
                _("Something went wrong that should not have"),
                item=number,
                remedy=_("try again; if it happens again, give the administrator this number"),
            )
            await (await _answer(request, body, {}))(scope, receive, send)


def _where(error: Exception) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    return [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}" for frame in frames]
