# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Mails as broken, as foreign and as hostile as they come."""

import base64
import io
from email.message import EmailMessage

import pytest
from PIL import Image

from router.reading.contents import Contents, Unpacking
from router.reading.flowed import unflow
from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.mail import open_mail
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.records import Letter, Reason
from training.sample_office.layout import pages_pdf

HEAD = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Antrag\r\n"


def _open(data: bytes, limits: Limits | None = None) -> Contents:
    return open_mail(data, Unpacking(limits or Limits()))


def _letter(data: bytes) -> Letter:
    (letter,) = read_item(data, Limits(), OcrSettings()).letters
    return letter


@pytest.mark.parametrize(
    ("charset", "body", "expected"),
    [
        ("iso-8859-1", b"\x84Gr\xfc\xdfe\x93 \x80", "„Grüße“ €"),
        ("us-ascii", "Grüße".encode(), "Grüße"),
        ("utf-8", "Grüße".encode("cp1252"), "Grüße"),
        ("windows-1252", "Łódź".encode(), "Łódź"),
        ("iso-8859-2", "Łódź".encode("iso-8859-2"), "Łódź"),
        ("koi8-r", "Привет".encode("koi8-r"), "Привет"),
        ("windows-1256", "مرحبا".encode("cp1256"), "مرحبا"),
        ("gb2312", "居留许可".encode("gbk"), "居留许可"),
        ("gb18030", "居留许可".encode("gb18030"), "居留许可"),
        ("iso-2022-jp", "在留".encode("iso2022_jp"), "在留"),
        ("utf-7", b"Gr+APwA3w-e", "Gr+APwA3w-e"),
        ("unicode_escape", b"\\u0041 Antrag", "\\u0041 Antrag"),
        ("'utf-8'", "Grüße".encode(), "Grüße"),
    ],
)
def test_charsets_right_wrong_and_unknown(charset: str, body: bytes, expected: str) -> None:
    data = HEAD + f"Content-Type: text/plain; charset={charset}\r\n\r\n".encode() + body
    assert _open(data).text.endswith(expected)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"=?utf-8?B?VmVybMOkbmdlcnVuZw==?=", "Verlängerung"),
        (b"=?utf-8?B?VmVybMOk?=\r\n =?utf-8?B?bmdlcnVuZw==?=", "Verlängerung"),
        (b"=?utf-8?Q?Verl=C3?=\r\n =?utf-8?Q?=A4ngerung?=", "Verlängerung"),
        (b"=?iso-8859-1?Q?Verl=E4ngerung_f=FCr_=80?=", "Verlängerung für €"),
        (b"=?x-unknown?Q?Verl=C3=A4ngerung?=", "Verlängerung"),
        (b"=?utf-8?B?A?= Antrag", "=?utf-8?B?A?= Antrag"),
        ("Verlängerung".encode(), "Verlängerung"),
        ("Verlängerung".encode("latin-1"), "Verlängerung"),
        (b"=?utf-8?Q?", "=?utf-8?Q?"),
    ],
)
def test_subjects_of_every_make(raw: bytes, expected: str) -> None:
    header = _open(b"From: a@b.example\r\nTo: c@d.example\r\nSubject: " + raw + b"\r\n\r\nText").header
    assert header is not None
    assert header.subject == expected


@pytest.mark.parametrize(
    "disposition",
    [
        "attachment; filename*=utf-8''Antr%C3%A4ge.txt",
        "attachment; filename*0*=utf-8''Antr%C3; filename*1*=%A4ge.txt",
        'attachment; filename="=?utf-8?Q?Antr=C3=A4ge.txt?="',
    ],
)
def test_names_of_attachments(disposition: str) -> None:
    part = f"Content-Type: text/plain\r\nContent-Disposition: {disposition}\r\n\r\nNotiz\r\n"
    data = HEAD + b"Content-Type: multipart/mixed; boundary=zz\r\n\r\n--zz\r\n" + part.encode() + b"--zz--"
    assert [file.name for file in _open(data).files] == ["Anträge.txt"]


def test_huge_headers_are_cut_and_the_letter_is_read() -> None:
    data = b"From: a@b.example\r\nReferences: " + b"<x@y.example> " * 4000 + b"\r\nTo: c@d.example\r\nSubject: "
    data += b"viel " * 200_000 + b"\r\n\r\nBrief"
    assert kind_of(data) is Kind.MAIL
    contents = _open(data)
    assert contents.header is not None
    assert len(contents.header.subject) <= 10_000
    assert contents.text.endswith("Brief")


def test_header_without_a_body() -> None:
    assert "Betreff: Antrag" in _letter(HEAD).text


def test_paragraphs_that_were_broken_for_the_way() -> None:
    body = "Ich bitte um \r\nVerlängerung.\r\n> Wir haben \r\n> geschrieben\r\n>> früher\r\n von hier\r\n-- \r\nJo"
    data = HEAD + b"Content-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n" + body.encode()
    assert _open(data).text.endswith(
        "Ich bitte um Verlängerung.\n> Wir haben geschrieben\n> > früher\nvon hier\n-- \nJo"
    )


def test_blanks_added_for_the_way_are_taken_out() -> None:
    assert unflow("居留 \n许可\n\nTitel ", delete_space=True) == "居留许可\n\nTitel"


