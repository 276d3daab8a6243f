# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import io
import struct
import zipfile

import pytest

from router.errors import UnreadableError
from router.reading.archive import open_archive
from router.reading.contents import Contents, Unpacking
from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.records import Reason
from training.sample_office.court import as_archive
from training.sample_office.layout import pages_pdf


def _open(data: bytes, **limits: int) -> Contents:
    assert kind_of(data) is Kind.ZIP
    return open_archive(data, Unpacking(Limits(**limits)))


def _names(contents: Contents) -> list[str]:
    return [file.name for file in contents.files]


def test_files_come_in_the_order_of_people_the_court_message_first() -> None:
    names = ["Anlage 10.txt", "Anlage 2.txt", "b/Überblick.txt", "b/xjustiz_nachricht.xml", "leer/", "Привет.txt"]
    contents = _open(as_archive([(name, b"" if name.endswith("/") else b"x") for name in names]))
    assert _names(contents) == ["b/xjustiz_nachricht.xml", "Anlage 2.txt", "Anlage 10.txt", names[2], names[5]]


def test_what_systems_leave_behind_is_left_out() -> None:
    names = ["__MACOSX/._Brief.pdf", "a/.DS_Store", "Thumbs.db", "a/._Brief.pdf", "desktop.ini", "Brief.txt"]
    assert _names(_open(as_archive([(name, b"x") for name in names]))) == ["Brief.txt"]


def test_paths_are_names_only() -> None:
    """Nothing is written anywhere; the name is shown as given."""
    contents = _open(as_archive([("../../etc/passwd", b"Brief"), ("/abs/C:\\x.txt", b"Brief")]))
    assert sorted(file.data for file in contents.files) == [b"Brief", b"Brief"]


def test_archive_in_an_archive_is_one_letter() -> None:
    inner = as_archive([("innen.pdf", pages_pdf(["Hochofen"]))])
    (letter,) = read_item(as_archive([("a.txt", b"Anschreiben"), ("b.zip", inner)]), Limits(), OcrSettings()).letters
    assert letter.text == "Anschreiben\fHochofen"
    assert letter.problems == ()


def test_archives_in_archives_are_opened_to_a_depth() -> None:
    data = as_archive([("kern.txt", b"Kern")])
    for _level in range(6):
        data = as_archive([("a.zip", data)])
    assert read_item(data, Limits(), OcrSettings()).error is Reason.TOO_LARGE


def test_encrypted_files_are_told_and_the_others_read() -> None:
    data = bytearray(as_archive([("a.txt", b"offen"), ("b.txt", b"geheim")]))
    for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.rindex(signature) + offset
        struct.pack_into("<H", data, place, 1)
    contents = _open(bytes(data))
    assert (_names(contents), contents.problem) == (["a.txt"], Reason.ENCRYPTED)


def test_damaged_file_is_told_and_the_others_read() -> None:
    data = bytearray(as_archive([("a.txt", b"gut" * 50), ("b.txt", bytes(range(256)))]))
    data[data.index(b"b.txt") + 60] ^= 0xFF
    contents = _open(bytes(data))
    assert (_names(contents), contents.problem) == (["a.txt"], Reason.UNREADABLE)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_archive_that_breaks_off_gives_its_whole_files(method: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name in ("a.txt", "b.txt", "c.txt"):
            archive.writestr(name, name.encode() * 500)
    data = out.getvalue()
    contents = _open(data[: data.index(b"PK\1\2") - 3])
    assert ([file.data for file in contents.files], contents.problem) == (
        [b"a.txt" * 500, b"b.txt" * 500],
        Reason.UNREADABLE,
    )


def test_bomb_is_stopped_by_what_comes_out_of_it() -> None:
    contents = _open(as_archive([("a.txt", b"x"), ("b.txt", bytes(30_000_000))]), max_unpacked_bytes=1_000_000)
    assert (_names(contents), contents.problem) == (["a.txt"], Reason.TOO_LARGE)


def test_sizes_that_lie_change_nothing() -> None:
    data = bytearray(as_archive([("b.txt", bytes(3_000_000))]))
    struct.pack_into("<I", data, data.index(b"PK\1\2") + 24, 10)
    assert _open(bytes(data)).problem is Reason.UNREADABLE
    broken = bytes(data[: data.index(b"PK\1\2")])
    assert _open(broken, max_unpacked_bytes=1_000_000).problem is Reason.TOO_LARGE


def test_too_many_files_are_counted() -> None:
    contents = _open(as_archive([(f"{number}.txt", b"x") for number in range(Limits().max_attachments + 5)]))
    assert (len(contents.files), contents.problem) == (Limits().max_attachments, Reason.TOO_LARGE)


def test_empty_archive() -> None:
    with pytest.raises(UnreadableError):
        open_archive(as_archive([]), Unpacking(Limits()))
