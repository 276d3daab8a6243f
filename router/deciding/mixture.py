# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Columns that follow from others: file, plan and text put together the way the office works."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.deciding.kinds import FILE_COLUMNS, FLOOR, Feature, TopicView
from router.office.plan import Plan

__all__ = ["MIXED", "derive", "file_strengths", "mixture_parts", "nothing", "set_topic"]

Floats = NDArray[np.float64]

MIXED = ("file", "rules", "text")
"""What the mixture is made of, in the order of ``mixture_parts``."""

_TRUST = {
    Feature.OWN_NAMED: 0.99,
    Feature.OWN_BARE: 0.85,
    Feature.CENTRAL_NAMED: 0.99,
    Feature.CENTRAL_BARE: 0.9,
    Feature.SIMILAR_NAMED: 0.9,
    Feature.BIRTH_CONCERNED: 0.97,
    Feature.BIRTH_OTHER: 0.7,
    Feature.NAME_CONCERNED: 0.85,
    Feature.NAME_OTHER: 0.5,
}
"""How far each kind of file evidence is trusted in the mixture; the learned weights correct it."""


def set_topic(
    values: Floats, posts: Sequence[str], topic: TopicView, shares: Mapping[str, Mapping[str, float]], plan: Plan | None
) -> None:
    """Write what a topic and the plan's rules say into the features of posts.

    Parameters
    ----------
    values
        Features, shape (n_posts, n_features); changed in place.
    posts
        The candidates.
    topic
        What the letter is about.
    shares
        For each matter the shares its rules give to posts.
    plan
        The plan, or ``None``; without one there are no rules.
    """
    values[:, Feature.TEXT] = np.log(np.array([topic.posts.get(post, 0.0) for post in posts]) + FLOOR)
    if plan is None:
        return
    row_of = {post: row for row, post in enumerate(posts)}
    ruled, by_terms, units = ([0.0] * len(posts) for _ in range(3))
    for matter, by_post in shares.items():
        said, told = topic.matters.get(matter, 0.0), topic.catalogue_matters.get(matter, 0.0)
        overriding = said * (1 - topic.holder_keeps.get(matter, 1.0))
        for post, share in by_post.items():
            if (row := row_of.get(post)) is not None:
                ruled[row] += said * share
                by_terms[row] += told * share
                units[row] += overriding * share
    values[:, Feature.RULE] = np.log(np.array(ruled) + FLOOR)
    values[:, Feature.RULE_CATALOGUE] = np.log(np.array(by_terms) + FLOOR)
    values[:, Feature.OVERRIDE] = units
    values[:, Feature.MISDIRECTED] = 0.0
    if plan.misdirected_post in posts:
        values[posts.index(plan.misdirected_post), Feature.MISDIRECTED] = topic.misdirected


def derive(values: Floats, posts: Sequence[str], topic: TopicView, plan: Plan | None) -> float:
    """Fill in the columns that follow from the others; return 0 to 1 how surely anybody's file was found."""
    holders = values[:, FILE_COLUMNS].max(axis=1)
    has_file = float(holders.max(initial=0.0))
    if plan is not None:
        values[:, Feature.RULE_WITH_FILE] = values[:, Feature.RULE] * min(has_file, 1.0)
    values[:, Feature.HOLDER_OVERRIDDEN] = holders * topic.override
    values[:, Feature.MIXTURE] = np.log(_mixed(_ingredients(values, posts, topic, plan)) + FLOOR)
    return has_file


def nothing(values: Floats, plan: Plan | None) -> Floats:
    """Return the features of a post nothing speaks for, beside the given ones; shape (n_features,)."""
    row = np.zeros(values.shape[1])
    row[[Feature.TEXT, Feature.MIXTURE]] = np.log(FLOOR)
    if plan is not None:
        has_file = float(values[:, FILE_COLUMNS].max(initial=0.0))
        row[[Feature.RULE, Feature.RULE_CATALOGUE]] = np.log(FLOOR)
        row[Feature.RULE_WITH_FILE] = np.log(FLOOR) * min(has_file, 1.0)
    return row


def file_strengths(values: Floats) -> Floats:
    """Return how far each kind of file evidence is trusted, as minus the logarithm of its doubt.

    They add up: the doubt left over is the product of all doubts. Shape (n_posts, n_file_columns).
    """
    trust = np.array([_TRUST[column] for column in FILE_COLUMNS])
    return np.asarray(-np.log1p(-np.minimum(values[:, FILE_COLUMNS] * trust, 1 - 1e-9)))


@dataclass(frozen=True)
class _Ingredients:
    """What the mixture is made of; all arrays of shape (n_posts,)."""

    strength: Floats
    rules: Floats
    units: Floats
    elsewhere: Floats
    override: float


def _ingredients(
    values: Floats, posts: Sequence[str], topic: TopicView, plan: Plan | None, kept: Sequence[str] = MIXED
) -> _Ingredients:
    """Return what the mixture is made of when only the `kept` groups speak."""
    nobody = np.zeros(len(posts))
    file, ruled, text = (name in kept for name in MIXED)
    elsewhere = nobody.copy()
    if plan is None:
        # Without a plan each post is its own field, and the text alone speaks where there is no file.
        rules = np.array([topic.posts.get(post, 0.0) for post in posts]) if text else nobody
    else:
        rules = np.exp(values[:, Feature.RULE]) - FLOOR if ruled else nobody
        if text and plan.misdirected_post in posts:
            elsewhere[posts.index(plan.misdirected_post)] = topic.misdirected
    return _Ingredients(
        -np.expm1(-file_strengths(values).sum(axis=1)) if file else nobody,
        rules,
        values[:, Feature.OVERRIDE] if ruled else nobody,
        elsewhere,
        topic.override if text else 0.0,
    )


def _mixed(of: _Ingredients) -> Floats:
    """Return each post's probability: the holder of the file, unless a unit acts; the rules where there is no file."""
    found = float(1 - np.prod(1 - of.strength))
    total = of.strength.sum()
    holder = of.strength / total if total > 0 else of.strength
    with_file = (1 - of.override) * holder + of.units + of.elsewhere
    return np.asarray(found * with_file + (1 - found) * (of.rules + of.elsewhere))


def mixture_parts(values: Floats, posts: Sequence[str], topic: TopicView, plan: Plan | None) -> Floats:
    """Share the mixture out among file, rules and text.

    Each gets what it adds on average over all orders in which the three can be put in (Shapley 1953); the parts of
    a post sum exactly to its mixture above that of a post nothing speaks for. Shape (n_posts, 3).
    """

    def mixed(*kept: str) -> Floats:
        return np.log(np.maximum(_mixed(_ingredients(values, posts, topic, plan, kept)), 0.0) + FLOOR)

    none, everything = mixed(), mixed(*MIXED)
    alone = [mixed(name) for name in MIXED]
    without = [mixed(*(name for name in MIXED if name != left)) for left in MIXED]
    parts = []
    for one in range(3):
        second, third = (other for other in range(3) if other != one)
        added = 2 * (alone[one] - none) + 2 * (everything - without[one])
        # Together with one other: what the pair makes, less the other alone.
        added = added + (without[third] - alone[second]) + (without[second] - alone[third])
        parts.append(added / 6)
    return np.column_stack(parts)
