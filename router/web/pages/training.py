# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Training: what people decided since the last model, a new one with progress, old against new, promote, roll back."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router.errors import ConflictError, PostweicheError
from router.store.views import TrainingState, TrainingView
from router.texts import _
from router.web.access import ADMIN, Identity, Require
from router.web.api.models import promote, released_models, roll_back
from router.web.api.schemas import ModelOut
from router.web.figures import ModelFigures, compare, figures_of
from router.web.services import Services, Used
from router.web.templating import page

__all__ = ["router"]

router = APIRouter(include_in_schema=False, prefix="/training")
_Admin = Annotated[Identity, Depends(Require(ADMIN))]
_LIVE = (TrainingState.QUEUED, TrainingState.RUNNING)


@dataclass(frozen=True)
class ModelLine:
    """A line of the list of models."""

    model: ModelOut
    figures: ModelFigures


@router.get("")
def show_training(request: Request, services: Used, _identity: _Admin) -> Response:
    """Show what is new, the training, the comparison and all models."""
    return _training(request, services)


def _training(request: Request, services: Services, *, mistake: str | None = None, status: int = 200) -> Response:
    releases = services.desk.releases
    lines = [
        ModelLine(model, figures_of(releases.path(model.version), model.version)) for model in released_models(services)
    ]
    used = next((line for line in lines if line.model.in_use), None)
    challenger = next((line for line in lines if line.model.challenger), None)
    previous = next((line for line in lines if line.model.previous), None)
    shown = challenger or used
    return page(
        request,
        "training.html",
        status_code=status,
        mistake=mistake,
        training=_newest(services),
        labels=services.store.label_counts(used.figures.trained_at if used else None),
        lines=lines,
        used=used,
        challenger=challenger,
        previous=previous,
        compared=compare(used.figures if used and challenger else None, shown.figures) if shown else (),
        target=services.settings.target_error,
        certainty=services.settings.certainty,
    )


def _newest(services: Services) -> TrainingView | None:
    trainings = services.store.trainings(1)
    return trainings[0] if trainings else None


@router.get("/progress")
def show_progress(request: Request, services: Used, _identity: _Admin) -> Response:
    """Return how far the training is; the page loads anew when it has ended."""
    training = _newest(services)
    if training is None or training.state not in _LIVE:
        return Response(status_code=204, headers={"hx-refresh": "true"})
    return page(request, "_progress.html", training=training)


@router.post("")
def start(request: Request, services: Used, identity: _Admin) -> Response:
    """Start a training."""
    try:
        services.store.request_training(identity.name)
    except ConflictError:
        return _training(
            request, services, mistake=_("A training is running already"), status=ConflictError.http_status
        )
    return RedirectResponse("/training", status_code=303)


@router.post("/promote")
def use_model(request: Request, services: Used, identity: _Admin, version: Annotated[int, Form(ge=1)]) -> Response:
    """Use a model from now on."""
    try:
        promote(services, version, identity)
    except PostweicheError as error:
        return _training(request, services, mistake=str(error), status=error.http_status)
    return RedirectResponse("/training", status_code=303)


@router.post("/rollback")
def go_back(request: Request, services: Used, identity: _Admin) -> Response:
    """Use the previous model again."""
    try:
        roll_back(services, identity)
    except PostweicheError as error:
        return _training(request, services, mistake=str(error), status=error.http_status)
    return RedirectResponse("/training", status_code=303)
