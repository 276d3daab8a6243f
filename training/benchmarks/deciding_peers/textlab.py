# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Text models with a part left out, cross-fitted the way the product's is, from outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from scipy.special import log_softmax
from sklearn.model_selection import GroupKFold

from router.deciding.features import _BORDERS, LetterFeatures
from router.deciding.textinput import TextInput
from router.deciding.textmodel import PARTS, Blend, TextModel, fit_blend
from router.deciding.topics import BY_FILE
from router.office.catalogue import MISDIRECTED, load_catalogue
from router.office.office import Office
from training.dataset import Labelled

__all__ = ["TEXT_VARIANTS", "TextLab", "TextLogs", "TextVariant", "columns_of", "field_labels"]

Floats = NDArray[np.float64]
_CHUNK = 256
_GROUPS_OF_SCORES = 4
"""Scores of the catalogue's terms: in the whole text, at its start, in the subject, and as shares."""


@dataclass(frozen=True)
class TextVariant:
    """What of the text model is left.

    Attributes
    ----------
    kept
        Kinds of features: ``words, groups, subject, catalogue, traits``.
    parts
        Places of the linear models that are blended: 0 support vectors, 1 naive Bayes.
    """

    name: str
    kept: frozenset[str]
    parts: frozenset[int] = frozenset(range(PARTS))


_ALL = frozenset(("words", "groups", "subject", "catalogue", "traits"))
TEXT_VARIANTS = (
    TextVariant("everything, blended", _ALL),
    TextVariant("words only", frozenset({"words"})),
    TextVariant("letter groups only", frozenset({"groups"})),
    TextVariant("without letter groups", _ALL - {"groups"}),
    TextVariant("without words", _ALL - {"words"}),
    TextVariant("without the subject", _ALL - {"subject"}),
    TextVariant("without the catalogue's terms", _ALL - {"catalogue"}),
    TextVariant("without traits", _ALL - {"traits"}),
    TextVariant("support vectors alone", _ALL, frozenset({0})),
    TextVariant("naive Bayes alone", _ALL, frozenset({1})),
)
"""The whole first: others are compared with it."""


def columns_of(width: int) -> dict[str, range]:
    """Return where each kind of feature stands among `width` columns of raw counts."""
    first_rest = _BORDERS[-1]
    traits = first_rest + _GROUPS_OF_SCORES * len(load_catalogue().terms.names)
    ends = dict(zip(("words", "groups", "subject"), _BORDERS[1:], strict=True))
    begins = dict(zip(("words", "groups", "subject"), _BORDERS, strict=False))
    ngrams = {name: range(begins[name], ends[name]) for name in ends}
    return {**ngrams, "catalogue": range(first_rest, traits), "traits": range(traits, width)}


def _only(counts: csr_matrix, kept: frozenset[str]) -> csr_matrix:
    """Return raw counts of which only some kinds of features are left; the shape stays."""
    columns = columns_of(counts.shape[1])
    allowed = np.zeros(counts.shape[1], bool)
    for name in kept:
        allowed[columns[name].start : columns[name].stop] = True
    stay = allowed[counts.indices]
    before = np.concatenate([[0], np.cumsum(stay)])
    return csr_matrix((counts.data[stay], counts.indices[stay], before[counts.indptr]), shape=counts.shape)


def field_labels(letters: Sequence[Labelled], office: Office) -> list[str]:
    """Return the field each letter's matter belongs to, as the product teaches it; a letter without one is by file.

    Raises
    ------
    ValueError
        When the office has no plan.
    """
    plan = office.plan
    if plan is None:
        raise ValueError("the office has no plan")
    misdirected = plan.field_of_post.get(plan.misdirected_post or "", BY_FILE)
    return [
        plan.field_of_matter.get(entry.matter or "") or (misdirected if entry.matter == MISDIRECTED else BY_FILE)
        for entry in letters
    ]


@dataclass(frozen=True)
class TextLogs:
    """Log probabilities of fields by a text model that never saw the letters.

    Attributes
    ----------
    classes
        Names of the fields.
    learned
        Of the letters learned from, out of fold; shape (n, n_classes).
    unseen
        Of the others, by the model of all letters learned from; shape (m, n_classes).
    """

    classes: tuple[str, ...]
    learned: Floats
    unseen: Floats


