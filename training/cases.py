# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Which letters belong to one case, and how to hold letters out by case and by time.

Letters of one file or one person are decided alike: a model that learned from one of them has seen half of the
other. Mail also changes with time, and what is promised is promised for tomorrow. So letters of one case are never
on both sides of a split, and the newest letters are judged by a model that knows nothing later than the oldest of
them. (Roberts et al. 2017, "Cross-validation strategies for data with temporal, spatial, hierarchical, or
phylogenetic structure", Ecography 40; Bergmeir & Benítez 2012 on blocks at the end of a series.)
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from router.office.cases import digits_of
from router.office.office import Office
from router.office.surnames import name_tokens
from router.records import Facts, Owner, ReferenceKind
from training.dataset import Labelled

__all__ = ["Folds", "case_of", "hold_out"]

Indices = NDArray[np.intp]

_NUMBERS = (ReferenceKind.OWN, ReferenceKind.AZR, ReferenceKind.BAMF)
_SHORTEST_NAME = 3
_ON_A_FORM = 0.02
_ON_A_FORM_LEAST = 30
"""What more letters than this name is printed on a form or letterhead and tells nothing about a case."""
_LARGEST = 0.1
"""Share of all letters no case holds: where chains reach so far, variants link people who have nothing in common."""
_ENOUGH_OLDER = 0.75
"""Share of the older letters that must be left to learn from, or another model than the office's would be judged."""
_NEWEST = 0.2
_NEWEST_LEAST, _NEWEST_MOST = 0.1, 0.3
"""How many letters the newest part may hold where days are not divided: the share aimed at, and its limits."""


@dataclass(frozen=True)
class Folds:
    """Splits into letters to learn from and letters to test on; each letter is tested once.

    Attributes
    ----------
    parts
        Pairs of indices: to learn from, to test on. Where there is a newest part, it is the last one.
    newest
        Shape (n,): letters of the newest part, judged by a model that saw older ones only; all false where the
        letters can't be divided by time.
    """

    parts: tuple[tuple[Indices, Indices], ...]
    newest: NDArray[np.bool_]


def case_of(letters: Sequence[Labelled], office: Office) -> NDArray[np.intp]:
    """Return a number for each letter, the same for all letters of one case.

    Letters are of one case when they are variants of each other (``Labelled.group``), name the same own, AZR or BAMF
    number, or numbers of the same file of the case list, or a person of one birth date who shares a part of the name.
    That holds along chains; where standard letters written for many people chain most letters together, only variants
    count. Numbers with another owner don't count, nor does what stands in so many letters
    that it must be printed on a form.

    Parameters
    ----------
    letters
        With their facts.
    office
        Its case list tells which numbers are of one file.
    """
    holders: dict[Hashable, list[int]] = defaultdict(list)
    for place, entry in enumerate(letters):
        for key in _keys(entry.facts, office):
            holders[key].append(place)
    most = max(_ON_A_FORM_LEAST, int(_ON_A_FORM * len(letters)))
    root = list(range(len(letters)))

    def find(place: int) -> int:
        while root[place] != place:
            root[place] = root[root[place]]
            place = root[place]
        return place

    def link(together: Iterable[Sequence[int]]) -> NDArray[np.intp]:
        for places in together:
            for other in places[1:]:
                root[find(other)] = find(places[0])
        return np.unique([find(place) for place in range(len(letters))], return_inverse=True)[1].astype(np.intp)

    groups: dict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(letters):
        groups[entry.group or f"\0{place}"].append(place)
    variants = link(groups.values())
    cases = link(places for places in holders.values() if len(places) <= most)
    largest = int(np.bincount(cases).max()) if len(letters) else 0
    return variants if largest > max(_ON_A_FORM_LEAST, _LARGEST * len(letters)) else cases


def _keys(facts: Facts, office: Office) -> Iterator[Hashable]:
    """Yield what a letter names that others of its case may name too, each once."""
    keys: set[Hashable] = set()
    for reference in facts.references:
        if reference.kind not in _NUMBERS or reference.owner is Owner.THEIRS:
            continue
        number = digits_of(reference.value)
        if not number:
            continue
        keys.add(number)
        keys.update(id(case) for case in office.cases.by_number(number))
    for person in facts.persons:
        if person.birth_date is not None:
            names = name_tokens(person.surname, person.given_names)
            keys.update((person.birth_date, name) for name in names if len(name) >= _SHORTEST_NAME)
    yield from keys


def hold_out(
    received: Sequence[dt.date], cases: NDArray[np.intp], labels: Sequence[str | None], *, count: int, seed: int
) -> Folds:
    """Divide letters into `count` parts, each to be judged by a model that learned from others.

    The newest fifth is one part; its model learns from older letters of other cases only. The others are drawn at
    random by case, and theirs learn from all letters of other cases, so that nothing is fitted once more
    for the sake of time. Where the days don't allow it, or too few older letters are of other cases or all of one kind,
    all parts are drawn at random by case.

    Parameters
    ----------
    received
        Days of receipt.
    cases
        As ``case_of`` returns them; at least `count` different ones.
    labels
        What is to be learned; at least two kinds must be there to learn from.
    count
        At least 3.
    seed
        Start of the random choice.
    """
    everything = np.arange(len(cases), dtype=np.intp)
    newest = _newest(received)
    older = np.flatnonzero(~newest)
    learnable = older[~np.isin(cases[older], cases[newest])]
    told = {labels[place] for place in learnable if labels[place] is not None}
    if len(learnable) < _ENOUGH_OLDER * len(older):
        newest[:] = False
    if not newest.any() or len(told) < 2 or len(np.unique(cases[older])) < count - 1:
        drawn = GroupKFold(count, shuffle=True, random_state=seed).split(everything, groups=cases)
        return Folds(tuple((learn, test) for learn, test in drawn), np.zeros(len(cases), bool))
    parts = []
    for _learn, test in GroupKFold(count - 1, shuffle=True, random_state=seed).split(older, groups=cases[older]):
        tested = older[test]
        parts.append((everything[~np.isin(cases, cases[tested])], tested))
    return Folds((*parts, (learnable, np.flatnonzero(newest))), newest)


def _newest(received: Sequence[dt.date]) -> NDArray[np.bool_]:
    """Return which letters came on the last days; days are not divided, as their letters may have come in a batch."""
    days = np.array([day.toordinal() for day in received])
    found = np.zeros(len(days), bool)
    if not len(days):
        return found
    best = _NEWEST_MOST
    for first in np.unique(days):
        since = days >= first
        share = float(since.mean())
        if _NEWEST_LEAST <= share <= _NEWEST_MOST and abs(share - _NEWEST) <= abs(best - _NEWEST):
            found, best = since, share
    return found
