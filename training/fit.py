# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Fits a decision model; everything that is calibrated is calibrated on letters the fitted part never saw."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from router.deciding.combination import Combination, ConfidenceModel, confidence_features
from router.deciding.decide import TextReading, is_proved, is_suspected
from router.deciding.evidence import Gathered, TopicView, gather_evidence
from router.deciding.features import LetterFeatures, suits_catalogue
from router.deciding.gates import gates
from router.deciding.model import DecisionModel
from router.deciding.promise import Promise, find_threshold
from router.deciding.textinput import TextInput, text_input
from router.deciding.topics import BY_FILE, Topic, learned_view
from router.errors import UsageError
from router.facts.model import SHIPPED, load_facts_model
from router.office.catalogue import MISDIRECTED
from router.office.office import Office
from router.texts import _
from training.cases import case_of, hold_out
from training.dataset import Labelled
from training.fit_texts import FEWEST, fit_texts

__all__ = ["Fitted", "fit_model", "topics_of"]

Floats = NDArray[np.float64]
Step = Callable[[str, float], None]

_FOLDS = 5
_MANY, _FEWER_FOLDS = 12_000, 3
"""With many letters each fold learns from enough of them, and time counts."""
_NOVEL_QUANTILE = 0.01
_MATTERS_NEEDED = 0.5
_CLEAR = float(np.log(0.6))
_NODDED_THROUGH = 0.1
"""Share of wrong suggestions a person is assumed to confirm without noticing: an assumption, not a measurement."""


@dataclass(frozen=True)
class Fitted:
    """A model and what was measured while fitting it, all of it out of fold.

    Attributes
    ----------
    confidence, right, eligible
        For each letter used: calibrated confidence, whether the first post was right, whether no gate held it.
    in_three
        Whether the right post was among the first three.
    routed
        Whether the letter would have gone without a person: at the threshold, or by proof where there is none.
    used
        The letters, in the order of the arrays.
    """

    model: DecisionModel
    confidence: Floats
    right: NDArray[np.bool_]
    in_three: NDArray[np.bool_]
    eligible: NDArray[np.bool_]
    routed: NDArray[np.bool_]
    used: tuple[Labelled, ...]
    predicted: tuple[str, ...]
    seconds: dict[str, float] = field(default_factory=dict)
    parameters: dict[str, Any] = field(default_factory=dict)


def topics_of(office: Office, posts: Sequence[str]) -> tuple[dict[str, Topic], dict[str, str]]:
    """Return the classes of the text model and the class of each post.

    With a plan they are its fields of responsibility; without one each post is a class.
    """
    if office.plan is None:
        names = sorted(set(posts))
        return {name: Topic(name, frozenset([name]), frozenset()) for name in names}, {name: name for name in names}
    plan = office.plan
    topics = {
        name: Topic(name, held, matters, misdirected=plan.misdirected_post in held)
        for name, (held, matters) in plan.fields.items()
    }
    return topics, dict(plan.field_of_post)