class TextLab:
    """Fits text models to the same letters again and again.

    Parameters
    ----------
    learn, unseen
        What the text models see of the letters to learn from and of the others.
    labels
        Field of each letter to learn from.
    groups
        Letters of one group lie in one fold.
    seed, processes
        As for ``fit_model``.
    folds
        How many.
    """

    def __init__(
        self,
        learn: Sequence[TextInput],
        unseen: Sequence[TextInput],
        labels: Sequence[str],
        groups: Sequence[str],
        *,
        seed: int,
        processes: int,
        folds: int = 5,
    ) -> None:
        self._labels, self._seed, self._processes = list(labels), seed, processes
        self._independent = len(set(groups))
        self._counts = _counted(learn, processes)
        self._unseen = _counted(unseen, processes)
        splits = GroupKFold(folds, shuffle=True, random_state=seed).split(self._counts, groups=list(groups))
        self._folds = [(np.asarray(learn_), np.asarray(test)) for learn_, test in splits]

    def fit(self, variant: TextVariant, step: Callable[[float], None] = lambda share: None) -> TextLogs:
        """Fit the models of all folds and the one of all letters, and say what they say of letters they never saw."""
        counts, unseen = _only(self._counts, variant.kept), _only(self._unseen, variant.kept)
        everything = np.arange(counts.shape[0])
        jobs = [(counts[learn], learn, counts[test]) for learn, test in self._folds]
        jobs.append((counts, everything, unseen))
        results = Parallel(n_jobs=min(self._processes, len(jobs)), prefer="threads", return_as="generator")(
            delayed(self._raw)(rows, places, others) for rows, places, others in jobs
        )
        found = []
        for done, result in enumerate(results, start=1):
            found.append(result)
            step(done / len(jobs))
        classes = found[-1][0]
        learned = np.zeros((counts.shape[0], PARTS, len(classes)))
        for (_learn, test), (names, raw) in zip(self._folds, found[:-1], strict=True):
            learned[test] = _aligned(raw, names, classes)
        others = _aligned(found[-1][1], classes, classes)
        for part in set(range(PARTS)) - variant.parts:
            learned[:, part] = others[:, part] = 0.0
        flat, rest = learned.reshape(len(learned), -1), others.reshape(len(others), -1)
        blend = _without(fit_blend(flat, classes, self._labels, self._independent), variant.parts)
        return TextLogs(
            classes,
            np.asarray(log_softmax(blend.logits(flat), axis=1)),
            np.asarray(log_softmax(blend.logits(rest), axis=1)),
        )

    def _raw(self, counts: csr_matrix, places: NDArray[np.intp], unseen: csr_matrix) -> tuple[tuple[str, ...], Floats]:
        features = LetterFeatures().fit(counts)
        model = TextModel(seed=self._seed).fit(features.weighted(counts), [self._labels[place] for place in places])
        return tuple(str(name) for name in model.classes_), model.raw_scores(features.weighted(unseen))


def _counted(inputs: Sequence[TextInput], processes: int) -> csr_matrix:
    blank = LetterFeatures()
    chunks = [inputs[start : start + _CHUNK] for start in range(0, len(inputs), _CHUNK)]
    workers = processes if len(chunks) > 2 else 1
    return vstack(Parallel(n_jobs=workers)(delayed(blank.counts)(chunk) for chunk in chunks), format="csr")


def _aligned(raw: Floats, names: Sequence[str], classes: Sequence[str]) -> Floats:
    """Return raw scores by part for all classes; one a fold never saw lies below all others."""
    by_part = raw.reshape(len(raw), PARTS, len(names))
    block = np.repeat(by_part.min(axis=2, keepdims=True) - 1, len(classes), axis=2)
    block[:, :, [list(classes).index(name) for name in names]] = by_part
    return np.asarray(block)


def _without(blend: Blend, parts: frozenset[int]) -> Blend:
    """Return a blend in which only some parts count."""
    mixing = blend.mixing.reshape(PARTS, -1, blend.mixing.shape[1]).copy()
    mixing[[part for part in range(PARTS) if part not in parts]] = 0.0
    return Blend(mixing.reshape(blend.mixing.shape), blend.bias)
