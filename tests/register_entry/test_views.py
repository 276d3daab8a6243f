# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import copy
import csv
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import html

from register_entry.entry import Entry, compose_entry
from register_entry.fields import FIELDS, Visibility
from register_entry.texts import RegisterTexts
from register_entry.views import VIEWS, as_html, as_json, entry_fragment, values_in
from router.errors import UsageError
from router.texts import in_language

OFFICE = Path(__file__).parents[2] / "data_samples" / "office"

INTERNAL_TEXTS = (
    "mx-intern", "/srv/postweiche", "Leitung Posteingang", "Schutzbedarf", "Dienstvereinbarung", "Manipulierte Anhänge",
)  # fmt: skip


def public_forms(entry: Entry) -> list[str]:
    return [
        json.dumps(as_json(entry, "public"), ensure_ascii=False),
        as_html(entry, "public", "de"),
        as_html(entry, "public", "en"),
    ]


def test_the_public_view_holds_no_internal_field(entry: Entry, facts: dict[str, Any]) -> None:
    shown = as_json(entry, "public")["fields"]
    assert set(shown) == {field.key for field in FIELDS if Visibility.PUBLIC in field.visibility}
    hidden = (
        *INTERNAL_TEXTS,
        facts["model"]["sha256"],
        facts["data"]["fingerprint"],
        facts["run"]["hardware"]["processor"],
    )
    commit = facts["run"]["code"]["commit"].get("value")
    for text in public_forms(entry):
        for word in (*hidden, *([commit] if commit else [])):
            assert word not in text, word
    internal = json.dumps(as_json(entry, "internal"), ensure_ascii=False)
    assert all(word in internal for word in hidden)


def test_no_unit_and_no_caseworker_is_named_in_public(entry: Entry) -> None:
    plan = yaml.safe_load((OFFICE / "plan.yaml").read_text(encoding="utf-8"))
    posts = [post["id"] for post in plan["posts"]] + [post["label"] for post in plan["posts"]]
    # Names such as "Vogel" or "Otto" stand with a title in the plan; the bare name would also hit ordinary words.
    people = [person["name"] for person in plan["caseworkers"]] + [person["email"] for person in plan["caseworkers"]]
    for text in public_forms(entry):
        for name in (*posts, *people):
            assert not re.search(rf"(?<![\w.,]){re.escape(name)}(?![\w,])", text), name
        assert not re.search(r"(?:/(?:work|srv|home|tmp|var)/)", text)


