# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters marked confidential: shown to the person they name, without a look at what they say."""

import datetime as dt

from router.deciding.kinds import N_
from router.office.office import Office
from router.records import Candidate, Decision, Evidence, EvidenceSource, Facts, Letter, Outcome, Place, Reason

__all__ = ["decide_confidential"]


def decide_confidential(
    letter: Letter, facts: Facts, office: Office, model: str | None, threshold: float | None, day: dt.date
) -> Decision:
    """Return the decision on a letter that is marked confidential: always for a person, and by the addressee alone.

    Candidates are the posts of the caseworkers the letter names, each with who answers for it on the day: the
    holder, or the first deputy who is there. Their confidence is 0, for nothing was weighed. A letter that names nobody
    of the office has no candidates.

    Parameters
    ----------
    letter, facts
        What was read and found; of this only the addressees and the language are kept.
    office
        Plan with posts, deputies and absences.
    model, threshold
        What the decision would have rested on, for the record.
    day
        Day for which absences count.
    """
    named = [
        (post, caseworker, place) for caseworker, place in facts.addressees for post in _posts_of(office, caseworker)
    ]
    candidates = tuple(
        Candidate(post, office.caseworker(post, day), 0.0, 1 / len(named))
        for post in dict.fromkeys(post for post, _caseworker, _place in named)
    )
    evidence = [
        _evidence(office, post, caseworker, place, office.caseworker(post, day)) for post, caseworker, place in named
    ]
    return Decision(
        outcome=Outcome.REVIEW,
        candidates=candidates,
        reasons=tuple(dict.fromkeys((*letter.problems, Reason.CONFIDENTIAL))),
        evidence=tuple(evidence),
        facts=facts,
        matter=None,
        threshold=threshold,
        model=model,
        plan_version=office.version,
    ).withheld()


def _posts_of(office: Office, caseworker: str) -> tuple[str, ...]:
    """Return the posts a caseworker holds, else those the caseworker is the first to deputise for."""
    held = office.posts_of_caseworker(caseworker)
    if held or office.plan is None:
        return held
    return tuple(post.id for post in office.plan.posts.values() if post.deputies[:1] == (caseworker,))


def _evidence(office: Office, post: str, caseworker: str, place: Place | None, present: str | None) -> Evidence:
    """Return for whom the letter is; the names come from the plan, not from the letter."""
    names = office.caseworker_names
    values = {"name": names.get(caseworker, caseworker), "post": post}
    message = N_("The letter is for {name}, post {post}")
    if present is not None and present != caseworker:
        values["deputy"] = names.get(present, present)
        message = N_("The letter is for {name}, post {post}; today {deputy} answers for it")
    evidence = Evidence(EvidenceSource.ADDRESSEE, post, message, values, 0.0)
    if place is None:
        return evidence
    return Evidence(
        evidence.source, post, message, values, 0.0, place.page, place.box, ocr_confidence=place.ocr_confidence
    )
