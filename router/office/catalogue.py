# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The catalogue of matters: what each is called, its paragraphs, and words by which letters about it show.

It makes a plan that only names "Verpflichtungserklärung" or "§ 16b" work before any history exists.
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from router.office.plan import Matter
from router.office.surnames import fold

__all__ = ["MISDIRECTED", "Catalogue", "Entry", "TermHit", "TermMatcher", "load_catalogue"]

MISDIRECTED = "irrlaeufer"
"""Entry for mail that belongs to another office."""

_FOLDER = Path(__file__).with_name("catalogue")
_STRONG, _WEAK, _PARAGRAPH = 3.0, 1.0, 3.0
_PREFIX = 3
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
    matter
        The plan's matter it speaks for.
    weight
        How strongly.
    start, end
        Where it stands in the letter's text.
    """

    matter: str
    weight: float
    start: int
    end: int


class Catalogue:
    """All entries, and how a plan's matters are linked to them."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = {entry.id: entry for entry in entries}

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


class TermMatcher:
    """Finds the catalogue's terms for a plan's matters in letters.

    Parameters
    ----------
    catalogue
        Where the terms come from.
    matters
        The plan's matters; their labels and hints are terms too.
    """

    def __init__(self, catalogue: Catalogue, matters: Mapping[str, Matter]) -> None:
        self.linked = catalogue.link(matters)
        self.matters = tuple(matters)
        terms: dict[str, dict[str, float]] = defaultdict(dict)
        self._paragraphs: dict[str, set[str]] = defaultdict(set)

        def add(term: str, matter: str, weight: float) -> None:
            whole = term.endswith("$")
            key = fold(term.rstrip("$")).strip() + ("$" if whole else "")
            if len(key) >= 2:
                terms[key][matter] = max(weight, terms[key].get(matter, 0.0))

        for matter, entries in self.linked.items():
            for name in entries:
                self._add_entry(catalogue.entries[name], matter, add)
            for hint in matters[matter].hints:
                add(hint, matter, _STRONG)
            if not entries:
                for word in re.findall(r"\w{5,}", matters[matter].label):
                    add(word, matter, _STRONG)
        misdirected = catalogue.entries.get(MISDIRECTED)
        if misdirected is not None and MISDIRECTED not in self.linked:
            self._add_entry(misdirected, MISDIRECTED, add)
        self._index: dict[str, list[tuple[str, bool, dict[str, float]]]] = defaultdict(list)
        for term, weights in terms.items():
            plain = term.rstrip("$")
            self._index[plain[:_PREFIX]].append((plain, term.endswith("$"), weights))

    def _add_entry(self, entry: Entry, matter: str, add: Callable[[str, str, float], None]) -> None:
        for level, weight in ((entry.strong, _STRONG), (entry.weak, _WEAK)):
            for words in level.values():
                for term in words:
                    add(term, matter, weight)
        for paragraph in entry.paragraphs:
            self._paragraphs[paragraph.lower()].add(matter)

    def hits(self, text: str) -> list[TermHit]:
        """Return all terms in a text; a term that speaks for several matters counts less for each."""
        folded = fold(text)
        aligned = len(folded) == len(text)
        found: list[TermHit] = []
        for match in re.finditer(r"\w+", folded):
            start = match.start()
            for term, whole, weights in self._index.get(folded[start : start + _PREFIX], ()):
                if not folded.startswith(term, start):
                    continue
                end = start + len(term)
                if whole and end < len(folded) and folded[end].isalnum():
                    continue
                found += [
                    TermHit(matter, weight / math.sqrt(len(weights)), start if aligned else -1, max(end, match.end()) if aligned else -1)
                    for matter, weight in weights.items()
                ]
        for match in _PARAGRAPH_REFERENCE.finditer(text):
            matters = self._paragraphs.get(_paragraph_key(match[1], match[2]).lower(), ())
            found += [TermHit(m, _PARAGRAPH / math.sqrt(len(matters)), match.start(), match.end()) for m in matters]
        return found

    def scores(self, text: str, hits: Iterable[TermHit] | None = None) -> dict[str, float]:
        """Return a score for every matter with a term in the text.

        Each further occurrence of the same word counts less; the first third of a text, where subject and
        purpose stand, counts half as much again.
        """
        totals: dict[str, float] = defaultdict(float)
        seen: dict[tuple[str, str], int] = defaultdict(int)
        early = max(len(text) / 3, 400)
        for hit in self.hits(text) if hits is None else hits:
            word = fold(text[hit.start : hit.end]) if hit.start >= 0 else ""
            seen[hit.matter, word] += 1
            weight = hit.weight / seen[hit.matter, word]
            totals[hit.matter] += weight * (1.5 if 0 <= hit.start < early else 1.0)
        return dict(totals)
