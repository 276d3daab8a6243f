# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Trains what finds names and tells roles, on letters whose slots are known to the character."""

import datetime as dt
import random
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.util import fix_random_seed, minibatch

from router.errors import ModelError
from router.facts.dates import find_dates
from router.facts.extract import OfficeWords, figures_of
from router.facts.model import NER, FactsModel, save_facts_model
from router.facts.names import LABEL, RULES, blank_pipeline
from router.facts.persons import NO_PERSON, Figure, RoleModel, role_features
from router.facts.references import find_references
from router.facts.spans import ReadableText
from router.records import PersonRole
from router.texts import _
from training.noise import misread, rewrap
from training.sample_office.city import City
from training.sample_office.compose import Composer, split_letters
from training.sample_office.letters import FilledText, WrittenLetter, load_letters

__all__ = ["AnnotatedText", "annotated_letters", "evaluate_facts_model", "fit_facts_model", "train_shipped_model"]

ROLE_OF_SLOT = {
    "c": PersonRole.CONCERNED,
    "x": PersonRole.CONCERNED,
    "s": PersonRole.SENDER,
    "r": PersonRole.RELATIVE,
    "h": PersonRole.HOST,
    "l": PersonRole.REPRESENTATIVE,
    "g": PersonRole.REPRESENTATIVE,
    "e": PersonRole.OFFICIAL,
    "w": PersonRole.CASEWORKER,
    "t": PersonRole.OTHER,
}
OWN_PATTERN = re.compile(r"33\.\d-\d{3}-\d{6}")
_PERIOD = (dt.date(2025, 11, 1), dt.date(2026, 10, 31))
_WIDTH, _DEPTH, _HIDDEN = 64, 2, 64
_ROWS = (2000, 1000, 1000, 500)


@dataclass(frozen=True, slots=True)
class AnnotatedText:
    """A text and where people stand in it, with their roles.

    ``group`` names the written letter it was made of.
    """

    text: str
    people: tuple[tuple[int, int, PersonRole], ...]
    is_mail: bool
    day: dt.date
    group: str


def _people(filled: FilledText) -> tuple[tuple[int, int, PersonRole], ...]:
    """Return the outermost name spans; given name and surname side by side become one."""
    found: list[tuple[int, int, PersonRole]] = []
    for span in filled.spans:
        slot, _, name = span.label.partition(".")
        if name not in ("name", "surname", "given") or slot[0] not in ROLE_OF_SLOT or span.end <= span.start:
            continue
        role = ROLE_OF_SLOT[slot[0]]
        if found and span.start < found[-1][1]:
            continue
        if found and found[-1][2] is role and filled.text[found[-1][1] : span.start] in (" ", ", ", "\n"):
            found[-1] = (found[-1][0], span.end, role)
        else:
            found.append((span.start, span.end, role))
    return tuple(found)


def annotated_letters(
    city: City, letters: Sequence[WrittenLetter], variants: range, *, held_out: bool, noisy_share: float = 0.35
) -> list[AnnotatedText]:
    """Fill letters, break their lines and misread some, keeping track of everybody in them.

    Parameters
    ----------
    city
        The sample office.
    letters
        Which letters.
    variants
        Which fillings of each.
    held_out
        People from the part of the city that training never sees.
    noisy_share
        Share of texts with recognition errors.
    """
    composer = Composer(city)
    texts = []
    for letter in letters:
        for variant in variants:
            rng = random.Random(f"annotated/{letter.id}/{variant}")
            composed = composer.compose(letter, variant, period=_PERIOD, held_out=held_out)
            is_mail = "mail" in letter.channels and rng.random() < 0.5
            filled = rewrap(composed.filled(city.plan, as_mail=is_mail), rng.choice((62, 75, 90, 100, 10**6)))
            if rng.random() < noisy_share:
                filled = misread(filled, rng, rng.choice((0.005, 0.01, 0.02, 0.04)))
            texts.append(AnnotatedText(filled.text, _people(filled), is_mail, composed.received, letter.id))
    return texts


def _example(pipeline: Language, annotated: AnnotatedText) -> Example:
    doc = pipeline.make_doc(annotated.text)
    spans = [doc.char_span(start, end, label=LABEL, alignment_mode="expand") for start, end, _role in annotated.people]
    reference = pipeline.make_doc(annotated.text)
    reference.ents = tuple(
        spacy.util.filter_spans(
            [reference.char_span(s.start_char, s.end_char, label=LABEL) for s in spans if s is not None]
        )
    )
    return Example(doc, reference)


def _ner_config() -> dict[str, object]:
    return {
        "model": {
            "@architectures": "spacy.TransitionBasedParser.v2",
            "state_type": "ner",
            "extra_state_tokens": False,
            "hidden_width": _HIDDEN,
            "maxout_pieces": 2,
            "use_upper": True,
            "nO": None,
            "tok2vec": {
                "@architectures": "spacy.Tok2Vec.v2",
                "embed": {
                    "@architectures": "spacy.MultiHashEmbed.v2",
                    "width": _WIDTH,
                    "attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE"],
                    "rows": list(_ROWS),
                    "include_static_vectors": False,
                },
                "encode": {
                    "@architectures": "spacy.MaxoutWindowEncoder.v2",
                    "width": _WIDTH,
                    "window_size": 1,
                    "maxout_pieces": 3,
                    "depth": _DEPTH,
                },
            },
        }
    }


