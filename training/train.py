# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""One training from the office's folder to a released model: read, fit, measure, describe, save, log."""

import datetime as dt
import json
import shutil
import time
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from router.deciding.model import DecisionModel, Releases
from router.deciding.promise import Promise
from router.errors import ModelError, NotFoundError, StorageError, UsageError
from router.office.office import Office, load_office
from router.settings import Settings
from router.texts import _, ngettext
from training.content import content_hash
from training.dataset import fingerprint
from training.evaluate import Evaluation, evaluate_cross_fitted
from training.evaluation_report import write_report
from training.fit import Fitted, fit_model
from training.history import HistoryRow, load_history
from training.letters import Gathered, Label, gather_letters
from training.plots import PLOTS
from training.tracking import TrackedRun, Tracker, mlflow_aliases
from training.training_facts import RunInformation, compose_training_facts

__all__ = ["HISTORY_NAME", "TrainingResult", "put_in_use", "step_words", "train_office"]

HISTORY_NAME = "history.csv"
Progress = Callable[[str, float], None]

_WORTH_PROCESSES = 600
_SHARES = {
    "checking": (0.0, 0.01),
    "reading": (0.01, 0.40),
    "facts": (0.40, 0.58),
    "features": (0.58, 0.62),
    "text": (0.62, 0.80),
    "evidence": (0.80, 0.85),
    "calibration": (0.85, 0.87),
    "describing": (0.87, 0.95),
    "saving": (0.95, 0.97),
    "logging": (0.97, 1.0),
    "done": (1.0, 1.0),
}
"""From where to where on the bar each step goes; text alone, the parts take about these shares of the time."""


@dataclass(frozen=True)
class TrainingResult:
    """What came out of a training.

    Attributes
    ----------
    version
        Number of the release.
    in_use
        Whether the office uses it from now on; else it is a challenger.
    evaluation
        Measured on letters held out fold by fold.
    promise
        Threshold and what it rests on.
    seconds
        Wall time by step, and ``total``.
    notes
        Sentences the person who started the training should read.
    run_id
        Of the run in MLflow; ``None`` where it could not be logged.
    letters, reused
        Letters learned from, and how many of them were not read again.
    """

    version: int
    in_use: bool
    evaluation: Evaluation
    promise: Promise
    seconds: Mapping[str, float]
    notes: tuple[str, ...] = ()
    run_id: str | None = None
    letters: int = 0
    reused: int = 0

    def to_json(self) -> dict[str, object]:
        """Return it as JSON types."""
        promise = self.promise
        return {
            "version": self.version,
            "in_use": self.in_use,
            "letters": self.letters,
            "reused": self.reused,
            "threshold": promise.threshold,
            "promise": {
                "target_error": promise.target_error,
                "certainty": promise.certainty,
                "bound": promise.bound,
                "letters": promise.letters,
                "errors": promise.errors,
                "missing": promise.missing,
            },
            "seconds": {name: round(value, 3) for name, value in self.seconds.items()},
            "notes": list(self.notes),
            "mlflow_run": self.run_id,
            "evaluation": self.evaluation.to_json(),
        }


def step_words(step: str) -> str:
    """Return what a step of a training does, for people."""
    return {
        "checking": _("Checking plan, case list and history"),
        "reading": _("Reading letters"),
        "facts": _("Finding numbers and persons"),
        "features": _("Counting words"),
        "text": _("Learning from texts"),
        "evidence": _("Weighing evidence"),
        "calibration": _("Measuring how sure it may be"),
        "describing": _("Writing down what was measured"),
        "saving": _("Saving the model"),
        "logging": _("Logging the training"),
        "done": _("Done"),
    }.get(step, step)


def train_office(
    settings: Settings,
    office_folder: Path | None,
    history: Path | None,
    stored: Iterable[Label] = (),
    *,
    promote: bool = False,
    progress: Progress = lambda step, share: None,
) -> TrainingResult:
    """Train a model for an office and release it.

    Parameters
    ----------
    settings
        Folders, targets, seed, limits.
    office_folder
        Plan and case list; ``None`` learns post names from the history alone.
    history
        A ``history.csv``; ``None`` takes the one in the office's folder, if there is one.
    stored
        Labels of the service.
    promote
        Use the new model at once; else it only is where the office has none that works.
    progress
        Called with the step (see ``step_words``) and the share of everything that is done.

    Raises
    ------
    ImportMistakesError
        When plan, case list or history have mistakes; nothing was used.
    UsageError
        When there are too few letters.
    NotFoundError
        When a file is missing.
    """
    return _Training(settings, progress).run(office_folder, history, stored, promote)


