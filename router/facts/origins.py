# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Words for countries and their people, replaced by neutral ones: the text model must not judge by nationality.

Where somebody comes from may change who is responsible, but openly: as a fact with a rule of the plan. Two distinctions
stay, because the law itself makes them: whether a country's citizens move freely in the EU (FreizügG/EU, agreement with
Switzerland of 1999), and Ukraine, whose people have temporary protection (§ 24 AufenthG). Germany stays, too: "deutsch"
is a language to learn and a citizenship to apply for.
"""

import re
from functools import cache

from babel import Locale

from router.office.countries import FREE_MOVEMENT, countries, country_names
from router.office.surnames import fold

__all__ = ["ELSEWHERE", "FREE", "neutral_origins"]

FREE = "xeuland"
"""Stands for a country of the EU or EEA, or Switzerland."""
ELSEWHERE = "xland"
"""Stands for any other country."""

_KEPT = frozenset({"000", "166", "997", "998"})
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST = 4
_VOWELS = "aeiouy"
_ENDINGS = (
    r"isch(?:e[mnrs]?)?|er(?:s|n|in|innen)?|e[nrs]?|in(?:nen)?|es(?:e[nrs]?|in(?:nen)?)|aner(?:s|n|in|innen)?"  # German
    r"|i?ans?|n|ese|ish|is?|eans?|nians?"  # English
    r"|ien(?:ne)?s?|n(?:ne)s?|ais(?:es?)?|aine?s?|ois(?:es?)?"  # French
    r"|an[oaie]s?|in[oaie]s?|en[oaie]s?|es[aie]s?"  # Italian, Spanish
)
_ENDING = re.compile(_ENDINGS)
_ENDING_LANGUAGES = ("de", "en", "fr", "it", "es")
_NOT = frozenset({"letter", "letters", "lettern", "roman", "romane", "romans"})
_IRREGULAR = {
    "475": "Syrer Syrern Syrerin Syrerinnen", "163": "Türke Türken Türkin Turkish turc turque", "160": "Russe Russen",
    "152": "Pole Polen Polin Polish Pole polonais polonaise", "436": "Inder Indern Inderin indien indienne",
    "134": "Grieche Griechen Griechin Greek grec grecque", "129": "Franzose Franzosen Französin French",
    "479": "Chinese Chinesen Chinesin", "161": "Spanier Spanierin Spanish espagnol espagnole", "158": "Swiss suisse",
    "125": "Bulgare Bulgarin", "170": "Serbe Serbin", "130": "Kroate Kroatin", "164": "Czech", "126": "Danish Däne",
    "423": "Afghan Afghans afghane", "148": "Dutch", "168": "Brite Briten Britin", "287": "Ägypter Egyptian",
}  # fmt: skip
"""Words for people that no ending explains, by country key."""


def neutral_origins(text: str) -> str:
    """Return a text with every one-word name of a country or its people replaced.

    Parameters
    ----------
    text
        In any language the service knows names of countries in; endings are known in German, English, French, Italian
        and Spanish. In scripts with capitals only capitalised words are names of countries; adjectives may be small.

    Examples
    --------
    >>> neutral_origins("Der syrische Ehemann einer Polin kam über Griechenland aus der Ukraine nach Deutschland.")
    'Der xland Ehemann einer xeuland kam über xeuland aus der Ukraine nach Deutschland.'
    """
    return _WORD.sub(lambda match: _neutral(match[0]) or match[0], text)


def _neutral(word: str) -> str | None:
    folded = fold(word)
    if len(word) < _SHORTEST or folded in _NOT:
        return None
    whole, stems = _words()
    key = whole.get(folded)
    if key is not None and (not word[0].islower() or folded.endswith("isch")):
        return _word_for(key)
    for length in range(_SHORTEST, len(folded)):
        key = stems.get(folded[:length])
        if key is None or _ENDING.fullmatch(folded, length) is None:
            continue
        if not word[0].islower() or "isch" in folded[max(length - 4, 0) :]:
            return _word_for(key)
    return None


def _word_for(key: str) -> str | None:
    return None if key in _KEPT else FREE if key in FREE_MOVEMENT else ELSEWHERE


@cache
def _words() -> tuple[dict[str, str], dict[str, str]]:
    """Return names of countries as they are, and what is left of them before an ending; both folded."""
    whole = {name: key for name, key in country_names().items() if len(name) >= _SHORTEST and name.isalpha()}
    stems: dict[str, str] = {}
    named = {fold(country.adjective): key for key, country in countries().items()}
    for language in _ENDING_LANGUAGES:
        territories = Locale.parse(language).territories
        named |= {fold(str(territories.get(country.iso, ""))): key for key, country in countries().items()}
    for name, key in named.items():
        if not name.isalpha():
            continue
        for stem in {name, name.rstrip(_VOWELS), name.removesuffix("ien"), name.removesuffix("isch")}:
            if len(stem) >= _SHORTEST:
                stems.setdefault(stem, key)
    for key, words in _IRREGULAR.items():
        whole |= {fold(word): key for word in words.split()}
    # "Kongo" and "kongolesisch" belong to two countries; either is elsewhere.
    return whole, stems
