# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""How much of a known text was read wrong, whatever the order of its blocks."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["ReadingErrors", "compare", "compare_words", "lines_of"]

_ALIKE = str.maketrans(
    {"„": '"', "“": '"', "”": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "−": "-", "•": "-", "…": "."}
)


@dataclass(frozen=True, slots=True)
class ReadingErrors:
    """Sums over lines.

    Attributes
    ----------
    characters
        Characters that stand on the pages, blanks counted once.
    edits
        Characters to insert, delete or replace to get from what was read to what stands there.
    """

    characters: int
    edits: int

    @property
    def rate(self) -> float:
        """Character error rate, 0 for a perfect reading."""
        return self.edits / self.characters if self.characters else 0.0

    def __add__(self, other: "ReadingErrors") -> "ReadingErrors":
        return ReadingErrors(self.characters + other.characters, self.edits + other.edits)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_ALIKE).split())


def lines_of(text: str) -> list[str]:
    """Return the lines of a text that hold something, blanks and typography evened out."""
    return [plain for line in text.replace("\f", "\n").splitlines() if (plain := _plain(line))]


def compare_words(truth: Sequence[str], read: str) -> ReadingErrors:
    """Compare known lines with a text that was read, word by word, each line where it fits best.

    Parameters
    ----------
    truth, read
        As for ``compare``; counts are of words.
    """
    numbers: dict[str, int] = {}

    def coded(words: Sequence[str]) -> list[int]:
        return [numbers.setdefault(word, len(numbers)) for word in words]

    text = np.array(coded(_plain(read).split()), dtype=np.int32)
    total = ReadingErrors(0, 0)
    for line in truth:
        words = coded(line.split())
        total += ReadingErrors(len(words), min(_best_fit(words, text), len(words)))
    return total


def compare(truth: Sequence[str], read: str) -> ReadingErrors:
    """Compare known lines with a text that was read.

    Every known line is looked up where it fits best; the blocks of a letter (address, reference, body) may thus
    have been read in any order. A line's errors are the edits to its best place (Sellers' algorithm); what was
    read beyond the known lines, such as a receipt stamp, does not count.

    Parameters
    ----------
    truth
        Lines as they stand on the pages.
    read
        What was read.
    """
    plain = _plain(read)
    text = np.array([ord(sign) for sign in plain], dtype=np.int32)
    total = ReadingErrors(0, 0)
    for line in truth:
        # Most lines are read without an error; looking them up is quicker than the table.
        edits = 0 if line in plain else _best_fit([ord(sign) for sign in line], text)
        total += ReadingErrors(len(line), min(edits, len(line)))
    return total


def _best_fit(line: Sequence[int], text: NDArray[np.int32]) -> int:
    """Return the fewest edits between the signs of `line` and any piece of `text`."""
    places = np.arange(len(text) + 1)
    row = np.zeros(len(text) + 1, dtype=np.int32)
    for number, sign in enumerate(line, start=1):
        replaced = row[:-1] + (text != sign)
        best = np.empty_like(row)
        best[0] = number
        best[1:] = np.minimum(replaced, row[1:] + 1)
        # Signs too many in the text: the running minimum of the costs, one more for every place passed.
        row = (np.minimum.accumulate(best - places) + places).astype(np.int32)
    return int(row.min())
