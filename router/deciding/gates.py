# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What sends a letter to a person although its confidence would do."""

from collections.abc import Sequence

from router.deciding.evidence import Gathered
from router.records import EvidenceSource, Facts, Letter, PageSource, PersonRole, Reason

__all__ = ["gates"]

_READ_WELL = 0.6
_PAGE_READ_WELL = 0.55


def gates(
    letter: Letter,
    facts: Facts,
    gathered: Gathered,
    best: str | None,
    *,
    familiarity: float | None,
    familiar_above: float,
    override: float,
) -> list[Reason]:
    """Return the reasons that keep a letter from being routed, in the order people should see them.

    Parameters
    ----------
    letter, facts, gathered
        What was read, found, and speaks for which post.
    best
        The post in question.
    familiarity, familiar_above
        How like known letters the text is, and what is familiar enough; ``None`` where no model can tell.
    override
        Probability that another unit acts whoever keeps the file.
    """
    reasons = list(letter.problems)
    if facts.confidential:
        reasons.append(Reason.CONFIDENTIAL)
    if not facts.masked_text.strip() or (letter.pages and not any(page.words for page in letter.pages)):
        reasons.append(Reason.UNREADABLE)
    if familiarity is not None and familiarity < familiar_above and not gathered.hard:
        reasons.append(Reason.NOVEL)
    if len(gathered.concerned_posts) > 1 and override < 0.5:
        reasons.append(Reason.SEVERAL_LETTERS)
    if _contradiction(gathered, best, override):
        reasons.append(Reason.CONFLICT)
    if _read_badly(letter, gathered, best):
        reasons.append(Reason.POOR_OCR)
    return list(dict.fromkeys(reasons))


def _contradiction(gathered: Gathered, best: str | None, override: float) -> bool:
    """Tell whether files found surely lie at different posts, or not at the post in question."""
    posts = {post for post, _case in gathered.hard}
    if len(posts) > 1 and override < 0.5:
        return True
    return bool(posts) and best not in posts and override < 0.5


def _read_badly(letter: Letter, gathered: Gathered, best: str | None) -> bool:
    """Tell whether the words the best post rests on, or the scanned pages as a whole, were read badly."""
    resting: Sequence[float] = [
        evidence.ocr_confidence
        for evidence in gathered.evidence
        if evidence.says == best and evidence.source is not EvidenceSource.TEXT and evidence.page is not None
    ]
    if resting and max(resting) < _READ_WELL:
        return True
    words = [w for page in letter.pages if page.source is PageSource.OCR for w in page.words]
    if len(words) < 5:
        return False
    weight = sum(len(word.text) for word in words)
    return sum(word.ocr_confidence * len(word.text) for word in words) / weight < _PAGE_READ_WELL


def nobody_named(facts: Facts) -> bool:
    """Tell whether a letter names nobody it could be about."""
    return not any(person.role not in (PersonRole.OFFICIAL, PersonRole.CASEWORKER) for person in facts.persons)
