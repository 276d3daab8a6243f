# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
from uuid import UUID

import httpx

from router.records import ProtocolEntry
from tests.router.web.conftest import Web

_CSV = "Datei;Seiten;Nummer\na.txt;3;P-1\nfehlt.pdf;2;P-2\n".encode("cp1252")


def _api(web: Web, *scopes: str) -> httpx.Client:
    token = web.store.add_token("anna", list(scopes), "Scanner")
    client = web.client()
    del client.headers["origin"]
    client.headers["authorization"] = f"Bearer {token}"
    return client


def _overdue(web: Web, name: str = "fehlt.pdf") -> UUID:
    receipt = web.store.receive_protocol(
        name.encode(), [ProtocolEntry(2, name, 2)], channel="upload", actor="anna", missing_after=dt.timedelta()
    )
    web.store.check_protocols()
    return receipt.protocol_id


def test_programs_hand_in_a_protocol_and_see_what_became_of_it(web: Web) -> None:
    client = _api(web, "items:write", "letters:read")
    sent = [("file", ("scans/a.txt", b"Guten Tag")), ("file", ("lauf.csv", _CSV))]
    answer = client.post("/api/v1/items", files=sent)
    assert answer.status_code == 201
    assert [(part["kind"], part["known"]) for part in answer.json()["items"]] == [("item", False), ("protocol", False)]
    web.settle()
    protocol = client.get(answer.json()["items"][1]["href"]).json()
    assert [(entry["result"], entry["pages"], entry["pages_read"]) for entry in protocol["entries"]] == [
        ("too_few_pages", 3, 1), ("waiting", 2, None)
    ]  # fmt: skip
    assert protocol["entries"][0]["item"] == answer.json()["href"]
    assert protocol["not_in_protocol"] == []
    [listed] = client.get("/api/v1/protocols").json()["protocols"]
    assert listed["results"] == {"too_few_pages": 1, "waiting": 1}
    original = client.get(listed["original"])
    assert (original.content, original.headers["content-disposition"][:10]) == (_CSV, "attachment")
    again = client.post("/api/v1/items", content=_CSV).json()
    assert (again["id"], again["known"], again["kind"]) == (listed["id"], True, "protocol")


def test_protocols_need_the_scope_of_letters(web: Web) -> None:
    client = _api(web, "items:write")
    made = client.post("/api/v1/items", content=_CSV).json()
    for address in ("/api/v1/protocols", made["href"], f"{made['href']}/original"):
        assert client.get(address).status_code == 403
    assert _api(web, "letters:read").get(f"/api/v1/protocols/{UUID(int=0)}").status_code == 404


def test_a_mistake_is_told_with_its_line_and_nothing_is_stored(web: Web) -> None:
    rubbish = b"Datei;Seiten\na.pdf;3\nb.pdf;viele\n"
    problem = _api(web, "items:write").post("/api/v1/items", content=rubbish)
    assert problem.status_code == 422
    assert "3" in problem.json()["detail"]
    page = web.signed_in("anna").post("/upload", files={"file": ("lauf.csv", rubbish)})
    assert page.status_code == 422
    assert "Zeile 3: die Seitenzahl fehlt" in page.text
    assert (web.store.items(10), web.store.protocols()) == ([], [])


def test_any_other_table_is_a_letter(web: Web) -> None:
    answer = _api(web, "items:write").post("/api/v1/items", content=b"Name;Ort\nMuster;Stadt\n")
    assert answer.json()["kind"] == "item"
    assert len(web.store.items(10)) == 1


def test_the_letter_says_what_does_not_agree(web: Web) -> None:
    client = web.signed_in("anna")
    item = web.take(b"Herr Muster bittet um einen Termin.", "A.txt")
    client.post("/upload", files={"file": ("lauf.csv", _CSV)})
    web.settle()
    page = client.get(f"/letters/{web.letter(item)}").text
    assert "Laut Scanprotokoll hat die Datei 3 Seiten, gelesen wurde 1." in page
    assert "weisen auf verschiedene Stellen" not in page
    assert "andere Seitenzahl als im Scanprotokoll" in page
    other = web.take(b"Frau Beispiel schreibt.", "anders.txt")
    web.settle()
    assert "Scanprotokoll" not in client.get(f"/letters/{web.letter(other)}").text


def test_missing_files_stand_on_the_page_until_they_are_settled_or_come(web: Web) -> None:
    client = web.signed_in("anna")
    before = client.get("/").text
    assert "missing__file" not in before
    protocol = _overdue(web)
    _overdue(web, "<b>.txt")
    page = client.get("/inbox/live").text
    assert "2 gescannte Dateien fehlen" in page
    assert "fehlt.pdf (2 Seiten) steht im Scanprotokoll und ist nicht angekommen" in page
    assert "<b>.txt" not in page
    address = f"/protocols/{protocol}/entries/2/settled"
    assert address in page
    assert web.signed_in("clara").post(address).status_code == 403
    for _ in range(2):
        assert client.post(address).headers["location"] == "/"
    assert "1 gescannte Datei fehlt" in client.get("/").text
    assert [event.actor for event in web.store.audit_events() if event.event == "protocol:file:settled"] == ["anna"]
    web.take(b"Guten Tag", "<b>.txt")
    web.settle()
    assert "missing__file" not in client.get("/").text
