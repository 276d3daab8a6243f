# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A running service for tests of pages and API: real HTTP, real store, real reading."""

import json
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import pytest
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI

from router.intake.intake import accept
from router.settings import Settings
from router.store import users
from router.store.jobs import Task
from router.store.store import Store
from router.store.views import LetterState
from router.web.app import create_app
from router.work.desk import Desk

ROOT = Path(__file__).parents[3]
OFFICE = ROOT / "data_samples" / "office"
FACTS = ROOT / "tests" / "register_entry" / "data" / "training_facts.json"
PASSWORD = "sieben Weichen"
ROLES = {"anna": ["mailroom"], "berta": ["admin"], "clara": ["register"]}


@pytest.fixture(scope="session")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Desk of the sample office without a model."""
    folder = tmp_path_factory.mktemp("desk")
    settings = Settings(data=folder, models=folder / "models", readers=1)
    with Desk(settings, office_folder=OFFICE) as desk:
        yield desk


@dataclass
class Web:
    """A running service and people who use it."""

    base: str
    app: FastAPI
    store: Store
    desk: Desk
    settings: Settings
    password: str = PASSWORD
    clients: list[httpx.Client] = field(default_factory=list)

    def client(self, headers: dict[str, str] | None = None, cookies: dict[str, str] | None = None) -> httpx.Client:
        """Return a browser's client: it keeps cookies and says where it comes from."""
        sent = {"origin": self.base, **(headers or {})}
        client = httpx.Client(base_url=self.base, headers=sent, cookies=cookies, timeout=60)
        self.clients.append(client)
        return client

    def signed_in(self, name: str) -> httpx.Client:
        """Return the client of a person who signed in."""
        client = self.client()
        answer = client.post("/signin", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    def take(self, data: bytes, name: str = "brief.txt") -> UUID:
        """Take in an item and return its id."""
        return accept(self.store, data, channel="upload", actor="anna", file_name=name).item_id

    def settle(self) -> None:
        """Read and decide all that waits, as the worker does."""
        for item in self.store.items(100):
            if claim := self.store.claim(item.id, Task.READ):
                self.store.save_reading(claim, self.desk.read(self.store.original(item.id)))
        for letter in self.store.letters(state=LetterState.WAITING, limit=100):
            if claim := self.store.claim(letter.id, Task.DECIDE):
                view = self.store.letter(letter.id)
                self.store.save_decision(claim, self.desk.decide(view.letter, letter.received_at.date()))

    def letter(self, item: UUID) -> UUID:
        """Return the first letter of an item."""
        return self.store.item(item).letters[0]


@pytest.fixture
def settings(store: Store, tmp_path: Path) -> Settings:
    """Small limits, so that large items stay quick."""
    return Settings(data=store.folder, models=tmp_path / "models", max_item_mib=2, readers=1)


@pytest.fixture
def web(store: Store, desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    """The service on a free port of its own; passwords are hashed quickly."""
    monkeypatch.setattr(users, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    for name, roles in ROLES.items():
        store.add_user(name, PASSWORD, roles)
    app = create_app(store, desk, settings)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    running = Web(f"http://127.0.0.1:{listener.getsockname()[1]}", app, store, desk, settings)
    yield running
    for client in running.clients:
        client.close()
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture
def release(desk: Desk) -> Iterator[Path]:
    """A release with training facts and without a model file, in use by nobody."""
    folder = desk.settings.models
    office = desk.office.name
    path = folder / "releases" / "1"
    path.mkdir(parents=True)
    facts = json.loads(FACTS.read_text(encoding="utf-8"))
    (path / "training_facts.json").write_text(json.dumps(facts), encoding="utf-8")
    manifest = {"format": 1, "version": 1, "office": office, "sha256": "0" * 64, "scikit_learn": "1.9"}
    (path / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    yield path
    shutil.rmtree(folder)
