# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Eingang: drop letters and watch where they go."""

from contextlib import suppress
from hashlib import sha256
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from router.deciding.standing import standing
from router.errors import ConflictError, DocumentError, UsageError
from router.intake.intake import UPLOAD
from router.store.views import EntryView
from router.texts import _, ngettext
from router.web.access import MAILROOM, REGISTER, Identity, Require
from router.web.api.items import receive
from router.web.services import Services, Used, office_today
from router.web.shown import Row, posts_of, rows_of
from router.web.templating import page
from router.web.uploads import Arrived, read_files

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
_SHOWN = 40
_PLAIN_FORM_FACTOR = 5
"""A form without JavaScript sends all files at once; together they may be this many times the largest one."""
_Mailroom = Annotated[Identity, Depends(Require(MAILROOM))]


@router.get("/")
def show_inbox(
    request: Request,
    services: Used,
    identity: Annotated[Identity, Depends(Require(MAILROOM | REGISTER))],
    taken: Annotated[int, Query(ge=0, le=1000)] = 0,
) -> Response:
    """Show the drop zone, today's counters and what came in last; register maintainers go to the register."""
    if not identity.may(MAILROOM):
        return RedirectResponse("/register", status_code=303)
    return _inbox(request, services, taken=taken)


def _inbox(
    request: Request,
    services: Services,
    *,
    taken: int = 0,
    refused: tuple[tuple[str, str], ...] = (),
    status: int = 200,
) -> Response:
    return page(
        request,
        "inbox.html",
        status_code=status,
        taken=taken,
        refused=refused,
        max_mib=services.settings.max_item_mib,
        **_live(services),
    )


def _live(services: Services) -> dict[str, Any]:
    """Return what changes by itself, with a stamp that tells whether it did."""
    today = office_today()
    model = services.desk.model
    posts = posts_of(services.desk.office, today, model.posts if model is not None else ())
    items = services.store.items(_SHOWN, None)
    letters = services.store.letters(limit=_SHOWN * 3)
    rows = rows_of(items, letters, posts)[:_SHOWN]
    counts = services.store.counts(today)
    missing = _missing(services.store.missing_files())
    by_post = sorted(counts.by_post.items(), key=lambda entry: -entry[1])[:8]
    held_back = _held_back(services)
    stamp = sha256(repr((today, counts, rows, missing, held_back)).encode()).hexdigest()[:16]
    busy = counts.waiting > 0 or any(row.waiting for row in rows)
    return {
        "rows": rows,
        "missing": missing,
        "held_back": held_back,
        "counts": counts,
        "by_post": [(posts.get(post), post, count) for post, count in by_post],
        "most": by_post[0][1] if by_post else 1,
        "stamp": stamp,
        "busy": busy,
        "said": _said(rows),
    }


def _held_back(services: Services) -> list[str]:
    """Return why less is routed than could be."""
    model, settings = services.desk.model, services.settings
    promise = model.promise if model is not None else None
    decided = None
    if promise is None or promise.threshold is None:
        decided = sum(services.store.label_counts().values())
    return standing(
        promise, services.desk.verdict,
        target_error=settings.target_error, certainty=settings.certainty, decided=decided,
    )  # fmt: skip


def _missing(entries: list[EntryView]) -> list[tuple[str, EntryView]]:
    """Return missing files, each with what is said of it."""
    return [
        (
            ngettext(
                "{name} ({count} page) stands in the scan protocol and has not come",
                "{name} ({count} pages) stands in the scan protocol and has not come",
                entry.pages or 0,
            ).format(name=entry.file_name, count=entry.pages),
            entry,
        )
        for entry in entries
    ]


@router.post("/protocols/{protocol_id}/entries/{line}/settled")
def settle(protocol_id: UUID, line: int, services: Used, identity: _Mailroom) -> Response:
    """Take a missing file off the page: somebody saw to it."""
    with suppress(ConflictError):  # it came meanwhile
        services.store.settle_missing(protocol_id, line, identity.name)
    return RedirectResponse("/", status_code=303)


def _said(rows: list[Row]) -> str:
    """Return what a screen reader says of the newest letter."""
    if not rows:
        return ""
    newest = rows[0]
    where = f", {newest.post.line}" if newest.post else ""
    return _("{name}: {state}{where}").format(name=newest.title, state=newest.state, where=where)


@router.get("/inbox/live")
def show_live(
    request: Request, services: Used, _identity: _Mailroom, seen: Annotated[str, Query(max_length=32)] = ""
) -> Response:
    """Return counters and list anew, or nothing where the page has them already."""
    live = _live(services)
    if seen == live["stamp"]:
        return Response(status_code=204)
    return page(request, "_live.html", fragment=True, **live)


@router.post("/upload")
async def upload(request: Request, services: Used, identity: _Mailroom) -> Response:
    """Take in files from the form, for browsers without JavaScript."""
    limit = services.settings.max_item_mib
    try:
        files = await read_files(request, limit, total_mib=limit * _PLAIN_FORM_FACTOR)
    except (DocumentError, UsageError) as error:
        mistake = ((_("Upload"), _sentence(error)),)
        return await run_in_threadpool(_inbox, request, services, refused=mistake, status=error.http_status)
    return await run_in_threadpool(_take, request, services, files, identity)


def _take(request: Request, services: Services, files: list[Arrived], identity: Identity) -> Response:
    refused: list[tuple[str, str]] = []
    status = 422
    for file in files:
        try:
            receive(services, file, channel=UPLOAD, actor=identity.name)
        except DocumentError as error:
            refused.append((file.name, _sentence(error)))
            status = error.http_status
    if refused:
        return _inbox(request, services, taken=len(files) - len(refused), refused=tuple(refused), status=status)
    return RedirectResponse(f"/?taken={len(files)}", status_code=303)


def _sentence(error: DocumentError | UsageError) -> str:
    return f"{error.what}. {error.remedy[:1].upper()}{error.remedy[1:]}." if error.remedy else f"{error.what}."
