# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Enclosures: enough of them, every slot fillable, parted like the letters, put behind letters and in stacks."""

import io
import re
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from PIL import Image

from router.reading.kinds import Kind, kind_of
from training.sample_office.build import TEST_PERIOD
from training.sample_office.bundle import Bundler
from training.sample_office.city import City
from training.sample_office.compose import Composed, Composer, split_letters
from training.sample_office.enclosures import Encloser, WrittenEnclosure, load_enclosures, split_enclosures
from training.sample_office.letters import load_letters

DATA = Path(__file__).parents[3] / "data_samples"


@pytest.fixture(scope="module")
def enclosures() -> list[WrittenEnclosure]:
    return load_enclosures(DATA / "enclosures")


@pytest.fixture(scope="module")
def city() -> City:
    return City(DATA)


@pytest.fixture(scope="module")
def bundler(city: City) -> Bundler:
    return Bundler(city, "test")


@pytest.fixture(scope="module")
def letters(city: City) -> list[Composed]:
    """Some unseen letters on paper about somebody."""
    written = load_letters(DATA / "letters")
    split = split_letters(written)
    fitting = [x for x in written if split[x.id] == "test" and "c" in x.people and "scan" in x.channels and x.body]
    return [Composer(city).compose(letter, 5, period=TEST_PERIOD, held_out=True) for letter in fitting[::40]]


def test_there_are_enough_of_every_sort(enclosures: list[WrittenEnclosure]) -> None:
    assert len(enclosures) >= 45
    assert len({entry.kind for entry in enclosures}) >= 30
    assert sum(entry.looks_like_a_letter for entry in enclosures) >= 10
    assert len({entry.language for entry in enclosures}) >= 4
    assert {"stamp", "blank", "letter", "private", "typed", "certificate"} <= {entry.layout for entry in enclosures}


def test_every_slot_can_be_filled_and_every_page_is_one_page(
    enclosures: list[WrittenEnclosure], city: City, letters: list[Composed]
) -> None:
    encloser = Encloser(city)
    letter = next(letter for letter in letters if letter.in_case_list)
    for entry in enclosures:
        filled = encloser.fill(entry, letter, held_out=True)
        assert filled == encloser.fill(entry, letter, held_out=True)
        rows = " ".join(cell for row in filled.rows for cell in row)
        whole = " ".join((filled.letterhead, filled.address, filled.reference, filled.subject, rows, filled.body))
        assert not re.search(r"\{\{|\}\}|\{%|None|[\ue000-\uf8ff]", whole), entry.id
        assert filled.date <= letter.date


def test_the_letter_and_its_papers_are_about_the_same_person(
    enclosures: list[WrittenEnclosure], city: City, letters: list[Composed]
) -> None:
    letter = next(letter for letter in letters if letter.in_case_list)
    ours = next(entry for entry in enclosures if entry.id == "e-unser-schreiben-nachforderung")
    filled = Encloser(city).fill(ours, letter, held_out=True)
    concerned = letter.people["c"]
    assert concerned.own in filled.reference
    assert concerned.surname in filled.address


def test_sides_are_parted_by_id_and_following_pages_stay_together(enclosures: list[WrittenEnclosure]) -> None:
    sides = split_enclosures(enclosures)
    assert split_enclosures(list(reversed(enclosures))) == sides
    for entry in enclosures:
        if entry.after:
            assert sides[entry.id] == sides[entry.after]
    assert 0.3 < sum(side == "test" for side in sides.values()) / len(sides) < 0.5
    assert {sides[entry.id] for entry in enclosures if entry.looks_like_a_letter} == {"train", "test"}


def test_mistakes_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "- {id: e-a, kind: note, language: de, looks_like_a_letter: true, body: '{{ c.name }}'}\n"
        "- {id: e-a, kind: note, language: de, looks_like_a_letter: false, after: e-z}\n"
    )
    with pytest.raises(ValueError, match="twice") as caught:
        load_enclosures(tmp_path)
    for words in ("without letterhead", "c is named", "'e-z'", "neither body nor rows"):
        assert words in str(caught.value)


def test_a_bundle_is_one_page_for_each_paper(bundler: Bundler, letters: list[Composed], city: City) -> None:
    sides = split_enclosures(load_enclosures(DATA / "enclosures"))
    for number, letter in enumerate(letters[:5]):
        bundle = bundler.bundle(letter, count=number)
        assert len(bundle.enclosures) <= number
        assert bundle.pages == bundle.letter_pages + len(bundle.enclosures)
        assert all(sides[entry.written.id] == "test" for entry in bundle.enclosures)
        assert len({entry.written.kind for entry in bundle.enclosures if not entry.written.after}) == sum(
            not entry.written.after for entry in bundle.enclosures
        )


def test_the_same_seed_gives_the_same_file(city: City, letters: list[Composed]) -> None:
    first, second = (Bundler(city, "test") for _ in range(2))
    bundles = [bundler.bundle(letters[0], 3, count=2) for bundler in (first, second)]
    files = [bundler.render(bundle, "scan200", 3) for bundler, bundle in zip((first, second), bundles, strict=True)]
    assert files[0] == files[1]


def test_a_bundle_becomes_scan_fax_pdf_or_mail(bundler: Bundler, letters: list[Composed]) -> None:
    bundle = bundler.bundle(letters[1], count=2)
    with Image.open(io.BytesIO(bundler.render(bundle, "fax").data)) as fax:
        assert getattr(fax, "n_frames", 1) == bundle.pages
    mixed = pypdfium2.PdfDocument(bundler.render(bundle, "mixed").data)
    typed = [bool(page.get_textpage().get_text_bounded().strip()) for page in mixed]
    mixed.close()
    assert typed == [True] * bundle.letter_pages + [False] * len(bundle.enclosures)
    assert kind_of(bundler.render(bundle, "mail").data) is Kind.MAIL


def test_a_stack_tells_where_each_letter_begins(bundler: Bundler, letters: list[Composed]) -> None:
    bundles = [bundler.bundle(letter, count=count) for letter, count in zip(letters, (2, 0, 1), strict=False)]
    stack = bundler.stack(bundles, "letter")
    assert stack.starts[0] == 1
    assert stack.starts[1] == 1 + bundles[0].pages
    assert stack.pages == sum(bundle.pages for bundle in bundles)
    with pikepdf.open(io.BytesIO(stack.rendered.data)) as document:
        assert len(document.pages) == stack.pages
    with pytest.raises(ValueError, match="photo"):
        bundler.stack(bundles, "photo")
