# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from __future__ import annotations

import io
from typing import TYPE_CHECKING
from uuid import UUID

import pikepdf
import pytest
from lxml import html

from router.deciding.report import reason_words
from router.records import Reason
from router.store.views import AssignmentSource, LetterState

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.router.web.conftest import Web

pytestmark = pytest.mark.service

LETTER = """Stadt Auenfurt, Ausländerbehörde

Betreff: Ablehnung der Niederlassungserlaubnis

Sehr geehrte Damen und Herren,
ich bitte um einen Termin wegen meiner Niederlassungserlaubnis.
Mit freundlichen Grüßen
Amira Haddad, geboren am 03.04.1991
"""


def _tree(answer: httpx.Response) -> html.HtmlElement:
    """Return a page after checking what no page may hold."""
    assert answer.status_code != 500, answer.text
    tree = html.document_fromstring(answer.text)
    assert tree.xpath("/html/@lang")[0] in ("de", "en")
    assert len(tree.xpath("//h1")) == 1, "one main heading"
    assert not tree.xpath("//*[@style]"), "inline style"
    assert not tree.xpath("//style"), "inline style sheet"
    assert not tree.xpath("//script[not(@src)] | //script[text()]"), "inline script"
    assert not [name for name in tree.xpath("//@*/parent::*/attribute::*") if name.startswith("javascript:")]
    assert not [a for node in tree.iter() if isinstance(node.tag, str) for a in node.attrib if a.startswith("on")]
    for address in tree.xpath("//script/@src | //link/@href | //img/@src"):
        assert address.startswith("/"), address
    for field in tree.xpath("//input[not(@type='hidden')] | //select"):
        named = (
            field.get("aria-label")
            or tree.xpath(f"//label[@for='{field.get('id')}']")
            or field.xpath("ancestor::label")
        )
        assert named, html.tostring(field)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids)), "ids are unique"
    return tree