def test_the_longer_version_is_read_where_the_plain_one_is_a_stub() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "x"
    message.set_content("Ihr Programm zeigt kein HTML.")
    message.add_alternative("<p>" + "Ich beantrage die Verlängerung. " * 20 + "</p>", subtype="html")
    assert "beantrage" in _open(message.as_bytes()).text


def test_scan_that_hangs_on_the_html_version_is_kept_and_the_logo_is_not() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "Scan"
    message.set_content("Anbei der Scan, siehe unten.")
    message.add_alternative('<p>Anbei</p><img src="cid:1"><img src="cid:2">', subtype="html")
    html = message.get_payload(1)
    assert isinstance(html, EmailMessage)
    html.add_related(_png(900, 1200), "image", "png", cid="<1>")
    html.add_related(_png(120, 40), "image", "png", cid="<2>")
    contents = _open(message.as_bytes())
    assert [(len(file.data) > 0, file.inline) for file in contents.files] == [(True, True), (True, True)]
    letter = _letter(message.as_bytes())
    assert len(letter.pages) == 2  # the mail and the scan


def _png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, "PNG")
    return out.getvalue()


def test_detached_signatures_are_no_documents() -> None:
    data = HEAD + b"Content-Type: multipart/signed; boundary=zz\r\n\r\n--zz\r\n\r\nDer Brief\r\n--zz\r\n"
    data += b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    data += base64.b64encode(b"0\x80\x06\x09") + b"\r\n--zz--"
    contents = _open(data)
    assert contents.text.endswith("Der Brief")
    assert (contents.files, contents.problem) == ((), None)


def test_encrypted_mail_goes_to_a_person_with_its_subject() -> None:
    data = HEAD + b"Content-Type: multipart/encrypted; boundary=zz\r\n\r\n--zz\r\n"
    data += b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--zz\r\n\r\n"
    data += b"-----BEGIN PGP MESSAGE-----\r\n--zz--"
    letter = _letter(data)
    assert letter.problems == (Reason.ENCRYPTED,)
    assert "Betreff: Antrag" in letter.text
    assert "PGP" not in letter.text


def test_encrypted_block_in_the_text_is_told_and_left_out() -> None:
    data = HEAD + b"\r\nHallo\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\nGruss"
    letter = _letter(data)
    assert letter.problems == (Reason.ENCRYPTED,)
    assert "hQEMA" not in letter.text
    assert "Gruss" in letter.text


def test_bounce_is_read_with_the_letter_that_came_back() -> None:
    data = HEAD + b"Content-Type: multipart/report; boundary=zz\r\n\r\n--zz\r\n\r\nUnzustellbar\r\n--zz\r\n"
    data += b"Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: failed\r\n--zz\r\n"
    data += b"Content-Type: message/rfc822\r\n\r\n" + HEAD + b"\r\nUrsprung\r\n--zz--"
    letter = _letter(data)
    assert letter.problems == ()
    assert all(word in letter.text for word in ("Unzustellbar", "failed", "Ursprung"))


def test_attached_message_that_was_packed_like_a_file() -> None:
    inner = base64.encodebytes(HEAD + b"\r\nInnen Hochofen")
    data = HEAD + b"Content-Type: multipart/mixed; boundary=zz\r\n\r\n--zz\r\nContent-Type: message/rfc822\r\n"
    data += b"Content-Transfer-Encoding: base64\r\n\r\n" + inner + b"\r\n--zz--"
    assert "Hochofen" in _letter(data).text


def test_attached_text_keeps_its_charset() -> None:
    part = b"Content-Type: text/plain; charset=windows-1251\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\n"
    data = HEAD + b"Content-Type: multipart/mixed; boundary=zz\r\n\r\n--zz\r\n" + part + "Привет".encode("cp1251")
    assert "Привет" in _letter(data + b"\r\n--zz--").text


@pytest.mark.parametrize("depth", [60, 900])
def test_parts_nested_without_end_give_a_letter_with_its_header(depth: int) -> None:
    data = HEAD
    for number in range(depth):
        data += f"Content-Type: multipart/mixed; boundary=b{number}\r\n\r\n--b{number}\r\n".encode()
    letter = _letter(data + b"\r\nganz innen")
    assert "Betreff: Antrag" in letter.text


def test_mails_in_mails_are_read_to_a_depth() -> None:
    data = HEAD + b"\r\nKern"
    for number in range(6):
        inner = f"Content-Type: multipart/mixed; boundary=m{number}\r\n\r\n--m{number}\r\n".encode()
        inner += b"Content-Type: message/rfc822\r\n\r\n" + data
        data = HEAD + inner + f"\r\n--m{number}--".encode()
    letter = _letter(data)
    assert letter.problems == (Reason.TOO_LARGE,)
    assert len(letter.pages) == Limits().max_nesting


def test_attachments_are_counted_over_all_of_the_mail() -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@b.example", "c@d.example", "x"
    message.set_content("Text")
    for number in range(5):
        message.add_attachment(pages_pdf([str(number)]), maintype="application", subtype="pdf", filename="a.pdf")
    contents = _open(message.as_bytes(), Limits(max_attachments=3))
    assert (len(contents.files), contents.problem) == (3, Reason.TOO_LARGE)
