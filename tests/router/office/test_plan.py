# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.errors import ImportMistakesError, NotFoundError
from router.office.plan import Outlook, Plan, load_plan

DAY = dt.date(2026, 3, 10)
WRITE = Callable[..., Path]
MAKE = Callable[..., Plan]


def posts(outlooks: list[Outlook]) -> dict[str, float]:
    return {outlook.post: outlook.share for outlook in outlooks}


def test_a_plan_keeps_numbers_as_written(make_plan: MAKE) -> None:
    plan = make_plan()
    assert list(plan.posts) == ["33.20", "33.21", "33.30"]
    assert plan.office_name == "Ausländeramt Neubrück"
    assert plan.file_reference is not None
    assert plan.file_reference.fullmatch("33.2-123456")
    assert plan.misdirected_post == "33.30"
    assert plan.overriding_matters == {"duldung"}


def test_the_version_follows_the_bytes(make_plan: MAKE) -> None:
    assert make_plan().version == make_plan().version
    assert make_plan().version != make_plan(("A-K", "A-J")).version


@pytest.mark.parametrize(
    ("matter", "nationality", "keys", "shares"),
    [
        ("studium", "436", ["DESAI"], {"33.20": 1.0}),
        ("studium", "475", ["MASRI"], {"33.21": 1.0}),
        ("duldung", "475", ["DESAI"], {"33.30": 1.0}),
        ("duldung", "436", ["DESAI"], {"33.20": 1.0}),
        ("duldung", None, ["DESAI"], {"33.30": 0.5, "33.20": 0.5}),
        ("duldung", None, [], {"33.30": 1 / 3, "33.20": 1 / 3, "33.21": 1 / 3}),
        ("studium", None, [], {"33.20": 0.5, "33.21": 0.5}),
        ("studium", None, ["WEBER", "ARSLAN"], {"33.21": 0.5, "33.20": 0.5}),
        ("studium", None, ["ARSLAN", "ARSLAN"], {"33.20": 1.0}),
        (None, "436", ["DESAI"], {}),
        ("einbuergerung", None, ["DESAI"], {}),
    ],
)
def test_the_first_rule_that_fits_wins(
    make_plan: MAKE, matter: str | None, nationality: str | None, keys: list[str], shares: dict[str, float]
) -> None:
    assert posts(make_plan().outlooks(matter, nationality, keys, DAY)) == pytest.approx(shares)


def test_rules_count_only_while_they_are_in_force(make_plan: MAKE) -> None:
    plan = make_plan(("surnames: A-K}", "surnames: A-K, valid_from: 2026-02-01, valid_to: 2026-03-10}"))
    for day, shares in {
        dt.date(2026, 1, 31): {},
        dt.date(2026, 2, 1): {"33.20": 1.0},
        DAY: {"33.20": 1.0},
        dt.date(2026, 3, 11): {},
    }.items():
        assert posts(plan.outlooks("studium", None, ["DESAI"], day)) == shares


@pytest.mark.parametrize("absent", ["null", "~", '""', ""])
def test_a_date_may_be_left_empty(make_plan: MAKE, absent: str) -> None:
    plan = make_plan(("surnames: A-K}", f"surnames: A-K, valid_to: {absent}}}"))
    assert plan.rules[1].valid_to is None


