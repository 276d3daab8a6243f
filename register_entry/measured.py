# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which training fact goes into which field of the entry."""

from collections.abc import Mapping
from typing import Any

__all__ = ["measured_values"]

_RESULTS = (
    "n", "share_routed", "accuracy_routed", "error_among_routed", "accuracy", "top3", "macro_f1", "held_by_gates",
    "promise", "curve",
)  # fmt: skip
_RIGHTS = (
    "sample", "names", "names_field", "countries", "countries_field", "gendered_forms", "gendered_forms_field",
    "names_field_without_files", "recognition_errors",
    "recognition_errors_routed_wrong", "hostile_text", "hostile_text_newly_routed", "out_of_scope_recognised",
    "out_of_scope_routed_wrong",
)  # fmt: skip
_EVALUATION = ("n", "accuracy", "top3", "share_routed", "error_among_routed", "error_interval")


def measured_values(facts: Mapping[str, Any]) -> dict[str, tuple[Any, str]]:
    """Return for each measured field its value and the place in the facts; values are taken over as they stand.

    A part that a training did not write is left out of the value, and a field without any part is ``None``.
    """
    model, run, data, quality = (_part(facts, name) for name in ("model", "run", "data", "quality"))
    split, masking = _part(data, "split"), _part(data, "masking")
    held_out = _part(facts, "held_out")
    return {
        "profiling_evidence": (
            _some(
                reads=["masked text", "kinds of numbers and roles", "language", "case list", "plan"],
                masking=dict(masking) or None,
                names=_part(facts, "rights").get("names"),
                countries=_part(facts, "rights").get("countries"),
            ),
            "/rights",
        ),
        "training_data": (
            _pick(data, "period", "n", "channel", "language", "label_sources", "unreadable", "pages", "masking", "ocr"),
            "/data",
        ),
        "training_data_details": (
            _some(
                **_pick_all(
                    data, "n_given", "class_sizes", "fingerprint", "duplicates", "matters_named", "kind", "length"
                ),
                split=dict(split) or None,
            ),
            "/data",
        ),
        "data_quality": (dict(_part(data, "quality_criteria")) or None, "/data/quality_criteria"),
        "method": (_pick(model, "algorithm", "task", "n_classes", "n_posts", "n_features", "n_parameters"), "/model"),
        "model": (
            _some(**_pick_all(model, "version", "label", "sha256", "bytes"), created=run.get("finished")),
            "/model",
        ),
        "model_hash": (model.get("sha256"), "/model/sha256"),
        "parameters": (
            _some(
                hyperparameters=model.get("hyperparameters"),
                facts_model=model.get("facts_model"),
                **_pick_all(run, "libraries", "python", "code", "hardware", "seconds", "peak_memory_mib", "energy"),
            ),
            "/run",
        ),
        "threshold": (_threshold(quality), "/quality/threshold"),
        "quality": (
            _some(**_pick_all(quality, *_RESULTS), folds=split.get("folds"), held_out=_pick(held_out, *_EVALUATION)),
            "/quality",
        ),
        "baselines": (dict(_part(facts, "baselines")) or None, "/baselines"),
        "calibration": (dict(_part(quality, "calibration")) or None, "/quality/calibration"),
        "slices": (dict(_part(facts, "slices")) or None, "/slices"),
        "units": (_cells(_part(facts, "units")), "/units"),
        "units_table": (dict(_part(facts, "units")) or None, "/units"),
        "rights_tests": (_pick(_part(facts, "rights"), *_RIGHTS), "/rights"),
        "confusion": (list(facts.get("confusion") or ()) or None, "/confusion"),
    }


def _part(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = facts.get(name)
    return found if isinstance(found, Mapping) else {}


def _pick_all(facts: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: facts[name] for name in names if facts.get(name) is not None}


def _pick(facts: Mapping[str, Any], *names: str) -> dict[str, Any] | None:
    return _pick_all(facts, *names) or None


def _some(**parts: Any) -> dict[str, Any] | None:
    return {name: value for name, value in parts.items() if value is not None} or None


def _threshold(quality: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return threshold and promise; the threshold is ``None`` while nothing may be routed on confidence."""
    promise = _part(quality, "promise")
    if not promise:
        return None
    return {
        "threshold": quality.get("threshold"),
        **_pick_all(promise, "target_error", "certainty", "bound", "letters", "errors", "missing_letters"),
    }


def _cells(units: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """Return the units' figures without their names, the largest unit first."""
    cells = [dict(cell) for cell in units.values()]
    return sorted(cells, key=lambda cell: -int(cell.get("n", 0))) or None
