# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""For those who watch over the service: alive, ready, and how much it does."""

import shutil
from typing import Annotated

import structlog
from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, PlainTextResponse, Response

from router.errors import PostweicheError
from router.web.access import ADMIN, Identity, Require
from router.web.services import Services, Used, office_today

__all__ = ["router"]

router = APIRouter(tags=["health"])
_log = structlog.get_logger(__name__)


@router.get("/healthz", include_in_schema=False)
def healthz() -> dict[str, str]:
    """Tell that the process answers."""
    return {"status": "ok"}


@router.get("/readyz", include_in_schema=False)
def readyz(services: Used) -> Response:
    """Tell whether letters can be taken in and read: database, model, plan, reader programs."""
    checks = {
        "database": _database(services),
        "model": "ok" if services.desk.model_problem is None else services.desk.model_problem.code,
        "office": "ok" if services.desk.office_problem is None else services.desk.office_problem.code,
        "tesseract": "ok" if shutil.which("tesseract") else "missing",
    }
    # With a newer plan or model refused the service goes on with the old one: worth a look, not a stop.
    ready = checks["database"] == "ok" and checks["tesseract"] == "ok"
    state = "ready" if ready else "not ready"
    return JSONResponse({"status": state, "checks": checks}, 200 if ready else 503)


def _database(services: Services) -> str:
    try:
        services.store.counts(office_today())
    except PostweicheError as error:
        return error.code
    return "ok"


@router.get("/metrics", include_in_schema=False)
def metrics(services: Used, _identity: Annotated[Identity, Depends(Require(ADMIN, "models:read"))]) -> Response:
    """Return counters in Prometheus' text format."""
    counts = services.store.counts(office_today())
    model = services.desk.model
    lines = [
        "# HELP postweiche_letters_today Letters received today by what became of them.",
        "# TYPE postweiche_letters_today gauge",
        f'postweiche_letters_today{{state="routed"}} {counts.routed}',
        f'postweiche_letters_today{{state="review"}} {counts.review}',
        f'postweiche_letters_today{{state="waiting"}} {counts.waiting}',
        "# HELP postweiche_model_version Version of the model in use, 0 without one.",
        "# TYPE postweiche_model_version gauge",
        f"postweiche_model_version {model.version if model is not None else 0}",
    ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")
