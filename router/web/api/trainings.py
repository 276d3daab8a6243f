# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Trainings: start one, see how far it is."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import JSONResponse, Response

from router.web.access import ADMIN, Identity, Require
from router.web.api.schemas import PROBLEMS, TrainingOut
from router.web.services import Used

__all__ = ["router"]

router = APIRouter(prefix="/trainings", tags=["trainings"])
_Admin = Annotated[Identity, Depends(Require(ADMIN, "trainings:write"))]


@router.post("", status_code=202, response_model=TrainingOut, responses=PROBLEMS)
def post_training(services: Used, identity: _Admin) -> Response:
    """Start a training with history and all decisions by people; 409 while one runs."""
    training = TrainingOut.of(services.store.request_training(identity.name))
    return JSONResponse(training.model_dump(mode="json"), 202, headers={"location": training.href})


@router.get("", responses=PROBLEMS)
def get_trainings(
    services: Used, _identity: _Admin, limit: Annotated[int, Query(ge=1, le=100)] = 20
) -> list[TrainingOut]:
    """List trainings, newest first."""
    return [TrainingOut.of(training) for training in services.store.trainings(limit)]


@router.get("/{training_id}", responses=PROBLEMS)
def get_training(training_id: UUID, services: Used, _identity: _Admin) -> TrainingOut:
    """Describe a training: its step, its share done, and at the end its figures."""
    return TrainingOut.of(services.store.training(training_id))