@dataclass
class _Training:
    settings: Settings
    progress: Progress
    started: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))
    clock: float = field(default_factory=time.perf_counter)
    furthest: float = 0.0
    notes: list[str] = field(default_factory=list)

    def step(self, name: str, share: float) -> None:
        low, high = _SHARES.get(name, (self.furthest, self.furthest))
        self.furthest = max(self.furthest, low + (high - low) * min(max(share, 0.0), 1.0))
        self.progress(name, self.furthest)

    def run(
        self, office_folder: Path | None, history: Path | None, stored: Iterable[Label], promote: bool
    ) -> TrainingResult:
        self.step("checking", 0.0)
        office = load_office(office_folder)
        rows = _rows(office, office_folder, history)
        labels = list(stored)
        if not rows and not labels:
            raise UsageError(
                _("There is nothing to learn from: no history and no decided letters"),
                remedy=_("name a history with --history, or decide letters by hand"),
            )
        with ExitStack() as stack:
            tracker = stack.enter_context(Tracker(self.settings.models))
            cache = self.settings.data / "cache"
            gathered = gather_letters(self.settings, office, rows, labels, self.step, cache_folder=cache)
            if gathered.left_out:
                self.notes.append(_left_out_words(gathered.left_out))
            if gathered.confidential:
                self.notes.append(_confidential_words(gathered.confidential))
            releases = Releases(self.settings.models)
            version = releases.next_version()
            # Until its manifest is written a release does not exist; a failed training leaves no trace of it.
            stack.callback(_remove_unfinished, releases, version)
            fitted = self._fit(gathered, office, version)
            evaluation = evaluate_cross_fitted(fitted, gathered.letters, office)
            self.notes += evaluation.warnings
            self._release(releases, fitted, gathered, office, evaluation)
            in_use, why = put_in_use(releases, fitted.model, office, promote=promote)
            self.notes += [why] if why else []
            run_id = self._log(tracker, releases, fitted, gathered, evaluation)
        self.step("done", 1.0)
        seconds = {**gathered.seconds, **fitted.seconds, "total": time.perf_counter() - self.clock}
        return TrainingResult(
            version, in_use, evaluation, fitted.model.promise, seconds, tuple(self.notes), run_id,
            len(gathered.letters), gathered.reused,
        )  # fmt: skip

    def _fit(self, gathered: Gathered, office: Office, version: int) -> Fitted:
        settings = self.settings
        return fit_model(
            gathered.letters,
            office,
            version=version,
            target_error=settings.target_error,
            certainty=settings.certainty,
            seed=settings.seed,
            processes=self._processes(gathered),
            # The end of fitting is not the end of the training.
            step=lambda name, share: self.step(name, share) if name != "done" else None,
        )

    def _processes(self, gathered: Gathered) -> int:
        # Below that, starting another process and importing the libraries there takes longer than the work.
        return self.settings.reader_count if len(gathered.letters) >= _WORTH_PROCESSES else 1

    def _release(
        self, releases: Releases, fitted: Fitted, gathered: Gathered, office: Office, evaluation: Evaluation
    ) -> None:
        self.step("describing", 0.0)
        previous = releases.champion(office.name)
        facts = compose_training_facts(
            fitted,
            office,
            gathered.letters,
            run=RunInformation(
                uuid.uuid4().hex,
                self.started,
                seconds={**gathered.seconds, **fitted.seconds},
                reused_readings=gathered.reused,
            ),
            previous=_training_facts(releases, previous) if previous is not None else None,
            processes=self._processes(gathered),
            progress=lambda _name, share: self.step("describing", share),
        )
        self.step("saving", 0.0)
        folder = releases.path(fitted.model.version)
        write_report(evaluation, folder / "evaluation", target_error=self.settings.target_error)
        promise = fitted.model.promise
        manifest = {
            "made": self.started.isoformat(timespec="seconds"),
            "data_fingerprint": fingerprint(gathered.letters),
            "content_sha256": content_hash(replace(fitted.model, version=0)),
            "letters": len(gathered.letters),
            "posts": list(fitted.model.posts),
            "plan_version": office.version,
            "facts_model": fitted.model.facts_version,
            "threshold": promise.threshold,
            "missing": promise.missing,
            "target_error": promise.target_error,
            "certainty": promise.certainty,
            "seed": self.settings.seed,
            "accuracy": evaluation.accuracy.value,
            "top3": evaluation.top3.value,
            "share_routed": evaluation.routed.value,
            "error_among_routed": evaluation.error.value,
            "libraries": facts.get("run", {}).get("libraries", {}),
        }
        releases.save(fitted.model, manifest, facts)

    def _log(
        self, tracker: Tracker, releases: Releases, fitted: Fitted, gathered: Gathered, evaluation: Evaluation
    ) -> str | None:
        self.step("logging", 0.0)
        folder = releases.path(fitted.model.version)
        files = {f"plots/{name}": folder / "evaluation" / name for name in PLOTS}
        files |= {name: folder / name for name in ("training_facts.json", "manifest.json", "model.joblib")}
        files["evaluation.json"] = folder / "evaluation" / "evaluation.json"
        run = TrackedRun(
            fitted.model.label,
            parameters=_parameters(fitted, self.settings),
            metrics=_metrics(evaluation, fitted, {**gathered.seconds, **fitted.seconds}),
            tags={
                "office": fitted.model.office,
                "data_fingerprint": fingerprint(gathered.letters),
                "sha256": str(releases.manifest(fitted.model.version)["sha256"]),
            },
            files={target: str(path.resolve()) for target, path in files.items()},
            model_folder=str(folder.resolve()),
            version=fitted.model.version,
            aliases=mlflow_aliases(releases.aliases()),
        )
        try:
            return tracker.log(run)
        except StorageError as error:
            # The model is made and checked; that its log is missing must not undo it.
            self.notes.append(str(error))
            return None


