# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.office.surnames import RangeError, SurnameRange, SurnameRules, fold, gaps, name_tokens, same_person_name

RULES = SurnameRules()
WUNSIEDEL = ("A - Al G", "Al H - All", "Alm - Az", "C - G", "H - Kas", "Kat - Ma", "Mb - Mz", "N - Sh", "Si - U")
BOUND = st.text(string.ascii_uppercase, min_size=1, max_size=4)


def holds(written: str, surname: str, rules: SurnameRules = RULES) -> bool:
    return rules.key(surname) in SurnameRange.parse(written, rules)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Müller", "MULLER"),
        ("Öztürk", "OZTURK"),
        ("Groß", "GROSS"),
        ("Łukaszewski", "LUKASZEWSKI"),
        ("Sørensen", "SORENSEN"),
        ("Işık", "ISIK"),
        ("İnce", "INCE"),
        ("Çelik", "CELIK"),
        ("Şahin", "SAHIN"),
        ("Dağ", "DAG"),
        ("Nguyễn", "NGUYEN"),
        ("Mu\u0308ller", "MULLER"),
        ("O’Neill", "ONEILL"),
        ("Al-Hamad", "ALHAMAD"),
        ("Al Hamad", "ALHAMAD"),
        ("von Berg", "BERG"),
        ("Von der Heide", "DERHEIDE"),
        ("zum Felde", "FELDE"),
        ("Zu", "ZU"),
        ("van Dijk", "VANDIJK"),
        ("de Souza", "DESOUZA"),
        ("Meyer-Al Sayed", "MEYERALSAYED"),
        ("Петренко", ""),
        ("---", ""),
    ],
)
def test_keys_by_default(name: str, key: str) -> None:
    assert RULES.key(name) == key


def test_an_office_may_sort_umlauts_as_two_letters() -> None:
    rules = SurnameRules(umlauts_as_two=True)
    assert [rules.key(name) for name in ("Müller", "Öz", "Ägir", "Groß")] == ["MUELLER", "OEZ", "AEGIR", "GROSS"]
    assert rules.key("Mu\u0308ller") == "MUELLER"


@pytest.mark.parametrize(
    "name", ["Al-Hamad", "Al Hamad", "al-Hamad", "El Hamad", "Ash-Hamad", "El’Hamad", "An-Hamad", "Ad Hamad"]
)
def test_an_office_may_skip_articles(name: str) -> None:
    assert SurnameRules(skip_article=True).key(name) == "HAMAD"
    assert RULES.key(name) != "HAMAD"


@pytest.mark.parametrize("name", ["Alhamad", "Albayrak", "Elci", "Al"])
def test_skipping_articles_leaves_other_names_whole(name: str) -> None:
    assert SurnameRules(skip_article=True).key(name) == name.upper()


def test_an_office_lists_its_own_prefixes() -> None:
    rules = SurnameRules(skip_prefixes=("van", "der", "st", "de"))
    assert [rules.key(name) for name in ("van der Berg", "St. Clair", "De Luca", "von Berg")] == [
        "BERG",
        "CLAIR",
        "LUCA",
        "VONBERG",
    ]


def test_double_names_go_by_the_first_part() -> None:
    assert RULES.keys("Weber-Arslan") == ("WEBERARSLAN",)
    assert holds("S-Z", "Weber-Arslan")
    assert not holds("A-K", "Weber-Arslan")


def test_double_names_may_be_read_either_way() -> None:
    rules = SurnameRules(double_names="either")
    assert rules.keys("Weber-Arslan") == ("WEBERARSLAN", "WEBER", "ARSLAN")
    assert rules.keys("Weber-Al-Sayed") == ("WEBERALSAYED", "WEBER", "ALSAYED")
    assert rules.keys("Weber") == ("WEBER",)
    assert rules.keys("---") == ()


@pytest.mark.parametrize("name", ["Al-Hamad", "El-Khatib", "ash-Shami"])
def test_an_article_makes_no_double_name(name: str) -> None:
    assert len(SurnameRules(double_names="either").keys(name)) == 1


@pytest.mark.parametrize(
    "written", ["A-K", "A - K", "A–K", "A — K", "A‑K", "A‐K", "A−K", "A bis K", "A BIS K", "a-k", " A -K ", "Ä-K"]
)
def test_ways_of_writing_a_range(written: str) -> None:
    parsed = SurnameRange.parse(written, RULES)
    assert parsed.intervals == (("A", "L"),)
    assert parsed.written == written


