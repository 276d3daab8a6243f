# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import pytest

from router.facts.origins import ELSEWHERE, FREE, neutral_origins
from router.office.countries import find_country


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("der syrische Pass", f"der {ELSEWHERE} Pass"),
        ("eine Polin aus Polen", f"eine {FREE} aus {FREE}"),
        ("my Romanian husband, a Nigerian", f"my {FREE} husband, a {ELSEWHERE}"),
        ("in der Schweiz und in Norwegen", f"in der {FREE} und in {FREE}"),
        ("Türkiye, Россия", f"{ELSEWHERE}, {ELSEWHERE}"),
    ],
)
def test_countries_and_their_people_become_neutral(text: str, expected: str) -> None:
    assert neutral_origins(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "aus der Ukraine, ukrainische Familie",
        "Deutschkurs, deutsche Staatsangehörigkeit",
        "Letter, Server, Roman, Maler",
    ],
)
def test_what_the_law_distinguishes_and_other_words_stay(text: str) -> None:
    assert neutral_origins(text) == text


def test_single_letters_are_no_country() -> None:
    assert find_country("A.") is None
    assert find_country("i") is None
    assert find_country("ungeklärte Staatsangehörigkeit") == "998"
