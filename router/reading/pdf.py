# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""PDF files: text layer, form fields, page images; a second engine where the first gives up."""

import logging
from collections.abc import Callable, Iterator, Sequence

import pypdfium2
import pypdfium2.raw as pdfium

from router.errors import EncryptedError, UnreadableError
from router.reading import mixture, plain
from router.reading.drawing import drawn
from router.reading.embedded import attachments_of
from router.reading.fields import Field, fields_of
from router.reading.images import GreyImage, PageImage
from router.reading.limits import Limits
from router.reading.mixture import ScannedPage
from router.reading.pageobjects import PageObjects, objects_of
from router.reading.plausible import is_plausible
from router.reading.rasters import RENDER_DPI, bounded_dpi, codes_in, rendered, share_of
from router.reading.textlayer import arrange, in_file_order, layer_of, turned
from router.records import Box, Code, Page, PageSource, Word

__all__ = ["PdfFile", "ScannedPage", "attachments_of"]

# pypdfium2 warns on every XFA form that PDFium can't draw it; its values are read all the same.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)

_FEW_WORDS = 12
_MOST_OF_THE_PAGE = 0.5
_SOME_OF_THE_PAGE = 0.08
_MANY_DRAWINGS = 200
_MANY_CODES, _SPARSE_WORDS = 12, 40
_A4 = (595.0, 842.0)


class PdfFile:
    """An opened PDF file.

    What PDFium can't open is written anew by qpdf first.

    Parameters
    ----------
    data
        Its bytes.
    limits
        What it may ask for.

    Raises
    ------
    EncryptedError
        When it needs a password to be opened.
    UnreadableError
        When no engine can open it.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self._data, self._limits = data, limits
        self._is_cut_off = _is_cut_off(data)
        self._repaired: pypdfium2.PdfDocument | None = None
        self._objects: tuple[int, PageObjects] | None = None
        try:
            self._document = _opened(data)
        except (pypdfium2.PdfiumError, UnreadableError) as error:
            self._data = _rewritten(data, error)
            self._document = _opened(self._data)
        else:
            self._recount()
        form = self._document.get_formtype()
        if form != pdfium.FORMTYPE_NONE:
            self._document.init_forms()
        self._form_pages = self._xfa_pages(form)

    def _recount(self) -> None:
        """Take the file as qpdf writes it anew when its last page does not exist: it promises more than it has."""
        try:
            # Its size is asked for, not the page: that would be parsed, and with it every file twice.
            self._document.get_page_size(len(self._document) - 1)
        except pypdfium2.PdfiumError as error:
            try:
                data = _rewritten(self._data, error)
                document = _opened(data)
            except (pypdfium2.PdfiumError, UnreadableError, EncryptedError):
                return
            self._document.close()
            self._data, self._document = data, document

    def __len__(self) -> int:
        return len(self._form_pages) or len(self._document)

    def close(self) -> None:
        """Give the file's memory back."""
        for document in (self._repaired, self._document):
            if document is not None:
                document.close()

    def picture(self, index: int, dpi: float) -> GreyImage:
        """Render one page as displayed, in grey.

        Raises
        ------
        UnreadableError
            When no engine can show it.
        """
        if self._form_pages:
            return drawn(self._form_pages[index], dpi)
        page = self._loaded(index)
        if page is None:
            raise UnreadableError("the page is damaged")
        try:
            return rendered(page, dpi, self._limits)
        finally:
            page.close()

    def pages(self, is_wanted: Callable[[int], bool], *, first: int = 1) -> Iterator[Page | ScannedPage]:
        """Yield the pages in order, those without a good text layer as pictures.

        Parameters
        ----------
        is_wanted
            Tells by its number whether a page is wanted; others come without words or picture.
        first
            Number of the first page in the item.

        Raises
        ------
        UnreadableError
            After the last page, when one of them could not be read or the file's end is missing.
        """
        damaged = 0
        for index in range(min(len(self), self._limits.max_pages)):
            number = first + index
            if not is_wanted(number):
                yield Page(number, *_A4, PageSource.TEXT)
            elif self._form_pages:
                page = self._form_pages[index]
                yield Page(number, page.width, page.height, PageSource.FORM, page.words)
            else:
                found = self._page(index, number)
                damaged += found is None
                yield found or Page(number, *_A4, PageSource.TEXT)
        if damaged:
            raise UnreadableError("some pages are damaged")
        if self._is_cut_off:
            raise UnreadableError("the end of the file is missing")

    def _page(self, index: int, number: int) -> Page | ScannedPage | None:
        """Return a page, or ``None`` when no engine can read it."""
        page = self._loaded(index)
        if page is None:
            words = self._second_opinion(index)
            return Page(number, *self._second_size(index), PageSource.TEXT, in_file_order(words)) if words else None
        try:
            objects = objects_of(page)
            self._objects = index, objects
            words, turn = _text_layer(page)
            is_lost = not words and objects.is_empty and self._shows_anything(index)
            if is_lost or (words and not is_plausible(words)):
                words, turn = self._second_opinion(index), 0
            fields = fields_of(page, words)
            width, height = page.get_size()
            if not words and not fields and objects.is_empty:
                return None if is_lost else Page(number, width, height, PageSource.TEXT)
            return self._scanned(page, number, words, fields, objects) or _digital(
                number, (width, height), words, fields, turn
            )
        finally:
            page.close()

    def _scanned(
        self, page: pypdfium2.PdfPage, number: int, words: Sequence[Word], fields: Sequence[Field], objects: PageObjects
    ) -> ScannedPage | None:
        """Return the page as a picture when not all that stands on it is known from its text."""
        width, height = page.get_size()
        known = tuple(words)
        areas = _areas_to_recognise(objects, len(words), width, height)
        if words and not areas:
            return None
        if len(words) < _FEW_WORDS and share_of(objects.images, width, height) > _MOST_OF_THE_PAGE:
            # A scan with a line of text across it: that line is recognised with the rest.
            known, areas = (), ()
        dpi = bounded_dpi(page, RENDER_DPI, self._limits)
        pixels = rendered(page, dpi, self._limits, with_fields=False)
        if known and not mixture.holds_unread_writing(pixels, dpi, areas, known):
            return None
        if known or fields:
            written = [field.box for field in fields] + [word.box for word in known]
            pixels = mixture.only_unread(
                pixels, dpi, (*areas, *objects.codes) if known else (Box(0, 0, width, height),), written
            )
        values = tuple(word for field in fields for word in field.words)
        return ScannedPage(number, PageImage(pixels, dpi), values, known)

    def codes_of(self, page: Page, index: int) -> tuple[Code, ...]:
        """Return the barcodes of a page with a text layer; only pictures and drawings that may be one are looked at."""
        if self._form_pages or self._objects is None or self._objects[0] != index:
            return ()
        areas = self._objects[1].codes
        if not areas:
            return ()
        opened = self._loaded(index)
        if opened is None:
            return ()
        try:
            width, height = opened.get_size()
            # Which patch code it is depends on the nearest edge, so that a sheet with few words is seen whole.
            if (
                len(page.words) <= _SPARSE_WORDS
                or len(areas) > _MANY_CODES
                or share_of(areas, width, height) > _MOST_OF_THE_PAGE
            ):
                areas = (Box(0, 0, width, height),)
            found: list[Code] = []
            for area in areas:
                found += codes_in(opened, area, page.number, self._limits)
            return tuple({(code.text, code.form): code for code in found}.values())
        finally:
            opened.close()

    def _loaded(self, index: int) -> pypdfium2.PdfPage | None:
        """Return the page, of the file written anew when it can't be loaded from the file itself."""
        try:
            return self._document[index]
        except pypdfium2.PdfiumError:
            pass
        try:
            if self._repaired is None:
                self._repaired = _opened(_rewritten(self._data, None))
            return self._repaired[index]
        except (pypdfium2.PdfiumError, UnreadableError, EncryptedError, IndexError):
            return None

    def _second_opinion(self, index: int) -> list[Word]:
        from router.reading import secondopinion

        return secondopinion.text_layer(self._data, index)

    def _second_size(self, index: int) -> tuple[float, float]:
        from router.reading import secondopinion

        return secondopinion.size_of(self._data, index) or _A4

    def _shows_anything(self, index: int) -> bool:
        from router.reading import secondopinion

        return secondopinion.shows_anything(self._data, index)

    def _xfa_pages(self, form: int) -> tuple[Page, ...]:
        """Return the values of a form whose pages only ask to wait; nothing when its pages show them."""
        if form in (pdfium.FORMTYPE_NONE, pdfium.FORMTYPE_ACRO_FORM):
            return ()
        if form != pdfium.FORMTYPE_XFA_FULL and not self._asks_to_wait():
            return ()
        from router.reading import xfa

        text = xfa.form_text(self._data, self._limits)
        return tuple(plain.lay_out(text, first=1, source=PageSource.FORM, limits=self._limits)) if text else ()

    def _asks_to_wait(self) -> bool:
        page = self._loaded(0)
        if page is None:
            return False
        try:
            text = " ".join(word.text for word in _text_layer(page)[0]).lower()
        finally:
            page.close()
        return len(self._document) == 1 and ("please wait" in text or "adobe reader" in text) and len(text) < 2000


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    document = pypdfium2.PdfDocument(data)
    if len(document) == 0:
        document.close()
        raise UnreadableError("the PDF has no pages")
    return document


