# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2

import csv
import datetime as dt
import json
from pathlib import Path

import pytest

from router.deciding.model import Releases
from router.office.office import Office
from router.records import Candidate, Decision, Facts, Letter, LetterKind, Outcome, Reason
from tests.training.conftest import ROOT, Trained
from training.dataset import Labelled
from training.evaluate import Evaluation, evaluate, evaluate_history
from training.evaluation_report import write_report
from training.history import load_history
from training.plots import PLOTS
from training.sample_office.build import write_history
from training.sample_office.city import City

DAY = dt.date(2026, 11, 20)
UNSEEN = 24


def labelled(post: str, channel: str | None = None) -> Labelled:
    return Labelled(Letter((), LetterKind.TEXT), Facts("de"), DAY, post, channel=channel)


def decision(*posts: str, confidence: float = 0.9, routed: bool = True, reasons: tuple[Reason, ...] = ()) -> Decision:
    shares = [confidence] + [0.01] * (len(posts) - 1)
    candidates = tuple(Candidate(post, None, share) for post, share in zip(posts, shares, strict=False))
    outcome = Outcome.ROUTED if routed else Outcome.REVIEW
    return Decision(outcome, candidates, reasons, (), Facts("de"), None, 0.8, "postweiche@1")


def test_the_figures_of_a_handful_of_letters_by_hand(office: Office) -> None:
    assert office.plan is not None
    strays = office.plan.misdirected_post
    assert strays is not None
    first, second, third, fourth = [post for post in office.plan.posts if post != strays][:4]
    cases = [
        (labelled(first, "scan"), decision(first, second)),
        (labelled(first, "scan"), decision(second, first)),
        (
            labelled(second, "mail"),
            decision(third, fourth, second, confidence=0.3, routed=False, reasons=(Reason.LOW_CONFIDENCE,)),
        ),
        (labelled(strays, "mail"), decision(strays, reasons=(Reason.MISDIRECTED,))),
        (labelled(strays), decision(first, strays, routed=False, reasons=(Reason.CONFLICT, Reason.MISDIRECTED))),
        (labelled(third), decision(routed=False, reasons=(Reason.UNREADABLE,))),
    ]  # fmt: skip
    found = evaluate([entry for entry, _ in cases], [made for _, made in cases], office)
    told = found.to_json()
    assert told["n"] == 6
    assert told["accuracy"] == pytest.approx(2 / 6)
    assert told["top3"] == pytest.approx(5 / 6)
    assert told["share_routed"] == pytest.approx(3 / 6)
    assert told["error_among_routed"] == pytest.approx(1 / 3)
    assert told["error_interval"] == [pytest.approx(0.0615, abs=1e-3), pytest.approx(0.7923, abs=1e-3)]
    assert (found.misdirected.hits, found.misdirected.n) == (2, 2)
    assert told["reasons"] == {"low_confidence": 1, "conflict": 1, "misdirected": 1, "unreadable": 1}
    assert found.held == 2
    assert {name: figures.n for name, figures in found.per_channel.items()} == {"mail": 2, "scan": 2, "text": 2}
    assert found.per_channel["scan"].error == 0.5
    assert sum(figures.n for figures in found.per_field.values()) == 6
    assert found.threshold == 0.8


def test_the_error_of_nothing_routed_is_unknown_and_not_zero(office: Office) -> None:
    assert office.plan is not None
    post = next(iter(office.plan.posts))
    found = evaluate([labelled(post)], [decision(post, routed=False, reasons=(Reason.NO_MODEL,))], office)
    assert found.to_json()["error_among_routed"] is None
    assert found.to_json()["error_interval"] is None
    assert found.held == 0


def test_as_many_decisions_as_letters(office: Office) -> None:
    with pytest.raises(ValueError, match="zip"):
        evaluate([labelled("33.00")], [], office)


@pytest.fixture(scope="session")
def unseen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Letters of the test side, and one file nobody can read."""
    target = tmp_path_factory.mktemp("unseen")
    path = write_history(City(ROOT / "data_samples"), target, UNSEEN, lambda done, of: None, side="test")
    (target / "broken.pdf").write_bytes(b"%PDF-1.7 nothing follows")
    with path.open(newline="", encoding="utf-8") as source:
        row = next(csv.DictReader(source))
    with path.open("a", newline="", encoding="utf-8") as out:
        csv.writer(out).writerow(["broken.pdf", "2026-11-20", row["post"], "", "scan", "broken"])
    return path


@pytest.fixture(scope="session")
def evaluation(trained: Trained, office: Office, unseen: Path) -> Evaluation:
    model = Releases(trained.settings.models).load(trained.result.version)
    rows = load_history(unseen, office)
    return evaluate_history(trained.settings, office, model, rows)


def test_unseen_mail_is_decided_better_than_by_chance_and_nothing_is_dropped(evaluation: Evaluation) -> None:
    assert evaluation.n == UNSEEN + 1
    assert evaluation.reasons["unreadable"] >= 1
    # There are some twenty posts; a training on two hundred letters has to find most of them.
    assert evaluation.accuracy.value is not None
    assert evaluation.accuracy.value > 0.4
    assert evaluation.model == "postweiche@1"
    for step in ("reading", "facts", "deciding"):
        assert 0 < evaluation.seconds_per_letter[step] < 30


def test_plan_and_case_list_alone_can_be_evaluated_too(trained: Trained, office: Office, unseen: Path) -> None:
    found = evaluate_history(trained.settings, office, None, load_history(unseen, office)[-4:])
    assert found.n == 4
    assert found.model is None


def test_the_report_is_a_page_with_figures_and_pictures(evaluation: Evaluation, tmp_path: Path) -> None:
    page = write_report(evaluation, tmp_path / "report", target_error=0.02)
    folder = page.parent
    told = json.loads((folder / "evaluation.json").read_text(encoding="utf-8"))
    assert list(told)[:6] == ["accuracy", "top3", "macro_f1", "share_routed", "error_among_routed", "n"]
    assert told["n"] == UNSEEN + 1
    for name in PLOTS:
        assert (folder / name).stat().st_size > 5000
    assert (folder / "calibration.png").read_bytes().startswith(b"\x89PNG")
    text = page.read_text(encoding="utf-8")
    assert "calibration.svg" in text
    assert "postweiche@1" in text
    before = {name: (folder / name).read_bytes() for name in PLOTS}
    write_report(evaluation, folder, target_error=0.02)
    assert {name: (folder / name).read_bytes() for name in PLOTS} == before
