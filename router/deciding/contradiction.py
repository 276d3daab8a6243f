# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Contradictions between number, name and text, with what speaks for either side."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from router.deciding.evidence import Feature, Gathered
from router.records import Evidence

__all__ = ["Contradiction", "both_sides_first", "find_contradiction"]

_OVERRIDE_WINS = 0.5
_COMPARABLE = (0.35, 0.65)
"""Between these the file and the unit that acts whoever keeps it are about equally likely right."""
_UNIT_CLEAR = 0.25
_BY_NUMBER = (Feature.OWN_BARE, Feature.CENTRAL_BARE)
_STRONGEST_FIRST = (
    Feature.OWN_NAMED,
    Feature.CENTRAL_NAMED,
    Feature.BIRTH_CONCERNED,
    Feature.OWN_BARE,
    Feature.CENTRAL_BARE,
    Feature.SIMILAR_NAMED,
    Feature.BIRTH_OTHER,
    Feature.NAME_CONCERNED,
    Feature.ADDRESSEE,
    Feature.RULE,
)


@dataclass(frozen=True)
class Contradiction:
    """Two posts for which comparable evidence speaks.

    Attributes
    ----------
    posts
        The two sides.
    evidence
        The strongest piece for each, as gathered; a side that only the model's scores speak for has none.
    """

    posts: tuple[str, str]
    evidence: tuple[Evidence, ...]


def find_contradiction(gathered: Gathered, best: str | None, override: float) -> Contradiction | None:
    """Return what contradicts itself in a letter, ``None`` where all readings agree or one clearly counts more.

    - Files found surely lie at different posts, or not at the post in question.
    - A number leads to the file of somebody the letter does not name, while a person concerned who is named has a
      file elsewhere.
    - The file lies at one post, and by a trained model a unit that acts whoever keeps it is about as likely to be
      meant. Before anything is learned that would be said of most letters of courts and lawyers.

    Readings that lead to the same post never contradict each other.

    Parameters
    ----------
    gathered
        What speaks for which post.
    best
        The post in question.
    override
        Probability that another unit acts whoever keeps the file.
    """
    surely = tuple(dict.fromkeys(post for post, _case in gathered.hard))
    if override < _OVERRIDE_WINS:
        if len(surely) > 1:
            return _between(gathered, surely[0], surely[1])
        if surely and best is not None and best not in surely:
            return _between(gathered, surely[0], best)
        numbered = _posts(gathered, _BY_NUMBER) - _posts(gathered, (Feature.OWN_NAMED, Feature.CENTRAL_NAMED))
        persons = _posts(gathered, (Feature.BIRTH_CONCERNED,)) | gathered.concerned_posts
        if numbered and persons and numbered.isdisjoint(persons):
            return _between(gathered, min(numbered), min(persons))
    unit = _acting_unit(gathered)
    learned = gathered.details.get("learned", 1.0) > 0
    if learned and surely and unit is not None and unit not in surely and _COMPARABLE[0] <= override < _COMPARABLE[1]:
        return _between(gathered, surely[0], unit)
    return None


def _acting_unit(gathered: Gathered) -> str | None:
    """Return the post that most likely acts whoever keeps the file."""
    if not len(gathered.posts):
        return None
    shares = gathered.features[:, Feature.OVERRIDE]
    row = int(shares.argmax())
    return gathered.posts[row] if shares[row] >= _UNIT_CLEAR else None


def _posts(gathered: Gathered, columns: Iterable[Feature]) -> frozenset[str]:
    wanted = set(columns)
    pieces = zip(gathered.evidence, gathered.evidence_features, strict=True)
    return frozenset(evidence.says for evidence, column in pieces if column in wanted)


def _between(gathered: Gathered, first: str, second: str) -> Contradiction:
    rank = {column: place for place, column in enumerate(_STRONGEST_FIRST)}
    pieces = sorted(
        zip(gathered.evidence, gathered.evidence_features, strict=True),
        key=lambda piece: rank.get(piece[1], len(rank)),
    )
    sides: dict[str, Evidence] = {}
    for evidence, _column in pieces:
        sides.setdefault(evidence.says, evidence)
    return Contradiction((first, second), tuple(sides[post] for post in (first, second) if post in sides))


def both_sides_first(evidence: Sequence[Evidence], found: Contradiction | None) -> tuple[tuple[Evidence, ...], int]:
    """Return weighted evidence with the two sides of a contradiction in front, and how many pieces these are.

    Parameters
    ----------
    evidence
        The pieces with their weights. A side that only the words of the text speak for has its piece only here.
    found
        The contradiction, whose pieces have no weight yet.
    """
    if found is None:
        return tuple(evidence), 0
    chosen = {(side.says, side.message, tuple(side.values.items())) for side in found.evidence}
    sides: dict[str, int] = {}
    for place, piece in enumerate(evidence):
        if (piece.says, piece.message, tuple(piece.values.items())) in chosen:
            sides.setdefault(piece.says, place)
    for place, piece in enumerate(evidence):
        if piece.says in found.posts:
            sides.setdefault(piece.says, place)
    first = [sides[post] for post in found.posts if post in sides]
    rest = (piece for place, piece in enumerate(evidence) if place not in first)
    return (*(evidence[place] for place in first), *rest), len(first)
