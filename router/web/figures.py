# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Figures of released models as the training page compares them; read from ``training_facts.json``."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from router.texts import _, ngettext
from router.web.templating import percent

__all__ = ["Compared", "ModelFigures", "compare", "figures_of"]

Better = Literal["higher", "lower", "none"]


@dataclass(frozen=True)
class ModelFigures:
    """What a release's training measured.

    Attributes
    ----------
    quality
        The ``quality`` part of the training facts; empty where the file is missing.
    trained_at
        When the training ended.
    letters
        Letters it was measured on.
    missing
        How many further letters without an error would allow a promise; 0 where there is one.
    """

    version: int
    quality: Mapping[str, Any]
    trained_at: dt.datetime | None
    letters: int
    missing: int


def figures_of(folder: Path, version: int) -> ModelFigures:
    """Return the figures of the release in `folder`."""
    try:
        facts = json.loads((folder / "training_facts.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        facts = {}
    quality = facts.get("quality") or {}
    finished = (facts.get("run") or {}).get("finished")
    return ModelFigures(
        version,
        quality,
        dt.datetime.fromisoformat(finished) if finished else None,
        int(quality.get("n") or 0),
        int((quality.get("promise") or {}).get("missing_letters") or 0),
    )


@dataclass(frozen=True)
class Compared:
    """A line of the comparison.

    Attributes
    ----------
    old_range, new_range
        Where the true figure lies with 95 % certainty; empty where that is not known.
    verdict
        ``better``, ``worse`` or ``same`` for the new model beyond what chance explains, empty where there is
        nothing to compare.
    """

    name: str
    explanation: str
    old: str
    new: str
    old_range: str
    new_range: str
    verdict: Literal["better", "worse", "same", ""]


def compare(old: ModelFigures | None, new: ModelFigures) -> tuple[Compared, ...]:
    """Return the figures of a new model against those of the one in use."""
    measures: tuple[tuple[str, str, str, Better], ...] = (
        ("share_routed", _("Routed without a person"), _("share of all letters"), "higher"),
        ("error_among_routed", _("Wrong among the routed"), _("the promise is about this share"), "lower"),
        ("accuracy", _("First suggestion right"), _("share of all letters"), "higher"),
        ("top3", _("Right one among the first three"), _("share of all letters"), "higher"),
    )
    lines = [
        Compared(
            name,
            explanation,
            _shown(old, key),
            _shown(new, key),
            _range(old, key),
            _range(new, key),
            _verdict(old, new, key, better),
        )
        for key, name, explanation, better in measures
    ]
    threshold = _("letters go without a person from this confidence on")
    lines.append(Compared(_("Threshold"), threshold, _threshold(old), _threshold(new), "", "", ""))
    counted = _("letters the figures were measured on, none of them seen in training")
    lines.append(Compared(_("Letters"), counted, str(old.letters) if old else "–", str(new.letters), "", "", ""))
    return tuple(lines)


def _figure(figures: ModelFigures | None, key: str) -> Mapping[str, Any]:
    value = figures.quality.get(key) if figures is not None else None
    return value if isinstance(value, Mapping) else {"value": value}


def _shown(figures: ModelFigures | None, key: str) -> str:
    figure = _figure(figures, key)
    if figure.get("value") is None:
        return "–"
    return percent(float(figure["value"]), 1)


def _range(figures: ModelFigures | None, key: str) -> str:
    figure = _figure(figures, key)
    if figure.get("value") is None or figure.get("low") is None:
        return ""
    return _("{low} to {high}").format(low=percent(float(figure["low"]), 1), high=percent(float(figure["high"]), 1))


def _threshold(figures: ModelFigures | None) -> str:
    value = figures.quality.get("threshold") if figures is not None else None
    if value is not None:
        return percent(float(value), 1)
    if figures is None or not figures.missing:
        return "–"
    return ngettext(
        "none yet: {count} more decision is needed",
        "none yet: about {count} more decisions are needed",
        figures.missing,
    ).format(count=figures.missing)


def _verdict(
    old: ModelFigures | None, new: ModelFigures, key: str, better: Better
) -> Literal["better", "worse", "same", ""]:
    before, after = _figure(old, key), _figure(new, key)
    if None in (before.get("low"), after.get("low")):
        return ""
    if float(after["low"]) > float(before["high"]):
        return "better" if better == "higher" else "worse"
    if float(after["high"]) < float(before["low"]):
        return "worse" if better == "higher" else "better"
    # Overlapping intervals: the letters measured on don't show a difference.
    return "same"
