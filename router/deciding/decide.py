# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letter, facts and office to a decision."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from router.deciding.combination import Combination, confidence_features
from router.deciding.confidential import decide_confidential
from router.deciding.contradiction import both_sides_first, find_contradiction
from router.deciding.evidence import Gathered, gather_evidence
from router.deciding.explain import Ranked, explain
from router.deciding.gates import LIKELY_START, gates, nobody_named
from router.deciding.kinds import Feature, TopicView
from router.deciding.legibility import rests_on_badly_read_words
from router.deciding.model import DecisionModel
from router.deciding.textinput import TextInput, text_input
from router.deciding.topics import catalogue_view, hints_at_unit, learned_view
from router.deciding.watch import Routing, Verdict
from router.office.catalogue import MISDIRECTED
from router.office.office import Office
from router.records import (
    Candidate,
    Decision,
    Facts,
    Letter,
    Outcome,
    Reason,
)

__all__ = ["PROOF_CONFIDENCE", "TextReading", "decide", "is_proved", "is_settled", "is_suspected", "read_text"]

PROOF_CONFIDENCE = 0.98
"""Without a promise only what the case list proves is routed; such letters must reach this confidence."""

_MISDIRECTED_CLEAR = 0.5
_MISDIRECTED_SUSPECTED = 0.1
"""By a trained model. On unseen letters of the sample office 92 % of misdirected ones reach it (n = 72) and 4 % of
the others (n = 828), hardly any of which would have been routed."""
_OVERRIDE_POSSIBLE = 0.4
_OVERRIDE_UNLIKELY = 0.25
"""Without a model: 0.6 % wrong among those routed by proof (n = 176 of 1,900), 4.2 % at 0.4 (n = 471)."""
_NEARLY = 0.95
"""Of 250 unseen letters with one to three papers behind them, 105 stayed below this share of the threshold on their
first page, and 1 of these was routed once all pages were read; of 60 above it that were not routed, 6 were."""
_LITTLE_KNOWN = frozenset([Reason.NO_PERSON, Reason.NOVEL, Reason.POOR_OCR, Reason.UNREADABLE])
_SHOWN = 5


@dataclass(frozen=True)
class TextReading:
    """What a text model says of one letter.

    Attributes
    ----------
    fields, matters
        Log probabilities by class.
    familiarity
        0 to 1, likeness to known letters.
    features
        What the models took from the letter, for explaining it; shape (1, n_features).
    """

    fields: Mapping[str, float]
    matters: Mapping[str, float] | None
    familiarity: float
    features: csr_matrix | None = field(default=None, compare=False, repr=False)


def read_text(model: DecisionModel, entry: TextInput) -> TextReading:
    """Apply a model's text part to one letter."""
    features = model.features.transform([entry])
    fields = model.fields.log_probabilities(features)[0]
    matters = model.matters.log_probabilities(features)[0] if model.matters is not None else None
    return TextReading(
        dict(zip(map(str, model.fields.classes_), map(float, fields), strict=True)),
        dict(zip(map(str, model.matters.classes_), map(float, matters), strict=True))
        if matters is not None and model.matters is not None
        else None,
        float(model.fields.familiarity(features)[0]),
        features,
    )


def is_proved(
    gathered: Gathered, best: str | None, confidence: float, override: float, *, limit: float = _OVERRIDE_POSSIBLE
) -> bool:
    """Tell whether the case list proves the best post, with nothing that speaks for another unit."""
    named = any(post == best for post, _case in gathered.hard)
    return named and confidence >= PROOF_CONFIDENCE and override < limit


def is_suspected(misdirected: float, best: str | None, office: Office) -> bool:
    """Tell whether a trained model's doubt that mail is ours keeps it from being routed.

    Parameters
    ----------
    misdirected
        Probability that the mail is for another office.
    best
        The post in question; the one for misdirected mail is not kept from getting it.
    office
        Names that post.
    """
    return misdirected >= _MISDIRECTED_SUSPECTED and (office.plan is None or best != office.plan.misdirected_post)


