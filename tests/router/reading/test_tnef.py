# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import contextlib
import random
from email.message import EmailMessage

import compressed_rtf
import pytest

from router.errors import UnreadableError
from router.reading.contents import Contents, Unpacking
from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.reading.tnef import open_tnef
from router.records import Letter, Reason
from training.sample_office.layout import pages_pdf
from training.sample_office.outlook import SavedFile, SavedMessage, as_tnef

RTF = compressed_rtf.compress(rb"{\rtf1\ansi\ansicpg1252 Gr\'fc\'dfe aus dem Beh\'e4lter}")
INNER = SavedMessage(body="Innen مرحبا", files=[SavedFile("i.pdf", pages_pdf(["Immatrikulation"]))])
MESSAGE = SavedMessage(rtf=RTF, files=[SavedFile("Anträge.pdf", pages_pdf(["Hochofen"])), SavedFile("w.msg", INNER)])


def _mail(body: str) -> Letter:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "x"
    message.set_content(body)
    message.add_attachment(as_tnef(MESSAGE), maintype="application", subtype="ms-tnef", filename="winmail.dat")
    (letter,) = read_item(message.as_bytes(), Limits(), OcrSettings()).letters
    return letter


def test_body_and_attachments_with_a_message_within() -> None:
    data = as_tnef(MESSAGE)
    assert kind_of(data) is Kind.TNEF
    contents = open_tnef(data, Unpacking(Limits()))
    assert contents.text == "Grüße aus dem Behälter"
    assert [(file.name, kind_of(file.data)) for file in contents.files] == [
        ("Anträge.pdf", Kind.PDF),
        ("w.msg", Kind.TNEF),
    ]


def test_the_container_of_a_mail_speaks_only_where_the_mail_is_silent() -> None:
    silent, talking = _mail(""), _mail("Im Text der Mail")
    assert "Behälter" in silent.text
    assert "Behälter" not in talking.text
    for letter in (silent, talking):
        assert all(word in letter.text for word in ("Hochofen", "Innen", "Immatrikulation"))
        assert letter.mail is not None
        assert letter.mail.attachments == ("Anträge.pdf", "w.msg")
        assert letter.problems == ()


def test_container_that_breaks_off_gives_what_stands_before() -> None:
    contents = open_tnef(as_tnef(MESSAGE)[:-200], Unpacking(Limits()))
    assert contents.problem is Reason.UNREADABLE
    assert contents.files[0].name == "Anträge.pdf"
    with pytest.raises(UnreadableError):
        open_tnef(as_tnef(MESSAGE)[:20], Unpacking(Limits()))


def test_containers_in_containers_are_read_to_a_depth() -> None:
    message = INNER
    for _level in range(8):
        message = SavedMessage(body="Schicht", files=[SavedFile("w.msg", message)])
    (letter,) = read_item(as_tnef(message), Limits(), OcrSettings()).letters
    assert letter.problems == (Reason.TOO_LARGE,)
    assert letter.text.count("Schicht") == Limits().max_nesting


def test_attachments_are_counted() -> None:
    message = SavedMessage(body="x", files=[SavedFile("a", b"Text") for _number in range(5)])
    contents = open_tnef(as_tnef(message), Unpacking(Limits(max_attachments=3)))
    assert (len(contents.files), contents.problem) == (3, Reason.TOO_LARGE)


def test_damage_anywhere_gives_a_letter_or_a_refusal() -> None:
    data = as_tnef(MESSAGE)
    rng = random.Random(5)
    for _attempt in range(200):
        damaged = bytearray(data)
        for _byte in range(10):
            damaged[rng.randrange(6, len(damaged))] = rng.randrange(256)
        with contextlib.suppress(UnreadableError):
            assert isinstance(open_tnef(bytes(damaged), Unpacking(Limits())), Contents)
