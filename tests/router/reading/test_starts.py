# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Where a letter may begin, on letters and papers the weights were not fitted to."""

from collections.abc import Sequence

import numpy as np
import pypdfium2
import pytest

from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.reading.starts import layout_score, with_start_scores, words_score
from router.records import Page, PageSource
from training.sample_office.bundle import Bundle, Bundler
from training.sample_office.city import City
from training.sample_office.compose import Composed
from training.sample_office.layout import pages_pdf


@pytest.fixture(scope="module")
def bundles(city: City, letters: Sequence[Composed]) -> list[Bundle]:
    bundler = Bundler(city, "test")
    return [bundler.bundle(letter, count=3) for letter in letters]


def _page(text: str) -> Page:
    return read_item(pages_pdf([text]), Limits(), OcrSettings()).letters[0].pages[0]


def test_first_pages_stand_out_from_the_papers_behind_them(bundles: list[Bundle]) -> None:
    plain: list[float] = []
    for bundle in bundles:
        pages = read_item(bundle.clean, Limits(), OcrSettings()).letters[0].pages
        assert words_score(pages[0]) > 0.5
        assert pages[0].start_score == 0.0, "the first page of a letter needs no suggestion"
        behind = zip(pages[bundle.letter_pages :], bundle.enclosures, strict=True)
        plain += [words_score(page) for page, paper in behind if not paper.written.looks_like_a_letter]
    assert len(plain) >= 5
    assert sum(score >= 0.5 for score in plain) / len(plain) < 0.3


@pytest.mark.parametrize("mark", ["Seite 2", "Blatt 3 von 4", "- 2 -"])
def test_a_page_number_above_one_starts_nothing(mark: str) -> None:
    letter = (
        "{}\nStadt Auenfurt\nAusländerbehörde\nAm Weidenwehr 12\n04981 Auenfurt\n\n12.11.2026\n\n"
        "Sehr geehrte Damen und Herren,\nich bitte Sie um einen Termin für meine Frau und die Kinder.\n"
        "Wir haben alle Unterlagen, die auf der Liste stehen, und noch einige mehr.\nMit freundlichen Grüßen"
    )
    assert words_score(_page(letter.format(""))) > 0.5
    assert words_score(_page(letter.format(mark))) < 0.2


def test_a_long_mail_goes_on_over_its_pages() -> None:
    line = "Stadt Auenfurt\nAusländerbehörde\n04981 Auenfurt\nSehr geehrte Damen und Herren,\n"
    data = ("From: a@example.org\nMessage-ID: <1@example.org>\nSubject: x\n\n" + line * 60).encode()
    (letter,) = read_item(data, Limits(), OcrSettings()).letters
    assert len(letter.pages) > 2
    assert {page.start_score for page in letter.pages} == {0.0}


def test_pages_left_for_later_keep_the_score_of_their_layout() -> None:
    pages = (Page(1, 595, 842, PageSource.OCR), Page(2, 595, 842, PageSource.OCR, is_read=False, start_score=0.7))
    assert with_start_scores(pages) == pages


def test_layout_tells_an_address_from_running_text(bundles: list[Bundle]) -> None:
    document = pypdfium2.PdfDocument(bundles[0].clean)
    letter = np.asarray(document[0].render(scale=150 / 72, grayscale=True).to_pil())
    document.close()
    running = pypdfium2.PdfDocument(pages_pdf(["Der Vermieter überlässt dem Mieter die Wohnung auf Dauer. " * 40]))
    text = np.asarray(running[0].render(scale=150 / 72, grayscale=True).to_pil())
    running.close()
    assert layout_score(letter) > 0.5 > layout_score(text)
    assert layout_score(np.full_like(text, 255)) == 0.0
