# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The catalogue of matters: what each is called, its paragraphs, and words by which letters about it show.

It makes a plan that only names "Verpflichtungserklärung" or "§ 16b" work before any history exists.
"""

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from router.office.plan import Matter
from router.office.surnames import fold

__all__ = [
    "MISDIRECTED",
    "Catalogue",
    "Entry",
    "TermHit",
    "TermIndex",
    "TermMatcher",
    "load_catalogue",
    "scores_of",
    "weights_of",
]

MISDIRECTED = "irrlaeufer"
"""Entry for mail that belongs to another office."""

_FOLDER = Path(__file__).with_name("catalogue")
_STRONG, _WEAK, _PARAGRAPH = 3.0, 1.0, 3.0
_PREFIX = 4
_WORD = re.compile(r"\w+")
_PARAGRAPH_REFERENCE = re.compile(
    r"§+\s*(\d{1,3}\s?[a-z]?)\b(?:[^§\n]{0,40}?\b(AufenthG|AsylG|StAG|FreizügG(?:/EU)?|VwGO|VwVfG|BeschV|AufenthV|BGB|StPO|StGB|AZRG)\b)?",
    re.IGNORECASE,
)


class Entry(BaseModel):
    """One matter of the catalogue."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str
    part_of: str | None = None
    unit: bool = False
    label: Mapping[str, str]
    names: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()
    strong: Mapping[str, tuple[str, ...]] = {}
    weak: Mapping[str, tuple[str, ...]] = {}


@dataclass(frozen=True, slots=True)
class TermHit:
    """A term of the catalogue found in a letter.

    Attributes
    ----------
    name
        The entry, or the plan's matter, it speaks for.
    weight
        How strongly.
    start, end
        Where it stands in the letter's text.
    """

    name: str
    weight: float
    start: int
    end: int


class Catalogue:
    """All entries, and how a plan's matters are linked to them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = {entry.id: entry for entry in entries}

    @cached_property
    def terms(self) -> "TermIndex":
        """Finds the terms of every entry, whatever an office's plan calls it."""
        terms: dict[str, dict[str, float]] = defaultdict(dict)
        paragraphs: dict[str, set[str]] = defaultdict(set)
        for entry in self.entries.values():
            for level, weight in ((entry.strong, _STRONG), (entry.weak, _WEAK)):
                for words in level.values():
                    for term in words:
                        key = _term_key(term)
                        terms[key][entry.id] = max(weight, terms[key].get(entry.id, 0.0))
            for paragraph in entry.paragraphs:
                paragraphs[paragraph.lower()].add(entry.id)
        return TermIndex(terms, paragraphs)

    def link(self, matters: Mapping[str, Matter]) -> dict[str, frozenset[str]]:
        """Return for each matter of a plan the entries it means.

        A matter's own ``catalogue`` list decides; else an entry with the same id, paragraphs the label names,
        or names the label contains. Special cases of a linked entry belong to it unless another matter of the
        plan means them.
        """
        direct = {name: self._direct(name, matter) for name, matter in matters.items()}
        claimed: frozenset[str] = frozenset().union(*direct.values())
        linked = {}
        for name, entries in direct.items():
            children = {
                entry.id for entry in self.entries.values() if entry.part_of in entries and entry.id not in claimed
            }
            linked[name] = frozenset(entries | children)
        return linked

    def _direct(self, name: str, matter: Matter) -> frozenset[str]:
        if matter.catalogue:
            return frozenset(entry for entry in matter.catalogue if entry in self.entries)
        found: set[str] = set()
        if name in self.entries:
            found.add(name)
        for number, law in _paragraphs(matter.label):
            found |= {entry.id for entry in self.entries.values() if _paragraph_key(number, law) in entry.paragraphs}
        if not found:
            found = self._by_names(f"{matter.label} {name.replace('_', ' ')}")
        return frozenset(found)

    def _by_names(self, text: str) -> set[str]:
        """Return the entries whose names stand in a text, leaving out shorter names inside longer ones."""
        folded = fold(text)
        hits: list[tuple[int, int, str]] = []
        for entry in self.entries.values():
            for name in (*entry.names, *entry.label.values()):
                pattern = rf"(?<!\w){re.escape(fold(name))}"
                hits += [(match.start(), match.end(), entry.id) for match in re.finditer(pattern, folded)]
        kept = {
            name
            for start, end, name in hits
            if not any(a <= start and end <= b and (b - a) > (end - start) for a, b, _other in hits)
        }
        return {name for name in kept if self.entries[name].part_of not in kept} or kept


