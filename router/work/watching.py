# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Keeps at hand what spot checks say of the model in use, so that not each letter asks the database."""

import threading
import time
from collections.abc import Callable, Sequence

import structlog

from router.deciding.model import DecisionModel
from router.deciding.watch import Check, Verdict, watch
from router.errors import PostweicheError

__all__ = ["Watching"]

_log = structlog.get_logger(__name__)
_LOOK_AGAIN_SECONDS = 60.0


class Watching:
    """Says what may be routed now; safe to use from many threads.

    Parameters
    ----------
    checks
        Returns the checks of a model, given its name and its own threshold: ``Store.checks``.
    look_again_seconds
        So long a verdict is kept.
    """

    def __init__(
        self, checks: Callable[[str, float], Sequence[Check]], *, look_again_seconds: float = _LOOK_AGAIN_SECONDS
    ) -> None:
        self._checks = checks
        self._look_again_seconds = look_again_seconds
        self._lock = threading.Lock()
        self._model = ""
        self._looked = 0.0
        self._verdict: Verdict | None = None

    def verdict(self, model: DecisionModel | None) -> Verdict | None:
        """Return what follows from all checks of a model; ``None`` where it promises nothing.

        While the database can't be asked, the last verdict on the same model stands.
        """
        if model is None or model.promise.threshold is None:
            return None
        with self._lock:
            now = time.monotonic()
            if model.label != self._model:
                self._model, self._verdict = model.label, None
            elif now - self._looked < self._look_again_seconds:
                return self._verdict
            self._looked = now
            try:
                found = watch(model.promise, self._checks(model.label, model.promise.threshold))
            except PostweicheError as error:
                _log.warning("checks_not_seen", code=error.code)
                return self._verdict
            before = self._verdict.routing if self._verdict is not None else None
            if found is not None and found.routing is not before:
                _log.info(
                    "routing_watched", model=model.label, routing=found.routing.value, threshold=found.threshold,
                    checks=found.checks, errors=found.errors,
                )  # fmt: skip
            self._verdict = found
            return found
