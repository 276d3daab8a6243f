# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Why a post is the best one: what each piece of evidence added to its score, in sentences people understand.

A post's score is a weighted sum of its features. Each piece of evidence gets what it adds to the score of a post
nothing speaks for; of pieces of one kind only the strongest counts. What file, plan and text make together (the
mixture) is shared out among them, so that the weights of a post's evidence sum to its score above that baseline.
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from router.deciding.evidence import Gathered
from router.deciding.kinds import FILE_COLUMNS, N_, Feature, TopicView
from router.deciding.mixture import MIXED, file_strengths, mixture_parts, nothing
from router.deciding.model import DecisionModel
from router.deciding.speaking import Spoken, different, paragraphs, place_of, speaking_words
from router.deciding.textinput import TextInput
from router.deciding.what_if import what_would_change
from router.office.office import Office
from router.records import Evidence, EvidenceSource, Explanation, Facts, Letter, Sentence

__all__ = ["Ranked", "explain"]

Floats = NDArray[np.float64]

_OVERRIDDEN = Feature.HOLDER_OVERRIDDEN
_RULES = [Feature.RULE, Feature.RULE_WITH_FILE, Feature.RULE_CATALOGUE, Feature.OVERRIDE]
_TEXT = [Feature.TEXT, Feature.MISDIRECTED]
_FILE, _PLAN, _WORDS = range(len(MIXED))
_HARDLY = 0.05
"""What adds less is told with the strongest piece of its post."""
_CLEAR, _SLIGHT = 3.0, 1.0
"""Leads in points of the score: of two posts, e to the power of the lead is the ratio of their shares."""
_WORDS_TOLD = 3
_WORTH_A_SENTENCE = 0.1
"""Share of a post's score; what adds less is told in the list of evidence only."""
_KEEPS = N_("Post {post} keeps the file, but another unit may act")


@dataclass(frozen=True)
class Ranked:
    """A ranking of posts and all it rests on.

    Attributes
    ----------
    letter, facts, office, model
        What was read and found, for whom, and the model in use, if there is one.
    entry, logs, text_features
        What the text model saw, its log probability of each class, and the features it took from it.
    topic, gathered
        What the letter is about, and what speaks for each post.
    weights
        Of the features, shape (n_features,).
    best, runner_up
        First and second post.
    day
        Day of receipt.
    """

    letter: Letter
    facts: Facts
    office: Office
    model: DecisionModel | None
    entry: TextInput
    logs: Mapping[str, float] | None
    text_features: csr_matrix | None
    topic: TopicView
    gathered: Gathered
    weights: Floats
    best: str
    runner_up: str | None
    day: dt.date


def explain(of: Ranked) -> tuple[tuple[Evidence, ...], Explanation]:
    """Return all evidence with its weight, the strongest first, and the explanation of the best post.

    For the best post and the runner-up everything that moved their scores is told; for other posts only what speaks
    for them.
    """
    spoken = speaking_words(
        of.letter, of.office, of.model, of.entry, of.logs, of.text_features, of.topic, of.best, of.runner_up
    )
    found = sorted(_weigh(of, spoken), key=lambda evidence: -abs(evidence.weight))
    scores = dict(zip(of.gathered.posts, map(float, of.gathered.features @ of.weights), strict=True))
    base = float(nothing(of.gathered.features, of.office.plan) @ of.weights)
    explanation = Explanation(
        of.best,
        of.runner_up,
        base,
        scores[of.best],
        scores[of.runner_up] if of.runner_up is not None else None,
        field=spoken.field if spoken else "",
        against=spoken.against if spoken else "",
        words=spoken.words if spoken else (),
        other_words=spoken.other if spoken else 0.0,
        changes=what_would_change(
            of.facts, of.office, of.gathered, of.topic, of.weights, of.best, of.runner_up, of.day
        ),
    )
    return tuple(found), replace(explanation, sentences=tuple(_sentences(of, found, spoken, explanation.margin)))


