# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Nothing personal of the history is in what a training leaves: every string of every file is looked at.

The truth comes from the letters' own slots, which the sample office knows exactly, and from plan and case list.
"""

import csv
import json
import pickle
import pickletools
import re
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from router.deciding.features import _BUCKETS
from router.deciding.model import Releases
from router.deciding.ngrams import letter_groups, lowered, word_groups
from router.facts.names import in_dictionary
from router.office.office import Office
from router.office.surnames import fold
from router.settings import load_settings
from tests.training.conftest import ROOT, Trained
from training.sample_office.build import HISTORY_PERIOD
from training.sample_office.city import City
from training.sample_office.compose import Composer
from training.sample_office.letters import load_letters
from training.train import train_office

_WORD = re.compile(r"[^\W\d_]{4,}")
"""Three letters (Ali, Max) stand in any file of this size by chance, and in the names of functions."""
_NUMBER = re.compile(r"\d[\d./ -]{4,}\d")
_PERSONAL = re.compile(r"^(?:c|s|h|l|g|t|e2?|r[1-5]|x[1-6])\.")


@pytest.fixture(scope="module")
def slots(history: Path) -> dict[str, set[str]]:
    """What the history's letters were filled with, by kind of slot."""
    city = City(ROOT / "data_samples")
    composer, letters = Composer(city), {letter.id: letter for letter in load_letters(city.folder / "letters")}
    found: dict[str, set[str]] = {}
    for line in (history.parent / "truth.jsonl").read_text(encoding="utf-8").splitlines():
        truth = json.loads(line)
        composed = composer.compose(
            letters[truth["letter_id"]], truth["variant"], period=HISTORY_PERIOD, held_out=False
        )
        filled = composed.filled(city.plan)
        for span in filled.spans:
            role, _, kind = span.label.partition(".")
            if _PERSONAL.match(f"{role}."):
                found.setdefault(kind, set()).add(filled.text[span.start : span.end])
    return found


@pytest.fixture(scope="module")
def personal_words(slots: dict[str, set[str]], office: Office) -> frozenset[str]:
    """Every word of a name, a street or a mail address, folded: of the letters, the case list and the staff."""
    told = [value for kind in ("name", "surname", "given", "street", "email") for value in slots[kind]]
    told += [f"{case.surname} {case.given_names} {' '.join(case.aliases)}" for case in office.cases.cases]
    assert office.plan is not None
    told += [f"{person.id} {person.name}" for person in office.plan.caseworkers.values()]
    return frozenset(fold(word) for text in told for word in _WORD.findall(text)) - _TITLES


@pytest.fixture(scope="module")
def personal_numbers(slots: dict[str, set[str]], office: Office) -> frozenset[str]:
    """Every number of a person or a file without punctuation; days of birth as letters and as lists write them."""
    told = [
        value for kind in ("own", "azr", "bamf", "phone", "passport", "birth", "birth_iso") for value in slots[kind]
    ]
    for case in office.cases.cases:
        told += [
            case.file_reference,
            case.azr,
            case.bamf_reference,
            case.birth_date.isoformat() if case.birth_date else "",
        ]
    return frozenset(number for value in told if len(number := _bare(value)) >= 6)


_TITLES = frozenset(
    {"frau", "herr", "herrn", "strasse", "platz", "example", "online", "long", "butt", "round", "miter"}
)
"""Words of the slots that are no names, and surnames that are also words of our files (length, ends of lines)."""


def _bare(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text).upper()


def _strings(value: object) -> Iterator[str]:
    """Yield every string a pickle of a value holds: texts, names of classes, keys, elements of arrays."""
    for _opcode, argument, _place in pickletools.genops(pickle.dumps(value, protocol=4)):
        if isinstance(argument, str):
            yield argument
        elif isinstance(argument, bytes) and len(argument) < _LONGEST_NAME:
            yield argument.decode("latin-1")
    for array in _arrays(value):
        if array.dtype.kind in "USO":
            yield from map(str, array.ravel())


_LONGEST_NAME = 200
_LONG_ENOUGH = 6
"""Letters that bytes of numbers hardly spell by chance, once those that are no text are left out."""


def _arrays(value: object, seen: set[int] | None = None) -> Iterator[np.ndarray]:
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        yield value
    parts = list(value.values()) if isinstance(value, dict) else list(value) if isinstance(value, list | tuple) else []
    for part in [*parts, *getattr(value, "__dict__", {}).values()]:
        yield from _arrays(part, seen)


