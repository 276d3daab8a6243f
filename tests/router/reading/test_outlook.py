# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import contextlib
import datetime as dt
import io
import random

import compressed_rtf
import pytest
from PIL import Image

from router.errors import UnreadableError
from router.reading.contents import Contents, Unpacking
from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.outlook import open_outlook
from router.reading.read import read_item
from router.records import LetterKind, Reason
from training.sample_office.layout import pages_pdf
from training.sample_office.outlook import SavedFile, SavedMessage, compound_file

SENT = dt.datetime(2026, 11, 3, 8, 5, tzinfo=dt.UTC)
INNER = SavedMessage(
    "Ольга Петренко", "olga@post.example", "amt@auenfurt.example", "Внутри", "Ihr Zeichen: 33.2-475-123456",
    files=[SavedFile("scan.pdf", pages_pdf(["Hochofen"]))],
)  # fmt: skip


def _message(**changes: object) -> SavedMessage:
    said: dict[str, object] = {
        "sender": "Jürgen Öztürk",
        "address": "j@post.example",
        "recipient": "amt@auenfurt.example",
        "subject": "Verlängerung – läuft ab",
        "body": "Guten Tag, مرحبا",
        "sent": SENT,
    }
    return SavedMessage(**(said | changes))  # type: ignore[arg-type]  # the tests name the fields rightly


def _open(message: SavedMessage, limits: Limits | None = None) -> Contents:
    data = message.as_msg()
    assert kind_of(data) is Kind.OUTLOOK
    return open_outlook(data, Unpacking(limits or Limits()))


def test_header_body_and_attachments() -> None:
    files = [SavedFile("Vertrag.pdf", pages_pdf(["Arbeitsvertrag"]))]
    contents = _open(_message(files=files))
    header = contents.header
    assert header is not None
    assert header.sender == "Jürgen Öztürk <j@post.example>"
    assert header.recipients == "amt@auenfurt.example"
    assert (header.subject, header.date) == ("Verlängerung – läuft ab", SENT)
    assert header.attachments == ("Vertrag.pdf",)
    assert contents.text.endswith("Guten Tag, مرحبا")
    assert [file.name for file in contents.files] == ["Vertrag.pdf"]


def test_header_from_outside_counts_most() -> None:
    header = "From: =?utf-8?Q?J=C3=B6rg?= <j@x.example>\r\nTo: amt@x.example\r\nMessage-ID: <7@x.example>\r\n"
    found = _open(_message(header=header)).header
    assert found is not None
    assert (found.sender, found.message_id) == ("Jörg <j@x.example>", "<7@x.example>")
    assert found.subject == "Verlängerung – läuft ab"


@pytest.mark.parametrize(
    "form",
    [
        {"html": "<p>Grüße <b>aus</b> Łódź</p>".encode()},
        {"rtf": compressed_rtf.compress(rb"{\rtf1\ansi\ansicpg1252 Gr\'fc\'dfe aus \u321?\'f3d\u378?}")},
        {
            "rtf": compressed_rtf.compress(
                rb"{\rtf1\ansi\ansicpg1252\fromhtml1{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Gr\'fc\'dfe aus "
                rb"\u321?\'f3d\u378?\htmlrtf }\htmlrtf0{\*\htmltag72 </p>}}"
            )
        },
    ],
)
def test_other_forms_of_the_body(form: dict[str, bytes]) -> None:
    assert _open(_message(body="", **form)).text.endswith("Grüße aus Łódź")


def test_saved_message_is_one_letter_with_the_messages_in_it() -> None:
    logo, scan = _png(120, 40), _png(900, 1200)
    files = [SavedFile("weiter.msg", INNER), SavedFile("logo.png", logo, "1"), SavedFile("scan.png", scan, "2")]
    (letter,) = read_item(_message(files=files).as_msg(), Limits(), OcrSettings()).letters
    assert letter.kind is LetterKind.MAIL
    assert letter.mail is not None
    assert letter.mail.subject == "Verlängerung – läuft ab"
    assert "33.2-475-123456" in letter.text.split("\f")[1]
    assert "Hochofen" in letter.text
    assert len(letter.pages) == 4  # two messages, one scan, one attachment of the inner message; no logo
    assert letter.problems == ()


def test_messages_in_messages_are_read_to_a_depth() -> None:
    message = INNER
    for _level in range(8):
        message = _message(files=[SavedFile("weiter.msg", message)])
    contents = _open(message)
    assert contents.problem is Reason.TOO_LARGE
    assert contents.text.count("Betreff:") == Limits().max_nesting


def test_attachments_are_counted() -> None:
    files = [SavedFile(f"{number}.pdf", b"%PDF-1.7 " + bytes(9000)) for number in range(5)]
    contents = _open(_message(files=files), Limits(max_unpacked_bytes=20_000))
    assert (len(contents.files), contents.problem) == (2, Reason.TOO_LARGE)


def test_strings_of_one_byte_each_are_read_by_their_code_page() -> None:
    entries = b"\0" * 32 + bytes.fromhex("0300fd3f06000000") + (1251).to_bytes(8, "little")
    tree = {"__properties_version1.0": entries, "__substg1.0_1000001E": "Привет".encode("cp1251")}
    assert open_outlook(compound_file(tree), Unpacking(Limits())).text.endswith("Привет")


def test_damage_anywhere_gives_a_letter_or_a_refusal() -> None:
    data = _message(files=[SavedFile("weiter.msg", INNER)]).as_msg()
    rng = random.Random(4)
    for _attempt in range(120):
        damaged = bytearray(data[: rng.choice([len(data), rng.randrange(600, len(data))])])
        for _byte in range(20):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with contextlib.suppress(UnreadableError):
            assert isinstance(open_outlook(bytes(damaged), Unpacking(Limits())), Contents)


def _png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, "PNG")
    return out.getvalue()
