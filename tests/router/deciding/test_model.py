# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Releases: saved and loaded whole, refused when altered, promoted and rolled back in one step."""

import dataclasses
import json
from pathlib import Path

import joblib
import pytest

from router.deciding.decide import decide
from router.deciding.model import FORMAT, DecisionModel, Releases, load_model
from router.errors import ModelError, NotFoundError
from router.office.office import Office
from tests.router.deciding.offices import DAY, labelled


@pytest.fixture
def releases(tmp_path: Path) -> Releases:
    return Releases(tmp_path / "models")


def _release(releases: Releases, model: DecisionModel, office: str = "A") -> int:
    version = releases.next_version()
    releases.save(
        dataclasses.replace(model, version=version, office=office), {"letters": 240}, {"model": {"kind": "x"}}
    )
    return version


def _manifest(releases: Releases, version: int) -> Path:
    return releases.path(version) / "manifest.json"


def _change(releases: Releases, version: int, **values: object) -> None:
    told = json.loads(_manifest(releases, version).read_text(encoding="utf-8"))
    _manifest(releases, version).write_text(json.dumps({**told, **values}), encoding="utf-8")


def test_an_empty_folder_has_nothing(releases: Releases) -> None:
    assert (releases.versions(), releases.aliases(), releases.champion("A")) == ([], {}, None)
    assert releases.in_use("A") is None
    with pytest.raises(NotFoundError):
        releases.load(1)


def test_a_loaded_model_decides_like_the_saved_one(releases: Releases, model: DecisionModel, office: Office) -> None:
    version = _release(releases, model)
    load_model.cache_clear()
    loaded = releases.load(version)
    assert loaded.label == f"postweiche@{version}"
    assert loaded.promise == model.promise
    for entry in labelled(6, seed=21):
        mine, theirs = (decide(entry.letter, entry.facts, office, m, DAY) for m in (model, loaded))
        assert mine.candidates == theirs.candidates


def test_manifest_and_training_facts_name_the_same_file(releases: Releases, model: DecisionModel) -> None:
    version = _release(releases, model)
    manifest = releases.manifest(version)
    facts = json.loads((releases.path(version) / "training_facts.json").read_text(encoding="utf-8"))
    assert manifest["sha256"] == facts["model"]["sha256"]
    assert (manifest["office"], manifest["letters"], manifest["format"]) == ("A", 240, FORMAT)
    assert facts["model"]["kind"] == "x"
    assert facts["model"]["bytes"] == (releases.path(version) / "model.joblib").stat().st_size


def test_numbers_are_never_given_twice(releases: Releases, model: DecisionModel) -> None:
    assert [releases.next_version(), releases.next_version()] == [1, 2]
    assert releases.versions() == [], "a number without a manifest is no release"
    assert _release(releases, model) == 3
    assert releases.versions() == [3]


def test_an_altered_file_is_refused_and_kept(releases: Releases, model: DecisionModel) -> None:
    version = _release(releases, model)
    path = releases.path(version) / "model.joblib"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    load_model.cache_clear()
    with pytest.raises(ModelError, match="rollback"):
        releases.load(version)
    assert path.read_bytes() == bytes(data)


def test_code_smuggled_in_is_not_run(releases: Releases, model: DecisionModel, tmp_path: Path) -> None:
    version = _release(releases, model)
    joblib.dump(_Bomb(tmp_path / "ran"), releases.path(version) / "model.joblib")
    load_model.cache_clear()
    with pytest.raises(ModelError):
        releases.load(version)
    assert not (tmp_path / "ran").exists()


