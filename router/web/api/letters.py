# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters: where they went, why, and where people send them."""

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from router.errors import NotFoundError, UsageError
from router.records import Outcome
from router.store.views import LetterState, LetterView
from router.texts import _
from router.web.access import MAILROOM, Identity, Require
from router.web.api.schemas import PROBLEMS, AssignmentIn, LetterOut, LettersOut, letter_json
from router.web.services import Services, Used, office_today
from router.web.shown import posts_of

__all__ = ["assign", "page_picture", "router"]

router = APIRouter(prefix="/letters", tags=["letters"])

PageNumber = Annotated[int, Path(ge=1, le=100_000)]


@router.get("", responses=PROBLEMS)
def get_letters(
    request: Request,
    services: Used,
    _identity: Annotated[Identity, Depends(Require(MAILROOM, "letters:read"))],
    outcome: Outcome | None = None,
    state: LetterState | None = None,
    post: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> LettersOut:
    """List letters, newest first; ``outcome=review`` lists what waits for a person or did."""
    found = services.store.letters(outcome=outcome, state=state, post=post, limit=limit + 1, offset=offset)
    following = None
    if len(found) > limit:
        query = {**dict(request.query_params), "limit": str(limit), "offset": str(offset + limit)}
        following = f"{request.url.path}?{urlencode(query)}"
    return LettersOut(letters=[LetterOut.of(letter) for letter in found[:limit]], next=following)


@router.get("/{letter_id}", responses=PROBLEMS)
def get_letter(
    letter_id: UUID,
    services: Used,
    _identity: Annotated[Identity, Depends(Require(MAILROOM, "letters:read"))],
    text: Annotated[bool, Query(description="add the letter's text")] = False,
) -> dict[str, Any]:
    """Return candidates, facts, evidence, state and assignments of one letter."""
    return letter_json(services.store.letter(letter_id), with_text=text)


@router.get("/{letter_id}/pages/{number}", responses={**PROBLEMS, 200: {"content": {"image/webp": {}}}})
def get_page(
    letter_id: UUID,
    number: PageNumber,
    services: Used,
    _identity: Annotated[Identity, Depends(Require(MAILROOM, "letters:read"))],
    dpi: Annotated[int, Query(ge=36, le=200)] = 110,
) -> Response:
    """Return one page as a WebP picture; pages are numbered as in the item."""
    return page_picture(services, letter_id, number, dpi=dpi)


def page_picture(services: Services, letter_id: UUID, number: int, *, dpi: int) -> Response:
    """Return a picture of a page, upright."""
    view = services.store.letter(letter_id)
    page = next((page for page in view.letter.pages if page.number == number), None)
    if page is None and number not in view.summary.pages:
        raise NotFoundError(_("The letter has no such page"), item=f"{letter_id}/{number}")
    rotation = page.rotation if page else 0

    def draw() -> bytes:
        return services.desk.picture(services.store.original(view.item.id), number, dpi=dpi, rotation=rotation)

    picture = services.pictures.get((view.item.sha256, number, dpi, rotation), draw)
    return Response(picture, media_type="image/webp")


@router.post("/{letter_id}/assignment", responses=PROBLEMS)
def post_assignment(
    letter_id: UUID,
    body: AssignmentIn,
    services: Used,
    identity: Annotated[Identity, Depends(Require(MAILROOM, "letters:assign"))],
) -> dict[str, Any]:
    """Send a letter to a post: its suggestion (then it is confirmed) or another one (a correction to learn from)."""
    return letter_json(assign(services, letter_id, body.post, identity, version=body.version), with_text=False)


def assign(services: Services, letter_id: UUID, post: str, identity: Identity, *, version: int | None) -> LetterView:
    """Send a letter to a post of the plan.

    Raises
    ------
    UsageError
        When there is no such post.
    ConflictError
        When the letter was decided by somebody else in the meantime.
    """
    office, model = services.desk.office, services.desk.model
    today = office_today()
    known = posts_of(office, today, model.posts if model is not None else ())
    # Without plan and model the first decisions by people are what the posts are learned from.
    if known and post not in known:
        raise UsageError(_("There is no such post"), item=post, remedy=_("choose one of the plan's posts"))
    return services.store.assign(
        letter_id, post, office.caseworker(post, today), identity.name, expected_version=version
    )
