# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Scan protocols and what became of the files they name, for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from router.web.access import MAILROOM, Identity, Require
from router.web.api.items import as_download
from router.web.api.schemas import PROBLEMS, ProtocolDetailsOut, ProtocolOut, ProtocolsOut
from router.web.services import Used

__all__ = ["router"]

router = APIRouter(prefix="/protocols", tags=["protocols"])
_Reader = Annotated[Identity, Depends(Require(MAILROOM, "letters:read"))]


@router.get("", responses=PROBLEMS)
def get_protocols(services: Used, _identity: _Reader, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> ProtocolsOut:
    """List the newest scan protocols, newest first."""
    return ProtocolsOut(protocols=[ProtocolOut.of(protocol) for protocol in services.store.protocols(limit)])


@router.get("/{protocol_id}", responses=PROBLEMS)
def get_protocol(protocol_id: UUID, services: Used, _identity: _Reader) -> ProtocolDetailsOut:
    """Return a scan protocol with what became of each file."""
    return ProtocolDetailsOut.with_entries(services.store.protocol(protocol_id))


@router.get("/{protocol_id}/original", responses={**PROBLEMS, 200: {"content": {"application/octet-stream": {}}}})
def get_protocol_original(protocol_id: UUID, services: Used, _identity: _Reader) -> Response:
    """Return the bytes as they came, to be saved and never shown inside a page."""
    name = services.store.protocol(protocol_id).summary.file_name or f"{protocol_id}.csv"
    return as_download(services.store.protocol_original(protocol_id), name)
