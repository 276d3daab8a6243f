# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whether a text layer reads like writing rather than like a broken font."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache

from router.records import Word

__all__ = ["is_plausible"]

# Replacement, private and control characters; what a font without a character table gives.
_MEANINGLESS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\ue000-\uf8ff\ufdd0-\ufdef\ufff0-\uffff\U000f0000-\U0010ffff]")
_ENOUGH_LETTERS = 60
_MOST_MEANINGLESS, _LEAST_LETTERS = 0.05, 0.5
_COMMON = frozenset("aeinorst")
_LEAST_COMMON, _LEAST_VOWELS, _MOST_VOWELS = 0.42, 0.2, 0.65
_MOST_SINGLE = 0.5


def is_plausible(words: Sequence[Word]) -> bool:
    """Tell whether a text layer reads like writing.

    Fonts without a character table give replacement or private-use characters, or hardly any letters; with a wrong
    one letters are exchanged for others; some programs set a blank after every letter. In all languages written in
    Latin letters that were looked at, the letters a, e, i, n, o, r, s and t make up more than half of a text and
    vowels a third to a half, so that a text with far fewer has other letters than are seen on paper. Texts of less
    than sixty letters are too short to tell.
    """
    text = "".join([word.text for word in words])
    if not text:
        return False
    if len(_MEANINGLESS.findall(text)) > _MOST_MEANINGLESS * len(text):
        return False
    if sum(map(str.isalnum, text)) < _LEAST_LETTERS * len(text):
        return False
    return not _is_spaced_out(words) and _has_common_letters(text)


def _is_spaced_out(words: Sequence[Word]) -> bool:
    """Tell whether most letters stand alone; signs of Chinese and the like always do."""
    single = sum(len(word.text) == 1 and word.text.isalpha() and word.text < "\u2e80" for word in words)
    return len(words) >= _ENOUGH_LETTERS and single > _MOST_SINGLE * len(words)


def _has_common_letters(text: str) -> bool:
    latin = common = vowels = 0
    for letter, count in Counter(text.lower()).items():
        base = _latin_base(letter)
        if base:
            latin += count
            common += count * (base in _COMMON)
            vowels += count * (base in "aeiouy")
    if latin < _ENOUGH_LETTERS:
        return True
    return common >= _LEAST_COMMON * latin and _LEAST_VOWELS * latin <= vowels <= _MOST_VOWELS * latin


@cache
def _latin_base(letter: str) -> str:
    """Return the letter without its marks; nothing for what is no Latin letter."""
    if letter == "ı":
        return "i"
    base = unicodedata.normalize("NFD", letter)[0]
    return base if "a" <= base <= "z" else "o" if letter == "ø" else "a" if letter == "æ" else ""
