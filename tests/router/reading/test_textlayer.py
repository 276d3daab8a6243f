# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Words of a text layer are those that PDFium tells character by character."""

import ctypes
import random

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from router.reading.textlayer import words_of_page
from router.records import Box
from tests.router.reading.oddpdf import LETTER, clean
from training.sample_office.compose import Composed
from training.sample_office.layout import letter_pdf


def _one_by_one(page: pypdfium2.PdfPage) -> list[tuple[str, Box]]:
    text_page = page.get_textpage()
    height = page.get_height()
    corners = [ctypes.c_double() for _ in range(4)]
    words: list[tuple[str, Box]] = []
    letters: list[tuple[str, Box]] = []
    for index in range(text_page.count_chars() + 1):
        code = pdfium.FPDFText_GetUnicode(text_page, index) if index < text_page.count_chars() else 32
        character = "-" if code in (2, 0xAD) else chr(code)
        if not character.isspace():
            pdfium.FPDFText_GetCharBox(text_page, index, *(ctypes.byref(value) for value in corners))
            left, right, bottom, top = (value.value for value in corners)
            letters.append((character, Box(left, height - top, right, height - bottom)))
        elif letters:
            boxes = [box for _, box in letters if box.x1 > box.x0]
            around = Box(
                min(box.x0 for box in boxes), min(box.y0 for box in boxes),
                max(box.x1 for box in boxes), max(box.y1 for box in boxes),
            )  # fmt: skip
            words.append(("".join(letter for letter, _ in letters), around))
            letters = []
    return words


def test_words_and_boxes_are_those_of_single_characters(letters: list[Composed]) -> None:
    address = ["Stadt Auenfurt", "Ausländerbehörde", "Am Weidenwehr 12", "04981 Auenfurt"]
    for letter in letters:
        for page in pypdfium2.PdfDocument(letter_pdf(letter, address, random.Random(letter.name))):
            wanted, found = _one_by_one(page), words_of_page(page)
            assert [word.text for word in found] == [text for text, _ in wanted]
            for word, (_, box) in zip(found, wanted, strict=True):
                assert tuple(word.box) == pytest.approx(tuple(box), abs=0.001)


def test_characters_beyond_the_first_plane_do_not_shift_the_others() -> None:
    (page,) = pypdfium2.PdfDocument(clean("Gruß 𝒳𝒴 und 🙂 zum Schluss\n" + LETTER))
    words = words_of_page(page)
    assert [word.text for word in words[:2]] == ["Gruß", "𝒳𝒴"]
    first_line = words[: [word.text for word in words].index("Schluss") + 1]
    assert [word.box.x0 for word in first_line] == sorted(word.box.x0 for word in first_line)
    assert words[-1].text == "Grüßen"
