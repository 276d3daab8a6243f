# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a letter is about: fields by the text model, matters within them, the catalogue's terms beside."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from router.deciding.kinds import TopicView
from router.deciding.textinput import TextInput
from router.office.catalogue import MISDIRECTED, TermHit, load_catalogue, scores_of
from router.office.office import Office
from router.office.plan import Plan

__all__ = ["BY_FILE", "SHARPNESS", "Topic", "catalogue_view", "hints_at_unit", "learned_view", "term_probabilities"]

SHARPNESS = 0.45
"""How fast a matter's probability grows with the score of its terms, before anything is learned."""
_FLOOR = 0.02
_MOSTLY_STAYS = 0.9


BY_FILE = "·"
"""Class of the text model for letters whose words leave it to the person's file: a paper handed in, a reminder."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A class of the text model: a field, with the posts and matters it stood for when the model was made."""

    name: str
    posts: frozenset[str]
    matters: frozenset[str]
    misdirected: bool = False


def term_probabilities(office: Office, entry: TextInput) -> tuple[dict[str, float], float, list[TermHit]]:
    """Return probabilities of matters by the catalogue's terms, that of misdirected mail, and the terms.

    Without any term all matters are equally likely, and misdirected mail as likely as each.
    """
    matcher = office.matcher
    if matcher is None:
        return {}, 0.0, []
    hits = matcher.hits(entry.text, entry.entry_hits)
    scores = scores_of(hits, entry.text)
    names = list(dict.fromkeys([*matcher.matters, MISDIRECTED]))
    raw = np.array([min(scores.get(name, 0.0), 25.0) for name in names]) * SHARPNESS
    exponentials = np.exp(raw - raw.max())
    shares = (1 - _FLOOR) * exponentials / exponentials.sum() + _FLOOR / len(names)
    by_name = dict(zip(names, map(float, shares), strict=True))
    misdirected = by_name[MISDIRECTED] if MISDIRECTED not in matcher.matters else 0.0
    return {name: share for name, share in by_name.items() if name in matcher.matters}, misdirected, hits


def catalogue_view(office: Office, entry: TextInput) -> TopicView:
    """Return what a letter is about where no model exists."""
    matters, misdirected, _hits = term_probabilities(office, entry)
    posts = _posts_by_matters(office.plan, matters)
    if office.plan is not None and office.plan.misdirected_post is not None:
        posts[office.plan.misdirected_post] = max(posts.get(office.plan.misdirected_post, 0.0), misdirected)
    return TopicView(matters, posts, misdirected, matters, expected_to_stay(office), learned=False)


def expected_to_stay(office: Office) -> dict[str, float]:
    """Return for each matter, before anything is learned, how likely a letter goes to the holder of the file.

    The plan's ``overrides_file`` decides; else the catalogue knows which matters offices usually give to one
    unit, without being sure of it.
    """
    if office.plan is None or office.matcher is None:
        return {}
    entries = load_catalogue().entries
    keeps = {}
    for matter, linked in office.matcher.linked.items():
        units = [entries[name].unit for name in linked]
        usual = 0.5 if units and any(units) else 0.97
        keeps[matter] = 0.03 if matter in office.plan.overriding_matters else usual
    return keeps


_UNITS_WRITE = frozenset({"court", "lawyer", "embassy"})
"""Kinds of senders whose letters often belong to a unit that acts whoever keeps the file."""


def hints_at_unit(office: Office, entry: TextInput) -> bool:
    """Tell whether anything in a letter points to a matter that one unit does for everybody.

    Without a model this keeps a letter from being routed by the person's file alone: a lawyer's objection names
    the file as well.
    """
    if office.matcher is None:
        return False
    units = (office.plan.overriding_matters if office.plan else frozenset()) or {
        matter for matter, stays in expected_to_stay(office).items() if stays < _MOSTLY_STAYS
    }
    names = {name for matter in units for name in office.matcher.linked.get(matter, ())}
    scores = scores_of(entry.entry_hits, entry.text)
    return bool(entry.senders & _UNITS_WRITE) or any(scores.get(name, 0.0) >= 1.0 for name in names)


