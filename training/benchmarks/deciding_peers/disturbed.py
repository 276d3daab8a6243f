# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters as recognition would have read them: a stated share of their characters misread or lost."""

import random
from collections.abc import Sequence
from dataclasses import replace

from router.records import Letter
from training.noise import CONFUSIONS

__all__ = ["disturb", "disturb_letter"]

_LOST = 0.25
"""How often a character that is taken for no other is lost, beside how often others are taken for another one."""


def disturb(text: str, rate: float, rng: random.Random) -> str:
    """Return a text in which exactly a share of its characters, rounded, is misread or lost.

    Parameters
    ----------
    text
        Blanks and line ends stay as they are and do not count.
    rate
        Share of the other characters, 0 to 1. Characters that recognition often takes for others come first; what it
        takes a pair of characters for counts as two.
    rng
        Source of chance.
    """
    places = [place for place, sign in enumerate(text) if not sign.isspace()]
    wanted = round(rate * len(places))
    if wanted <= 0:
        return text
    # Weighted draw without putting back (Efraimidis and Spirakis 2006): the highest random(0, 1) ** (1 / weight).
    keys = {place: rng.random() ** (1.0 if _confusions_at(text, place) else 1 / _LOST) for place in places}
    changed: dict[int, str] = {}
    for place in sorted(places, key=lambda place: -keys[place]):
        if len(changed) >= wanted:
            break
        if place in changed:
            continue
        free = [
            (old, new)
            for old, new in _confusions_at(text, place)
            if len(changed) + len(old) <= wanted and changed.keys().isdisjoint(range(place, place + len(old)))
        ]
        old, new = rng.choice(free) if free else (text[place], "")
        changed[place] = new
        changed |= dict.fromkeys(range(place + 1, place + len(old)), "")
    return "".join(changed.get(place, sign) for place, sign in enumerate(text))


def _confusions_at(text: str, place: int) -> Sequence[tuple[str, str]]:
    return [(old, new) for old, new in CONFUSIONS if text.startswith(old, place)]


def disturb_letter(letter: Letter, rate: float, name: str) -> Letter:
    """Return a letter with disturbed words; a word of which nothing is left is gone.

    Parameters
    ----------
    letter
        As read; places of words stay as they are.
    rate
        Share of the characters on each page, 0 to 1.
    name
        The same name gives the same errors.
    """
    if rate <= 0:
        return letter
    pages = []
    for page in letter.pages:
        rng = random.Random(f"{name}/{page.number}/{rate}")
        texts = disturb("\n".join(word.text for word in page.words), rate, rng).split("\n")
        words = (replace(word, text=text) for word, text in zip(page.words, texts, strict=False) if text)
        pages.append(replace(page, words=tuple(words)))
    return replace(letter, pages=tuple(pages))