class _Bomb:
    """Leaves a trace when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (_leave, (str(self.path),))


def _leave(path: str) -> None:
    Path(path).write_text("ran", encoding="utf-8")


def test_a_missing_file_is_told(releases: Releases, model: DecisionModel) -> None:
    version = _release(releases, model)
    (releases.path(version) / "model.joblib").unlink()
    load_model.cache_clear()
    with pytest.raises(ModelError):
        releases.load(version)


@pytest.mark.parametrize("change", [{"format": FORMAT + 1}, {"scikit_learn": "0.24.2"}, {"sha256": "0" * 64}])
def test_a_model_that_does_not_fit_is_refused(
    releases: Releases, model: DecisionModel, change: dict[str, object]
) -> None:
    version = _release(releases, model)
    _change(releases, version, **change)
    load_model.cache_clear()
    with pytest.raises(ModelError):
        releases.load(version)


def test_another_patch_release_of_the_library_fits(releases: Releases, model: DecisionModel) -> None:
    version = _release(releases, model)
    made = str(releases.manifest(version)["scikit_learn"]).split(".")
    _change(releases, version, scikit_learn=".".join([*made[:2], "99"]))
    assert releases.load(version).version == version


def test_a_file_of_something_else_is_no_model(tmp_path: Path) -> None:
    import hashlib

    import sklearn

    path = tmp_path / "model.joblib"
    joblib.dump({"no": "model"}, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(ModelError):
        load_model(path, digest, FORMAT, sklearn.__version__)


def test_the_first_release_is_used_and_the_next_waits(releases: Releases, model: DecisionModel) -> None:
    first, second = _release(releases, model), _release(releases, model)
    assert releases.add(first, "A") is True
    assert releases.add(second, "A") is False
    assert releases.aliases() == {"A": {"champion": first, "challenger": second}}
    in_use = releases.in_use("A")
    assert in_use is not None
    assert in_use.version == first


def test_promote_and_roll_back_in_one_step_each(releases: Releases, model: DecisionModel) -> None:
    first, second = _release(releases, model), _release(releases, model)
    releases.add(first, "A")
    releases.add(second, "A")
    assert releases.promote(second) == "A"
    assert releases.aliases()["A"] == {"champion": second, "previous": first}
    assert releases.roll_back("A") == first
    assert releases.aliases()["A"] == {"champion": first, "previous": second}
    assert releases.roll_back("A") == second


def test_promoting_what_is_in_use_keeps_the_way_back(releases: Releases, model: DecisionModel) -> None:
    first, second = _release(releases, model), _release(releases, model)
    releases.add(first, "A")
    releases.promote(second)
    releases.promote(second)
    assert releases.aliases()["A"] == {"champion": second, "previous": first}


def test_offices_do_not_touch_each_other(releases: Releases, model: DecisionModel) -> None:
    mine, theirs = _release(releases, model, "A"), _release(releases, model, "Ö/B")
    releases.add(mine, "A")
    releases.add(theirs, "Ö/B")
    assert (releases.champion("A"), releases.champion("Ö/B")) == (mine, theirs)
    with pytest.raises(NotFoundError):
        releases.roll_back("A")


def test_what_does_not_exist_is_not_promoted(releases: Releases, model: DecisionModel) -> None:
    releases.add(_release(releases, model), "A")
    before = releases.aliases()
    with pytest.raises(NotFoundError):
        releases.promote(9)
    assert releases.aliases() == before


def test_damaged_aliases_are_told_not_overwritten(releases: Releases) -> None:
    releases.folder.mkdir()
    path = releases.folder / "aliases.json"
    path.write_text("{", encoding="utf-8")
    with pytest.raises(ModelError, match=r"backup|Sicherung"):
        releases.champion("A")
    assert path.read_text(encoding="utf-8") == "{"


def test_no_name_of_a_letter_is_in_the_file(releases: Releases, model: DecisionModel) -> None:
    version = _release(releases, model)
    loaded = joblib.load(releases.path(version) / "model.joblib")
    joblib.dump(loaded, releases.path(version) / "plain.joblib", compress=0)
    content = (releases.path(version) / "plain.joblib").read_bytes().lower()
    for name in (b"diallo", b"mensah", b"heiratsurkunde"):
        assert name not in content