def _text(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


def _letter(web: Web, text: str = LETTER, name: str = "brief.txt") -> str:
    letter = web.letter(web.take(text.encode(), name))
    web.settle()
    return str(letter)


def test_all_pages_are_well_formed(web: Web, release: Path) -> None:
    client = web.signed_in("berta")
    letter = _letter(web)
    paths = ["/", "/review", f"/letters/{letter}", "/training", "/register", "/register/1", "/nowhere"]
    for language in ("de", "en"):
        client.post("/language", data={"language": language})
        for path in paths:
            answer = client.get(path)
            assert _tree(answer).get("lang") == language, path
    _tree(web.client().get("/signin"))


def test_the_language_is_the_persons_choice_then_the_browsers_then_the_offices(web: Web) -> None:
    def language(client: httpx.Client, accepted: str | None) -> str:
        headers = {"accept-language": accepted} if accepted else {}
        return str(_tree(client.get("/signin", headers=headers)).get("lang"))

    client = web.client()
    assert language(client, None) == "de"
    assert language(client, "en-GB,en;q=0.9") == "en"
    assert language(client, "fr;q=0.9, en;q=0.2, de;q=0.7") == "de"
    assert language(client, "xx;q=kaputt") == "de"
    assert client.post("/language", data={"language": "en", "next": "/signin"}).headers["location"] == "/signin"
    assert language(client, "de") == "en"


def test_the_inbox_shows_what_came_and_what_became_of_it(web: Web) -> None:
    client = web.signed_in("anna")
    assert not _tree(client.get("/")).xpath("//table")
    web.take(LETTER.encode(), "brief.txt")
    waiting = _tree(client.get("/"))
    live = waiting.get_element_by_id("live")
    assert "brief.txt" in _text(live)
    assert live.get("hx-trigger").startswith("every 1s")
    address = live.get("hx-get")
    assert client.get(address).status_code == 204, "nothing has changed"
    web.settle()
    fresh = client.get(address)
    assert fresh.status_code == 200
    assert "/letters/" in fresh.text
    assert "every 4s" in fresh.text
    assert "hx-swap-oob" in fresh.text, "screen readers are told"


def test_the_inbox_says_how_many_decisions_a_promise_needs(web: Web) -> None:
    client = web.signed_in("anna")
    letter = _letter(web)
    assert "Mindestens 149 weitere Schreiben" in _text(_tree(client.get("/")))
    web.store.assign(UUID(letter), "33.21", None, "anna")
    assert "Bisher wurde 1 Schreiben im Dienst entschieden" in _text(_tree(client.get("/")))


def test_the_plain_form_takes_several_files(web: Web) -> None:
    client = web.signed_in("anna")
    files = [("file", (f"{name}.txt", f"Brief {name}".encode())) for name in "abc"]
    answer = client.post("/upload", files=files)
    assert (answer.status_code, answer.headers["location"]) == (303, "/?taken=3")
    assert {item.channel for item in web.store.items(10)} == {"upload"}


def test_the_plain_form_names_each_file_that_was_not_taken(web: Web) -> None:
    client = web.signed_in("anna")
    files = [
        ("file", ("gut.txt", b"Guten Tag")),
        ("file", ("<b>leer</b>.txt", b"   ")),
        ("file", ("programm.exe", b"MZ\x90\x00" + bytes(100))),
    ]
    answer = client.post("/upload", files=files)
    tree = _tree(answer)
    [alert] = tree.xpath("//*[@role='alert' and contains(@class, 'notice')]")
    assert "<b>leer</b>.txt" in _text(alert)
    assert "programm.exe" in _text(alert)
    assert [item.file_name for item in web.store.items(10)] == ["gut.txt"]
    assert client.post("/upload", files={"file": ("gross.txt", b"x" * (3 * 2**20))}).status_code == 413
    assert client.post("/upload", files={"file": ("", b"")}).status_code == 422


def test_a_letter_page_shows_candidates_reasons_and_evidence_on_the_page(web: Web) -> None:
    letter = _letter(web)
    tree = _tree(web.signed_in("anna").get(f"/letters/{letter}"))
    view = web.store.letter(web.letter(web.store.items(1)[0].id))
    assert view.decision is not None
    choices = tree.xpath("//input[@name='choice']/@value")
    assert choices == [candidate.post for candidate in view.decision.candidates]
    assert tree.xpath("//input[@name='choice' and @checked]/@value") == choices[:1]
    assert len(tree.xpath("//*[@class='why__list']/li")) == len(view.decision.reasons) > 0
    sheet = tree.xpath("//*[local-name()='svg' and contains(@class, 'sheet__marks')]")[0]
    page = view.letter.pages[0]
    assert sheet.get("viewbox", sheet.get("viewBox")) == f"0 0 {round(page.width, 1)} {round(page.height, 1)}"
    placed = [evidence for evidence in view.decision.evidence if evidence.box is not None]
    assert placed
    for evidence in placed:
        assert evidence.why in _text(tree)
    for link in tree.xpath("//a[contains(@class, 'evidence__link')]/@href"):
        assert tree.get_element_by_id(link.removeprefix("#")) is not None
    assert "Haddad" in _text(tree)
    assert len(tree.xpath("//datalist/option")) == 24


def test_a_confidential_letter_shows_for_whom_it_is_and_nothing_it_says(web: Web) -> None:
    text = LETTER.replace("\n\nBetreff", "\nz. Hd. Frau Meyer\n- persönlich/vertraulich -\n\nBetreff", 1)
    letter = _letter(web, text)
    anna = web.signed_in("anna")
    tree = _tree(anna.get(f"/letters/{letter}"))
    shown = _text(tree)
    for words in ("Haddad", "Niederlassungserlaubnis", "1991"):
        assert words not in shown.replace("Niederlassungserlaubnis, Daueraufenthalt-EU", "")
    assert "Meyer" in shown
    assert tree.xpath("//input[@name='choice']/@value")
    assert not tree.xpath("//*[@class='candidate__sure']")
    assert reason_words(Reason.CONFIDENTIAL) in shown or "vertraulich" in shown
    told = anna.get(f"/api/v1/letters/{letter}", params={"text": "true"}).text
    assert "Haddad" not in told
    picture = anna.get(f"/api/v1/letters/{letter}/pages/1")
    assert picture.status_code == 200


def test_a_contradiction_names_both_posts(web: Web) -> None:
    first, second = web.desk.office.cases.cases[:2]
    assert first.post != second.post
    text = LETTER.replace("Amira Haddad, geboren am 03.04.1991", "").replace(
        "\n\nBetreff", f"\n\nUnser Zeichen / Ihr Zeichen: {first.file_reference}\nIhr Aktenzeichen: "
        f"{second.file_reference}\n\nBetreff", 1,
    )  # fmt: skip
    shown = _text(_tree(web.signed_in("anna").get(f"/letters/{_letter(web, text)}")))
    assert f"{first.file_reference} → {first.post}" in shown
    assert f"{second.file_reference} → {second.post}" in shown


def test_names_of_files_and_words_of_letters_are_only_shown(web: Web) -> None:
    evil = '<script>alert("x")</script>.txt'
    letter = _letter(web, LETTER.replace("Amira", "<img src=x onerror=alert(1)>"), evil)
    client = web.signed_in("anna")
    for path in ("/", "/review", f"/letters/{letter}"):
        tree = _tree(client.get(path))
        assert not tree.xpath("//img[@src='x']")
    download = client.get(f"/items/{web.store.items(1)[0].id}/original")
    assert "<" not in download.headers["content-disposition"]


def test_html_mail_is_never_shown_as_html(web: Web) -> None:
    mail = (
        b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Termin\r\nMessage-ID: <2@b.example>\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n"
        b"<p>Guten Tag</p><script>alert(1)</script><img src='https://evil.example/x.png'>\r\n"
    )
    item = web.take(mail, "mail.eml")
    web.settle()
    client = web.signed_in("anna")
    answer = client.get(f"/letters/{web.letter(item)}")
    _tree(answer)
    assert "evil.example" not in answer.text
    original = client.get(f"/items/{item}/original")
    assert original.headers["content-type"] == "application/octet-stream"


def test_an_encrypted_letter_waits_for_a_person_with_its_reason(web: Web) -> None:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(user="geheim", owner="geheim"))
    item = web.take(out.getvalue(), "gesperrt.pdf")
    web.settle()
    view = web.store.letter(web.letter(item))
    assert view.summary.state is LetterState.REVIEW
    assert Reason.ENCRYPTED in view.summary.reasons
    client = web.signed_in("anna")
    tree = _tree(client.get(f"/letters/{web.letter(item)}"))
    reasons = [_text(node) for node in tree.xpath("//*[@class='why__list']/li")]
    assert reasons == [reason_words(reason) for reason in (Reason.ENCRYPTED,)]
    assert not tree.xpath("//input[@name='choice']"), "nothing was read, so nothing is suggested"
    assert not _tree(client.get("/review")).xpath("//*[@class='sure']")
    assert client.get(f"/items/{item}/original").content == out.getvalue()
    answer = client.post(f"/letters/{web.letter(item)}/assignment", data={"other": "33.00"})
    assert answer.status_code == 303


