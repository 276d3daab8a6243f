# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What each kind of evidence is worth, alone and together: ranked by weights refitted to what is left.

The product's code is not changed for it. Columns of the evidence are set to what stands there when nothing speaks for
a post, those that follow from them are derived anew, and a ``Combination`` is fitted to the letters learned from, whose
text evidence is out of fold.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from router.deciding.combination import Combination, ConfidenceModel, confidence_features
from router.deciding.evidence import gather_evidence
from router.deciding.kinds import FILE_COLUMNS, Feature, TopicView
from router.deciding.mixture import derive, nothing
from router.deciding.model import DecisionModel
from router.deciding.textinput import TextInput, text_input
from router.deciding.topics import catalogue_view, learned_view
from router.office.office import Office
from training.benchmarks.deciding_peers.figures import figures_of
from training.benchmarks.deciding_peers.letters import Progress
from training.benchmarks.deciding_peers.textlab import TextLab, TextLogs, TextVariant, field_labels
from training.dataset import Labelled
from training.measures import Judged, share_of

__all__ = ["EVIDENCE_VARIANTS", "EvidenceLab", "EvidenceVariant"]

Floats = NDArray[np.float64]
_NUMBERS = frozenset((
    Feature.OWN_NAMED, Feature.OWN_BARE, Feature.CENTRAL_NAMED, Feature.CENTRAL_BARE, Feature.SIMILAR_NAMED,
))  # fmt: skip
_FILE = frozenset(FILE_COLUMNS)
_RULES = frozenset((Feature.RULE, Feature.RULE_CATALOGUE, Feature.OVERRIDE))
_TEXT = frozenset((Feature.TEXT, Feature.MISDIRECTED))
_DERIVED = frozenset((Feature.RULE_WITH_FILE, Feature.HOLDER_OVERRIDDEN, Feature.MIXTURE))


@dataclass(frozen=True)
class EvidenceVariant:
    """What evidence is left.

    Attributes
    ----------
    kept
        Columns; those that follow from others are always derived from what is left.
    topic
        Who says what a letter is about: the ``model``, the ``catalogue``, or ``nobody``, so that every matter of the
        plan is as likely as the next.
    """

    name: str
    kept: frozenset[Feature]
    topic: str = "model"


EVIDENCE_VARIANTS = (
    EvidenceVariant("text model alone", _TEXT),
    EvidenceVariant("catalogue alone", _TEXT, "catalogue"),
    EvidenceVariant("numbers alone", _NUMBERS, "nobody"),
    EvidenceVariant("persons alone", _FILE - _NUMBERS, "nobody"),
    EvidenceVariant("file: numbers and persons", _FILE, "nobody"),
    EvidenceVariant("addressed caseworker alone", frozenset({Feature.ADDRESSEE}), "nobody"),
    EvidenceVariant("plan's rules alone, matter unknown", _RULES - {Feature.RULE_CATALOGUE}, "nobody"),
    EvidenceVariant("catalogue and plan", _TEXT | _RULES, "catalogue"),
    EvidenceVariant("text and plan", _TEXT | _RULES),
    EvidenceVariant("text and file", _TEXT | _FILE),
    EvidenceVariant("catalogue, plan and file", _TEXT | _RULES | _FILE, "catalogue"),
    EvidenceVariant("everything", frozenset(Feature) - _DERIVED),
)


@dataclass(frozen=True)
class _Side:
    letters: Sequence[Labelled]
    inputs: Sequence[TextInput]
    logs: Floats


