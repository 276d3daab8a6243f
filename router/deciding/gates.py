# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What sends a letter to a person although its confidence would do."""

from collections.abc import Iterator, Sequence

from router.deciding.contradiction import find_contradiction
from router.deciding.evidence import Gathered
from router.deciding.legibility import is_read_badly
from router.office.surnames import fold
from router.records import Facts, Letter, Owner, PersonRole, Reason

__all__ = ["LIKELY_START", "gates"]

LIKELY_START = 0.5
"""From this score on a page looks like the first of a letter of its own."""

_SURE_START = 0.8
_FEWEST_WORDS = 8
"""An empty cover or a line says nothing a text model could know, however sure it is."""


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
    strange = familiarity is not None and familiarity < familiar_above
    if not gathered.hard and (strange or 0 < len(facts.masked_text.split()) < _FEWEST_WORDS):
        reasons.append(Reason.NOVEL)
    if (len(gathered.concerned_posts) > 1 and override < 0.5) or _holds_another_letter(letter, facts):
        reasons.append(Reason.SEVERAL_LETTERS)
    if find_contradiction(gathered, best, override) is not None:
        reasons.append(Reason.CONFLICT)
    if is_read_badly(letter, gathered, best):
        reasons.append(Reason.POOR_OCR)
    return list(dict.fromkeys(reasons))


def _holds_another_letter(letter: Letter, facts: Facts) -> bool:
    """Tell whether a later page looks like a letter of its own, about somebody else or nobody who is named.

    Copies of letters are common enclosures; they name the same person or file as the letter they come with.
    """
    starts = [page for page in letter.pages[1:] if page.is_read and page.start_score >= LIKELY_START]
    if not starts:
        return False
    known = {name for number, name in _names_by_page(facts) if number < starts[0].number}
    following = [page.number for page in starts[1:]] + [letter.pages[-1].number + 1]
    for page, end in zip(starts, following, strict=True):
        said = [fold(w.text) for part in letter.pages if page.number <= part.number < end for w in part.words]
        if any(_is_named(name, said) for name in known):
            continue
        if page.start_score >= _SURE_START or any(page.number <= number < end for number, _ in _names_by_page(facts)):
            return True
    return False


def _is_named(name: str, said: Sequence[str]) -> bool:
    """Tell whether a name's parts stand among words, or a number among them, blanks aside."""
    if any(sign.isdigit() for sign in name):
        return name.replace(" ", "") in "".join(said)
    words = {word.strip(".,;:()\"'") for word in said}
    return bool(name) and words.issuperset(name.split())


def _names_by_page(facts: Facts) -> Iterator[tuple[int, str]]:
    """Yield where files and people are first named, folded; whoever writes for an office does not count."""
    for reference in facts.references:
        if reference.place is not None and reference.owner is not Owner.THEIRS:
            yield reference.place.page, fold(reference.value)
    for person in facts.persons:
        if person.place is not None and person.role not in (PersonRole.OFFICIAL, PersonRole.CASEWORKER):
            yield person.place.page, fold(person.surname)


def nobody_named(facts: Facts) -> bool:
    """Tell whether a letter names nobody it could be about."""
    return not any(person.role not in (PersonRole.OFFICIAL, PersonRole.CASEWORKER) for person in facts.persons)
