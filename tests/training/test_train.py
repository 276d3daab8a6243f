# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2

import datetime as dt
import json
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from router.deciding.model import DecisionModel, Releases
from router.errors import ModelError, UsageError
from router.facts.extract import extract, office_words
from router.facts.model import load_facts_model
from router.office.office import Office
from router.records import Letter, LetterKind
from router.settings import load_settings
from router.store.views import StoredLabel
from tests.training.conftest import LEARNED, LETTERS, OFFICE, Trained
from tests.training.plain import plain_history
from training.cache import ReadingCache
from training.content import content_hash
from training.fit import fit_model
from training.history import load_history
from training.letters import Gathered, gather_letters
from training.train import put_in_use, train_office


@pytest.fixture(scope="session")
def again(trained: Trained, office: Office) -> Gathered:
    """The same letters gathered a second time."""
    rows = load_history(trained.history, office)
    cache = trained.settings.data / "cache"
    return gather_letters(trained.settings, office, rows, [], lambda step, share: None, cache_folder=cache)


def _model(trained: Trained) -> DecisionModel:
    return Releases(trained.settings.models).load(1)


def test_the_first_model_of_an_office_is_in_use(trained: Trained, office: Office) -> None:
    releases = Releases(trained.settings.models)
    assert (trained.result.version, trained.result.in_use) == (1, True)
    assert releases.champion(office.name) == 1
    model = releases.in_use(office.name)
    assert model is not None
    assert model.label == "postweiche@1"
    assert model.posts == tuple(office.plan.posts if office.plan else ())


def test_every_letter_counts_in_the_evaluation(trained: Trained) -> None:
    evaluation = trained.result.evaluation
    assert evaluation.n == trained.result.letters == LEARNED
    assert evaluation.data == "cross_fitted"
    assert evaluation.accuracy.value is not None
    assert evaluation.accuracy.value > 0.4
    # Two hundred letters with some errors allow no promise; nothing may be routed on confidence then.
    assert trained.result.promise.threshold is None or trained.result.promise.bound <= 0.02


def test_the_manifest_says_what_the_model_was_made_of(trained: Trained, office: Office) -> None:
    manifest = trained.manifest(1)
    assert manifest["letters"] == LEARNED
    assert manifest["office"] == office.name
    assert manifest["plan_version"] == office.version
    assert len(str(manifest["data_fingerprint"])) == 64
    libraries = manifest["libraries"]
    assert isinstance(libraries, dict)
    assert "scikit-learn" in libraries
    folder = trained.settings.models / "releases" / "1"
    facts = json.loads((folder / "training_facts.json").read_text(encoding="utf-8"))
    assert facts["model"]["sha256"] == manifest["sha256"]
    assert (folder / "evaluation" / "evaluation.html").stat().st_size > 1000


