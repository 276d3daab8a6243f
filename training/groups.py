# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whether some people's mail is routed less often or wrongly more often: by language, origin, and surname.

Groups are large on purpose, and never smaller than ten letters: they tell of the machine, not of a person. Small ones
are put together, and where what is left over would be too small, the next smallest group joins it, so that nothing can
be found by subtraction.

Sources: Fisher's exact test (Fisher 1935) of each group against all other letters; Holm's correction (Holm 1979) over
all groups, so that the chance of any false warning is at most ``LEVEL``. Continents: first digit of the key of the
code list "Staatsangehörigkeit" (Destatis).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from scipy.stats import fisher_exact

from router.office.countries import FREE_MOVEMENT
from router.office.office import Office
from router.office.surnames import SurnameRules, name_tokens
from router.records import PersonRole
from router.texts import _
from training.dataset import Labelled
from training.fit import Fitted
from training.measures import Share, share_of
from training.shares import Figure, share

__all__ = [
    "KINDS", "LEVEL", "OTHERS", "SMALLEST", "Group", "Member", "group_labels", "group_name", "groups_as_facts",
    "measured_groups", "members_of", "warning_of",
]  # fmt: skip


def N_(message: str) -> str:
    """Mark a message for the catalogue; it is translated when it is shown."""
    return message


SMALLEST = 10
"""Letters a group needs to be told of, and routed letters it needs for its error."""
LEVEL = 0.05
"""Chance of a false warning, over all groups together."""
KINDS = {"language": N_("Language"), "origin": N_("Nationality"), "surname": N_("Surname")}
OTHERS = "others"

_NONE = "none"
_NAMES = {
    "eu": N_("EU, EEA, Switzerland"),
    "ukraine": N_("Ukraine"),
    "germany": N_("Germany"),
    "europe": N_("rest of Europe"),
    "africa": N_("Africa"),
    "america": N_("America"),
    "asia": N_("Asia"),
    "oceania": N_("Australia and Oceania"),
    "stateless": N_("stateless or unclear"),
    _NONE: N_("not told"),
    OTHERS: N_("all others together"),
}
_CONTINENTS = {"1": "europe", "2": "africa", "3": "america", "4": "asia", "5": "oceania", "9": "stateless"}
_RANGES = (("A–E", "A", "E"), ("F–K", "F", "K"), ("L–R", "L", "R"), ("S–Z", "S", "Z"))


@dataclass(frozen=True, slots=True)
class Member:
    """One letter: the groups it is in by kind, how it was decided, and of which written letter it is a variant."""

    labels: Mapping[str, str]
    right: bool
    routed: bool
    source: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """How the letters of a group fare.

    Attributes
    ----------
    kind, name
        Such as ``language`` and ``en``.
    n
        Letters, at least ``SMALLEST``.
    accuracy, routed
        Shares of all letters of the group.
    error, error_elsewhere
        Shares of the routed letters that go to a wrong post, in the group and among all other letters; without a
        value where fewer than ``SMALLEST`` are routed.
    p_value
        Of the exact test that the group is not routed wrongly more often, corrected for all groups tested; ``None``
        where it was not tested. Variants of one letter count once.
    """

    kind: str
    name: str
    n: int
    accuracy: Share
    routed: Share
    error: Share
    error_elsewhere: Share
    p_value: float | None = None

    @property
    def is_wronged(self) -> bool:
        """Whether the group is routed wrongly significantly more often than the rest."""
        return self.p_value is not None and self.p_value <= LEVEL

    def to_json(self) -> dict[str, object]:
        """Return it as JSON types."""
        return {
            "n": self.n,
            "accuracy": _figure(self.accuracy),
            "share_routed": _figure(self.routed),
            "error_among_routed": _figure(self.error),
            "error_elsewhere": _figure(self.error_elsewhere),
            "p_value": self.p_value,
            "warning": self.is_wronged,
        }


def _figure(told: Share) -> Figure:
    return share(told.hits, told.n, "Fewer than ten letters are routed by themselves")


def group_labels(entry: Labelled, office: Office) -> dict[str, str]:
    """Return the groups of a letter: its language, the origin and surname of the person concerned.

    The nationality is the one the letter states, else that of the file.
    """
    concerned = next((person for person in entry.facts.persons if person.role is PersonRole.CONCERNED), None)
    rules = office.plan.surname_rules if office.plan else SurnameRules()
    return {
        "language": entry.facts.language,
        "origin": _origin((concerned.nationality if concerned else None) or _nationality_on_file(entry, office)),
        "surname": _range(rules.key(concerned.surname) if concerned else ""),
    }


def _nationality_on_file(entry: Labelled, office: Office) -> str | None:
    """Return what the case list says where letters say nothing, if all files found agree."""
    found = [case for reference in entry.facts.references for case in office.cases.by_number(reference.value)]
    if not found:
        people = [p for p in entry.facts.persons if p.role is PersonRole.CONCERNED and p.birth_date is not None]
        for person in people:
            tokens = name_tokens(person.surname, person.given_names)
            matches = office.cases.by_birth_and_name(person.birth_date, tokens) if person.birth_date else []
            found += [case for case, level in matches if level >= 1.0]
    keys = {case.nationality for case in found}
    return keys.pop() if len(keys) == 1 else None