def test_one_click_confirms_and_goes_on_to_the_next_letter(web: Web) -> None:
    first, second = _letter(web), _letter(web, LETTER.replace("Niederlassungserlaubnis", "Einbürgerung"))
    client = web.signed_in("anna")
    tree = _tree(client.get(f"/letters/{first}"))
    form = tree.get_element_by_id("decide")
    answer = client.post(form.get("action"), data=dict(form.form_values()))
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/letters/{second}?done={first}"
    summary = web.store.letters(limit=5)
    confirmed = next(letter for letter in summary if str(letter.id) == first)
    assert confirmed.state is LetterState.ASSIGNED
    assert web.store.letter(confirmed.id).assignments[-1].source is AssignmentSource.CONFIRMED
    following = _tree(client.get(answer.headers["location"]))
    assert f"/letters/{first}" in following.xpath("//*[@role='status']//a/@href")
    form = following.get_element_by_id("decide")
    last = client.post(form.get("action"), data=dict(form.form_values()))
    assert last.headers["location"] == f"/review?done={second}"


@pytest.mark.parametrize("typed", ["33.71", "33.71 · Einbürgerung A–L · Frau Demir", "frau demir", "einbürgerung a–l"])
def test_another_post_is_found_by_number_matter_or_name(web: Web, typed: str) -> None:
    letter = _letter(web)
    answer = web.signed_in("anna").post(f"/letters/{letter}/assignment", data={"choice": "33.01", "other": typed})
    assert answer.status_code == 303
    view = web.store.letter(web.letter(web.store.items(1)[0].id))
    assert view.summary.post == "33.71"
    assert view.assignments[-1].source is AssignmentSource.CORRECTED


