# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.office.catalogue import MISDIRECTED, TermHit, TermMatcher, load_catalogue, scores_of
from router.office.plan import Matter

CATALOGUE = load_catalogue()


def link(label: str, name: str = "m1", **more: tuple[str, ...]) -> frozenset[str]:
    return CATALOGUE.link({name: Matter(label=label, **more)})[name]


@pytest.mark.parametrize(
    ("label", "entry"),
    [
        ("Verpflichtungserklärung", "verpflichtung"),
        ("VERPFLICHTUNGSERKLÄRUNGEN", "verpflichtung"),
        ("§ 16b", "studium"),
        ("§16b AufenthG", "studium"),
        ("§§ 16b, 16c AufenthG", "studium"),
        ("16b", "studium"),
        ("Studierende", "studium"),
        ("Blaue Karte EU", "blaue_karte"),
        ("Einbürgerung", "einbuergerung"),
        ("Duldung", "duldung"),
    ],
)
def test_a_plan_that_only_names_a_matter_is_linked(label: str, entry: str) -> None:
    assert entry in link(label)


def test_the_own_list_decides() -> None:
    assert link("Studium", catalogue=("duldung",)) >= {"duldung"}
    assert "studium" not in link("Studium", catalogue=("duldung",))
    assert link("Studium", catalogue=("no_such_entry",)) == frozenset()


def test_the_id_of_a_matter_may_name_the_entry() -> None:
    assert "studium" in link("Sachgebiet 4", name="studium")


def test_an_unknown_label_is_linked_to_nothing() -> None:
    assert link("Zaunbau") == frozenset()


def test_special_cases_belong_to_the_general_matter_unless_the_plan_names_them() -> None:
    assert "sprachkurs" in link("Studium")
    both = CATALOGUE.link({"a": Matter(label="Studium"), "b": Matter(label="§ 16f")})
    assert "sprachkurs" not in both["a"]
    assert "sprachkurs" in both["b"]


def test_entries_refer_to_entries() -> None:
    assert MISDIRECTED in CATALOGUE.entries
    assert [e.id for e in CATALOGUE.entries.values() if e.part_of and e.part_of not in CATALOGUE.entries] == []
    assert [e.id for e in CATALOGUE.entries.values() if set(e.label) != {"de", "en"}] == []


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Anbei meine Immatrikulationsbescheinigung", "studium"),
        ("IMMATRIKULATION", "studium"),
        ("my certificate of enrolment", "studium"),
        ("certificate of\nenrolment", "studium"),
        ("Aufenthalt nach § 16b Abs. 1 AufenthG", "studium"),
        ("öğrenci belgesi", "studium"),
        ("довідка про навчання", "studium"),
    ],
)
def test_terms_are_found_in_letters(text: str, entry: str) -> None:
    assert entry in {hit.name for hit in CATALOGUE.terms.hits(text)}


def test_a_hit_tells_where_it_stands() -> None:
    text = "Anbei: Immatrikulationsbescheinigung."
    hit = next(hit for hit in CATALOGUE.terms.hits(text) if hit.name == "studium")
    assert text[hit.start : hit.end] == "Immatrikulationsbescheinigung"


@pytest.mark.parametrize(
    "before",
    ["Mit freundlichen Grüßen: ", "Straße Æther ﬁx ", "Gru\u0308ße ", "Naïve ⅷ İzmir Łódź ", "ß"],
    ids=["sharp s", "ligatures", "marks apart", "other letters", "nothing else"],
)
def test_a_hit_stands_where_it_stands_whatever_signs_come_before(before: str) -> None:
    text = before + " Immatrikulation und e\u0301tudes, dann Verpflichtungserklärung."
    words = {text[hit.start : hit.end] for hit in CATALOGUE.terms.hits(text)}
    assert {"Immatrikulation", "Verpflichtungserklärung"} <= words
    assert words <= set(text.replace(",", " ").replace(".", " ").split())


def test_a_sharp_s_does_not_take_the_weight_of_early_words() -> None:
    plain = "Immatrikulation" + " und so weiter" * 200
    sharp = plain.replace("weiter", "weiß", 1)
    assert scores_of(CATALOGUE.terms.hits(sharp), sharp) == scores_of(CATALOGUE.terms.hits(plain), plain)


def test_a_paragraph_of_another_law_is_not_taken_for_one_of_this() -> None:
    assert "studium" not in {hit.name for hit in CATALOGUE.terms.hits("§ 16b VwVfG")}


def test_hints_and_unknown_labels_of_a_plan_are_terms() -> None:
    matcher = TermMatcher(
        CATALOGUE, {"zaun": Matter(label="Zaunbau"), "kurs": Matter(label="Studium", hints=("Kursträger",))}
    )
    assert "zaun" in {hit.name for hit in matcher.hits("Antrag auf Zaunbau")}
    assert "kurs" in {hit.name for hit in matcher.hits("Meldung vom Kursträger")}
    assert "kurs" in {hit.name for hit in matcher.hits("Immatrikulation")}
    assert matcher.matters == ("zaun", "kurs")


def test_a_plan_that_names_only_one_matter_by_paragraph_gets_its_letters() -> None:
    matcher = TermMatcher(CATALOGUE, {"a": Matter(label="§ 16b"), "b": Matter(label="Verpflichtungserklärung")})
    for text, matter in (("Exmatrikulation zum Semesterende", "a"), ("Verpflichtungserklärung für Besuch", "b")):
        scores = scores_of(matcher.hits(text), text)
        assert max(scores, key=lambda name: scores[name]) == matter


def test_repeated_words_count_less_and_early_ones_more() -> None:
    text = "x" * 3000
    assert scores_of([TermHit("a", 2.0, 1500, 1505)] * 2, text) == {"a": 3.0}
    assert scores_of([TermHit("a", 2.0, 0, 5)], text) == {"a": 3.0}
    assert scores_of([], text) == {}


@given(st.text(max_size=80))
def test_hits_lie_in_the_text(text: str) -> None:
    for hit in CATALOGUE.terms.hits(text):
        assert hit.weight > 0
        assert (hit.start, hit.end) == (-1, -1) or 0 <= hit.start < hit.end <= len(text)
