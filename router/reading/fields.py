# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Values of form fields, and text typed onto a page with a PDF viewer, as words where they stand."""

import ctypes
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from router.reading.textlayer import display_transform
from router.records import Box, Word

__all__ = ["Field", "fields_of"]

_INVISIBLE = (1 << 1) | (1 << 5)  # flags "hidden" and "no view" of an annotation, ISO 32000-1 table 165
_COMB = 1 << 24  # flag of a text field, ISO 32000-1 table 228
_MARK = "[x]"
_MEANS_ONLY_YES = frozenset(["", "on", "yes", "ja", "true", "1", "x", "off"])
_MOST_FIELDS = 3000
_LABEL_REACH = 200.0


@dataclass(frozen=True, slots=True)
class Field:
    """A filled field.

    Attributes
    ----------
    box
        Where it lies, in points of the displayed page.
    words
        Its value; a ticked box gives ``[x]``, and its name where no words stand beside it.
    """

    box: Box
    words: tuple[Word, ...]


def fields_of(page: pypdfium2.PdfPage, words: Sequence[Word]) -> list[Field]:
    """Return the filled fields of a page, and what was typed onto it as free text.

    PDFium knows the values whether the file shows them (an appearance) or not. Hidden fields are left out.

    Parameters
    ----------
    page
        The page; without a form only free text is found.
    words
        What is printed on the page, among them the labels of boxes to tick.
    """
    form = page.formenv.raw if page.formenv else None
    to_display = display_transform(page)
    found = []
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page.raw), _MOST_FIELDS)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        try:
            rect = pdfium.FS_RECTF()
            if pdfium.FPDFAnnot_GetFlags(annotation) & _INVISIBLE or not pdfium.FPDFAnnot_GetRect(annotation, rect):
                continue
            box = to_display(
                (
                    min(rect.left, rect.right),
                    min(rect.bottom, rect.top),
                    max(rect.left, rect.right),
                    max(rect.bottom, rect.top),
                )
            )
            placed = tuple(_words(form, annotation, box, words))
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)
        if placed:
            found.append(Field(box, placed))
    return found


def _words(form: object, annotation: object, box: Box, printed: Sequence[Word]) -> Iterator[Word]:
    kind = pdfium.FPDFAnnot_GetSubtype(annotation)
    if kind == pdfium.FPDF_ANNOT_FREETEXT:
        key = ctypes.create_string_buffer(b"Contents")
        yield from _laid_out(_text(lambda *to: pdfium.FPDFAnnot_GetStringValue(annotation, key, *to)), box)
        return
    if kind != pdfium.FPDF_ANNOT_WIDGET or form is None:
        return
    field = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    if field in (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON):
        if pdfium.FPDFAnnot_IsChecked(form, annotation):
            yield from _laid_out(f"{_MARK} {_name_of_choice(form, annotation, box, printed)}".strip(), box)
    elif field in (pdfium.FPDF_FORMFIELD_COMBOBOX, pdfium.FPDF_FORMFIELD_LISTBOX):
        chosen = "\n".join(_chosen(form, annotation))
        yield from _laid_out(chosen or _value(form, annotation), box)
    elif field == pdfium.FPDF_FORMFIELD_TEXTFIELD:
        comb = bool(pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation) & _COMB)
        yield from _laid_out(_value(form, annotation), box, comb=comb)


def _text(call: Callable[..., int]) -> str:
    """Return a text of unknown length: PDFium first tells the length in bytes, then fills a buffer."""
    size = call(None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    call(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return unicodedata.normalize("NFC", buffer.raw[: size - 2].decode("utf-16-le", errors="replace")).strip("\0 ")


def _value(form: object, annotation: object) -> str:
    return _text(lambda *to: pdfium.FPDFAnnot_GetFormFieldValue(form, annotation, *to))


def _chosen(form: object, annotation: object) -> Iterator[str]:
    for index in range(min(max(pdfium.FPDFAnnot_GetOptionCount(form, annotation), 0), _MOST_FIELDS)):
        if pdfium.FPDFAnnot_IsOptionSelected(form, annotation, index):
            yield _text(lambda *to, index=index: pdfium.FPDFAnnot_GetOptionLabel(form, annotation, index, *to))


def _name_of_choice(form: object, annotation: object, box: Box, printed: Sequence[Word]) -> str:
    """Return what a ticked box stands for where the page itself does not say it."""
    middle = (box.y0 + box.y1) / 2
    if any(word.box.y0 <= middle <= word.box.y1 and abs(word.box.x0 - box.x1) < _LABEL_REACH for word in printed):
        return ""
    export = _text(lambda *to: pdfium.FPDFAnnot_GetFormFieldExportValue(form, annotation, *to))
    if export.lower() not in _MEANS_ONLY_YES:
        return export
    return _text(lambda *to: pdfium.FPDFAnnot_GetFormFieldAlternateName(form, annotation, *to))


def _laid_out(value: str, box: Box, *, comb: bool = False) -> Iterator[Word]:
    lines = [line for line in value.splitlines() if line.strip()]
    if not lines:
        return
    row_height = (box.y1 - box.y0) / len(lines)
    for row, line in enumerate(lines):
        # The appearance decides how wide the text really is; half the height a character is near enough to mark it.
        advance = (box.x1 - box.x0) / max(len(line), 1) if comb else min(row_height * 0.5, 6.0)
        y0 = box.y0 + row * row_height
        cursor = box.x0 + 2
        for text in line.split():
            width = max(len(text) * advance, 2.0)
            yield Word(text, Box(cursor, y0, min(cursor + width, max(box.x1, cursor + 2)), y0 + row_height), 1.0, 0)
            cursor += width + advance
