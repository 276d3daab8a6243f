# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The picture of the learning curve: quality over the letters learned from, and over wrong labels."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

__all__ = ["PICTURE", "write_picture"]

PICTURE = "learning-curve.png"
_LINES = (
    ("three", "right post among three", "#6b7280", "s"),
    ("right", "right post first", "#1f5fa8", "o"),
    ("routed", "routed without a person", "#b3261e", "D"),
)
"""Blue, grey and red as the plots of an evaluation have them."""


def write_picture(rows: Mapping[str, Any], path: Path) -> None:
    """Write the picture; parts that were not measured stay empty.

    Parameters
    ----------
    rows
        Of the part ``learning_curve``: ``size/…`` and ``wrong/…``.
    path
        A PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 4.2), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    by_size = [row for key, row in rows.items() if key.startswith("size/")]
    # Equal steps: a logarithm has no place for the first day, when there is no letter yet.
    by_size.sort(key=lambda row: row["letters"])
    _draw(left, range(len(by_size)), by_size)
    left.set_xticks(range(len(by_size)), [f"{row['letters']:,}" for row in by_size])
    left.set(xlabel="letters learned from", ylabel="share of letters never seen", ylim=(0, 1.02))
    by_error = [row for key, row in rows.items() if key.startswith("wrong/")]
    by_error.sort(key=lambda row: row["wrong_labels"])
    _draw(right, [100 * row["wrong_labels"] for row in by_error], by_error)
    right.set(xlabel="wrong labels, per cent" + (f" of {by_error[0]['letters']:,} letters" if by_error else ""))
    for axes in (left, right):
        axes.grid(axis="y", color="#e5e7eb", linewidth=0.8)
        axes.spines[["top", "right"]].set_visible(False)
    left.legend(loc="center right", frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Without a date, so that the same figures give the same file.
    figure.savefig(path, metadata={"Software": None})


def _draw(axes: Any, places: Sequence[float] | range, rows: Sequence[Mapping[str, Any]]) -> None:
    for name, words, colour, marker in _LINES:
        shares = [row[name] for row in rows]
        values = [share["value"] or 0.0 for share in shares]
        spans = [share["interval"] or (0.0, 0.0) for share in shares]
        below = [max(value - low, 0.0) for value, (low, _high) in zip(values, spans, strict=True)]
        above = [max(high - value, 0.0) for value, (_low, high) in zip(values, spans, strict=True)]
        axes.errorbar(
            list(places), values, yerr=[below, above], color=colour, marker=marker, capsize=3, label=words
        )  # fmt: skip