def _term_key(term: str) -> str:
    return _even(term.rstrip("$")).strip() + ("$" if term.endswith("$") else "")


class _Folding(dict[int, str]):
    """What each sign is compared as: folded, line breaks as blanks and all apostrophes alike.

    Filled as signs occur, so that a text is folded in one pass. ``uneven`` holds the signs that do not become exactly
    one, such as ß, which becomes ss, or a mark that stands apart from its letter and goes.
    """

    def __init__(self) -> None:
        super().__init__({ord(sign): " " for sign in "\n\f\t"} | {ord(sign): "'" for sign in "’`´"})
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        sign = chr(code)
        folded = "".join(self.get(ord(part), part) for part in fold(sign))
        if len(folded) != 1:
            self.uneven.add(sign)
        self[code] = folded
        return folded


_folding = _Folding()


def _even(text: str) -> str:
    """Fold a text for comparing, sign by sign."""
    return text.translate(_folding)


class _WayBack:
    """From places in a folded text to those in the text itself.

    Parameters
    ----------
    text
        Whose folding is meant; it has to be folded before.
    """

    def __init__(self, text: str) -> None:
        self._ends: list[int] = []
        self._shifts = [0]
        uneven = _folding.uneven.intersection(text)
        if not uneven:
            return
        for match in re.finditer(f"[{re.escape(''.join(sorted(uneven)))}]", text):
            start = match.start() + self._shifts[-1]
            length = len(_folding[ord(match[0])])
            self._ends.append(start + length)
            self._shifts.append(self._shifts[-1] + length - 1)

    def __call__(self, position: int) -> int:
        """Return where what stands at a position of the folded text stands in the text."""
        return position - self._shifts[bisect_right(self._ends, position)] if self._ends else position


def _paragraph_key(number: str, law: str | None) -> str:
    short = number.replace(" ", "").lower()
    return short if law is None or law.lower() == "aufenthg" else f"{law} {short}"


