# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.facts.masking import mask
from router.office.surnames import name_tokens

NAMES = ("Özdemir", "Haddad", "Khatib", "Karimi", "Muñoz", "Weiß", "Łukasz")
KNOWN = name_tokens(*NAMES, "محمد")


def known(folded: str) -> bool:
    return not name_tokens(folded).isdisjoint(KNOWN)


@pytest.mark.parametrize(
    "written",
    [
        "Haddad", "HADDAD", "Haddads", "al-Khatib", "El-Khatib", "d’Haddad", "Özdemir", "OEZDEMIR", "Ozdemir", "Muñoz",
        "Mun\u0303oz", "Weiss", "Lukasz", "Haddad-Karimi", "محمد", "(Karimi)", "_Karimi_", "Karimi,",
    ],
)  # fmt: skip
def test_names_of_the_case_list_go_in_any_spelling(written: str) -> None:
    masked = mask(f"Antrag von {written} liegt bei", [], known)
    core = re.sub(r"^[^\w]+|[^\w]+$", "", unicodedata.normalize("NFC", written)).strip("_")
    assert core not in masked
    assert "xname" in masked
    assert masked.startswith("Antrag von")
    assert masked.endswith("liegt bei")


@pytest.mark.parametrize(
    "written",
    [
        "Hauptstraße 12", "Hauptstr. 12a", "Berliner Straße 4", "Karl-Marx-Straße 101", "Lange Gasse 4",
        "Am Weidenwehr 12",
        "04981 Auenfurt", "61348 Bad", "max.muster@web.example", "https://muster.example/a",
    ],
)  # fmt: skip
def test_addresses_go(written: str) -> None:
    masked = mask(f"wohnhaft {written}, seither", [], None)
    assert not any(part in masked for part in re.findall(r"\w{4,}|\d+", written))


@pytest.mark.parametrize("kept", ["§ 16b", "§ 16 b", "§§ 27", "§16b/§16f", "B1", "C2", "Absatz 16b"])
def test_law_and_levels_of_language_stay(kept: str) -> None:
    assert kept in mask(f"nach {kept} gilt", [], known)


@pytest.mark.parametrize(
    "number", ["33.2-475-123456", "03.05.1991", "03.05.91", "0341/123456", "DE89370400440532013000"]
)
@pytest.mark.parametrize("before", ["", "§ ", "§", "Nr. "])
def test_numbers_go_even_behind_a_paragraph_sign(number: str, before: str) -> None:
    masked = mask(f"wegen {before}{number} hier", [], None)
    assert number not in masked
    assert not re.search(r"\d{3}", masked)


def test_found_people_go_wherever_they_stand() -> None:
    text = "Omar Said und Omar Said"
    assert mask(text, [(14, 23), (0, 9), (0, 4)], None).split() == ["xname", "und", "xname"]


@given(st.lists(st.one_of(st.sampled_from(NAMES), st.text(max_size=8)), max_size=8))
def test_no_name_of_the_case_list_survives(words: list[str]) -> None:
    masked = mask(" ".join(words), [], known)
    assert not {"Özdemir", "Haddad", "Khatib", "Karimi", "Muñoz", "Weiß", "Łukasz"} & set(masked.split())


@given(st.text(st.sampled_from("abcAB §0123456789./-"), max_size=40))
def test_no_long_number_survives(text: str) -> None:
    assert not re.search(r"\d{4}", mask(text, [], None))
