# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A small good file of every kind the reader takes, to be broken."""

import io
import random
from email.message import EmailMessage

import pikepdf
import pypdfium2
import zxingcpp
from PIL import Image

from training.sample_office.broken import joined, locked, office_document
from training.sample_office.court import Party, as_archive, court_message
from training.sample_office.layout import pages_pdf, separator_pdf
from training.sample_office.outlook import SavedFile, SavedMessage, as_tnef

__all__ = ["corpus"]

_TEXT = "\n".join(
    ("Sehr geehrte Damen und Herren,", "mein Zeichen 33.2-475-123456, geb. 01.02.1990.", "Viele Grüße", "Noor Haddad")
)


def corpus() -> dict[str, bytes]:
    """Return good files by a name; the same on every call."""
    pdf, picture = pages_pdf([_TEXT]), _picture()
    barcode = zxingcpp.create_barcode("PATCHT", zxingcpp.BarcodeFormat.Code128)
    archive = as_archive([("brief.pdf", pdf), ("a.txt", b"Guten Tag")])
    court = court_message(
        court="Verwaltungsgericht Altenklee", ours=["33.2-475-123456"], theirs=["7 K 123/26"],
        parties=[Party("101", "Haddad", "Noor")], documents=["klage.pdf"],
    ).encode()  # fmt: skip
    mail = _mail(("brief.pdf", pdf), ("bild.png", _image(picture, "PNG")))
    message = SavedMessage(
        sender="Noor Haddad", address="noor@example.org", subject="Antrag", body=_TEXT,
        files=[SavedFile("brief.pdf", pdf), SavedFile("weiter.msg", SavedMessage(subject="Innen", body="Hallo"))],
    )  # fmt: skip
    return {
        "pdf": pdf,
        "pdf_of_several_pages": pages_pdf([_TEXT, "Anlage", "Vertrag"]),
        "pdf_form": _form(),
        "pdf_scan": _image(picture, "PDF", resolution=100),
        "pdf_locked": locked(pdf),
        "pdf_batch": joined([pdf, separator_pdf(barcode.to_svg()), pdf]),
        "pdf_with_attachment": _with_attachment(pdf),
        "tiff_g4": _image(picture.convert("1"), "TIFF", compression="group4", dpi=(204, 98)),
        "tiff_lzw": _image(picture, "TIFF", compression="tiff_lzw"),
        "tiff_of_two": _image(picture, "TIFF", save_all=True, append_images=[picture], compression="jpeg"),
        "jpeg": _image(picture, "JPEG", quality=60),
        "png": _image(picture, "PNG"),
        "webp": _image(picture, "WEBP"),
        "mail": mail,
        "mail_of_mails": _mail(("weiter.eml", mail), ("paket.zip", archive)),
        "outlook": message.as_msg(),
        "tnef": as_tnef(message),
        "word": office_document(_TEXT),
        "rtf": b"{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}\\f0 Sehr geehrte Damen und Herren,\\par mein Antrag\\'fc.}",
        "zip": as_archive([("brief.pdf", pdf), ("innen.zip", as_archive([("a.txt", _TEXT.encode())]))]),
        "court": as_archive([("xjustiz_nachricht.xml", court), ("klage.pdf", pdf)]),
        "court_alone": court,
        "text": _TEXT.encode(),
        "text_utf16": _TEXT.encode("utf-16"),
    }  # fmt: skip


def _picture() -> Image.Image:
    document = pypdfium2.PdfDocument(pages_pdf(["Az 33.2-475-123456"]))
    page: Image.Image = document[0].render(scale=1.4, grayscale=True).to_pil().crop((60, 60, 420, 200))
    document.close()
    return page.convert("L")


def _image(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _mail(*files: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "Noor Haddad <noor@example.org>",
        "amt@example.org",
        "Antrag für mich",
    )
    message["Message-ID"] = "<1@example.org>"
    message.set_content(_TEXT)
    message.add_alternative(f"<html><body><p>{_TEXT}</p></body></html>", subtype="html")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    message.set_boundary(f"==={random.Random(len(files)).randrange(10**9)}===")
    return message.as_bytes()


def _form() -> bytes:
    with pikepdf.open(io.BytesIO(pages_pdf(["Name:"]))) as pdf:
        field = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx, T="name", V="Haddad",
                Rect=[100, 700, 300, 720], F=4,
            )
        )  # fmt: skip
        pdf.pages[0].Annots = pdf.make_indirect(pikepdf.Array([field]))
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=[field], NeedAppearances=True, DA="/Helv 0 Tf 0 g")
        return _saved(pdf)


def _with_attachment(data: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.attachments["anlage.txt"] = b"Anlage: Vertrag"
        return _saved(pdf)


def _saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()
