# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Words and letter groups of a text as numbers, with the place of each: what the text model counts.

scikit-learn's ``HashingVectorizer`` builds a Python string for every n-gram, some ten thousand a page, and forgets
where it stood. Here all n-grams of a text are hashed at once in numpy, and each keeps the place of its text, so that
a decision can say what every word added to it.

Source: polynomial rolling hashes (Karp and Rabin 1987); the finaliser is the one of SplitMix64 (Steele, Lea, Flood
2014).
"""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Grams", "letter_groups", "word_groups"]

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]

_WORD = re.compile(r"(?u)§|\b\w\w+\b")
_BLANK = 32
_FACTOR = np.uint64(0x9E3779B97F4A7C15 | 1)
_PAIR = np.uint64(0xC2B2AE3D27D4EB4F)
_MOST = 1 << 13


@dataclass(frozen=True, slots=True)
class Grams:
    """The n-grams of one text, in the order of their kind and place.

    Attributes
    ----------
    hashes
        One for each occurrence, shape (n,).
    starts, ends
        Where it stands in the text, shape (n,); blanks at the border of a word included.
    """

    hashes: Hashes
    starts: Places
    ends: Places

    def buckets(self, number: int) -> NDArray[np.int64]:
        """Return the bucket of each occurrence, 0 to `number` - 1; `number` is a power of two."""
        return (self.hashes & np.uint64(number - 1)).astype(np.int64)


def _powers(factor: np.uint64, count: int) -> Hashes:
    powers = np.full(count, factor, dtype=np.uint64)
    powers[0] = 1
    return np.multiply.accumulate(powers)


_POWERS = _powers(_FACTOR, _MOST)
_INVERSES = _powers(np.uint64(pow(int(_FACTOR), -1, 1 << 64)), _MOST)


def _mixed(hashes: Hashes) -> Hashes:
    """Spread hashes over all bits: buckets are their lowest bits."""
    mixed = hashes ^ (hashes >> np.uint64(30))
    mixed = mixed * np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed = mixed * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))


def lowered(text: str) -> str:
    """Return a text in lower case without moving a sign; blanks of all kinds are one kind."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = "".join(small if len(small := sign.lower()) == 1 else sign for sign in text)
    return re.sub(r"\s", " ", lower)


def _codes(text: str) -> Hashes:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)


def word_groups(text: str) -> Grams:
    """Return the words of a text and its pairs of neighbouring words.

    Parameters
    ----------
    text
        In lower case; at most 8,191 signs are looked at.
    """
    text = text[: _MOST - 1]
    spans = np.array([match.span() for match in _WORD.finditer(text)], dtype=np.int64).reshape(-1, 2)
    starts, ends = spans[:, 0], spans[:, 1]
    # The hash of a stretch is a difference of prefix sums, moved back to the start of the text.
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(_codes(text) * _POWERS[: len(text)], dtype=np.uint64)])
    words = (sums[ends] - sums[starts]) * _INVERSES[starts] * _FACTOR + (ends - starts).astype(np.uint64)
    pairs = words[:-1] * _PAIR + words[1:] + np.uint64(1)
    return Grams(
        _mixed(np.concatenate([words, pairs])),
        np.concatenate([starts, starts[:-1]]),
        np.concatenate([ends, ends[1:]]),
    )


def letter_groups(text: str, shortest: int, longest: int) -> Grams:
    """Return the groups of neighbouring letters within words, the blank before and after a word included.

    Parameters
    ----------
    text
        In lower case, blanks of one kind.
    shortest, longest
        Signs in a group, at least 2.
    """
    codes = _codes(f" {text} ")
    blanks = np.cumsum(codes == _BLANK)
    hashes, starts, ends = [], [], []
    rolled = codes.copy()
    for size in range(2, longest + 1):
        if len(codes) < size:
            break
        count = len(codes) - size + 1
        rolled = rolled[:count] * _FACTOR + codes[size - 1 :]
        if size < shortest:
            continue
        # Only at its borders may a group have a blank.
        inside = blanks[size - 2 : size - 2 + count] == blanks[:count]
        places = np.flatnonzero(inside)
        hashes.append(rolled[places] + np.uint64(size))
        starts.append(places - 1)
        ends.append(places - 1 + size)
    if not hashes:
        return Grams(np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64))
    return Grams(_mixed(np.concatenate(hashes)), np.concatenate(starts), np.concatenate(ends))