def test_progress_names_known_steps_and_only_grows(trained: Trained) -> None:
    shares = [share for _step, share in trained.steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    order = list(dict.fromkeys(step for step, _share in trained.steps))
    assert order == [
        "checking", "reading", "facts", "features", "text", "evidence", "calibration", "describing", "saving",
        "logging", "done",
    ]  # fmt: skip


def test_mlflow_holds_the_run_with_its_figures_and_artefacts(trained: Trained) -> None:
    # MLflow itself is not imported here: it would set up logging and warnings for all tests that follow.
    assert trained.result.run_id is not None, trained.result.notes
    with closing(sqlite3.connect(trained.settings.models / "mlflow.db")) as database:
        run = (trained.result.run_id,)
        metrics = dict(database.execute("SELECT key, value FROM metrics WHERE run_uuid = ?", run))
        parameters = dict(database.execute("SELECT key, value FROM params WHERE run_uuid = ?", run))
        tags = dict(database.execute("SELECT key, value FROM tags WHERE run_uuid = ?", run))
        status = database.execute("SELECT status FROM runs WHERE run_uuid = ?", run).fetchone()
        aliases = dict(database.execute("SELECT alias, version FROM registered_model_aliases"))
    assert status == ("FINISHED",)
    assert metrics["accuracy"] == pytest.approx(trained.result.evaluation.accuracy.value)
    assert metrics["seconds_text"] > 0
    assert parameters["letters"] == str(LEARNED)
    assert tags["data_fingerprint"] == trained.manifest(1)["data_fingerprint"]
    assert [alias.startswith("champion") for alias in aliases] == [True]
    (artefacts,) = (trained.settings.models / "mlartifacts").glob("*/artifacts")
    assert (artefacts / "plots" / "calibration.png").exists()
    assert (artefacts / "training_facts.json").exists()


def test_an_altered_model_is_refused_and_kept(trained: Trained, tmp_path: Path) -> None:
    source = trained.settings.models / "releases" / "1"
    target = tmp_path / "releases" / "1"
    target.mkdir(parents=True)
    data = bytearray((source / "model.joblib").read_bytes())
    data[len(data) // 2] ^= 1
    (target / "model.joblib").write_bytes(data)
    (target / "manifest.json").write_bytes((source / "manifest.json").read_bytes())
    with pytest.raises(ModelError) as caught:
        Releases(tmp_path).load(1)
    assert caught.value.remedy
    assert (target / "model.joblib").read_bytes() == data


def test_the_same_letters_are_not_read_twice_and_give_the_same_facts(trained: Trained, again: Gathered) -> None:
    assert trained.result.reused == 0
    assert again.reused == LETTERS
    assert len(again.letters) == LEARNED
    assert again.confidential == LETTERS - LEARNED
    assert again.seconds["reading"] + again.seconds["facts"] < (
        trained.result.seconds["reading"] + trained.result.seconds["facts"]
    )
    cache = trained.settings.data / "cache"
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert stat.S_IMODE((cache / "readings.sqlite").stat().st_mode) == 0o600


def test_the_same_letters_and_seed_give_the_same_model(trained: Trained, again: Gathered, office: Office) -> None:
    settings = trained.settings
    fitted = fit_model(
        again.letters, office, version=7, target_error=settings.target_error, certainty=settings.certainty,
        seed=settings.seed, processes=1,
    )  # fmt: skip
    assert content_hash(replace(fitted.model, version=0)) == trained.manifest(1)["content_sha256"]
    assert content_hash(replace(fitted.model, version=0, familiar_above=0.5)) != trained.manifest(1)["content_sha256"]


def test_letters_of_the_service_count_beside_the_history(trained: Trained, office: Office) -> None:
    rows = load_history(trained.history, office)[:4]
    read = gather_letters(trained.settings, office, rows, [], lambda step, share: None).letters
    assert office.plan is not None
    other = next(post for post in office.plan.posts if post != read[0].post)
    day = dt.date(2026, 11, 20)
    labels = [
        StoredLabel(read[0].letter, day, other, None, "upload", "item-1", "corrected", read[0].sha256),
        StoredLabel(read[1].letter, day, "closed long ago", None, "upload", "item-2", "confirmed", "0" * 64),
    ]
    found = gather_letters(trained.settings, office, rows, labels, lambda step, share: None)
    assert found.left_out == 1
    assert len(found.letters) == 4
    by_hash = {entry.sha256: entry for entry in found.letters}
    assert by_hash[read[0].sha256].post == other
    assert by_hash[read[0].sha256].source == "corrected"
    assert by_hash[read[0].sha256].facts.masked_text == read[0].facts.masked_text


def test_what_a_training_did_not_use_leaves_the_cache(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    letter = Letter((), LetterKind.TEXT)
    cache = ReadingCache(folder)
    cache.keep_facts({"a": extract(letter, load_facts_model(), office_words(Office()), dt.date(2026, 1, 1))})
    cache.keep_letters({"b": letter})
    assert cache.letter("b") is None, "what could not be read is tried again"
    cache.close()
    cache = ReadingCache(folder)
    assert cache.drop_unused() == 1
    cache.close()
    (folder / "readings.sqlite").write_bytes(b"no database at all" * 100)
    cache = ReadingCache(folder)
    assert cache.facts("a") is None
    cache.close()


def test_a_later_model_waits_as_challenger_unless_promoted(trained: Trained, office: Office, tmp_path: Path) -> None:
    releases = Releases(tmp_path)
    model = _model(trained)
    made = [replace(model, version=releases.next_version()) for _ in range(3)]
    for entry in made:
        releases.save(entry, {}, {})
    assert put_in_use(releases, made[0], office, promote=False) == (True, None)
    assert put_in_use(releases, made[1], office, promote=False) == (False, None)
    assert releases.aliases()[office.name] == {"champion": 1, "challenger": 2}
    assert put_in_use(releases, made[2], office, promote=True) == (True, None)
    assert releases.aliases()[office.name]["champion"] == 3
    assert releases.aliases()[office.name]["previous"] == 1


@pytest.mark.parametrize("wrong", ["altered", "other posts"])
def test_a_model_that_can_not_be_used_is_replaced_and_that_is_said(
    trained: Trained, office: Office, tmp_path: Path, wrong: str
) -> None:
    releases = Releases(tmp_path)
    model = _model(trained)
    posts = ("1", "2", "3") if wrong == "other posts" else model.posts
    for version in (1, 2):
        assert releases.next_version() == version
        releases.save(replace(model, version=version, posts=posts if version == 1 else model.posts), {}, {})
    releases.add(1, office.name)
    if wrong == "altered":
        with (releases.path(1) / "model.joblib").open("ab") as file:
            file.write(b"x")
    in_use, why = put_in_use(releases, replace(model, version=2), office, promote=False)
    assert in_use
    assert why is not None
    assert "1" in why
    assert releases.champion(office.name) == 2


@pytest.mark.parametrize("count", [0, 6])
def test_too_few_letters_are_an_error_that_leaves_nothing_behind(tmp_path: Path, count: int) -> None:
    settings = load_settings(data=tmp_path / "data", models=tmp_path / "models", readers=1)
    history = plain_history(tmp_path / "mail", count, ("a", "b")) if count else None
    with pytest.raises(UsageError) as caught:
        train_office(settings, OFFICE if not count else None, history)
    assert caught.value.remedy
    releases = settings.models / "releases"
    assert not releases.exists() or not list(releases.iterdir())
    assert not (settings.models / "aliases.json").exists()
