# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Trainings as child processes: they can be watched, stopped, and can't take the service down with them."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, Any, cast
from uuid import UUID

import structlog
from pydantic import SecretStr

from router.settings import PREFIX, Settings
from router.store.store import Store
from router.store.views import TrainingState
from router.texts import _

__all__ = ["Trainer", "settings_environment"]

_log = structlog.get_logger(__name__)
_LONGEST_SECONDS = 4 * 3600.0
_LOOK_SECONDS = 1.0
_MOST_STARTS = 3


class Trainer:
    """Runs trainings.

    Parameters
    ----------
    store
        Where progress and results go.
    settings
        Handed on to the child.
    command
        The program that trains; it is called with ``--training-id ID`` and prints one JSON object a line.
    longest_seconds
        After this time a training is ended.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        command: tuple[str, ...] = (sys.executable, "-m", "training.run"),
        longest_seconds: float = _LONGEST_SECONDS,
    ) -> None:
        self._store = store
        self._settings = settings
        self._command = command
        self._longest_seconds = longest_seconds

    def train(self, training_id: UUID) -> None:
        """Do one training, from wherever its row says it is, to one of its ends."""
        epoch = self._store.claim_training(training_id)
        if epoch is None:
            return
        if epoch > _MOST_STARTS:
            self._end(training_id, epoch, {"error": {"what": _("The training was cut off again and again")}})
            return
        _log.info("training_started", training=str(training_id))
        with (self._settings.data / "training.log").open("wb") as log:
            child = self._start(training_id, log)
            try:
                last, go_on = self._follow(training_id, epoch, child)
            finally:
                _kill(child)
        if not go_on:
            # Without effect when somebody else took the training over.
            self._store.update_training(training_id, epoch=epoch, state=TrainingState.CANCELLED)
            _log.info("training_cancelled", training=str(training_id))
            return
        self._end(training_id, epoch, last or {"error": {"what": _("The training ended without a result")}})

    def _start(self, training_id: UUID, log: IO[bytes]) -> "subprocess.Popen[bytes]":
        # The child dies with the thread that follows it: a training nobody watches must not release a model.
        setpriv = shutil.which("setpriv")
        guard = [setpriv, "--pdeathsig=KILL", "--"] if setpriv else []
        return subprocess.Popen(
            [*guard, *self._command, "--training-id", str(training_id)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **settings_environment(self._settings)},
            start_new_session=True,
        )

    def _follow(
        self, training_id: UUID, epoch: int, child: "subprocess.Popen[bytes]"
    ) -> tuple[dict[str, Any] | None, bool]:
        """Write down what the child says until it ends; return its last word and whether it was let finish."""
        said: queue.Queue[bytes | None] = queue.Queue()
        threading.Thread(target=_listen, args=(child, said), daemon=True).start()
        deadline = time.monotonic() + self._longest_seconds
        last: dict[str, Any] | None = None
        while True:
            try:
                line = said.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                line = b""
            if line is None:
                return last, True
            told = _parsed(line)
            if "version" in told or "error" in told:
                last = told
                continue
            if time.monotonic() > deadline:
                return {"error": {"what": _("The training took too long")}}, True
            share = told.get("share")
            share = min(max(float(share), 0.0), 1.0) if isinstance(share, int | float) else None
            step = str(told["step"])[:200] if "step" in told else None
            if not self._store.update_training(training_id, epoch=epoch, step=step, share=share):
                return None, False

    def _end(self, training_id: UUID, epoch: int, last: dict[str, Any]) -> None:
        error = last.get("error")
        if error is not None:
            told = error if isinstance(error, dict) else {"what": str(error)}
            words = " → ".join(str(told[part]) for part in ("what", "remedy") if told.get(part))
            self._store.update_training(
                training_id, epoch=epoch, state=TrainingState.FAILED, error=words or "?", result={"error": told}
            )
            _log.warning("training_failed", training=str(training_id), code=told.get("code"))
            return
        result = {**(last.get("result") or {}), "in_use": bool(last.get("in_use"))}
        self._store.update_training(
            training_id, epoch=epoch, state=TrainingState.DONE, share=1.0, version=last.get("version"), result=result
        )
        _log.info("training_done", training=str(training_id), version=last.get("version"))


def settings_environment(settings: Settings) -> dict[str, str]:
    """Return settings as environment variables for a child process: what was set otherwise counts there too."""
    found = {}
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if value is None:
            continue
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        elif isinstance(value, Path):
            value = value.absolute()
        found[f"{PREFIX}{name.upper()}"] = str(value)
    return found


def _listen(child: "subprocess.Popen[bytes]", said: "queue.Queue[bytes | None]") -> None:
    with contextlib.suppress(OSError, ValueError):
        for line in cast(IO[bytes], child.stdout):
            said.put(line)
    said.put(None)


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line or b"{}")
    except ValueError:  # a library printed something
        return {}
    return told if isinstance(told, dict) else {}


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """End the child and all it started."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=5.0)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    if child.stdout is not None:
        child.stdout.close()
