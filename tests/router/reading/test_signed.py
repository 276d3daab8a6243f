# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import base64

import pytest
from asn1crypto import algos, cms

from router.errors import EncryptedError, UnreadableError
from router.reading.contents import Unpacking
from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.reading.signed import open_signed
from router.records import Letter, Reason
from training.sample_office.layout import pages_pdf

HEAD = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: Antrag\r\n"
ENTITY = (
    b"Content-Type: multipart/mixed; boundary=zz\r\n\r\n--zz\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    + "Grüße aus dem Umschlag\r\n--zz\r\nContent-Type: application/pdf\r\n".encode()
    + b"Content-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(pages_pdf(["Hochofen"]))
    + b"--zz--"
)


def _signed(content: bytes | None) -> bytes:
    """Return a container with nobody's signature; nothing here looks at it."""
    within = {"content_type": "data"} | ({"content": content} if content is not None else {})
    signed = cms.SignedData(
        {"version": "v1", "digest_algorithms": [], "encap_content_info": within, "signer_infos": []}
    )
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


def _sealed() -> bytes:
    algorithm = algos.EncryptionAlgorithm({"algorithm": "aes256_cbc", "parameters": b"\0" * 16})
    within = {"content_type": "data", "content_encryption_algorithm": algorithm, "encrypted_content": b"geheim"}
    sealed = cms.EnvelopedData({"version": "v0", "recipient_infos": [], "encrypted_content_info": within})
    return bytes(cms.ContentInfo({"content_type": "enveloped_data", "content": sealed}).dump())


def _mail(content: bytes) -> Letter:
    data = HEAD + b"Content-Type: application/pkcs7-mime; name=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    (letter,) = read_item(data + base64.encodebytes(content), Limits(), OcrSettings()).letters
    return letter


def test_mail_within_its_signature_is_read() -> None:
    letter = _mail(_signed(ENTITY))
    assert letter.problems == ()
    assert all(word in letter.text for word in ("Betreff: Antrag", "Grüße aus dem Umschlag", "Hochofen"))


def test_signed_file_is_read() -> None:
    data = _signed(pages_pdf(["Klageschrift"]))
    assert kind_of(data) is Kind.SIGNED
    (letter,) = read_item(data, Limits(), OcrSettings()).letters
    assert "Klageschrift" in letter.text


def test_encrypted_mail_goes_to_a_person_with_its_subject() -> None:
    letter = _mail(_sealed())
    assert letter.problems == (Reason.ENCRYPTED,)
    assert "Betreff: Antrag" in letter.text
    with pytest.raises(EncryptedError):
        open_signed(_sealed(), Unpacking(Limits()))


def test_signature_beside_its_file_holds_nothing() -> None:
    assert open_signed(_signed(None), Unpacking(Limits())).files == ()


@pytest.mark.parametrize("end", [20, 60, -5])
def test_damaged_container(end: int) -> None:
    with pytest.raises(UnreadableError):
        open_signed(_signed(ENTITY)[:end], Unpacking(Limits()))


def test_signatures_around_signatures_are_opened_to_a_depth() -> None:
    data = pages_pdf(["Kern"])
    for _level in range(6):
        data = _signed(data)
    (letter,) = read_item(data, Limits(), OcrSettings()).letters
    assert Reason.TOO_LARGE in letter.problems