def _weigh(of: Ranked, spoken: Spoken | None) -> list[Evidence]:
    """Give each piece of evidence its weight, and add what else moved the scores of the first two posts."""
    gathered, plan = of.gathered, of.office.plan
    values = gathered.features
    parts = (values - nothing(values, plan)) * of.weights
    mixed = mixture_parts(values, gathered.posts, of.topic, plan) * of.weights[Feature.MIXTURE]
    strengths = file_strengths(values)
    files = strengths.sum(axis=1)
    rows = {post: row for row, post in enumerate(gathered.posts)}
    told: set[tuple[str, Feature]] = set()
    found: list[Evidence] = []
    for evidence, column, value in zip(
        gathered.evidence, gathered.evidence_features, gathered.evidence_values, strict=True
    ):
        row = rows[evidence.says]
        weight = 0.0
        if (evidence.says, column) not in told and (column is Feature.RULE or value >= values[row, column]):
            told.add((evidence.says, column))
            if column is Feature.RULE:
                weight = parts[row, _RULES].sum() + mixed[row, _PLAN]
            else:
                weight = parts[row, column]
                if column in FILE_COLUMNS and files[row]:
                    weight += mixed[row, _FILE] * strengths[row, FILE_COLUMNS.index(column)] / files[row]
        found.append(replace(evidence, weight=float(weight)))
    for post in (of.best, of.runner_up):
        if post is None:
            continue
        row = rows[post]
        ruled, file = parts[row, _RULES].sum() + mixed[row, _PLAN], mixed[row, _FILE]
        further = [
            (EvidenceSource.RULE, _KEEPS, parts[row, _OVERRIDDEN]),
            (EvidenceSource.CASE_LIST, N_("The file is kept by another post than {post}"), 0.0 if files[row] else file),
            (
                EvidenceSource.RULE,
                N_("By the plan post {post} is possible, but not likely"),
                0.0 if (post, Feature.RULE) in told else ruled,
            ),
        ]
        added = [Evidence(source, post, message, {"post": post}, float(w)) for source, message, w in further if w]
        added.append(_text_evidence(of, spoken, post, float(parts[row, _TEXT].sum() + mixed[row, _WORDS])))
        _add(found, post, added)
    return found


def _add(found: list[Evidence], post: str, added: list[Evidence]) -> None:
    """Add pieces of a post's evidence; what hardly counts is told with the strongest."""
    # Where a model learned that an overridden holder keeps the letter all the same, it is one more sign of the file.
    slight = [
        evidence
        for evidence in added
        if evidence.page is None
        and (abs(evidence.weight) < _HARDLY or (evidence.message == _KEEPS and evidence.weight > 0))
    ]
    found += [evidence for evidence in added if evidence not in slight]
    own = [place for place, evidence in enumerate(found) if evidence.says == post]
    if not own:
        found += slight
        return
    strongest = max(own, key=lambda place: abs(found[place].weight))
    rest = sum(evidence.weight for evidence in slight)
    found[strongest] = replace(found[strongest], weight=found[strongest].weight + rest)


def _text_evidence(of: Ranked, spoken: Spoken | None, post: str, weight: float) -> Evidence:
    """Name the words of the text that speak for a post's field, with the place of the first."""
    words = [part.word for part in spoken.favouring(runner_up=post != of.best)] if spoken else []
    words = different(words, _WORDS_TOLD)
    if weight < 0 or not words:
        message = (
            N_("The text as a whole speaks against post {post}")
            if weight < 0
            else N_("The text as a whole speaks for post {post}")
        )
        return Evidence(EvidenceSource.TEXT, post, message, {"post": post}, weight)
    message = N_("The words {words} speak for post {post}")
    if len(words) == 1:
        message = N_("The word {words} speaks for post {post}")
    evidence = Evidence(EvidenceSource.TEXT, post, message, {"words": _quoted(words), "post": post}, weight)
    place = next((found for word in words if (found := place_of(of.letter, word)) is not None), None)
    if place is None:
        return evidence
    return replace(evidence, page=place.page, box=place.box, ocr_confidence=place.ocr_confidence)


