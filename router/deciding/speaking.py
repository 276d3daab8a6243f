# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The words of a text that tell the best post's field from another, with what each adds and where it stands."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.sparse import csr_matrix

from router.deciding.kinds import TopicView
from router.deciding.model import DecisionModel
from router.deciding.textinput import TextInput
from router.deciding.topics import BY_FILE, SHARPNESS, term_probabilities
from router.office.catalogue import MISDIRECTED, weights_of
from router.office.office import Office
from router.records import Letter, Place, WordPart

__all__ = ["Spoken", "different", "paragraphs", "place_of", "speaking_words"]

_SHOWN = 8
_PARAGRAPH = re.compile(r"§+\s*\d{1,3}\s?[a-z]?\b")


@dataclass(frozen=True)
class Spoken:
    """What tells two fields apart.

    Attributes
    ----------
    field, against
        What they are called.
    words
        The strongest; positive ones speak for `field`, negative ones for `against`.
    other
        What everything else in the text adds; with `words` it sums to the difference between the two fields.
    splits_posts
        Whether `against` is the runner-up's field; else both posts share `field`.
    """

    field: str
    against: str
    words: tuple[WordPart, ...]
    other: float
    splits_posts: bool

    def favouring(self, *, runner_up: bool) -> list[WordPart]:
        """Return the words that speak for the field of the best post or of the runner-up, the strongest first."""
        sign = -1 if runner_up and self.splits_posts else 1
        return [part for part in self.words if part.weight * sign > 0]


def speaking_words(
    letter: Letter,
    office: Office,
    model: DecisionModel | None,
    entry: TextInput,
    logs: Mapping[str, float] | None,
    features: csr_matrix | None,
    topic: TopicView,
    best: str,
    runner_up: str | None,
) -> Spoken | None:
    """Return the words that tell the best post's field from the runner-up's, or from the next likely one.

    Parameters
    ----------
    letter
        Where the words stand.
    office
        Plan and matters.
    model
        The model in use; without one, or where it does not know the post, the catalogue's terms speak.
    entry
        The masked text.
    logs
        Log probability of each class of the text model.
    features
        The letter's features.
    topic
        What the letter is about.
    best, runner_up
        The posts that are compared.
    """
    field = _class_of(model, office, best) if model is not None else None
    if model is not None and logs is not None and field is not None and field in logs:
        other = _class_of(model, office, runner_up) if runner_up is not None else None
        other = other if other in logs else None
        splits = other not in (None, field)
        rest = sorted((name for name in logs if name not in (field, BY_FILE)), key=lambda name: -logs[name])
        against = other if splits else next(iter(rest), None)
        if against is None:
            return None
        added = _text_parts(model, entry, field, against, features)
        difference = sum(added.values())
        named = [_class_words(model, office, topic, name) for name in (field, against)]
        return _spoken(letter, added, difference, named, splits=splits)
    return _by_terms(letter, office, entry, topic, best, runner_up)


def _text_parts(
    model: DecisionModel, entry: TextInput, field: str, against: str, features: csr_matrix | None
) -> dict[str, float]:
    """Return what each word adds to the score of a field against another's; what belongs to no word under ""."""
    found = model.fields.word_weights(model.features, entry, field, against, features)
    return {part.word: part.weight for part in found}


def _by_terms(
    letter: Letter, office: Office, entry: TextInput, topic: TopicView, best: str, runner_up: str | None
) -> Spoken | None:
    """Return the catalogue's terms; their weights are points of the score that is turned into a probability."""
    matter, other = (_matter_of(office, topic, post) for post in (best, runner_up))
    if matter is None:
        return None
    splits = other not in (None, matter)
    rest = sorted((name for name in topic.matters if name != matter), key=lambda name: -topic.matters[name])
    against = other if splits else next(iter(rest), None)
    _matters, _misdirected, hits = term_probabilities(office, entry)
    added: dict[str, float] = defaultdict(float)
    spelling: dict[str, str] = {}
    for hit, weight in weights_of(hits, entry.text):
        if hit.name in (matter, against):
            word = _as_told(entry.text[hit.start : hit.end])
            spelled = spelling.setdefault(word.casefold(), word)
            added[spelled] += SHARPNESS * weight * (1 if hit.name == matter else -1)
    plan = office.plan
    named = [
        plan.matters[name].label if plan is not None and name in plan.matters else name or ""
        for name in (matter, against)
    ]
    return _spoken(letter, added, sum(added.values()), named, splits=splits)


