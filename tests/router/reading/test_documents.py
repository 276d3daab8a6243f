# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Documents of word processors, as text and, where LibreOffice is installed, as pages."""

import contextlib
import http.server
import io
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import docx
import odfdo
import pytest
from lxml import etree
from PIL import Image

from router.errors import EncryptedError, TooLargeError, UnreadableError
from router.reading import libreoffice
from router.reading.contents import Contents, Unpacking
from router.reading.documents import open_document
from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.parts import parts_of
from router.reading.read import read_item
from router.reading.sandbox import ReaderPool
from router.records import Reason
from training.sample_office.court import as_archive
from training.sample_office.outlook import compound_file

WORDS = "Grüße aus Łódź, Привет, mein Zeichen 33.2-475-123456"
RTF = rb"{\rtf1\ansi\ansicpg1252{\header Unser Zeichen 7 K 1/26\par}Gr\'fc\'dfe, \u1055?\u1088?\par}"
needs_libreoffice = pytest.mark.skipif(not libreoffice.is_installed(), reason="LibreOffice is not installed")
_BOX = (
    '<w:r xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent><mc:Choice>'
    "<w:txbxContent><w:p><w:r><w:t>Im Kasten</w:t></w:r></w:p></w:txbxContent></mc:Choice><mc:Fallback>"
    "<w:txbxContent><w:p><w:r><w:t>Im Kasten</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
    "</mc:AlternateContent></w:r>"
)


