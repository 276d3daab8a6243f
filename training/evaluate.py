# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""How well a model decides: on labelled mail it never saw, or on the letters held out while it was fitted."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from joblib import Parallel, delayed

from router.deciding.decide import decide
from router.deciding.model import DecisionModel
from router.facts.extract import extract, office_words
from router.facts.model import SHIPPED, load_facts_model
from router.office.office import Office
from router.reading.configured import open_readers
from router.records import Decision, Facts, Letter, Outcome, Reason
from router.settings import Settings
from training.dataset import Labelled
from training.fit import Fitted
from training.groups import Group, Member, group_labels, groups_as_facts, measured_groups, members_of, warning_of
from training.history import HistoryRow, ReadLetter, read_history
from training.letters import labelled
from training.measures import (
    Calibration,
    CurvePoint,
    GroupFigures,
    Judged,
    Share,
    calibration_of,
    curve_of,
    group_figures,
    macro_f1,
    share_of,
)

__all__ = ["Evaluation", "evaluate", "evaluate_cross_fitted", "evaluate_history", "summarise"]

Progress = Callable[[str, float], None]
_CHUNK = 32
_NOT_HOLDING = frozenset({Reason.LOW_CONFIDENCE, Reason.NO_MODEL, Reason.NO_PERSON})
"""Reasons that only say that the confidence does not do."""


@dataclass(frozen=True)
class Evaluation:
    """Every figure of one evaluation.

    Attributes
    ----------
    accuracy, top3
        Share of all letters whose first post, or one of the first three, is right.
    macro_f1
        Mean F1 over posts.
    routed
        Share of all letters that go without a person.
    error
        Share of the routed ones that go to a wrong post; its value is ``None`` where nothing is routed.
    misdirected
        Share of misdirected letters that go to the post for such mail or to a person with that hint; of nothing
        where the plan knows no post for them.
    calibration, curve
        Honesty of the confidences, and what a threshold costs.
    per_field, per_channel
        Main figures by group.
    groups
        How letters fare by language, nationality and surname of the person concerned; none smaller than ten letters.
    reasons
        How many letters a person gets for which reason; a letter may have several.
    held
        Letters a person gets whatever their confidence.
    seconds_per_letter
        Mean times of the steps that were measured.
    model, threshold
        What decided.
    data
        ``unseen`` for labelled mail, ``cross_fitted`` for letters held out fold by fold while fitting.
    """

    n: int
    accuracy: Share
    top3: Share
    macro_f1: float | None
    routed: Share
    error: Share
    misdirected: Share
    calibration: Calibration
    curve: tuple[CurvePoint, ...]
    per_field: Mapping[str, GroupFigures]
    per_channel: Mapping[str, GroupFigures]
    reasons: Mapping[str, int]
    held: int
    seconds_per_letter: Mapping[str, float] = field(default_factory=dict)
    model: str | None = None
    threshold: float | None = None
    data: str = "unseen"
    groups: tuple[Group, ...] = ()

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences about groups that are routed wrongly significantly more often than all others."""
        return tuple(warning_of(group) for group in self.groups if group.is_wronged)

    def to_json(self) -> dict[str, object]:
        """Return everything as JSON types; the first six keys are the command's contract."""
        return {
            "accuracy": self.accuracy.value,
            "top3": self.top3.value,
            "macro_f1": self.macro_f1,
            "share_routed": self.routed.value,
            "error_among_routed": self.error.value,
            "n": self.n,
            "accuracy_interval": _interval(self.accuracy),
            "top3_interval": _interval(self.top3),
            "share_routed_interval": _interval(self.routed),
            "error_interval": _interval(self.error),
            "routed": self.routed.hits,
            "routed_wrong": self.error.hits,
            "misdirected": self.misdirected.to_json(),
            "calibration": self.calibration.to_json(),
            "curve": [[point.threshold, point.share_routed, point.error] for point in self.curve],
            "per_field": {name: figures.to_json() for name, figures in self.per_field.items()},
            "per_channel": {name: figures.to_json() for name, figures in self.per_channel.items()},
            "reasons": dict(self.reasons),
            "held": self.held,
            "seconds_per_letter": dict(self.seconds_per_letter),
            "model": self.model,
            "threshold": self.threshold,
            "data": self.data,
            "groups": groups_as_facts(self.groups),
            "warnings": list(self.warnings),
        }


