# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files of every kind, as they come in."""

import io
import random
from email.message import EmailMessage

import pypdfium2
import pytest
from PIL import Image

from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.reading.sandbox import ReaderPool
from router.records import LetterKind, PageSource, Reading, Reason
from training.sample_office.broken import joined, not_a_document
from training.sample_office.build import batch_pdf, render
from training.sample_office.city import City
from training.sample_office.compose import Composed
from training.sample_office.layout import letter_pdf, pages_pdf

TEXT = "Sehr geehrte Damen und Herren,\nmein Aktenzeichen lautet 33.2-475-123456.\nGrüße aus Köln, Łukasz"


def _read(data: bytes) -> Reading:
    return read_item(data, Limits(), OcrSettings())


def _picture(text: str, dpi: int = 150) -> Image.Image:
    document = pypdfium2.PdfDocument(pages_pdf([text]))
    try:
        picture: Image.Image = document[0].render(scale=dpi / 72, grayscale=True).to_pil()
        return picture
    finally:
        document.close()


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_several_encodings(encoding: str) -> None:
    text = TEXT if encoding != "cp1252" else TEXT.replace("Ł", "L")
    (letter,) = _read(text.encode(encoding)).letters
    assert letter.kind is LetterKind.TEXT
    assert letter.text == text
    assert letter.pages[0].source is PageSource.TEXT


def test_long_text_runs_over_pages_and_form_feeds_start_them() -> None:
    (letter,) = _read(("Zeile\n" * 130 + "\fletzte Seite").encode()).letters
    assert [page.number for page in letter.pages] == list(range(1, len(letter.pages) + 1))
    assert len(letter.pages) == 4
    assert letter.text.endswith("\fletzte Seite")


def test_photo_that_notes_how_it_was_held(pool: ReaderPool) -> None:
    """EXIF orientation 6: the picture is stored lying on its side."""
    stored = _picture(TEXT + "\n" + "Ich bitte um einen Termin im November.\n" * 12).transpose(
        Image.Transpose.ROTATE_90
    )
    exif = Image.Exif()
    exif[0x0112] = 6
    (letter,) = pool.read(_saved(stored, "JPEG", exif=exif, quality=90)).letters
    assert "33.2-475-123456" in letter.text
    assert letter.pages[0].rotation == 0
    assert letter.pages[0].height > letter.pages[0].width