def _rewritten(data: bytes, error: Exception | None) -> bytes:
    from router.reading import repair

    found = repair.repaired(data)
    if found is not None:
        return found
    # What is locked with a certificate, or in a way that neither engine knows, is as closed as by a password.
    if isinstance(error, pypdfium2.PdfiumError) and b"/Encrypt" in data:
        raise EncryptedError("the PDF needs a password") from error
    raise UnreadableError("the PDF is damaged") from error


def _is_cut_off(data: bytes) -> bool:
    """Tell whether a file breaks off: a whole one ends with its table of contents, after the last object."""
    return max(data.rfind(b"%%EOF"), data.rfind(b"startxref")) < max(data.rfind(b"endobj"), 0)


def _text_layer(page: pypdfium2.PdfPage) -> tuple[list[Word], int]:
    try:
        return layer_of(page)
    except pypdfium2.PdfiumError:
        return [], 0


def _digital(number: int, size: tuple[float, float], words: Sequence[Word], fields: Sequence[Field], turn: int) -> Page:
    """Return a page whose words are all known, turned so that they stand upright."""
    values = [word for field in fields for word in field.words]
    if turn:
        words, values = turned(words, turn, *size), turned(values, turn, *size)
    width, height = size if turn in (0, 180) else size[::-1]
    # PDFium orders writing that runs down or up the page by its place there.
    arranged = arrange([*words, *values]) if values or turn else in_file_order(words)
    return Page(number, width, height, PageSource.FORM if values else PageSource.TEXT, arranged, rotation=turn)


def _areas_to_recognise(objects: PageObjects, words: int, width: float, height: float) -> tuple[Box, ...]:
    """Return where writing may stand that the text layer does not hold: larger pictures, letters drawn as shapes."""
    if share_of(objects.images, width, height) >= _SOME_OF_THE_PAGE:
        return objects.images
    if objects.drawn >= _MANY_DRAWINGS and words < _MANY_DRAWINGS:
        return (Box(0, 0, width, height),)
    return ()