def _origin(key: str | None) -> str:
    if not key:
        return _NONE
    if key in ("000", "166"):
        return "germany" if key == "000" else "ukraine"
    return "eu" if key in FREE_MOVEMENT else _CONTINENTS.get(key[0], "stateless")


def _range(key: str) -> str:
    return next((name for name, low, high in _RANGES if key and low <= key[0] <= high), _NONE)


def group_name(group: Group) -> str:
    """Return what people call a group; languages by their code."""
    return _(_NAMES[group.name]) if group.name in _NAMES else group.name


def members_of(fitted: Fitted, office: Office) -> list[Member]:
    """Return the letters a model was fitted to, each judged by a model that was fitted without it."""
    return [
        Member(group_labels(entry, office), bool(right), bool(routed), entry.group)
        for entry, right, routed in zip(fitted.used, fitted.right, fitted.routed, strict=True)
    ]


def measured_groups(members: Sequence[Member]) -> tuple[Group, ...]:
    """Return how every group fares, those of one kind after another, the largest first.

    A kind with a single group says nothing and is left out.
    """
    found: list[Group] = []
    for kind in KINDS:
        parts = _large_enough(members, kind)
        for name, inside in parts.items():
            chosen = set(map(id, inside))
            found.append(_group(kind, name, inside, [entry for entry in members if id(entry) not in chosen]))
    return _corrected(found)


def _large_enough(members: Iterable[Member], kind: str) -> dict[str, list[Member]]:
    parts: dict[str, list[Member]] = {}
    for entry in members:
        parts.setdefault(entry.labels.get(kind, _NONE), []).append(entry)
    ordered = sorted(parts.items(), key=lambda part: (-len(part[1]), part[0]))
    rest: list[Member] = []
    while ordered and (len(ordered[-1][1]) < SMALLEST or 0 < len(rest) < SMALLEST):
        rest = [*ordered.pop()[1], *rest]
    if len(rest) >= SMALLEST:
        ordered.append((OTHERS, rest))
    return dict(ordered) if len(ordered) > 1 else {}


def _group(kind: str, name: str, inside: Sequence[Member], outside: Sequence[Member]) -> Group:
    own, other = _routed(inside), _routed(outside)
    p_value = None
    if len(own) >= SMALLEST and len(other) >= SMALLEST:
        wrong, wrong_elsewhere = _once(own), _once(other)
        table = [[sum(part), len(part) - sum(part)] for part in (wrong, wrong_elsewhere)]
        p_value = float(fisher_exact(table, alternative="greater").pvalue)
    return Group(
        kind,
        name,
        len(inside),
        share_of(sum(entry.right for entry in inside), len(inside)),
        share_of(len(own), len(inside)),
        _error(own),
        _error(other),
        p_value,
    )


def _routed(members: Iterable[Member]) -> list[Member]:
    return [entry for entry in members if entry.routed]


def _error(routed: Sequence[Member]) -> Share:
    if len(routed) < SMALLEST:
        return share_of(0, 0)
    return share_of(sum(not entry.right for entry in routed), len(routed))


def _once(routed: Iterable[Member]) -> list[bool]:
    """Return whether letters are wrong, the first variant of each: variants are right or wrong together."""
    first: dict[str, bool] = {}
    single: list[bool] = []
    for entry in routed:
        if entry.source:
            first.setdefault(entry.source, not entry.right)
        else:
            single.append(not entry.right)
    return [*first.values(), *single]


def _corrected(groups: Sequence[Group]) -> tuple[Group, ...]:
    """Return the groups with Holm's correction of their p-values."""
    tested = sorted((group.p_value, place) for place, group in enumerate(groups) if group.p_value is not None)
    corrected = list(groups)
    highest = 0.0
    for rank, (p_value, place) in enumerate(tested):
        highest = max(highest, min(1.0, (len(tested) - rank) * p_value))
        corrected[place] = replace(groups[place], p_value=highest)
    return tuple(corrected)


def warning_of(group: Group) -> str:
    """Return the sentence that warns of a group."""
    return _(
        "Letters of one group are routed wrongly more often: {kind} {name}, {error} of {n} instead of {elsewhere}; "
        "this is no chance at a level of {level}. Look at these letters before the model decides alone."
    ).format(
        kind=_(KINDS[group.kind]),
        name=group_name(group),
        error=f"{group.error.value or 0:.1%}",
        n=group.error.n,
        elsewhere=f"{group.error_elsewhere.value or 0:.1%}",
        level=f"{LEVEL:.0%}",
    )


def groups_as_facts(groups: Iterable[Group]) -> dict[str, dict[str, dict[str, object]]]:
    """Return the groups by kind and name as JSON types."""
    told: dict[str, dict[str, dict[str, object]]] = {}
    for group in groups:
        told.setdefault(group.kind, {})[group.name] = group.to_json()
    return told