def _interval(share: Share) -> list[float] | None:
    return list(share.interval) if share.interval else None


def evaluate(
    letters: Sequence[Labelled],
    decisions: Sequence[Decision],
    office: Office,
    *,
    seconds_per_letter: Mapping[str, float] | None = None,
) -> Evaluation:
    """Compare decisions with labels.

    Parameters
    ----------
    letters
        With their labels.
    decisions
        One for each letter, in the same order.
    office
        Names the fields and the post for misdirected mail, and reads surnames.
    seconds_per_letter
        What was measured on the way.

    Raises
    ------
    ValueError
        When there are not as many decisions as letters.
    """
    misdirected_post = office.plan.misdirected_post if office.plan else None
    judged = [
        Judged(
            post=entry.post,
            ranked=tuple(candidate.post for candidate in decision.candidates),
            confidence=decision.confidence,
            routed=decision.outcome is Outcome.ROUTED,
            held=_held(decision, misdirected_post),
            reasons=decision.reasons if decision.outcome is Outcome.REVIEW else (),
            field=_field_of(entry.post, office),
            channel=_channel_of(entry),
        )
        for entry, decision in zip(letters, decisions, strict=True)
    ]
    models = {decision.model for decision in decisions}
    members = [
        Member(group_labels(entry, office), told.right, told.routed, entry.group)
        for entry, told in zip(letters, judged, strict=True)
    ]
    return summarise(
        judged,
        misdirected_post=misdirected_post,
        seconds_per_letter=seconds_per_letter or {},
        model=models.pop() if len(models) == 1 else None,
        threshold=decisions[0].threshold if decisions else None,
        groups=measured_groups(members),
    )


def _held(decision: Decision, misdirected_post: str | None) -> bool:
    if decision.outcome is Outcome.ROUTED:
        return False
    holding = set(decision.reasons) - _NOT_HOLDING
    if misdirected_post is not None and decision.post == misdirected_post:
        # Such a letter may go to the post for misdirected mail as soon as it is sure enough.
        holding -= {Reason.MISDIRECTED}
    return bool(holding) or not decision.candidates


def _field_of(post: str, office: Office) -> str:
    return office.plan.field_of_post.get(post, post) if office.plan else post


def _channel_of(entry: Labelled) -> str:
    return entry.channel or entry.letter.kind.value


def evaluate_cross_fitted(fitted: Fitted, letters: Sequence[Labelled], office: Office) -> Evaluation:
    """Summarise what was measured out of fold while fitting.

    Parameters
    ----------
    fitted
        The result of fitting.
    letters
        All letters that were given for training. Those without any text could not be used; they count as
        letters that go to a person.
    office
        Names the fields and the post for misdirected mail.
    """
    threshold = fitted.model.promise.threshold
    judged: list[Judged] = []
    for place, entry in enumerate(fitted.used):
        first = fitted.predicted[place]
        eligible = bool(fitted.eligible[place])
        confidence = float(fitted.confidence[place])
        # Only the first post and whether the right one is among three are kept out of fold.
        ranked = (first, entry.post) if fitted.in_three[place] and first != entry.post else (first,)
        judged.append(
            Judged(
                entry.post,
                ranked,
                confidence,
                routed=bool(fitted.routed[place]),
                held=not eligible,
                field=_field_of(entry.post, office),
                channel=_channel_of(entry),
            )
        )
    used = {id(entry) for entry in fitted.used}
    judged += [
        Judged(
            entry.post,
            (),
            0.0,
            routed=False,
            held=True,
            field=_field_of(entry.post, office),
            channel=_channel_of(entry),
        )
        for entry in letters
        if id(entry) not in used
    ]
    return summarise(
        judged,
        misdirected_post=office.plan.misdirected_post if office.plan else None,
        seconds_per_letter={},
        model=fitted.model.label,
        threshold=threshold,
        data="cross_fitted",
        groups=measured_groups(members_of(fitted, office)),
    )


def _recognised(entry: Judged) -> bool:
    """Tell whether a misdirected letter goes to the post for such mail, or to a person with that hint."""
    return entry.right or Reason.MISDIRECTED in (entry.reasons or ())


