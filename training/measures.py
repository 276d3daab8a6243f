# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Figures about judged letters: shares with their intervals, calibration, the price of a threshold."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from router.records import Reason
from training.shares import interval

__all__ = [
    "Calibration",
    "CalibrationBin",
    "CurvePoint",
    "GroupFigures",
    "Judged",
    "Share",
    "calibration_of",
    "curve_of",
    "group_figures",
    "macro_f1",
    "share_of",
]

_BINS = 10
_SMALLEST = 1e-6


@dataclass(frozen=True, slots=True)
class Judged:
    """What was decided on one letter, and what was right.

    Attributes
    ----------
    post
        The right post.
    ranked
        Posts in the order they were proposed; empty where the letter could not be read.
    confidence
        Of the first one.
    routed
        Whether it would have gone without a person.
    held
        Whether something other than a low confidence keeps it with a person.
    reasons
        Why a person is needed; ``None`` where only held or not is known.
    field, channel
        Groups it belongs to.
    """

    post: str
    ranked: tuple[str, ...]
    confidence: float
    routed: bool
    held: bool = False
    reasons: tuple[Reason, ...] | None = None
    field: str = ""
    channel: str = ""

    @property
    def right(self) -> bool:
        """Whether the first post is the right one."""
        return bool(self.ranked) and self.ranked[0] == self.post

    @property
    def in_three(self) -> bool:
        """Whether the right post is among the first three."""
        return self.post in self.ranked[:3]


@dataclass(frozen=True, slots=True)
class Share:
    """A share with its 95 % Wilson interval; value and interval are ``None`` for a share of nothing."""

    hits: int
    n: int
    value: float | None
    interval: tuple[float, float] | None

    def to_json(self) -> dict[str, object]:
        """Return it as JSON types."""
        return {"hits": self.hits, "n": self.n, "value": self.value, "interval": self.interval and list(self.interval)}


def share_of(hits: int, n: int) -> Share:
    """Return a share with its interval."""
    return Share(hits, n, hits / n if n else None, interval(hits, n) if n else None)


def macro_f1(letters: Sequence[Judged]) -> float | None:
    """Return the mean F1 of all posts that were right or proposed; a letter without a proposal counts as missed."""
    if not letters:
        return None
    proposed = [entry.ranked[0] if entry.ranked else "" for entry in letters]
    truth = [entry.post for entry in letters]
    labels = sorted({*truth, *proposed} - {""})
    return float(f1_score(truth, proposed, labels=labels, average="macro", zero_division=0.0))


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """Letters whose confidence lies between ``low`` and ``high``."""

    low: float
    high: float
    n: int
    confidence: float | None
    right: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How honest confidences are.

    Attributes
    ----------
    bins
        Ten of equal width.
    error
        Expected calibration error: mean distance between confidence and share right over the bins, weighted by
        their letters (Naeini, Cooper, Hauskrecht 2015).
    log_loss, brier
        Of "the first post is right" by its confidence.
    n
        Letters with a proposal.
    """

    bins: tuple[CalibrationBin, ...]
    error: float | None
    log_loss: float | None
    brier: float | None
    n: int

    def to_json(self) -> dict[str, object]:
        """Return it as JSON types."""
        bins = [
            {"from": entry.low, "to": entry.high, "n": entry.n, "confidence": entry.confidence, "right": entry.right}
            for entry in self.bins
        ]
        return {"ece": self.error, "log_loss": self.log_loss, "brier": self.brier, "n": self.n, "bins": bins}


def calibration_of(letters: Iterable[Judged]) -> Calibration:
    """Compare confidences with how often the first post was right; letters without a proposal have none."""
    proposed = [entry for entry in letters if entry.ranked]
    confidence = np.array([entry.confidence for entry in proposed], dtype=np.float64)
    right = np.array([entry.right for entry in proposed], dtype=np.float64)
    place = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    bins = tuple(_bin(number, confidence[place == number], right[place == number]) for number in range(_BINS))
    if not proposed:
        return Calibration(bins, None, None, None, 0)
    gaps = sum(entry.n * abs(entry.confidence - entry.right) for entry in bins if entry.n)  # type: ignore[operator]
    sure = np.clip(confidence, _SMALLEST, 1 - _SMALLEST)
    log_loss = float(-(right * np.log(sure) + (1 - right) * np.log(1 - sure)).mean())
    brier = float(((confidence - right) ** 2).mean())
    return Calibration(bins, float(gaps) / len(proposed), log_loss, brier, len(proposed))


def _bin(number: int, confidence: NDArray[np.float64], right: NDArray[np.float64]) -> CalibrationBin:
    low, high = number / _BINS, (number + 1) / _BINS
    if not len(confidence):
        return CalibrationBin(low, high, 0, None, None)
    return CalibrationBin(low, high, len(confidence), float(confidence.mean()), float(right.mean()))


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What a threshold would cost: share routed, and the error among them."""

    threshold: float
    share_routed: float
    error: float


def curve_of(letters: Sequence[Judged], points: int = 200) -> tuple[CurvePoint, ...]:
    """Return how the error grows with the share routed, from the strictest threshold down.

    Letters that are held for another reason than their confidence are routed at no threshold. Letters of equal
    confidence are routed together. At most `points` points.
    """
    free = [entry for entry in letters if entry.ranked and not entry.held]
    if not free:
        return ()
    confidence = np.array([entry.confidence for entry in free])
    order = np.argsort(-confidence, kind="stable")
    wrong = np.cumsum([not free[place].right for place in order])
    sorted_confidence = confidence[order]
    last = np.flatnonzero(np.append(np.diff(sorted_confidence) != 0, True))
    chosen = last[np.unique(np.linspace(0, len(last) - 1, min(points, len(last))).round().astype(int))]
    return tuple(
        CurvePoint(float(sorted_confidence[i]), float(i + 1) / len(letters), float(wrong[i]) / float(i + 1))
        for i in chosen
    )


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """The main figures of a group of letters; ``error`` is that among the routed ones."""

    n: int
    accuracy: float
    share_routed: float
    error: float | None

    def to_json(self) -> dict[str, object]:
        """Return it as JSON types."""
        return {"n": self.n, "accuracy": self.accuracy, "share_routed": self.share_routed, "error": self.error}


def group_figures(letters: Sequence[Judged], attribute: str) -> Mapping[str, GroupFigures]:
    """Return the main figures for each value of ``field`` or ``channel``, largest group first."""
    groups: dict[str, list[Judged]] = {}
    for entry in letters:
        groups.setdefault(getattr(entry, attribute), []).append(entry)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    return {name: _figures(members) for name, members in ordered}


def _figures(members: Sequence[Judged]) -> GroupFigures:
    routed = [entry for entry in members if entry.routed]
    wrong = sum(not entry.right for entry in routed)
    return GroupFigures(
        len(members),
        sum(entry.right for entry in members) / len(members),
        len(routed) / len(members),
        wrong / len(routed) if routed else None,
    )
