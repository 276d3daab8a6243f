# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from uuid import UUID

import pytest
from pydantic import SecretStr

from router.settings import PREFIX, Settings, load_settings
from router.store.store import Store
from router.store.views import TrainingState, TrainingView
from router.work.training import Trainer, settings_environment

Train = Callable[..., TrainingView]


@pytest.fixture
def train(store: Store, settings: Settings, tmp_path: Path) -> Train:
    """Run a training whose child does what a script says."""

    def run(
        script: str, *, meanwhile: Callable[[UUID], object] | None = None, longest_seconds: float = 60.0
    ) -> TrainingView:
        program = tmp_path / "child.py"
        program.write_text("import json, os, subprocess, sys, time\n" + script, encoding="utf-8")
        view = store.request_training("admin")
        trainer = Trainer(store, settings, command=(sys.executable, str(program)), longest_seconds=longest_seconds)
        thread = Thread(target=trainer.train, args=(view.id,))
        thread.start()
        if meanwhile is not None:
            meanwhile(view.id)
        thread.join(60)
        assert not thread.is_alive()
        return store.training(view.id)

    return run


def _say(**told: object) -> str:
    return f"print({json.dumps(json.dumps(told))}, flush=True)\n"


def test_progress_and_result(store: Store, train: Train) -> None:
    seen = set()

    def look(training_id: UUID) -> None:
        end = time.monotonic() + 30
        while (view := store.training(training_id)).state is not TrainingState.DONE and time.monotonic() < end:
            seen.add((view.state, view.step, view.share))
            time.sleep(0.02)

    script = (
        _say(step="reading", share=0.25) + "time.sleep(0.5)\n" + _say(step="fitting", share=0.75) + "time.sleep(0.5)\n"
    )
    view = train(script + _say(version=4, in_use=False, result={"accuracy": 0.9}), meanwhile=look)
    assert (view.state, view.version, view.share, view.error) == (TrainingState.DONE, 4, 1.0, None)
    assert view.result == {"accuracy": 0.9, "in_use": False}
    assert {(TrainingState.RUNNING, "reading", 0.25), (TrainingState.RUNNING, "fitting", 0.75)} <= seen


def test_child_knows_training_and_settings(store: Store, train: Train) -> None:
    view = train(
        "print(json.dumps({'version': 1, 'result': {'args': sys.argv[1:], 'data': os.environ['POSTWEICHE_DATA']}}))"
    )
    assert view.result == {"args": ["--training-id", str(view.id)], "data": str(store.folder), "in_use": False}


def test_error_is_told(train: Train) -> None:
    view = train(_say(error={"code": "usage", "what": "Too few letters", "remedy": "decide more"}) + "sys.exit(64)")
    assert (view.state, view.error) == (TrainingState.FAILED, "Too few letters → decide more")
    assert view.result == {"error": {"code": "usage", "what": "Too few letters", "remedy": "decide more"}}


@pytest.mark.parametrize(
    "script", ["sys.exit(1)", "os.kill(os.getpid(), 9)", "print('{')", "print('[1]')", "1/0", _say(share="x")]
)
def test_child_that_breaks_off(store: Store, train: Train, script: str) -> None:
    view = train(script)
    assert view.state is TrainingState.FAILED
    assert view.error
    store.request_training("admin")


def _runs(status: Path) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_cancelling_ends_the_child_and_what_it_started(store: Store, train: Train, tmp_path: Path) -> None:
    script = (
        "p = subprocess.Popen(['sleep', '600'])\n"
        "open(os.path.join(os.path.dirname(__file__), 'pid'), 'w').write(str(p.pid))\n"
    )

    def cancel(training_id: UUID) -> None:
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.02)
        store.cancel_training(training_id, "admin")

    start = time.monotonic()
    view = train(script + "time.sleep(600)", meanwhile=cancel)
    assert view.state is TrainingState.CANCELLED
    assert time.monotonic() - start < 20
    status = Path(f"/proc/{(tmp_path / 'pid').read_text()}/stat")
    until = time.monotonic() + 10.0  # a busy machine takes a moment to end what was killed
    while _runs(status) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _runs(status)


def test_training_that_takes_too_long_is_ended(train: Train) -> None:
    view = train(_say(step="reading") + "time.sleep(600)", longest_seconds=0.5)
    assert view.state is TrainingState.FAILED


def test_training_that_was_cut_off_again_and_again_is_given_up(store: Store, settings: Settings) -> None:
    view = store.request_training("admin")
    for _ in range(3):
        store.claim_training(view.id)
    Trainer(store, settings, command=("false",)).train(view.id)
    assert store.training(view.id).state is TrainingState.FAILED


def test_settings_reach_the_child(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings(
        data=tmp_path, office=Path("office"), database_url=SecretStr("postgresql://x:secret@h/n"), readers=3
    )
    for name, value in settings_environment(settings).items():
        assert name.startswith(PREFIX)
        monkeypatch.setenv(name, value)
    there = load_settings()
    assert there.data == tmp_path
    assert there.office == Path("office").absolute()
    assert there.readers == 3
    assert there.database_url is not None
    assert there.database_url.get_secret_value() == "postgresql://x:secret@h/n"