def summarise(
    judged: Sequence[Judged],
    *,
    misdirected_post: str | None,
    seconds_per_letter: Mapping[str, float],
    model: str | None,
    threshold: float | None,
    data: str = "unseen",
    groups: tuple[Group, ...] = (),
) -> Evaluation:
    """Return all figures of judged letters."""
    count = len(judged)
    routed = [entry for entry in judged if entry.routed]
    misdirected = [entry for entry in judged if misdirected_post is not None and entry.post == misdirected_post]
    reasons = Counter(reason.value for entry in judged for reason in entry.reasons or ())
    return Evaluation(
        n=count,
        accuracy=share_of(sum(entry.right for entry in judged), count),
        top3=share_of(sum(entry.in_three for entry in judged), count),
        macro_f1=macro_f1(judged),
        routed=share_of(len(routed), count),
        error=share_of(sum(not entry.right for entry in routed), len(routed)),
        misdirected=share_of(sum(_recognised(entry) for entry in misdirected), len(misdirected)),
        calibration=calibration_of(judged),
        curve=curve_of(judged),
        per_field=group_figures(judged, "field"),
        per_channel=group_figures(judged, "channel"),
        reasons=dict(reasons.most_common()),
        held=sum(entry.held for entry in judged),
        seconds_per_letter=seconds_per_letter,
        model=model,
        threshold=threshold,
        data=data,
        groups=groups,
    )


def evaluate_history(
    settings: Settings,
    office: Office,
    model: DecisionModel | None,
    rows: Sequence[HistoryRow],
    progress: Progress = lambda step, share: None,
) -> Evaluation:
    """Read, find facts and decide as the service would, and compare with the labels.

    Parameters
    ----------
    settings
        How to read.
    office
        Plan and case list as they are now.
    model
        The model to judge, or ``None`` for plan and case list alone.
    rows
        Labelled letters the model never saw. A file that can't be read is a letter that goes to a person.
    progress
        Called with the step (``reading``, ``deciding``) and the share of all work done.
    """
    with open_readers(settings) as pool:
        read = read_history(rows, pool, settings.reader_count, lambda done, of: progress("reading", 0.7 * done / of))
    letters: list[Labelled] = []
    decisions: list[Decision] = []
    seconds = [0.0, 0.0]
    for chunk in _decided(read, office, model, settings.reader_count):
        for entry, facts, decision in chunk.decided:
            letters.append(labelled(entry, facts))
            decisions.append(decision)
        seconds[0] += chunk.facts_seconds
        seconds[1] += chunk.deciding_seconds
        progress("deciding", 0.7 + 0.3 * len(letters) / len(read))
    count = max(len(read), 1)
    times = {
        "reading": sum(entry.seconds for entry in read) / count,
        "facts": seconds[0] / count,
        "deciding": seconds[1] / count,
    }
    return evaluate(letters, decisions, office, seconds_per_letter={**times, "total": sum(times.values())})


@dataclass(frozen=True)
class _Chunk:
    decided: list[tuple[ReadLetter, Facts, Decision]]
    facts_seconds: float
    deciding_seconds: float


def _decided(
    read: Sequence[ReadLetter], office: Office, model: DecisionModel | None, processes: int
) -> Iterable[_Chunk]:
    chunks = [read[start : start + _CHUNK] for start in range(0, len(read), _CHUNK)]
    workers = processes if len(chunks) > 4 else 1
    found: Iterable[_Chunk] = Parallel(n_jobs=workers, return_as="generator")(
        delayed(_decide_chunk)(chunk, office, model) for chunk in chunks
    )
    return found


def _decide_chunk(read: Sequence[ReadLetter], office: Office, model: DecisionModel | None) -> _Chunk:
    facts_model, words = load_facts_model(SHIPPED), office_words(office)
    decided: list[tuple[ReadLetter, Facts, Decision]] = []
    facts_seconds = deciding_seconds = 0.0
    if read:
        _warm_up(read[0].letter, read[0].row, office, model)
    for entry in read:
        start = time.perf_counter()
        facts = extract(entry.letter, facts_model, words, entry.row.received)
        found = time.perf_counter()
        decision = decide(entry.letter, facts, office, model, entry.row.received)
        facts_seconds += found - start
        deciding_seconds += time.perf_counter() - found
        decided.append((entry, facts, decision))
    return _Chunk(decided, facts_seconds, deciding_seconds)


def _warm_up(letter: Letter, row: HistoryRow, office: Office, model: DecisionModel | None) -> None:
    """Load word lists and indices that a running service has loaded long before."""
    facts = extract(letter, load_facts_model(SHIPPED), office_words(office), row.received)
    decide(letter, facts, office, model, row.received)
