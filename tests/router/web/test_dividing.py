# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Splitting and joining by people and programs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

import pytest
from lxml import html
from playwright.sync_api import expect, sync_playwright

from router.records import Letter, LetterKind, Page, PageSource, Reading
from router.store.jobs import Task
from router.store.views import ItemPage, LetterState
from router.web.access import SESSION_COOKIE
from router.web.strip import strip_of

if TYPE_CHECKING:
    import httpx

    from tests.router.web.conftest import Web

pytestmark = pytest.mark.service


def _batch(web: Web, *groups: list[int], scores: dict[int, float] | None = None) -> UUID:
    """Take in an item and have it read as letters of the pages given."""
    words = web.desk.read(b"Guten Tag, ich brauche einen Termin.").letters[0].pages[0].words
    item = web.take(uuid4().hex.encode(), "stapel.txt")
    claim = web.store.claim(item, Task.READ)
    assert claim is not None
    pages = {n: Page(n, 595, 842, PageSource.TEXT, words) for group in groups for n in group}
    for number, score in (scores or {}).items():
        pages[number] = replace(pages[number], start_score=score)
    letters = tuple(Letter(tuple(pages[n] for n in group), LetterKind.TEXT) for group in groups)
    web.store.save_reading(claim, Reading(letters, "text/plain", max(pages)))
    web.settle()
    return item


def _pages(web: Web, item: UUID) -> list[tuple[int, ...]]:
    return [web.store.letter(letter).summary.pages for letter in web.store.item(item).letters]


def _tree(answer: httpx.Response) -> html.HtmlElement:
    return html.document_fromstring(answer.text)


def _text(node: html.HtmlElement) -> str:
    return " ".join(node.text_content().split())


def _form(tree: html.HtmlElement) -> html.HtmlElement:
    [form] = tree.xpath("//form[contains(@action, '/items/')]")
    return form


def _send(client: httpx.Client, form: html.HtmlElement) -> httpx.Response:
    fields: dict[str, list[str]] = {}
    for name, value in form.form_values():
        fields.setdefault(name, []).append(value)
    return client.post(form.get("action"), data=fields)


def _api(web: Web, *scopes: str) -> httpx.Client:
    client = web.client()
    del client.headers["origin"]
    client.headers["authorization"] = f"Bearer {web.store.add_token('anna', scopes, 'Poststelle')}"
    return client


def test_a_program_divides_an_item(web: Web) -> None:
    item = _batch(web, [1, 2, 3, 4], scores={3: 0.8})
    client = _api(web, "letters:assign", "letters:read")
    letter = client.get(f"/api/v1/letters/{web.letter(item)}").json()
    assert letter["suggested_starts"] == [{"page": 3, "score": 0.8}]
    body = {"starts": [1, 3], "seen": [1]}
    answer = client.post(f"/api/v1/items/{item}/letters", json=body)
    assert answer.status_code == 200, answer.text
    assert [(letter["pages"], letter["state"]) for letter in answer.json()["letters"]] == [
        ([1, 2], "waiting"),
        ([3, 4], "waiting"),
    ]
    assert client.post(f"/api/v1/items/{item}/letters", json=body).json() == answer.json(), "repeating is harmless"
    web.settle()
    assert "suggested_starts" not in client.get(answer.json()["letters"][1]["href"]).json()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"starts": [1, 9]}, 422),
        ({"starts": [1, 2, 2]}, 422),
        ({"starts": [2]}, 422),
        ({"starts": []}, 422),
        ({"starts": [0, 1]}, 422),
        ({"starts": ["eins"]}, 422),
        ({"begin": [1]}, 422),
        ({"starts": [1, 2], "seen": [1, 3]}, 409),
    ],
)
def test_what_can_not_be_meant_is_explained_and_changes_nothing(
    web: Web, body: dict[str, list[int]], status: int
) -> None:
    item = _batch(web, [1, 2, 3])
    answer = _api(web, "letters:assign").post(f"/api/v1/items/{item}/letters", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["remedy"]
    assert _pages(web, item) == [(1, 2, 3)]


def test_unread_and_unknown_items_and_missing_rights(web: Web) -> None:
    unread = web.take(b"Guten Tag")
    client = _api(web, "letters:assign")
    answer = client.post(f"/api/v1/items/{unread}/letters", json={"starts": [1]})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert client.post(f"/api/v1/items/{uuid4()}/letters", json={"starts": [1]}).status_code == 404
    assert _api(web, "letters:read").post(f"/api/v1/items/{unread}/letters", json={"starts": [1]}).status_code == 403
    assert web.signed_in("clara").post(f"/items/{unread}/letters").status_code == 403


def test_suggestions_are_ticked_and_take_effect_when_confirmed(web: Web) -> None:
    item = _batch(web, [1, 2, 3, 4], scores={2: 0.3, 3: 0.84})
    client = web.signed_in("anna")
    tree = _tree(client.get(f"/letters/{web.letter(item)}"))
    assert "Ab Seite 3 beginnt wahrscheinlich ein neues Schreiben (84 %)" in _text(tree)
    form = _form(tree)
    assert form.xpath(".//input[@type='checkbox']/@value") == ["2", "3", "4"]
    assert form.xpath(".//input[@type='checkbox' and @checked]/@value") == ["3"]
    assert _pages(web, item) == [(1, 2, 3, 4)], "nothing is cut by itself"
    answer = _send(client, form)
    assert _pages(web, item) == [(1, 2), (3, 4)]
    first, second = web.store.item(item).letters
    assert answer.headers["location"] == f"/letters/{first}?divided=true"
    shown = _tree(client.get(answer.headers["location"]))
    assert "besteht jetzt aus 2 Schreiben" in _text(shown)
    progress = shown.xpath("//@hx-get")
    assert progress == [f"/letters/{first}/progress"]
    assert "hx-refresh" not in client.get(progress[0]).headers
    web.settle()
    assert client.get(progress[0]).headers["hx-refresh"] == "true"
    [waiting] = _tree(client.get("/review")).xpath(f"//a[@href='/letters/{second}' and not(contains(@class, 'btn'))]")
    assert _text(waiting) == "stapel.txt, Schreiben 2"


@pytest.mark.browser
def test_key_s_opens_the_strip_and_it_says_what_comes_of_the_ticks(web: Web) -> None:
    item = _batch(web, [1, 2, 4], scores={4: 0.9})
    cookie = web.signed_in("anna").cookies[SESSION_COOKIE]
    path = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        context = browser.new_context(base_url=web.base, locale="de-DE")
        context.add_cookies([{"name": SESSION_COOKIE, "value": cookie, "url": web.base}])
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"/letters/{web.letter(item)}")
        page.locator("#other").press_sequentially("s")
        expect(page.locator("#divide-confirm")).to_be_hidden()
        page.locator("#other").fill("")
        page.locator("#choice-1, h1").first.click()
        page.keyboard.press("s")
        tick = page.locator(".strip__start--suggested input")
        expect(tick).to_be_focused()
        expect(page.locator("#divide-result")).to_have_text("ergibt 2 Schreiben: Seiten 1–2, 4")
        page.keyboard.press("Space")
        expect(page.locator("#divide-result")).to_have_text("ergibt ein Schreiben aus allen Seiten")
        page.locator(".strip__tick[value='2']").check()
        page.locator("#divide-confirm").click()
        expect(page.locator(".notice--success")).to_contain_text("2 Schreiben")
        web.settle()
        expect(page.locator("#decide")).to_be_visible()
        browser.close()
    assert _pages(web, item) == [(1,), (2, 4)]
    assert complaints == []


