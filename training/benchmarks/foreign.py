# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""How much foreign mail would be routed to a caseworker, and what keeping it back costs.

Foreign letters (``data_samples/foreign``) are never trained on. The cost is the share of ordinary unseen letters that
would be routed if nothing asked whether a letter is novel or for another office, less the share that is routed.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from router.deciding.decide import decide
from router.deciding.model import DecisionModel
from router.facts.extract import extract_all, office_words
from router.facts.model import SHIPPED, load_facts_model
from router.office.cases import Case
from router.office.catalogue import MISDIRECTED
from router.office.office import Office
from router.reading.limits import Limits
from router.reading.plain import lay_out
from router.records import Decision, Facts, Letter, LetterKind, Outcome, PageSource, Reason
from training.dataset import Labelled

__all__ = ["FOLDER", "Foreign", "WrittenForeign", "load_foreign", "measure_foreign", "read_foreign"]

FOLDER = Path(__file__).parents[2] / "data_samples" / "foreign"
_DAY = dt.date(2026, 11, 20)
_STRANGENESS = frozenset({Reason.NOVEL, Reason.MISDIRECTED})


class WrittenForeign(BaseModel):
    """One foreign letter as it stands in the YAML file (see ``data_samples/foreign/README.md``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^f-[a-z0-9-]+$")
    kind: str = Field(pattern=r"^[a-z_]+$")
    language: str = Field(pattern=r"^[a-z]{2}$")
    names: Literal["nobody", "person", "file"]
    text: str


@dataclass(frozen=True)
class Foreign:
    """A foreign letter with a person of the case list filled in, and what was found in it.

    Attributes
    ----------
    addressed
        Whether it bears the office's address and a date on top, as what is sent to the office itself does.
    """

    written: WrittenForeign
    addressed: bool
    letter: Letter
    facts: Facts


def load_foreign(folder: Path = FOLDER) -> list[WrittenForeign]:
    """Read all foreign letters, in order of file name and place.

    Raises
    ------
    ValueError
        When a letter does not have the form, or an id occurs twice.
    """
    found: list[WrittenForeign] = []
    for path in sorted(folder.glob("*.yaml")):
        found += [WrittenForeign.model_validate(raw) for raw in yaml.safe_load(path.read_text(encoding="utf-8"))]
    if len({letter.id for letter in found}) != len(found):
        raise ValueError("an id occurs twice")
    return found


def read_foreign(office: Office, folder: Path = FOLDER) -> list[Foreign]:
    """Return the foreign letters as read, each with another person of the office's case list.

    Each comes twice: as it is, and with the office's address on top, for mail nobody has business with is often sent to
    the right address.

    Raises
    ------
    ValueError
        When a letter does not have the form, or the office has no case list.
    """
    written = load_foreign(folder)
    cases = [case for case in office.cases.cases if case.birth_date is not None and case.given_names]
    if not cases:
        raise ValueError("the office has no case list")
    step = max(1, len(cases) // len(written))
    plain = [_filled(letter, cases[place * step % len(cases)]) for place, letter in enumerate(written)]
    address = "\n".join(office.plan.file.office.address) if office.plan is not None else office.name
    filled = plain + [f"{address}\n\n{_DAY:%d.%m.%Y}\n\n{text}" for text in plain]
    letters = [
        Letter(tuple(lay_out(text, first=1, source=PageSource.TEXT, limits=Limits())), LetterKind.TEXT)
        for text in filled
    ]
    facts = extract_all(((letter, _DAY) for letter in letters), load_facts_model(SHIPPED), office_words(office))
    addressed = [False] * len(plain) + [True] * len(plain)
    return [Foreign(*entry) for entry in zip(written * 2, addressed, letters, facts, strict=True)]


def _filled(written: WrittenForeign, case: Case) -> str:
    values = {
        "name": f"{case.given_names} {case.surname}",
        "given": case.given_names.split()[0],
        "surname": case.surname,
        "birth": f"{case.birth_date:%d.%m.%Y}",
        "own": case.file_reference,
    }
    text = written.text
    for slot, value in values.items():
        text = text.replace(f"{{{slot}}}", value)
    return text


def measure_foreign(
    model: DecisionModel, office: Office, foreign: Sequence[Foreign], ordinary: Iterable[Labelled]
) -> dict[str, Any]:
    """Decide foreign and ordinary letters and return how well the two are told apart.

    Parameters
    ----------
    model, office
        What decides.
    foreign
        Letters nobody at the office has business with.
    ordinary
        Letters the model never saw; those that are themselves for another office are left out.

    Returns
    -------
    dict
        ``foreign``: how many, and the share routed to a caseworker (the post for misdirected mail is none), in all
        and by kind, language, whom they name, and whether they bear the office's address. ``ordinary``: how many,
        share routed, share routed without asking whether letters are novel or for another office, and the cost of
        asking in points.
    """
    decisions = [decide(entry.letter, entry.facts, office, model, _DAY) for entry in foreign]
    to_caseworker = [_is_routed(decision, office) for decision in decisions]
    result: dict[str, Any] = {"foreign": {"n": len(foreign), "routed": _share(to_caseworker)}}
    for name in ("names", "kind", "language", "addressed"):
        groups: dict[str, list[bool]] = defaultdict(list)
        for entry, routed in zip(foreign, to_caseworker, strict=True):
            told = entry.addressed if name == "addressed" else getattr(entry.written, name)
            groups[str(told).lower()].append(routed)
        result["foreign"][f"by_{name}"] = {
            key: {"n": len(group), "routed": sum(group)} for key, group in sorted(groups.items())
        }
    result["foreign"]["routed_ids"] = [
        entry.written.id for entry, routed in zip(foreign, to_caseworker, strict=True) if routed
    ]
    kept = [
        decide(entry.letter, entry.facts, office, model, entry.received)
        for entry in ordinary
        if entry.matter != MISDIRECTED
    ]
    now = [decision.outcome is Outcome.ROUTED for decision in kept]
    without = [routed or _only_strange(decision) for routed, decision in zip(now, kept, strict=True)]
    result["ordinary"] = {
        "n": len(kept),
        "routed": _share(now),
        "routed_without_gates": _share(without),
        "cost_points": 100 * (_share(without) - _share(now)),
    }
    return result


def _is_routed(decision: Decision, office: Office) -> bool:
    misdirected = office.plan.misdirected_post if office.plan is not None else None
    return decision.outcome is Outcome.ROUTED and decision.post != misdirected


def _only_strange(decision: Decision) -> bool:
    """Tell whether a letter was kept back only because it is novel or perhaps for another office."""
    return bool(decision.candidates) and set(decision.reasons) <= _STRANGENESS


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
