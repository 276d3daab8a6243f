# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files within PDF files."""

import zlib
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, AttachedFileSpec, Dictionary, Name

from router.reading.contents import Unpacking
from router.reading.embedded import attachments_of
from router.reading.limits import Limits
from router.records import Reason
from tests.router.reading.oddpdf import OURS, changed, clean, read, text_of

NOTE = f"Zu Aktenzeichen {OURS}: siehe Anlage".encode()


def _attached(**files: bytes) -> bytes:
    def attach(document: pikepdf.Pdf) -> None:
        for name, data in files.items():
            document.attachments[name.replace("_", ".")] = data

    return changed(attach, clean("Anschreiben"))


def test_attachments_are_pages_of_the_letter() -> None:
    reading = read(_attached(a_txt=NOTE, b_pdf=clean("Mietvertrag"), invoice_xml=b"<?xml version='1.0'?><ID>R-17</ID>"))
    assert [page.number for page in reading.letters[0].pages] == [1, 2, 3, 4]
    assert all(value in text_of(reading) for value in ("Anschreiben", OURS, "Mietvertrag", "R-17"))
    assert reading.letters[0].problems == ()


def test_files_pinned_to_a_page_are_found() -> None:
    def pin(document: pikepdf.Pdf) -> None:
        note = AttachedFileSpec(
            document, NOTE, filename="notiz.txt", description="", mime_type="", creation_date="", mod_date=""
        )
        mark = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([0, 0, 9, 9]), FS=note.obj)
        document.pages[0].obj.Annots = Array([document.make_indirect(mark)])

    assert OURS in text_of(read(changed(pin, clean("Anschreiben"))))


def test_attachments_behind_an_owner_password() -> None:
    data = changed(lambda _: None, _attached(a_txt=NOTE), encryption=pikepdf.Encryption(owner="x", user="", R=6))
    assert OURS in text_of(read(data))


@pytest.mark.parametrize(("name", "problems"), [("a_joboptions", ()), ("a_exe", (Reason.UNREADABLE,))])
def test_only_what_programs_attach_by_themselves_is_left_out_without_a_word(
    name: str, problems: tuple[Reason, ...]
) -> None:
    assert read(_attached(**{name: bytes(range(256)) * 8})).letters[0].problems == problems


def test_files_that_unpack_to_too_much_are_not_unpacked() -> None:
    limits = Limits(max_unpacked_bytes=1_000_000)
    found = attachments_of(_attached(a_txt=NOTE, b_txt=b" " * 5_000_000), Unpacking(limits))
    assert [file.name for file in found.files] == ["a.txt"]
    assert found.problem is Reason.TOO_LARGE


def test_one_account_for_all_files() -> None:
    unpacking = Unpacking(Limits(max_attachments=2))
    found = attachments_of(_attached(a_txt=NOTE, b_txt=NOTE, c_txt=NOTE), unpacking)
    assert len(found.files) == 2
    assert found.problem is Reason.TOO_LARGE


def test_damaged_attachment_sends_the_letter_to_a_person() -> None:
    packed = zlib.compress(NOTE)

    def attach(document: pikepdf.Pdf) -> None:
        document.attachments["a.txt"] = NOTE
        document.attachments["a.txt"].obj.EF.F.write(packed, filter=Name.FlateDecode)

    options: dict[str, Any] = {"compress_streams": False, "object_stream_mode": pikepdf.ObjectStreamMode.disable}
    data = changed(attach, clean("Anschreiben"), stream_decode_level=pikepdf.StreamDecodeLevel.none, **options)
    assert packed in data
    reading = read(data.replace(packed, packed[:12] + b"\xff" * (len(packed) - 12)))
    assert "Anschreiben" in text_of(reading)
    assert reading.letters[0].problems == (Reason.UNREADABLE,)