@pytest.mark.parametrize(
    "data", [{"other": "Humanitär"}, {"other": "Herr Niemand"}, {"choice": ""}, {"choice": "99.99"}, {}]
)
def test_what_fits_no_single_post_is_asked_again(web: Web, data: dict[str, str]) -> None:
    letter = _letter(web)
    answer = web.signed_in("anna").post(f"/letters/{letter}/assignment", data=data)
    assert answer.status_code == 422
    tree = _tree(answer)
    assert tree.xpath("//*[@role='alert' and contains(@class, 'notice')]")
    assert tree.get_element_by_id("other").get("value") == data.get("other", "")
    assert not web.store.letter(web.letter(web.store.items(1)[0].id)).assignments


def test_two_people_do_not_decide_over_each_other(web: Web) -> None:
    letter = _letter(web)
    anna, berta = web.signed_in("anna"), web.signed_in("berta")
    version = _tree(anna.get(f"/letters/{letter}")).xpath("//input[@name='version']/@value")[0]
    assert berta.post(f"/letters/{letter}/assignment", data={"choice": "33.21", "version": version}).status_code == 303
    answer = anna.post(f"/letters/{letter}/assignment", data={"choice": "33.22", "version": version})
    assert answer.status_code == 409
    assert "33.21" in _text(_tree(answer))
    assert web.store.letter(web.letter(web.store.items(1)[0].id)).summary.post == "33.21"


def test_a_decided_letter_can_be_sent_elsewhere(web: Web) -> None:
    letter = _letter(web)
    client = web.signed_in("anna")
    client.post(f"/letters/{letter}/assignment", data={"choice": "33.21"})
    tree = _tree(client.get(f"/letters/{letter}"))
    assert not tree.xpath("//input[@name='choice' and @checked]")
    answer = client.post(f"/letters/{letter}/assignment", data={"other": "33.22"})
    assert answer.headers["location"] == f"/letters/{letter}?done={letter}"
    assert "33.22" in _text(_tree(client.get(answer.headers["location"])))


def test_training_starts_once(web: Web) -> None:
    client = web.signed_in("berta")
    assert client.get("/training/progress").headers["hx-refresh"] == "true"
    assert client.post("/training").headers["location"] == "/training"
    tree = _tree(client.get("/training"))
    assert tree.get_element_by_id("progress").get("hx-get") == "/training/progress"
    assert client.get("/training/progress").status_code == 200
    again = client.post("/training")
    assert again.status_code == 409
    _tree(again)
    api = client.post("/api/v1/trainings")
    assert (api.status_code, api.json()["code"]) == (409, "conflict")
    listed = client.get("/api/v1/trainings").json()
    assert [training["state"] for training in listed] == ["queued"]
    assert client.get(listed[0]["href"]).json()["id"] == listed[0]["id"]


def test_what_people_decided_counts_as_new(web: Web) -> None:
    first, second = _letter(web), _letter(web, LETTER + "\nP.S.")
    client = web.signed_in("berta")
    tree = _tree(client.get(f"/letters/{first}"))
    client.post(f"/letters/{first}/assignment", data={"choice": tree.xpath("//input[@name='choice']/@value")[0]})
    client.post(f"/letters/{second}/assignment", data={"choice": "33.72"})
    values = [_text(node) for node in _tree(client.get("/training")).xpath("//*[@class='figure-list__value']")]
    assert values == ["1", "1", "0"]


def test_models_are_listed_and_only_sound_ones_promoted(web: Web, release: Path) -> None:
    client = web.signed_in("berta")
    listed = client.get("/api/v1/models").json()["models"]
    assert [(model["version"], model["in_use"]) for model in listed] == [(1, False)]
    refused = client.post("/api/v1/models/1/promote")
    assert (refused.status_code, refused.json()["code"]) == (503, "model"), "its file is missing"
    assert web.desk.releases.champion(web.desk.office.name) is None
    page = client.post("/training/promote", data={"version": 1})
    assert page.status_code == 503
    assert _tree(page).xpath("//*[@role='alert' and contains(@class, 'notice')]")
    assert client.post("/api/v1/models/7/promote").status_code == 404
    assert client.post("/api/v1/models/rollback").status_code == 404
    assert client.post("/training/rollback").status_code == 404
