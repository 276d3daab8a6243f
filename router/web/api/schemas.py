# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Bodies of the API, as OpenAPI describes them."""

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from router.deciding.report import letter_report
from router.store.views import (
    AssignmentView,
    EntryView,
    ItemView,
    LetterSummary,
    LetterView,
    ProtocolReceipt,
    ProtocolSummary,
    ProtocolView,
    Receipt,
    TrainingView,
)
from router.web.problems import MEDIA_TYPE

__all__ = [
    "PROBLEMS",
    "AssignmentIn",
    "DivisionIn",
    "ItemOut",
    "ItemsAcceptedOut",
    "LetterOut",
    "LettersOut",
    "ModelOut",
    "ModelsOut",
    "Problem",
    "ProtocolDetailsOut",
    "ProtocolEntryOut",
    "ProtocolOut",
    "ProtocolsOut",
    "ReceiptOut",
    "TrainingOut",
]


class Problem(BaseModel):
    """An error, RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str = Field(description="stable name of the error")
    remedy: str | None = Field(None, description="what to do")
    item: str | None = Field(None, description="what it is about")
    mistakes: list[str] | None = Field(None, description="every mistake of an imported file")


def _problem(description: str) -> dict[str, Any]:
    return {"description": description, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}


PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: _problem("nobody is signed in"),
    403: _problem("role or scope is missing"),
    404: _problem("there is no such thing"),
    409: _problem("somebody else was faster"),
    413: _problem("too large"),
    415: _problem("this kind of file is not read"),
    422: _problem("the request can't be meant"),
    503: _problem("not available right now"),
}


class ReceiptOut(BaseModel):
    """An item or scan protocol that is safely stored."""

    id: UUID
    href: str
    known: bool = Field(description="the same item was here before; it is not processed again")
    file_name: str = ""
    kind: Literal["item", "protocol"] = "item"

    @classmethod
    def of(cls, receipt: Receipt | ProtocolReceipt, file_name: str) -> "ReceiptOut":
        """Describe what was stored."""
        if isinstance(receipt, ProtocolReceipt):
            href = f"/api/v1/protocols/{receipt.protocol_id}"
            return cls(id=receipt.protocol_id, href=href, known=receipt.known, file_name=file_name, kind="protocol")
        return cls(
            id=receipt.item_id, href=f"/api/v1/items/{receipt.item_id}", known=receipt.known, file_name=file_name
        )


class ItemsAcceptedOut(ReceiptOut):
    """The first item, and all of them where a form held several files."""

    items: list[ReceiptOut]


class ItemOut(BaseModel):
    """What arrived at once."""

    id: UUID
    sha256: str
    size: int = Field(description="bytes")
    media_type: str
    channel: str
    file_name: str
    sender: str
    received_at: dt.datetime
    state: str = Field(description="received, reading, read or failed")
    page_count: int
    error: str | None
    letters: list[str] = Field(description="addresses of its letters")
    original: str = Field(description="address of the original bytes")

    @classmethod
    def of(cls, item: ItemView) -> "ItemOut":
        """Describe an item."""
        return cls(
            id=item.id,
            sha256=item.sha256,
            size=item.size,
            media_type=item.media_type,
            channel=item.channel,
            file_name=item.file_name,
            sender=item.sender,
            received_at=item.received_at,
            state=item.state.value,
            page_count=item.page_count,
            error=item.error.value if item.error else None,
            letters=[f"/api/v1/letters/{letter}" for letter in item.letters],
            original=f"/api/v1/items/{item.id}/original",
        )


class ProtocolEntryOut(BaseModel):
    """A file of a scan protocol and what became of it, or an item that the protocol does not name."""

    line: int | None = Field(description="place in the protocol, from 1; null for an item it does not name")
    file_name: str
    number: str = Field(description="pagination number, as the station gave it")
    pages: int | None = Field(description="as the protocol says")
    pages_read: int | None = Field(description="of the file; null while it is not read")
    result: str = Field(description="waiting, correct, missing_file, too_many_pages, too_few_pages or not_in_protocol")
    item: str | None = Field(description="address of the item")
    settled_at: dt.datetime | None = Field(description="when somebody marked the missing file as settled")
    settled_by: str | None

    @classmethod
    def of(cls, entry: EntryView) -> "ProtocolEntryOut":
        """Describe an entry."""
        return cls(
            line=entry.line or None,
            file_name=entry.file_name,
            number=entry.number,
            pages=entry.pages,
            pages_read=entry.found,
            result=entry.result.value,
            item=f"/api/v1/items/{entry.item_id}" if entry.item_id else None,
            settled_at=entry.settled_at,
            settled_by=entry.settled_by,
        )


class ProtocolOut(BaseModel):
    """A scan protocol in a list."""

    id: UUID
    href: str
    sha256: str
    size: int = Field(description="bytes")
    channel: str
    file_name: str
    received_at: dt.datetime
    due_at: dt.datetime = Field(description="files that are not there then count as missing")
    results: dict[str, int] = Field(description="number of files by result")
    original: str = Field(description="address of the original bytes")

    @classmethod
    def of(cls, protocol: ProtocolSummary) -> "ProtocolOut":
        """Describe a scan protocol."""
        href = f"/api/v1/protocols/{protocol.id}"
        return cls(
            id=protocol.id,
            href=href,
            sha256=protocol.sha256,
            size=protocol.size,
            channel=protocol.channel,
            file_name=protocol.file_name,
            received_at=protocol.received_at,
            due_at=protocol.due_at,
            results={result.value: count for result, count in sorted(protocol.results.items())},
            original=f"{href}/original",
        )


class ProtocolsOut(BaseModel):
    """The newest scan protocols."""

    protocols: list[ProtocolOut]


class ProtocolDetailsOut(ProtocolOut):
    """A scan protocol with its files."""

    entries: list[ProtocolEntryOut]
    not_in_protocol: list[ProtocolEntryOut] = Field(
        description="items that came from the same hands in its time and that no protocol names"
    )

    @classmethod
    def with_entries(cls, view: ProtocolView) -> "ProtocolDetailsOut":
        """Describe a scan protocol and its files."""
        return cls(
            **ProtocolOut.of(view.summary).model_dump(),
            entries=[ProtocolEntryOut.of(entry) for entry in view.entries],
            not_in_protocol=[ProtocolEntryOut.of(entry) for entry in view.unnamed],
        )


class LetterOut(BaseModel):
    """A letter in a list."""

    id: UUID
    href: str
    item: str
    pages: list[int]
    received_at: dt.datetime
    channel: str
    file_name: str
    kind: str
    state: str = Field(description="waiting, review, routed, assigned or delivered")
    outcome: str | None
    post: str | None
    caseworker: str | None
    confidence: float | None
    threshold: float | None
    reasons: list[str]
    spot_check: bool
    model: str | None

    @classmethod
    def of(cls, letter: LetterSummary) -> "LetterOut":
        """Describe a letter."""
        return cls(
            id=letter.id,
            href=f"/api/v1/letters/{letter.id}",
            item=f"/api/v1/items/{letter.item_id}",
            pages=list(letter.pages),
            received_at=letter.received_at,
            channel=letter.channel,
            file_name=letter.file_name,
            kind=letter.kind,
            state=letter.state.value,
            outcome=letter.outcome.value if letter.outcome else None,
            post=letter.post,
            caseworker=letter.caseworker,
            confidence=letter.confidence,
            threshold=letter.threshold,
            reasons=[reason.value for reason in letter.reasons],
            spot_check=letter.spot_check,
            model=letter.model,
        )


class LettersOut(BaseModel):
    """A page of a list of letters."""

    letters: list[LetterOut]
    next: str | None = Field(description="address of the next page")


class AssignmentIn(BaseModel):
    """Where a letter shall go."""

    model_config = ConfigDict(extra="forbid")

    post: str = Field(min_length=1, max_length=100)
    version: int | None = Field(None, description="the letter's version the decision rests on; 409 when it moved")


class DivisionIn(BaseModel):
    """Where the letters of an item begin."""

    model_config = ConfigDict(extra="forbid")

    starts: list[Annotated[int, Field(ge=1, le=100_000)]] = Field(
        min_length=1,
        max_length=10_000,
        description="numbers of the pages at which letters begin, the item's first one among them",
        examples=[[1, 4, 6]],
    )
    seen: list[Annotated[int, Field(ge=1, le=100_000)]] | None = Field(
        None, max_length=10_000, description="where letters began when you looked; 409 when that has changed"
    )


def letter_json(view: LetterView, *, with_text: bool) -> dict[str, Any]:
    """Return all of one letter: the report of ``postweiche route``, its state and its history."""
    body: dict[str, Any] = LetterOut.of(view.summary).model_dump(mode="json")
    if view.decision is not None:
        report = letter_report(view.letter, view.decision, with_text=with_text)
        # What a person decided stands above; the service's own suggestion is the first candidate.
        body = {**report, **{name: value for name, value in body.items() if name in _OF_STATE or name not in report}}
    elif with_text:
        body["text"] = view.letter.text
    return {
        **body,
        "version": view.version,
        "assignments": [_assignment(assignment) for assignment in view.assignments],
        "deliveries": [
            {"target": delivery.target, "state": delivery.state, "at": delivery.at.isoformat() if delivery.at else None}
            for delivery in view.deliveries
        ],
    }


_OF_STATE = ("state", "post", "caseworker", "outcome")


def _assignment(assignment: AssignmentView) -> dict[str, Any]:
    return {
        "post": assignment.post,
        "caseworker": assignment.caseworker,
        "source": assignment.source,
        "actor": assignment.actor,
        "at": assignment.at.isoformat(),
    }


class TrainingOut(BaseModel):
    """A training and how far it is."""

    id: UUID
    href: str
    state: str = Field(description="queued, running, done, failed or cancelled")
    step: str
    share: float = Field(description="0 to 1")
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    version: int | None
    error: str | None
    result: dict[str, Any]

    @classmethod
    def of(cls, training: TrainingView) -> "TrainingOut":
        """Describe a training."""
        return cls(
            id=training.id,
            href=f"/api/v1/trainings/{training.id}",
            state=training.state,
            step=training.step,
            share=training.share,
            requested_at=training.requested_at,
            finished_at=training.finished_at,
            version=training.version,
            error=training.error,
            result=dict(training.result or {}),
        )


class ModelOut(BaseModel):
    """A released model."""

    version: int
    label: str
    in_use: bool
    previous: bool = Field(description="a rollback goes back to it")
    challenger: bool = Field(description="trained and waiting to be promoted")
    register_entry: str = Field(description="address of its register entry")
    manifest: dict[str, Any]


class ModelsOut(BaseModel):
    """All models of the office."""

    models: list[ModelOut]
