# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx

    from tests.router.web.conftest import Web

pytestmark = pytest.mark.service

MIB = 2**20


def _problem(answer: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert {"type", "title", "status", "detail", "code", "remedy"} <= body.keys()
    assert (body["status"], body["code"], body["type"]) == (status, code, f"urn:postweiche:problem:{code}")
    return body


def _api(web: Web) -> httpx.Client:
    token = web.store.add_token("anna", ["items:write", "letters:read", "letters:assign"], "Poststelle")
    client = web.client()
    del client.headers["origin"]
    client.headers["authorization"] = f"Bearer {token}"
    return client


def test_a_form_with_a_file_becomes_an_item(web: Web) -> None:
    client = _api(web)
    answer = client.post("/api/v1/items", files={"file": ("brief.txt", b"Guten Tag")})
    assert answer.status_code == 201
    body = answer.json()
    assert answer.headers["location"] == body["href"] == f"/api/v1/items/{body['id']}"
    assert body["known"] is False
    item = client.get(body["href"]).json()
    assert (item["file_name"], item["size"], item["media_type"], item["channel"]) == (
        "brief.txt",
        9,
        "text/plain",
        "api",
    )
    assert item["letters"]
    original = client.get(item["original"])
    assert original.content == b"Guten Tag"
    assert original.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in original.headers["content-security-policy"]


def test_several_files_become_several_items(web: Web) -> None:
    files = [("file", (f"{name}.txt", f"Brief {name}".encode())) for name in "abc"]
    body = _api(web).post("/api/v1/items", files=files).json()
    assert [item["file_name"] for item in body["items"]] == ["a.txt", "b.txt", "c.txt"]
    assert len(web.store.items(10)) == 3


def test_the_body_may_be_the_item_itself(web: Web) -> None:
    mail = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Termin\r\nMessage-ID: <1@b.example>\r\n\r\nGuten Tag\r\n"
    client = _api(web)
    first = client.post("/api/v1/items", content=mail, headers={"content-type": "message/rfc822"})
    assert first.status_code == 201
    assert client.get(first.json()["href"]).json()["channel"] == "mail"
    named = client.post(
        "/api/v1/items",
        content=b"Guten Abend",
        headers={"content-type": "text/plain", "content-disposition": 'attachment; filename="../../abend.txt"'},
    )
    assert client.get(named.json()["href"]).json()["file_name"] == "abend.txt"


def test_the_same_item_is_known(web: Web) -> None:
    client = _api(web)
    first = client.post("/api/v1/items", content=b"Guten Tag").json()
    again = client.post("/api/v1/items", content=b"Guten Tag")
    assert again.status_code == 201
    assert (again.json()["known"], again.json()["id"]) == (True, first["id"])


def test_an_idempotency_key_stands_for_one_item(web: Web) -> None:
    client = _api(web)
    headers = {"idempotency-key": "lauf-7"}
    first = client.post("/api/v1/items", content=b"Guten Tag", headers=headers).json()
    assert client.post("/api/v1/items", content=b"Guten Tag", headers=headers).json()["id"] == first["id"]
    _problem_without_remedy = client.post("/api/v1/items", content=b"Anderes", headers=headers)
    assert _problem_without_remedy.status_code == 409
    files = [("file", ("a.txt", b"a a")), ("file", ("b.txt", b"b b"))]
    _problem(client.post("/api/v1/items", files=files, headers=headers), 422, "usage")


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "unreadable"),
        (b"  \r\n", 422, "unreadable"),
        (bytes(range(256)) * 8, 415, "unsupported"),
        (b"MZ\x90\x00" + bytes(200), 415, "unsupported"),
    ],
)
def test_what_nobody_reads_is_refused_before_it_is_stored(web: Web, data: bytes, status: int, code: str) -> None:
    client = _api(web)
    _problem(client.post("/api/v1/items", content=data), status, code)
    _problem(client.post("/api/v1/items", files={"file": ("x.bin", data)}), status, code)
    assert not web.store.items(10)


def test_too_much_is_refused_by_its_declared_length(web: Web) -> None:
    client = _api(web)
    body = _problem(client.post("/api/v1/items", content=bytes(200 * MIB)), 413, "too_large")
    assert "2 MiB" in str(body["detail"])
    _problem(client.post("/api/v1/items", files={"file": ("gross.pdf", bytes(3 * MIB))}), 413, "too_large")
    assert not web.store.items(10)