def _spoken(
    letter: Letter, added: Mapping[str, float], difference: float, named: Sequence[str], *, splits: bool
) -> Spoken:
    strongest = sorted((word for word in added if word), key=lambda word: -abs(added[word]))[:_SHOWN]
    words = []
    for word in strongest:
        if not added[word]:
            continue
        place = place_of(letter, word)
        words.append(WordPart(word, added[word], place.page if place else None, place.box if place else None))
    return Spoken(named[0], named[1], tuple(words), difference - sum(part.weight for part in words), splits)


def _matter_of(office: Office, topic: TopicView, post: str | None) -> str | None:
    """Return the likeliest matter of a post."""
    if office.plan is None or post is None:
        return None
    if post == office.plan.misdirected_post and MISDIRECTED not in office.plan.matters:
        return MISDIRECTED
    own = {matter for rule in office.plan.rules if rule.post == post for matter in rule.matters} or topic.matters
    return max(
        (matter for matter in topic.matters if matter in own), key=lambda name: topic.matters[name], default=None
    )


def _class_of(model: DecisionModel, office: Office, post: str) -> str | None:
    """Return the class of the text model a post belongs to today."""
    if office.plan is not None:
        matters = {matter for rule in office.plan.rules if rule.post == post for matter in rule.matters}
        for name, topic in model.topics.items():
            if topic.matters & matters or (topic.misdirected and post == office.plan.misdirected_post):
                return name
    return next((name for name, topic in model.topics.items() if post in topic.posts), None)


def _class_words(model: DecisionModel, office: Office, view: TopicView, name: str) -> str:
    """Return what a class is called: its likeliest matter, else its own name."""
    matters = model.topics[name].matters if name in model.topics else frozenset()
    known = sorted(matter for matter in matters if office.plan is not None and matter in office.plan.matters)
    if not known or office.plan is None:
        return name
    return office.plan.matters[max(known, key=lambda matter: view.matters.get(matter, 0.0))].label


def paragraphs(office: Office, entry: TextInput, matter: str) -> list[str]:
    """Return the paragraphs a text cites that belong to a matter, as written."""
    linked = office.matcher.linked.get(matter, frozenset()) if office.matcher is not None else frozenset()
    cited = [entry.text[hit.start : hit.end] for hit in entry.entry_hits if hit.name in linked]
    return list(dict.fromkeys(_as_told(words) for words in cited if words.startswith("§")))


def _as_told(words: str) -> str:
    """Return a term in one line; of a paragraph only its number, which stands on the page without what is masked."""
    paragraph = _PARAGRAPH.match(words)
    return " ".join((paragraph[0] if paragraph else words).split())


def different(words: Sequence[str], count: int) -> list[str]:
    """Return the first words that do not say again what another of them says, such as "Studium" and "zum Studium"."""
    told: list[str] = []
    for word in words:
        parts = set(word.casefold().split())
        if not any(parts <= (said := set(other.casefold().split())) or said <= parts for other in told):
            told.append(word)
    return told[:count]


def place_of(letter: Letter, word: str) -> Place | None:
    """Return where a word first stands in a letter, alone and not within another."""
    text = letter.text
    start = text.find(word)
    while start >= 0:
        end = start + len(word)
        if not (start and text[start - 1].isalnum()) and not text[end : end + 1].isalnum():
            return letter.text_map.place(start, end)
        start = text.find(word, end)
    return None
