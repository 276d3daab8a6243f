# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""PDF files: text layer, form fields, page images; a second engine where the first gives up."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium

from router.errors import EncryptedError, UnreadableError
from router.reading.codes import read_codes
from router.reading.images import GreyImage, PageImage
from router.reading.limits import Limits
from router.reading.textlayer import arrange, in_file_order, is_plausible, words_of_page
from router.records import Page, PageSource, Word

__all__ = ["PdfFile"]

_RENDER_DPI = 200
_FEW_WORDS = 12
_SPARSE_WORDS = 40
_CODE_DPI = 150
_IMAGE_SHARE = 0.5


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

    def pages(self, recognise: Callable[[PageImage, int], Page]) -> Iterator[Callable[[], Page]]:
        """Yield for each page a function that reads it.

        The functions of pages with a text layer return at once; the others carry their image and may run
        in other threads, while PDFium itself is only used by the caller's thread.

        Parameters
        ----------
        recognise
            Turns a page image into a page.
        """
        form_words = self._form_words() if self._has_form else {}
        for index in range(min(len(self._document), self._limits.max_pages)):
            yield self._page(index, form_words.get(index, []), recognise)

    def _page(self, index: int, fields: list[Word], recognise: Callable[[PageImage, int], Page]) -> Callable[[], Page]:
        number = index + 1
        try:
            page = self._document[index]
        except pypdfium2.PdfiumError:
            blank = Page(number, 595.0, 842.0, PageSource.TEXT)
            return lambda: blank
        try:
            width, height = page.get_size()
            words = words_of_page(page)
            if words and not is_plausible(words):
                words = self._second_opinion(index)
            if words and not (len(words) < _FEW_WORDS and _image_share(page, width, height) > _IMAGE_SHARE):
                source = PageSource.FORM if fields else PageSource.TEXT
                read = Page(
                    number, width, height, source, arrange([*words, *fields]) if fields else in_file_order(words)
                )
                return lambda: read
            if not words and not fields and _is_empty(page):
                blank = Page(number, width, height, PageSource.TEXT)
                return lambda: blank
            image = PageImage(render_grey(page, _RENDER_DPI, self._limits), _effective_dpi(page, self._limits))
            return lambda: _with_fields(recognise(image, number), fields)
        finally:
            page.close()

    def _second_opinion(self, index: int) -> list[Word]:
        from router.reading import fields

        return fields.text_layer(self._data, index)

    def _form_words(self) -> dict[int, list[Word]]:
        from router.reading import fields

        return fields.form_words(self._data, self._limits.max_pages)

    def codes_of_sparse_page(self, page: Page) -> list[str]:
        """Return the barcodes of a page with a text layer but few words: it may be a printed separator sheet."""
        if page.source is PageSource.OCR or len(page.words) > _SPARSE_WORDS:
            return []
        opened = self._document[page.number - 1]
        try:
            return read_codes(render_grey(opened, _CODE_DPI, self._limits))
        finally:
            opened.close()


def _with_fields(page: Page, fields: list[Word]) -> Page:
    if not fields:
        return page
    return replace(page, source=PageSource.FORM, words=arrange([*page.words, *fields]))


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
