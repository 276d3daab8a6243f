# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters marked confidential go to a person, and the only suggestion is whom they name."""

import datetime as dt
from pathlib import Path

import pytest

from router.deciding.decide import decide
from router.deciding.report import letter_report
from router.office.office import Office
from router.records import Decision, EvidenceSource, Outcome, Reason
from tests.router.deciding.offices import CASES, DAY, PLAN, facts_of, letter_of, write_office

TEXT = """Ausländerbehörde
{to}
PERSÖNLICH / VERTRAULICH

Aktenzeichen 33.2-262-857724

Sehr geehrte Damen und Herren,

mein Aufenthalt zum Studium und die Immatrikulation betreffen Franck Ngassa, geboren am 24.04.2005.
Ich bitte um Verlängerung der Aufenthaltserlaubnis.
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder: Path = tmp_path_factory.mktemp("office")
    return write_office(folder, plan=PLAN, cases=CASES)


def _decided(office: Office, to: str, today: dt.date = DAY) -> Decision:
    letter = letter_of(TEXT.format(to=to))
    return decide(letter, facts_of(letter, office), office, None, DAY, today=today)


def test_the_named_caseworker_is_the_only_suggestion(office: Office) -> None:
    decision = _decided(office, "z. Hd. Frau Meyer")
    assert decision.outcome is Outcome.REVIEW
    assert decision.reasons == (Reason.CONFIDENTIAL,)
    assert {candidate.post for candidate in decision.candidates} == set(office.posts_of_caseworker("meyer"))
    assert {candidate.caseworker for candidate in decision.candidates} == {"meyer"}
    assert {evidence.source for evidence in decision.evidence} == {EvidenceSource.ADDRESSEE}
    assert "Frau Meyer" in decision.evidence[0].why


def test_while_the_caseworker_is_away_the_deputy_is_named(office: Office) -> None:
    decision = _decided(office, "z. Hd. Frau Meyer", dt.date(2026, 12, 10))
    assert decision.candidates
    for candidate in decision.candidates:
        assert candidate.caseworker == office.caseworker(candidate.post, dt.date(2026, 12, 10)) != "meyer"
    deputy = office.caseworker_names[decision.candidates[0].caseworker or ""]
    assert deputy in decision.evidence[0].why


def test_without_a_name_there_is_no_suggestion_whatever_the_file_number_says(office: Office) -> None:
    decision = _decided(office, "Rathausplatz 1")
    assert (decision.candidates, decision.evidence, decision.reasons) == ((), (), (Reason.CONFIDENTIAL,))


def test_neither_decision_nor_report_repeats_the_letter(office: Office) -> None:
    letter = letter_of(TEXT.format(to="z. Hd. Frau Meyer"))
    decision = _decided(office, "z. Hd. Frau Meyer")
    assert "text" not in letter_report(letter, decision, with_text=True)
    for told in (repr(decision), repr(letter_report(letter, decision, with_text=True))):
        assert "Ngassa" not in told
        assert "857724" not in told
        assert "Studium" not in told.replace("studium", "")
