# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The battery of a text classifier, which scikit-learn's own common checks don't cover."""

import io
import unicodedata
from typing import Literal

import joblib
import numpy as np
import pytest
from numpy.typing import NDArray

from router.deciding.features import LetterFeatures
from router.deciding.textinput import TextInput, text_input
from router.deciding.textmodel import Blend, TextModel, fit_blend
from router.office.office import Office
from tests.router.deciding.offices import labelled, letter_of, told

Floats = NDArray[np.float64]


class Battery:
    """A text model with its features, and what it was fitted to."""

    def __init__(self, office: Office) -> None:
        letters = labelled(90)
        self.office = office
        self.labels = [str(entry.matter) for entry in letters]
        self.texts = [entry.facts.masked_text for entry in letters]
        self.letter_features = LetterFeatures()
        self.counts = self.letter_features.counts([text_input(e.letter, e.facts, office) for e in letters])
        self.features = self.letter_features.fit(self.counts).weighted(self.counts)
        self.model = TextModel(seed=5).fit(self.features, self.labels)

    def probabilities(self, *texts: str) -> Floats:
        inputs = [text_input(letter_of(text), told(text), self.office) for text in texts]
        return np.exp(self.model.log_probabilities(self.letter_features.transform(inputs)))

    def entry(self, text: str) -> TextInput:
        return text_input(letter_of(text), told(text), self.office)

    def best(self, text: str) -> str:
        return str(self.model.classes_[self.probabilities(text)[0].argmax()])


@pytest.fixture(scope="module")
def battery(office: Office) -> Battery:
    return Battery(office)


def test_classes_are_sorted_and_columns_follow_them(battery: Battery) -> None:
    assert list(battery.model.classes_) == ["einbuergerung", "familie", "studium"]
    assert battery.best("Antrag auf Einbürgerung, Einbürgerungstest liegt bei") == "einbuergerung"
    assert battery.best("Familiennachzug meiner Ehefrau, Heiratsurkunde liegt bei") == "familie"
    assert battery.best("Immatrikulationsbescheinigung der Universität, Semester, Studium") == "studium"


def test_probabilities_sum_to_one(battery: Battery) -> None:
    rows = battery.probabilities("", "Studium", "qqq www", "Einbürgerung " * 9)
    assert rows.shape == (4, 3)
    assert rows.sum(axis=1) == pytest.approx(np.ones(4))
    assert ((rows >= 0) & (rows <= 1)).all()


def test_no_text_at_all_gives_no_rows(battery: Battery) -> None:
    assert battery.model.log_probabilities(battery.features[:0]).shape == (0, 3)


def test_fitting_again_forgets_the_former_fit(battery: Battery) -> None:
    again = TextModel(seed=5).fit(battery.features, ["x" if label == "studium" else "y" for label in battery.labels])
    again.fit(battery.features, battery.labels)
    assert list(again.classes_) == list(battery.model.classes_)
    assert np.array_equal(again.weights_, battery.model.weights_)
    assert np.array_equal(again.bias_, battery.model.bias_)


def test_the_same_seed_gives_the_same_model(battery: Battery) -> None:
    again = TextModel(seed=5).fit(battery.features, battery.labels)
    assert np.array_equal(again.scores(battery.features), battery.model.scores(battery.features))


def test_fit_returns_the_model_and_keeps_its_parameters(battery: Battery) -> None:
    model = TextModel(regularisation=0.7, seed=9)
    assert model.fit(battery.features, battery.labels) is model
    assert (model.regularisation, model.seed) == (0.7, 9)


def test_the_order_of_letters_does_not_matter_much(battery: Battery) -> None:
    order = np.random.default_rng(0).permutation(len(battery.labels))
    shuffled = TextModel(seed=5).fit(battery.features[order], [battery.labels[place] for place in order])
    before = battery.model.log_probabilities(battery.features).argmax(axis=1)
    assert (shuffled.log_probabilities(battery.features).argmax(axis=1) == before).all()


def test_save_and_load_changes_nothing(battery: Battery) -> None:
    stored = io.BytesIO()
    joblib.dump(battery.model, stored)
    stored.seek(0)
    loaded = joblib.load(stored)
    assert np.array_equal(loaded.log_probabilities(battery.features), battery.model.log_probabilities(battery.features))


def test_unseen_words_leave_the_model_unsure(battery: Battery) -> None:
    known = battery.probabilities(battery.texts[0]).max()
    unseen = battery.probabilities("Zyx wvut qponm kjihg fedcb").max()
    assert unseen < known


def test_empty_and_huge_texts_are_classified(battery: Battery) -> None:
    rows = battery.probabilities("", " \n\f", "Einbürgerung und Einbürgerungstest. " * 30_000)
    assert np.isfinite(rows).all()
    assert str(battery.model.classes_[rows[2].argmax()]) == "einbuergerung"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_umlauts_count_in_both_unicode_forms(battery: Battery, form: Literal["NFC", "NFD"]) -> None:
    text = "Prüfungen schließe ich im nächsten Semester ab, Studienkolleg bestätigt Zulassung für Studierende"
    composed, written = (
        battery.model.scores(battery.letter_features.transform([text_input(letter_of(t), told(t), battery.office)]))
        for t in (unicodedata.normalize("NFC", text), unicodedata.normalize(form, text))
    )
    assert written == pytest.approx(composed, abs=1e-4)
    assert battery.best(unicodedata.normalize(form, text)) == "studium"


def test_known_texts_are_familiar_and_strange_ones_not(battery: Battery) -> None:
    inputs = [
        text_input(letter_of(text), told(text), battery.office)
        for text in ("Lorem ipsum dolor sit amet consectetur", battery.texts[1])
    ]
    strange, known = battery.model.familiarity(battery.letter_features.transform(inputs))
    assert 0 <= strange < known <= 1 + 1e-6


