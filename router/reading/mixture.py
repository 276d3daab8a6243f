# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pages that are part text, part picture: what has still to be recognised, and both put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from router.reading import clean
from router.reading.images import GreyImage, PageImage
from router.reading.textlayer import arrange, in_file_order, turned
from router.records import Box, Page, PageSource, Word

__all__ = ["ScannedPage", "holds_unread_writing", "only_unread"]

# Letters and digits that stand in lines beside each other; a logo or the picture of a person has fewer.
_UNREAD_PAIRS = 25
_MARGIN = 1.5


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """A page that has to be recognised.

    Attributes
    ----------
    number
        Its place in the item.
    image
        What has to be recognised; what is known already is painted over.
    fields
        Values of form fields, which are known without recognition.
    known
        Words of a text layer that stand beside the picture.
    """

    number: int
    image: PageImage
    fields: tuple[Word, ...] = ()
    known: tuple[Word, ...] = ()

    def completed(self, page: Page) -> Page:
        """Return the recognised page with what was known of it before.

        A form's values are sorted in among the words around them. A text layer stays as the file orders it, before or
        after the recognised words, whichever begins further up.
        """
        if not self.fields and not self.known:
            return page
        width, height = (page.width, page.height) if page.rotation in (0, 180) else (page.height, page.width)
        fields, known = (turned(words, page.rotation, width, height) for words in (self.fields, self.known))
        if fields:
            return replace(page, source=PageSource.FORM, words=arrange([*page.words, *known, *fields]))
        blocks = [block for block in (in_file_order(known), page.words) if block]
        blocks.sort(key=lambda block: min(word.box.y0 for word in block))
        words: list[Word] = []
        for block in blocks:
            first = words[-1].line + 1 if words else 0
            words += [replace(word, line=first + word.line) for word in block]
        return replace(page, words=tuple(words))


def holds_unread_writing(pixels: GreyImage, dpi: float, areas: Iterable[Box], words: Iterable[Word]) -> bool:
    """Tell whether lines of writing stand in some areas of a page where no known words lie.

    Parameters
    ----------
    pixels, dpi
        The page.
    areas
        Where to look, in points.
    words
        What is known.
    """
    left = only_unread(pixels, dpi, areas, [word.box for word in words])
    return clean.count_pairs(left) >= _UNREAD_PAIRS


def only_unread(pixels: GreyImage, dpi: float, areas: Iterable[Box], known: Iterable[Box]) -> GreyImage:
    """Return a page picture in which everything outside `areas`, and all that is `known`, is white."""
    scale = dpi / 72
    out = np.full_like(pixels, 255)
    for area in areas:
        window = _window(area, scale, 0.0)
        out[window] = pixels[window]
    for box in known:
        out[_window(box, scale, _MARGIN)] = 255
    return out


def _window(box: Box, scale: float, margin: float) -> tuple[slice, slice]:
    x0, y0, x1, y1 = (round(max(value, 0.0) * scale) for value in _grown(box, margin))
    return slice(y0, max(y1, y0)), slice(x0, max(x1, x0))


def _grown(box: Box, margin: float) -> Sequence[float]:
    return box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin
