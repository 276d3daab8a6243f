# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters with the papers behind them, and stacks of letters without separator sheets."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pikepdf

from training.sample_office.broken import joined
from training.sample_office.build import Rendered, as_arrived
from training.sample_office.city import City
from training.sample_office.compose import Composed
from training.sample_office.degrade import as_photo, as_scan
from training.sample_office.enclosures import (
    Encloser,
    FilledEnclosure,
    WrittenEnclosure,
    choose_enclosures,
    load_enclosures,
    split_enclosures,
)
from training.sample_office.layout import enclosure_pdf, letter_pdf
from training.sample_office.mailbox import as_mail

__all__ = ["Bundle", "Bundler", "Stack"]

_COUNTS = {0: 20, 1: 32, 2: 24, 3: 14, 4: 10}
"""How often how many pages lie behind a letter: an assumption about such offices, not a measurement."""


@dataclass(frozen=True)
class Bundle:
    """A letter and the pages behind it.

    Attributes
    ----------
    letter
        The letter, without papers of its own where it brings enclosures.
    enclosures
        The filled pages behind it.
    clean
        All pages as PDF with a text layer, as they were before anything was scanned.
    pages
        How many pages that makes, those of the letter first.
    letter_pages
        How many of them are the letter's own.
    """

    letter: Composed
    enclosures: tuple[FilledEnclosure, ...]
    clean: bytes
    pages: int
    letter_pages: int


@dataclass(frozen=True, slots=True)
class Stack:
    """Several letters in one file, nothing between them.

    Attributes
    ----------
    rendered
        The file.
    starts
        Number of the page, from 1, on which each letter begins.
    pages
        Pages of the file.
    """

    rendered: Rendered
    starts: tuple[int, ...]
    pages: int


class Bundler:
    """Puts papers behind letters.

    Parameters
    ----------
    city
        The sample office.
    side
        ``train`` or ``test``: which of the written enclosures; those behind a test letter are never trained on.
    """

    def __init__(self, city: City, side: str) -> None:
        self._city = city
        self._held_out = side == "test"
        written = load_enclosures(city.folder / "enclosures")
        sides = split_enclosures(written)
        self._enclosures = [entry for entry in written if sides[entry.id] == side]
        self._encloser = Encloser(city)

    def bundle(self, letter: Composed, seed: int = 0, *, count: int | None = None) -> Bundle:
        """Put pages behind a letter.

        Parameters
        ----------
        letter
            The letter in front.
        seed
            Another number chooses other pages; the same one the same.
        count
            How many pages; by default none to four.
        """
        rng = random.Random(f"{self._city.seed}/{letter.name}/bundle/{seed}")
        if count is None:
            count = rng.choices(list(_COUNTS), list(_COUNTS.values()))[0]
        chosen = self._choose(letter, count, rng)
        filled = tuple(self._encloser.fill(entry, letter, held_out=self._held_out) for entry in chosen)
        address = self._city.plan.file.office.address
        front = letter_pdf(letter, address, rng)
        clean = joined([front, *(enclosure_pdf(entry, address, rng) for entry in filled)])
        return Bundle(letter, filled, clean, _pages(clean), _pages(front))

    def _choose(self, letter: Composed, count: int, rng: random.Random) -> list[WrittenEnclosure]:
        return choose_enclosures(self._enclosures, letter, count, rng) if count else []

    def render(self, bundle: Bundle, condition: str, seed: int = 0, *, quality: int = 55) -> Rendered:
        """Return letter and enclosures as one file.

        Parameters
        ----------
        bundle
            What lies on the desk.
        condition
            One of ``RENDER_CONDITIONS`` but ``form``, or ``mixed``: the letter as typed, the papers scanned. A photo
            shows the first page only; a mail carries the papers as attachments.
        seed
            Chooses the faults.
        quality
            JPEG quality of grey scans.
        """
        rng = random.Random(f"{self._city.seed}/{bundle.letter.name}/{condition}/{seed}")
        if condition == "letter":
            return Rendered(".pdf", bundle.clean, "letter")
        if condition == "mixed":
            front, behind = _parted(bundle)
            pieces = [front, as_scan(behind, "scan200", rng, quality=quality)] if behind else [front]
            return Rendered(".pdf", joined(pieces), "letter")
        if condition == "mail":
            return Rendered(".eml", self._mail(bundle, rng), "mail")
        return as_arrived(bundle.clean, bundle.letter, condition, rng, quality=quality)

    def _mail(self, bundle: Bundle, rng: random.Random) -> bytes:
        address = self._city.plan.file.office.address
        files: list[tuple[str, str, bytes]] = []
        for entry in bundle.enclosures:
            pdf, name = enclosure_pdf(entry, address, rng), entry.written.kind
            if rng.random() < 0.4:
                files.append((f"{name}.jpg", "image/jpeg", as_photo(pdf, rng)))
            else:
                files.append((f"{name}.pdf", "application/pdf", pdf))
        return as_mail(bundle.letter, self._city.plan.file.office.email, rng, files)

    def stack(self, bundles: Sequence[Bundle], condition: str, seed: int = 0, *, quality: int = 55) -> Stack:
        """Return several letters, each with its papers, in one file without separator sheets.

        Parameters
        ----------
        bundles
            In the order in which they lie in the feeder.
        condition
            ``letter`` for typed pages, or one of ``RENDER_CONDITIONS`` that a scanner or fax server leaves.
        seed, quality
            As for ``render``.

        Raises
        ------
        ValueError
            For a condition that holds one letter or one page only.
        """
        if condition in ("mail", "photo", "form", "mixed"):
            raise ValueError(f"a stack can't be made as {condition}")
        starts, page = [], 1
        for entry in bundles:
            starts.append(page)
            page += entry.pages
        whole = replace(bundles[0], clean=joined([entry.clean for entry in bundles]))
        return Stack(self.render(whole, condition, seed, quality=quality), tuple(starts), page - 1)


def _pages(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def _parted(bundle: Bundle) -> tuple[bytes, bytes]:
    """Return the letter's own pages and those behind it, empty where there are none."""
    pieces = []
    for first, last in ((0, bundle.letter_pages), (bundle.letter_pages, bundle.pages)):
        out = pikepdf.new()
        with pikepdf.open(io.BytesIO(bundle.clean)) as source:
            out.pages.extend(source.pages[first:last])
            target = io.BytesIO()
            out.save(target, deterministic_id=True)
        pieces.append(target.getvalue() if last > first else b"")
    return pieces[0], pieces[1]
