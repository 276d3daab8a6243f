# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files as they really arrive when something went wrong: cut off, locked, of another kind, far too long."""

import io
import random
import zipfile
from collections.abc import Sequence

import pikepdf

from training.sample_office.layout import pages_pdf

__all__ = ["cut_off", "joined", "locked", "long_copy", "not_a_document", "office_document"]

_ZIP_DATE = (2026, 11, 2, 8, 0, 0)
_CONTENT_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)


def cut_off(data: bytes, share: float) -> bytes:
    """Return the first `share` of a file, as a broken transfer leaves it."""
    return data[: int(len(data) * share)]


def locked(pdf: bytes, *, to_open: str = "", to_change: str = "Stempelkissen") -> bytes:
    """Return a PDF with a password: one that must be known to open it, or only one that guards changes."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        # RC4 draws no random numbers, so that the file can be made again byte for byte; nothing secret is in it.
        protection = pikepdf.Encryption(owner=to_change, user=to_open, R=3, aes=False, metadata=False)
        document.save(out, encryption=protection, static_id=True)
    return out.getvalue()


def joined(parts: Sequence[bytes]) -> bytes:
    """Return several PDF files as one."""
    out = pikepdf.new()
    for part in parts:
        with pikepdf.open(io.BytesIO(part)) as source:
            out.pages.extend(source.pages)
    target = io.BytesIO()
    out.save(target, deterministic_id=True)
    return target.getvalue()


def office_document(text: str) -> bytes:
    """Return a word processor's file (Office Open XML) with one paragraph a line."""
    lines = (line.replace("&", "&amp;").replace("<", "&lt;") for line in text.splitlines())
    paragraphs = "".join(f'<w:p><w:r><w:t xml:space="preserve">{line}</w:t></w:r></w:p>' for line in lines)
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        f"<w:body>{paragraphs}</w:body></w:document>"
    )
    out = io.BytesIO()
    parts = (("[Content_Types].xml", _CONTENT_TYPES), ("_rels/.rels", _RELATIONS), ("word/document.xml", document))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def not_a_document(rng: random.Random) -> bytes:
    """Return bytes that begin like a Windows program and are none."""
    return b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + rng.randbytes(4000)


def long_copy(first: bytes, title: str, sheets: int, rng: random.Random) -> bytes:
    """Return a letter followed by a printed file of very many sheets, small in bytes."""
    notes = (
        "Vermerk: Unterlagen eingegangen, zur Akte genommen.",
        "Vermerk: Vorsprache ohne Termin, auf das Buchungsportal verwiesen.",
        "Vermerk: Wiedervorlage in sechs Wochen.",
        "Vermerk: Rückruf, niemand erreicht.",
        "Vermerk: Kopie des Passes gefertigt, Original zurückgegeben.",
        "Vermerk: Anfrage an das Register gestellt.",
    )
    texts = []
    for sheet in range(1, sheets + 1):
        day = f"{rng.randint(1, 28):02d}.{rng.randint(1, 12):02d}.{2014 + sheet * 11 // sheets}"
        texts.append(f"{title}\nBlatt {sheet}\n\n{day}\n{rng.choice(notes)}\n\ngez. {rng.choice('ABDHKLMRSW')}.")
    return joined([first, pages_pdf(texts)])
