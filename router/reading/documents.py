# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Documents of word processors: as pages where LibreOffice is installed, else as their text."""

import io
import re
import zipfile
import zlib

import olefile
from lxml import etree

from router.errors import EncryptedError, UnreadableError
from router.reading import libreoffice
from router.reading.contents import Attachment, Contents, Unpacking
from router.reading.kinds import IMAGES, Kind, kind_of
from router.reading.officexml import text_of_opendocument, text_of_word
from router.reading.rtf import text_of_rtf
from router.records import PageSource

__all__ = ["open_document"]

_SUFFIXES = {Kind.WORD: ".docx", Kind.OPEN_DOCUMENT: ".odt", Kind.OLD_WORD: ".doc", Kind.RTF: ".rtf"}
_LONGEST_CONVERSION = 60.0
"""Seconds."""
_SHORTEST_CONVERSION = 2.0
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    etree.XMLSyntaxError,
    OSError,
    EOFError,
    LookupError,
    ValueError,
    RuntimeError,
)
"""What the libraries raise over damaged documents; a runtime error over what is nested too deep."""
_PICTURES = re.compile(r"(?:word/media|Pictures)/[^/]+")
_ENCRYPTED_WORD = 0x0100


def open_document(kind: Kind, data: bytes, unpacking: Unpacking) -> Contents:
    """Return a document as a PDF file, or its text and the pictures in it.

    Parameters
    ----------
    kind
        Which of the word processors' kinds it is.

    Raises
    ------
    EncryptedError
        When it needs a password.
    TooLargeError
        When it says it unpacks to too much; nothing was unpacked.
    UnreadableError
        When it is damaged, or an old Word document and LibreOffice is not installed.
    """
    if kind in (Kind.WORD, Kind.OPEN_DOCUMENT):
        _book(data, unpacking)
    if _is_encrypted(kind, data):
        raise EncryptedError("the document needs a password")
    seconds = min(_LONGEST_CONVERSION, unpacking.seconds_left())
    pdf = libreoffice.as_pdf(data, _SUFFIXES[kind], seconds) if seconds >= _SHORTEST_CONVERSION else None
    if pdf:
        unpacking.take(len(pdf), files=0)
        return Contents(files=(Attachment("document.pdf", pdf),))
    if kind is Kind.RTF:
        return Contents(text_of_rtf(data), PageSource.TEXT)
    if kind is Kind.OLD_WORD:
        raise UnreadableError(
            "an old Word document (.doc) can only be read where LibreOffice is installed",
            remedy="install libreoffice-writer, or ask for a PDF file",
        )
    return _text_and_pictures(kind, data)


def _book(data: bytes, unpacking: Unpacking) -> None:
    """Book what the document says it unpacks to; the standard library unpacks no more than that."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacking.take(sum(entry.file_size for entry in archive.infolist()), files=0)
    except _BROKEN as error:
        raise UnreadableError("the document is damaged") from error


def _is_encrypted(kind: Kind, data: bytes) -> bool:
    try:
        if kind is Kind.OPEN_DOCUMENT:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                return b"encryption-data" in archive.read("META-INF/manifest.xml")
        if kind is Kind.OLD_WORD:
            with olefile.OleFileIO(io.BytesIO(data)) as file, file.openstream("WordDocument") as stream:
                return bool(int.from_bytes(stream.read(12)[10:12], "little") & _ENCRYPTED_WORD)
    except _BROKEN:
        return False
    return False


def _text_and_pictures(kind: Kind, data: bytes) -> Contents:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            text = text_of_word(archive) if kind is Kind.WORD else text_of_opendocument(archive)
            names = sorted((len(name), name) for name in archive.namelist() if _PICTURES.fullmatch(name))
            # Small ones are logos and left out like those in mails; a scan pasted into a document is a page.
            pictures = [Attachment(name, archive.read(name), inline=True) for _length, name in names]
    except _BROKEN as error:
        raise UnreadableError("the document is damaged") from error
    return Contents(text, PageSource.TEXT, files=tuple(file for file in pictures if kind_of(file.data) in IMAGES))