def test_words_that_speak_for_a_field_are_of_that_field(battery: Battery) -> None:
    text = "Guten Tag, den Einbürgerungstest und die Heiratsurkunde lege ich bei. xname xnummer"
    words = battery.model.word_weights(battery.letter_features, battery.entry(text), "einbuergerung", "familie")
    by_word = {entry.word: entry.weight for entry in words}
    assert max(by_word, key=lambda word: by_word[word]) == "Einbürgerungstest"
    assert by_word["Heiratsurkunde"] < 0
    assert not any(entry.word.startswith("x") for entry in words)
    strengths = [abs(entry.weight) for entry in words[:-1]]
    assert strengths == sorted(strengths, reverse=True)
    assert (text[words[0].start : words[0].end], words[-1].word) == (words[0].word, "")


@pytest.mark.parametrize("text", ["Studium, Studium und Semester!", "", "12 34", "xname"])
@pytest.mark.parametrize("against", [None, "familie"])
def test_the_weights_of_words_sum_to_the_score(battery: Battery, text: str, against: str | None) -> None:
    entry = battery.entry(text)
    words = battery.model.word_weights(battery.letter_features, entry, "studium", against)
    scores = dict(
        zip(
            map(str, battery.model.classes_),
            battery.model.scores(battery.letter_features.transform([entry]))[0],
            strict=True,
        )
    )
    score = scores["studium"] - (scores[against] if against else 0.0)
    assert sum(found.weight for found in words) == pytest.approx(score, abs=1e-9)
    assert len(words) == len({found.word.lower() for found in words})


def test_nothing_speaks_for_a_field_nobody_knows(battery: Battery) -> None:
    assert battery.model.word_weights(battery.letter_features, battery.entry("Studium"), "no such field", None) == []


def test_one_class_alone_is_certain(battery: Battery) -> None:
    model = TextModel().fit(battery.features, ["33.21"] * len(battery.labels))
    assert np.exp(model.log_probabilities(battery.features)) == pytest.approx(np.ones((len(battery.labels), 1)))


def test_two_classes_have_a_column_each(battery: Battery) -> None:
    labels = ["b" if label == "studium" else "a" for label in battery.labels]
    model = TextModel().fit(battery.features, labels)
    logs = model.log_probabilities(battery.features)
    assert logs.shape == (len(labels), 2)
    assert np.exp(logs).sum(axis=1) == pytest.approx(np.ones(len(labels)))
    assert [str(model.classes_[column]) for column in logs.argmax(axis=1)] == labels


def _scores(first: Floats, second: Floats) -> Floats:
    return np.hstack([first, second])


def test_a_blend_makes_overconfident_scores_honest() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 3, 2000)
    guessed = np.where(rng.random(2000) < 0.7, truth, rng.integers(0, 3, 2000))
    scores = np.zeros((2000, 3))
    scores[np.arange(2000), guessed] = 20.0
    raw = _scores(scores, rng.normal(size=(2000, 3)))
    blend = fit_blend(raw, ["a", "b", "c"], ["abc"[place] for place in truth], 2000)
    logits = blend.logits(raw)
    sure = np.exp(logits.max(axis=1)) / np.exp(logits).sum(axis=1)
    assert float(sure.mean()) == pytest.approx(float((guessed == truth).mean()), abs=0.02)


def test_a_blend_trusts_the_part_that_is_right() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 4, 800)
    telling = np.eye(4)[truth] + rng.normal(size=(800, 4)) * 0.4
    raw = _scores(rng.normal(size=(800, 4)), telling)
    names = [f"field {place}" for place in range(4)]
    found = fit_blend(raw, names, [names[place] for place in truth], 800).logits(raw).argmax(axis=1)
    usual = Blend.usual(4).logits(raw).argmax(axis=1)
    assert (found == truth).mean() > 0.9 > (usual == truth).mean()


def test_a_blend_learns_which_fields_are_mistaken_for_each_other() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 1500)
    scores = rng.normal(size=(1500, 3)) * 0.1
    scores[np.arange(1500), np.where(truth == 2, 0, truth)] += 1  # the third is always taken for the first
    scores[truth == 2, 1] += 0.5
    raw = _scores(scores, scores * 0.1)
    logits = fit_blend(raw, ["a", "b", "c"], ["abc"[place] for place in truth], 1500).logits(raw)
    assert (logits.argmax(axis=1) == truth).mean() > 0.9


def test_few_or_unknown_labels_change_nothing() -> None:
    raw = np.random.default_rng(4).normal(size=(60, 4))
    labels: list[str | None] = [*["a"] * 25, *["b"] * 15]
    known = fit_blend(raw[:40], ["a", "b"], labels, 40)
    more = fit_blend(raw, ["a", "b"], labels + [None] * 20, 40)
    assert fit_blend(raw, ["a", "b"], labels + ["unknown"] * 20, 40).mixing == pytest.approx(known.mixing)
    assert more.mixing == pytest.approx(known.mixing)
    assert np.array_equal(fit_blend(raw[:10], ["a", "b"], labels[:10], 10).mixing, Blend.usual(2).mixing)


def test_settling_a_blend_gives_its_logits(battery: Battery) -> None:
    model = TextModel(seed=5).fit(battery.features, battery.labels)
    blend = fit_blend(model.raw_scores(battery.features), [str(name) for name in model.classes_], battery.labels, 12)
    wanted = blend.logits(model.raw_scores(battery.features))
    assert model.settle(blend).scores(battery.features) == pytest.approx(wanted, abs=0.05)
