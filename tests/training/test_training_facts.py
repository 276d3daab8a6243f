# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from register_entry.entry import compose_entry
from register_entry.texts import RegisterTexts
from register_entry.views import as_html
from router.office.office import Office
from router.office.surnames import fold
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.sandbox import ReaderPool
from training.data_facts import names_left
from training.dataset import Labelled, facts_of, fingerprint
from training.exchanges import renaming, swap_countries
from training.fit import Fitted, fit_model
from training.history import load_history, read_history
from training.training_facts import RunInformation, compose_training_facts

STARTED = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def letters(history: Path, office: Office) -> list[Labelled]:
    with ReaderPool(2, Limits(), OcrSettings()) as pool:
        read = read_history(load_history(history, office), pool, 2, lambda done, of: None)
    return facts_of(read, office, 1, lambda done, of: None)


@pytest.fixture(scope="module")
def fitted(letters: list[Labelled], office: Office) -> Fitted:
    return fit_model(letters, office, version=1, target_error=0.02, certainty=0.95, seed=3)


@pytest.fixture(scope="module")
def facts(fitted: Fitted, office: Office, letters: list[Labelled]) -> dict[str, Any]:
    empty = replace(letters[0], facts=replace(letters[0].facts, masked_text=""), sha256="0" * 64)
    return compose_training_facts(
        fitted,
        office,
        [*letters, empty],
        run=RunInformation("run-1", STARTED, STARTED + dt.timedelta(seconds=90), {"reading": 1.5}),
        sample=12,
        baseline_sample=20,
    )


def test_the_facts_are_plain_json(facts: dict[str, Any]) -> None:
    assert json.loads(json.dumps(facts)) == facts


def test_quality_is_what_the_arrays_say(facts: dict[str, Any], fitted: Fitted) -> None:
    quality = facts["quality"]
    assert quality["n"] == len(fitted.used)
    assert quality["accuracy"]["value"] == round(float(fitted.right.mean()), 5)
    assert quality["top3"]["value"] == round(float(fitted.in_three.mean()), 5)
    assert quality["accuracy"]["low"] < quality["accuracy"]["value"] < quality["accuracy"]["high"]
    row = next(row for row in quality["curve"] if row["threshold"] == 0.9)
    above = fitted.eligible & (fitted.confidence >= 0.9)
    assert row["error"]["n"] == int(above.sum()) == round(row["share_routed"]["value"] * len(fitted.used))
    bins = quality["calibration"]["bins"]
    assert sum(entry["right"]["n"] for entry in bins) == len(fitted.used)


def test_a_threshold_decides_what_counts_as_routed(fitted: Fitted, office: Office, letters: list[Labelled]) -> None:
    routed = fitted.eligible & (fitted.confidence >= 0.8)
    promise = replace(fitted.model.promise, threshold=0.8)
    strict = replace(fitted, routed=routed, model=replace(fitted.model, promise=promise))
    composed = compose_training_facts(
        strict, office, letters, run=RunInformation("r", STARTED), sample=0, baseline_sample=0
    )
    assert routed.any()
    assert composed["quality"]["share_routed"]["value"] == round(float(routed.mean()), 5)
    assert composed["quality"]["error_among_routed"]["value"] == round(1 - float(fitted.right[routed].mean()), 5)
    none = replace(
        fitted, routed=np.zeros_like(routed), model=replace(fitted.model, promise=replace(promise, threshold=None))
    )
    composed = compose_training_facts(
        none, office, letters, run=RunInformation("r", STARTED), sample=0, baseline_sample=0
    )
    assert composed["quality"]["share_routed"]["value"] == 0.0
    assert composed["quality"]["error_among_routed"]["value"] is None
    assert composed["quality"]["error_among_routed"]["reason"]


def test_groups_add_up_to_the_whole(facts: dict[str, Any], fitted: Fitted) -> None:
    for kind, cells in facts["slices"].items():
        assert sum(cell["n"] for cell in cells.values()) == len(fitted.used), kind
    assert sum(cell["n"] for cell in facts["units"].values()) == len(fitted.used)
    assert sum(entry["n"] for entry in facts["confusion"]) == int((~fitted.right).sum())
    assert sum(facts["data"]["class_sizes"].values()) == len(fitted.used)


def test_the_data_are_described(facts: dict[str, Any], fitted: Fitted, letters: list[Labelled]) -> None:
    data = facts["data"]
    assert data["n_given"] == len(letters) + 1
    assert data["n"] == len(fitted.used) == len(letters)
    assert data["unreadable"]["n"] == len(letters) + 1
    assert data["fingerprint"] == fingerprint(fitted.used)
    assert data["period"]["start"] == min(entry.received for entry in letters).isoformat()
    assert data["label_sources"]["history"]["value"] == 1.0


def test_the_run_is_described_without_naming_the_machine(facts: dict[str, Any]) -> None:
    run = facts["run"]
    assert run["seconds_total"] == 90.0
    assert {"reading", "text"} <= set(run["seconds"])
    assert run["peak_memory_mib"] > 50
    assert run["libraries"]["scikit-learn"]
    assert facts["model"]["n_parameters"] > 1000
    text = json.dumps(facts)
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() not in text
    assert str(Path.cwd()) not in text


