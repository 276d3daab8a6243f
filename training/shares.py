# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Measured figures with the number they rest on, and figures that could not be measured with the reason.

A figure is a JSON object: ``value`` (``None`` where nothing was measured), ``n``, ``low`` and ``high`` of the 95 %
Wilson interval for shares, or ``reason`` for a missing one. Nothing is ever filled in by guess.

Sources: Wilson (1927) for the interval; Guo et al. (2017) for the calibration error.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Figure", "calibration", "interval", "missing", "number", "share"]

Figure = dict[str, Any]

_NORMAL_95 = 1.959963984540054


def interval(hits: float, count: float) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share; 0 to 1 where nothing was counted.

    >>> low, high = interval(45, 50)
    >>> round(low, 3), round(high, 3)
    (0.786, 0.957)
    """
    if count <= 0:
        return 0.0, 1.0
    observed, z = hits / count, _NORMAL_95
    centre = observed + z * z / (2 * count)
    spread = z * math.sqrt(observed * (1 - observed) / count + z * z / (4 * count * count))
    scale = 1 + z * z / count
    # Rounding errors must not push a bound past the share itself, nor past 0 and 1.
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return max(0.0, min(low, observed)), min(1.0, max(high, observed))


def share(hits: int, count: int, reason: str = "There were no letters of this kind") -> Figure:
    """Return a share with its number and interval; a missing figure where nothing was counted."""
    if count <= 0:
        return {**missing(reason), "n": 0}
    low, high = interval(hits, count)
    return {"value": round(hits / count, 5), "n": int(count), "low": round(low, 5), "high": round(high, 5)}


def number(value: float, n: int | None = None) -> Figure:
    """Return a measured number that is no share, and how many letters it rests on."""
    figure: Figure = {"value": value if isinstance(value, int) else round(float(value), 5)}
    return figure if n is None else {**figure, "n": int(n)}


def missing(reason: str) -> Figure:
    """Return a figure that was not measured; `reason` is an English message id."""
    return {"value": None, "reason": reason}


def calibration(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> dict[str, Any]:
    """Return the calibration error and the reliability of each tenth of the scale.

    Parameters
    ----------
    confidence
        Calibrated confidence of each letter, shape (n,).
    right
        Whether the first post was right, shape (n,).
    bins
        Bins of equal width from 0 to 1.

    Returns
    -------
    dict
        ``error`` (mean distance between confidence and share right, weighted by letters), ``log_loss``, ``bins`` with
        ``from``, ``to``, ``confidence`` (mean) and the share ``right`` of each bin that holds letters.
    """
    count = len(confidence)
    if not count:
        return {
            "error": missing("There were no letters of this kind"),
            "log_loss": missing("There were no letters of this kind"),
            "bins": [],
        }
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    rows, error = [], 0.0
    for index in range(bins):
        inside = place == index
        n = int(inside.sum())
        if not n:
            continue
        mean = float(confidence[inside].mean())
        error += n / count * abs(mean - float(right[inside].mean()))
        rows.append(
            {
                "from": index / bins,
                "to": (index + 1) / bins,
                "confidence": round(mean, 5),
                "right": share(int(right[inside].sum()), n),
            }
        )
    safe = np.clip(confidence, 1e-6, 1 - 1e-6)
    loss = -float(np.where(right, np.log(safe), np.log(1 - safe)).mean())
    return {"error": number(error, count), "log_loss": number(loss, count), "bins": rows}
