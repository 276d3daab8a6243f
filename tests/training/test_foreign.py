# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The foreign letters are many and varied, only ever measure, and are measured rightly."""

import datetime as dt
import re
from pathlib import Path

import pytest

from router.deciding.model import DecisionModel
from router.office.office import Office
from router.records import PageSource
from tests.router.deciding.offices import labelled, write_office
from training.benchmarks.foreign import FOLDER, load_foreign, measure_foreign, read_foreign
from training.dataset import Labelled
from training.fit import fit_model

ROOT = Path(__file__).parents[2]

LETTERS = """
- {id: f-eins, kind: energy, language: de, names: file, text: "Strom für {name}, geboren {birth}, Zeichen {own}."}
- {id: f-zwei, kind: private, language: de, names: nobody, text: "Liebe Grüße aus dem Garten."}
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    return write_office(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def model(office: Office) -> DecisionModel:
    return fit_model(
        labelled(90), office, version=1, target_error=0.02, certainty=0.95, seed=1, processes=1
    ).model  # fmt: skip


def _folder(folder: Path, text: str = LETTERS) -> Path:
    (folder / "letters.yaml").write_text(text, encoding="utf-8")
    return folder


def test_there_are_many_kinds_and_languages() -> None:
    letters = load_foreign()
    assert len(letters) >= 120
    assert len({letter.kind for letter in letters}) >= 20
    assert len({letter.language for letter in letters}) >= 11
    assert {letter.names for letter in letters} == {"nobody", "person", "file"}
    slots = {slot for letter in letters for slot in re.findall(r"\{(\w+)\}", letter.text)}
    assert slots == {"name", "given", "surname", "birth", "own"}
    for letter in letters:
        assert ("{own}" in letter.text) == (letter.names == "file"), letter.id
        assert ("{" in letter.text) == (letter.names != "nobody"), letter.id


def test_nothing_else_reads_them() -> None:
    readers = [
        path.relative_to(ROOT).as_posix()
        for room in ("router", "training", "register_entry")
        for path in (ROOT / room).rglob("*.py")
        if re.search(r"""["'/]foreign["'/]""", path.read_text(encoding="utf-8"))
    ]
    assert readers == ["training/benchmarks/foreign.py"]
    searching = [
        path.name
        for path in (ROOT / "training").rglob("*.py")
        if "rglob(" in path.read_text(encoding="utf-8") and "data_samples" in path.read_text(encoding="utf-8")
    ]
    # It hashes folders it names, this one not among them.
    assert searching == ["figures.py"]
    assert FOLDER == ROOT / "data_samples" / "foreign"


def test_each_is_filled_and_comes_with_and_without_the_address(office: Office, tmp_path: Path) -> None:
    found = read_foreign(office, _folder(tmp_path))
    assert [(entry.written.id, entry.addressed) for entry in found] == [
        ("f-eins", False), ("f-zwei", False), ("f-eins", True), ("f-zwei", True),
    ]  # fmt: skip
    assert "{" not in found[0].letter.text
    assert office.cases.by_number(found[0].facts.references[0].value)
    assert found[0].letter.pages[0].source is PageSource.TEXT
    assert office.plan is not None
    assert found[3].letter.text.startswith(office.plan.file.office.address[0])


def test_the_same_id_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="twice"):
        load_foreign(_folder(tmp_path, LETTERS + LETTERS))


def test_what_is_measured(office: Office, model: DecisionModel, tmp_path: Path) -> None:
    foreign = read_foreign(office, _folder(tmp_path))
    entries = labelled(30, seed=9)
    strange = [
        Labelled(entry.letter, entry.facts, dt.date(2026, 11, 1), "00", "irrlaeufer", group="x")
        for entry in entries[:5]
    ]
    told = measure_foreign(model, office, foreign, [*entries, *strange])
    assert told["foreign"]["n"] == 4
    assert told["foreign"]["routed"] == len(told["foreign"]["routed_ids"]) / 4
    assert told["foreign"]["by_names"]["nobody"] == {"n": 2, "routed": 0}
    assert {key: value["n"] for key, value in told["foreign"]["by_addressed"].items()} == {"false": 2, "true": 2}
    assert told["ordinary"]["n"] == 30
    assert told["ordinary"]["routed_without_gates"] >= told["ordinary"]["routed"]
    cost = 100 * (told["ordinary"]["routed_without_gates"] - told["ordinary"]["routed"])
    assert told["ordinary"]["cost_points"] == pytest.approx(cost)