def test_too_much_is_refused_while_it_arrives(web: Web) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(40):
            yield b"x" * (MIB // 4)

    _problem(_api(web).post("/api/v1/items", content=pieces()), 413, "too_large")
    assert not web.store.items(10)


def test_a_form_without_file_or_with_a_broken_body_is_refused(web: Web) -> None:
    client = _api(web)
    _problem(client.post("/api/v1/items", files={"anlage": ("a.txt", b"Guten Tag")}), 422, "usage")
    broken = {"content-type": "multipart/form-data; boundary=x"}
    _problem(client.post("/api/v1/items", content=b"--y\r\nkaputt", headers=broken), 422, "usage")
    _problem(client.post("/api/v1/items", content=b"x", headers={"content-type": "multipart/form-data"}), 422, "usage")
    _problem(client.post("/api/v1/items", content=b"x", headers={"content-encoding": "gzip"}), 415, "unsupported")


def test_letters_tell_where_they_go_and_why(web: Web) -> None:
    client = _api(web)
    web.take(b"Herr Muster braucht einen Termin. Aktenzeichen 33.2-475-123456", "termin.txt")
    web.settle()
    listed = client.get("/api/v1/letters", params={"outcome": "review"}).json()
    assert len(listed["letters"]) == 1
    assert listed["next"] is None
    letter = client.get(listed["letters"][0]["href"]).json()
    assert letter["state"] == "review"
    assert {"candidates", "facts", "evidence", "reasons", "threshold", "assignments"} <= letter.keys()
    assert "text" not in letter
    assert "Termin" in client.get(listed["letters"][0]["href"], params={"text": True}).json()["text"]
    picture = client.get(f"{letter['href']}/pages/1")
    assert picture.headers["content-type"] == "image/webp"
    assert picture.content[:4] == b"RIFF"
    assert client.get(f"{letter['href']}/pages/2").status_code == 404


def test_lists_come_in_pages(web: Web) -> None:
    client = _api(web)
    for number in range(5):
        web.take(f"Brief Nummer {number}".encode())
    first = client.get("/api/v1/letters", params={"limit": 2}).json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    assert [len(page["letters"]) for page in (first, second, third)] == [2, 2, 1]
    assert third["next"] is None
    ids = {letter["id"] for page in (first, second, third) for letter in page["letters"]}
    assert len(ids) == 5


def test_a_person_or_program_sends_a_letter_to_a_post(web: Web) -> None:
    client = _api(web)
    letter = web.letter(web.take(b"Guten Tag, ich brauche einen Termin."))
    web.settle()
    path = f"/api/v1/letters/{letter}"
    version = client.get(path).json()["version"]
    refused = client.post(f"{path}/assignment", json={"post": "99.99"})
    assert _problem(refused, 422, "usage")["item"] == "99.99"
    assigned = client.post(f"{path}/assignment", json={"post": "33.21", "version": version})
    assert assigned.status_code == 200, assigned.text
    assert (assigned.json()["post"], assigned.json()["state"]) == ("33.21", "assigned")
    assert assigned.json()["assignments"][-1]["actor"] == "anna"
    stale = client.post(f"{path}/assignment", json={"post": "33.22", "version": version})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")
    assert web.store.letter(letter).summary.post == "33.21"


def test_wrong_requests_are_explained_without_repeating_them(web: Web) -> None:
    client = _api(web)
    secret = "geheimer Inhalt"
    letter = web.letter(web.take(b"Guten Tag"))
    answer = client.post(f"/api/v1/letters/{letter}/assignment", json={"posten": secret})
    body = _problem(answer, 422, "usage")
    assert body["errors"]
    assert secret not in answer.text
    assert client.get("/api/v1/letters/keine-nummer").status_code == 422
    assert client.get("/api/v1/letters", params={"limit": 0}).status_code == 422
    assert client.get("/api/v1/nowhere").headers["content-type"] == "application/problem+json"
    assert client.delete("/api/v1/items").status_code == 405


def test_a_fault_is_answered_with_a_number_and_nothing_else(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def burst(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError("Frau Geheim, geboren 1990")

    client = _api(web)
    monkeypatch.setattr(web.store, "letters", burst)
    answer = client.get("/api/v1/letters")
    body = answer.json()
    assert (answer.status_code, body["code"], body["item"]) == (500, "internal", answer.headers["x-request-id"])
    assert "Geheim" not in answer.text
    page = web.signed_in("anna").get("/review")
    assert page.status_code == 500
    assert page.headers["x-request-id"] in page.text
    assert "Geheim" not in page.text


def test_health_and_metrics(web: Web) -> None:
    client = web.client()
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["database"]) == (200, "ok")
    web.take(b"Guten Tag")
    metrics = web.signed_in("berta").get("/metrics").text
    assert 'postweiche_letters_today{state="waiting"} 1' in metrics


def test_readyz_tells_a_lost_database(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    from router.errors import StorageError

    def lost(_day: dt.date) -> None:
        raise StorageError("no database")

    monkeypatch.setattr(web.store, "counts", lost)
    answer = web.client().get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "storage")
