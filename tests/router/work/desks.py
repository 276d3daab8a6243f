# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A desk without Tesseract and model, which fails when told to."""

import datetime as dt

from router.records import (
    Box,
    Candidate,
    Decision,
    Facts,
    Letter,
    LetterKind,
    Outcome,
    Page,
    PageSource,
    Reading,
    Reason,
    Word,
)

__all__ = ["QuickDesk"]


class QuickDesk:
    """Reads the bytes as words and decides by the first one: ``33.21 ...`` is routed there, all else reviewed.

    ``fail`` makes readings fail that hold the word, as many times as it says.
    """

    def __init__(self, *, fail: dict[bytes, int] | None = None, error: type[Exception] = ValueError) -> None:
        self.fail = dict(fail or {})
        self.error = error
        self.read_count = 0

    def read(self, data: bytes) -> Reading:
        self.read_count += 1
        for word in self.fail:
            if word in data and self.fail[word] > 0:
                self.fail[word] -= 1
                raise self.error("broken by the words of the letter")
        words = tuple(Word(word, Box(0, 0, 1, 1), 1.0, 0) for word in data.decode().split())
        return Reading((Letter((Page(1, 595.0, 842.0, PageSource.TEXT, words),), LetterKind.TEXT),), "text/plain", 1)

    def read_until_sure(self, data: bytes, received: dt.date) -> Reading:
        return self.read(data)

    def read_rest(self, data: bytes, letter: Letter) -> Letter:
        return letter

    def check_share(self, usual: float) -> float:
        return usual

    def decide(self, letter: Letter, received: dt.date) -> Decision:
        post = letter.text.split(" ")[0]
        routed = post.startswith("33.")
        return Decision(
            Outcome.ROUTED if routed else Outcome.REVIEW,
            candidates=(Candidate(post, None, 0.99),) if routed else (),
            reasons=() if routed else (Reason.LOW_CONFIDENCE,),
            evidence=(),
            facts=Facts("de"),
            matter=None,
            threshold=0.9,
            model=None,
        )