def _paragraphs(text: str) -> list[tuple[str, str | None]]:
    """Return the paragraphs a text cites; several after one sign count each."""
    found = []
    for match in _PARAGRAPH_REFERENCE.finditer(text):
        found.append((match[1], match[2]))
    if not found:
        found = [(match[1], None) for match in re.finditer(r"(?<!\w)(\d{1,3}[a-h])(?!\w)", text)]
    return found


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue that comes with the product."""
    entries = []
    for path in sorted(_FOLDER.glob("*.yaml")):
        entries += [Entry.model_validate(raw) for raw in yaml.safe_load(path.read_text(encoding="utf-8"))]
    return Catalogue(entries)


class TermIndex:
    """Terms to look for and what each speaks for.

    Parameters
    ----------
    terms
        Folded term (with a dollar sign where it must match whole words) to weights by name.
    paragraphs
        Paragraph, as the catalogue writes it, to names.
    """

    def __init__(self, terms: Mapping[str, Mapping[str, float]], paragraphs: Mapping[str, set[str]]) -> None:
        self._paragraphs = paragraphs
        self._index: dict[str, list[tuple[str, bool, Mapping[str, float]]]] = defaultdict(list)
        self.names = tuple(sorted({name for weights in terms.values() for name in weights}))
        for term, weights in terms.items():
            plain = term.rstrip("$")
            if len(plain) >= 2:
                self._index[plain[:_PREFIX]].append((plain, term.endswith("$"), weights))

    def hits(self, text: str) -> list[TermHit]:
        """Return all terms in a text; a term that speaks for several names counts less for each."""
        folded = _even(text)
        way_back = _WayBack(text)
        found: list[TermHit] = []
        index = self._index
        for match in _WORD.finditer(folded):
            start = match.start()
            candidates = [*index.get(folded[start : start + _PREFIX], ())]
            for short in range(2, _PREFIX):
                candidates += index.get(folded[start : start + short], ())
            for term, whole, weights in candidates:
                if not folded.startswith(term, start):
                    continue
                end = start + len(term)
                if whole and end < len(folded) and folded[end].isalnum():
                    continue
                share = 1 / math.sqrt(len(weights))
                place = (way_back(start), way_back(max(end, match.end())))
                found += [TermHit(name, weight * share, *place) for name, weight in weights.items()]
        for match in _PARAGRAPH_REFERENCE.finditer(text):
            names = self._paragraphs.get(_paragraph_key(match[1], match[2]).lower(), ())
            found += [TermHit(name, _PARAGRAPH / math.sqrt(len(names)), match.start(), match.end()) for name in names]
        return found


def weights_of(hits: Iterable[TermHit], text: str) -> Iterator[tuple[TermHit, float]]:
    """Return what each hit counts.

    Each further occurrence of the same word counts less; the first third of a text, where subject and purpose
    stand, counts half as much again.
    """
    seen: dict[tuple[str, str], int] = defaultdict(int)
    early = max(len(text) / 3, 400)
    for hit in hits:
        word = text[hit.start : hit.end].lower()
        seen[hit.name, word] += 1
        yield hit, hit.weight / seen[hit.name, word] * (1.5 if hit.start < early else 1.0)


def scores_of(hits: Iterable[TermHit], text: str) -> dict[str, float]:
    """Sum up by name what hits count."""
    totals: dict[str, float] = defaultdict(float)
    for hit, weight in weights_of(hits, text):
        totals[hit.name] += weight
    return dict(totals)


class TermMatcher:
    """Finds what letters are about in terms of a plan: the catalogue's entries linked to its matters, and its hints.

    Parameters
    ----------
    catalogue
        Where the terms come from.
    matters
        The plan's matters; their hints are terms too, and the labels of those the catalogue does not know.
    """

    def __init__(self, catalogue: Catalogue, matters: Mapping[str, Matter]) -> None:
        self.linked = catalogue.link(matters)
        self.matters = tuple(matters)
        self._catalogue = catalogue
        self._matters_of: dict[str, list[str]] = defaultdict(list)
        for matter, entries in self.linked.items():
            for entry in entries:
                self._matters_of[entry].append(matter)
        if MISDIRECTED not in self._matters_of:
            self._matters_of[MISDIRECTED].append(MISDIRECTED)
        own: dict[str, dict[str, float]] = defaultdict(dict)
        for name, described in matters.items():
            words = list(described.hints)
            if not self.linked[name]:
                words += re.findall(r"\w{5,}", described.label)
            for word in words:
                own[_term_key(word)][name] = _STRONG
        self._own = TermIndex(own, {})

    def hits(self, text: str, entry_hits: Iterable[TermHit] | None = None) -> list[TermHit]:
        """Return all terms in a text with the matters they speak for.

        Parameters
        ----------
        text
            The letter's text.
        entry_hits
            What ``catalogue.terms`` found in it, if that is known already.
        """
        found = self._own.hits(text)
        for hit in self._catalogue.terms.hits(text) if entry_hits is None else entry_hits:
            matters = self._matters_of.get(hit.name, ())
            found += [replace(hit, name=m, weight=hit.weight / math.sqrt(len(matters))) for m in matters]
        return found