def _posts_by_matters(plan: Plan | None, matters: Mapping[str, float]) -> dict[str, float]:
    """Return for each post the probability of its field: of all matters in it."""
    if plan is None:
        return {}
    shares: dict[str, float] = {}
    for posts, names in plan.fields.values():
        total = sum(matters.get(name, 0.0) for name in sorted(names))
        shares |= dict.fromkeys(posts, total)
    return shares


def learned_view(
    office: Office,
    topics: Mapping[str, Topic],
    field_logs: Mapping[str, float],
    matter_logs: Mapping[str, float] | None,
    entry: TextInput,
    holder_keeps: Mapping[str, float],
) -> TopicView:
    """Return what a letter is about by a trained model, mapped on the plan of today.

    Parameters
    ----------
    office
        The office as it is today.
    topics
        The model's classes.
    field_logs
        Log probability of each class.
    matter_logs
        Log probability of each matter, if the history named matters.
    entry
        The masked text, for the catalogue.
    holder_keeps
        Learned for each class: share of letters that stay with the holder of the file.

    Notes
    -----
    A class stands for the posts that hold one of its matters today, so that a new post or a moved letter range
    needs no new model.
    """
    fields = {name: math.exp(value) for name, value in field_logs.items()}
    by_terms, _misdirected, _hits = term_probabilities(office, entry)
    misdirected = sum(share for name, share in fields.items() if topics[name].misdirected)
    plan = office.plan
    if plan is None:
        posts = {post: share for name, share in fields.items() for post in topics[name].posts}
        return TopicView({}, posts, misdirected, {}, {})
    matters: dict[str, float] = defaultdict(float)
    keeps: dict[str, float] = {}
    posts_share: dict[str, float] = defaultdict(float)
    for name, share in fields.items():
        topic = topics[name]
        known = [matter for matter in sorted(topic.matters) if matter in plan.matters]
        weights = _within(known, matter_logs, by_terms)
        for matter, weight in weights.items():
            matters[matter] += share * weight
            keeps[matter] = holder_keeps.get(name, 1.0)
        for post in _posts_today(plan, topic):
            posts_share[post] += share
    expected = expected_to_stay(office)
    for matter in plan.matters:
        # A matter the model never saw: only the catalogue can speak for it.
        if matter not in matters:
            matters[matter] = 0.3 * by_terms.get(matter, 0.0)
            keeps[matter] = expected.get(matter, 1.0)
            for post in plan.fields.get(plan.field_of_matter.get(matter, ""), (frozenset(), frozenset()))[0]:
                posts_share.setdefault(post, matters[matter])
    total = sum(matters.values()) + misdirected
    scale = 1 / total if total > 1 else 1.0
    return TopicView(
        {matter: share * scale for matter, share in matters.items()},
        dict(posts_share),
        misdirected * scale,
        by_terms,
        keeps,
    )


def _within(
    matters: list[str], matter_logs: Mapping[str, float] | None, by_terms: Mapping[str, float]
) -> dict[str, float]:
    """Share a field out among its matters: by what was learned, else by the catalogue's terms."""
    if not matters:
        return {}
    if matter_logs is not None and any(matter in matter_logs for matter in matters):
        raw = np.array([matter_logs.get(matter, -12.0) for matter in matters])
    else:
        raw = np.log(np.array([by_terms.get(matter, 1e-6) + 1e-6 for matter in matters]))
    weights: NDArray[np.float64] = np.exp(raw - raw.max())
    return dict(zip(matters, map(float, weights / weights.sum()), strict=True))


def _posts_today(plan: Plan, topic: Topic) -> set[str]:
    holders = {rule.post for rule in plan.rules if topic.matters & set(rule.matters)}
    if topic.misdirected and plan.misdirected_post is not None:
        holders.add(plan.misdirected_post)
    return holders or {post for post in topic.posts if post in plan.posts}