@pytest.mark.parametrize(
    ("written", "inside", "outside"),
    [
        ("Al H-All", ["Al Hamad", "Al-Khatib", "Allende", "Alla"], ["Al Ghazi", "Almeida", "Al Masri"]),
        ("S, T-Z", ["Said", "Szabo", "Tran", "Żak"], ["Rossi", "Ruiz"]),
        ("Sa-Sd; St", ["Sahin", "Scholz", "Stein"], ["Seidel", "Sow", "Suarez"]),
        ("B | D", ["Baran", "Diallo"], ["Cohen", "Eze"]),
        ("Kal-K", ["Kalthoff", "Kaya", "Kuznetsov"], ["Kahn", "Lopez"]),
        ("X-Z", ["Xhaka", "Zwick", "Zzz"], ["Wolf"]),
        ("A-Az", ["Azizi", "Aaron"], ["Baran"]),
        ("Z", ["Zaki"], ["Yilmaz"]),
        ("O'A-O'N", ["O’Neill"], ["Osman"]),
    ],
)
def test_what_ranges_hold(written: str, inside: list[str], outside: list[str]) -> None:
    assert [name for name in inside if not holds(written, name)] == []
    assert [name for name in outside if holds(written, name)] == []


@pytest.mark.parametrize(
    "written", ["", " ", "-", "K-A", "A-", "-K", "1-3", "A-B-C", "A..K", "A/K", "A-K,", "А-К", "Az-Al", "A+B", "A_K"]
)
def test_ranges_that_cannot_be_meant(written: str) -> None:
    with pytest.raises(RangeError):
        SurnameRange.parse(written, RULES)


def test_ranges_follow_the_spelling_of_umlauts() -> None:
    two = SurnameRules(umlauts_as_two=True)
    assert holds("Ö-Oz", "Özdemir")
    assert not holds("Of-Oz", "Özdemir", two)
    assert holds("Ö-Of", "Özdemir", two)


def test_a_published_list_has_neighbouring_ranges_and_two_gaps() -> None:
    intervals = [span for written in WUNSIEDEL for span in SurnameRange.parse(written, RULES).intervals]
    assert gaps(intervals) == [("B", "C"), ("V", "[")]


def test_gaps_of_nothing_and_of_everything() -> None:
    assert gaps([]) == [("A", "[")]
    assert gaps([("A", "[")]) == []
    assert gaps([("M", "["), ("A", "N")]) == []


@given(BOUND, BOUND, st.text(string.ascii_uppercase, max_size=6))
def test_bounds_lie_in_their_range(one: str, other: str, rest: str) -> None:
    low, high = sorted((one, other))
    parsed = SurnameRange.parse(f"{low} - {high}", RULES)
    assert low + rest in parsed or low + rest > high
    assert high + rest in parsed


@given(BOUND, BOUND, st.text(string.ascii_uppercase, min_size=1, max_size=8))
def test_a_range_and_what_it_leaves_out_share_no_name(one: str, other: str, name: str) -> None:
    low, high = sorted((one, other))
    parsed = SurnameRange.parse(f"{low}-{high}", RULES)
    left_out = any(start <= name < end for start, end in gaps(parsed.intervals))
    assert (name in parsed) is not left_out


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(written: str) -> None:
    try:
        parsed = SurnameRange.parse(written, RULES)
    except RangeError:
        return
    assert all(low < end for low, end in parsed.intervals)


@given(st.text(max_size=30), st.booleans(), st.booleans(), st.sampled_from(["first", "either"]))
def test_keys_are_plain_capitals(name: str, two: bool, skip: bool, double: str) -> None:
    keys = SurnameRules(two, skip, double_names=double).keys(name)
    assert all(key and set(key) <= set(string.ascii_uppercase) for key in keys)
    assert len(set(keys)) == len(keys)


@given(st.text(max_size=40))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_name_parts_are_alike_in_any_order_and_spelling() -> None:
    assert name_tokens("Öztürk-Weiß", "Ayşe") == name_tokens("Ayse", "Weiss", "OEZTUERK") == {"ozturk", "weiss", "ayse"}
    assert name_tokens("Mueller") == name_tokens("Müller") == name_tokens("Muller")
    assert name_tokens("123 _ -") == frozenset()


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("Reza Karimi", "Karimi Reza", 1.0),
        ("Reza Karimi", "Reza Ali Karimi", 1.0),
        ("Karimi", "Reza Karimi", 0.5),
        ("Karimi", "Karimi", 0.5),
        ("Reza Karimi", "Reza Ahmadi", 0.5),
        ("Reza Ali Karimi", "Reza Omid Ahmadi", 1 / 3),
        ("Reza Karimi", "Omid Ahmadi", 0.0),
        ("", "", 0.0),
    ],
)
def test_how_well_names_agree(left: str, right: str, level: float) -> None:
    assert same_person_name(name_tokens(left), name_tokens(right)) == pytest.approx(level)
