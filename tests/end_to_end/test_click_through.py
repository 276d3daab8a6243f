# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a newcomer does on the first day, with the real service and a real browser."""

from __future__ import annotations

import contextlib
import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, FilePayload, Page, expect, sync_playwright

from training.sample_office.build import write_history
from training.sample_office.city import City

pytestmark = [pytest.mark.browser, pytest.mark.service, pytest.mark.timeout(2400)]

ROOT = Path(__file__).parents[2]
INBOX = ROOT / "data_samples" / "inbox"
PASSWORD = "postweiche-demo"
HISTORY_LETTERS = 500
TRAINING_MS = 15 * 60 * 1000
READING_MS = 5 * 60 * 1000
PAGE_MS = 120 * 1000
AT_ONCE = 3


@dataclass(frozen=True)
class Service:
    """The running service."""

    url: str
    data: Path


def _environment(folder: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTWEICHE_")}
    return {
        **kept,
        "POSTWEICHE_DATA": str(folder / "var"),
        "POSTWEICHE_MODELS": str(folder / "models"),
        "POSTWEICHE_OFFICE": str(ROOT / "data_samples" / "office"),
        "POSTWEICHE_HISTORY": str(folder / "history" / "history.csv"),
        "POSTWEICHE_DEMO": "true",
        "POSTWEICHE_PORT": str(port),
        "POSTWEICHE_SPOT_CHECK_SHARE": "0",
        "OMP_NUM_THREADS": "1",
    }


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service as ``make run`` starts it, with a first model from a small history."""
    folder = tmp_path_factory.mktemp("service")
    write_history(City(ROOT / "data_samples"), folder / "history", HISTORY_LETTERS, lambda done, total: None)
    port = _free_port()
    environment = _environment(folder, port)
    program = [str(Path(sys.executable).with_name("postweiche"))]
    trained = subprocess.run(
        [*program, "train", "--json"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert trained.returncode == 0, trained.stderr[-2000:]
    log = (folder / "serve.log").open("wb")
    process = subprocess.Popen([*program, "serve"], cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process, folder / "serve.log")
        yield Service(url, folder / "var")
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(60)
        finally:
            process.kill()
            log.close()
    assert process.returncode == 0, (folder / "serve.log").read_text(encoding="utf-8")[-2000:]


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text(encoding="utf-8")[-2000:]
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        time.sleep(0.3)
    raise AssertionError(f"not ready after five minutes: {log.read_text(encoding='utf-8')[-2000:]}")


expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, or where the distribution has none, the one the set-up installed."""
    path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, service: Service) -> Iterator[Page]:
    """A German window of a small laptop; anything the browser complains about fails the test."""
    context = browser.new_context(base_url=service.url, locale="de-DE", viewport={"width": 1366, "height": 768})
    complaints: list[str] = []
    context.set_default_timeout(PAGE_MS)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _is_complaint(message) else None)
    yield page
    context.close()
    assert not complaints


def _is_complaint(message: ConsoleMessage) -> bool:
    """Tell whether the browser complains; that a refused upload was refused is no complaint."""
    return message.type in ("error", "warning") and "415" not in message.text


def _sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator(".signin__form button").click()
    expect(page.locator(".account__name")).to_have_text(name)


def _truth() -> list[dict[str, str]]:
    with (INBOX / "truth.csv").open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _scans() -> list[dict[str, str]]:
    """Return clean scans of one letter that the service may route by itself."""
    return [
        row
        for row in _truth()
        if row["condition"] in ("scan300", "scan200", "bilevel300")
        and row["review"] == "no"
        and not row["letter"].strip("1")
    ]


def _hard() -> dict[str, str]:
    """Return a letter that can be read and that a person has to decide all the same."""
    readable = ("letter", "scan300", "scan200", "bilevel300", "mail", "form", "skewed", "poor", "fax", "faxfine")
    return next(row for row in _truth() if row["review"] == "yes" and row["post"] and row["condition"] in readable)