def fit_facts_model(
    texts: Sequence[AnnotatedText], *, epochs: int = 8, seed: int = 1, dropout: float = 0.25
) -> tuple[Language, RoleModel]:
    """Train both parts.

    Parameters
    ----------
    texts
        Annotated texts.
    epochs
        Passes of the name finder.
    seed
        Start of every random choice.
    dropout
        Share of features left out in training.
    """
    fix_random_seed(seed)
    rng = random.Random(seed)
    pipeline = blank_pipeline()
    pipeline.add_pipe(NER, config=_ner_config(), before=RULES)
    examples = [_example(pipeline, annotated) for annotated in texts]
    optimizer = pipeline.initialize(lambda: examples[:200])
    for epoch in range(epochs):
        rng.shuffle(examples)
        optimizer.learn_rate = 0.002 * (1 - epoch / epochs) + 0.0002
        for batch in minibatch(examples, size=24 if epoch else 8):
            pipeline.update(batch, sgd=optimizer, drop=dropout, exclude=[RULES])
    features, roles = described_people(FactsModel(pipeline, None, ""), texts)
    return pipeline, RoleModel().fit(features, roles)


def _figures(model: FactsModel, annotated: AnnotatedText) -> list[Figure]:
    text = ReadableText(annotated.text)
    references = find_references(text, OWN_PATTERN)
    return figures_of(text, model.pipeline(annotated.text), OfficeWords(), references, find_dates(text), annotated.day)


def described_people(model: FactsModel, texts: Iterable[AnnotatedText]) -> tuple[list[dict[str, float]], list[str]]:
    """Return features and true roles of everybody the name finder finds in annotated texts."""
    features: list[dict[str, float]] = []
    roles: list[str] = []
    for annotated in texts:
        figures = _figures(model, annotated)
        features += role_features(annotated.text, figures, is_mail=annotated.is_mail)
        roles += [_true_role(figure, annotated) for figure in figures]
    return features, roles


def _true_role(figure: Figure, annotated: AnnotatedText) -> str:
    votes: Counter[str] = Counter()
    for mention in figure.mentions:
        for start, end, role in annotated.people:
            if start < mention.end and mention.start < end:
                votes[role.value] += 1
    return votes.most_common(1)[0][0] if votes else NO_PERSON


def evaluate_facts_model(model: FactsModel, texts: Sequence[AnnotatedText]) -> dict[str, float]:
    """Measure a model on annotated texts.

    Returns
    -------
    dict
        ``names_precision``, ``names_recall`` (any overlap counts), ``names_exact`` (recall of exact borders),
        ``roles`` (share of found people with the right role), ``concerned_precision``, ``concerned_recall``,
        ``concerned_first`` (share of texts with a person concerned whose best scored person is one), ``n``.
    """
    found = right = gold = hit = exact = people = correct = 0
    told = told_right = concerned = concerned_hit = texts_with = first_right = 0
    for annotated in texts:
        figures = _figures(model, annotated)
        if model.roles is None:
            raise ModelError(_("The model has no roles yet"))
        scores = model.roles.predict(role_features(annotated.text, figures, is_mail=annotated.is_mail))
        kept = [
            (f, s)
            for f, s in zip(figures, scores, strict=True)
            if not (max(s, key=lambda k: s[k]) == NO_PERSON and s[NO_PERSON] > 0.6)
        ]
        spans = [(m.start, m.end) for figure, _score in kept for m in figure.mentions]
        found += len(spans)
        right += sum(any(a < end and start < b for a, b, _r in annotated.people) for start, end in spans)
        gold += len(annotated.people)
        hit += sum(any(a < end and start < b for start, end in spans) for a, b, _r in annotated.people)
        exact += sum((a, b) in spans for a, b, _r in annotated.people)
        truths = [_true_role(figure, annotated) for figure, _score in kept]
        guesses = [max((k for k in score if k != NO_PERSON), key=lambda k: score[k]) for _figure, score in kept]
        for truth, guess in zip(truths, guesses, strict=True):
            if truth != NO_PERSON:
                people += 1
                correct += truth == guess
            if guess == PersonRole.CONCERNED:
                told += 1
                told_right += truth == PersonRole.CONCERNED
            if truth == PersonRole.CONCERNED:
                concerned += 1
                concerned_hit += guess == PersonRole.CONCERNED
        if PersonRole.CONCERNED in truths:
            texts_with += 1
            best = max(range(len(kept)), key=lambda i: kept[i][1].get(PersonRole.CONCERNED.value, 0.0))
            first_right += truths[best] == PersonRole.CONCERNED
    return {
        "n": len(texts),
        "names_precision": right / max(found, 1),
        "names_recall": hit / max(gold, 1),
        "names_exact": exact / max(gold, 1),
        "roles": correct / max(people, 1),
        "concerned_precision": told_right / max(told, 1),
        "concerned_recall": concerned_hit / max(concerned, 1),
        "concerned_first": first_right / max(texts_with, 1),
    }


def train_shipped_model(samples: Path, target: Path, *, variants: int = 8, epochs: int = 8) -> dict[str, float]:
    """Train the model that comes with the product and measure it on letters and people it never saw.

    Parameters
    ----------
    samples
        The project's ``data_samples``.
    target
        Folder of the model.
    variants
        Fillings of each letter.
    epochs
        Passes of the name finder.
    """
    city = City(samples)
    letters = load_letters(samples / "letters")
    split = split_letters(letters)
    train = [letter for letter in letters if split[letter.id] == "train"]
    test = [letter for letter in letters if split[letter.id] == "test"]
    pipeline, roles = fit_facts_model(annotated_letters(city, train, range(variants), held_out=False), epochs=epochs)
    scores = evaluate_facts_model(
        FactsModel(pipeline, roles, ""), annotated_letters(city, test, range(2), held_out=True, noisy_share=0.3)
    )
    rounded = {name: round(value, 4) for name, value in scores.items()}
    save_facts_model(pipeline, roles, target, {"letters": len(train), "variants": variants, "held_out": rounded})
    return scores
