# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Places in a text that the parts of the facts room hand to each other."""

import re
from dataclasses import dataclass

__all__ = ["Found", "ReadableText", "leading_pages", "overlaps"]

_LOOKALIKES = str.maketrans(
    {
        "O": "0",
        "o": "0",
        "l": "1",
        "I": "1",
        "|": "1",
        "S": "5",
        "B": "8",
        "Z": "2",
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "−": "-",
    }
)
_DASHES = str.maketrans({"–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "\u00a0": " "})
_ENOUGH_WORDS = 60
_NUMBER_TOKEN = re.compile(r"\S*\d\S*")


@dataclass(frozen=True, slots=True)
class Found:
    """Something found at ``text[start:end]``."""

    start: int
    end: int
    value: str


def overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    """Tell whether a stretch touches one of those taken."""
    return any(start < other_end and other_start < end for other_start, other_end in taken)


def leading_pages(text: str) -> str:
    """Return the first page of a text, and as many more as it takes to say something; form feeds part pages."""
    pages = text.split("\f")
    count, words = 0, 0
    while count < len(pages) and words < _ENOUGH_WORDS:
        words += len(pages[count].split())
        count += 1
    return "\f".join(pages[:count])


class ReadableText:
    """A text with variants that forgive what recognition does to numbers; offsets stay known.

    Parameters
    ----------
    text
        The letter's text.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.dashed = text.translate(_DASHES)
        self.digits = self._with_lookalikes(text)
        self.squeezed, self._offsets = self._squeeze(self.digits)

    @staticmethod
    def _with_lookalikes(text: str) -> str:
        """Read letters as the digits they resemble, in words that are mostly digits."""
        pieces: list[str] = []
        last = 0
        for match in _NUMBER_TOKEN.finditer(text):
            token = match[0]
            signs = [sign for sign in token if sign.isalnum()]
            if len(token) >= 6 and sum(sign.isdigit() for sign in signs) >= 0.6 * len(signs):
                pieces.append(text[last : match.start()])
                pieces.append(token.translate(_LOOKALIKES))
                last = match.end()
        pieces.append(text[last:])
        return "".join(pieces).translate(_DASHES)

    @staticmethod
    def _squeeze(text: str) -> tuple[str, list[int]]:
        """Take out blanks next to a dash, dot or slash between digits, keeping the way back."""
        drop = {
            match.start()
            for match in re.finditer(r"(?<=\d[-./]) (?=\d)|(?<=\d [-./]) (?=\d)|(?<=\d) (?=[-./] ?\d)", text)
        }
        kept = [index for index in range(len(text)) if index not in drop]
        return "".join(text[index] for index in kept), kept

    def squeezed_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the text of a stretch of the squeezed variant."""
        return self._offsets[start], self._offsets[end - 1] + 1

    def line_of(self, position: int) -> tuple[int, int]:
        """Return start and end of the line that holds a position."""
        start = max(self.text.rfind("\n", 0, position), self.text.rfind("\f", 0, position)) + 1
        ends = [end for end in (self.text.find("\n", position), self.text.find("\f", position)) if end >= 0]
        return start, min(ends, default=len(self.text))
