# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Fits the text models: in folds, to know what they say of letters they never saw, and on all letters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.special import log_softmax

from router.deciding.decide import TextReading
from router.deciding.features import LetterFeatures
from router.deciding.textmodel import PARTS, Blend, TextModel, fit_blend

__all__ = ["FEWEST", "fit_texts"]

Floats = NDArray[np.float64]
Step = Callable[[str, float], None]

FEWEST = 20
"""Letters a model is fitted to at the least."""
_MOST_FEATURES = 250_000
_MOST_WEIGHTS = 24_000_000
"""Features times classes; with half precision this is 48 MB."""


def fit_texts(
    blank: LetterFeatures,
    counts: csr_matrix,
    labels: Sequence[str | None],
    matters: Sequence[str | None],
    folds: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]],
    independent: int,
    foreign: frozenset[str],
    seed: int,
    processes: int,
    step: Step,
) -> tuple[list[TextReading], LetterFeatures, TextModel, TextModel | None]:
    """Fit the text models on all letters, and say of each letter what models that never saw it say."""
    step("text", 0.0)
    number = counts.shape[0]
    parts = [*folds, (np.arange(number), np.zeros(0, dtype=np.intp))]
    workers = min(processes, len(parts))
    results: list[_Part] = []
    # Threads: the libraries let others run while they fit, and the counts need not be copied.
    jobs = Parallel(n_jobs=workers, prefer="threads", return_as="generator")(
        delayed(_fit_part)(blank, counts, labels, matters, learn, test, foreign, seed) for learn, test in parts
    )
    for done, part in enumerate(jobs, start=1):
        results.append(part)
        step("text", done / len(parts))
    last, held = results[-1], results[:-1]
    blend, fields = _out_of_fold(
        last.fields, [part.fields for part in held], [part.raw for part in held], folds, labels, independent
    )
    last.fields.settle(blend)
    matter_logs = None
    if last.matters is not None:
        # Which matter it is within a field hardly ever changes the post: folds take the quick way, without support
        # vectors, and their blend is not that of the final model.
        _blend, matter_logs = _out_of_fold(
            last.matters, [part.matters for part in held], [part.matter_raw for part in held], folds, matters,
            independent,
        )  # fmt: skip
    familiar = np.zeros(number)
    for (_learn, test), part in zip(folds, held, strict=True):
        familiar[test] = part.familiar
    names = [str(name) for name in last.fields.classes_]
    matter_names = [str(name) for name in last.matters.classes_] if last.matters is not None else []
    readings = [
        TextReading(
            dict(zip(names, map(float, fields[index]), strict=True)),
            dict(zip(matter_names, map(float, matter_logs[index]), strict=True)) if matter_logs is not None else None,
            float(familiar[index]),
        )
        for index in range(number)
    ]
    return readings, last.features, last.fields, last.matters


def _out_of_fold(
    model: TextModel,
    models: Sequence[TextModel | None],
    raws: Sequence[Floats | None],
    folds: Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]],
    labels: Sequence[str | None],
    independent: int,
) -> tuple[Blend, Floats]:
    """Return the blend of what the models of the folds said of letters they never saw, and its log probabilities."""
    classes = [str(name) for name in model.classes_]
    place = {name: column for column, name in enumerate(classes)}
    raw = np.zeros((len(labels), PARTS, len(classes)))
    for (_learn, test), part, scores in zip(folds, models, raws, strict=True):
        if part is None or scores is None:
            continue
        columns = [place[str(name)] for name in part.classes_]
        by_part = scores.reshape(len(test), PARTS, len(columns))
        # A class that a fold never saw lies below all others.
        block = np.repeat(by_part.min(axis=2, keepdims=True) - 1, len(classes), axis=2)
        block[:, :, columns] = by_part
        raw[test] = block
    flat = raw.reshape(len(labels), -1)
    blend = fit_blend(flat, classes, labels, independent)
    return blend, np.asarray(log_softmax(blend.logits(flat), axis=1))


@dataclass(frozen=True)
class _Part:
    """Text models fitted to some letters, and what they say of others."""

    features: LetterFeatures
    fields: TextModel
    matters: TextModel | None
    raw: Floats
    matter_raw: Floats | None
    familiar: Floats


def _fit_part(
    blank: LetterFeatures,
    counts: csr_matrix,
    labels: Sequence[str | None],
    matters: Sequence[str | None],
    learn: NDArray[np.intp],
    test: NDArray[np.intp],
    foreign: frozenset[str],
    seed: int,
) -> _Part:
    learn = np.array([index for index in learn if labels[index] is not None], dtype=np.intp)
    named = np.array([place for place, index in enumerate(learn) if matters[index] is not None], dtype=np.intp)
    classes = len({labels[index] for index in learn}) + len({matters[learn[place]] for place in named})
    most = min(_MOST_FEATURES, _MOST_WEIGHTS // max(classes, 1))
    letter_features = LetterFeatures(max_features=most, with_catalogue=blank.with_catalogue).fit(counts[learn])
    features = letter_features.weighted(counts[learn])
    fields = TextModel(seed=seed).fit(features, [str(labels[index]) for index in learn], foreign=foreign)
    matter_model = None
    if len(named) >= FEWEST:
        matter_labels = [str(matters[learn[place]]) for place in named]
        matter_model = TextModel(seed=seed).fit(features[named], matter_labels, quick=len(test) > 0)
    unseen = letter_features.weighted(counts[test])
    return _Part(
        letter_features,
        fields,
        matter_model,
        fields.raw_scores(unseen),
        matter_model.raw_scores(unseen) if matter_model is not None else None,
        fields.familiarity(unseen),
    )