def _quoted(words: list[str]) -> str:
    """Quote words; paragraphs stand as they are."""
    return ", ".join(word if word.startswith("§") else f"„{word}“" for word in words)


def _sentences(of: Ranked, found: list[Evidence], spoken: Spoken | None, margin: float | None) -> Iterator[Sentence]:
    """Say in a few sentences why the best post is the best."""
    total = sum(evidence.weight for evidence in found if evidence.says == of.best)
    least = max(_HARDLY, _WORTH_A_SENTENCE * total)
    speaking = [evidence for evidence in found if evidence.says == of.best and evidence.weight >= least]
    rule = next((e for e in speaking if e.source is EvidenceSource.RULE and "matter" in e.values), None)
    facts = [e for e in speaking if e.source not in (EvidenceSource.RULE, EvidenceSource.TEXT)][:1]
    ruled = _plan_sentence(of, rule, spoken) if rule is not None else None
    proof = sum(e.weight for e in speaking if e.source not in (EvidenceSource.RULE, EvidenceSource.TEXT))
    pieces = [(proof, Sentence(evidence.message, evidence.values)) for evidence in facts]
    if rule is not None and ruled is not None:
        pieces.append((rule.weight, ruled))
    else:
        pieces += [
            (evidence.weight, Sentence(evidence.message, evidence.values))
            for evidence in speaking
            if evidence.source is EvidenceSource.TEXT
        ]
    for _weight, sentence in sorted(pieces, key=lambda piece: -piece[0]):
        yield sentence
    kinds = zip(of.gathered.evidence, of.gathered.evidence_features, strict=True)
    holder = next((evidence for evidence, column in kinds if column in FILE_COLUMNS), None)
    if rule is not None and not facts and holder is not None and holder.says != of.best:
        values = {"holder": holder.says, "matter": rule.values["matter"], "post": of.best}
        yield Sentence(N_("Post {holder} keeps a file, but {matter} goes to post {post} all the same"), values)
    if margin is not None and of.runner_up is not None:
        yield Sentence(_lead(margin), {"post": of.runner_up})


def _plan_sentence(of: Ranked, rule: Evidence, spoken: Spoken | None) -> Sentence:
    """Say what made the plan's rule apply: the words for the matter and the surname or nationality it asks for."""
    words = [part.word for part in spoken.favouring(runner_up=False)] if spoken else []
    if of.office.plan is not None:
        labels = {matter.label: name for name, matter in of.office.plan.matters.items()}
        cited = paragraphs(of.office, of.entry, labels.get(rule.values["matter"], ""))
        words = [*cited[:1], *words]
    words = different(words, _WORDS_TOLD)
    if len(words) < 2:
        return Sentence(rule.message, rule.values)
    message = {
        N_("Plan: {matter}, surname {surname} ({letters}) → post {post}"): N_(
            "{words} speak for {matter}; surname {surname} ({letters}) → post {post}"
        ),
        N_("Plan: {matter}, surname unknown → perhaps post {post}"): N_(
            "{words} speak for {matter}; surname unknown → perhaps post {post}"
        ),
        N_("Plan: {matter}, nationality → post {post}"): N_("{words} speak for {matter}; nationality → post {post}"),
    }.get(rule.message, N_("{words} speak for {matter} → post {post}"))
    return Sentence(message, {**rule.values, "words": _quoted(words)})


def _lead(margin: float) -> str:
    if margin >= _CLEAR:
        return N_("Post {post} comes next, far behind")
    if margin >= _SLIGHT:
        return N_("Post {post} comes next, some way behind")
    return N_("Post {post} comes next, close behind")
