# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""From letter features to fields of responsibility, with plain linear models.

Linear support vectors and complement naive Bayes are blended: the first find what tells fields apart, the second knows
better which fields are possible at all. Both are linear in the features and so is their blend, so that what a word
adds to a field is a plain number.

Sources: complement naive Bayes (Rennie et al. 2003); stacked generalisation (Wolpert 1992; Ting and Witten 1999).
"""

import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix, vstack
from scipy.special import log_softmax
from sklearn.naive_bayes import ComplementNB
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from router.deciding.features import LetterFeatures
from router.deciding.textinput import TextInput

__all__ = ["PARTS", "Blend", "TextModel", "WordWeight", "fit_blend"]

Floats = NDArray[np.float64]

PARTS = 2
"""Models that are blended."""
_PLACEHOLDERS = ("xname", "xnummer", "xadresse", "xmail", "xlink", "xland", "xeuland")
_TOLERANCE = 0.1
"""Ten times finer stops cost a fifth more time and change no letter in a thousand."""
_SMOOTHING = 0.1
_RARE_WEIGHT = 0.5
"""Letters count with their field's size to the power of minus this: rare fields are not drowned."""
_USUAL = np.array([4.0, 0.15])
"""What each part counts before anything was measured out of fold."""
_FEWEST = 20
_MIXING_STRENGTH = 50.0
_BIAS_STRENGTH = 20.0
_LARGEST_MIXING = 2e9
"""Multiplications in one step of fitting above which parts are only weighed, not mixed."""
_LARGEST = 6e4
_ONE_BY_ONE = 8
_CENTRE = 2000
"""Parts of a field's mean that are kept. On 270 foreign and 905 ordinary letters never seen the area under the curve
was 0.926 with so many, 0.934 with all, and 0.871 with the field of mail for others among them."""


@dataclass(frozen=True, slots=True)
class WordWeight:
    """What the occurrences of a word add to the score of a field.

    ``word`` is empty for what belongs to no word; ``start`` and ``end`` are those of its first occurrence.
    """

    word: str
    weight: float
    start: int = -1
    end: int = -1


@dataclass(frozen=True)
class Blend:
    """How the parts' scores are put together into logits.

    Attributes
    ----------
    mixing
        Shape (2 · n_classes, n_classes).
    bias
        Shape (n_classes,).
    """

    mixing: Floats
    bias: Floats

    @classmethod
    def usual(cls, classes: int) -> "Blend":
        """Return what is used where nothing could be measured."""
        return cls(np.vstack([np.eye(classes) * scale for scale in _USUAL]), np.zeros(classes))

    def logits(self, raw: Floats) -> Floats:
        """Return logits of shape (n, n_classes) for raw scores of shape (n, 2 · n_classes)."""
        return np.asarray(raw @ self.mixing + self.bias)


