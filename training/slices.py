# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Groups of letters on which quality is told apart: channel, language, length, how well they were read."""

import numpy as np

from router.records import Letter, PageSource
from training.dataset import Labelled

__all__ = ["mean_ocr_confidence", "ocr_band", "slice_labels"]

_SHORT, _LONG = 600, 2500
_BANDS = ((0.70, "below 70 %"), (0.80, "70 to 80 %"), (0.90, "80 to 90 %"), (1.01, "90 % and more"))


def mean_ocr_confidence(letter: Letter) -> float | None:
    """Return the mean recognition confidence of a letter's recognised words, ``None`` where none was recognised."""
    values = [word.ocr_confidence for page in letter.pages if page.source is PageSource.OCR for word in page.words]
    return float(np.mean(values)) if values else None


def ocr_band(letter: Letter) -> str:
    """Return the band of a letter's recognition confidence."""
    mean = mean_ocr_confidence(letter)
    if mean is None:
        return "text, not recognised"
    return next(name for upper, name in _BANDS if mean < upper)


def slice_labels(entry: Labelled) -> dict[str, str]:
    """Return the group of a letter in each way of slicing."""
    length = len(entry.facts.masked_text)
    return {
        "channel": entry.channel or "unknown",
        "kind": entry.letter.kind.value,
        "language": entry.facts.language,
        "length": "short" if length < _SHORT else "long" if length > _LONG else "medium",
        "ocr": ocr_band(entry.letter),
    }
