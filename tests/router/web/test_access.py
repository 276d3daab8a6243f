# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import Mount

from router.store.users import SCOPES
from router.web.access import ANY_SCOPE, PUBLIC_PATHS, SESSION_COOKIE, Require
from router.web.pages.sessions import local_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.router.web.conftest import Web

pytestmark = pytest.mark.service


def _requirements(dependant: Dependant) -> Iterator[Require]:
    for part in dependant.dependencies:
        if isinstance(part.call, Require):
            yield part.call
        yield from _requirements(part)


def _routes(routes: list[object]) -> Iterator[object]:
    for route in routes:
        # FastAPI keeps routers that were included as one route with routes of its own.
        inner = getattr(route, "effective_route_contexts", None)
        if inner is not None:
            yield from (context.original_route for context in inner())
        else:
            yield route


def test_every_route_has_a_role_or_is_public(web: Web) -> None:
    seen = 0
    for route in _routes(list(web.app.routes)):
        assert isinstance(route, APIRoute | Mount), route
        if isinstance(route, Mount):
            assert route.path in PUBLIC_PATHS
            continue
        required = list(_requirements(route.dependant))
        assert required or route.path in PUBLIC_PATHS, f"{route.path} is open to everybody"
        for requirement in required:
            assert requirement.scope is None or requirement.scope in {*SCOPES, ANY_SCOPE}
        seen += 1
    assert seen > 30


def test_pages_send_strangers_to_the_sign_in_and_back(web: Web) -> None:
    client = web.client()
    answer = client.get("/review")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/review")
    answer = client.post("/signin", data={"name": "anna", "password": web.password, "next": "/review"})
    assert answer.headers["location"] == "/review"
    assert client.get("/review").status_code == 200


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(web: Web) -> None:
    answer = web.client().post("/signin", data={"name": "anna", "password": web.password})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}


def test_a_wrong_password_says_so_and_opens_nothing(web: Web) -> None:
    client = web.client()
    answer = client.post("/signin", data={"name": "anna", "password": "falsch falsch"})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert 'role="alert"' in answer.text
    assert "falsch falsch" not in answer.text
    assert client.get("/review").status_code == 303


def test_signing_out_ends_the_session_on_the_server(web: Web) -> None:
    client = web.signed_in("anna")
    token = client.cookies[SESSION_COOKIE]
    assert client.post("/signout").headers["location"] == "/signin"
    again = web.client(cookies={SESSION_COOKIE: token})
    assert again.get("/").status_code == 303


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("anna", "/", 200),
        ("anna", "/training", 403),
        ("anna", "/register", 200),
        ("anna", "/metrics", 403),
        ("berta", "/training", 200),
        ("berta", "/review", 200),
        ("berta", "/metrics", 200),
        ("clara", "/review", 403),
        ("clara", "/register", 200),
        ("clara", "/", 303),
        ("clara", "/api/v1/letters", 403),
        ("clara", "/api/v1/models", 200),
        ("anna", "/api/v1/models", 403),
        ("anna", "/api/v1/trainings", 403),
        ("anna", "/api/v1/openapi.json", 200),
    ],
)
def test_each_role_sees_its_own(web: Web, name: str, path: str, status: int) -> None:
    assert web.signed_in(name).get(path).status_code == status


def test_other_sites_cannot_act_for_a_person(web: Web) -> None:
    client = web.signed_in("anna")
    letter = web.letter(web.take(b"Guten Tag, ich bitte um einen Termin."))
    web.settle()
    path, body = f"/letters/{letter}/assignment", {"choice": "33.01"}
    foreign = [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": web.base, "sec-fetch-site": "cross-site"},
        {"origin": web.base, "sec-fetch-site": "same-site"},
    ]
    for headers in foreign:
        assert client.post(path, data=body, headers=headers).status_code == 403, headers
    bare = web.client(cookies=dict(client.cookies))
    del bare.headers["origin"]
    assert bare.post(path, data=body).status_code == 403
    assert not web.store.letter(letter).assignments
    assert bare.post(path, data=body, headers={"sec-fetch-site": "same-origin"}).status_code == 303
    assert web.store.letter(letter).assignments


def test_other_sites_cannot_sign_a_person_in(web: Web) -> None:
    answer = web.client().post(
        "/signin", data={"name": "anna", "password": web.password}, headers={"origin": "https://evil.example"}
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_name_and_password_do_for_scripts_and_no_browser_is_asked_for_them(web: Web) -> None:
    client = web.client()
    del client.headers["origin"]
    refused = client.get("/api/v1/letters")
    assert refused.status_code == 401
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.headers["content-type"] == "application/problem+json"
    assert client.get("/api/v1/letters", auth=("anna", web.password)).status_code == 200
    assert client.get("/api/v1/letters", auth=("anna", "falsch falsch")).status_code == 401
    posted = client.post("/api/v1/items", auth=("anna", web.password), content=b"Guten Tag")
    assert posted.status_code == 201


@pytest.mark.parametrize("value", ["Basic", "Basic !", "Basic " + base64.b64encode(b"anna").decode(), "Digest x", ""])
def test_broken_credentials_are_refused(web: Web, value: str) -> None:
    answer = web.client().get("/api/v1/letters", headers={"authorization": value})
    assert answer.status_code == 401


def test_tokens_do_what_their_scopes_say(web: Web) -> None:
    token = web.store.add_token("anna", ["letters:read"], "Fachverfahren")
    client = web.client(headers={"authorization": f"Bearer {token}"})
    assert client.get("/api/v1/letters").status_code == 200
    refused = client.post("/api/v1/items", content=b"Guten Tag")
    assert (refused.status_code, refused.json()["item"]) == (403, "items:write")
    assert client.get("/").status_code == 403, "pages are for people"
    assert web.client(headers={"authorization": f"Bearer {token}x"}).get("/api/v1/letters").status_code == 401


def test_a_token_may_no_more_than_its_user(web: Web) -> None:
    token = web.store.add_token("anna", ["trainings:write"], "zu viel")
    assert web.client(headers={"authorization": f"Bearer {token}"}).post("/api/v1/trainings").status_code == 403


def test_a_fragment_sends_the_whole_page_to_the_sign_in(web: Web) -> None:
    answer = web.client().get("/inbox/live", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/signin")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/letters/1?done=2", "/letters/1?done=2"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/x\\..", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nset-cookie: x", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_elsewhere_after_signing_in(target: str, path: str) -> None:
    assert local_path(target) == path


def test_headers_keep_pages_safe(web: Web) -> None:
    for path in ("/signin", "/healthz", "/static/app.css", "/nowhere"):
        headers = web.client().get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert len(headers["x-request-id"]) == 32
    assert web.client().get("/signin").headers["cache-control"] == "no-store"
    assert "immutable" in web.client().get("/static/app.css").headers["cache-control"]