def fit_blend(raw: Floats, classes: Sequence[str], labels: Sequence[str | None], independent: int) -> Blend:
    """Learn on scores of letters the parts never saw how to put them together (least log loss).

    First the weight of each part and a bias for each class are learned, then, drawn towards that, what the score of
    one class says about another.

    Parameters
    ----------
    raw
        Scores out of fold, shape (n, 2 · n_classes).
    classes
        Names of the columns.
    labels
        True fields; rows whose field is no column are left out.
    independent
        How many independent letters there are: variants of a letter say no more than the letter. The more there are,
        the less what is learned is held back.
    """
    count = len(classes)
    place = {name: column for column, name in enumerate(classes)}
    rows = np.array([row for row, name in enumerate(labels) if name in place], dtype=int)
    if len(rows) < _FEWEST or count < 2:
        return Blend.usual(count)
    truth = np.array([place[str(labels[row])] for row in rows])
    parts = raw[rows].reshape(len(rows), PARTS, count)
    bias_strength = _BIAS_STRENGTH / max(independent, 1)

    def weighed(values: Floats) -> tuple[float, Floats]:
        scales, bias = np.exp(values[:PARTS]), values[PARTS:]
        loss, slope = _loss(np.einsum("npk,p->nk", parts, scales) + bias, truth)
        toward = np.einsum("npk,nk->p", parts, slope) * scales
        return loss + bias_strength * float(bias @ bias), np.concatenate(
            [toward, slope.sum(axis=0) + 2 * bias_strength * bias]
        )

    found = minimize(
        weighed, np.concatenate([np.log(_USUAL), np.zeros(count)]), jac=True, method="L-BFGS-B",
        bounds=[(-6, 4)] * PARTS + [(None, None)] * count,
    ).x  # fmt: skip
    scales, bias = np.exp(found[:PARTS]), found[PARTS:]
    start = np.vstack([np.eye(count) * scale for scale in scales])
    if 2.0 * PARTS * count * count * len(rows) > _LARGEST_MIXING:
        return Blend(start, bias)
    scaled = raw[rows] * np.repeat(scales, count)
    base = np.einsum("npk,p->nk", parts, scales)
    strength = _MIXING_STRENGTH / max(independent, 1)

    def mixed(values: Floats) -> tuple[float, Floats]:
        mixing, own = values[:-count].reshape(PARTS * count, count), values[-count:]
        loss, slope = _loss(base + scaled @ mixing + own, truth)
        return (
            loss + strength * float((mixing**2).sum()) + bias_strength * float(own @ own),
            np.concatenate(
                [
                    (scaled.T @ slope + 2 * strength * mixing).ravel(),
                    slope.sum(axis=0) + 2 * bias_strength * own,
                ]
            ),
        )

    begin = np.concatenate([np.zeros(PARTS * count * count), bias])
    found = minimize(mixed, begin, jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
    mixing = start + found[:-count].reshape(PARTS * count, count) * np.repeat(scales, count)[:, None]
    return Blend(mixing, found[-count:])


def _loss(logits: Floats, truth: NDArray[np.int64]) -> tuple[float, Floats]:
    """Return the mean log loss and its slope by the logits."""
    logs = log_softmax(logits, axis=1)
    slope = np.exp(logs)
    rows = np.arange(len(truth))
    slope[rows, truth] -= 1
    return -float(logs[rows, truth].mean()), slope / len(truth)


def _centre(features: csr_matrix) -> csr_matrix:
    """Return the mean of texts, its largest parts alone: they tell strange texts as well as the whole."""
    mean = csr_matrix(features.mean(axis=0))
    if mean.nnz > _CENTRE:
        mean.data[np.argsort(-mean.data, kind="stable")[_CENTRE:]] = 0
        mean.eliminate_zeros()
    return normalize(mean).astype(np.float32)


class TextModel:
    """Probabilities of fields for texts.

    Parameters
    ----------
    regularisation
        ``C`` of the support vectors.
    seed
        Start of every random choice.

    Attributes
    ----------
    classes_
        Names of the fields, sorted; shape (n_classes,).
    centres_
        Unit vectors of the largest parts of each own field's mean, sparse; shape (n_features, n_own_classes).
    weights_
        Shape (n_features, n_classes), kept with half precision; there once a blend is settled.
    """

    def __init__(self, regularisation: float = 0.3, seed: int = 0) -> None:
        self.regularisation = regularisation
        self.seed = seed

    def fit(
        self,
        features: csr_matrix,
        labels: Sequence[str],
        *,
        quick: bool = False,
        foreign: Collection[str] = (),
    ) -> "TextModel":
        """Learn from texts.

        Parameters
        ----------
        features
            Shape (n, d).
        labels
            Field of each text.
        quick
            Leave the support vectors out.
        foreign
            Fields of mail for others: what resembles them is not familiar.
        """
        self.classes_, targets, sizes = np.unique(np.asarray(labels), return_inverse=True, return_counts=True)
        width, count = features.shape[1], len(self.classes_)
        vectors = bayes = np.zeros((width, count), dtype=np.float32)
        self._intercepts = np.zeros(count)
        if count > 1:
            if not quick:
                weights = dict(enumerate((sizes.mean() / sizes) ** _RARE_WEIGHT))
                machine = LinearSVC(
                    C=self.regularisation, class_weight=weights, random_state=self.seed, tol=_TOLERANCE
                ).fit(features, targets)
                # Of two classes the support vectors keep one direction only.
                sides = np.array([[-1.0], [1.0]]) if count == 2 else np.ones((1, 1))
                vectors = (machine.coef_ * sides).T.astype(np.float32)
                self._intercepts = np.ravel(machine.intercept_ * sides.T)
            likelihood = ComplementNB(alpha=_SMOOTHING).fit(features, targets).feature_log_prob_
            bayes = (likelihood - likelihood.mean(axis=0)).T.astype(np.float32)
        self._parts = (np.ascontiguousarray(vectors), np.ascontiguousarray(bayes))
        own = [place for place, name in enumerate(self.classes_) if str(name) not in foreign] or list(range(count))
        self.centres_ = csr_matrix(vstack([_centre(features[targets == place]) for place in own]).T)
        return self.settle(Blend.usual(count))

    def raw_scores(self, features: csr_matrix) -> Floats:
        """Return the scores of each part side by side, shape (n, 2 · n_classes); only of a model just fitted."""
        vectors, bayes = self._parts
        return np.hstack([np.asarray(features @ vectors) + self._intercepts, np.asarray(features @ bayes)])

    def settle(self, blend: Blend) -> "TextModel":
        """Put the parts together for good."""
        count = len(self.classes_)
        mixing = blend.mixing.astype(np.float32)
        together = sum(part @ mixing[place * count : (place + 1) * count] for place, part in enumerate(self._parts))
        self.weights_ = np.clip(together, -_LARGEST, _LARGEST).astype(np.float16).astype(np.float32)
        self.bias_ = self._intercepts @ blend.mixing[:count] + blend.bias
        return self

    def __getstate__(self) -> dict[str, Any]:
        """Leave out what only fitting needs; half precision takes half the room and loses nothing."""
        state = {name: value for name, value in vars(self).items() if name not in ("_parts", "_intercepts")}
        return {**state, "weights_": self.weights_.astype(np.float16)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update({**state, "weights_": state["weights_"].astype(np.float32)})

    def scores(self, features: csr_matrix) -> Floats:
        """Return logits of shape (n, n_classes)."""
        if features.shape[0] > _ONE_BY_ONE:
            return np.asarray(features @ self.weights_, dtype=np.float64) + self.bias_
        # In double precision, so that the weights an explanation shows sum to the score.
        rows = np.zeros((features.shape[0], len(self.classes_)))
        for row, (start, end) in enumerate(itertools.pairwise(features.indptr)):
            rows[row] = features.data[start:end].astype(np.float64) @ self.weights_[features.indices[start:end]]
        return rows + self.bias_

    def log_probabilities(self, features: csr_matrix) -> Floats:
        """Return log probabilities of shape (n, n_classes); each row's exponentials sum to 1."""
        if len(self.classes_) < 2:
            return np.zeros((features.shape[0], len(self.classes_)))
        return np.array(log_softmax(self.scores(features), axis=1), dtype=np.float64)

    def familiarity(self, features: csr_matrix) -> Floats:
        """Return 0 to 1: cosine between each text and the centre of the own field nearest to it; shape (n,)."""
        if not features.shape[0]:
            return np.zeros(0)
        lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
        nearest = (features @ self.centres_).max(axis=1).toarray().ravel()
        return np.array(nearest / np.maximum(lengths, 1e-9), dtype=np.float64)

    def word_weights(
        self,
        letter_features: LetterFeatures,
        entry: TextInput,
        field: str,
        against: str | None,
        features: csr_matrix | None = None,
    ) -> list[WordWeight]:
        """Return what each word of a text adds to the score of a field, strongest first.

        Parameters
        ----------
        letter_features, entry
            The letter.
        field, against
            The score of `field`, or how much it is above that of `against`.
        features
            The letter's features, if they are known already.

        Returns
        -------
        list of WordWeight
            All words, and last what belongs to none (word ""): traits, the catalogue's scores, the bias. Together they
            sum to the score. Empty for a field the model does not know.
        """
        index = {str(name): place for place, name in enumerate(self.classes_)}
        if field not in index:
            return []
        known = features if features is not None else letter_features.transform([entry])
        spans, parts = letter_features.word_parts(entry, known)
        direction = self.weights_[known.indices, index[field]].astype(np.float64)
        bias = float(self.bias_[index[field]])
        if against in index:
            direction -= self.weights_[known.indices, index[against]]
            bias -= float(self.bias_[index[against]])
        values = np.asarray(parts @ direction).ravel()
        sums: dict[str, list[float]] = {}
        rest = float(values[-1]) + bias
        for (start, end), value in zip(spans, values[:-1], strict=True):
            word = entry.text[start:end].strip(".,;:!?()[]„“”\"'»«…-–")
            if not any(sign.isalpha() or sign == "§" for sign in word) or word.lower().startswith(_PLACEHOLDERS):
                rest += float(value)
                continue
            sums.setdefault(word.lower(), [0.0, start, end])[0] += float(value)
        found = [
            WordWeight(entry.text[int(start) : int(end)].strip(".,;:!?()[]„“”\"'»«…-–"), value, int(start), int(end))
            for value, start, end in sums.values()
        ]
        found.sort(key=lambda word: (-abs(word.weight), word.start))
        return [*found, WordWeight("", rest)]