def is_settled(letter: Letter, decision: Decision) -> bool:
    """Tell whether pages of a letter that were left for later are not needed now.

    A letter that would be routed is settled, unless a page that was not read looks like the first of another letter.
    One for a person is open while further pages may well change that: its confidence comes near to what is routed, it
    names nobody yet, or hardly anything of it was read. What is confidential is not read on.
    """
    if Reason.CONFIDENTIAL in decision.reasons:
        return True
    if decision.outcome is Outcome.ROUTED:
        return all(page.is_read or page.start_score < LIKELY_START for page in letter.pages[1:])
    if decision.model is None or not _LITTLE_KNOWN.isdisjoint(decision.reasons):
        return False
    limit = decision.threshold if decision.threshold is not None else PROOF_CONFIDENCE
    return decision.confidence < _NEARLY * limit


def candidate_posts(office: Office, model: DecisionModel | None) -> tuple[str, ...]:
    """Return the posts a letter may go to: those of the plan, else those the model knows."""
    if office.plan is not None:
        return tuple(office.plan.posts)
    return model.posts if model is not None else ()


def decide(
    letter: Letter,
    facts: Facts,
    office: Office,
    model: DecisionModel | None,
    received: dt.date,
    *,
    today: dt.date | None = None,
    verdict: Verdict | None = None,
) -> Decision:
    """Decide where a letter goes.

    Parameters
    ----------
    letter, facts
        What was read and found.
    office
        Plan and case list as they are now.
    model
        The model in use, or ``None``.
    received
        Day of receipt.
    today
        Day for which caseworkers and deputies count; by default the day of receipt.
    verdict
        What checks say of the model; ``None`` routes as the model promised.
    """
    if facts.confidential or letter.is_withheld:
        threshold, label = (model.promise.threshold, model.label) if model is not None else (None, None)
        return decide_confidential(letter, facts, office, label, threshold, today or received)
    if not facts.masked_text.strip():
        return _nothing_to_go_by(letter, facts, office, model)
    posts = candidate_posts(office, model)
    entry = text_input(letter, facts, office)
    reading = read_text(model, entry) if model is not None else None
    topic = _view(office, model, reading, entry)
    gathered = gather_evidence(letter, facts, office, topic, posts, received)
    combination = model.combination if model is not None else Combination()
    shares = combination.shares(gathered.features)
    order = np.argsort(-shares, kind="stable")
    best = gathered.posts[order[0]] if len(order) else None
    runner_up = gathered.posts[order[1]] if len(order) > 1 else None
    top = _confidence(model, gathered, combination, order)
    reasons = gates(
        letter,
        facts,
        gathered,
        best,
        familiarity=reading.familiarity if reading else None,
        familiar_above=model.familiar_above if model is not None else 0.0,
        override=topic.override,
    )
    weighted, explanation = gathered.evidence, None
    if best is not None:
        weighted, explanation = explain(
            Ranked(
                letter, facts, office, model, entry, reading.fields if reading else None,
                reading.features if reading else None, topic, gathered,
                combination.weights_, best, runner_up, received,
            )
        )  # fmt: skip
    contradiction = find_contradiction(gathered, best, topic.override)
    shown, sides = both_sides_first(weighted, contradiction)
    if rests_on_badly_read_words(weighted, best):
        reasons.append(Reason.POOR_OCR)
    misdirected = topic.misdirected >= _MISDIRECTED_CLEAR and not gathered.hard
    suspected = misdirected or (model is not None and topic.misdirected >= _MISDIRECTED_SUSPECTED)
    promised = model.promise.threshold if model is not None else None
    stopped = promised is not None and verdict is not None and verdict.routing is Routing.STOPPED
    threshold = promised if verdict is None or promised is None else verdict.threshold
    # Sure enough for the model and held all the same: such letters tell whether it can be trusted again.
    held = promised is not None and top >= promised
    if stopped:
        reasons.append(Reason.NO_MODEL if held else Reason.LOW_CONFIDENCE)
    else:
        hinted = model is None and hints_at_unit(office, entry)
        reasons += _too_unsure(top, threshold, gathered, best, topic, model, hinted=hinted)
    unsure = not held and not {Reason.LOW_CONFIDENCE, Reason.NO_MODEL}.isdisjoint(reasons)
    if unsure and nobody_named(facts) and not gathered.hard:
        reasons.append(Reason.NO_PERSON)
    blocking = bool(reasons)
    if suspected:
        reasons.append(Reason.MISDIRECTED)
        blocking = blocking or best is None or office.plan is None or best != office.plan.misdirected_post
    day = today or received
    return Decision(
        outcome=Outcome.REVIEW if blocking or best is None else Outcome.ROUTED,
        candidates=_candidates(office, gathered, shares, order, top, day),
        reasons=tuple(dict.fromkeys(reasons)),
        evidence=shown,
        facts=facts,
        matter=MISDIRECTED if misdirected else _matter(topic),
        threshold=threshold if threshold is not None or stopped else (PROOF_CONFIDENCE if office.cases else None),
        model=model.label if model is not None else None,
        plan_version=office.version,
        details={
            **({"promised_threshold": promised} if promised is not None and promised != threshold else {}),
            **gathered.details,
            "contradiction": float(sides),
            "familiarity": reading.familiarity if reading else math.nan,
            "runner_up_share": float(shares[order[1]]) if len(order) > 1 else 0.0,
        },
        explanation=explanation,
    )