class EvidenceLab:
    """Ranks the same letters by evidence of which parts are left out.

    Parameters
    ----------
    learn, unseen
        Letters with facts and labels; variants of one letter lie on one side.
    office
        With a plan.
    model
        Fitted to `learn`: its topics, and how often files' holders keep a letter.
    seed, processes
        As for fitting.
    progress
        Told the step and its share.
    """

    def __init__(
        self,
        learn: Sequence[Labelled],
        unseen: Sequence[Labelled],
        office: Office,
        model: DecisionModel,
        *,
        seed: int,
        processes: int,
        progress: Progress,
    ) -> None:
        self._office, self._model, self._progress = office, model, progress
        self._learn = [entry for entry in learn if entry.facts.masked_text.strip()]
        self._unseen = [entry for entry in unseen if entry.facts.masked_text.strip()]
        self._unread = [entry for entry in unseen if not entry.facts.masked_text.strip()]
        self._inputs = [
            [text_input(entry.letter, entry.facts, office) for entry in side] for side in (self._learn, self._unseen)
        ]
        progress("counting n-grams", 0.0)
        self._texts = TextLab(
            self._inputs[0], self._inputs[1], field_labels(self._learn, office),
            [entry.group for entry in self._learn], seed=seed, processes=processes,
        )  # fmt: skip

    def read(self, variant: TextVariant) -> TextLogs:
        """Return what a text model with parts left out says."""
        return self._texts.fit(variant, lambda share: self._progress(variant.name, share))

    def text_figures(self, logs: TextLogs) -> dict[str, Any]:
        """Return how often the field a letter's matter belongs to comes first by the text alone."""
        truth = field_labels(self._unseen, self._office)
        judged = []
        for row, field in zip(logs.unseen, truth, strict=True):
            order = np.argsort(-row, kind="stable")
            ranked = tuple(logs.classes[place] for place in order[:5])
            judged.append(Judged(field, ranked, float(np.exp(row[order[0]])), routed=False))
        return figures_of(judged)

    def figures(self, variant: EvidenceVariant, logs: TextLogs) -> dict[str, Any]:
        """Return how often the right post comes first by the evidence that is left.

        ``field`` tells how often the first post is one of the right field, whatever the letter range.
        """
        plan = self._office.plan
        if plan is None:
            raise ValueError("the office has no plan")
        self._progress(variant.name, 0.0)
        learn = self._tables(_Side(self._learn, self._inputs[0], logs.learned), logs.classes, variant)
        posts = tuple(plan.posts)
        rows = [posts.index(entry.post) for entry in self._learn]
        combination = Combination().fit(learn, rows)
        described = np.array([confidence_features(table, combination.weights_) for table in learn])
        right = np.array([
            int(np.argmax(combination.scores(table))) == row for table, row in zip(learn, rows, strict=True)
        ])  # fmt: skip
        confidence = ConfidenceModel().fit(described, right)
        self._progress(variant.name, 0.7)
        judged = []
        unseen = self._tables(_Side(self._unseen, self._inputs[1], logs.unseen), logs.classes, variant)
        for entry, table in zip(self._unseen, unseen, strict=True):
            order = np.argsort(-combination.scores(table), kind="stable")[:5]
            sure = confidence.predict(confidence_features(table, combination.weights_)[None, :])[0]
            judged.append(Judged(entry.post, tuple(posts[place] for place in order), float(sure), routed=False))
        # Nothing can be said of a letter without words; it counts as wrong.
        judged += [Judged(entry.post, (), 0.0, routed=False) for entry in self._unread]
        fields = plan.field_of_post
        in_field = sum(bool(e.ranked) and fields.get(e.ranked[0]) == fields.get(e.post) for e in judged)
        return {**figures_of(judged), "field": share_of(in_field, len(judged)).to_json()}

    def _tables(self, side: _Side, classes: Sequence[str], variant: EvidenceVariant) -> list[Floats]:
        plan = self._office.plan
        posts = tuple(plan.posts) if plan else ()
        tables = []
        for entry, text, row in zip(side.letters, side.inputs, side.logs, strict=True):
            topic = self._topic(variant.topic, text, dict(zip(classes, map(float, row), strict=True)))
            values = gather_evidence(entry.letter, entry.facts, self._office, topic, posts, entry.received).features
            left = np.tile(nothing(values * 0.0, plan), (len(posts), 1))
            for column in variant.kept:
                left[:, column] = values[:, column]
            derive(left, posts, topic, plan)
            tables.append(left)
        return tables

    def _topic(self, who: str, text: TextInput, logs: Mapping[str, float]) -> TopicView:
        office, model = self._office, self._model
        if who == "catalogue":
            return catalogue_view(office, text)
        if who == "nobody":
            matters = office.plan.matters if office.plan else {}
            same = dict.fromkeys(matters, 1 / max(len(matters), 1))
            # Whoever keeps the file keeps the letter, as long as nobody says what it is about.
            return TopicView(same, {}, 0.0, same, dict.fromkeys(matters, 1.0), learned=False)
        known = {name: value for name, value in logs.items() if name in model.topics}
        return learned_view(office, model.topics, known, None, text, model.holder_keeps)
