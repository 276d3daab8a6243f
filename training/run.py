# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""One training of the service, as a child process that can be watched and stopped.

``python -m training.run --training-id ID`` takes the settings from the environment, learns from the office's
history and from what people decided in the service, and prints JSON lines: ``{"step": …, "share": …}`` on the
way, at the end ``{"version": …, "in_use": …, "result": …}`` or ``{"error": …}``.
"""

import argparse
import json
import os
import sys
import threading
import time
from collections.abc import Sequence
from typing import IO, Any

import structlog

from router.errors import ImportMistakesError, PostweicheError
from router.settings import Settings, load_settings
from router.store.database import open_database
from router.store.store import Store
from router.texts import _, set_language
from training.train import TrainingResult, train_office

__all__ = ["error_of", "main", "train_service"]

_log = structlog.get_logger(__name__)
_BUG = 70
_SECONDS_BETWEEN_LINES = 0.5


class _Lines:
    """Writes one JSON object a line; leaves out progress that follows the last too closely."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._step = ""
        self._written = 0.0

    def progress(self, step: str, share: float) -> None:
        now = time.monotonic()
        with self._lock:
            if step == self._step and now - self._written < _SECONDS_BETWEEN_LINES:
                return
            self._step, self._written = step, now
        self.write({"step": step, "share": round(share, 4)})

    def write(self, told: dict[str, Any]) -> None:
        with self._lock:
            self._out.write(json.dumps(told, ensure_ascii=False) + "\n")
            self._out.flush()


def train_service(settings: Settings, lines: _Lines) -> TrainingResult:
    """Train on the office's history and on what people decided in the service.

    Parameters
    ----------
    settings
        Name the office's folder, its history, the database.
    lines
        Take the progress.
    """
    lines.progress("checking", 0.0)
    # The database is only needed for the labels; reading and fitting must not hold a connection for minutes.
    with open_database(settings) as database:
        labels = list(Store(database.engine, settings.data).labels())
    return train_office(settings, settings.office, settings.history, labels, progress=lines.progress)


def error_of(error: PostweicheError) -> dict[str, Any]:
    """Return an error as the last line tells it."""
    told: dict[str, Any] = {"code": error.code, "what": error.what, "item": error.item, "remedy": error.remedy}
    if isinstance(error, ImportMistakesError):
        told["mistakes"] = list(error.mistakes)
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one training and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m training.run")
    parser.add_argument("--training-id", required=True)
    training = parser.parse_args(arguments).training_id
    # Whatever a library prints must not come between the lines.
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    lines = _Lines(out)
    try:
        settings = load_settings()
        set_language(settings.lang)
        result = train_service(settings, lines)
    except PostweicheError as error:
        _log.warning("training_failed", training=training, code=error.code)
        lines.write({"error": error_of(error)})
        return error.exit_status
    except Exception as error:  # noqa: BLE001 - the edge of the process: the page must say that it failed
        _log.exception("training_broke", training=training)
        what = _("The training broke off because of a mistake in the program ({kind})").format(
            kind=type(error).__name__
        )
        lines.write({"error": {"code": "internal", "what": what, "item": None, "remedy": _("see training.log")}})
        return _BUG
    lines.write({"version": result.version, "in_use": result.in_use, "result": result.to_json()})
    _log.info("training_done", training=training, version=result.version)
    return 0


if __name__ == "__main__":
    sys.exit(main())
