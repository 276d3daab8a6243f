# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Kinds of evidence, as columns that all posts share, and what a text says a letter is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

__all__ = ["FILE_COLUMNS", "FLOOR", "N_", "Feature", "TopicView"]

FLOOR = 0.003
"""Added to shares before their logarithm is taken."""


def N_(message: str) -> str:
    """Mark a message for translation."""
    return message


class Feature(IntEnum):
    """Columns of the feature matrix. Shares and agreements are 0 to 1, logarithms natural."""

    OWN_NAMED = 0
    """Own number of a file whose person the letter names."""
    OWN_BARE = 1
    """Own number of a file; the letter names nobody or somebody else."""
    CENTRAL_NAMED = 2
    """AZR or BAMF number of a file whose person the letter names."""
    CENTRAL_BARE = 3
    SIMILAR_NAMED = 4
    """A number one character off, and the person fits."""
    BIRTH_CONCERNED = 5
    """Name and birth date of a file, weighted with how clearly the person is the one concerned."""
    BIRTH_OTHER = 6
    NAME_CONCERNED = 7
    """Name alone, shared out among the files that bear it."""
    NAME_OTHER = 8
    ADDRESSEE = 9
    """The letter addresses the post's caseworker."""
    RULE = 10
    """Log share the plan's rules give the post, over what the letter may be about."""
    RULE_WITH_FILE = 11
    """The same where a file was found."""
    RULE_CATALOGUE = 12
    """The same with matters by the catalogue's terms alone."""
    TEXT = 13
    """Log probability of the post's field by the text model."""
    OVERRIDE = 14
    """Share of the rules of units that act whoever keeps the file."""
    HOLDER_OVERRIDDEN = 15
    """Strength of the file evidence times the probability that another unit acts all the same."""
    MISDIRECTED = 16
    """Probability that the mail is for another office, for the post that takes such mail."""
    MIXTURE = 17
    """Log probability when all is put together as the office works: the holder of the file, unless a unit acts
    for everybody; the plan's rules where there is no file."""


FILE_COLUMNS = tuple(column for column in Feature if column <= Feature.NAME_OTHER)
"""Kinds of evidence that a post keeps the file of a person."""


@dataclass(frozen=True)
class TopicView:
    """What the text is about, by the text model or by the catalogue alone.

    Attributes
    ----------
    matters
        Probability of each matter of the plan.
    posts
        Probability of the field each post belongs to.
    misdirected
        Probability that the mail is for another office.
    catalogue_matters
        Probability of each matter by the catalogue's terms alone.
    holder_keeps
        For each matter the share of letters that stay with the post that keeps the person's file.
    learned
        False where only the catalogue spoke.
    """

    matters: Mapping[str, float]
    posts: Mapping[str, float]
    misdirected: float
    catalogue_matters: Mapping[str, float]
    holder_keeps: Mapping[str, float]
    learned: bool = True

    @property
    def override(self) -> float:
        """Probability that another unit acts although the person has a file."""
        named = sum(share * (1 - self.holder_keeps.get(matter, 1.0)) for matter, share in self.matters.items())
        return min(1.0, named + self.misdirected)

    def top_matter(self) -> str | None:
        """Return the likeliest matter."""
        return max(self.matters, key=lambda matter: self.matters[matter]) if self.matters else None
