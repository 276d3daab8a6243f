# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""``training_facts.json``: everything a training measured, for the register entry and whoever asks later.

Nothing here is invented or rounded for show: a share carries its number and interval, and what was not measured says
why. Small numbers stay in this internal file; the public views of the register leave them out.
"""

import datetime as dt
import importlib.metadata
import os
import platform
import resource
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from router.deciding.decide import decide
from router.deciding.model import FORMAT, NAME, DecisionModel
from router.office.office import Office
from router.records import Outcome
from training.data_facts import describe_data
from training.dataset import Labelled
from training.fit import Fitted
from training.groups import Group, groups_as_facts, measured_groups, members_of
from training.shares import Figure, calibration, missing, number, share
from training.slices import slice_labels
from training.swaps import rights_tests

__all__ = ["FACTS_FORMAT", "RunInformation", "compose_training_facts"]

FACTS_FORMAT = 1

_LIBRARIES = ("scikit-learn", "numpy", "scipy", "joblib", "spacy", "pytesseract", "pdfplumber", "pypdfium2", "mlflow")
_CURVE = (0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.999)
_ALGORITHM = (
    "Linear support vectors blended with complement naive Bayes on hashed word and character n-grams of the masked "
    "text; evidence combined by a conditional logit shared by all posts; confidence calibrated by logistic regression"
)

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class RunInformation:
    """What only the run itself knows.

    Attributes
    ----------
    run_id
        Of the training, for instance MLflow's.
    started, finished
        With time zone; ``finished`` may be ``None`` while the facts are composed as the last step.
    seconds
        Seconds by step: reading, facts, fitting, ...
    reused_readings
        How many letters were not read again because an earlier training had read them.
    misrouting_by_hand
        Share of mail misdirected before the service and the number of letters it was counted on, if the
        office measured it.
    """

    run_id: str
    started: dt.datetime
    finished: dt.datetime | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)
    reused_readings: int | None = None
    misrouting_by_hand: tuple[int, int] | None = None


def compose_training_facts(
    fitted: Fitted,
    office: Office,
    letters: Sequence[Labelled],
    *,
    run: RunInformation,
    previous: Mapping[str, Any] | None = None,
    evaluation: Mapping[str, Any] | None = None,
    sample: int = 60,
    baseline_sample: int = 300,
    processes: int = 1,
    progress: Callable[[str, float], None] = lambda step, done: None,
) -> dict[str, Any]:
    """Return the training facts of a fitted model.

    Parameters
    ----------
    fitted
        What ``fit_model`` returned: the model and its out-of-fold results.
    office
        Plan and case list of the training.
    letters
        Every labelled letter given to the training, the ones without text included.
    run
        What only the run knows.
    previous
        Training facts of the version in use before, if there is one.
    evaluation
        ``Evaluation.to_json()`` on a separate set of letters, if there was one.
    sample
        How many letters each test of names, countries and noise takes; 0 leaves these tests out.
    baseline_sample
        How many letters are decided by the plan and the case list alone; 0 leaves that baseline out.
    processes
        How many processes may work.
    progress
        Called with the step's name and the share done.

    Returns
    -------
    dict
        JSON types only. ``Releases.save`` adds SHA-256 and size to ``model``.
    """
    progress("training facts", 0.0)
    model, seed = fitted.model, int(fitted.parameters.get("seed", 0))
    groups = measured_groups(members_of(fitted, office))
    quality = {**_quality(fitted), "groups": groups_as_facts(groups)}
    progress("training facts", 0.2)
    rights: dict[str, Any] = {"sample": 0}
    if sample:
        rights = {
            "sample": min(sample, len(fitted.used)),
            "method": "Letters of the training, changed and decided again by the finished model",
            **rights_tests(fitted.used, office, model, sample=sample, seed=seed, processes=processes),
        }
    progress("training facts", 0.8)
    baselines = _baselines(fitted, office, previous, run, baseline_sample, seed)
    facts = {
        "format": FACTS_FORMAT,
        "model": _identity(fitted),
        "run": _run(run, fitted),
        "data": describe_data(letters, fitted, office),
        "quality": quality,
        "held_out": dict(evaluation) if evaluation else None,
        "slices": _slices(fitted),
        "units": _units(fitted),
        "confusion": _confusion(fitted),
        "rights": {**rights, **_out_of_scope(fitted, office)},
        "baselines": baselines,
        "warnings": [_warning(group) for group in groups if group.is_wronged],
    }
    progress("training facts", 1.0)
    return facts


def _identity(fitted: Fitted) -> dict[str, Any]:
    model = fitted.model
    return {
        "name": NAME,
        "version": model.version,
        "label": model.label,
        "format": FORMAT,
        "office": model.office,
        "algorithm": _ALGORITHM,
        "task": "text classification",
        "learns_in_operation": False,
        "n_parameters": _parameters(model),
        "n_features": int(model.fields.weights_.shape[0]),
        "n_classes": len(model.fields.classes_),
        "n_matters": len(model.matters.classes_) if model.matters is not None else 0,
        "n_posts": len(model.posts),
        "hyperparameters": {**fitted.parameters, "familiar_above": round(float(model.familiar_above), 6)},
        "facts_model": model.facts_version,
        "threshold": model.promise.threshold,
    }


def _parameters(model: DecisionModel) -> int:
    """Return how many numbers were learned: weights, biases, centres, inverse frequencies, evidence weights."""
    parts = [model.fields] if model.matters is None else [model.fields, model.matters]
    texts = sum(part.weights_.size + np.size(part.bias_) + part.centres_.size + 1 for part in parts)
    return int(texts + model.features.idf_.size + model.combination.weights_.size + len(model.holder_keeps))


def _run(run: RunInformation, fitted: Fitted) -> dict[str, Any]:
    finished = run.finished or dt.datetime.now(dt.UTC)
    return {
        "id": run.run_id,
        "started": run.started.isoformat(timespec="seconds"),
        "finished": finished.isoformat(timespec="seconds"),
        "seconds": {name: round(value, 2) for name, value in {**run.seconds, **fitted.seconds}.items()},
        "seconds_total": round((finished - run.started).total_seconds(), 2),
        "reused_readings": run.reused_readings,
        "peak_memory_mib": _peak_memory(),
        "hardware": _hardware(),
        "python": platform.python_version(),
        "libraries": _libraries(),
        "code": {"package": _version("postweiche"), "commit": _commit()},
        "energy": missing("The energy used was not measured"),
    }


def _peak_memory() -> int:
    """Return the peak of this process or of its largest child, MiB."""
    usage = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return round(max(usage) / 1024)


def _hardware() -> dict[str, Any]:
    """Return processor and memory of the machine, never its name."""
    processor = platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                processor = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass  # Not every system has this file; the architecture is still true.
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return {"processor": processor, "cores": len(os.sched_getaffinity(0)), "memory_mib": int(memory), "gpu": False}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _libraries() -> dict[str, str]:
    return {name: version for name in _LIBRARIES if (version := _version(name))}


def _commit() -> Figure:
    """Return the commit of the source tree, with a mark where it was changed since; none outside a working copy."""
    folder = Path(__file__).parent
    try:
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=folder, capture_output=True, text=True, timeout=10, check=True
        )
        state = subprocess.run(
            ["git", "status", "--porcelain", "--untracked-files=no"],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return missing("The training did not run from a working copy of the source")
    return {"value": head.stdout.strip(), "changed": bool(state.stdout.strip())}


def _passes(fitted: Fitted) -> Bools:
    return fitted.routed


def _quality(fitted: Fitted) -> dict[str, Any]:
    promise, count = fitted.model.promise, len(fitted.used)
    routed = _passes(fitted)
    hits = int(fitted.right[routed].sum())
    actual = [entry.post for entry in fitted.used]
    none_routed = "The model routes nothing by itself yet"
    return {
        "method": (
            f"Measured on letters the model did not see: {fitted.parameters.get('folds')} parts, each decided by a "
            "model fitted to the others; variants of one letter stay in one part"
        ),
        "n": count,
        "threshold": promise.threshold,
        "promise": {
            "target_error": promise.target_error,
            "certainty": promise.certainty,
            "bound": round(promise.bound, 5),
            "letters": promise.letters,
            "errors": promise.errors,
            "missing_letters": promise.missing,
        },
        "share_routed": share(int(routed.sum()), count),
        "accuracy_routed": share(hits, int(routed.sum()), none_routed),
        "error_among_routed": share(int(routed.sum()) - hits, int(routed.sum()), none_routed),
        "accuracy": share(int(fitted.right.sum()), count),
        "top3": share(int(fitted.in_three.sum()), count),
        "macro_f1": number(f1_score(actual, fitted.predicted, average="macro", zero_division=0.0), count),
        "held_by_gates": share(int((~fitted.eligible).sum()), count),
        "calibration": calibration(fitted.confidence, fitted.right),
        "curve": _curve(fitted),
    }


def _warning(group: Group) -> dict[str, Any]:
    return {"what": "wrongly routed more often than others", "kind": group.kind, "group": group.name, **group.to_json()}


def _curve(fitted: Fitted) -> list[dict[str, Any]]:
    rows = []
    for threshold in _CURVE:
        above = fitted.eligible & (fitted.confidence >= threshold)
        count = int(above.sum())
        rows.append(
            {
                "threshold": threshold,
                "share_routed": share(count, len(fitted.used)),
                "error": share(count - int(fitted.right[above].sum()), count, "No letter reaches this threshold"),
            }
        )
    return rows


def _cell(fitted: Fitted, rows: Sequence[int]) -> dict[str, Any]:
    place = np.array(rows, dtype=np.intp)
    routed = _passes(fitted)[place]
    right = fitted.right[place]
    return {
        "n": len(rows),
        "share_routed": share(int(routed.sum()), len(rows)),
        "accuracy": share(int(right.sum()), len(rows)),
        "accuracy_routed": share(
            int(right[routed].sum()), int(routed.sum()), "No letter of this group is routed by itself"
        ),
    }


def _grouped(names: Iterable[str]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name, []).append(place)
    return dict(sorted(places.items()))


def _slices(fitted: Fitted) -> dict[str, dict[str, Any]]:
    """Return the quality by channel, language, length and quality of recognition."""
    labels = [slice_labels(entry) for entry in fitted.used]
    return {
        kind: {name: _cell(fitted, rows) for name, rows in _grouped(label[kind] for label in labels).items()}
        for kind in labels[0]
    }


def _units(fitted: Fitted) -> dict[str, Any]:
    """Return the quality by post: units of the office, never persons."""
    return {post: _cell(fitted, rows) for post, rows in _grouped(entry.post for entry in fitted.used).items()}


def _confusion(fitted: Fitted) -> list[dict[str, Any]]:
    counted = Counter(
        (entry.post, guess) for entry, guess in zip(fitted.used, fitted.predicted, strict=True) if entry.post != guess
    )
    return [{"post": post, "predicted": guess, "n": n} for (post, guess), n in counted.most_common()]


def _out_of_scope(fitted: Fitted, office: Office) -> dict[str, Figure]:
    """Return what becomes of mail that is not for the office at all."""
    post = office.plan.misdirected_post if office.plan else None
    rows = [place for place, entry in enumerate(fitted.used) if entry.post == post] if post else []
    routed = _passes(fitted)
    reason = "The history holds no mail for other offices"
    return {
        "out_of_scope_recognised": share(sum(fitted.predicted[row] == post for row in rows), len(rows), reason),
        "out_of_scope_routed_wrong": share(
            sum(bool(routed[row]) and fitted.predicted[row] != post for row in rows), len(rows), reason
        ),
    }


def _baselines(
    fitted: Fitted,
    office: Office,
    previous: Mapping[str, Any] | None,
    run: RunInformation,
    sample: int,
    seed: int,
) -> dict[str, Any]:
    used = fitted.used
    most = Counter(entry.post for entry in used).most_common(1)[0][1]
    chosen = np.random.default_rng(seed).permutation(len(used))[:sample]
    decisions = [(used[i], decide(used[i].letter, used[i].facts, office, None, used[i].received)) for i in chosen]
    routed = [(entry, decision) for entry, decision in decisions if decision.outcome is Outcome.ROUTED]
    not_measured = "This comparison was left out"
    return {
        "majority": share(most, len(used)),
        "rules_only": {
            "accuracy": share(sum(d.post == e.post for e, d in decisions), len(decisions), not_measured),
            "share_routed": share(len(routed), len(decisions), not_measured),
            "error_among_routed": share(
                sum(d.post != e.post for e, d in routed), len(routed), "The rules alone route nothing"
            ),
        },
        "by_hand": share(*run.misrouting_by_hand)
        if run.misrouting_by_hand
        else missing("The office did not measure how much mail went astray before"),
        "previous": _previous(previous),
    }


def _previous(previous: Mapping[str, Any] | None) -> dict[str, Any]:
    if not previous:
        return missing("There is no earlier version")
    quality = previous.get("quality", {})
    kept = ("n", "threshold", "share_routed", "accuracy", "error_among_routed", "top3")
    return {
        "version": previous.get("model", {}).get("version"),
        **{name: quality[name] for name in kept if name in quality},
    }
