# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What becomes of values on their way to the public: rounded figures, small cells left out, ranges for tables.

A figure is published with its number and interval. Where one cell of a table is left out and the rest is
published, the missing one could be computed; then the next smallest cell is left out too.
"""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["DECIMAL_FROM", "TOO_FEW", "is_figure", "public_value"]

TOO_FEW = "Too few letters to publish a figure"

DECIMAL_FROM = 400
"""From so many letters on, shares are published with one decimal; below it would feign precision."""


def is_figure(value: Any) -> bool:
    """Tell whether a value is a figure as the training writes it: ``value`` with ``n``, or with a reason."""
    return isinstance(value, Mapping) and "value" in value and ("n" in value or "reason" in value)


def public_value(key: str, value: Any, smallest: int) -> Any:
    """Return what the public sees of a field's value.

    Parameters
    ----------
    key
        The field's key.
    value
        As in the canonical entry; ``None`` stays.
    smallest
        Smallest number of letters a figure may rest on.
    """
    if value is None:
        return None
    special = _SPECIAL.get(key)
    return special(value, smallest) if special else _rounded(value, smallest)


def _figure(figure: Mapping[str, Any], smallest: int) -> dict[str, Any]:
    n = figure.get("n")
    if figure["value"] is None:
        return {"value": None, "reason": figure.get("reason", TOO_FEW)}
    if isinstance(n, int) and n < smallest:
        return {"value": None, "reason": TOO_FEW}
    digits = 3 if isinstance(n, int) and n >= DECIMAL_FROM else 2
    numbers = {
        name: round(figure[name], digits)
        for name in ("value", "low", "high")
        if isinstance(figure.get(name), int | float)
    }
    return {**numbers, **({"n": n} if n is not None else {})}


def _rounded(value: Any, smallest: int) -> Any:
    """Round every figure anywhere in a value."""
    if is_figure(value):
        return _figure(value, smallest)
    if isinstance(value, Mapping):
        return {name: _rounded(part, smallest) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part, smallest) for part in value]
    return value


def _about(count: int) -> int:
    """Return a count rounded to two leading digits.

    >>> _about(3187), _about(64)
    (3200, 64)
    """
    step = 10 ** max(len(str(count)) - 2, 0)
    return int(round(count / step) * step)


def _training_data(value: Mapping[str, Any], smallest: int) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    n = int(value.get("n", 0))
    if "period" in value:
        kept["period"] = {name: str(day)[:7] for name, day in value["period"].items()}
    if n >= smallest:
        kept["n"] = _about(n)
    for name in ("channel", "language", "ocr", "label_sources"):
        if name in value:
            # Shares of all letters, so a share stands for a count.
            counts = {
                group: round(figure["value"] * n)
                for group, figure in value[name].items()
                if figure.get("value") is not None
            }
            kept[name] = {group: round(value[name][group]["value"], 2) for group in _enough(counts, smallest)}
    for name in ("unreadable", "pages"):
        if name in value:
            kept[name] = _rounded(value[name], smallest)
    masking = value.get("masking", {})
    kept["masking"] = {
        "on": bool(masking.get("on")),
        **{
            name: _rounded(masking[name], smallest) for name in ("letters_masked", "name_parts_left") if name in masking
        },
    }
    return kept


def _enough(counts: Mapping[str, int], smallest: int) -> list[str]:
    """Return the groups that may be shown, in order; never all but a single one."""
    few = {name for name, count in counts.items() if 0 < count < smallest}
    hidden = sum(counts[name] for name in few)
    rest = sorted((name for name in counts if name not in few and counts[name]), key=lambda name: counts[name])
    if few and (len(few) == 1 or hidden < smallest) and rest:
        few.add(rest[0])
    return [name for name, count in counts.items() if name not in few and count]


def _slices(value: Mapping[str, Any], smallest: int) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for kind, cells in value.items():
        names = _enough({name: int(cell["n"]) for name, cell in cells.items()}, smallest)
        # A table of one row says no more than the results do.
        if len(names) > 1:
            shown[kind] = {name: _rounded(cells[name], smallest) for name in names}
    return shown


def _units(value: list[Mapping[str, Any]], smallest: int) -> dict[str, Any] | None:
    """Return the range over the units with enough letters, never a single unit."""
    cells = [cell for cell in value if int(cell["n"]) >= smallest]
    if len(cells) < 2:
        return None
    found: dict[str, Any] = {"units": len(cells)}
    for name in ("share_routed", "accuracy", "accuracy_routed"):
        figures = [cell[name] for cell in cells if cell[name]["value"] is not None and cell[name]["n"] >= smallest]
        if len(figures) > 1:
            values = [float(figure["value"]) for figure in figures]
            found[name] = {"lowest": round(min(values), 2), "highest": round(max(values), 2), "units": len(values)}
    return found


def _model(value: Mapping[str, Any], smallest: int) -> dict[str, Any]:
    kept = {name: value[name] for name in ("version", "created", "bytes") if name in value}
    if "sha256" in value:
        kept["sha256_prefix"] = str(value["sha256"])[:12]
    if "created" in kept:
        kept["created"] = str(kept["created"])[:10]
    return kept


def _calibration(value: Mapping[str, Any], smallest: int) -> dict[str, Any]:
    bins = [entry for entry in value.get("bins", ()) if int(entry["right"]["n"]) >= smallest]
    return {
        **{name: _rounded(value[name], smallest) for name in ("error", "log_loss") if name in value},
        "bins": [
            {**entry, "confidence": round(entry["confidence"], 2), "right": _figure(entry["right"], smallest)}
            for entry in bins
        ],
    }


def _quality(value: Mapping[str, Any], smallest: int) -> dict[str, Any]:
    kept = {name: _rounded(part, smallest) for name, part in value.items() if name not in ("promise", "curve")}
    rows = [row for row in value.get("curve", ()) if int(row["error"].get("n") or 0) >= smallest]
    kept["curve"] = [_rounded(row, smallest) for row in rows]
    held_out = value.get("held_out")
    if held_out is not None:
        if int(held_out.get("n", 0)) >= smallest:
            kept["held_out"] = _whole(held_out)
        else:
            del kept["held_out"]
    return kept


def _whole(value: Any) -> Any:
    """Round plain shares anywhere in a value to a tenth of a percent."""
    if isinstance(value, Mapping):
        return {name: _whole(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(part) for part in value]
    return round(value, 3) if isinstance(value, float) else value


def _threshold(value: Mapping[str, Any], smallest: int) -> dict[str, Any]:
    return {name: value[name] for name in ("threshold", "target_error", "certainty") if name in value}


_SPECIAL: dict[str, Callable[[Any, int], Any]] = {
    "training_data": _training_data,
    "slices": _slices,
    "units": _units,
    "model": _model,
    "calibration": _calibration,
    "quality": _quality,
    "threshold": _threshold,
}