@given(
    matter=st.sampled_from([None, "studium", "duldung"]),
    nationality=st.sampled_from([None, "475", "436"]),
    keys=st.lists(st.text("ABCKLMZ", min_size=1, max_size=4), max_size=3),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_shares_sum_to_one(make_plan: MAKE, matter: str | None, nationality: str | None, keys: list[str]) -> None:
    outlooks = make_plan().outlooks(matter, nationality, keys, DAY)
    assert sum(outlook.share for outlook in outlooks) == pytest.approx(1.0 if matter else 0.0)


def test_deputies_answer_while_the_holder_is_away(make_plan: MAKE) -> None:
    plan = make_plan()
    assert plan.caseworker_on("33.20", dt.date(2026, 3, 1)) == "a"
    assert plan.caseworker_on("33.20", dt.date(2026, 3, 2)) == "b"
    assert plan.caseworker_on("33.21", dt.date(2026, 3, 5)) == "c"
    assert plan.caseworker_on("33.20", dt.date(2026, 3, 6)) == "a", "when everybody is away, the holder"
    assert plan.caseworker_on("33.20", dt.date(2026, 3, 7)) == "a"
    assert plan.caseworker_on("99", DAY) is None


def test_a_post_may_have_nobody(make_plan: MAKE) -> None:
    assert make_plan(('{id: "33.30", caseworker: c}', '{id: "33.30"}')).caseworker_on("33.30", DAY) is None


def test_fields_join_posts_that_share_matters(make_plan: MAKE) -> None:
    plan = make_plan(
        ("matters: [duldung], nat", "matters: [asyl], nat"), ("  studium: {", "  asyl: {label: Asyl}\n  studium: {")
    )
    assert plan.fields == {
        "33.20": (frozenset({"33.20", "33.21"}), frozenset({"studium", "duldung"})),
        "33.30": (frozenset({"33.30"}), frozenset({"asyl"})),
    }
    assert plan.field_of_post["33.21"] == "33.20"
    assert plan.field_of_matter["asyl"] == "33.30"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("surnames: A-K", "surnames: K-A", 20, r"the letter range 'K-A' can't be read → write it as A-K"),
        ("surnames: A-K", "surnames: A..K", 20, r"'A\.\.K' can't be read"),
        ("surnames: A-K", "surname: A-K", 20, r"surname: is not known here; check the spelling"),
        ('"475"', '"47"', 19, r"'47' is no country key → use the three-digit key of Destatis"),
        ('{post: "33.20", m', '{post: "33.2", m', 20, r"post '33\.2' is not in the plan → add it or mend the name"),
        ("matters: [duldung], n", "matters: [duldun], n", 19, r"matter 'duldun' is not in the plan"),
        ("caseworker: a, deputies", "caseworker: x, deputies", 11, r"caseworker 'x' is not in the plan"),
        ("deputies: [a, c]", "deputies: [a, y]", 12, r"caseworker 'y' is not in the plan"),
        ("{caseworker: b, from", "{caseworker: z, from", 25, r"caseworker 'z' is not in the plan"),
        ('{id: "33.21"', '{id: "33.20"', 12, r"'33\.20' occurs twice"),
        ("{id: b, name", "{id: a, name", 16, r"'a' occurs twice"),
        ("from: 2026-03-02", "from: 2026-03-09", 24, r"the absence ends before it begins"),
        ("from: 2026-03-02", "from: 02.03.2026", 24, r"is not a date; write it as 2026-01-31"),
        ("surnames: L-Z", "valid_from: 2026-02-01, valid_to: 2026-01-01", 21, r"the rule ends before it begins"),
        ("misdirected: true", "misdirected: perhaps", 22, r"must be true or false"),
        ("  name: Ausländeramt Neubrück", '  name: ""', 2, r"office\.name: must not be empty"),
        ("  name: Ausländeramt Neubrück\n", "", 2, r"office\.name: is missing"),
        ("  studium: {label: Studium}", "  studium: Studium", 8, r"must be a mapping"),
        ("{label: Duldung}", "{label: Duldung, hints: {a: b}}", 9, r"hints: must be a list"),
        ("  duldung: {label", "  studium: {label", 9, r"studium occurs twice"),
        (r"'33\.\d-\d{6}'", "'33(['", 5, r"the pattern of the file number is broken"),
        (r"'33\.\d-\d{6}'", r"'\d*'", 5, r"fits an empty text"),
        ('["33.2-123456"]', '["33.2-123456", "33-1"]', 6, r"the example '33-1' does not fit the pattern"),
    ],
)
def test_a_mistake_is_told_with_its_line(write_plan: WRITE, old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(ImportMistakesError) as caught:
        load_plan(write_plan((old, new)))
    told = [mistake for mistake in caught.value.mistakes if re.search(words, mistake)]
    assert told, caught.value.mistakes
    assert told[0].startswith(f"line {line}: "), told
    assert caught.value.item is not None
    assert caught.value.item.endswith("plan.yaml")
    assert caught.value.remedy


def test_all_mistakes_are_told_at_once(write_plan: WRITE) -> None:
    path = write_plan(
        ("surnames: A-K", "surnames: K-A"),
        ('"475"', '"47"'),
        ("deputies: [a, c]", "deputies: [a, y]"),
        ("b, from", "z, from"),
    )
    with pytest.raises(ImportMistakesError) as caught:
        load_plan(path)
    assert len(caught.value.mistakes) == 4
    assert str(caught.value).count("\n  - line ") == 4


def test_mistakes_of_shape_are_told_together(write_plan: WRITE) -> None:
    path = write_plan(("surnames: A-K", "surname: A-K"), ("misdirected: true", "misdirected: perhaps"))
    with pytest.raises(ImportMistakesError) as caught:
        load_plan(path)
    assert len(caught.value.mistakes) == 2


def test_a_missing_plan_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        load_plan(tmp_path / "plan.yaml")


def test_an_empty_plan_lacks_everything(tmp_path: Path) -> None:
    path = tmp_path / "plan.yaml"
    path.write_text("# nothing yet\n", encoding="utf-8")
    with pytest.raises(ImportMistakesError) as caught:
        load_plan(path)
    assert sorted(caught.value.mistakes) == ["line 1: office: is missing", "line 1: posts: is missing"]


def test_the_sample_plan_has_no_mistake() -> None:
    plan = load_plan(Path(__file__).parents[3] / "data_samples" / "office" / "plan.yaml")
    assert len(plan.posts) >= 20
    assert all(plan.caseworker_on(post, DAY) for post in plan.posts)
