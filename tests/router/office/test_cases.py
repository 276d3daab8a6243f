# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
from pathlib import Path

import pytest

from router.errors import ImportMistakesError, NotFoundError
from router.office.cases import CaseList, load_cases
from router.office.surnames import name_tokens

HEAD = "file_reference,azr,bamf_reference,surname,given_names,aliases,birth_date,nationality,post"
ROWS = (
    "33.2-123456,210614087316,9123456-439,Karimi,Reza,Resa Kareemi; R. Karimy,1988-09-11,439,33.20",
    "33.2-123457,,,Öztürk,Ayşe,,03.05.1991,163,33.21",
    ",,,Haddad,,,,,33.20",
)


def write(folder: Path, *rows: str, head: str = HEAD, encoding: str = "utf-8") -> Path:
    path = folder / "cases.csv"
    path.write_bytes("\n".join((head, *rows, "")).encode(encoding))
    return path


@pytest.fixture
def cases(tmp_path: Path) -> CaseList:
    return load_cases(write(tmp_path, *ROWS), ("33.20", "33.21"))


def test_rows_become_files(cases: CaseList) -> None:
    assert len(cases) == 3
    first, second, third = cases.cases
    assert first.aliases == ("Resa Kareemi", "R. Karimy")
    assert first.birth_date == dt.date(1988, 9, 11)
    assert second.birth_date == dt.date(1991, 5, 3)
    assert (third.given_names, third.birth_date, third.post) == ("", None, "33.20")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_semicolons_and_byte_order_marks_of_spreadsheets(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path, "Karimi;33.20", "", ";", head="surname;post", encoding=encoding)
    assert [(case.surname, case.post) for case in load_cases(path).cases] == [("Karimi", "33.20")]


@pytest.mark.parametrize(
    "number", ["33.2-123456", "332123456", "33.2 - 123456", "210614 087 316", "9123456.439", "9123456439"]
)
def test_numbers_are_found_whatever_their_punctuation(cases: CaseList, number: str) -> None:
    assert [case.surname for case in cases.by_number(number)] == ["Karimi"]


def test_a_number_read_with_one_wrong_digit_is_similar(cases: CaseList) -> None:
    assert cases.by_number("33.2-123956") == []
    assert [(case.surname, number) for case, number in cases.by_similar_number("33.2-123956")] == [
        ("Karimi", "332123456")
    ]
    assert {case.surname for case, _number in cases.by_similar_number("33.2-123458")} == {"Karimi", "Öztürk"}
    assert cases.by_similar_number("33.2-129956") == []


@pytest.mark.parametrize(
    "name", ["Ayşe Öztürk", "OEZTUERK Ayse", "Ozturk, Ayse", "Ayşe Öztürk-Yılmaz", "Resa Kareemi", "Karimy R."]
)
def test_people_are_found_in_any_order_and_spelling(cases: CaseList, name: str) -> None:
    assert [level for _case, level in cases.by_name(name_tokens(name))] == [1.0]


@pytest.mark.parametrize("name", ["Karimi", "Reza Öztürk", "Ayşe Karimi", ""])
def test_a_part_of_a_name_finds_nobody(cases: CaseList, name: str) -> None:
    assert cases.by_name(name_tokens(name)) == []


def test_with_a_birth_date_a_part_of_the_name_is_enough(cases: CaseList) -> None:
    birth = dt.date(1988, 9, 11)
    assert [(c.surname, level) for c, level in cases.by_birth_and_name(birth, name_tokens("Karimi"))] == [
        ("Karimi", 0.5)
    ]
    assert cases.by_birth_and_name(birth, name_tokens("Öztürk")) == []
    assert cases.by_birth_and_name(dt.date(1988, 9, 12), name_tokens("Reza Karimi")) == []


def test_all_name_parts_are_known(cases: CaseList) -> None:
    assert {"karimi", "reza", "kareemi", "ozturk", "ayse", "haddad"} <= set(cases.tokens())


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("33.2-1,,,,Reza,,,,33.20", "surname is empty → fill it in"),
        ("33.2-1,,,Karimi,Reza,,,,", "post is empty → fill it in"),
        ("33.2-1,,,Karimi,Reza,,1988-13-01,,33.20", "birth_date is not a date → write it as 1990-01-31"),
        ("33.2-1,,,Karimi,Reza,,,IR,33.20", "nationality is not a three-digit key → use the key of Destatis"),
        ("33.2-1,,,Karimi,Reza,,,,33.99", "post 33.99 is not in the plan → add it to plan.yaml or mend the line"),
        ("33.2/123457,,,Karimi,Reza,,,,33.20", "the file number is the same as in line 3 → one line for each file"),
    ],
)
def test_a_mistake_is_told_with_line_and_remedy(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(ImportMistakesError) as caught:
        load_cases(write(tmp_path, *ROWS, row), ("33.20", "33.21"))
    assert caught.value.mistakes == (f"line 5: {words}",)
    assert "Karimi" not in str(caught.value), "messages name no person"


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ImportMistakesError) as caught:
        load_cases(write(tmp_path, ",,,,,,never,X,33.99", ROWS[1], ROWS[1]), ("33.20", "33.21"))
    assert [mistake.split(":")[0] for mistake in caught.value.mistakes] == ["line 2"] * 4 + ["line 4"]


def test_columns_are_checked(tmp_path: Path) -> None:
    with pytest.raises(ImportMistakesError) as caught:
        load_cases(write(tmp_path, "Karimi,1", head="name,post"))
    assert len(caught.value.mistakes) == 2
    assert "the columns surname are missing" in caught.value.mistakes[0]
    assert "the columns name are not known" in caught.value.mistakes[1]


def test_other_encodings_are_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(ImportMistakesError) as caught:
        load_cases(write(tmp_path, "Karimi,33.20", "Öztürk,33.20", head="surname,post", encoding="latin-1"))
    assert caught.value.mistakes == ("line 3: not UTF-8 text → save the file as UTF-8",)


def test_a_missing_list_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        load_cases(tmp_path / "cases.csv")
