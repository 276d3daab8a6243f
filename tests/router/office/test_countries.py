# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.office.countries import COUNTRY_KEYS, countries, country_names, find_country


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("syrisch", "475"),
        ("syrische", "475"),
        ("syrischer Staatsangehöriger", "475"),
        ("SYRISCH", "475"),
        ("Syrien", "475"),
        ("Arabische Republik Syrien", "475"),
        ("Syria", "475"),
        ("Syrie", "475"),
        ("سوريا", "475"),
        ("Сирія", "475"),
        ("475", "475"),
        (" 475 ", "475"),
        ("Republik Kosovo", "150"),
        ("Türkei", "163"),
        ("Turkey", "163"),
        ("Türkiye", "163"),
        ("T.C.", "163"),
        ("U.S.A.", "368"),
        ("Vereinigte Staaten von Amerika", "368"),
        ("Россия", "160"),
        ("ukrainisch (seit 1991)", "166"),
        ("staatenlos", "997"),
        ("stateless", "997"),
        ("deutsch", "000"),
    ],
)
def test_countries_as_letters_name_them(text: str, key: str) -> None:
    assert find_country(text) == key


@pytest.mark.parametrize("text", ["", "---", "740", "4755", "Neubrück", "verheiratet"])
def test_what_is_no_country(text: str) -> None:
    assert find_country(text) is None


def test_every_key_is_three_digits_and_found_by_its_adjective() -> None:
    assert all(len(key) == 3 and key.isdigit() for key in COUNTRY_KEYS)
    assert {country.key for country in countries().values() if find_country(country.adjective) is None} == set()
    assert set(country_names().values()) == set(COUNTRY_KEYS)


def test_members_of_the_union() -> None:
    eu = {country.iso for country in countries().values() if country.eu}
    assert {"PL", "RO", "BG", "HR", "IT"} <= eu
    assert eu.isdisjoint({"GB", "CH", "TR", "UA"})


@given(st.text(max_size=40))
def test_any_text_gives_a_key_or_nothing(text: str) -> None:
    assert find_country(text) in {None, *COUNTRY_KEYS}
