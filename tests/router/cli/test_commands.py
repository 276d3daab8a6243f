# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The command line as its users have it: a process, its output and its exit status."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from router.errors import DependencyError, NotFoundError, TemporaryError, UsageError
from training.sample_office.build import write_history
from training.sample_office.city import City

SAMPLES = Path(__file__).parents[3] / "data_samples"
OFFICE = SAMPLES / "office"
INBOX = SAMPLES / "inbox"
PROGRAM = Path(sys.executable).parent / "postweiche"
MAIL, PDF = "2026-11-17_0064_mail.eml", "2026-11-11_0026_upload.pdf"
LETTER_KEYS = {
    "pages", "kind", "outcome", "post", "caseworker", "confidence", "threshold", "reasons", "candidates", "facts",
    "evidence", "model",
}  # fmt: skip
FIGURES = ("accuracy", "top3", "macro_f1", "share_routed", "error_among_routed", "n")
Done = subprocess.CompletedProcess[bytes]


class Shell:
    """Runs the program with folders of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith("POSTWEICHE_")}
        self.environment = {
            **kept, "POSTWEICHE_DATA": str(folder / "data"), "POSTWEICHE_MODELS": str(folder / "models"),
            "POSTWEICHE_READERS": "1", "OMP_NUM_THREADS": "1", "COLUMNS": "120",
        }  # fmt: skip

    def run(self, *arguments: object, given: bytes = b"", **settings: str) -> Done:
        command = [str(PROGRAM), *(str(argument) for argument in arguments)]
        environment = self.environment | settings
        return subprocess.run(
            command, input=given, capture_output=True, cwd=self.folder, env=environment, timeout=300, check=False
        )

    def json(self, *arguments: object, given: bytes = b"") -> Any:
        done = self.run(*arguments, "--json", given=given)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Done, list[dict[str, Any]]]:
    """Four files routed by one call, the last of which does not exist."""
    folder = tmp_path_factory.mktemp("routed")
    with (OFFICE / "cases.csv").open(encoding="utf-8") as source:
        case = next(row for row in csv.DictReader(source) if row["post"] == "33.22" and row["birth_date"])
    year, month, day = case["birth_date"].split("-")
    (folder / "brief.txt").write_text(
        "Sehr geehrte Damen und Herren,\nich beantrage die Verlängerung meiner Aufenthaltserlaubnis zum Studium.\n"
        "Die Immatrikulationsbescheinigung der Universität liegt bei.\n"
        "Meine Prüfungen im Masterstudium schließe ich im nächsten Semester ab.\nMit freundlichen Grüßen\n"
        f"{case['given_names']} {case['surname']}\ngeboren am {day}.{month}.{year}\n"
        f"Ihr Aktenzeichen: {case['file_reference']}\n",
        encoding="utf-8",
    )
    files = ("brief.txt", INBOX / MAIL, INBOX / PDF, "missing.pdf")
    done = Shell(folder).run("route", *files, "--office", OFFICE, "--received", "2026-11-17", "--json", "--lang", "en")
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def _truth(file: str) -> dict[str, str]:
    with (INBOX / "truth.csv").open(encoding="utf-8") as source:
        return next(row for row in csv.DictReader(source) if row["file"] == file)


def test_route_prints_one_object_a_line_in_order(routed: tuple[Done, list[dict[str, Any]]]) -> None:
    _done, told = routed
    assert [Path(entry["file"]).name for entry in told] == ["brief.txt", MAIL, PDF, "missing.pdf"]
    for entry in told:
        assert set(entry) == {"file", "sha256", "seconds", "error", "letters"}
    for entry in told[:3]:
        assert entry["error"] is None
        assert re.fullmatch("[0-9a-f]{64}", entry["sha256"])
        assert len(entry["letters"]) == 1
        letter = entry["letters"][0]
        assert set(letter) - {"explanation"} == LETTER_KEYS
        assert ("explanation" in letter) is bool(letter["candidates"])
        assert set(letter["facts"]) == {"references", "persons", "matter", "language", "deadlines"}
        assert (letter["outcome"] == "routed") is (not letter["reasons"])
        assert letter["candidates"][0]["post"] == letter["post"]


def test_route_tells_a_missing_file_and_ends_with_66(routed: tuple[Done, list[dict[str, Any]]]) -> None:
    done, told = routed
    assert done.returncode == NotFoundError.exit_status == 66
    assert (told[3]["error"]["code"], told[3]["letters"], told[3]["sha256"]) == ("not_found", [], None)
    assert told[3]["error"]["what"] == "There is no such file"


def test_route_sends_what_the_case_list_proves(routed: tuple[Done, list[dict[str, Any]]]) -> None:
    letter = routed[1][0]["letters"][0]
    assert (letter["kind"], letter["outcome"], letter["post"]) == ("text", "routed", "33.22")
    assert letter["caseworker"] == "schulz"
    assert any("33.22" in evidence["why"] and evidence["box"] for evidence in letter["evidence"])


@pytest.mark.parametrize(("index", "file", "kind"), [(1, MAIL, "mail"), (2, PDF, "text")])
def test_route_is_never_surely_wrong_on_the_inbox(
    routed: tuple[Done, list[dict[str, Any]]], index: int, file: str, kind: str
) -> None:
    letter, truth = routed[1][index]["letters"][0], _truth(file)
    assert letter["kind"] == kind
    assert letter["facts"]["language"] == truth["language"]
    assert letter["facts"]["matter"] == truth["matter"]
    assert letter["outcome"] == "review" or letter["post"] == truth["post"]


def test_a_sound_plan_is_checked_in_english_wherever_lang_stands(shell: Shell) -> None:
    done = shell.run("plan", "check", "--office", OFFICE, "--lang", "en")
    assert done.returncode == 0
    assert b"24 posts, 26 matters, 26 rules, 2000 files" in done.stdout


def test_mistakes_in_a_plan_are_all_listed_with_64(shell: Shell) -> None:
    (shell.folder / "plan.yaml").write_text(
        "office: {name: X}\nmatters: {a: {label: A}}\nposts: [{id: '1'}]\n"
        "rules:\n  - {matters: [b], post: '1'}\n  - {matters: [a], post: '9'}\n",
        encoding="utf-8",
    )
    done = shell.run("--lang", "en", "plan", "check", "--office", shell.folder, "--json")
    assert done.returncode == UsageError.exit_status == 64
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "mistakes"
    assert len(error["mistakes"]) == 2
    assert any("9" in mistake for mistake in error["mistakes"])


def test_an_unknown_command_ends_with_64_in_the_users_language(shell: Shell) -> None:
    done = shell.run("rotue", "--lang=de")
    assert done.returncode == 64
    assert done.stdout == b""
    assert "Den Befehl 'rotue' gibt es nicht" in done.stderr.decode()


@pytest.mark.parametrize("arguments", [("-h",), ("route", "--help")])
def test_german_help_has_no_english_word_of_the_library(shell: Shell, arguments: tuple[str, ...]) -> None:
    done = shell.run(*arguments)
    told = done.stdout.decode()
    assert done.returncode == 0
    assert told.lstrip().startswith("Aufruf: postweiche ")
    assert "Diese Hilfe zeigen." in told
    english = r"Usage|OPTIONS|Options|COMMAND|Commands|ARGS|Arguments|Show this|required|default|<\w+|Path\]"
    assert re.findall(english, told) == []


def test_the_doctor_tells_all_findings(shell: Shell) -> None:
    done = shell.run("doctor", "--office", OFFICE, "--json", "--lang", "en")
    findings = {finding["name"]: finding for finding in json.loads(done.stdout)}
    assert set(findings["Office"]) == {"name", "ok", "found", "remedy"}
    assert "24 posts" in findings["Office"]["found"]
    assert findings["Tesseract"]["ok"]
    assert done.returncode == (0 if all(f["ok"] for f in findings.values()) else DependencyError.exit_status)


def test_train_evaluate_list_and_describe(shell: Shell) -> None:
    """The way of an admin from past mail to a model with its register entry."""
    history = write_history(City(SAMPLES), shell.folder / "history", 60, lambda done, of: None)
    trained = shell.json("train", "--office", OFFICE, "--history", history)
    assert (trained["version"], trained["in_use"]) == (1, True)
    evaluated = shell.json("evaluate", "--office", OFFICE, "--history", history)
    assert set(FIGURES) <= set(evaluated)
    assert evaluated["n"] == 60
    assert all(0 <= evaluated[name] <= 1 for name in ("accuracy", "top3", "macro_f1", "share_routed"))
    assert evaluated["accuracy"] <= evaluated["top3"]
    assert Path(evaluated["report"]).exists()
    (listed,) = shell.json("models", "list")
    assert (listed["name"], listed["aliases"]) == ("postweiche@1", ["champion"])
    entry = json.dumps(shell.json("register", "show", "--office", OFFICE), ensure_ascii=False)
    assert "Auenfurt" in entry
    assert listed["sha256"][:12] in entry


def test_before_the_first_training_there_is_nothing_to_list_but_an_entry(shell: Shell) -> None:
    assert shell.json("models", "list") == []
    assert isinstance(shell.json("register", "show", "--office", OFFICE), dict)


@pytest.mark.service
def test_users_mail_and_audit_with_the_embedded_database(shell: Shell) -> None:
    made = shell.json("user", "add", "anna", "--role", "mailroom,admin", "--password-stdin", given=b"a long password\n")
    assert made == {"name": "anna", "roles": ["admin", "mailroom"]}
    message = (INBOX / MAIL).read_bytes()
    first = shell.json("intake-pipe", "--sender", "a@example.org", given=message)
    again = shell.json("intake-pipe", given=message)
    assert (first["known"], again) == (False, {"id": first["id"], "known": True})
    assert shell.json("user", "list") == [{"name": "anna", "roles": ["admin", "mailroom"], "active": True}]
    audit = shell.json("audit", "verify")
    assert (audit["ok"], audit["problems"]) == (True, [])
    assert audit["count"] >= 2


@pytest.mark.service
def test_a_letter_that_can_not_be_stored_stays_with_the_mail_server(shell: Shell) -> None:
    (shell.folder / "data").write_text("no folder", encoding="utf-8")
    done = shell.run("intake-pipe", given=(INBOX / MAIL).read_bytes())
    assert done.returncode == TemporaryError.exit_status == 75
    assert b"Traceback" not in done.stdout + done.stderr
    assert shell.run("intake-pipe", given=b"x", POSTWEICHE_PROT="1").returncode == 75
