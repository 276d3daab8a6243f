# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The two pictures of an evaluation: how honest confidences are, and what a threshold costs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from router.texts import _
from training.measures import Calibration, CurvePoint
from training.shares import interval

__all__ = ["PLOTS", "write_calibration_plot", "write_curve_plot"]

PLOTS = ("calibration.png", "calibration.svg", "threshold.png", "threshold.svg")
_BLUE, _GREY, _RED = "#1f5fa8", "#6b7280", "#b3261e"


def write_calibration_plot(calibration: Calibration, folder: Path) -> None:
    """Write ``calibration.png`` and ``.svg``: share right over confidence, letters in each bin below."""
    figure = _figure()
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    filled = [entry for entry in calibration.bins if entry.n]
    confidence = [float(entry.confidence or 0) for entry in filled]
    right = [float(entry.right or 0) for entry in filled]
    ends = [interval(round(share * entry.n), entry.n) for share, entry in zip(right, filled, strict=True)]
    upper.plot([0, 1], [0, 1], color=_GREY, linestyle="--", linewidth=1, label=_("perfectly honest"))
    upper.errorbar(
        confidence,
        right,
        yerr=[
            [max(share - low, 0.0) for share, (low, _high) in zip(right, ends, strict=True)],
            [max(high - share, 0.0) for share, (_low, high) in zip(right, ends, strict=True)],
        ],
        color=_BLUE,
        marker="o",
        capsize=3,
        label=_("measured, with 95 % interval"),
    )
    upper.set(ylabel=_("share right"), ylim=(-0.02, 1.02))
    title = _("Calibration of {n} letters").format(n=calibration.n)
    if calibration.error is not None:
        title += _(", mean gap {gap:.3f}").format(gap=calibration.error)
    upper.set_title(title)
    upper.legend(loc="upper left", frameon=False)
    lower.bar([(entry.low + entry.high) / 2 for entry in calibration.bins], [entry.n for entry in calibration.bins],
              width=0.09, color=_BLUE)  # fmt: skip
    lower.set(xlabel=_("confidence"), ylabel=_("letters"), xlim=(0, 1))
    _save(figure, folder, "calibration")


def write_curve_plot(
    curve: Sequence[CurvePoint], chosen: tuple[float, float] | None, target_error: float | None, folder: Path
) -> None:
    """Write ``threshold.png`` and ``.svg``: the error among routed letters over the share routed.

    Parameters
    ----------
    curve
        From the strictest threshold down.
    chosen
        Share routed and error at the threshold in force, if anything is routed.
    target_error
        What the office allows, if known.
    """
    figure = _figure()
    axes = figure.subplots()
    axes.plot([point.share_routed for point in curve], [point.error for point in curve], color=_BLUE,
              drawstyle="steps-post", label=_("error among routed letters"))  # fmt: skip
    if target_error is not None:
        axes.axhline(target_error, color=_RED, linestyle="--", linewidth=1, label=_("target"))
    if chosen is not None:
        axes.plot([chosen[0]], [chosen[1]], color=_RED, marker="D", linestyle="none", label=_("threshold in force"))
    highest = max([point.error for point in curve], default=0.0)
    axes.set(xlabel=_("share routed without a person"), ylabel=_("error"), xlim=(0, 1),
             ylim=(0, max(highest * 1.1, (target_error or 0) * 2, 0.05)))  # fmt: skip
    axes.set_title(_("What a threshold costs"))
    axes.legend(loc="upper left", frameon=False)
    _save(figure, folder, "threshold")


def _figure() -> Any:
    # Imported when first needed: it takes as long as a short command. Without pyplot there is no global state
    # and no window system.
    from matplotlib.figure import Figure

    return Figure(figsize=(6.4, 4.8), dpi=120, layout="constrained")


def _save(figure: Any, folder: Path, name: str) -> None:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    FigureCanvasAgg(figure)
    # Neither a date nor random ids, so that the same figures give the same files.
    with mpl.rc_context({"svg.hashsalt": name, "svg.fonttype": "path"}):
        figure.savefig(folder / f"{name}.png", metadata={"Software": None})
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None})
