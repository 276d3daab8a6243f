# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the text models see of a letter: hashed n-grams of the masked text, the catalogue's terms, a few traits.

Features are hashed: the model file holds no word of any letter.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from scipy.special import softmax

from router.deciding.ngrams import Grams, letter_groups, lowered, word_groups
from router.deciding.textinput import LONGEST, TextInput
from router.office.catalogue import load_catalogue, scores_of

__all__ = ["LetterFeatures", "suits_catalogue"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_BUCKETS = 2**20
_SUBJECT_BUCKETS = 2**18
_BORDERS = (0, _BUCKETS, 2 * _BUCKETS, 2 * _BUCKETS + _SUBJECT_BUCKETS)
"""Where the buckets of words, of letter groups and of the subject's letter groups begin, and the last ones end."""
_NGRAMS = _BORDERS[-1]
_SUBJECT_WEIGHT = 0.7
_WEIGHTS = (1.0, 1.0, _SUBJECT_WEIGHT)
_HIGHEST_SCORE = 30.0
_SHARPNESS = 0.45
_EARLY_WEIGHT = 0.7
_TRAIT_WEIGHT = 0.3
_CLEAR_TERMS = 3.0
"""Score of one strong term: a letter that reaches it says something the catalogue knows."""
_LOOKED_AT = 500


def _unit(values: Floats) -> Floats:
    """Return a vector with the length 1; one without length stays."""
    length = float(np.sqrt(values @ values))
    return values / length if length else values


class LetterFeatures:
    """Word and character n-grams weighted by tf-idf, the catalogue's scores, and traits, side by side.

    With little history the catalogue carries a text model, with much it hardly matters.

    Parameters
    ----------
    min_letters
        An n-gram has to stand in so many training letters.
    max_features
        At most so many n-grams are kept, the most frequent ones.
    with_catalogue
        Whether the catalogue's terms count.

    Attributes
    ----------
    kept_
        Hash buckets kept, ascending; shape (n_ngrams,).
    idf_
        Inverse document frequency of each; shape (n_ngrams,).

    Notes
    -----
    Source: tf-idf with sublinear counts (Manning, Raghavan, Schütze 2008, chapter 6).
    """

    def __init__(self, min_letters: int = 2, max_features: int = 250_000, *, with_catalogue: bool = True) -> None:
        self.min_letters = min_letters
        self.max_features = max_features
        self.with_catalogue = with_catalogue

    def counts(self, inputs: Sequence[TextInput]) -> csr_matrix:
        """Return raw counts, then catalogue scores and traits; shape (n, n_buckets + rest)."""
        buckets, numbers, sizes = [], [], [0]
        for entry in inputs:
            found, times = np.unique(_buckets_of(entry), return_counts=True)
            buckets.append(found)
            numbers.append(times)
            sizes.append(len(found))
        ngrams = csr_matrix(
            (
                np.concatenate([*numbers, np.zeros(0)]).astype(np.float32),
                np.concatenate([*buckets, np.zeros(0, np.int64)]),
                np.cumsum(sizes),
            ),
            shape=(len(inputs), _NGRAMS),
        )
        rest = csr_matrix(np.array([self._rest(entry) for entry in inputs], dtype=np.float32))
        return hstack([ngrams, rest], format="csr", dtype=np.float32) if inputs else ngrams

    def _rest(self, entry: TextInput) -> Floats:
        traits = _TRAIT_WEIGHT * np.array(entry.traits)
        names = load_catalogue().terms.names
        if not self.with_catalogue:
            return np.concatenate([np.zeros(4 * len(names)), traits])
        text = entry.text[:LONGEST]
        whole = scores_of(entry.entry_hits, text)
        border = max(int(len(text) * 0.3), 250)
        early = scores_of((hit for hit in entry.entry_hits if hit.start < border), text)
        in_subject = scores_of(load_catalogue().terms.hits(entry.subject), entry.subject)
        scores, first, named = (
            np.array([min(found.get(name, 0.0), _HIGHEST_SCORE) for name in names])
            for found in (whole, early, in_subject)
        )
        return np.concatenate(
            [
                _unit(np.log1p(scores)),
                _EARLY_WEIGHT * _unit(np.log1p(first)),
                _SUBJECT_WEIGHT * _unit(np.log1p(named)),
                softmax(scores * _SHARPNESS),
                traits,
            ]
        )

    def fit(self, counts: csr_matrix) -> "LetterFeatures":
        """Choose what is kept from raw counts."""
        frequency = np.bincount(counts.indices, minlength=counts.shape[1])[:_NGRAMS]
        enough = min(self.min_letters, max(1, counts.shape[0] // 10))
        kept = np.flatnonzero(frequency >= enough)
        if len(kept) > self.max_features:
            kept = np.sort(kept[np.argsort(-frequency[kept], kind="stable")[: self.max_features]])
        self.kept_ = kept.astype(np.int32)
        self.idf_ = (np.log((1 + counts.shape[0]) / (1 + frequency[kept])) + 1).astype(np.float32)
        return self

    def weighted(self, counts: csr_matrix) -> csr_matrix:
        """Return features of shape (n, n_features); the n-grams of words, signs and subject have a length each."""
        chosen = self._kept(counts)
        chosen.data = (1 + np.log(chosen.data)) * self.idf_[chosen.indices]
        limits = np.searchsorted(self.kept_, _BORDERS)
        part = np.searchsorted(limits[1:-1], chosen.indices, side="right")
        rows = np.repeat(np.arange(chosen.shape[0]), np.diff(chosen.indptr))
        lengths = np.sqrt(np.bincount(3 * rows + part, chosen.data.astype(np.float64) ** 2, 3 * chosen.shape[0]))
        chosen.data *= (np.asarray(_WEIGHTS)[part] / lengths[3 * rows + part]).astype(np.float32)
        return hstack([chosen, counts[:, _NGRAMS:]], format="csr")

    def _kept(self, counts: csr_matrix) -> csr_matrix:
        """Return the columns that are kept.

        The library's own indexing walks over all two million columns for a single letter.
        """
        place = np.minimum(np.searchsorted(self.kept_, counts.indices), max(len(self.kept_) - 1, 0))
        known = self.kept_[place] == counts.indices if len(self.kept_) else np.zeros(len(place), bool)
        before = np.concatenate([[0], np.cumsum(known)])
        return csr_matrix(
            (counts.data[known].astype(np.float32), place[known], before[counts.indptr]),
            shape=(counts.shape[0], len(self.kept_)),
        )

    def transform(self, inputs: Sequence[TextInput]) -> csr_matrix:
        """Return the features of letters."""
        return self.weighted(self.counts(inputs))

    def word_parts(self, entry: TextInput, features: csr_matrix) -> tuple[list[tuple[int, int]], csr_matrix]:
        """Divide a letter's features among its words.

        Parameters
        ----------
        entry
            The letter.
        features
            Its features, shape (1, n_features).

        Returns
        -------
        list of tuple
            Start and end of each word in ``entry.text``; words are what blanks part.
        csr_matrix
            Shape (n_words + 1, nnz), a column for each feature the letter has, in the order of ``features.indices``.
            Columns sum to ``features.data``: an n-gram's value is divided evenly among the words it was counted in; the
            last row is what belongs to no word: traits and the catalogue's scores.
        """
        spans = [match.span() for match in re.finditer(r"\S+", entry.lowered)]
        buckets, first, last = _places_of(entry, spans)
        order = np.argsort(features.indices, kind="stable")
        ngrams = order[: int((features.indices < len(self.kept_)).sum())]
        held = self.kept_[features.indices[ngrams]]
        place = np.minimum(np.searchsorted(held, buckets), max(len(held) - 1, 0))
        known = held[place] == buckets if len(held) else np.zeros(len(buckets), bool)
        column, first, last = ngrams[place[known]], first[known], last[known]
        times = np.bincount(column, minlength=features.nnz)
        shares = features.data[column].astype(np.float64) / times[column] / 2
        rest = np.flatnonzero(times == 0)
        rows = np.concatenate([first, last, np.full(len(rest), len(spans))])
        values = np.concatenate([shares, shares, features.data[rest]])
        return spans, csr_matrix(
            (values, (rows, np.concatenate([column, column, rest]))), shape=(len(spans) + 1, features.nnz)
        )


def suits_catalogue(inputs: Sequence[TextInput]) -> bool:
    """Tell whether at least half of some letters hold a clear term of the catalogue, as an immigration office's do."""
    looked_at = inputs[:: max(1, len(inputs) // _LOOKED_AT)]
    clear = sum(
        max(scores_of(entry.entry_hits, entry.text[:LONGEST]).values(), default=0.0) >= _CLEAR_TERMS
        for entry in looked_at
    )
    return 2 * clear >= len(looked_at)


def _parts_of(entry: TextInput) -> tuple[tuple[Grams, int, int], ...]:
    """Return the n-grams of words, of letters and of the subject's letters, where their buckets begin, how many."""
    return (
        (word_groups(entry.lowered), 0, _BUCKETS),
        (letter_groups(entry.lowered, 3, 5), _BORDERS[1], _BUCKETS),
        (letter_groups(lowered(entry.subject), 3, 6), _BORDERS[2], _SUBJECT_BUCKETS),
    )


def _buckets_of(entry: TextInput) -> Integers:
    return np.concatenate([grams.buckets(number) + begin for grams, begin, number in _parts_of(entry)])


def _places_of(entry: TextInput, spans: Sequence[tuple[int, int]]) -> tuple[Integers, Integers, Integers]:
    """Return the bucket of each n-gram, and the first and the last word it touches; -1 is no word."""
    starts = np.array([start for start, _end in spans], dtype=np.int64)
    buckets, first, last = [], [], []
    for part, (grams, begin, number) in enumerate(_parts_of(entry)):
        buckets.append(grams.buckets(number) + begin)
        if part < 2:
            # The blank before a word belongs to it.
            first.append(np.searchsorted(starts, grams.starts + (part == 1) * _blank_first(grams, starts), "right") - 1)
            last.append(np.searchsorted(starts, grams.ends - 1, "right") - 1)
        else:
            words = _words_of_subject(entry, spans)
            inside = [match.span() for match in re.finditer(r"\S+", entry.subject)]
            begins = np.array([start for start, _end in inside], dtype=np.int64)
            which = np.searchsorted(begins, grams.starts + _blank_first(grams, begins), "right") - 1
            found = words[which] if len(words) else np.full(len(which), -1)
            first.append(found)
            last.append(found)
    return np.concatenate(buckets), np.concatenate(first) % (len(spans) + 1), np.concatenate(last) % (len(spans) + 1)


def _blank_first(grams: Grams, starts: Integers) -> Integers:
    """Return 1 for letter groups that begin with the blank before a word, else 0."""
    return np.isin(grams.starts + 1, starts).astype(np.int64)


def _words_of_subject(entry: TextInput, spans: Sequence[tuple[int, int]]) -> Integers:
    """Return for each word of the subject where the same word first stands in the text; -1 where it does not."""
    first = {}
    for number, (start, end) in reversed(list(enumerate(spans))):
        first[entry.lowered[start:end]] = number
    return np.array([first.get(word, -1) for word in lowered(entry.subject).split()], dtype=np.int64)
