# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Models: which there are, which is in use, and changing that."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path

from router.deciding.model import NAME
from router.errors import UsageError
from router.store.audit import AuditEvent
from router.texts import _
from router.web.access import ADMIN, Identity, Require
from router.web.api.schemas import PROBLEMS, ModelOut, ModelsOut
from router.web.services import Services, Used

__all__ = ["promote", "released_models", "roll_back", "router"]

router = APIRouter(prefix="/models", tags=["models"])
_READERS = frozenset({"register", "admin"})
VersionNumber = Annotated[int, Path(ge=1, le=10_000_000)]


@router.get("", responses=PROBLEMS)
def get_models(services: Used, _identity: Annotated[Identity, Depends(Require(_READERS, "models:read"))]) -> ModelsOut:
    """List the office's models, newest first."""
    return ModelsOut(models=released_models(services))


@router.post("/rollback", responses=PROBLEMS)
def post_rollback(
    services: Used, identity: Annotated[Identity, Depends(Require(ADMIN, "trainings:write"))]
) -> ModelsOut:
    """Use the previous model again."""
    roll_back(services, identity)
    return ModelsOut(models=released_models(services))


@router.post("/{version}/promote", responses=PROBLEMS)
def post_promote(
    version: VersionNumber, services: Used, identity: Annotated[Identity, Depends(Require(ADMIN, "trainings:write"))]
) -> ModelsOut:
    """Use a model from now on."""
    promote(services, version, identity)
    return ModelsOut(models=released_models(services))


def released_models(services: Services) -> list[ModelOut]:
    """Return the models of the office in force, newest first."""
    releases, office = services.desk.releases, services.desk.office.name
    names = releases.aliases().get(office, {})
    found = []
    for version in reversed(releases.versions()):
        manifest: dict[str, Any] = releases.manifest(version)
        if manifest.get("office", "") == office:
            found.append(
                ModelOut(
                    version=version,
                    label=f"{NAME}@{version}",
                    in_use=names.get("champion") == version,
                    previous=names.get("previous") == version,
                    challenger=names.get("challenger") == version,
                    register_entry=f"/api/v1/register/{version}",
                    manifest=manifest,
                )
            )
    return found


def promote(services: Services, version: int, identity: Identity) -> None:
    """Use a model of this office from now on.

    Raises
    ------
    NotFoundError
        When there is no such model.
    UsageError
        When it was trained for another office.
    """
    releases, office = services.desk.releases, services.desk.office.name
    if releases.manifest(version).get("office", "") != office:
        raise UsageError(
            _("The model was trained for another office"),
            item=f"{NAME}@{version}",
            remedy=_("train one with this plan"),
        )
    # Loading checks hash and format before anything changes.
    releases.load(version)
    before = releases.champion(office)
    releases.promote(version)
    services.store.record_event(
        AuditEvent.MODEL_PROMOTED, actor=identity.name, subject=f"{NAME}@{version}", details={"before": before}
    )


def roll_back(services: Services, identity: Identity) -> int:
    """Use the previous model again and return its number.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    releases, office = services.desk.releases, services.desk.office.name
    before = releases.champion(office)
    version = releases.roll_back(office)
    services.store.record_event(
        AuditEvent.MODEL_ROLLED_BACK, actor=identity.name, subject=f"{NAME}@{version}", details={"before": before}
    )
    return version
