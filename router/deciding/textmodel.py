# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""From letter features to fields of responsibility, with plain linear models.

Linear support vectors and complement naive Bayes are blended; both are linear in the features, so that what a
word adds to a field is a plain number.

Sources: complement naive Bayes (Rennie et al. 2003); temperature scaling (Guo et al. 2017).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix
from scipy.special import log_softmax
from sklearn.naive_bayes import ComplementNB
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from router.deciding.features import LetterFeatures

__all__ = ["TextModel", "WordWeight", "fit_temperature"]

Floats = NDArray[np.float64]

_LONGEST = 6000
_WORD = re.compile(r"(?u)\b[^\W\d_]{3,}\b")
_PLACEHOLDERS = ("xname", "xnummer", "xadresse", "xmail", "xlink")
_BAYES_SCALE = 8.0
_SVM_SCALE = 3.0
_TOLERANCE = 1e-2
"""Ten times finer stops cost a third more time and change no letter in a thousand."""


@dataclass(frozen=True, slots=True)
class WordWeight:
    """What the occurrences of a word add to the score of a field."""

    word: str
    weight: float


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
    temperature_
        Divides the scores before the softmax; learned out of fold.
    """

    def __init__(self, regularisation: float = 0.3, seed: int = 0) -> None:
        self.regularisation = regularisation
        self.seed = seed
        self.temperature_ = 1.0

    def fit(self, features: csr_matrix, labels: Sequence[str]) -> "TextModel":
        """Learn from features of shape (n, d) and the field of each text."""
        targets = np.asarray(labels)
        self.classes_ = np.unique(targets)
        if len(self.classes_) < 2:
            self.weights_ = np.zeros((len(self.classes_), features.shape[1]), dtype=np.float32)
            self.bias_ = np.zeros(len(self.classes_))
        else:
            svm = LinearSVC(C=self.regularisation, class_weight=None, random_state=self.seed, tol=_TOLERANCE).fit(
                features, targets
            )
            bayes = ComplementNB(alpha=0.3).fit(features, targets)
            # Of two classes the support vectors keep one direction only.
            coefficients = svm.coef_ if len(self.classes_) > 2 else np.vstack([-svm.coef_[0], svm.coef_[0]])
            intercepts = svm.intercept_ if len(self.classes_) > 2 else np.array([-svm.intercept_[0], svm.intercept_[0]])
            likelihood = bayes.feature_log_prob_ - bayes.feature_log_prob_.mean(axis=0)
            self.weights_ = (_SVM_SCALE * coefficients + 0.5 * _BAYES_SCALE * likelihood / 10).astype(np.float32)
            self.bias_ = _SVM_SCALE * intercepts
        centres = np.vstack([np.asarray(features[targets == name].mean(axis=0)) for name in self.classes_])
        self.centres_ = np.ascontiguousarray(normalize(centres).astype(np.float32).T)
        self.weights_ = np.ascontiguousarray(self.weights_.T)
        return self

    def scores(self, features: csr_matrix) -> Floats:
        """Return raw scores of shape (n, n_classes)."""
        return np.asarray(features @ self.weights_ + self.bias_, dtype=np.float64)

    def log_probabilities(self, features: csr_matrix) -> Floats:
        """Return log probabilities of shape (n, n_classes); each row's exponentials sum to 1."""
        if len(self.classes_) < 2:
            return np.zeros((features.shape[0], len(self.classes_)))
        return np.array(log_softmax(self.scores(features) / self.temperature_, axis=1), dtype=np.float64)

    def familiarity(self, features: csr_matrix) -> Floats:
        """Return 0 to 1: cosine between each text and the centre of the field nearest to it; shape (n,)."""
        lengths = np.sqrt(np.asarray(features.multiply(features).sum(axis=1)).ravel())
        nearest = np.array((features @ self.centres_).max(axis=1), dtype=np.float64).ravel()
        return np.array(nearest / np.maximum(lengths, 1e-9), dtype=np.float64)

    def word_weights(
        self, letter_features: LetterFeatures, text: str, field: str, against: str | None
    ) -> list[WordWeight]:
        """Return the words of a text that speak most for a field rather than another.

        A word's weight is the sum over the n-grams it holds of their parts in the score, as the difference
        between the two fields.
        """
        index = {str(name): place for place, name in enumerate(self.classes_)}
        if field not in index:
            return []
        words = list(dict.fromkeys(_WORD.findall(text[:_LONGEST])))
        words = [word for word in words if not word.lower().startswith(_PLACEHOLDERS)]
        if not words:
            return []
        ngrams = letter_features.word_features(words)
        direction = self.weights_[: ngrams.shape[1], index[field]].astype(np.float64)
        if against in index:
            direction = direction - self.weights_[: ngrams.shape[1], index[against]]
        values = np.asarray(ngrams @ direction).ravel()
        order = np.argsort(-values)[:8]
        return [WordWeight(words[place], float(values[place])) for place in order if values[place] > 0]


def fit_temperature(scores: Floats, classes: NDArray[np.str_], labels: Sequence[str | None]) -> float:
    """Return the temperature that makes held-out probabilities honest (least log loss).

    Parameters
    ----------
    scores
        Out-of-fold raw scores, shape (n, n_classes).
    classes
        Names of the columns.
    labels
        True fields; rows whose field is no column are left out.
    """
    place = {str(name): column for column, name in enumerate(classes)}
    rows = np.array([row for row, name in enumerate(labels) if name in place], dtype=int)
    if len(rows) < 20 or len(classes) < 2:
        return 1.0
    columns = np.array([place[str(labels[row])] for row in rows])

    def loss(log_temperature: float) -> float:
        logs = log_softmax(scores[rows] / np.exp(log_temperature), axis=1)
        return float(-logs[np.arange(len(rows)), columns].mean())

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))