def _software_words(office: Office) -> frozenset[str]:
    """Words of the plan's posts and matters, of the catalogue, and of the code the artefact names."""
    assert office.plan is not None
    told = [office.name, *(post.label for post in office.plan.posts.values()), *office.plan.matters]
    told += [matter.label for matter in office.plan.matters.values()]
    return frozenset(fold(word) for text in told for word in _WORD.findall(text))


def test_no_string_of_the_model_file_is_personal(
    trained: Trained, office: Office, personal_words: frozenset[str], personal_numbers: frozenset[str]
) -> None:
    path = trained.settings.models / "releases" / "1" / "model.joblib"
    model = Releases(trained.settings.models).load(1)
    strings = set(_strings(model))
    assert "router.deciding.model" in strings
    words = {fold(word) for text in strings for word in _WORD.findall(text)}
    assert sorted(words & personal_words - _software_words(office)) == []
    content = zlib.decompress(path.read_bytes())
    # What stands in the bytes outside of any string is found here, whatever its encoding; bytes of numbers spell
    # short words by chance.
    runs = {run.decode("utf-8", "ignore") for run in re.findall(rb"[A-Za-z\x80-\xff]{6,}", content)}
    for width in (2, 4):
        wide = re.findall(rb"(?:[A-Za-z]" + bytes(width - 1) + rb"){6,}", content)
        runs |= {run[::width].decode() for run in wide}
    assert "DecisionModel" in runs
    told = {folded for run in runs if len(folded := fold(run)) >= _LONG_ENOUGH}
    assert sorted(told & personal_words - _software_words(office)) == []
    numbers = {number for number in personal_numbers if number.encode() in content}
    assert not numbers


def test_no_file_of_a_training_is_personal(
    trained: Trained, office: Office, personal_words: frozenset[str], personal_numbers: frozenset[str]
) -> None:
    folder = trained.settings.models
    files = [path for path in folder.rglob("*") if path.suffix in (".json", ".html", ".svg", ".db")]
    assert {path.name for path in files} >= {"training_facts.json", "manifest.json", "evaluation.json", "mlflow.db"}
    found: dict[str, set[str]] = {}
    for path in files:
        text = path.read_bytes().decode("utf-8", "replace")
        words = {fold(word) for word in _WORD.findall(text)} & personal_words - _software_words(office)
        numbers = {_bare(number) for number in _NUMBER.findall(text)} & personal_numbers
        found |= {path.name: words | numbers} if words or numbers else {}
    assert not found


def _is_told(word: str, kept: np.ndarray) -> bool:
    """Tell whether a word, or all its letter groups, are among the hashed n-grams a model keeps."""
    text = lowered(word)
    whole = np.isin(word_groups(text).buckets(_BUCKETS), kept).all()
    parts = np.isin(letter_groups(text, 3, 5).buckets(_BUCKETS) + _BUCKETS, kept).all()
    return bool(whole or parts)


def test_hashes_do_not_tell_who_wrote(trained: Trained, slots: dict[str, set[str]]) -> None:
    """Names of the history are among the kept n-grams no more often than names that never occurred."""
    kept = Releases(trained.settings.models).load(1).features.kept_

    def names(texts: Iterable[str]) -> set[str]:
        found = {word for text in texts for word in _WORD.findall(text)}
        return {word for word in found if len(word) > 4 and not in_dictionary(word.capitalize())}

    history = names([*slots["surname"], *slots["given"], *slots["name"]])
    folded = {fold(word) for word in history}
    pools = City(ROOT / "data_samples").pools
    strangers = [name for nation in pools.nations.values() for name in (*nation.surnames, *nation.male, *nation.female)]
    control = {name for name in names(strangers) if fold(name) not in folded}
    assert min(len(history), len(control)) > 200
    told, by_chance = (sum(_is_told(word, kept) for word in group) / len(group) for group in (history, control))
    assert told - by_chance < 0.02, (told, by_chance)
    assert _is_told("Aufenthaltserlaubnis", kept), "the measure itself works"


def test_without_a_plan_only_the_labels_name_staff(history: Path, tmp_path: Path) -> None:
    """Where the history names caseworkers as posts, these labels are the classes; nothing else of them is kept."""
    with history.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))[:60]
    staff = ("Thessaloniki-Ahrens", "Wojciechowska")
    path = history.parent / "by_caseworker.csv"
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, ["file", "received_at", "caseworker"])
        writer.writeheader()
        for place, row in enumerate(rows):
            writer.writerow({"file": row["file"], "received_at": row["received_at"], "caseworker": staff[place % 2]})
    settings = load_settings(data=tmp_path / "data", models=tmp_path / "models", readers=1)
    train_office(settings, None, path)
    model = Releases(settings.models).load(1)
    named = {text for text in _strings(model) if any(name in text for name in staff)}
    assert named == set(staff) == set(model.posts)
