# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""From evidence to scores of posts: a conditional logit whose weights all posts share.

Source: McFadden (1974), conditional logit analysis of qualitative choice behaviour. scikit-learn has no such
model, and a binary classifier over candidates would answer another question than "which of these".
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logsumexp, softmax
from sklearn.linear_model import LogisticRegression

from router.deciding.kinds import Feature

__all__ = ["Combination", "ConfidenceModel", "confidence_features"]

Floats = NDArray[np.float64]

_PRIOR = {
    Feature.OWN_NAMED: 1.0,
    Feature.OWN_BARE: 0.5,
    Feature.CENTRAL_NAMED: 1.0,
    Feature.CENTRAL_BARE: 0.7,
    Feature.SIMILAR_NAMED: 0.7,
    Feature.BIRTH_CONCERNED: 1.0,
    Feature.BIRTH_OTHER: 0.5,
    Feature.NAME_CONCERNED: 0.5,
    Feature.NAME_OTHER: 0.2,
    Feature.ADDRESSEE: 1.0,
    Feature.RULE: 0.1,
    Feature.RULE_WITH_FILE: 0.0,
    Feature.RULE_CATALOGUE: 0.1,
    Feature.TEXT: 0.1,
    Feature.OVERRIDE: 0.5,
    Feature.HOLDER_OVERRIDDEN: -1.0,
    Feature.MISDIRECTED: 0.5,
    Feature.MIXTURE: 1.0,
}
"""What each kind of evidence counts before an office has decisions of its own: an expert's order of evidence.

Learned weights are drawn towards these, so that a kind of evidence the history never showed still counts.
"""


class Combination:
    """Scores posts by their evidence.

    Attributes
    ----------
    weights_
        One weight for each feature, shape (n_features,).
    """

    def __init__(self, weights: Floats | None = None) -> None:
        prior = np.array([_PRIOR[column] for column in Feature])
        self.weights_: Floats = prior if weights is None else weights

    def fit(self, tables: Sequence[Floats], chosen: Sequence[int], strength: float = 0.02) -> "Combination":
        """Learn weights from letters whose post is known; the search begins at the present ones.

        Parameters
        ----------
        tables
            For each letter the features of its candidates, shape (n_posts, n_features).
        chosen
            For each letter the row of the right post.
        strength
            How strongly weights are drawn towards the expert's; of the mean log loss.
        """
        prior = np.array([_PRIOR[column] for column in Feature])
        sizes = np.array([len(table) for table in tables])
        rows = np.vstack(tables)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        right = starts + np.asarray(chosen)
        count = len(tables)

        def loss(weights: Floats) -> tuple[float, Floats]:
            scores = rows @ weights
            highest = np.repeat(np.maximum.reduceat(scores, starts), sizes)
            exponentials = np.exp(scores - highest)
            totals = np.repeat(np.add.reduceat(exponentials, starts), sizes)
            shares = exponentials / totals
            distance = weights - prior
            value = -np.log(np.maximum(shares[right], 1e-300)).mean() + strength * np.mean(distance**2)
            gradient = (rows.T @ shares - rows[right].sum(axis=0)) / count + 2 * strength * distance / len(weights)
            return float(value), gradient

        result = minimize(loss, self.weights_, jac=True, method="L-BFGS-B", options={"maxiter": 300})
        return Combination(np.asarray(result.x))

    def scores(self, features: Floats) -> Floats:
        """Return a score for each post, shape (n_posts,)."""
        return np.asarray(features @ self.weights_)

    def shares(self, features: Floats) -> Floats:
        """Return the scores as shares that sum to 1, shape (n_posts,); not calibrated."""
        return np.asarray(softmax(self.scores(features))) if len(features) else np.zeros(0)


def confidence_features(features: Floats, weights: Floats) -> Floats:
    """Describe how clear a ranking is, for calibration; shape (3,).

    Log odds of the best post, its lead over the second, and the strength of its file evidence.
    """
    scores = features @ weights
    order = np.argsort(-scores)
    logs = scores - logsumexp(scores)
    best = logs[order[0]]
    odds = best - np.log(max(1e-9, -np.expm1(best)))
    lead = scores[order[0]] - scores[order[1]] if len(scores) > 1 else 10.0
    file = features[order[0], : Feature.NAME_OTHER + 1].max()
    return np.array([np.clip(odds, -8, 12), min(lead, 15.0), min(file, 1.0)])


class ConfidenceModel:
    """Turns a ranking into the probability that its first post is right (Platt 1999, with the lead beside)."""

    def __init__(self) -> None:
        self._regression = LogisticRegression(C=1.0)
        self._constant: float | None = None

    def fit(self, described: Floats, right: NDArray[np.bool_]) -> "ConfidenceModel":
        """Learn from described rankings, shape (n, 3), and whether their first post was right, shape (n,)."""
        if right.all() or not right.any():
            # Laplace's rule of succession: one failure more than was seen.
            self._constant = float((right.sum() + 1) / (len(right) + 2))
        else:
            self._constant = None
            self._regression.fit(described, right)
        return self

    def predict(self, described: Floats) -> Floats:
        """Return the probability for each described ranking, shape (n,)."""
        if self._constant is not None:
            # A history without mistakes says nothing of rankings less clear than its own, least of all of ties.
            return np.asarray(np.minimum(self._constant, expit(described[:, 0])))
        return np.asarray(self._regression.predict_proba(described)[:, 1])
