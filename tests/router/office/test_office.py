# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest

from router.errors import ImportMistakesError, NotFoundError
from router.office.office import Office, load_office

WRITE = Callable[..., Path]
CASES = "file_reference,surname,given_names,post\n33.2-123456,Müller,Reza,33.20\n"
DAY = dt.date(2026, 3, 2)


def test_plan_and_cases_are_loaded_together(write_plan: WRITE) -> None:
    folder = write_plan().parent
    (folder / "cases.csv").write_text(CASES, encoding="utf-8")
    office = load_office(folder)
    assert office.name == "Ausländeramt Neubrück"
    assert office.mail_address == "amt@neubrueck.example"
    assert office.name_words == {"auslanderamt"}
    assert office.caseworker("33.20", DAY) == "b"
    assert office.posts_of_caseworker("c") == ("33.30",)
    assert office.caseworker_names["c"] == "Frau Çınar"
    assert office.matcher is not None
    assert len(office.cases) == 1


@pytest.mark.parametrize("word", ["muller", "mueller", "reza", "ahorn", "cinar"])
def test_names_of_files_and_staff_are_known(write_plan: WRITE, word: str) -> None:
    folder = write_plan().parent
    (folder / "cases.csv").write_text(CASES, encoding="utf-8")
    assert load_office(folder).is_name_part(word)


@pytest.mark.parametrize("word", ["frau", "herr", "antrag", ""])
def test_other_words_are_not(write_plan: WRITE, word: str) -> None:
    assert not load_office(write_plan().parent).is_name_part(word)


def test_the_version_follows_plan_and_cases(write_plan: WRITE) -> None:
    folder = write_plan().parent
    alone = load_office(folder).version
    (folder / "cases.csv").write_text(CASES, encoding="utf-8")
    with_cases = load_office(folder).version
    write_plan(("A-K", "A-J"))
    assert len({alone, with_cases, load_office(folder).version}) == 3


def test_cases_alone_make_an_office_with_any_posts(tmp_path: Path) -> None:
    (tmp_path / "cases.csv").write_text(CASES.replace("33.20", "Zimmer 4"), encoding="utf-8")
    office = load_office(tmp_path)
    assert office.plan is None
    assert office.matcher is None
    assert office.cases.cases[0].post == "Zimmer 4"
    assert office.caseworker("Zimmer 4", DAY) is None


def test_a_case_kept_by_a_post_outside_the_plan_is_a_mistake(write_plan: WRITE) -> None:
    folder = write_plan().parent
    (folder / "cases.csv").write_text(CASES.replace("33.20", "33.99"), encoding="utf-8")
    with pytest.raises(ImportMistakesError, match=r"33\.99"):
        load_office(folder)


def test_no_office_at_all() -> None:
    office = load_office(None)
    assert (office.name, office.mail_address, office.caseworker_names) == ("", "", {})
    assert office.posts_of_caseworker("a") == ()
    assert office.name_words == frozenset()
    assert office.version == Office().version


def test_a_missing_and_an_empty_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="holds neither"):
        load_office(tmp_path)
    with pytest.raises(NotFoundError, match="no such folder"):
        load_office(tmp_path / "nowhere")