def test_the_first_day(page: Page, service: Service) -> None:
    posts = {row["file"]: row["post"] for row in _truth()}
    scans = [row["file"] for row in _scans()]
    hard = _hard()
    assert len(scans) >= 8

    # The mail room drops scans: they arrive without a reload, and some are routed without a person.
    _sign_in(page, "poststelle")
    routed = _drop_until_routed(page, scans, posts)

    # One of them says where it went and why, with the evidence on the page.
    page.locator("tr", has_text=routed).locator("a").click()
    expect(page.locator(".went .post__id")).to_have_text(posts[routed])
    picture = page.locator(".sheet__picture").first
    expect(picture).to_have_js_property("complete", value=True)
    assert picture.evaluate("image => image.naturalWidth") > 500
    evidence = page.locator("a.evidence__link").first
    evidence.click()
    box = page.locator(".mark--on .mark__box").first
    expect(box).to_be_in_viewport()
    sheet, mark = picture.bounding_box(), box.bounding_box()
    assert sheet is not None
    assert mark is not None
    assert sheet["x"] <= mark["x"] + mark["width"] / 2 <= sheet["x"] + sheet["width"]
    assert sheet["y"] <= mark["y"] + mark["height"] / 2 <= sheet["y"] + sheet["height"]

    # A hard one comes to a person, with its reason; the keyboard sends it elsewhere.
    page.goto("/")
    page.locator("#files").set_input_files(INBOX / hard["file"])
    row = page.locator("tr", has_text=hard["file"])
    expect(row.locator(".kern-badge--warning")).to_be_visible(timeout=READING_MS)
    row.locator("a").click()
    expect(page.locator(".why__list li")).not_to_have_count(0)
    page.keyboard.press("2")
    expect(page.locator("#choice-2")).to_be_checked()
    page.keyboard.press("/")
    expect(page.locator("#other")).to_be_focused()
    target = _another_post(page, hard["post"])
    page.locator("#other").fill(target)
    expect(page.locator("[name=choice]:checked")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".notice--success")).to_contain_text(target)
    page.locator(".notice--success a").click()
    expect(page.locator(".went .post__id")).to_have_text(target)
    expect(page.locator(".history").first).to_contain_text("poststelle")
    page.locator(".account__out").click()
    expect(page.locator("#password")).to_be_visible()

    # The administrator trains with the correction, compares, promotes.
    _sign_in(page, "admin")
    page.goto("/training")
    expect(page.locator(".figure-list__value").first).to_have_text("1")
    page.locator("#train").click()
    expect(page.locator("#progress")).to_be_visible()
    expect(page.locator("#promote, .notice--danger")).to_be_visible(timeout=TRAINING_MS)
    expect(page.locator(".notice--danger")).to_have_count(0)
    expect(page.locator("#compare")).to_contain_text("postweiche@2")
    page.locator("#promote").click()
    expect(page.locator("tr", has_text="postweiche@2").locator(".kern-badge--success")).to_be_visible()
    expect(page.locator("#rollback")).to_contain_text("postweiche@1")
    expect(page.locator(".figure-list__value").first).to_have_text("0")

    # The register entry is that of the new model.
    page.goto("/register")
    expect(page.locator(".versions [aria-current]")).to_contain_text("postweiche@2")
    expect(page.locator(".entry h1")).not_to_be_empty()
    expect(page.locator(".entry-marks")).to_contain_text(re.compile(r"Modell\s+2"))
    with page.expect_download() as download:
        page.locator(".downloads__end a[download]").first.click()
    assert download.value.suggested_filename == "register-postweiche-2-internal.json"

    # And back again in one step.
    page.goto("/training")
    page.locator("#rollback").click()
    expect(page.locator("tr", has_text="postweiche@1").locator(".kern-badge--success")).to_be_visible()


def _drop_until_routed(page: Page, scans: list[str], posts: dict[str, str]) -> str:
    """Drop scans, some at a time, until one goes to its post without a person; return its name.

    A model of so few letters promises nothing yet: what goes without a person is what the case list proves.
    """
    for start in range(0, len(scans), AT_ONCE):
        some = scans[start : start + AT_ONCE]
        page.locator("#files").set_input_files([INBOX / name for name in some])
        for name in some:
            row = page.locator("tr", has_text=name)
            expect(row.locator(".kern-badge")).to_be_visible(timeout=READING_MS)
            if row.locator(".kern-badge--success").count() and row.locator(".post__id").inner_text() == posts[name]:
                return name
    raise AssertionError("not one clean scan went to its post without a person")


def _another_post(page: Page, right: str) -> str:
    """Return the right post, or if the service proposes it itself, another one: a correction either way."""
    proposed = page.locator("#choice-1").get_attribute("value")
    return right if proposed != right else "33.00" if right != "33.00" else "33.01"


def test_without_scripts_everything_still_works(browser: Browser, service: Service) -> None:
    context = browser.new_context(base_url=service.url, locale="de-DE", java_script_enabled=False)
    context.set_default_timeout(PAGE_MS)
    page = context.new_page()
    _sign_in(page, "poststelle")
    text = "Guten Tag, wann haben Sie geöffnet?".encode()
    payload: FilePayload = {"name": "ohne-skript.txt", "mimeType": "text/plain", "buffer": text}
    page.locator("#files").set_input_files([payload])
    page.locator(".drop__send").click()
    expect(page.locator(".notice--success")).to_be_visible()
    until = time.monotonic() + READING_MS / 1000
    while page.locator("tr", has_text="ohne-skript.txt").locator("a").count() == 0 and time.monotonic() < until:
        page.reload()
    page.locator("tr", has_text="ohne-skript.txt").locator("a").click()
    page.locator("#other").fill("33.01")
    page.locator("#confirm").click()
    expect(page.locator(".notice--success")).to_contain_text("33.01")
    context.close()


def test_what_cannot_be_read_is_refused_with_a_reason(page: Page) -> None:
    _sign_in(page, "poststelle")
    payloads: list[FilePayload] = [
        {"name": "programm.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ\x90\x00" + bytes(500)},
        {"name": "leer.pdf", "mimeType": "application/pdf", "buffer": b""},
    ]
    page.locator("#files").set_input_files(payloads)
    failed = page.locator(".sending__file--failed")
    expect(failed).to_have_count(2)
    expect(failed.filter(has_text="leer.pdf").locator(".sending__state")).not_to_be_empty()
    failed.first.locator("button").click()
    expect(failed).to_have_count(1)
