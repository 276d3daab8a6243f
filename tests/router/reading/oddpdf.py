# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""PDF files with something odd about them, made of a clean page."""

import io
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image

from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.records import Reading, Word
from training.sample_office.degrade import rasterise
from training.sample_office.layout import pages_pdf

OURS = "33.2-475-123456"
LETTER = f"""Sehr geehrte Damen und Herren,
zu meinem Aktenzeichen {OURS} bitte ich um einen Termin.
Mein Aufenthaltstitel gilt nur noch bis zum Jahresende, und mein
Arbeitgeber verlangt bald einen Nachweis. Vielen Dank im Voraus.
Mit freundlichen Grüßen
"""
FORM = """Mietbescheinigung des Vermieters
Name des Mieters: Łukasz Wiśniewski
Geboren am 17.03.1988 in Breslau
Die Wohnung hat drei Zimmer und ist zwei Personen
überlassen. Die Kaltmiete beträgt 640 Euro im Monat.
"""


def read(data: bytes) -> Reading:
    return read_item(data, Limits(), OcrSettings())


def text_of(reading: Reading) -> str:
    return "\f".join(letter.text for letter in reading.letters)


def word(reading: Reading, text: str) -> Word:
    return next(word for letter in reading.letters for page in letter.pages for word in page.words if word.text == text)


@cache
def clean(*texts: str) -> bytes:
    return pages_pdf(texts or (LETTER,))


@cache
def unpacked(*texts: str) -> bytes:
    """Return pages whose objects all lie open, so that they can be spoilt by replacing words."""
    with pikepdf.open(io.BytesIO(clean(*texts))) as document:
        return saved(document, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False)


def saved(document: pikepdf.Pdf, **options: Any) -> bytes:
    out = io.BytesIO()
    document.save(out, **options)
    return out.getvalue()


def changed(change: Callable[[pikepdf.Pdf], object], data: bytes | None = None, **options: Any) -> bytes:
    with pikepdf.open(io.BytesIO(data or clean())) as document:
        change(document)
        return saved(document, **options)


def spoilt(pattern: bytes, by: bytes, data: bytes | None = None) -> bytes:
    whole = data or unpacked()
    out = re.sub(pattern, by, whole)
    assert out != whole, pattern
    return out


@cache
def scan(text: str = FORM, dpi: int = 200) -> Image.Image:
    """Return the picture of a page; the lower, empty half is cut off."""
    (page,) = rasterise(pages_pdf([text]), dpi)
    return Image.fromarray(np.ascontiguousarray(page[: len(page) // 2]))


def with_picture(
    data: bytes, picture: Image.Image, place: tuple[float, float, float, float], *, invisible: bool = False
) -> bytes:
    """Return a page with a picture on it: left, bottom, width and height in points."""
    with pikepdf.open(io.BytesIO(data)) as document:
        page = document.pages[0]
        packed = io.BytesIO()
        picture.convert("L").save(packed, "JPEG", quality=80)
        page.obj.Resources.XObject = Dictionary(
            Scan=Stream(
                document, packed.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=picture.width,
                Height=picture.height, ColorSpace=Name.DeviceGray, BitsPerComponent=8, Filter=Name.DCTDecode,
            )
        )  # fmt: skip
        page.contents_coalesce()
        body = page.obj.Contents.read_bytes()
        if invisible:
            body = body.replace(b"BT", b"BT 3 Tr")
        left, bottom, width, height = place
        drawn = b"q %f 0 0 %f %f %f cm /Scan Do Q\nq %b Q" % (width, height, left, bottom, body)
        page.obj.Contents = document.make_stream(drawn)
        return saved(document)


def widget(document: pikepdf.Pdf, name: str, kind: str, rect: tuple[float, ...], **keys: Any) -> pikepdf.Object:
    return document.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name(f"/{kind}"), T=String(name), Rect=Array(rect), F=4, **keys
        )
    )
