# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The form in which a person says where the letters of an item begin."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router.errors import ConflictError, UsageError
from router.web.access import MAILROOM, Identity, Require
from router.web.pages.letters import letter_page, present_letter
from router.web.services import Used

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
_MOST_PAGES = 10_000


@router.post("/items/{item_id}/letters")
def divide(
    request: Request,
    item_id: UUID,
    services: Used,
    identity: Annotated[Identity, Depends(Require(MAILROOM))],
    shown: Annotated[UUID, Form()],
    start: Annotated[list[int], Form(max_length=_MOST_PAGES)],
    seen: Annotated[list[int], Form(max_length=_MOST_PAGES)],
) -> Response:
    """Divide an item as a person ticked it, and show the first letter that came of it."""
    try:
        found = services.store.regroup(item_id, start, identity.name, expected=seen)
    except (ConflictError, UsageError) as error:
        sentence = f"{error.what}: {error.remedy}" if error.remedy else error.what
        view = services.store.letter(present_letter(services, shown))
        return letter_page(request, services, view, mistake=sentence, status=error.http_status)
    if not found.changed:
        return RedirectResponse(f"/letters/{present_letter(services, shown)}", status_code=303)
    return RedirectResponse(f"/letters/{found.changed[0]}?divided=true", status_code=303)
