# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The measurement of deciding: who the peer is, how letters are disturbed and moved, what the tables hold."""

import datetime as dt
import json
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from router.deciding.features import LetterFeatures
from router.deciding.textinput import text_input
from router.office.linter import lint
from router.office.office import Office
from training.benchmarks.deciding_peers.ablation import EVIDENCE_VARIANTS, EvidenceLab
from training.benchmarks.deciding_peers.against import compare
from training.benchmarks.deciding_peers.changes import CHANGES, changed_office, post_after
from training.benchmarks.deciding_peers.curve import with_wrong_labels
from training.benchmarks.deciding_peers.disturbed import disturb, disturb_letter
from training.benchmarks.deciding_peers.figures import Ledger, figures_of, share_at
from training.benchmarks.deciding_peers.letters import DATA, OFFICE, Library
from training.benchmarks.deciding_peers.ours import fit_ours
from training.benchmarks.deciding_peers.peer import Peer, plain_words
from training.benchmarks.deciding_peers.picture import write_picture
from training.benchmarks.deciding_peers.textlab import TEXT_VARIANTS, columns_of, field_labels
from training.benchmarks.errors_of_reading import compare as compare_text
from training.benchmarks.machine import describe_machine
from training.benchmarks.memory import PeakMemory, tree_bytes
from training.benchmarks.results import Results
from training.dataset import Labelled
from training.measures import Judged
from training.sample_office.city import City

_LEARN, _UNSEEN = 80, 40


def _quiet(_step: str, _share: float) -> None:
    pass


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    return Library(tmp_path_factory.mktemp("bench"), _quiet)


@pytest.fixture(scope="module")
def learn(library: Library) -> tuple[Labelled, ...]:
    return library.letters(_LEARN, "train")


@pytest.fixture(scope="module")
def unseen(library: Library) -> tuple[Labelled, ...]:
    return library.letters(_UNSEEN, "test")


@pytest.fixture(scope="module")
def city() -> City:
    return City(DATA)


def test_the_peer_is_made_as_its_description_says() -> None:
    parameters = Peer().pipeline.get_params()
    assert parameters["counts__analyzer"] == "word"
    assert parameters["counts__ngram_range"] == (1, 2)
    assert parameters["counts__min_df"] == 0.01
    assert parameters["network__tol"] == 0.01
    assert parameters["network__hidden_layer_sizes"] == (100,)
    assert plain_words("  Az.: 33.2-475 –\nFrau_MÜLLER ") == "az 33 2 475 frau müller"


def test_the_peer_learns_and_ranks() -> None:
    texts = ["Miete und Wohnung", "Wohnung der Mieter", "Semester, Hochschule", "Hochschule: neues Semester"] * 5
    peer = Peer().fit(texts, ["a", "a", "b", "b"] * 5)
    (first, sure), (second, _sure) = peer.rank(["MIETE & WOHNUNG!", "semester hochschule"])
    assert (first, second) == (("a", "b"), ("b", "a"))
    assert 0.5 < sure <= 1.0
    assert peer.rank([]) == []


@pytest.mark.parametrize("rate", [0.02, 0.05, 0.10])
def test_just_the_stated_share_of_characters_is_disturbed(rate: float) -> None:
    # Each "e" is taken for another single sign or lost: every disturbed place can be counted.
    text = ("e" * 9 + " ") * 100
    after = disturb(text, rate, random.Random(1))
    assert 900 - after.count("e") == round(rate * 900)
    assert after.count(" ") == text.count(" ")
    assert disturb(text, rate, random.Random(1)) == after
    assert disturb(text, 0.0, random.Random(1)) == text
    assert disturb("", rate, random.Random(1)) == ""


def test_letters_of_any_script_are_disturbed_as_stated(unseen: Sequence[Labelled]) -> None:
    for entry in unseen[:12]:
        lines = entry.letter.text.replace("\f", "\n").splitlines()
        after = disturb_letter(entry.letter, 0.05, entry.sha256)
        rate = compare_text(lines, after.text).rate
        # A sign that becomes two counts twice as an error of reading.
        assert 0.025 < rate < 0.09
        assert len(after.pages) == len(entry.letter.pages)
        assert disturb_letter(entry.letter, 0.0, "x") is entry.letter