@pytest.fixture
def without_libreoffice(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(libreoffice, "_program", lambda: None)
    parts_of.cache_clear()
    yield
    parts_of.cache_clear()


def _word(*, picture: bytes = b"") -> bytes:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Unser Zeichen 7 K 1/26"
    document.sections[0].footer.paragraphs[0].text = "Seite"
    document.add_heading("Antrag", 1)
    document.add_paragraph(WORDS)
    table = document.add_table(2, 2)
    for row, (label, value) in enumerate((("Nachname", "Öztürk"), ("geb.", "31.01.1990"))):
        table.cell(row, 0).text, table.cell(row, 1).text = label, value
    last = document.add_paragraph("Schluss")
    last._p.append(etree.fromstring(_BOX))
    if picture:
        document.add_picture(io.BytesIO(picture))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _open_document() -> bytes:
    document = odfdo.Document("text")
    document.body.clear()
    document.body.append(odfdo.Header(1, "Antrag"))
    paragraph = odfdo.Paragraph(WORDS)
    paragraph.insert_note(after="Zeichen", note_id="n1", citation="1", body="Fußnote")
    document.body.append(paragraph)
    table = odfdo.Table("t", width=2, height=1)
    table.set_value("A1", "Nachname")
    table.set_value("B1", "Öztürk")
    document.body.append(table)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _open(data: bytes, limits: Limits | None = None) -> Contents:
    return open_document(kind_of(data), data, Unpacking(limits or Limits()))


@pytest.mark.usefixtures("without_libreoffice")
def test_word_document_as_text_in_reading_order() -> None:
    lines = ["Unser Zeichen 7 K 1/26", "Antrag", WORDS, "Nachname\tÖztürk", "geb.\t31.01.1990"]
    assert [line for line in _open(_word()).text.splitlines() if line] == [*lines, "Schluss", "Im Kasten", "Seite"]


@pytest.mark.usefixtures("without_libreoffice")
def test_open_document_as_text_in_reading_order() -> None:
    data = _open_document()
    assert kind_of(data) is Kind.OPEN_DOCUMENT
    assert [line for line in _open(data).text.splitlines() if line] == ["Antrag", WORDS, "Fußnote", "Nachname\tÖztürk"]


@pytest.mark.usefixtures("without_libreoffice")
def test_rich_text_as_text() -> None:
    assert kind_of(RTF) is Kind.RTF
    assert _open(RTF).text.split() == ["Unser", "Zeichen", "7", "K", "1/26", "Grüße,", "Пр"]


@pytest.mark.usefixtures("without_libreoffice")
def test_scan_in_a_document_is_a_page_and_a_logo_is_not() -> None:
    def page_count(picture: bytes) -> int:
        return read_item(_word(picture=picture), Limits(), OcrSettings()).page_count

    assert page_count(_png(900, 1200)) == 2
    assert page_count(_png(200, 80)) == 1


@pytest.mark.usefixtures("without_libreoffice")
def test_old_word_document_says_what_it_needs() -> None:
    data = _old_word()
    assert kind_of(data) is Kind.OLD_WORD
    with pytest.raises(UnreadableError, match="LibreOffice"):
        _open(data)


def test_documents_with_a_password() -> None:
    manifest = b"<manifest:encryption-data/>"
    mime = b"application/vnd.oasis.opendocument.text"
    sealed = as_archive([("mimetype", mime), ("content.xml", b"\xff"), ("META-INF/manifest.xml", manifest)])
    for data in (sealed, _old_word(flags=0x0100)):
        with pytest.raises(EncryptedError):
            _open(data)
    locked = compound_file({"EncryptedPackage": b"x" * 20, "EncryptionInfo": b"x"})
    assert read_item(locked, Limits(), OcrSettings()).error is Reason.ENCRYPTED


def test_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = as_archive([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", bytes(50_000_000))])
    with pytest.raises(TooLargeError):
        _open(bomb, Limits(max_unpacked_bytes=10_000_000))


@pytest.mark.usefixtures("without_libreoffice")
@pytest.mark.parametrize(
    "body",
    [
        b"<w:document",
        b"",
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><d>&f;</d>',
        b"<d>" + b"<p>" * 5000 + b"</p>" * 5000 + b"</d>",
    ],
)
def test_damaged_and_hostile_bodies(body: bytes) -> None:
    data = as_archive([("[Content_Types].xml", b"<Types/>"), ("word/document.xml", body)])
    try:
        assert "root:" not in _open(data).text
    except UnreadableError:
        assert b"file:" not in body


@pytest.mark.usefixtures("without_libreoffice")
@pytest.mark.parametrize("kind", [Kind.WORD, Kind.OPEN_DOCUMENT])
def test_damage_anywhere_gives_a_text_or_a_refusal(kind: Kind) -> None:
    data = _word() if kind is Kind.WORD else _open_document()
    rng = random.Random(7)
    for _attempt in range(60):
        damaged = bytearray(data)
        for _byte in range(15):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        with contextlib.suppress(UnreadableError, EncryptedError, TooLargeError):
            assert open_document(kind, bytes(damaged), Unpacking(Limits())).text


@needs_libreoffice
@pytest.mark.parametrize("make", [_word, _open_document, lambda: RTF], ids=["docx", "odt", "rtf"])
def test_documents_are_read_as_pages_in_the_sandbox(make: object, pool: ReaderPool) -> None:
    data = make()  # type: ignore[operator]  # one of the functions above
    reading = pool.read(data)
    assert reading.error is None
    (letter,) = reading.letters
    assert "Zeichen" in letter.text
    assert letter.pages[0].height == pytest.approx(842, abs=60)


@needs_libreoffice
def test_conversion_that_takes_too_long_is_killed_and_the_text_is_read() -> None:
    start = time.monotonic()
    assert libreoffice.as_pdf(_word(), ".docx", 0.3) is None
    assert time.monotonic() - start < 3
    assert not any(b"soffice" in path.read_bytes() for path in _command_lines_of_children())
    assert WORDS in _open(_word(), Limits(wall_seconds=1)).text


@needs_libreoffice
def test_documents_fetch_nothing() -> None:
    """A picture that lies elsewhere and a section that is another file stay away."""
    asked: list[str] = []

    class Listener(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Listener) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            pdf = libreoffice.as_pdf(_with_links(f"http://127.0.0.1:{server.server_port}"), ".odt", 60)
        finally:
            server.shutdown()
    assert pdf is not None
    assert asked == []
    (letter,) = read_item(pdf, Limits(), OcrSettings()).letters
    assert "Brief" in letter.text
    assert "root:" not in letter.text


def _with_links(address: str) -> bytes:
    """Return a document with a picture elsewhere and sections from elsewhere and from this machine."""
    document = odfdo.Document("text")
    document.body.clear()
    document.body.append(odfdo.Paragraph("Brief"))
    for number, source in enumerate((f"{address}/section.odt", "file:///etc/passwd")):
        section = f'<text:section text:name="s{number}"><text:section-source xlink:href="{source}"/></text:section>'
        document.body.append(odfdo.Element.from_tag(section))
    paragraph = odfdo.Paragraph("")
    paragraph.append(odfdo.Frame.image_frame(f"{address}/picture.png", size=("5cm", "5cm")))
    document.body.append(paragraph)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _command_lines_of_children() -> Iterator[Path]:
    for folder in Path("/proc").glob("[0-9]*"):
        path = folder / "cmdline"
        if path.is_file():
            yield path


def _old_word(flags: int = 0) -> bytes:
    return compound_file({"WordDocument": b"\xec\xa5" + b"\0" * 8 + flags.to_bytes(2, "little") + bytes(5000)})


def _png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height), 255).save(out, "PNG")
    return out.getvalue()
