# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What recognition and layout do to text, for training on more than clean letters."""

import random

from training.sample_office.letters import FilledText, Span

__all__ = ["CONFUSIONS", "misread", "rewrap"]

# Confusions of Latin letters and digits that recognition of scans makes, common ones several times.
CONFUSIONS: tuple[tuple[str, str], ...] = (
    ("rn", "m"), ("m", "rn"), ("l", "1"), ("l", "I"), ("I", "l"), ("1", "l"), ("ü", "ii"), ("ü", "u"),
    ("ä", "a"), ("ö", "o"),
    ("e", "c"), ("c", "e"), ("0", "O"), ("O", "0"), ("5", "S"), ("S", "5"), ("8", "B"), ("B", "8"), ("ß", "B"),
    ("cl", "d"), ("h", "b"),
    (".", ","), (",", "."), ("i", "!"), ("t", "f"), ("f", "t"), ("ff", "f"), ("u", "n"), ("n", "u"), ("a", "o"),
    ("w", "vv"), ("7", "1"), ("6", "8"),
)  # fmt: skip


def misread(filled: FilledText, rng: random.Random, rate: float) -> FilledText:
    """Return the text with a share of its characters misread or lost; the spans move along.

    Parameters
    ----------
    filled
        Text and spans.
    rng
        Source of chance.
    rate
        Share of characters that change, 0 to 1.
    """
    text = filled.text
    out: list[str] = []
    moved = [0] * (len(text) + 1)
    length = position = 0
    while position < len(text):
        moved[position] = length
        if rng.random() < rate and not text[position].isspace():
            fitting = [(old, new) for old, new in CONFUSIONS if text.startswith(old, position)]
            if fitting:
                old, new = rng.choice(fitting)
                for offset in range(len(old)):
                    moved[position + offset] = length
                out.append(new)
                length += len(new)
                position += len(old)
                continue
            if rng.random() < 0.25:
                position += 1
                continue
        out.append(text[position])
        length += 1
        position += 1
    moved[len(text)] = length
    spans = (Span(moved[span.start], moved[span.end], span.label) for span in filled.spans)
    return FilledText("".join(out), tuple(span for span in spans if span.end > span.start))


def rewrap(filled: FilledText, width: int) -> FilledText:
    """Return the text with its long lines broken at blanks; lengths and spans stay as they are."""
    signs = list(filled.text)
    column, blank = 0, -1
    for index, sign in enumerate(signs):
        if sign == "\n":
            column, blank = 0, -1
            continue
        column += 1
        if sign == " ":
            blank = index
        if column > width and blank >= 0:
            signs[blank] = "\n"
            column, blank = index - blank, -1
    return FilledText("".join(signs), filled.spans)
