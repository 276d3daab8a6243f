# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Our own model as the benchmarks use it: fitted once, deciding many letters, judged by their labels."""

from collections.abc import Sequence
from itertools import chain

from joblib import Parallel, delayed

from router.deciding.decide import decide
from router.deciding.model import DecisionModel
from router.office.office import Office
from router.records import Outcome
from router.settings import Settings
from training.benchmarks.deciding_peers.letters import Progress
from training.dataset import Labelled
from training.fit import Fitted, fit_model
from training.measures import Judged

__all__ = ["fit_ours", "judge"]

_FEW = 200
"""Up to so many letters another process costs more than it saves."""


def fit_ours(letters: Sequence[Labelled], office: Office, settings: Settings, progress: Progress) -> Fitted:
    """Fit a model as a training does."""
    return fit_model(
        letters,
        office,
        version=1,
        target_error=settings.target_error,
        certainty=settings.certainty,
        seed=settings.seed,
        processes=settings.reader_count,
        step=progress,
    )


def judge(letters: Sequence[Labelled], office: Office, model: DecisionModel | None, processes: int) -> list[Judged]:
    """Decide letters as the service does and compare with their labels.

    Parameters
    ----------
    letters
        With facts.
    office, model
        Who decides; without a model plan, case list and catalogue do.
    processes
        How many decide side by side.
    """
    workers = processes if len(letters) > _FEW else 1
    size = max(1, -(-len(letters) // workers))
    chunks = [letters[start : start + size] for start in range(0, len(letters), size)]
    return list(
        chain.from_iterable(Parallel(n_jobs=workers)(delayed(_judge)(chunk, office, model) for chunk in chunks))
    )


def _judge(letters: Sequence[Labelled], office: Office, model: DecisionModel | None) -> list[Judged]:
    judged = []
    for entry in letters:
        decision = decide(entry.letter, entry.facts, office, model, entry.received)
        ranked = tuple(candidate.post for candidate in decision.candidates)
        judged.append(Judged(entry.post, ranked, decision.confidence, routed=decision.outcome is Outcome.ROUTED))
    return judged
