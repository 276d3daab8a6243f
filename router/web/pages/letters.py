# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters that need a person, and one letter with all that speaks for its post."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from router.errors import ConflictError, NotFoundError, UsageError
from router.records import Reason
from router.store.audit import AuditEvent
from router.store.views import LetterState, LetterView
from router.texts import _
from router.web.access import MAILROOM, Identity, Require
from router.web.api.items import original_response
from router.web.api.letters import assign
from router.web.explained import explained, pieces_of
from router.web.services import Services, Used, office_today
from router.web.shown import (
    PostShown,
    candidates_of,
    facts_of,
    letter_row,
    marks_of,
    post_named,
    posts_of,
    protocol_sentence,
    sheets_of,
    shows_nothing,
    telling,
    word_marks_of,
)
from router.web.strip import Strip, strip_of
from router.web.templating import page
from router.web.words import event_words, kind_words, language_words

__all__ = ["letter_page", "present_letter", "router"]

router = APIRouter(include_in_schema=False)
_SHOWN = 100
_Mailroom = Annotated[Identity, Depends(Require(MAILROOM))]


@router.get("/review")
def show_review(request: Request, services: Used, _identity: _Mailroom, done: UUID | None = None) -> Response:
    """List the letters that wait for a person, the oldest first."""
    posts = _posts(services)
    letters = services.store.letters(state=LetterState.REVIEW, limit=_SHOWN + 1)
    ordered = sorted(letters[:_SHOWN], key=lambda letter: (letter.received_at, letter.position))
    return page(
        request,
        "review.html",
        rows=[letter_row(letter, posts) for letter in ordered],
        more=len(letters) > _SHOWN,
        done=_done(services, done),
    )


@router.get("/letters/{letter_id}")
def show_letter(
    request: Request,
    letter_id: UUID,
    services: Used,
    _identity: _Mailroom,
    done: UUID | None = None,
    divided: bool = False,
    joined: bool = False,
) -> Response:
    """Show one letter, or the one that took over its pages."""
    present = present_letter(services, letter_id)
    if present != letter_id:
        return RedirectResponse(f"/letters/{present}?joined=true", status_code=303)
    view = services.store.letter(letter_id)
    return letter_page(request, services, view, done=done, divided=divided, joined=joined)


@router.get("/letters/{letter_id}/progress")
def show_progress(letter_id: UUID, services: Used, _identity: _Mailroom) -> Response:
    """Tell a page that shows a letter in progress when to load anew."""
    view = services.store.letter(present_letter(services, letter_id))
    waits = view.summary.id == letter_id and view.summary.state is LetterState.WAITING
    return Response(status_code=204, headers={} if waits else {"hx-refresh": "true"})


def present_letter(services: Services, letter_id: UUID) -> UUID:
    """Return a letter's id, or if it was joined to another, that one's.

    Raises
    ------
    NotFoundError
        When there never was such a letter.
    """
    try:
        return services.store.letter(letter_id).summary.id
    except NotFoundError:
        present = services.store.joined_into(letter_id)
        if present is None:
            raise
        return present


