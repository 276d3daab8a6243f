# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is done to every request: language, security headers, the check for requests from other sites."""

import uuid
from collections.abc import Sequence
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.settings import Settings
from router.texts import LANGUAGES, set_language

__all__ = ["CONTENT_SECURITY_POLICY", "LANGUAGE_COOKIE", "HeadersMiddleware", "LanguageMiddleware", "is_same_site"]

LANGUAGE_COOKIE = "postweiche_lang"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # KERN's icons are masks with data: addresses in its own style sheet.
        "img-src 'self' blob: data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_SECURITY_HEADERS = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


class LanguageMiddleware:
    """Use the language a person chose, else the browser's, else that of the settings."""

    def __init__(self, app: ASGIApp, fallback: str) -> None:
        self.app = app
        self.fallback = fallback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Set the language of this request and pass it on."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            set_language(
                _chosen(headers.get("cookie", "")) or _preferred(headers.get("accept-language", "")) or self.fallback
            )
        await self.app(scope, receive, send)


def _chosen(cookies: str) -> str | None:
    try:
        morsel = SimpleCookie(cookies).get(LANGUAGE_COOKIE)
    except CookieError:
        return None
    return morsel.value if morsel is not None and morsel.value in LANGUAGES else None


def _preferred(header: str) -> str | None:
    """Return the language with the highest weight in an ``Accept-Language`` header that we have."""
    weighted: list[tuple[float, int, str]] = []
    for place, part in enumerate(header.split(",")[:20]):
        name, _, weight = part.partition(";q=")
        try:
            value = float(weight or 1)
        except ValueError:
            continue
        language = name.strip().lower().split("-", 1)[0]
        if language in LANGUAGES and value > 0:
            weighted.append((-value, place, language))
    return min(weighted)[2] if weighted else None


class HeadersMiddleware:
    """Give every request an id and every answer its security headers."""

    def __init__(self, app: ASGIApp, uncached: Sequence[str] = ("/static/",)) -> None:
        self.app = app
        self.cached_paths = tuple(uncached)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the headers of its answer."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        path: str = scope["path"]
        cached = path.startswith(self.cached_paths)

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
                headers["x-request-id"] = request_id
                if not cached:
                    # Pages and answers hold personal data: nothing may stay in a cache after signing out.
                    headers.setdefault("cache-control", "no-store")
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            await self.app(scope, receive, complete)


def is_same_site(headers: Headers, scheme: str, settings: Settings, *, by_cookie: bool) -> bool:
    """Tell whether a request that changes something comes from our own pages, or from a program.

    Browsers say where a request comes from (``Sec-Fetch-Site``, ``Origin``); together with the cookie's
    ``SameSite=Strict`` no other site can act for a person who is signed in.

    Parameters
    ----------
    headers, scheme
        Of the request.
    settings
        ``public_url`` names the address people use behind a proxy.
    by_cookie
        True where the sender is known by cookie; then one of the two headers must be there.
    """
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None and fetch_site not in ("same-origin", "none"):
        return False
    origin = headers.get("origin")
    if origin is not None:
        ours = {f"{scheme}://{headers.get('host', '')}"}
        if settings.public_url:
            parts = urlsplit(settings.public_url)
            ours.add(f"{parts.scheme}://{parts.netloc}")
        return origin in ours
    return fetch_site is not None or not by_cookie
