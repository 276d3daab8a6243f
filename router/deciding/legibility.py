# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whether the words a decision rests on were read well enough to rest on them."""

import re
from collections.abc import Sequence

from router.deciding.evidence import Feature, Gathered
from router.office.surnames import fold
from router.records import Evidence, EvidenceSource, Letter, PageSource, Word

__all__ = ["is_read_badly", "rests_on_badly_read_words"]

_READ_WELL = 0.6
_PAGE_READ_WELL = 0.55
_NUMBER_READ_WELL = 0.75
"""A number nothing else confirms has to be read better: one digit more or less is another person's file."""
_NAME_READ_WELL = 0.6
_WORDS_READ_WELL = 0.5
_FIRST_LETTERS = 3
_UNCONFIRMED = frozenset({Feature.OWN_BARE, Feature.CENTRAL_BARE, Feature.SIMILAR_NAMED})
_FILE = frozenset(column for column in Feature if column <= Feature.NAME_OTHER)


def is_read_badly(letter: Letter, gathered: Gathered, best: str | None) -> bool:
    """Tell whether the words the best post rests on, or the scanned pages as a whole, were read badly.

    A number in the case list whose person the letter names confirms itself: no misreading makes both fit. A number that
    nothing confirms has to be read well, digit by digit and without characters that only look like digits. Where a
    letter range decides, the first letters of the surname have to be read well at least once.

    Parameters
    ----------
    letter
        As read.
    gathered
        What speaks for which post.
    best
        The post in question.
    """
    if not any(page.source is PageSource.OCR for page in letter.pages):
        return _rests_on_little(gathered, best)
    pieces = [
        (evidence, column)
        for evidence, column in zip(gathered.evidence, gathered.evidence_features, strict=True)
        if evidence.says == best
    ]
    by_file = [(evidence, column) for evidence, column in pieces if column in _FILE]
    if by_file and all(column in _UNCONFIRMED for _evidence, column in by_file):
        if all(_is_doubtful_number(letter, evidence) for evidence, _column in by_file):
            return True
    elif not by_file and _is_doubtful_range(letter, [evidence for evidence, _column in pieces]):
        return True
    return _rests_on_little(gathered, best) or _pages_are_poor(letter)


def rests_on_badly_read_words(evidence: Sequence[Evidence], best: str | None) -> bool:
    """Tell whether a best post that no file speaks for rests on words of the text that were read badly.

    Parameters
    ----------
    evidence
        All pieces, weighted.
    best
        The post in question.
    """
    pieces = [piece for piece in evidence if piece.says == best]
    if any(
        piece.weight > 0 and piece.source in (EvidenceSource.CASE_LIST, EvidenceSource.REFERENCE) for piece in pieces
    ):
        return False
    spoken = [piece for piece in pieces if piece.source is EvidenceSource.TEXT and piece.page is not None]
    return bool(spoken) and all(piece.ocr_confidence < _WORDS_READ_WELL for piece in spoken)


def _rests_on_little(gathered: Gathered, best: str | None) -> bool:
    resting: Sequence[float] = [
        evidence.ocr_confidence
        for evidence in gathered.evidence
        if evidence.says == best and evidence.source is not EvidenceSource.TEXT and evidence.page is not None
    ]
    return bool(resting) and max(resting) < _READ_WELL


def _is_doubtful_number(letter: Letter, evidence: Evidence) -> bool:
    """Tell whether a number was read at low confidence, or out of characters that only look like its own."""
    if evidence.page is None or evidence.box is None:
        return False
    if evidence.ocr_confidence < _NUMBER_READ_WELL:
        return True
    printed = "".join(word.text for word in _words_in(letter, evidence))
    wanted = re.sub(r"\W", "", evidence.values.get("number", ""))
    return bool(printed) and wanted.casefold() not in re.sub(r"\W", "", printed).casefold()


def _words_in(letter: Letter, evidence: Evidence) -> list[Word]:
    """Return the scanned words that stand where a piece of evidence does."""
    box = evidence.box
    if box is None:
        return []
    return [
        word
        for page in letter.pages
        if page.number == evidence.page and page.source is PageSource.OCR
        for word in page.words
        if word.box.x0 >= box.x0 - 0.5 and word.box.x1 <= box.x1 + 0.5
        and word.box.y0 >= box.y0 - 0.5 and word.box.y1 <= box.y1 + 0.5
    ]  # fmt: skip


def _is_doubtful_range(letter: Letter, pieces: Sequence[Evidence]) -> bool:
    """Tell whether a letter range decides by a surname whose first letters were not read well anywhere."""
    ranged = [piece for piece in pieces if piece.values.get("letters") and piece.values.get("surname")]
    if not ranged:
        return False
    parts = fold(ranged[0].values["surname"]).split()
    if not parts:
        return False
    start = parts[-1][:_FIRST_LETTERS]
    read = [
        word.ocr_confidence
        for page in letter.pages
        for word in page.words
        if fold(word.text).strip(".,;:()'\"").startswith(start)
    ]
    return bool(read) and max(read) < _NAME_READ_WELL


def _pages_are_poor(letter: Letter) -> bool:
    words = [w for page in letter.pages if page.source is PageSource.OCR for w in page.words]
    if len(words) < 5:
        return False
    weight = sum(len(word.text) for word in words)
    return sum(word.ocr_confidence * len(word.text) for word in words) / weight < _PAGE_READ_WELL
