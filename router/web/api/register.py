# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The register entry of the model in use and of every version, for people and programs."""

import re
from base64 import b64encode
from hashlib import sha256
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from register_entry.entry import Entry
from register_entry.source import load_entry, version_in_use
from register_entry.views import as_html, as_json
from router.errors import AccessError, NotFoundError
from router.texts import _, current_language
from router.web.access import ANYBODY, REGISTER, Identity, Require
from router.web.api.schemas import PROBLEMS
from router.web.services import Services, Used

__all__ = ["View", "entry_of", "router", "view_for"]

router = APIRouter(prefix="/register", tags=["register"])

View = Literal["public", "internal"]
Form = Literal["json", "html"]
_Reader = Annotated[Identity, Depends(Require(ANYBODY, "models:read"))]
_View = Annotated[View | None, Query(description="public, or internal for the roles register and admin")]
_Form = Annotated[Form | None, Query(alias="format", description="overrides the Accept header")]
_ABOUT = {
    **PROBLEMS,
    200: {"content": {"application/json": {}, "text/html": {}}},
    304: {"description": "the entry did not change"},
}
_YEAR_SECONDS = 365 * 24 * 3600


@router.get("", responses=_ABOUT)
def get_register(
    request: Request, services: Used, identity: _Reader, view: _View = None, wanted: _Form = None
) -> Response:
    """Return the entry of the model in use, with a strong ETag; ``If-None-Match`` saves the transfer."""
    entry = entry_of(services, None)
    return _answer(request, entry, view_for(identity, view), wanted, cache="private, no-cache")


@router.get("/{version}", responses=_ABOUT)
def get_version(
    request: Request,
    version: Annotated[int, Path(ge=1, le=10_000_000)],
    services: Used,
    identity: _Reader,
    view: _View = None,
    wanted: _Form = None,
    entry: Annotated[str | None, Query(max_length=100, description="hash of the entry, for an immutable copy")] = None,
) -> Response:
    """Return the entry of one version of the model."""
    found = entry_of(services, version)
    if entry is not None and entry != found.version:
        raise NotFoundError(_("The entry has been written anew since"), item=entry, remedy=_("ask without the hash"))
    # What the office writes about a version may still change; with the hash of its content nothing can.
    cache = f"private, max-age={_YEAR_SECONDS}, immutable" if entry is not None else "private, no-cache"
    return _answer(request, found, view_for(identity, view), wanted, cache=cache)


def entry_of(services: Services, version: int | None) -> Entry:
    """Return the entry of a version, by default of the one in use."""
    desk, folder = services.desk, services.desk.releases.folder
    if version is None and version_in_use(folder, desk.office.name) is None:
        raise NotFoundError(
            _("No model is in use yet, so there is no entry"),
            remedy=_("train one: postweiche train, or the training page"),
        )
    return load_entry(folder, desk.office_folder, version)


def view_for(identity: Identity, wanted: View | None) -> View:
    """Return the view a person sees; the internal one is for the register's maintainers.

    Raises
    ------
    AccessError
        When the internal view is asked for without the role.
    """
    inside = identity.may(REGISTER)
    if wanted == "internal" and not inside:
        raise AccessError(_("The internal view is for the register's maintainers"), remedy=_("ask for the public view"))
    return wanted or ("internal" if inside else "public")


def _answer(request: Request, entry: Entry, view: View, wanted: Form | None, *, cache: str) -> Response:
    form = wanted or _preferred(request.headers.get("accept", ""))
    language = current_language()
    tag = sha256(f"{entry.version}/{view}/{form}/{language if form == 'html' else ''}".encode()).hexdigest()[:32]
    headers = {
        "etag": f'"{tag}"',
        "vary": "Accept, Accept-Language, Cookie, Authorization",
        "cache-control": cache,
        "link": '</api/v1/register>; rel="latest-version"',
    }
    known = request.headers.get("if-none-match", "")
    if known.strip() == "*" or f'"{tag}"' in [part.strip().removeprefix("W/") for part in known.split(",")]:
        return Response(status_code=304, headers=headers)
    if form == "html":
        # The page carries its own styles, so that it can be saved as one file.
        text = as_html(entry, view, language)
        return HTMLResponse(text, headers={**headers, "content-security-policy": _policy_for(text)})
    return JSONResponse(as_json(entry, view), headers=headers)


def _policy_for(text: str) -> str:
    """Return a policy that allows the page's own styles by their hash, and nothing else."""
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digests = (b64encode(sha256(style.encode()).digest()).decode() for style in styles)
    hashes = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    return f"default-src 'none'; style-src {hashes}; img-src data:; frame-ancestors 'none'; base-uri 'none'"


def _preferred(accept: str) -> Form:
    """Return the form an ``Accept`` header prefers; programs that say nothing get JSON."""
    best: tuple[float, Form] = (0.0, "json")
    for part in accept.split(",")[:30]:
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        weight = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            value = float(weight)
        except ValueError:
            continue
        form: Form | None = {"text/html": "html", "application/json": "json"}.get(kind)  # type: ignore[assignment]
        if form is not None and value > best[0]:
            best = (value, form)
    return best[1]
