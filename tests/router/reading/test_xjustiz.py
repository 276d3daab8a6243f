# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt

import pytest

from router.errors import UnreadableError
from router.reading.contents import Unpacking
from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.reading.xjustiz import open_court_message
from router.records import CourtMessage, CourtParty, LetterKind
from training.sample_office.court import Party, as_archive, court_message
from training.sample_office.layout import pages_pdf

BORN = dt.date(1990, 1, 31)
PARTIES = [Party("101", "Öztürk", "Łukasz Андрей", BORN), Party("028", "Stadt Auenfurt"), Party("999", "محمد", "علي")]


def _message(text: str) -> tuple[CourtMessage, str]:
    contents = open_court_message(text.encode(), Unpacking(Limits()))
    assert contents.court is not None
    return contents.court, contents.text


@pytest.mark.parametrize(("version", "prefix"), [("3.5.1", "tns:"), ("2.4.0", ""), ("3.6.2", "xj:")])
def test_who_writes_about_whom(version: str, prefix: str) -> None:
    text = court_message(
        court="Verwaltungsgericht Auenfurt", ours=["33.2-475-123456"], theirs=["7 K 123/26.A"], parties=PARTIES,
        documents=["Klage.pdf"], subject="Aufenthaltserlaubnis", version=version, prefix=prefix,
    )  # fmt: skip
    assert kind_of(text.encode()) is Kind.XJUSTIZ
    message, page = _message(text)
    assert message == CourtMessage(
        "Verwaltungsgericht Auenfurt",
        ("7 K 123/26.A",),
        ("33.2-475-123456",),
        (
            CourtParty("Öztürk", "Łukasz Андрей", "Kläger", BORN),
            CourtParty("Stadt Auenfurt", role="Beklagter"),
            CourtParty("محمد", "علي"),
        ),
    )
    assert page.splitlines()[2:] == [
        "Gericht: Verwaltungsgericht Auenfurt",
        "Nachricht: Uebermittlung Schriftgutobjekte",
        "Datum: 02.11.2026",
        "Ihr Zeichen: 33.2-475-123456",
        "Unser Zeichen: 7 K 123/26.A",
        "Gegenstand: Aufenthaltserlaubnis",
        "Kläger: Öztürk, Łukasz Андрей, geb. 31.01.1990",
        "Beklagter: Stadt Auenfurt",
        "Beteiligter: محمد, علي",
        "Dokument: Klage.pdf",
    ]


@pytest.mark.parametrize(
    ("sender", "court"),
    [
        ("<absender.gericht><code>V1234</code></absender.gericht>", "V1234"),
        ("<absender.gericht><code>V1234</code><name>VG Auenfurt</name></absender.gericht>", "VG Auenfurt"),
        ("<absender.gericht><!-- VG Auenfurt --><code>V1234</code></absender.gericht>", "VG Auenfurt"),
    ],
)
def test_name_of_the_court_else_its_key(sender: str, court: str) -> None:
    text = court_message(court="@", prefix="").replace("<absender.sonstige>@</absender.sonstige>", sender)
    assert _message(text)[0].court == court


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("<aktenzeichen.freitext>7 K 1/26</aktenzeichen.freitext>", "7 K 1/26"),
        (
            "<aktenzeichen.strukturiert><abteilung>7</abteilung><register><code>K</code></register>"
            "<laufendeNummer>1</laufendeNummer><jahr>2026</jahr></aktenzeichen.strukturiert>",
            "7 K 1/26",
        ),
        ("  7 K\n 1/26 ", "7 K 1/26"),
    ],
)
def test_file_numbers_in_pieces(number: str, expected: str) -> None:
    text = court_message(court="VG", theirs=["@"], prefix="").replace("@", number)
    assert _message(text)[0].sender_references == (expected,)


def test_message_and_documents_are_one_letter() -> None:
    text = court_message(court="VG Auenfurt", ours=["33.2-475-123456"], documents=["Klage.pdf"])
    files = [("Klage.pdf", pages_pdf(["Klageschrift"])), ("xjustiz_nachricht.xml", text.encode())]
    (letter,) = read_item(as_archive(files), Limits(), OcrSettings()).letters
    assert letter.court is not None
    assert letter.court.recipient_references == ("33.2-475-123456",)
    assert letter.text.split("\f")[1] == "Klageschrift"
    assert letter.kind is LetterKind.TEXT


def test_entities_are_left_alone() -> None:
    declared = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    text = court_message(court="VG @", prefix="").replace("@", "&b;&f;")
    text = text.replace("\n", f"\n{declared}", 1)
    message, page = _message(text)
    assert message.court == "VG"
    assert "aaaa" not in page
    assert "root:" not in page


def test_message_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    text = court_message(court="VG Auenfurt", ours=["33.2-475-123456"], parties=PARTIES)
    assert _message(text[: len(text) // 2])[0].recipient_references == ("33.2-475-123456",)


def test_prefix_that_is_declared_nowhere() -> None:
    text = court_message(court="VG Auenfurt", ours=["33.2-475-123456"]).replace("xmlns:tns", "xmlns:other")
    assert _message(text)[0].recipient_references == ("33.2-475-123456",)


def test_no_xml_at_all() -> None:
    with pytest.raises(UnreadableError):
        open_court_message(b"nachricht.gds xjustiz", Unpacking(Limits()))


def test_thousands_of_parties_are_cut() -> None:
    text = court_message(court="VG", parties=[Party("101", f"N{number}", "V") for number in range(3000)])
    assert len(_message(text)[0].parties) == 200
