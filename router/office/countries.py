# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Country keys of the Federal Statistical Office and the words by which letters name countries.

Keys: code list "Staatsangehörigkeit" of Destatis
(urn:de:bund:destatis:bevoelkerungsstatistik:schluessel:staatsangehoerigkeit). Names in other languages:
Unicode CLDR, as shipped with Babel.
"""

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel import Locale

from router.office.surnames import fold

__all__ = ["COUNTRY_KEYS", "FREE_MOVEMENT", "Country", "countries", "country_names", "find_country"]

_FILE = Path(__file__).with_name("countries.csv")
_LANGUAGES = ("de", "en", "fr", "it", "es", "tr", "uk", "ru", "ar", "fa", "pt", "vi", "sq", "bs")
_FURTHER = {
    "475": ("Syrische Arabische Republik", "Arabische Republik Syrien", "Syrian Arab Republic", "Syrer", "Syrerin"),
    "423": ("Islamische Republik Afghanistan", "Afghane", "Afghanin", "Afghan"),
    "439": ("Islamische Republik Iran", "Iraner", "Iranerin"),
    "163": ("Republik Türkei", "Türkiye", "Türke", "Türkin", "Turkey", "T.C."),
    "160": ("Russland", "Russische Föderation", "Russin"),
    "436": ("Republik Indien", "Inder", "Inderin"),
    "479": ("Volksrepublik China", "VR China"),
    "368": ("USA", "U.S.A.", "Vereinigte Staaten von Amerika", "US-amerikanisch", "American"),
    "168": ("Großbritannien", "Vereinigtes Königreich", "England", "British"),
    "144": ("Nordmazedonien", "nordmazedonisch"),
    "467": ("Südkorea", "Republik Korea", "südkoreanisch"),
    "459": ("Palästina", "palästinensische Gebiete", "Palestinian"),
    "122": ("Bosnien", "Bosnien-Herzegowina", "bosnisch-herzegowinisch"),
    "166": ("Ukrainer", "Ukrainerin", "Ukrainian"),
    "997": ("staatenlose", "stateless", "apatride"),
    "998": ("ungeklärte Staatsangehörigkeit",),
}


@dataclass(frozen=True, slots=True)
class Country:
    """One country key."""

    key: str
    iso: str
    adjective: str
    eu: bool


@cache
def countries() -> dict[str, Country]:
    """Return all keys the service knows, in ascending order."""
    with _FILE.open(encoding="utf-8", newline="") as source:
        return {
            row["key"]: Country(row["key"], row["iso"], row["adjective"], row["eu"] == "1")
            for row in csv.DictReader(source)
        }


COUNTRY_KEYS = frozenset(countries())

FREE_MOVEMENT = frozenset(country.key for country in countries().values() if country.eu) | {"136", "141", "149", "158"}
"""Keys of the countries whose citizens move freely: the EU, Iceland, Liechtenstein, Norway, Switzerland.

Source: §§ 1 and 12 FreizügG/EU; agreement between the EU and Switzerland of 21 June 1999.
"""


@cache
def country_names() -> dict[str, str]:
    """Return folded words and phrases for countries and their keys; German adjectives as stems."""
    found: dict[str, str] = {}
    for country in countries().values():
        found.setdefault(fold(country.adjective), country.key)
        if country.iso:
            for language in _LANGUAGES:
                name = Locale.parse(language).territories.get(country.iso)
                if name:
                    found.setdefault(fold(str(name)), country.key)
        for name in _FURTHER.get(country.key, ()):
            found.setdefault(fold(name).strip("."), country.key)
    return found


def find_country(text: str) -> str | None:
    """Return the key of the country a short text names: a key, a name, an adjective with its ending, an ISO code.

    >>> find_country("syrische")
    '475'
    >>> find_country("Republik Kosovo") is None
    False
    """
    if re.fullmatch(r"\d{3}", text.strip()):
        return text.strip() if text.strip() in COUNTRY_KEYS else None
    folded = fold(text).strip(" .:,;()[]/")
    names = country_names()
    if folded in names:
        return names[folded]
    words = re.findall(r"[\w’'.-]+", folded)
    for length in range(min(4, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            phrase = " ".join(words[start : start + length])
            if phrase in names:
                return names[phrase]
            stem = re.sub(r"(isch)(e|er|en|es|em)$", r"\1", phrase)
            if stem != phrase and stem in names:
                return names[stem]
    return None