def fit_model(
    letters: Sequence[Labelled],
    office: Office,
    *,
    version: int,
    target_error: float,
    certainty: float,
    seed: int,
    processes: int = 1,
    step: Step = lambda name, share: None,
) -> Fitted:
    """Fit a model to labelled letters.

    Parameters
    ----------
    letters
        With facts and labels.
    office
        Plan and case list.
    version
        Number of the release to be.
    target_error, certainty
        What the promise shall keep.
    seed
        Start of every random choice.
    processes
        How many processes may work.
    step
        Called with the name of a step and the share done.

    Raises
    ------
    UsageError
        When there are too few letters, or all have one post.
    """
    seconds: dict[str, float] = {}
    usable = [entry for entry in letters if entry.facts.masked_text.strip()]
    posts = tuple(office.plan.posts) if office.plan else tuple(sorted({entry.post for entry in usable}))
    cases = case_of(usable, office)
    if len(usable) < FEWEST or len({entry.post for entry in usable}) < 2 or cases.max() + 1 < _FOLDS:
        raise UsageError(
            _("Too few labelled letters to train: {count} of at least {least}, and at least two posts").format(
                count=len(usable), least=FEWEST
            ),
            remedy=_("decide more letters by hand, or import a history"),
        )
    start = time.perf_counter()
    step("features", 0.0)
    inputs = [text_input(entry.letter, entry.facts, office) for entry in usable]
    blank = LetterFeatures(with_catalogue=office.plan is not None or suits_catalogue(inputs))
    counts = _counts(blank, inputs, processes)
    seconds["features"] = time.perf_counter() - start

    topics, class_of = topics_of(office, posts)
    topics[BY_FILE] = Topic(BY_FILE, frozenset(), frozenset())
    matters = _matter_labels(usable, office)
    labels = _field_labels(usable, office, class_of, matters)
    number_of_folds = _FEWER_FOLDS if len(usable) >= _MANY else _FOLDS
    held = hold_out([entry.received for entry in usable], cases, labels, count=number_of_folds, seed=seed)
    folds = held.parts
    start = time.perf_counter()
    foreign = frozenset(name for name, topic in topics.items() if topic.misdirected)
    held_out, features, fields, matter_model = fit_texts(
        blank, counts, labels, matters, folds, len({entry.group for entry in usable}), foreign, seed, processes, step
    )
    seconds["text"] = time.perf_counter() - start

    start = time.perf_counter()
    step("evidence", 0.0)
    keeps = _holder_keeps(usable, office, labels, held_out, topics, posts)
    gathered, views = _evidence(usable, inputs, office, topics, held_out, keeps, posts)
    rows = [g.posts.index(entry.post) for g, entry in zip(gathered, usable, strict=True)]
    seconds["evidence"] = time.perf_counter() - start
    start = time.perf_counter()
    step("calibration", 0.0)
    combination = Combination().fit([g.features for g in gathered], rows)
    ranked = _cross_fit(combination, gathered, rows, folds)
    novel = float(np.quantile([reading.familiarity for reading in held_out], _NOVEL_QUANTILE))
    eligible = np.array(
        [
            not gates(
                entry.letter, entry.facts, g, g.posts[order[0]],
                familiarity=reading.familiarity, familiar_above=novel, override=view.override,
            )
            for entry, g, reading, view, order in zip(usable, gathered, held_out, views, ranked.orders, strict=True)
        ]
    )  # fmt: skip
    best = [g.posts[order[0]] for g, order in zip(gathered, ranked.orders, strict=True)]
    eligible &= ~np.array(
        [is_suspected(view.misdirected, post, office) for view, post in zip(views, best, strict=True)]
    )
    promise = find_threshold(
        ranked.confidence,
        ~ranked.right,
        cases,
        target_error=target_error,
        certainty=certainty,
        eligible=eligible,
        newest=held.newest,
        overlooked=_overlooked(usable),
    )
    confidence = ConfidenceModel().fit(ranked.described, ranked.right)
    seconds["calibration"] = time.perf_counter() - start
    model = DecisionModel(
        version=version,
        features=features,
        fields=fields,
        matters=matter_model,
        topics=topics,
        holder_keeps=keeps,
        combination=combination,
        confidence=confidence,
        promise=promise,
        familiar_above=novel,
        posts=posts,
        facts_version=load_facts_model(SHIPPED).version,
        office=office.name,
    )
    step("done", 1.0)
    return Fitted(
        model,
        ranked.confidence,
        ranked.right,
        ranked.in_three,
        eligible,
        _routed(promise, ranked.confidence, eligible, gathered, views, best),
        tuple(usable),
        tuple(best),
        seconds,
        {
            "features": int(features.kept_.shape[0]),
            "fields": len(fields.classes_),
            "regularisation": fields.regularisation,
            "folds": number_of_folds,
            "seed": seed,
            "novel_quantile": _NOVEL_QUANTILE,
        },
    )


def _overlooked(letters: Sequence[Labelled]) -> float:
    """Return the share of errors that labels are assumed to hide.

    Who decides with the service's suggestion in view may nod it through; labels of a history, and those that
    contradict the service, were made without it.
    """
    at_risk = sum(entry.source in ("confirmed", "spot_check") for entry in letters)
    return _NODDED_THROUGH * at_risk / len(letters)


def _routed(
    promise: Promise,
    confidence: Floats,
    eligible: NDArray[np.bool_],
    gathered: Sequence[Gathered],
    views: Sequence[TopicView],
    best: Sequence[str],
) -> NDArray[np.bool_]:
    if promise.threshold is not None:
        return np.asarray(eligible & (confidence >= promise.threshold))
    proved = [
        is_proved(g, post, float(value), view.override)
        for g, post, value, view in zip(gathered, best, confidence, views, strict=True)
    ]
    return np.asarray(eligible & np.array(proved, bool))


def _counts(features: LetterFeatures, inputs: Sequence[TextInput], processes: int) -> csr_matrix:
    size = 512
    chunks = [inputs[start : start + size] for start in range(0, len(inputs), size)]
    workers = processes if len(inputs) > 4 * size else 1
    return vstack(Parallel(n_jobs=workers)(delayed(features.counts)(chunk) for chunk in chunks), format="csr")


