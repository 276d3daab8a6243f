# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Why a letter goes where it goes, in the shape that its page shows."""

from collections.abc import Iterable
from dataclasses import dataclass

from babel.numbers import format_decimal

from router.deciding.report import change_words
from router.records import Decision
from router.texts import _, current_language
from router.web.shown import Mark

__all__ = ["ExplanationShown", "Pieces", "Weighed", "explained", "pieces_of"]


@dataclass(frozen=True)
class Weighed:
    """Something with its weight.

    Attributes
    ----------
    words
        What it is.
    number
        Its weight with sign, in the reader's language.
    share
        0 to 1, how long its bar is beside the longest.
    favours
        False where it speaks against.
    mark
        The evidence it belongs to, if there is one.
    """

    words: str
    number: str
    share: float
    favours: bool
    mark: Mark | None = None


@dataclass(frozen=True)
class Pieces:
    """The evidence of one post, or of all others; `total` is the sum of its weights where that means something."""

    heading: str
    pieces: tuple[Weighed, ...]
    total: str = ""


@dataclass(frozen=True)
class ExplanationShown:
    """Sentences, words of the text with their weights, and what would change the decision.

    Attributes
    ----------
    title
        What the words tell apart.
    """

    post: str
    sentences: tuple[str, ...]
    title: str
    words: tuple[Weighed, ...]
    changes: tuple[str, ...]


def pieces_of(decision: Decision | None, marks: Iterable[Mark], leading: str) -> tuple[Pieces, ...]:
    """Return the evidence by post: of the leading one, of the next, and of all others.

    Parameters
    ----------
    decision
        The decision, if there is one.
    marks
        Its evidence.
    leading
        The post the page is about: where the letter went, else the best candidate.
    """
    placed = tuple(marks)
    explanation = decision.explanation if decision is not None else None
    compared = (explanation.post, explanation.runner_up) if explanation is not None else ()
    ordered = dict.fromkeys([leading, *(post for post in compared if post is not None)])
    longest = max((abs(mark.weight) for mark in placed), default=0.0)
    groups = []
    for place, post in enumerate(ordered):
        heading = _("What speaks for {post}") if place == 0 else _("What speaks for {post} instead")
        own = [mark for mark in placed if mark.says == post]
        total = _signed(sum(mark.weight for mark in own)) if post in compared else ""
        groups.append(Pieces(heading.format(post=post), tuple(_weighed(mark, longest) for mark in own), total))
    others = [mark for mark in placed if mark.says not in ordered]
    groups.append(Pieces(_("What speaks for other posts"), tuple(_weighed(mark, longest) for mark in others)))
    return tuple(group for group in groups if group.pieces)


def _weighed(mark: Mark, longest: float) -> Weighed:
    return Weighed(mark.why, _signed(mark.weight), abs(mark.weight) / (longest or 1.0), mark.favours, mark)


def explained(decision: Decision | None) -> ExplanationShown | None:
    """Return the explanation of a decision as its page shows it."""
    if decision is None or decision.explanation is None:
        return None
    explanation = decision.explanation
    words = [(part.word, part.weight) for part in explanation.words]
    if words:
        words.append((_("all other words"), explanation.other_words))
    longest = max((abs(weight) for _word, weight in words), default=0.0) or 1.0
    return ExplanationShown(
        explanation.post,
        tuple(sentence.words for sentence in explanation.sentences),
        _("Words for {field} rather than {against}").format(field=explanation.field, against=explanation.against)
        if explanation.against
        else _("Words for {field}").format(field=explanation.field),
        tuple(Weighed(word, _signed(weight), abs(weight) / longest, weight >= 0) for word, weight in words),
        tuple(change_words(decision)),
    )


def _signed(value: float) -> str:
    """Return a weight with its sign, to a tenth."""
    locale = "de_DE" if current_language() == "de" else "en_GB"
    return str(format_decimal(round(value, 1), format="+0.0;−0.0", locale=locale)) if abs(value) >= 0.05 else "0"
