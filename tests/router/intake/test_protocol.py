# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.errors import UnreadableError
from router.intake.protocol import parse_protocol
from router.records import ProtocolEntry

_PLAIN = "Dateiname;Anzahl Seiten;Paginiernummer\nBüro 1.pdf;3;P-17\nscan2.tif;12;P-18\n"
_SAID = (ProtocolEntry(2, "Büro 1.pdf", 3, "P-17"), ProtocolEntry(3, "scan2.tif", 12, "P-18"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_encoding_and_delimiter(encoding: str, delimiter: str, ending: str) -> None:
    text = _PLAIN.replace(";", delimiter).replace("\n", ending)
    assert parse_protocol(text.encode(encoding)) == _SAID


@pytest.mark.parametrize(
    "head",
    ["Datei;Seiten", "file;pages", "File Name;Page Count", "DATEINAME;SEITENZAHL", "file_name;number-of-pages",
     '"Datei";"Seiten"', "Nr.;Datei;Seiten"],
)  # fmt: skip
def test_names_of_columns(head: str) -> None:
    row = "7;a.pdf;2" if head.startswith("Nr") else '"a.pdf";2'
    [entry] = parse_protocol(f"{head}\n{row}\n".encode()) or ()
    assert (entry.file_name, entry.pages, entry.number) == ("a.pdf", 2, "7" if head.startswith("Nr") else "")


def test_what_stands_around_the_files_is_passed_over() -> None:
    text = (
        "sep=;\n# Station 4\nScanprotokoll vom 22.11.2026\n\nSeiten;Datei\n3;C:\\Scans\\a.pdf\n"
        "2;/scans/b; c.pdf\n".replace("b; c", "b")
        + "3;C:\\Scans\\a.pdf\n4;D:\\Scans\\a.pdf\n1 Seite;c.pdf\n;\nSumme;13\n13;\nGesamt: 13\n"
    )
    entries = parse_protocol(text.encode()) or ()
    assert [(entry.line, entry.file_name, entry.pages) for entry in entries] == [
        (6, "a.pdf", 3), (7, "b.pdf", 2), (9, "a.pdf", 4), (10, "c.pdf", 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "told"),
    [("a.pdf;drei", "Zeile 2|line 2"), ("a.pdf;1\nb.pdf", "Zeile 3|line 3"), (";4;x", "Zeile 2|line 2"),
     ("", "keine Datei|no file"), ("Summe;0", "keine Datei|no file")],
)  # fmt: skip
def test_what_can_not_be_meant_is_told_with_its_line(rows: str, told: str) -> None:
    with pytest.raises(UnreadableError, match=told) as caught:
        parse_protocol(f"Datei;Seiten;Nummer\n{rows}\n".encode())
    assert caught.value.remedy
    assert "drei" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["Sehr geehrte Damen und Herren,\nanbei die Datei; Seiten folgen.\n", "Name;Ort\nMuster;Stadt\n", "Datei\na.pdf\n",
     "", "\n" * 5, "Datei Seiten\n"],
)  # fmt: skip
def test_other_text_is_no_protocol(text: str) -> None:
    assert parse_protocol(text.encode()) is None


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: f"Datei;Seiten\n{text}".encode()))
def test_nothing_breaks_it(data: bytes) -> None:
    try:
        entries = parse_protocol(data)
    except UnreadableError:
        return
    assert entries is None or len({entry.line for entry in entries}) == len(entries) > 0