def _matter_labels(letters: Sequence[Labelled], office: Office) -> list[str | None]:
    """Return the matters of the history where enough letters have one, else nothing."""
    if office.plan is None:
        return [None] * len(letters)
    known = [entry.matter if entry.matter in office.plan.matters else None for entry in letters]
    told = sum(entry.matter is not None for entry in letters)
    return known if told >= _MATTERS_NEEDED * len(letters) else [None] * len(letters)


def _field_labels(
    letters: Sequence[Labelled], office: Office, class_of: Mapping[str, str], matters: Sequence[str | None]
) -> list[str | None]:
    """Return the class each text shall teach.

    Where the history names matters, the matter decides; a letter without one teaches that such words leave
    it to the person's file. Else the post decides.
    """
    if office.plan is None or not any(matters):
        return [class_of[entry.post] for entry in letters]
    fields = office.plan.field_of_matter
    misdirected = class_of.get(office.plan.misdirected_post or "")
    return [
        fields.get(matter or "") or (misdirected if entry.matter == MISDIRECTED else BY_FILE)
        for entry, matter in zip(letters, matters, strict=True)
    ]


def _holder_keeps(
    letters: Sequence[Labelled],
    office: Office,
    labels: Sequence[str | None],
    held_out: Sequence[TextReading],
    topics: Mapping[str, Topic],
    posts: Sequence[str],
) -> dict[str, float]:
    """Learn for each class which share of letters stays with the post that keeps the person's file.

    A letter counts for the class its matter names, else for the class its text clearly points to, out of
    fold. A prior worth ten letters keeps rare classes from extremes: near 0 where the plan says that a unit
    acts for everybody, else near 1.
    """
    stayed: Counter[str] = Counter()
    counted: Counter[str] = Counter()
    nothing = TopicView({}, {}, 0.0, {}, {})
    named = any(label is not None for label in labels) and office.plan is not None and any(e.matter for e in letters)
    for entry, label, reading in zip(letters, labels, held_out, strict=True):
        holders = {
            post
            for post, _case in gather_evidence(entry.letter, entry.facts, office, nothing, posts, entry.received).hard
        }
        if len(holders) != 1:
            continue
        top = max(reading.fields, key=lambda name: reading.fields[name])
        name = label if named else (top if reading.fields[top] > _CLEAR else None)
        if name is not None:
            counted[name] += 1
            stayed[name] += entry.post in holders
    overriding = office.plan.overriding_matters if office.plan else frozenset()
    keeps = {}
    for name, topic in topics.items():
        prior = 0.02 if topic.misdirected or (topic.matters and topic.matters <= overriding) else 0.97
        keeps[name] = (stayed[name] + 10 * prior) / (counted[name] + 10)
    return keeps


def _evidence(
    letters: Sequence[Labelled],
    inputs: Sequence[TextInput],
    office: Office,
    topics: Mapping[str, Topic],
    held_out: Sequence[TextReading],
    keeps: Mapping[str, float],
    posts: Sequence[str],
) -> tuple[list[Gathered], list[TopicView]]:
    gathered, views = [], []
    for entry, text, reading in zip(letters, inputs, held_out, strict=True):
        view = learned_view(office, topics, reading.fields, reading.matters, text, keeps)
        views.append(view)
        gathered.append(gather_evidence(entry.letter, entry.facts, office, view, posts, entry.received))
    return gathered, views


@dataclass(frozen=True)
class _Ranked:
    described: Floats
    right: NDArray[np.bool_]
    in_three: NDArray[np.bool_]
    confidence: Floats
    orders: list[NDArray[np.intp]]


def _cross_fit(
    whole: Combination,
    gathered: Sequence[Gathered],
    rows: Sequence[int],
    folds: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]],
) -> _Ranked:
    """Rank and calibrate every letter by weights and calibration learned from the other folds."""
    count = len(gathered)
    described = np.zeros((count, 3))
    right = np.zeros(count, bool)
    in_three = np.zeros(count, bool)
    orders: list[NDArray[np.intp]] = [np.zeros(1, np.intp)] * count
    # The weights of a fold lie near those of all letters; where the search begins does not change where it ends.
    for learn, test in folds:
        combination = whole.fit([gathered[i].features for i in learn], [rows[i] for i in learn])
        for index in test:
            table = gathered[index].features
            order = np.argsort(-combination.scores(table), kind="stable")
            orders[index] = order
            described[index] = confidence_features(table, combination.weights_)
            right[index] = order[0] == rows[index]
            in_three[index] = rows[index] in order[:3]
    confidence = np.zeros(count)
    for learn, test in folds:
        confidence[test] = ConfidenceModel().fit(described[learn], right[learn]).predict(described[test])
    return _Ranked(described, right, in_three, confidence, orders)
