# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""How much history it takes, how many wrong labels it stands, what a reorganisation costs without a new training."""

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from router.deciding.model import DecisionModel
from training.benchmarks.deciding_peers.changes import CHANGES, changed_office, post_after
from training.benchmarks.deciding_peers.figures import figures_of
from training.benchmarks.deciding_peers.letters import DATA, OFFICE, Library, Progress
from training.benchmarks.deciding_peers.ours import fit_ours, judge
from training.benchmarks.processor_time import timed
from training.dataset import Labelled
from training.sample_office.city import City

__all__ = ["measure_change", "measure_learned", "with_wrong_labels"]


def with_wrong_labels(letters: Sequence[Labelled], rate: float, seed: int) -> list[Labelled]:
    """Return letters of which a share, rounded, bears the post and matter of another letter that belongs elsewhere.

    Parameters
    ----------
    letters
        With right labels, of at least two posts.
    rate
        Share of wrong labels, 0 to 1.
    seed
        The same one gives the same errors.
    """
    rng = random.Random(f"{seed}/{rate}")
    labels = list(letters)
    for place in rng.sample(range(len(letters)), round(rate * len(letters))):
        other = rng.choice([entry for entry in letters if entry.post != letters[place].post])
        labels[place] = replace(letters[place], post=other.post, matter=other.matter)
    return labels


def measure_learned(
    library: Library, size: int, test_size: int, progress: Progress, *, wrong: float = 0.0
) -> dict[str, Any]:
    """Fit to so many letters of the sample office and judge on letters never seen.

    Parameters
    ----------
    library
        Hands out the letters.
    size
        Letters to learn from; with 0 plan, case list and catalogue decide without a model.
    test_size
        Letters to judge on.
    progress
        Told the step and its share.
    wrong
        Share of the labels to learn from that are wrong.
    """
    settings = library.settings
    unseen = library.letters(test_size, "test")
    model: DecisionModel | None = None
    told: dict[str, Any] = {"letters": size, "written": 0, "wrong_labels": wrong}
    if size:
        learn = with_wrong_labels(library.letters(size, "train"), wrong, settings.seed)
        fitted, times = timed(lambda: fit_ours(learn, library.office, settings, progress))
        model = fitted.model
        told |= {
            "letters": len(learn),
            "written": len({entry.group for entry in learn}),
            "threshold": model.promise.threshold,
            "fit": {"wall": times.wall, "processor": times.processor},
        }
    progress("deciding unseen letters", 0.0)
    return {**told, **figures_of(judge(unseen, library.office, model, settings.reader_count), promised=True)}


def measure_change(
    library: Library, model: DecisionModel, name: str, test_size: int, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Judge a model on the day a reorganisation takes effect, without a new training.

    Facts stay as they were found before: the reorganisation changes neither people nor numbers nor staff.

    Parameters
    ----------
    library
        Hands out the letters.
    model
        Fitted under the old plan.
    name
        One of ``CHANGES``.
    test_size
        Letters to judge on.
    folder
        Where the office after is written.
    progress
        Told the step and its share.
    """
    progress(name, 0.0)
    processes = library.settings.reader_count
    unseen = library.letters(test_size, "test")
    after = changed_office(City(DATA), OFFICE, folder, CHANGES[name])
    posts = [post_after(truth, after) for truth in library.truths(test_size, "test")]
    moved = [entry.post != post for entry, post in zip(unseen, posts, strict=True)]
    translated = [replace(entry, post=post) for entry, post in zip(unseen, posts, strict=True)]
    old, new = judge(unseen, library.office, model, processes), judge(translated, after, model, processes)
    return {
        "before": figures_of(old, promised=True),
        "after": figures_of(new, promised=True),
        "moved_before": figures_of([entry for entry, is_moved in zip(old, moved, strict=True) if is_moved],
                                   promised=True),
        "moved_after": figures_of([entry for entry, is_moved in zip(new, moved, strict=True) if is_moved],
                                  promised=True),
    }  # fmt: skip
