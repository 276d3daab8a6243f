# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a user of paperless-ngx gets: its recipe for learning where a document belongs, from its description.

No code of that program is here. Described are: the text in lower case with only its letters and digits, counts of
words and pairs of words that stand in at least 1 % of the documents, and a multilayer perceptron that stops once it
gains less than 0.01 an epoch; everything else as scikit-learn has it. Stemming and stop words, which that program adds
where a further language package is installed, are left out.
"""

import re
import warnings
from collections.abc import Sequence

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline

__all__ = ["Peer", "plain_words"]

_OTHER_SIGNS = re.compile(r"[\W_]+")


def plain_words(text: str) -> str:
    """Return a text in lower case, with one blank for whatever is neither letter nor digit.

    >>> plain_words("Az.: 33.2-475 – Frau_Müller")
    'az 33 2 475 frau müller'
    """
    return _OTHER_SIGNS.sub(" ", text.lower()).strip()


class Peer:
    """Word counts and a multilayer perceptron.

    Parameters
    ----------
    seed
        Start of the network's weights, so that a run can be repeated; the recipe leaves it open.

    Attributes
    ----------
    pipeline
        The two steps ``counts`` and ``network``.
    """

    def __init__(self, seed: int = 0) -> None:
        self.pipeline = Pipeline([
            ("counts", CountVectorizer(analyzer="word", ngram_range=(1, 2), min_df=0.01)),
            ("network", MLPClassifier(tol=0.01, random_state=seed)),
        ])  # fmt: skip

    def fit(self, texts: Sequence[str], posts: Sequence[str]) -> "Peer":
        """Learn from texts and the post of each."""
        with warnings.catch_warnings():
            # That it stops before it has converged is part of the recipe.
            warnings.simplefilter("ignore", ConvergenceWarning)
            self.pipeline.fit([plain_words(text) for text in texts], list(posts))
        return self

    def rank(self, texts: Sequence[str], most: int = 5) -> list[tuple[tuple[str, ...], float]]:
        """Return for each text its likeliest posts and the probability of the first."""
        if not texts:
            return []
        shares = np.asarray(self.pipeline.predict_proba([plain_words(text) for text in texts]))
        names = [str(name) for name in self.pipeline.classes_]
        orders = np.argsort(-shares, axis=1, kind="stable")[:, :most]
        return [
            (tuple(names[place] for place in order), float(row[order[0]]))
            for order, row in zip(orders, shares, strict=True)
        ]