def _judged(*said: tuple[str, float]) -> list[Judged]:
    """Letters that belong to a, with what was said of each."""
    return [Judged("a", (post,), confidence, routed=confidence > 0.5) for post, confidence in said]


def test_the_share_at_an_error_counts_the_surest_and_keeps_equals_together() -> None:
    letters = _judged(*[("a", 0.9)] * 49, ("b", 0.8), *[("a", 0.7)] * 40, *[("b", 0.6)] * 5)
    letters.append(Judged("a", (), 0.0, routed=False))
    found = share_at(letters, 0.02)
    assert (found["hits"], found["n"], found["wrong"]) == (90, 96, 1)
    assert share_at(letters, 0.05)["hits"] == 90
    assert share_at(letters, 0.07)["hits"] == 95
    assert share_at(_judged(("b", 0.9), ("a", 0.9)), 0.02)["hits"] == 0
    assert share_at([], 0.02)["value"] is None
    told = figures_of(letters, promised=True)
    assert (told["routed"]["hits"], told["wrong"]["hits"], told["wrong"]["n"]) == (95, 6, 95)
    low, high = told["right"]["interval"]
    assert low < 89 / 96 < high
    assert "routed" not in figures_of(letters)


def test_rows_are_kept_at_once_and_found_again_only_with_the_same_sizes(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"

    def ledger(letters: int, *, resume: bool) -> Ledger:
        return Ledger(Results(document), "reorganisation", describe_machine(), {"training": letters}, resume=resume)

    figures = figures_of(_judged(("a", 0.9)), promised=True)
    row = dict.fromkeys(("before", "after", "moved_before", "moved_after"), figures)
    ledger(5, resume=False).keep("new post", row)
    kept = json.loads(document.with_suffix(".json").read_text(encoding="utf-8"))
    assert kept["reorganisation"]["rows"]["new post"]["before"]["n"] == 1
    assert "new post" in ledger(5, resume=True)
    assert "new post" not in ledger(6, resume=True)
    assert "new post" not in ledger(5, resume=False)


@pytest.mark.parametrize("name", list(CHANGES))
def test_a_reorganised_office_is_sound_and_its_files_lie_where_the_plan_says(
    name: str, office: Office, city: City, tmp_path: Path
) -> None:
    day = dt.date(2026, 11, 22)
    after = changed_office(city, OFFICE, tmp_path, CHANGES[name])
    assert after.plan is not None
    assert office.plan is not None
    assert {finding.what for finding in lint(after.plan, day)} <= {finding.what for finding in lint(office.plan, day)}
    assert len(after.cases) == len(office.cases)
    moved = [new.post for old, new in zip(office.cases.cases, after.cases.cases, strict=True) if old.post != new.post]
    wanted = {
        "new post": {"33.27"}, "split post": {"33.36"}, "merged posts": {"33.42"}, "moved letter range": {"33.33"},
    }  # fmt: skip
    # A file that had stayed at a post that is gone goes where the plan puts it.
    assert wanted[name] <= set(moved)
    assert len(set(moved) - wanted[name]) < 8
    assert sum(post in wanted[name] for post in moved) > 0.8 * len(moved)


def test_labels_are_translated_as_the_new_plan_and_the_holders_of_files_say(
    library: Library, office: Office, city: City, tmp_path: Path
) -> None:
    truths = library.truths(_UNSEEN, "test")
    assert [post_after(truth, office) for truth in truths] == [truth["post"] for truth in truths]
    stranger: dict[str, Any] = {
        "matter": "familie", "in_case_list": False, "file_reference": None, "surname": "Hartwig", "nationality": "475",
        "received": "2026-11-10",
    }  # fmt: skip
    offices = {name: changed_office(city, OFFICE, tmp_path / name, change) for name, change in CHANGES.items()}
    moved = offices["moved letter range"]
    assert (post_after(stranger, office), post_after(stranger, moved)) == ("33.32", "33.33")
    blue = {**stranger, "matter": "blaue_karte"}
    assert (post_after(blue, office), post_after(blue, offices["new post"])) == ("33.23", "33.27")
    union = {**stranger, "matter": "freizuegigkeit", "surname": "Rossi"}
    assert (post_after(union, office), post_after(union, offices["split post"])) == ("33.35", "33.36")
    merged = {**stranger, "matter": "humanitaer", "surname": "Tesfay", "nationality": "224"}
    assert (post_after(merged, office), post_after(merged, offices["merged posts"])) == ("33.43", "33.42")
    held = next(case for case in offices["new post"].cases.cases if case.post == "33.27")
    named = {**stranger, "in_case_list": True, "file_reference": held.file_reference}
    assert post_after(named, offices["new post"]) == "33.27"
    assert post_after({**named, "matter": "klage"}, offices["new post"]) == "33.10"
    with pytest.raises(ValueError, match="no plan"):
        post_after(stranger, Office())


def test_just_the_stated_share_of_labels_is_wrong(learn: Sequence[Labelled]) -> None:
    noisy = with_wrong_labels(learn, 0.1, 1)
    wrong = sum(new.post != old.post for new, old in zip(noisy, learn, strict=True))
    assert wrong == round(0.1 * len(learn))
    assert with_wrong_labels(learn, 0.0, 1) == list(learn)


def test_every_feature_of_the_text_model_is_of_one_kind(learn: Sequence[Labelled], office: Office) -> None:
    counts = LetterFeatures().counts([text_input(entry.letter, entry.facts, office) for entry in learn[:5]])
    columns = columns_of(counts.shape[1])
    ends = [0, *(places.stop for places in columns.values())]
    assert [places.start for places in columns.values()] == ends[:-1]
    assert ends[-1] == counts.shape[1]
    of = {name: counts[:, places.start : places.stop] for name, places in columns.items()}
    assert all(part.nnz > 0 for part in of.values())
    # Counts are whole numbers; the catalogue's scores and the traits are not.
    assert all(np.all(of[name].data % 1 == 0) for name in ("words", "groups", "subject"))
    assert not np.all(of["catalogue"].data % 1 == 0)
    assert of["traits"].shape[1] == len(text_input(learn[0].letter, learn[0].facts, office).traits)


def test_ours_and_the_peer_are_measured_on_the_same_letters(
    library: Library, learn: Sequence[Labelled], unseen: Sequence[Labelled], tmp_path: Path
) -> None:
    disturbed = library.letters(_UNSEEN, "test", rate=0.1)
    assert [entry.post for entry in disturbed] == [entry.post for entry in unseen]
    row = compare(learn, {0.0: unseen, 0.1: disturbed}, library.office, library.settings, _quiet, timed_letters=3)
    assert set(row["by_rate"]) == {"0", "0.1"}
    clean = row["by_rate"]["0"]
    assert clean["ours"]["n"] == clean["peer"]["n"] == len(unseen)
    assert clean["ours"]["right"]["value"] > clean["peer"]["right"]["value"]
    assert "routed" not in clean["peer"]
    milliseconds = row["milliseconds"]
    assert milliseconds["letters"] == 3
    assert milliseconds["ours"]["mean"] >= milliseconds["deciding"]["mean"] > 0
    assert all(row["fit"][who]["wall"] > 0 for who in ("ours", "peer"))
    document = tmp_path / "benchmarks.md"
    Ledger(Results(document), "peers_public", describe_machine(), {}).keep("train and cal", row)
    text = document.read_text(encoding="utf-8")
    share = clean["ours"]["right"]["value"]
    assert f"| train and cal | 0.0 % | ours | {len(unseen)} | {100 * share:.1f} % (" in text
    assert f"| train and cal | 10.0 % | paperless-ngx's recipe | {len(unseen)} |" in text
    assert f"| right ministry, public inquiries | ≥ 82.0 % | {100 * share:.1f} % | {len(unseen)} | not judged" in text


def test_evidence_is_measured_apart_and_together(
    library: Library, learn: Sequence[Labelled], unseen: Sequence[Labelled], tmp_path: Path
) -> None:
    model = fit_ours(learn, library.office, library.settings, _quiet).model
    lab = EvidenceLab(learn, unseen, library.office, model, seed=1, processes=1, progress=_quiet)
    variants = {variant.name: variant for variant in TEXT_VARIANTS}
    whole, bayes = lab.read(TEXT_VARIANTS[0]), lab.read(variants["naive Bayes alone"])
    assert whole.learned.shape == (len(learn), len(whole.classes))
    assert np.allclose(np.exp(whole.unseen).sum(axis=1), 1)
    assert not np.allclose(whole.unseen, bayes.unseen)
    assert np.isfinite(lab.read(variants["words only"]).unseen).all()
    wanted = (
        "text model alone", "numbers alone", "file: numbers and persons", "plan's rules alone, matter unknown",
        "everything",
    )  # fmt: skip
    rows = {variant.name: lab.figures(variant, whole) for variant in EVIDENCE_VARIANTS if variant.name in wanted}
    right = {name: row["right"]["value"] for name, row in rows.items()}
    assert right["everything"] > max(right["text model alone"], right["numbers alone"])
    assert right["file: numbers and persons"] >= right["plan's rules alone, matter unknown"]
    assert rows["text model alone"]["field"]["value"] >= right["text model alone"]
    ledger = Ledger(Results(tmp_path / "benchmarks.md"), "ablation", describe_machine(), {"training": len(learn)})
    ledger.keep("evidence/everything", rows["everything"])
    ledger.keep("text/naive Bayes alone", {"alone": lab.text_figures(bayes), "together": rows["everything"]})
    text = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert f"| everything | {len(unseen)} | {100 * right['everything']:.1f} % (" in text
    assert "| naive Bayes alone | " in text
    assert len(field_labels(unseen, library.office)) == len(unseen)


def test_memory_of_helpers_counts_and_that_of_a_fork_only_once() -> None:
    before = tree_bytes()
    hold = "block = bytearray(b'x' * 2**26); print('held', flush=True); input()"
    with PeakMemory(seconds=0.02) as memory:
        helper = subprocess.Popen([sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert helper.stdout is not None
        helper.stdout.readline()
        now = tree_bytes()
        helper.communicate(b"\n")
    assert now - before > 2**26
    assert memory.processes >= before
    assert memory.processes < before + 2**28


def test_curve_and_sizes_are_written_and_drawn(tmp_path: Path) -> None:
    figures = figures_of(_judged(*[("a", 0.9)] * 8, ("b", 0.3)), promised=True)
    fit = {"wall": 30.0, "processor": 40.0}
    rows = {f"size/{size}": {"letters": size, "written": size, "wrong_labels": 0.0, "fit": fit, **figures}
            for size in (0, 200)}  # fmt: skip
    rows["wrong/0.1"] = {"letters": 200, "written": 200, "wrong_labels": 0.1, "fit": fit, **figures}
    results = Results(tmp_path / "benchmarks.md")
    ledger = Ledger(results, "learning_curve", describe_machine(), {"training": 200})
    for key, row in rows.items():
        ledger.keep(key, row)
    size = {
        "letters": 50_000, "written": 925, "gather_seconds": 900.0, "load": 0.5, "fit": fit, "steps": {"text": 20.0},
        "memory_gib": {"loaded": 1.0, "itself": 3.0, "together": 4.2}, "model_mb": 40.0, "timed": 300,
        "deciding_ms": {"mean": 4.0, "median": 4.0, "p95": 7.0},
    }  # fmt: skip
    Ledger(results, "training_size", describe_machine(), {}).keep("50000", size)
    text = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert "| 200 | 200 | 9 | 88.9 % (" in text
    assert "| 10.0 % | 200 | 9 | 88.9 % (" in text
    assert "| fitting to 50,000 letters of text | ≤ 300.0 s | 30.0 s | 50000 | met |" in text
    assert (
        "| memory for 50,000 letters, helpers included | ≤ 4.00 GiB | 4.20 GiB | 50000 | **missed** by 0.20 GiB |"
        in text
    )
    assert "| fitting to 5,000 letters in a process of its own | ≤ 60.0 s | – | – | nothing to measure |" in text
    picture = tmp_path / "images" / "learning-curve.png"
    write_picture(ledger.rows, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 100_000
