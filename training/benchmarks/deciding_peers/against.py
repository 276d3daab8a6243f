# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Ours and the peer on the same letters: fitted one after the other, deciding in turn, judged alike."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from router.deciding.decide import decide
from router.deciding.model import DecisionModel
from router.facts.extract import extract, office_words
from router.facts.model import load_facts_model
from router.office.office import Office
from router.settings import Settings
from training.benchmarks.deciding_peers.figures import figures_of, spread_ms
from training.benchmarks.deciding_peers.letters import Progress
from training.benchmarks.deciding_peers.ours import fit_ours, judge
from training.benchmarks.deciding_peers.peer import Peer
from training.benchmarks.processor_time import timed
from training.dataset import Labelled
from training.fit import Fitted
from training.measures import Judged

__all__ = ["compare", "judge_peer"]

_WARM_UP = 10


def judge_peer(letters: Sequence[Labelled], peer: Peer) -> list[Judged]:
    """Rank letters with the peer and compare with their labels; it promises nothing and routes none."""
    ranked = peer.rank([entry.letter.text for entry in letters])
    return [
        Judged(entry.post, posts, confidence, routed=False)
        for entry, (posts, confidence) in zip(letters, ranked, strict=True)
    ]


def compare(
    learn: Sequence[Labelled],
    unseen: Mapping[float, Sequence[Labelled]],
    office: Office,
    settings: Settings,
    progress: Progress,
    *,
    with_peer: bool = True,
    ours_first: bool = True,
    timed_letters: int = 300,
) -> dict[str, Any]:
    """Measure ours and the peer after both learned from the same letters.

    Parameters
    ----------
    learn
        Letters to learn from; the peer gets their text and post.
    unseen
        The same letters by the share of their characters that was disturbed.
    office
        What we know besides; without plan and case list nothing.
    settings
        Targets, seed, processes.
    progress
        Told the step and its share.
    with_peer
        Without it ours is measured alone.
    ours_first
        Who begins; alternate it between calls, so that no side always has the warmer machine.
    timed_letters
        So many undisturbed letters are decided one by one, in turn.
    """
    fitted: dict[str, Any] = {}
    took: dict[str, dict[str, float]] = {}
    work: dict[str, Callable[[], object]] = {"ours": partial(fit_ours, learn, office, settings, progress)}
    if with_peer:
        texts, posts = [entry.letter.text for entry in learn], [entry.post for entry in learn]
        work["peer"] = partial(Peer(settings.seed).fit, texts, posts)
    for name in work if ours_first else reversed(work):
        progress(f"fitting {name}", 0.0)
        fitted[name], times = timed(work[name])
        took[name] = {"wall": times.wall, "processor": times.processor}
    ours: Fitted = fitted["ours"]
    peer: Peer | None = fitted.get("peer")
    by_rate: dict[str, Any] = {}
    for place, (rate, letters) in enumerate(unseen.items()):
        progress("deciding unseen letters", place / len(unseen))
        by_rate[f"{rate:g}"] = {
            "ours": figures_of(judge(letters, office, ours.model, settings.reader_count), promised=True)
        }
        if peer is not None:
            by_rate[f"{rate:g}"]["peer"] = figures_of(judge_peer(letters, peer))
    progress("one by one", 0.0)
    return {
        "learned": len(learn),
        "posts": len({entry.post for entry in learn}),
        "threshold": ours.model.promise.threshold,
        "load": os.getloadavg()[0],
        "fit": took,
        "milliseconds": _one_by_one(next(iter(unseen.values()))[:timed_letters], office, ours.model, peer),
        "by_rate": by_rate,
    }


def _one_by_one(
    letters: Sequence[Labelled], office: Office, model: DecisionModel, peer: Peer | None
) -> dict[str, dict[str, float] | int]:
    """Return milliseconds a letter after reading; ours and the peer take turns, and who begins changes each time."""
    facts_model, words = load_facts_model(), office_words(office)
    seconds: dict[str, list[float]] = {"facts": [], "deciding": [], "ours": [], "peer": []}

    def ours(entry: Labelled) -> None:
        start = time.perf_counter()
        facts = extract(entry.letter, facts_model, words, entry.received)
        found = time.perf_counter()
        decide(entry.letter, facts, office, model, entry.received)
        end = time.perf_counter()
        seconds["facts"].append(found - start)
        seconds["deciding"].append(end - found)
        seconds["ours"].append(end - start)

    def other(entry: Labelled) -> None:
        if peer is not None:
            start = time.perf_counter()
            peer.rank([entry.letter.text])
            seconds["peer"].append(time.perf_counter() - start)

    # The first letters also load what a running service has loaded long before.
    warm = letters[:_WARM_UP]
    for place, entry in enumerate([*warm, *letters]):
        for step in (ours, other) if place % 2 else (other, ours):
            step(entry)
    told = {name: spread_ms(times[len(warm) :]) for name, times in seconds.items() if times}
    return {"letters": len(letters), **told}
