# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import random

from router.texts import in_language
from training.groups import OTHERS, SMALLEST, Group, Member, groups_as_facts, measured_groups, warning_of


def _members(language: str, count: int, wrong: int, *, routed: bool = True, source: str = "") -> list[Member]:
    return [
        Member({"language": language, "origin": "none", "surname": "A–E"}, place >= wrong, routed, source)
        for place in range(count)
    ]


def _by_name(groups: tuple[Group, ...]) -> dict[str, Group]:
    return {group.name: group for group in groups}


def test_groups_add_up_and_are_never_small() -> None:
    members = [*_members("de", 100, 1), *_members("en", 20, 0), *_members("tr", 6, 0), *_members("uk", 3, 0)]
    groups = _by_name(measured_groups(members))
    # Nine letters are left over: they may not be found by subtraction either, so the next group joins them.
    assert set(groups) == {"de", OTHERS}
    assert groups[OTHERS].n == 29
    assert sum(group.n for group in groups.values()) == len(members)


def test_a_single_group_says_nothing() -> None:
    assert measured_groups([*_members("de", 95, 1), *_members("en", 5, 0)]) == ()
    assert measured_groups([]) == ()


def test_a_group_wronged_significantly_raises_a_warning() -> None:
    groups = _by_name(measured_groups([*_members("de", 400, 4), *_members("ar", 40, 6), *_members("en", 60, 1)]))
    assert groups["ar"].is_wronged
    assert not groups["de"].is_wronged
    assert not groups["en"].is_wronged
    assert groups["ar"].error.value == 0.15
    for language, word in (("de", "Sprache"), ("en", "Language")):
        with in_language(language):
            sentence = warning_of(groups["ar"])
        assert word in sentence
        assert "40" in sentence


def test_variants_of_one_letter_count_once() -> None:
    alike = [*_members("ar", 40, 40, source="one"), *_members("ar", 15, 0)]
    groups = _by_name(measured_groups([*_members("de", 400, 4), *alike]))
    assert groups["ar"].error.n == 55
    assert not groups["ar"].is_wronged


def test_errors_of_few_routed_letters_are_not_told() -> None:
    members = [*_members("de", 100, 1), *_members("ar", 40, 3, routed=False), *_members("ar", SMALLEST - 1, 5)]
    groups = _by_name(measured_groups(members))
    assert groups["ar"].error.value is None
    assert groups["ar"].p_value is None
    told = groups_as_facts(groups.values())["language"]["ar"]["error_among_routed"]
    assert isinstance(told, dict)
    assert told["reason"]


def test_chance_alone_hardly_ever_warns() -> None:
    rng = random.Random(4)
    warned = 0
    for _round in range(200):
        members = [
            Member({"language": rng.choice("abcde"), "origin": rng.choice("xyz")}, rng.random() > 0.05, True)
            for _letter in range(300)
        ]
        warned += any(group.is_wronged for group in measured_groups(members))
    assert warned <= 0.05 * 200 + 6