def _nothing_to_go_by(letter: Letter, facts: Facts, office: Office, model: DecisionModel | None) -> Decision:
    """Return a decision without candidates: a guess about a letter nobody could read would only mislead."""
    # Where reading already said why there are no words, "unreadable" would say less.
    reasons = list(letter.problems) or [Reason.UNREADABLE]
    threshold = model.promise.threshold if model is not None else None
    return Decision(
        outcome=Outcome.REVIEW,
        candidates=(),
        reasons=tuple(dict.fromkeys(reasons)),
        evidence=(),
        facts=facts,
        matter=None,
        threshold=threshold if threshold is not None else (PROOF_CONFIDENCE if office.cases else None),
        model=model.label if model is not None else None,
        plan_version=office.version,
    )


def _matter(topic: TopicView) -> str | None:
    top = topic.top_matter()
    return top if top is not None and topic.matters[top] >= 0.15 else None


def _view(office: Office, model: DecisionModel | None, reading: TextReading | None, entry: TextInput) -> TopicView:
    if model is None or reading is None:
        return catalogue_view(office, entry)
    return learned_view(office, model.topics, reading.fields, reading.matters, entry, model.holder_keeps)


def _confidence(
    model: DecisionModel | None, gathered: Gathered, combination: Combination, order: NDArray[np.intp]
) -> float:
    """Return the calibrated probability of the best post; without a model the expert's assumption."""
    if not len(order):
        return 0.0
    described = confidence_features(gathered.features, combination.weights_)
    if model is not None:
        return float(model.confidence.predict(described[None, :])[0])
    proof = gathered.features[order[0]]
    if proof[Feature.OWN_NAMED] >= 1 or proof[Feature.CENTRAL_NAMED] >= 1:
        return 0.99
    if proof[Feature.BIRTH_CONCERNED] >= 0.5:
        return 0.985
    share = 1 / (1 + math.exp(-float(described[0])))
    return min(0.9, share)


def _too_unsure(
    top: float,
    threshold: float | None,
    gathered: Gathered,
    best: str | None,
    topic: TopicView,
    model: DecisionModel | None,
    *,
    hinted: bool,
) -> list[Reason]:
    if threshold is not None:
        return [Reason.LOW_CONFIDENCE] if top < threshold else []
    # No promise yet: only what the case list proves, and nothing speaks against, goes without a person.
    limit = _OVERRIDE_POSSIBLE if model is not None else _OVERRIDE_UNLIKELY
    if is_proved(gathered, best, top, topic.override, limit=limit) and not hinted:
        return []
    return [Reason.NO_MODEL] if model is None else [Reason.NO_MODEL, Reason.LOW_CONFIDENCE]


def _candidates(
    office: Office,
    gathered: Gathered,
    shares: NDArray[np.float64],
    order: NDArray[np.intp],
    top: float,
    day: dt.date,
) -> tuple[Candidate, ...]:
    """Rank the posts; those after the first share what its confidence leaves."""
    others = float(sum(shares[place] for place in order[1:]))
    ranked = []
    for rank, place in enumerate(order[:_SHOWN]):
        confidence = top if rank == 0 else min(top, (1 - top) * float(shares[place]) / max(others, 1e-12))
        post = gathered.posts[place]
        ranked.append(Candidate(post, office.caseworker(post, day), round(confidence, 4), float(shares[place])))
    return tuple(ranked)
