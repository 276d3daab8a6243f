# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables and figures as ``docs/benchmarks.md`` writes them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["CONDITIONS", "machine_words", "percent", "span", "table", "times_words"]

CONDITIONS = {
    "scan300": "grey scan, 300 dpi",
    "scan200": "grey scan, 200 dpi",
    "bilevel300": "black-and-white scan, 300 dpi",
    "skewed": "tilted scan",
    "rotated": "scan upside down or sideways",
    "poor": "faint, noisy scan",
    "fax": "fax, standard resolution",
    "faxfine": "fax, fine resolution",
    "photo": "telephone photo",
}


def percent(value: float | None) -> str:
    """Return a share as per cent; a dash for none."""
    return "–" if value is None else f"{100 * value:.1f} %"


def times_words(value: float) -> str:
    """Return a ratio."""
    return f"{value:.2f} ×"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Yield the lines of a table."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(map(str, row)) + " |"
    yield ""


def machine_words(result: Mapping[str, Any]) -> str:
    """Return on what and when a part was measured."""
    machine = result["machine"]
    return (
        f"{machine['date']}: {machine['cores']} cores of {machine['processor']}, {machine['memory']}, load "
        f"{machine['load']} at the start, Python {machine['python']}, Tesseract {machine['tesseract']}, scikit-learn "
        f"{machine['scikit-learn']}, spaCy {machine['spacy']}.\n"
    )


def span(ends: Sequence[float] | None) -> str:
    """Return an interval of shares; a dash for none."""
    return "–" if ends is None else f"{100 * ends[0]:.1f}–{100 * ends[1]:.1f} %"
