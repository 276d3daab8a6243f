# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters and case lists in which people bear other names or come from other countries."""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from babel import Locale

from router.facts.names import given_names, in_dictionary, is_ordinary
from router.office.cases import CaseList
from router.office.countries import FREE_MOVEMENT, countries, country_names
from router.office.office import Office
from router.office.surnames import fold
from router.records import Letter, PersonRole
from training.dataset import Labelled

__all__ = ["Renaming", "renaming", "rewritten", "swap_countries"]

_TOKEN = re.compile(r"[^\W\d_]+")
_SHORTEST = 3
_LANGUAGES = frozenset({"de", "en", "fr", "it", "es", "tr", "uk", "ru", "pt"})
_BY_LAW = frozenset({"000", "166"})
"""Germany, and Ukraine, on which temporary protection depends by law: exchanging them changes the matter itself."""


@dataclass
class Renaming:
    """Gives every name another one that begins with the same two letters, the same for the whole office.

    The first letters stay because plans divide work by them. A given name becomes a given name, a surname a surname.

    Attributes
    ----------
    surnames, given
        Names to choose from, by their first two letters, folded.
    seed
        Start of the random choices.
    """

    surnames: Mapping[str, tuple[str, ...]]
    given: Mapping[str, tuple[str, ...]]
    seed: int
    _chosen: dict[str, str] = field(default_factory=dict)

    def other(self, name: str) -> str:
        """Return another name, in capitals where `name` is; the same one where there is no other."""
        folded = fold(name)
        if folded not in self._chosen:
            pool = self.given if folded in given_names() else self.surnames
            choice = [other for other in pool.get(folded[:2], ()) if fold(other) != folded]
            self._chosen[folded] = random.Random(f"{self.seed}/{folded}").choice(choice) if choice else ""
        found = self._chosen[folded]
        return (found.upper() if name.isupper() else found) if found else name

    def letter(self, entry: Labelled) -> Letter | None:
        """Return a letter in which every citizen bears another name; ``None`` where nobody could be given one.

        Staff keep their names, because mail addressed to them is theirs. A dictionary word that was taken for a
        name stays, or the letter would say something else.
        """
        own = {
            fold(name)
            for person in entry.facts.persons
            if person.role is not PersonRole.CASEWORKER
            for name in _TOKEN.findall(f"{person.surname} {person.given_names} {person.other_surname}")
            if len(name) >= _SHORTEST and (self._is_listed(name) or not is_ordinary(name))
        }

        def renamed(match: re.Match[str]) -> str:
            word = match[0]
            return self.other(word) if word[0].isupper() and fold(word) in own else word

        changed = rewritten(entry.letter, lambda text: _TOKEN.sub(renamed, text))
        return changed if changed != entry.letter else None

    def office(self, office: Office) -> Office:
        """Return the office with the same renaming in its case list."""

        def renamed(names: str) -> str:
            return _TOKEN.sub(lambda match: self.other(match[0]) if len(match[0]) >= _SHORTEST else match[0], names)

        cases = [
            replace(
                case,
                surname=renamed(case.surname),
                given_names=renamed(case.given_names),
                aliases=tuple(renamed(alias) for alias in case.aliases),
            )
            for case in office.cases.cases
        ]
        return Office(office.plan, CaseList(cases, office.cases.version), office.folder)

    def _is_listed(self, name: str) -> bool:
        folded = fold(name)
        pool = self.given if folded in given_names() else self.surnames
        return any(fold(other) == folded for other in pool.get(folded[:2], ()))


def renaming(letters: Iterable[Labelled], office: Office, seed: int) -> Renaming:
    """Return a renaming with the surnames of the case list; without one, with those letters state clearly.

    Given names are the common ones that are no dictionary words.

    Parameters
    ----------
    letters
        Where surnames are looked for.
    office
        Its case list.
    seed
        Start of the random choices.
    """
    surnames: dict[str, set[str]] = defaultdict(set)
    named = [case.surname for case in office.cases.cases] or [
        person.surname for entry in letters for person in entry.facts.persons if not person.swappable
    ]
    for surname in named:
        for name in _TOKEN.findall(surname):
            if len(name) >= _SHORTEST and fold(name) not in given_names() and name[0].isupper():
                surnames[fold(name)[:2]].add(name.capitalize())
    given: dict[str, set[str]] = defaultdict(set)
    for name in given_names():
        if len(name) >= _SHORTEST and name.isalpha() and not in_dictionary(name.capitalize()):
            given[name[:2]].add(name.capitalize())
    return Renaming(_sorted(surnames), _sorted(given), seed)


def _sorted(found: Mapping[str, set[str]]) -> dict[str, tuple[str, ...]]:
    return {start: tuple(sorted(names)) for start, names in found.items()}


@cache
def _country_words(language: str) -> dict[str, str]:
    """Return for each country key its one-word name in a language."""
    territories = Locale.parse(language).territories
    named = {country.key: str(territories.get(country.iso, "")) for country in countries().values() if country.iso}
    return {key: name for key, name in named.items() if _TOKEN.fullmatch(name)}


def swap_countries(letter: Letter, language: str, bound: frozenset[str], rng: random.Random) -> Letter | None:
    """Return a letter in which every country is another one that the law and the plan treat alike.

    Parameters
    ----------
    letter
        As read.
    language
        Of the letter, ISO 639-1: countries get names of that language, of German where it is unknown.
    bound
        Keys the plan's rules name; they are neither exchanged nor put in.
    rng
        Source of chance.

    Returns
    -------
    Letter or None
        ``None`` where no country is named in one word.
    """
    known = countries()
    closed = bound | _BY_LAW
    names = country_names()
    own = _country_words(language if language in _LANGUAGES else "de")
    in_letter = {fold(name): key for key, name in own.items()}
    chosen: dict[str, str] = {}

    def partner(key: str) -> str:
        if key not in chosen:
            free = key in FREE_MOVEMENT
            alike = [k for k in known if (k in FREE_MOVEMENT) == free and k != key and k not in closed and k in own]
            chosen[key] = rng.choice(sorted(alike)) if alike else key
        return chosen[key]

    def other(match: re.Match[str]) -> str:
        folded = fold(match[0])
        stem = re.fullmatch(r"(.+isch)(e|er|en|es|em)?", folded)
        if stem and (key := names.get(stem[1])) in known and key not in closed:
            ending = stem[2] or ""
            adjective = known[partner(key)].adjective
            return (adjective.capitalize() if match[0][0].isupper() else adjective) + ending
        key = in_letter.get(folded) or names.get(folded)
        if key is None or key not in known or key in closed or not match[0][0].isupper():
            return match[0]
        return own.get(partner(key), match[0])

    changed = rewritten(letter, lambda word: _TOKEN.sub(other, word))
    return changed if chosen else None


def rewritten(letter: Letter, change: Callable[[str], str]) -> Letter:
    """Return a letter with every word changed; places and confidences stay."""
    pages = tuple(
        replace(page, words=tuple(replace(word, text=change(word.text)) for word in page.words))
        for page in letter.pages
    )
    return replace(letter, pages=pages)