def test_every_page_of_a_tiff_with_oblong_pixels(pool: ReaderPool) -> None:
    pages = [
        _picture(f"Blatt {word}\n\nDer Antrag auf Verlängerung liegt diesem\nSchreiben bei. Ich bitte um Antwort.", 204)
        for word in ("eins", "zwei")
    ]
    flat = [page.resize((page.width, page.height * 98 // 204)).convert("1") for page in pages]
    data = _saved(flat[0], "TIFF", save_all=True, append_images=flat[1:], compression="group3", dpi=(204, 98))
    reading = pool.read(data)
    assert reading.media_type == "image/tiff"
    assert reading.page_count == 2
    (letter,) = reading.letters
    assert [page.number for page in letter.pages] == [1, 2]
    assert "eins" in letter.text.split("\f")[0]
    assert "zwei" in letter.text.split("\f")[1]
    assert letter.pages[0].height == pytest.approx(842, abs=6)
    assert letter.pages[0].width == pytest.approx(595, abs=6)


def test_png_with_transparency(pool: ReaderPool) -> None:
    dark = _picture("Bescheinigung der Hochschule\n" * 10)
    clear = Image.new("RGBA", dark.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=dark.point(lambda value: 255 - value))
    (letter,) = pool.read(_saved(clear, "PNG", dpi=(150, 150))).letters
    assert letter.text.count("Hochschule") >= 9


def test_pdf_with_a_typed_and_a_scanned_page(pool: ReaderPool, city: City, letters: list[Composed]) -> None:
    typed = letter_pdf(letters[1], city.plan.file.office.address, random.Random(1))
    scanned = _saved(_picture("Anlage: Mietvertrag\n" * 10, 200), "PDF", resolution=200)
    (letter,) = pool.read(joined([typed, scanned])).letters
    sources = [page.source for page in letter.pages]
    assert sources[0] is PageSource.TEXT
    assert sources[-1] is PageSource.OCR
    assert letter.kind is LetterKind.SCAN
    assert "Mietvertrag" in letter.text.split("\f")[-1]


def test_values_of_form_fields_are_read_where_they_stand(city: City) -> None:
    form = _a_form(city)
    rendered = render(city, form, "form", random.Random(3))
    (letter,) = _read(rendered.data).letters
    assert letter.kind is LetterKind.FORM
    concerned = form.people["c"]
    assert concerned.surname in letter.text
    assert f"{concerned.birth:%d.%m.%Y}" in letter.text
    for page in letter.pages:
        assert all(0 <= w.box.x0 <= w.box.x1 and 0 <= w.box.y0 < w.box.y1 <= page.height for w in page.words)


def _a_form(city: City) -> Composed:
    from training.sample_office.build import TEST_PERIOD
    from training.sample_office.compose import Composer
    from training.sample_office.letters import load_letters

    written = next(x for x in load_letters(city.folder / "letters") if x.id == "k36-form-daueraufenthalt-unionsbuerger")
    return Composer(city).compose(written, 1, period=TEST_PERIOD, held_out=True)


def test_a_stack_is_split_at_its_separator_sheets(pool: ReaderPool, city: City, letters: list[Composed]) -> None:
    reading = pool.read(batch_pdf(city, letters[:2], random.Random(5)))
    assert len(reading.letters) == 2
    numbers = [page.number for letter in reading.letters for page in letter.pages]
    assert len(numbers) == reading.page_count - 1
    assert "TRENNBLATT" not in "".join(letter.text for letter in reading.letters)
    for letter, read in zip(letters, reading.letters, strict=False):
        assert letter.plain(letter.subject).split()[0] in read.text


def _mail(body: str = TEXT) -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Jürgen Öztürk <j@post.example>"
    message["To"] = "auslaenderbehoerde@auenfurt.example"
    message["Subject"] = "Verlängerung – läuft ab"
    message["Message-ID"] = "<1@post.example>"
    message.set_content(body)
    return message


def test_mail_with_attachments_is_one_letter() -> None:
    message = _mail()
    message.add_attachment(pages_pdf(["Arbeitsvertrag"]), maintype="application", subtype="pdf", filename="Vertrag.pdf")
    message.add_attachment(b"Notiz aus der Anlage", maintype="application", subtype="octet-stream", filename="n.txt")
    reading = _read(message.as_bytes())
    (letter,) = reading.letters
    assert letter.kind is LetterKind.MAIL
    assert letter.mail is not None
    assert letter.mail.subject == "Verlängerung – läuft ab"
    assert letter.mail.attachments == ("Vertrag.pdf", "n.txt")
    assert [page.source for page in letter.pages] == [PageSource.MAIL, PageSource.TEXT, PageSource.TEXT]
    assert [page.number for page in letter.pages] == [1, 2, 3]
    assert "Arbeitsvertrag" in letter.text
    assert "Notiz" in letter.text
    assert letter.problems == ()


def test_attachment_of_an_unknown_kind_sends_the_mail_to_a_person() -> None:
    message = _mail()
    program = not_a_document(random.Random(1))
    message.add_attachment(program, maintype="application", subtype="msword", filename="a.doc")
    (letter,) = _read(message.as_bytes()).letters
    assert letter.problems == (Reason.UNREADABLE,)
    assert "33.2-475-123456" in letter.text


def test_mail_of_html_only() -> None:
    message = _mail()
    message.set_content("<p>Guten <b>Tag</b></p><script>x()</script><p>Az. 33.2-475-123456</p>", subtype="html")
    (letter,) = _read(message.as_bytes()).letters
    assert "Guten Tag" in letter.text
    assert "33.2-475-123456" in letter.text
    assert "x()" not in letter.text


def test_forwarded_message_is_read_with_its_attachment() -> None:
    inner = _mail("Innen steht das Wort Hochofen.")
    inner.add_attachment(pages_pdf(["Immatrikulation"]), maintype="application", subtype="pdf", filename="i.pdf")
    outer = _mail("Zur Kenntnis")
    outer.add_attachment(inner)
    (letter,) = _read(outer.as_bytes()).letters
    assert all(word in letter.text for word in ("Kenntnis", "Hochofen", "Immatrikulation"))


@pytest.mark.parametrize(
    ("head", "body", "expected"),
    [
        (b"Content-Type: text/plain; charset=iso-8859-1\r\n", "Grüße".encode("latin-1"), "Grüße"),
        (b"Content-Type: text/plain; charset=windows-1251\r\n", "Привет".encode("cp1251"), "Привет"),
        (b"Content-Type: text/plain; charset=x-unknown\r\n", "Grüße".encode(), "Grüße"),
        (b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n", b"R3LDvMOfZQ=", "Grüße"),
        (b"Content-Type: multipart/mixed; boundary=zz\r\n", b"--zz\r\n\r\nohne Ende Brief", "ohne Ende Brief"),
        (b"Content-Type: multipart/mixed\r\n", b"ohne Grenze Brief", "ohne Grenze Brief"),
    ],
)
def test_charsets_and_broken_mime(head: bytes, body: bytes, expected: str) -> None:
    data = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: x\r\nDate: gestern\r\n" + head + b"\r\n" + body
    assert kind_of(data) is Kind.MAIL
    (letter,) = _read(data).letters
    assert expected in letter.text
