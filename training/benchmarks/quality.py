# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Training time, quality on unseen letters, and time to decide, on the sample office's mail."""

import datetime as dt
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from router.deciding.decide import decide
from router.deciding.model import DecisionModel
from router.facts.extract import extract, office_words
from router.facts.model import SHIPPED, load_facts_model
from router.office.office import Office, load_office
from router.settings import Settings, load_settings
from training.dataset import Labelled
from training.evaluate import evaluate_cross_fitted, evaluate_history
from training.evaluation_report import write_report
from training.fit import Fitted, fit_model
from training.history import load_history
from training.letters import gather_letters
from training.sample_office.build import write_history, write_rendered
from training.sample_office.city import City
from training.sample_office.compose import split_letters
from training.sample_office.letters import load_letters

__all__ = ["Trained", "measure_deciding", "measure_quality", "measure_training"]

Progress = Callable[[str, float], None]
_DATA = Path(__file__).parents[2] / "data_samples"


@dataclass(frozen=True)
class Trained:
    """The model of this run, fitted to text letters of the training side."""

    office: Office
    settings: Settings
    letters: tuple[Labelled, ...]
    fitted: Fitted

    @property
    def model(self) -> DecisionModel:
        """The fitted model."""
        return self.fitted.model


def measure_training(work: Path, count: int, progress: Progress) -> tuple[Trained, dict[str, Any]]:
    """Write `count` letters of text, read them, fit a model, and return it with the times by step.

    Notes
    -----
    Letters are read anew each time; only their files are kept in `work` for the next run.
    """
    office = load_office(_DATA / "office")
    settings = load_settings(data=work / "data", models=work / "models")
    folder = work / f"history-{count}"
    if not (folder / "history.csv").exists():
        shutil.rmtree(folder, ignore_errors=True)
        write_history(City(_DATA), folder, count, lambda done, of: progress("writing letters", done / of))
    start = time.perf_counter()
    rows = load_history(folder / "history.csv", office)
    gathered = gather_letters(settings, office, rows, [], progress)
    before = time.perf_counter()
    fitted = fit_model(
        gathered.letters,
        office,
        version=1,
        target_error=settings.target_error,
        certainty=settings.certainty,
        seed=settings.seed,
        processes=settings.reader_count,
        step=progress,
    )
    end = time.perf_counter()
    evaluation = evaluate_cross_fitted(fitted, gathered.letters, office)
    result = {
        "letters": len(gathered.letters),
        "load": os.getloadavg()[0],
        "processes": settings.reader_count,
        "reading_seconds": gathered.seconds["reading"],
        "facts_seconds": gathered.seconds["facts"],
        "fitting_seconds": end - before,
        "fitting_steps": dict(fitted.seconds),
        "total_seconds": end - start,
        "threshold": fitted.model.promise.threshold,
        "cross_fitted": _main_figures(evaluation.to_json()),
    }
    return Trained(office, settings, gathered.letters, fitted), result


def measure_quality(
    trained: Trained, work: Path, count: int, progress: Progress, *, rendered: bool, processes: int
) -> dict[str, Any]:
    """Evaluate on `count` letters written by hand of which no variant was trained on.

    Parameters
    ----------
    trained
        What to judge.
    work
        Folder for the files; they are kept for the next run.
    count
        How many letters.
    progress
        Told the step and its share.
    rendered
        As the files a scanner, fax server, telephone or mail program makes; else as text and messages.
    processes
        How many processes render.
    """
    folder = work / (f"unseen-rendered-{count}" if rendered else f"unseen-text-{count}")
    if not (folder / "history.csv").exists():
        shutil.rmtree(folder, ignore_errors=True)
        city = City(_DATA)
        if rendered:
            write_rendered(city, folder, count, lambda done, of: progress("rendering", done / of), processes=processes)
        else:
            write_history(city, folder, count, lambda done, of: progress("writing letters", done / of), side="test")
    rows = load_history(folder / "history.csv", trained.office)
    told_of_names = _facts_model_split()
    evaluation = evaluate_history(trained.settings, trained.office, trained.model, rows, progress)
    write_report(evaluation, work / folder.name.replace("unseen", "report"), target_error=trained.settings.target_error)
    figures = _main_figures(evaluation.to_json())
    return {"written_letters": len({row.group for row in rows}), "facts_model": told_of_names, **figures}


def _facts_model_split() -> dict[str, Any]:
    """Tell whether the shipped model of facts was trained on the same side of the written letters as this run's.

    The split gives every kind of letter its share, so adding letters can move others to the test side. A model of
    facts trained before that may then know letters that now count as unseen.
    """
    manifest = json.loads((SHIPPED / "manifest.json").read_text(encoding="utf-8"))
    sides = split_letters(load_letters(_DATA / "letters"))
    return {"trained_on": manifest.get("letters"), "training_side_now": sum(side == "train" for side in sides.values())}


def _main_figures(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "curve"}


def measure_deciding(trained: Trained, count: int) -> dict[str, Any]:
    """Find the facts of letters and decide them one by one, as the service does, and return milliseconds a letter."""
    facts_model, words = load_facts_model(), office_words(trained.office)
    chosen = trained.letters[: count + 1]
    facts_times, deciding_times, processor_times = [], [], []
    for entry in chosen:
        start = time.perf_counter()
        facts = extract(entry.letter, facts_model, words, entry.received)
        found, processor = time.perf_counter(), time.process_time()
        decide(entry.letter, facts, trained.office, trained.model, entry.received, today=dt.date(2026, 11, 22))
        facts_times.append(found - start)
        deciding_times.append(time.perf_counter() - found)
        processor_times.append(time.process_time() - processor)
    # The first letter also loads word lists that a running service has loaded long before.
    return {
        "letters": len(chosen) - 1,
        "load": os.getloadavg()[0],
        "facts": _times(facts_times[1:]),
        "deciding": _times(deciding_times[1:]),
        "deciding_processor": _times(processor_times[1:]),
    }


def _times(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        "mean_ms": 1000 * sum(ordered) / len(ordered),
        "median_ms": 1000 * ordered[len(ordered) // 2],
        "p95_ms": 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))],
    }