def test_no_person_of_the_case_list_is_in_any_view(entry: Entry) -> None:
    with (OFFICE / "cases.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    whole = {f"{row['given_names']} {row['surname']}" for row in rows} | {row["file_reference"] for row in rows}
    for view in VIEWS:
        text = as_html(entry, view, "de") + json.dumps(as_json(entry, view), ensure_ascii=False)
        assert not [name for name in whole if len(name) > 3 and name in text]


def test_cells_below_the_smallest_number_are_left_out_in_public(facts: dict[str, Any], texts: RegisterTexts) -> None:
    entry = compose_entry(facts, texts)
    shown = as_json(entry, "public")["fields"]["slices"]["value"]
    original = facts["slices"]["language"]
    few = {name for name, cell in original.items() if cell["n"] < 10}
    assert few, "the sample must hold a small cell, or this test proves nothing"
    assert not few & set(shown["language"])

    def figures(value: Any) -> list[dict[str, Any]]:
        if isinstance(value, dict):
            own = [value] if "value" in value and "n" in value else []
            return own + [found for part in value.values() for found in figures(part)]
        return [found for part in value for found in figures(part)] if isinstance(value, list) else []

    assert all(figure["n"] >= 10 for figure in figures(as_json(entry, "public")["fields"]))
    higher = as_json(compose_entry(facts, texts, smallest_cell=80), "public")["fields"]["slices"]["value"]
    assert set(higher["language"]) < set(shown["language"])


def test_a_single_small_cell_takes_the_next_one_with_it(facts: dict[str, Any], texts: RegisterTexts) -> None:
    cell = facts["slices"]["channel"]["fax"]
    facts["slices"]["channel"] = {
        name: copy.deepcopy(cell) | {"n": n} for name, n in (("a", 500), ("b", 60), ("c", 40), ("d", 4))
    }
    shown = as_json(compose_entry(facts, texts), "public")["fields"]["slices"]["value"]["channel"]
    assert set(shown) == {"a", "b"}


def test_public_figures_are_rounded_and_keep_number_and_interval(entry: Entry, facts: dict[str, Any]) -> None:
    shown = as_json(entry, "public")["fields"]["quality"]["value"]["accuracy"]
    exact = facts["quality"]["accuracy"]
    assert shown == {
        "value": round(exact["value"], 3),
        "low": round(exact["low"], 3),
        "high": round(exact["high"], 3),
        "n": exact["n"],
    }


def test_units_are_published_as_a_range(entry: Entry, facts: dict[str, Any]) -> None:
    shown = as_json(entry, "public")["fields"]["units"]["value"]
    values = [cell["accuracy"]["value"] for cell in facts["units"].values() if cell["n"] >= 10]
    assert shown["accuracy"]["lowest"] == round(min(values), 2)
    assert shown["accuracy"]["highest"] == round(max(values), 2)
    assert "33.21" in as_json(entry, "internal")["fields"]["units_table"]["value"]


def test_the_eu_view_is_the_non_public_section(entry: Entry) -> None:
    assert set(as_json(entry, "eu")["fields"]) == {field.key for field in FIELDS if Visibility.EU in field.visibility}


def test_the_office_may_publish_the_condition_of_the_ai_act(facts: dict[str, Any], signed: RegisterTexts) -> None:
    assert "ai_act_condition" not in values_in(compose_entry(facts, signed), "public")
    open_texts = signed.model_copy(update={"ai_act_condition_public": True})
    assert values_in(compose_entry(facts, open_texts), "public")["ai_act_condition"][1] == "Art. 6 Abs. 3 Buchst. a"


def test_an_unknown_view_is_refused(entry: Entry) -> None:
    with pytest.raises(UsageError) as caught:
        as_json(entry, "secret")
    assert "public" in str(caught.value)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("lang", ["de", "en"])
def test_the_page_fits_a_strict_content_security_policy(entry: Entry, view: str, lang: str) -> None:
    page = html.document_fromstring(as_html(entry, view, lang, css_href="/static/entry.css"))
    assert page.get("lang") == lang
    assert not page.xpath("//script | //style | //@style")
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert page.xpath("//link/@href") == ["/static/entry.css"]
    alone = html.document_fromstring(as_html(entry, view, lang))
    assert len(alone.xpath("//style")) == 1
    assert not alone.xpath("//link | //script | //@style | //img | //@src")


def test_the_page_is_well_built(entry: Entry) -> None:
    page = html.document_fromstring(as_html(entry, "public", "de"))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert len(page.xpath("//h1")) == 1
    assert {link[1:] for link in page.xpath("//nav//a/@href")} <= set(ids)
    for label in page.xpath("//@aria-labelledby"):
        assert set(label.split()) <= set(ids)
    plots = page.xpath("//*[local-name()='svg']")
    assert len(plots) == 2
    assert all(plot.get("role") == "img" for plot in plots)
    levels = [int(element.tag[1]) for element in page.iter("h1", "h2", "h3", "h4")]
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_both_languages_say_the_same_figures(entry: Entry, facts: dict[str, Any]) -> None:
    value = f"{facts['quality']['accuracy']['value'] * 100:.1f}"
    assert f"{value}\u202f%" in as_html(entry, "public", "en")
    assert f"{value.replace('.', ',')}\u202f%" in as_html(entry, "public", "de")
    # Words people wrote are in German; a page in English says so.
    english = html.document_fromstring(as_html(entry, "public", "en"))
    assert english.xpath("//*[@id='entry-field-purpose']/p/@lang") == ["de"]


def test_what_is_missing_is_said(entry: Entry) -> None:
    page = html.document_fromstring(as_html(entry, "public", "en"))
    (told,) = page.xpath("//*[@id='entry-field-profiling']/p/text()")
    assert "has not filled this in yet" in told
    (operation,) = page.xpath("//*[@id='entry-field-operation_year']/p/text()")
    assert operation == "Not measured yet"
    assert "draft" in page.text_content()


def test_the_plain_summary_follows_the_figures(entry: Entry, facts: dict[str, Any], texts: RegisterTexts) -> None:
    share = round(facts["quality"]["share_routed"]["value"] * 100)
    with in_language("en"):
        assert f"Of 100 letters it sorts about {share} by itself." in entry_fragment(entry, "public")
        untrained = entry_fragment(compose_entry(None, texts), "public")
    assert "It has not learned from the office" in untrained
    assert "by itself. A person sorts the others" not in untrained


def test_texts_are_escaped(facts: dict[str, Any], texts: RegisterTexts) -> None:
    bad = texts.model_copy(update={"name": "<script>alert(1)</script>", "purpose": "a <b>bold</b> claim"})
    page = as_html(compose_entry(facts, bad), "public", "de")
    assert "<script" not in page
    assert "<b>" not in page
