# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Items: what arrives, by programs."""

from email.message import Message
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from router.errors import UsageError
from router.intake.intake import UPLOAD, accept_file, accept_message
from router.store.views import ProtocolReceipt, Receipt
from router.texts import _
from router.web.access import MAILROOM, Identity, Require
from router.web.api.schemas import PROBLEMS, DivisionIn, ItemOut, ItemsAcceptedOut, LetterOut, LettersOut, ReceiptOut
from router.web.services import Services, Used
from router.web.uploads import Arrived, read_body, read_files

__all__ = ["as_download", "original_response", "receive", "router"]

router = APIRouter(prefix="/items", tags=["items"])
_MAX_KEY = 200
_ANY_BYTES = "application/octet-stream"
_READ_KINDS = ("application/pdf", "message/rfc822", "image/tiff", "image/jpeg", "image/png", "text/plain")
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "array", "items": {"type": "string", "format": "binary"}}},
                }
            },
            **{kind: {"schema": {"type": "string", "format": "binary"}} for kind in _READ_KINDS},
        },
    }
}


@router.post("", status_code=201, response_model=ItemsAcceptedOut, responses=PROBLEMS, openapi_extra=_BODY)
async def post_items(
    request: Request,
    services: Used,
    identity: Annotated[Identity, Depends(Require(MAILROOM, "items:write"))],
    idempotency_key: Annotated[str | None, Header(max_length=_MAX_KEY)] = None,
) -> Response:
    """Take in an item: a form with one or more ``file`` fields, or the bytes themselves as the body.

    Answered only when the bytes are durably stored. Sending the same item again answers with the first one and
    ``known: true``. A scan protocol is no item: it is compared with the files that come; ``kind`` says so.
    """
    limit = services.settings.max_item_mib
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        files = await read_files(request, limit)
    else:
        files = [Arrived(_file_name(request), await read_body(request, limit))]
    if len(files) > 1 and idempotency_key is not None:
        raise UsageError(
            _("An Idempotency-Key stands for one item, but several files were sent"),
            remedy=_("send one file at a time"),
        )
    out = []
    channel = _channel(request, identity)
    for file in files:
        receipt = await run_in_threadpool(
            receive, services, file, channel=channel, actor=identity.name, idempotency_key=idempotency_key
        )
        out.append(ReceiptOut.of(receipt, file.name))
    body = ItemsAcceptedOut(**out[0].model_dump(), items=out)
    return JSONResponse(body.model_dump(mode="json"), 201, headers={"location": out[0].href})


def receive(
    services: Services, file: Arrived, *, channel: str, actor: str, idempotency_key: str | None = None
) -> Receipt | ProtocolReceipt:
    """Store one file as an item or scan protocol; what comes by the channel ``mail`` is a message, however broken."""
    if channel == "mail":
        return accept_message(
            services.store,
            file.data,
            actor=actor,
            channel=channel,
            max_item_mib=services.settings.max_item_mib,
            idempotency_key=idempotency_key,
        )
    settings = services.settings
    return accept_file(
        services.store,
        file.data,
        channel=channel,
        actor=actor,
        file_name=file.name,
        max_item_mib=settings.max_item_mib,
        idempotency_key=idempotency_key,
        protocol_window_hours=settings.protocol_window_hours,
        protocol_missing_minutes=settings.protocol_missing_minutes,
    )


def _channel(request: Request, identity: Identity) -> str:
    if identity.way == "session":
        return UPLOAD
    return "mail" if request.headers.get("content-type", "").lower().startswith("message/rfc822") else "api"


def _file_name(request: Request) -> str:
    """Return the file name a raw body comes with, from ``Content-Disposition``; only shown, never used."""
    header = request.headers.get("content-disposition")
    if not header:
        return ""
    message = Message()
    message["content-disposition"] = header
    return (message.get_filename() or "")[:255]


@router.get("/{item_id}", responses=PROBLEMS)
def get_item(
    item_id: UUID, services: Used, _identity: Annotated[Identity, Depends(Require(MAILROOM, "letters:read"))]
) -> ItemOut:
    """Describe an item."""
    return ItemOut.of(services.store.item(item_id))


@router.post("/{item_id}/letters", responses=PROBLEMS)
def post_letters(
    item_id: UUID,
    body: DivisionIn,
    services: Used,
    identity: Annotated[Identity, Depends(Require(MAILROOM, "letters:assign"))],
) -> LettersOut:
    """Divide an item anew: a letter begins at each of the pages and ends before the next; returns all its letters.

    Letters whose pages stay as they are keep everything, all others are decided anew. Letters that were decided by a
    person or delivered already keep their pages: 409 where one of them would change. Repeating it changes nothing.
    """
    found = services.store.regroup(item_id, body.starts, identity.name, expected=body.seen)
    return LettersOut(letters=[LetterOut.of(letter) for letter in found.letters], next=None)


@router.get("/{item_id}/original", responses={**PROBLEMS, 200: {"content": {"application/octet-stream": {}}}})
def get_original(
    item_id: UUID, services: Used, _identity: Annotated[Identity, Depends(Require(MAILROOM, "letters:read"))]
) -> Response:
    """Return the bytes as they came, to be saved and never shown inside a page."""
    return original_response(services, item_id)


def original_response(services: Services, item_id: UUID) -> Response:
    """Return an item's original bytes as a download."""
    item = services.store.item(item_id)
    # Mail may hold HTML with scripts, and whatever claims to be text may too: the browser must not open it.
    harmless = item.media_type.startswith(("image/", "application/pdf"))
    return as_download(
        services.store.original(item_id), item.file_name or str(item.id), item.media_type if harmless else _ANY_BYTES
    )


def as_download(data: bytes, name: str, media_type: str = _ANY_BYTES) -> Response:
    """Return bytes that the browser saves under `name` and never shows."""
    plain = "".join(char if char.isascii() and (char.isalnum() or char in "-_. ") else "_" for char in name)
    return Response(
        data,
        media_type=media_type,
        headers={
            "content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
            "content-security-policy": "sandbox; default-src 'none'",
        },
    )
