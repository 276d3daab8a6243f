# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""KI-Register: what the model in use is and how well it works, and every version before."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from register_entry.views import STYLES, entry_fragment
from router.web.access import ANYBODY, REGISTER, Identity, Require
from router.web.api.models import released_models
from router.web.api.register import View, entry_of, view_for
from router.web.services import Services, Used
from router.web.templating import page

__all__ = ["router"]

router = APIRouter(include_in_schema=False, prefix="/register")
_Reader = Annotated[Identity, Depends(Require(ANYBODY))]


@router.get("")
def show_register(request: Request, services: Used, identity: _Reader, view: View | None = None) -> Response:
    """Show the entry of the model in use."""
    return _entry(request, services, identity, None, view)


@router.get("/entry.css")
def entry_styles(_identity: _Reader) -> Response:
    """Return the style sheet the entry comes with."""
    return Response(STYLES.read_text(encoding="utf-8"), media_type="text/css")


@router.get("/{version}")
def show_version(
    request: Request,
    version: Annotated[int, Path(ge=1, le=10_000_000)],
    services: Used,
    identity: _Reader,
    view: View | None = None,
) -> Response:
    """Show the entry of one version."""
    return _entry(request, services, identity, version, view)


def _entry(
    request: Request, services: Services, identity: Identity, version: int | None, wanted: View | None
) -> Response:
    models = released_models(services)
    if version is None and not any(model.in_use for model in models):
        return page(request, "register.html", models=models, shown=None, entry=None, view="public", both=False, body="")
    entry = entry_of(services, version)
    view = view_for(identity, wanted)
    shown = version or next(model.version for model in models if model.in_use)
    return page(
        request,
        "register.html",
        models=models,
        shown=shown,
        entry=entry,
        view=view,
        both=identity.may(REGISTER),
        body=entry_fragment(entry, view),
    )
