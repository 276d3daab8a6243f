# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.router.web.conftest import Web

pytestmark = pytest.mark.service


@pytest.fixture
def in_use(web: Web, release: Path) -> Web:
    """A service that shares the models folder of the desk, with a release in use."""
    aliases = {web.desk.office.name: {"champion": 1}}
    (web.desk.settings.models / "aliases.json").write_text(json.dumps(aliases), encoding="utf-8")
    return web


def _api(web: Web, name: str = "clara") -> httpx.Client:
    return web.signed_in(name)


def test_without_a_model_there_is_no_entry_and_the_page_says_so(web: Web) -> None:
    client = _api(web)
    assert client.get("/api/v1/register").status_code == 404
    page = client.get("/register")
    assert page.status_code == 200
    assert client.get("/register/7").status_code == 404


def test_the_entry_comes_as_json_and_html(in_use: Web) -> None:
    client = _api(in_use)
    for accept, kind in (
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("application/json;q=0.2, text/html;q=0.9", "text/html; charset=utf-8"),
        ("kaputt;q=x", "application/json"),
    ):
        answer = client.get("/api/v1/register", headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind), accept
    entry = client.get("/api/v1/register/1", headers={"accept": "text/html"}, params={"format": "json"}).json()
    assert entry["view"] == "internal"
    assert entry["fields"]


def test_the_saved_page_needs_nothing_else(in_use: Web) -> None:
    answer = _api(in_use).get("/api/v1/register", params={"format": "html"})
    policy = answer.headers["content-security-policy"]
    assert "style-src 'sha256-" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text
    assert "<link" not in answer.text


def test_an_unchanged_entry_is_not_sent_again(in_use: Web) -> None:
    client = _api(in_use)
    first = client.get("/api/v1/register")
    tag = first.headers["etag"]
    assert tag.startswith('"')
    again = client.get("/api/v1/register", headers={"if-none-match": f'"x", {tag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == tag
    other = client.get("/api/v1/register", headers={"if-none-match": tag}, params={"view": "public"})
    assert other.status_code == 200
    assert other.headers["etag"] != tag


def test_a_named_entry_never_changes(in_use: Web) -> None:
    client = _api(in_use)
    version = client.get("/api/v1/register/1").json()["version"]
    named = client.get("/api/v1/register/1", params={"entry": version})
    assert "immutable" in named.headers["cache-control"]
    assert "immutable" not in client.get("/api/v1/register/1").headers["cache-control"]
    assert client.get("/api/v1/register/1", params={"entry": "0" * 16}).status_code == 404


def test_the_internal_view_is_for_those_who_keep_the_register(in_use: Web) -> None:
    mailroom = _api(in_use, "anna")
    assert mailroom.get("/api/v1/register").json()["view"] == "public"
    assert mailroom.get("/api/v1/register", params={"view": "internal"}).status_code == 403
    assert mailroom.get("/register", params={"view": "internal"}).status_code == 403
    assert mailroom.get("/register").status_code == 200
    keeper = _api(in_use, "berta")
    assert keeper.get("/api/v1/register").json()["view"] == "internal"
    assert keeper.get("/api/v1/register", params={"view": "public"}).json()["view"] == "public"
    internal, public = keeper.get("/register"), keeper.get("/register", params={"view": "public"})
    assert len(internal.text) > len(public.text)
    assert keeper.get("/register/entry.css").headers["content-type"].startswith("text/css")