def letter_page(
    request: Request,
    services: Services,
    view: LetterView,
    *,
    done: UUID | None = None,
    divided: bool = False,
    joined: bool = False,
    mistake: str | None = None,
    typed: str = "",
    status: int = 200,
) -> Response:
    """Return the page of a letter.

    Parameters
    ----------
    request, services, view
        What to show to whom.
    done
        The letter that was decided a moment ago.
    divided, joined
        The person just divided the item; or asked for a letter that was joined to this one.
    mistake, typed, status
        What was wrong with the person's last wish, what they had typed, and how that is answered.
    """
    posts = _posts(services)
    decision = view.decision
    unread = shows_nothing(view.summary.reasons)
    marks = marks_of(decision) if decision is not None and not unread else ()
    candidates = candidates_of(decision, posts) if decision is not None and not unread else ()
    further = word_marks_of(decision, marks) if decision is not None and not unread else ()
    is_open = view.summary.state is LetterState.REVIEW
    leading = view.summary.post if not is_open and view.summary.post else candidates[0].post.id if candidates else ""
    matters = services.desk.office.plan.matters if services.desk.office.plan is not None else {}
    matter = decision.matter if decision is not None and not unread else None
    doubt = protocol_sentence(services.store.protocol_entry_of(view.item.id))
    return page(
        request,
        "letter.html",
        status_code=status,
        view=view,
        # Where pages are missing, the protocol's sentence says it better than the reason that stands for it.
        reasons=[reason for reason in telling(view.summary.reasons) if not doubt or reason is not Reason.CONFLICT],
        doubt=doubt,
        row=letter_row(view.summary, posts, of=len(view.item.letters)),
        kind=kind_words(view.letter.kind),
        decision=decision,
        candidates=candidates,
        pieces=pieces_of(decision, marks, leading),
        explanation=explained(decision) if not unread else None,
        leading=leading,
        sheets=sheets_of(view.letter, (*marks, *further)),
        facts=facts_of(decision) if decision is not None else (),
        matter=matters[matter].label if matter in matters else _("for another office") if matter else None,
        letter_language=language_words(decision.facts.language) if decision is not None else "",
        posts=posts,
        open_count=services.store.counts(office_today()).review,
        events=[(event, event_words(event.event)) for event in view.events],
        done=_done(services, done),
        divided=divided,
        joined=joined,
        strip=_strip(services, view),
        mistake=mistake,
        typed=typed,
    )


def _strip(services: Services, view: LetterView) -> Strip | None:
    """Return the pages of the item where the letter waits for a person and may be divided."""
    if view.summary.state is not LetterState.REVIEW or view.item.page_count < 2:
        return None
    divided = any(event.event == AuditEvent.ITEM_REGROUPED.value for event in view.events)
    return strip_of(services.store.item_pages(view.item.id), view.summary.id, divided=divided)


@router.post("/letters/{letter_id}/assignment")
def decide(
    request: Request,
    letter_id: UUID,
    services: Used,
    identity: _Mailroom,
    version: Annotated[int | None, Form()] = None,
    choice: Annotated[str, Form(max_length=100)] = "",
    other: Annotated[str, Form(max_length=300)] = "",
) -> Response:
    """Send a letter to the post a person chose, and go on to the next open one."""
    present = present_letter(services, letter_id)
    if present != letter_id:
        return RedirectResponse(f"/letters/{present}?joined=true", status_code=303)
    before = services.store.letter(letter_id)
    post = post_named(_posts(services), other) if other.strip() else choice
    try:
        if not post:
            what = _("No single post fits what you typed") if other.strip() else _("Choose a post first")
            raise UsageError(what, remedy=_("type its number, or pick it from the list"))
        assign(services, letter_id, post, identity, version=version)
    except UsageError as error:
        sentence = f"{error.what}: {error.remedy}" if error.remedy else error.what
        return letter_page(request, services, before, mistake=sentence, typed=other, status=error.http_status)
    except ConflictError:
        now = services.store.letter(letter_id)
        sentence = _("Somebody else decided or divided this letter in the meantime; below is how it stands now")
        return letter_page(request, services, now, mistake=sentence, status=ConflictError.http_status)
    following = None
    if before.summary.state is LetterState.REVIEW:
        following = services.store.next_for_review(letter_id, identity.name)
        target = f"/letters/{following}?done={letter_id}" if following else f"/review?done={letter_id}"
    else:
        target = f"/letters/{letter_id}?done={letter_id}"
    return RedirectResponse(target, status_code=303)


@router.get("/items/{item_id}/original")
def download(item_id: UUID, services: Used, _identity: _Mailroom) -> Response:
    """Save the original as it came."""
    return original_response(services, item_id)


def _posts(services: Services) -> dict[str, PostShown]:
    model = services.desk.model
    return posts_of(services.desk.office, office_today(), model.posts if model is not None else ())


def _done(services: Services, letter_id: UUID | None) -> dict[str, str] | None:
    """Return where the letter went that was decided a moment ago."""
    if letter_id is None:
        return None
    summary = services.store.letter(letter_id).summary
    post = _posts(services).get(summary.post or "")
    return {"id": str(letter_id), "post": post.line if post else summary.post or "", "name": summary.file_name}