def put_in_use(releases: Releases, model: DecisionModel, office: Office, *, promote: bool) -> tuple[bool, str | None]:
    """Enter a new release: in use where it is wanted or where the office has no other that works.

    Parameters
    ----------
    releases, model, office
        The saved release and whose it is.
    promote
        Use it whatever is in use now.

    Returns
    -------
    bool
        Whether the office uses it from now on.
    str or None
        Why the release in use before had to go although nobody asked for it.
    """
    current = releases.champion(office.name)
    why = _unfit(releases, current, office, model.posts) if current is not None else None
    in_use = releases.add(model.version, office.name)
    if not in_use and (promote or why is not None):
        releases.promote(model.version)
        in_use = True
    return in_use, why


def _rows(office: Office, folder: Path | None, history: Path | None) -> list[HistoryRow]:
    if history is not None:
        return load_history(history, office)
    default = folder / HISTORY_NAME if folder is not None else None
    return load_history(default, office) if default is not None and default.exists() else []


def _left_out_words(count: int) -> str:
    return ngettext(
        "{count} decided letter was left out: the plan no longer has its post",
        "{count} decided letters were left out: the plan no longer has their posts",
        count,
    ).format(count=count)


def _confidential_words(count: int) -> str:
    return ngettext(
        "{count} letter was left out: it is marked confidential",
        "{count} letters were left out: they are marked confidential",
        count,
    ).format(count=count)


def _remove_unfinished(releases: Releases, version: int) -> None:
    if version not in releases.versions():
        shutil.rmtree(releases.path(version), ignore_errors=True)


def _training_facts(releases: Releases, version: int) -> Mapping[str, Any] | None:
    try:
        text = (releases.path(version) / "training_facts.json").read_text(encoding="utf-8")
        return dict(json.loads(text))
    except (OSError, ValueError):
        return None


def _unfit(releases: Releases, version: int, office: Office, posts: Sequence[str]) -> str | None:
    """Return why the model in use can't decide for this office any more, or ``None`` where it can."""
    try:
        current = releases.load(version)
    except (ModelError, NotFoundError) as error:
        return _("Model {version} can't be used any more ({reason}); the new one takes its place").format(
            version=version, reason=error.what
        )
    known = set(current.posts) & set(office.plan.posts if office.plan else posts)
    if 2 * len(known) < len(set(posts)):
        return _("Model {version} was made for other posts than those of today; the new one takes its place").format(
            version=version
        )
    return None


def _parameters(fitted: Fitted, settings: Settings) -> dict[str, str]:
    named = {
        **fitted.parameters,
        "target_error": settings.target_error,
        "certainty": settings.certainty,
        "letters": len(fitted.used),
        "posts": len(fitted.model.posts),
        "facts_model": fitted.model.facts_version,
    }
    return {name: str(value) for name, value in named.items()}


def _metrics(evaluation: Evaluation, fitted: Fitted, seconds: Mapping[str, float]) -> dict[str, float]:
    promise = fitted.model.promise
    figures = {
        "accuracy": evaluation.accuracy.value,
        "top3": evaluation.top3.value,
        "macro_f1": evaluation.macro_f1,
        "share_routed": evaluation.routed.value,
        "error_among_routed": evaluation.error.value,
        "misdirected_recall": evaluation.misdirected.value,
        "ece": evaluation.calibration.error,
        "log_loss": evaluation.calibration.log_loss,
        "threshold": promise.threshold,
        "error_bound": promise.bound if promise.threshold is not None else None,
        **{f"seconds_{name}": value for name, value in seconds.items()},
    }
    return {name: float(value) for name, value in figures.items() if value is not None}