def test_what_was_not_measured_says_so(facts: dict[str, Any]) -> None:
    for missing in (facts["run"]["energy"], facts["baselines"]["by_hand"], facts["baselines"]["previous"]):
        assert missing["value"] is None
        assert missing["reason"]
    assert facts["held_out"] is None


def test_baselines_are_measured_on_the_same_letters(facts: dict[str, Any], fitted: Fitted) -> None:
    posts = [entry.post for entry in fitted.used]
    most = max(posts.count(post) for post in set(posts))
    assert facts["baselines"]["majority"]["value"] == round(most / len(posts), 5)
    assert facts["baselines"]["rules_only"]["accuracy"]["n"] == 20


def test_the_version_before_is_named(
    fitted: Fitted, office: Office, letters: list[Labelled], facts: dict[str, Any]
) -> None:
    later = compose_training_facts(
        fitted, office, letters, run=RunInformation("r", STARTED), previous=facts, sample=0, baseline_sample=0
    )
    assert later["baselines"]["previous"]["version"] == 1
    assert later["baselines"]["previous"]["accuracy"] == facts["quality"]["accuracy"]


def test_no_name_of_a_person_is_in_the_facts(facts: dict[str, Any], office: Office) -> None:
    text = json.dumps(facts, ensure_ascii=False)
    for case in office.cases.cases:
        assert f"{case.given_names} {case.surname}" not in text
    for name in office.caseworker_names.values():
        assert name not in text


def test_names_left_in_masked_texts_are_counted(letters: list[Labelled], office: Office) -> None:
    clean = names_left(letters, office)
    surname = next(case.surname for case in office.cases.cases if case.surname.isalpha() and len(case.surname) > 4)
    leaking = replace(letters[0], facts=replace(letters[0].facts, masked_text=f"Antrag von {surname}"))
    leaked = names_left([*letters[1:], leaking], office)
    assert clean["name_parts_left"]["value"] == 0.0
    assert leaked["name_parts_left"]["value"] > 0
    assert fold(surname) not in json.dumps(leaked)


def test_every_test_of_rights_ran(facts: dict[str, Any]) -> None:
    rights = facts["rights"]
    assert rights["sample"] == 12
    assert rights["names_field"]["value"] <= rights["names"]["value"]
    assert rights["gendered_forms"]["n"] > 0
    for name in ("names", "recognition_errors", "hostile_text"):
        assert 0 <= rights[name]["value"] <= 1, name
        assert rights[name]["n"] > 5


def test_swapping_names_keeps_words_and_first_letters(letters: list[Labelled], office: Office) -> None:
    names = renaming(letters, office, 5)
    changed = 0
    for entry in letters[:40]:
        swapped = names.letter(entry)
        if swapped is None:
            continue
        changed += 1
        assert len(swapped.text.split()) == len(entry.letter.text.split())
        for before, after in zip(entry.letter.text.split(), swapped.text.split(), strict=True):
            # Plans divide work by the first letters, so they stay.
            assert fold(before)[:2] == fold(after)[:2] or not before[0].isalpha()
    assert changed > 20


def test_letters_and_case_list_get_the_same_names(letters: list[Labelled], office: Office) -> None:
    names = renaming(letters, office, 5)
    renamed = names.office(office)
    assert [case.post for case in renamed.cases.cases] == [case.post for case in office.cases.cases]
    assert [case.file_reference for case in renamed.cases.cases] == [case.file_reference for case in office.cases.cases]
    pairs = list(zip(office.cases.cases, renamed.cases.cases, strict=True))
    assert sum(old.surname != new.surname for old, new in pairs) > 0.8 * len(pairs)
    single = next(old.surname for old, new in pairs if old.surname != new.surname and old.surname.isalpha())
    assert names.other(single.upper()) == names.other(single).upper()


def test_swapping_countries_keeps_form_and_legal_group(letters: list[Labelled]) -> None:
    page = letters[0].letter.pages[0]
    text = "Ich bin syrische Staatsangehörige aus Aleppo in Syrien und wohne bei einem französischen Freund der Ukraine"
    words = text.split()
    some = replace(
        letters[0].letter, pages=(replace(page, words=tuple(replace(page.words[0], text=word) for word in words)),)
    )
    rng = random.Random(2)
    after = swap_countries(some, "de", frozenset(), rng)
    assert after is not None
    swapped = [word.text for word in after.pages[0].words]
    changed = {before: now for before, now in zip(words, swapped, strict=True) if before != now}
    assert set(changed) == {"syrische", "Syrien", "französischen"}
    assert changed["syrische"].endswith("e")
    assert changed["französischen"].endswith("en")
    assert swap_countries(some, "de", frozenset({"475", "129"}), rng) is None


def test_the_register_entry_is_composed_from_the_facts(facts: dict[str, Any]) -> None:
    entry = compose_entry(facts, RegisterTexts(name="Probe"))
    assert entry.value("quality")["accuracy"] == facts["quality"]["accuracy"]
    assert np.isclose(entry.value("threshold")["target_error"], 0.02)
    assert "Probe" in as_html(entry, "public", "de")
