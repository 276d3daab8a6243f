# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every training as a run in MLflow: parameters, figures, plots, facts, and where the released model lies.

MLflow works in a child process. Importing it takes seconds, it sets up logging for the whole process, and it
writes its database's migrations to the terminal; none of that belongs into a service or a command. The child
starts early and gets ready while letters are read. Nothing leaves the machine: the store is a SQLite file and a
folder, telemetry is switched off.

Run ``mlflow ui --backend-store-uri sqlite:///models/mlflow.db`` to look at the runs.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from router.errors import StorageError
from router.office.surnames import fold
from router.texts import _

__all__ = ["ENVIRONMENT", "EXPERIMENT", "TrackedRun", "Tracker", "mlflow_aliases", "store_url"]

EXPERIMENT = "postweiche"
_SECONDS = 900.0

ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "_MLFLOW_TELEMETRY_PRE_WARM_DATABRICKS_SDK": "false",
    "MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING": "false",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_CONFIGURE_LOGGING": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}
"""What MLflow is told: send nothing, print nothing."""


@dataclass(frozen=True)
class TrackedRun:
    """What is logged of one training.

    Attributes
    ----------
    name
        Of the run, such as ``postweiche@3``.
    parameters, metrics, tags
        By name; metrics without a value are left out.
    files
        Path in the run's artefacts → file on disk; copied.
    model_folder
        The release's folder, to which the registered model version points.
    version
        Number of the release.
    aliases
        Alias of each office (``champion-<office>``) → release, so that MLflow mirrors what is in use.
    """

    name: str
    parameters: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    model_folder: str = ""
    version: int = 0
    aliases: Mapping[str, int] = field(default_factory=dict)


def store_url(models: Path) -> str:
    """Return where MLflow keeps the runs of a models folder."""
    return f"sqlite:///{models.resolve() / 'mlflow.db'}"


def mlflow_aliases(aliases: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Return the aliases of all offices under names MLflow allows.

    >>> mlflow_aliases({"Amt Köln": {"champion": 3}, "": {"champion": 1}})
    {'champion-amt-koln': 3, 'champion': 1}
    """
    named = {}
    for office, numbers in aliases.items():
        slug = re.sub(r"[^a-z0-9]+", "-", fold(office)).strip("-")
        for alias, number in numbers.items():
            named[f"{alias}-{slug}" if slug else alias] = number
    return named


class Tracker:
    """Logs one run to the store of a models folder; use it in a ``with`` block.

    Parameters
    ----------
    models
        The models folder; MLflow's database and artefacts lie in it.

    Notes
    -----
    Leaving the block ends the child whatever it does.
    """

    def __init__(self, models: Path) -> None:
        models.mkdir(parents=True, exist_ok=True)
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the block is left
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MLFLOW_")}
        environment |= ENVIRONMENT | {"PYTHONWARNINGS": "ignore", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "training.tracking", str(models.resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            cwd=Path(__file__).parents[1],
            env=environment,
        )

    def __enter__(self) -> "Tracker":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()
        self._process.wait()
        self._errors.close()

    def log(self, run: TrackedRun, timeout_seconds: float = _SECONDS) -> str:
        """Log a run and return its id.

        Raises
        ------
        StorageError
            When MLflow could not; the training itself is not touched by that.
        """
        watch = threading.Timer(timeout_seconds, self._process.kill)
        watch.start()
        try:
            out, _nothing = self._process.communicate(json.dumps(asdict(run)).encode())
        finally:
            watch.cancel()
        try:
            return str(json.loads(out)["run_id"])
        except (ValueError, KeyError) as error:
            raise StorageError(
                _("MLflow could not log the training: {reason}").format(reason=self._last_words()),
                remedy=_("the model itself is saved; look at mlflow.db in the models folder"),
            ) from error

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else _("no message")


def _serve(models: Path, requests: IO[bytes], answers: IO[bytes]) -> None:
    """Get MLflow ready, then log the one run that comes in."""
    from mlflow.tracking import MlflowClient

    url = store_url(models)
    client = MlflowClient(tracking_uri=url, registry_uri=url)
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is None:
        artefacts = (models / "mlartifacts").as_uri()
        experiment = str(client.create_experiment(EXPERIMENT, artifact_location=artefacts))
    else:
        experiment = str(found.experiment_id)
    message = requests.read()
    if message:
        answers.write(json.dumps({"run_id": _log(client, experiment, json.loads(message))}).encode())
        answers.flush()


def _log(client: Any, experiment: str, run: Mapping[str, Any]) -> str:
    from mlflow.entities import Metric, Param

    created = client.create_run(experiment, run_name=run["name"], tags=dict(run["tags"]))
    run_id, now = str(created.info.run_id), created.info.start_time
    client.log_batch(
        run_id,
        metrics=[Metric(name, float(value), now, 0) for name, value in run["metrics"].items()],
        params=[Param(name, str(value)[:500]) for name, value in run["parameters"].items()],
    )
    for target, source in run["files"].items():
        client.log_artifact(run_id, source, str(Path(target).parent) if "/" in target else None)
    if run["model_folder"]:
        _register(client, run, run_id)
    client.set_terminated(run_id)
    return run_id


def _register(client: Any, run: Mapping[str, Any], run_id: str) -> None:
    """Enter the release as a version of the registered model, and mirror which release has which alias.

    MLflow numbers versions itself, so each carries the release's number as a tag.
    """
    from mlflow.exceptions import MlflowException

    with contextlib.suppress(MlflowException):  # It exists from the second training on.
        client.create_registered_model(EXPERIMENT)
    client.create_model_version(
        EXPERIMENT, source=Path(run["model_folder"]).as_uri(), run_id=run_id, tags={"release": str(run["version"])}
    )
    numbers = {
        version.tags.get("release"): version.version
        for version in client.search_model_versions(f"name = '{EXPERIMENT}'")
    }
    present = dict(client.get_registered_model(EXPERIMENT).aliases)
    wanted = {alias: numbers[str(release)] for alias, release in run["aliases"].items() if str(release) in numbers}
    for alias in present.keys() - wanted.keys():
        client.delete_registered_model_alias(EXPERIMENT, alias)
    for alias, number in wanted.items():
        client.set_registered_model_alias(EXPERIMENT, alias, number)


if __name__ == "__main__":
    # MLflow and what it imports may print to standard output, which carries the answer.
    _answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _serve(Path(sys.argv[1]), cast(IO[bytes], sys.stdin.buffer), _answers)
