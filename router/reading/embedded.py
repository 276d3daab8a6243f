# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files within a PDF: attachments, attachments pinned to a page, the documents of a portfolio.

pikepdf is loaded only for files that hold one.
"""

import io
import re
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pypdfium2

from router.errors import TooLargeError
from router.reading.contents import Attachment, Contents, Unpacking
from router.reading.kinds import Kind, kind_of
from router.records import Reason

if TYPE_CHECKING:
    import pikepdf

__all__ = ["attachments_of", "decoded"]

_MOST_PINNED = 500
_TECHNICAL = re.compile(r"\.(joboptions|p7s|sig|asc|crt|cer|icc|ttf|otf|dat|bin|db)$", re.IGNORECASE)


def attachments_of(data: bytes, unpacking: Unpacking) -> Contents:
    """Return the files a PDF carries, in the order of its list of names, those pinned to pages after them.

    Texts are taken along, among them the XML of an electronic invoice, whose amounts and numbers the page shows as
    well. Left out without a word are files that no one could read as a letter and that programs attach by themselves
    (settings of the maker, signatures, fonts): kinds we can't read whose name ends as such files do. Everything else
    that can't be read goes to a person, as in a mail.

    Parameters
    ----------
    data
        The PDF's bytes.
    unpacking
        Account on which every file is booked before it is unpacked.
    """
    if not _may_hold_files(data):
        return Contents()
    import pikepdf

    files: list[Attachment] = []
    problem: Reason | None = None
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            for name, stream in _embedded(document):
                body = decoded(stream, unpacking.room())
                unpacking.take(len(body))
                if kind_of(body) is not Kind.EMPTY and not _is_technical(name, body):
                    files.append(Attachment(name, body))
    except TooLargeError:
        problem = Reason.TOO_LARGE
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError, IndexError, RuntimeError, zlib.error):
        # A list of attachments that can't be read is told; what could be taken out stays.
        problem = Reason.UNREADABLE if b"/EmbeddedFile" in data else None
    return Contents(files=tuple(files), problem=problem)


def _may_hold_files(data: bytes) -> bool:
    """Tell quickly whether a PDF may hold other files.

    The streams of embedded files lie open in the file and nearly always name their type; where the list of names lies
    in a packed part and the streams don't say, PDFium knows.
    """
    if b"/EmbeddedFile" in data or b"/FileAttachment" in data:
        return True
    if b"/ObjStm" not in data:
        return False
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return False
    try:
        return bool(document.count_attachments())
    finally:
        document.close()


def _is_technical(name: str, body: bytes) -> bool:
    return kind_of(body) is Kind.UNKNOWN and _TECHNICAL.search(name) is not None


def _embedded(document: "pikepdf.Pdf") -> Iterator[tuple[str, Any]]:
    """Yield name and stream of each embedded file once."""
    import pikepdf

    seen: set[tuple[int, int]] = set()
    for specification in _specifications(document):
        if not isinstance(specification, pikepdf.Dictionary):
            continue
        versions = specification.get("/EF")
        if not isinstance(versions, pikepdf.Dictionary):
            continue
        stream = versions.get("/UF", versions.get("/F"))
        if not isinstance(stream, pikepdf.Stream) or stream.objgen in seen:
            continue
        seen.add(stream.objgen)
        yield str(specification.get("/UF", specification.get("/F", ""))), stream


def _specifications(document: "pikepdf.Pdf") -> Iterator[Any]:
    import pikepdf

    names = document.Root.get("/Names")
    tree = names.get("/EmbeddedFiles") if isinstance(names, pikepdf.Dictionary) else None
    if isinstance(tree, pikepdf.Dictionary):
        for _name, specification in pikepdf.NameTree(tree).items():
            yield specification
    pinned = 0
    for page in document.pages:
        annotations = page.obj.get("/Annots")
        for annotation in annotations if isinstance(annotations, pikepdf.Array) else ():
            if isinstance(annotation, pikepdf.Dictionary) and annotation.get("/Subtype") == "/FileAttachment":
                yield annotation.get("/FS")
                pinned += 1
                if pinned >= _MOST_PINNED:
                    return


def decoded(stream: Any, room: int) -> bytes:
    """Return a stream's bytes, without unpacking more than `room` bytes of the usual packing.

    Raises
    ------
    TooLargeError
        When there is more in it.
    ValueError, zlib.error
        When it is damaged.
    """
    import pikepdf

    filters = stream.get("/Filter")
    names = [str(name) for name in filters] if isinstance(filters, pikepdf.Array) else [str(filters or "")]
    if names == ["/FlateDecode"] and "/DecodeParms" not in stream:
        unpacker = zlib.decompressobj()
        body = unpacker.decompress(bytes(stream.read_raw_bytes()), room + 1)
        if not unpacker.eof and len(body) <= room:
            raise ValueError("the packed bytes break off")
    else:
        # Other packings are rare and weak, or chained; the memory limit of the process bounds them.
        body = bytes(stream.read_bytes() if names != [""] else stream.read_raw_bytes())
    if len(body) > room:
        raise TooLargeError("too large attachments")
    return body
