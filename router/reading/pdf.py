# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""PDF files: text layer, form fields, page images; a second engine where the first gives up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from router.errors import EncryptedError, UnreadableError
from router.reading.codes import read_codes
from router.reading.contents import Contents, Unpacking
from router.reading.images import GreyImage, PageImage
from router.reading.limits import Limits
from router.reading.plausible import is_plausible
from router.reading.textlayer import arrange, in_file_order, words_of_page
from router.records import Code, Page, PageSource, Word

__all__ = ["PdfFile", "ScannedPage", "attachments_of"]

_RENDER_DPI = 200
_FEW_WORDS = 12
_SPARSE_WORDS = 40
_CODE_DPI = 150
_IMAGE_SHARE = 0.5


_A4 = (595.0, 842.0)


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """A page that has to be recognised.

    Attributes
    ----------
    number
        Its place in the item.
    fields
        Values of form fields, which are known without recognition.
    """

    number: int
    image: PageImage
    fields: tuple[Word, ...] = ()


class PdfFile:
    """An opened PDF file.

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
        self._data = data
        self._limits = limits
        try:
            self._document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if getattr(error, "err_code", None) == pdfium.FPDF_ERR_PASSWORD or b"/Encrypt" in data:
                raise EncryptedError("the PDF needs a password") from error
            raise UnreadableError("the PDF is damaged") from error
        if len(self._document) == 0:
            raise UnreadableError("the PDF has no pages")
        self._has_form = self._document.get_formtype() != pdfium.FORMTYPE_NONE
        if self._has_form:
            self._document.init_forms()

    def __len__(self) -> int:
        return len(self._document)

    def close(self) -> None:
        """Give the file's memory back."""
        self._document.close()

    def picture(self, index: int, dpi: float) -> GreyImage:
        """Render one page as displayed, in grey."""
        page = self._document[index]
        try:
            return render_grey(page, dpi, self._limits)
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
        """
        form_words = self._form_words() if self._has_form else {}
        for index in range(min(len(self._document), self._limits.max_pages)):
            number = first + index
            if is_wanted(number):
                yield self._page(index, number, form_words.get(index, []))
            else:
                yield Page(number, *_A4, PageSource.TEXT)

    def _page(self, index: int, number: int, fields: list[Word]) -> Page | ScannedPage:
        try:
            page = self._document[index]
        except pypdfium2.PdfiumError:
            return Page(number, *_A4, PageSource.TEXT)
        try:
            width, height = page.get_size()
            words = words_of_page(page)
            if words and not is_plausible(words):
                words = self._second_opinion(index)
            if words and not (len(words) < _FEW_WORDS and _image_share(page, width, height) > _IMAGE_SHARE):
                arranged = arrange([*words, *fields]) if fields else in_file_order(words)
                return Page(number, width, height, PageSource.FORM if fields else PageSource.TEXT, arranged)
            if not words and not fields and _is_empty(page):
                return Page(number, width, height, PageSource.TEXT)
            image = PageImage(render_grey(page, _RENDER_DPI, self._limits), _effective_dpi(page, self._limits))
            return ScannedPage(number, image, tuple(fields))
        finally:
            page.close()

    def _second_opinion(self, index: int) -> list[Word]:
        from router.reading import fields

        return fields.text_layer(self._data, index)

    def _form_words(self) -> dict[int, list[Word]]:
        from router.reading import fields

        return fields.form_words(self._data, self._limits.max_pages)

    def codes_of(self, page: Page, index: int) -> tuple[Code, ...]:
        """Return the barcodes of a page with a text layer but few words: it may be a printed separator sheet."""
        if len(self) < 2 or len(page.words) > _SPARSE_WORDS:
            return ()
        opened = self._document[index]
        try:
            return read_codes(render_grey(opened, _CODE_DPI, self._limits), _CODE_DPI, page.number)
        finally:
            opened.close()


def _is_empty(page: pypdfium2.PdfPage) -> bool:
    return next(iter(page.get_objects(max_depth=1)), None) is None


def _image_share(page: pypdfium2.PdfPage, width: float, height: float) -> float:
    """Return which share of the page its largest image covers."""
    largest = 0.0
    for item in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
        x0, y0, x1, y1 = item.get_bounds()
        largest = max(largest, abs(x1 - x0) * abs(y1 - y0))
    return largest / max(width * height, 1.0)


def _effective_dpi(page: pypdfium2.PdfPage, limits: Limits) -> float:
    width, height = page.get_size()
    pixels = width * height * (_RENDER_DPI / 72) ** 2
    return float(_RENDER_DPI * min(1.0, (limits.max_pixels / max(pixels, 1.0)) ** 0.5))


def render_grey(page: pypdfium2.PdfPage, dpi: float, limits: Limits) -> GreyImage:
    """Return the page as displayed, form fields included, in grey; huge pages at a smaller scale."""
    scale = min(dpi, _effective_dpi(page, limits) * dpi / _RENDER_DPI) / 72
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        picture = bitmap.to_numpy()
        return np.ascontiguousarray(picture[:, :, 0] if picture.ndim == 3 else picture, dtype=np.uint8)
    finally:
        bitmap.close()


def attachments_of(data: bytes, unpacking: Unpacking) -> Contents:
    """Return the files a PDF carries: attachments, and the documents of a portfolio."""
    return Contents()