def test_joining_leads_from_the_letter_that_is_gone_to_the_one_before(web: Web) -> None:
    item = _batch(web, [1, 2], [4])
    first, second = web.store.item(item).letters
    client = web.signed_in("anna")
    form = _form(_tree(client.get(f"/letters/{second}")))
    [tick] = form.xpath(".//input[@type='checkbox' and @value='4']")
    assert tick.get("checked") is not None
    del tick.attrib["checked"]
    assert _send(client, form).headers["location"] == f"/letters/{first}?divided=true"
    assert _pages(web, item) == [(1, 2, 4)]
    for answer in (
        client.get(f"/letters/{second}"),
        client.post(f"/letters/{second}/assignment", data={"choice": "33.21", "version": "2"}),
        _send(client, form),
    ):
        assert (answer.status_code, answer.headers["location"].partition("?")[0]) == (303, f"/letters/{first}")
    assert client.get(f"/letters/{second}/progress").headers["hx-refresh"] == "true"
    assert "zusammengefügt" in client.get(f"/letters/{first}?joined=true").text
    assert client.get(f"/letters/{uuid4()}").status_code == 404


def test_two_people_do_not_divide_over_each_other(web: Web) -> None:
    item = _batch(web, [1, 2, 3], scores={2: 0.9})
    client = web.signed_in("anna")
    form = _form(_tree(client.get(f"/letters/{web.letter(item)}")))
    web.store.regroup(item, [1, 3], "berta")
    web.settle()
    answer = _send(client, form)
    assert answer.status_code == 409
    assert "inzwischen von jemand anderem aufgeteilt" in _text(_tree(answer).xpath("//*[@role='alert']")[-1])
    assert _pages(web, item) == [(1, 2), (3,)]


def test_decided_letters_stay_as_they_are_in_the_form(web: Web) -> None:
    item = _batch(web, [1, 2], [3, 4], [5, 6])
    first, second, third = web.store.item(item).letters
    web.store.assign(second, "33.21", None, "berta")
    client = web.signed_in("anna")
    assert not _tree(client.get(f"/letters/{second}")).xpath("//*[@id='divide']")
    form = _form(_tree(client.get(f"/letters/{first}")))
    assert form.xpath(".//input[@type='checkbox']/@value") == ["2", "6"]
    for tick in form.xpath(".//input[@type='checkbox']"):
        tick.set("checked", "checked")
    assert _send(client, form).status_code == 303
    assert _pages(web, item) == [(1,), (2,), (3, 4), (5,), (6,)]
    assert web.store.letter(second).summary.state is LetterState.ASSIGNED
    assert third in web.store.item(item).letters


def test_a_letter_of_one_page_alone_has_no_strip(web: Web) -> None:
    item = _batch(web, [1])
    assert not _tree(web.signed_in("anna").get(f"/letters/{web.letter(item)}")).xpath("//*[@id='divide']")


def test_what_a_person_divided_is_not_suggested_again() -> None:
    letter = uuid4()
    pages = [ItemPage(number, letter, number == 1, False, 0.7) for number in (1, 2, 3)]
    before, after = strip_of(pages, letter, divided=False), strip_of(pages, letter, divided=True)
    assert before is not None
    assert after is not None
    assert [page.checked for page in before.pages] == [True, True, True]
    assert "2 (70" in before.suggestion
    assert [page.checked for page in after.pages] == [True, False, False]
    assert after.suggestion == ""
