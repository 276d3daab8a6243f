# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Everything the office knows, loaded together: plan, case list, matters of the catalogue."""

import datetime as dt
import hashlib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from router.errors import NotFoundError
from router.office.cases import CaseList, load_cases
from router.office.catalogue import TermMatcher, load_catalogue
from router.office.plan import Plan, load_plan
from router.office.surnames import fold, name_tokens
from router.texts import _

__all__ = ["Office", "load_office"]


@dataclass(frozen=True)
class Office:
    """Plan and case list of one office; both may be missing.

    Attributes
    ----------
    plan
        ``None`` where no plan exists: posts are then whatever the history names.
    cases
        Empty where no case list was imported.
    folder
        Where it was loaded from.
    """

    plan: Plan | None = None
    cases: CaseList = field(default_factory=CaseList)
    folder: Path | None = None

    @property
    def name(self) -> str:
        """Name of the office; empty without a plan."""
        return self.plan.office_name if self.plan else ""

    @cached_property
    def version(self) -> str:
        """Hash of plan and case list together."""
        parts = f"{self.plan.version if self.plan else '-'}/{self.cases.version or '-'}"
        return hashlib.sha256(parts.encode()).hexdigest()[:16]

    @cached_property
    def matcher(self) -> TermMatcher | None:
        """Finds the catalogue's terms for the plan's matters."""
        return TermMatcher(load_catalogue(), self.plan.matters) if self.plan and self.plan.matters else None

    @cached_property
    def caseworker_names(self) -> dict[str, str]:
        """Id and name of the staff."""
        return {person.id: person.name for person in self.plan.caseworkers.values()} if self.plan else {}

    @cached_property
    def name_words(self) -> frozenset[str]:
        """Words of the office's name that tell it from other offices of the city, folded."""
        if self.plan is None:
            return frozenset()
        ordinary = {"stadt", "landkreis", "kreis", "amt", "der", "des", "die", "fuer", "fur", "und"}
        place = set(re.findall(r"\w+", fold(" ".join(self.plan.file.office.address[-1:]))))
        words = set(re.findall(r"\w{4,}", fold(self.name)))
        return frozenset(words - ordinary - place)

    @property
    def mail_address(self) -> str:
        """The office's mail address in lower case; empty if the plan names none."""
        return self.plan.file.office.email.lower() if self.plan else ""

    @cached_property
    def _name_parts(self) -> frozenset[str]:
        staff = {part for part in name_tokens(*self.caseworker_names.values()) if len(part) >= 3}
        return frozenset(self.cases.tokens()) | (staff - name_tokens("Frau", "Herr"))

    def is_name_part(self, folded: str) -> bool:
        """Tell whether a folded word is part of a name in the case list or among the staff."""
        return not name_tokens(folded).isdisjoint(self._name_parts)

    def caseworker(self, post: str, day: dt.date) -> str | None:
        """Return who answers for a post on a day."""
        return self.plan.caseworker_on(post, day) if self.plan else None

    def posts_of_caseworker(self, caseworker: str) -> tuple[str, ...]:
        """Return the posts a caseworker holds."""
        if self.plan is None:
            return ()
        return tuple(post.id for post in self.plan.posts.values() if post.caseworker == caseworker)


def load_office(folder: Path | None) -> Office:
    """Load an office's folder: ``plan.yaml`` and ``cases.csv``, each if it exists.

    Raises
    ------
    NotFoundError
        When the folder does not exist, or holds neither.
    ImportMistakesError
        With every mistake; nothing is half loaded.
    """
    if folder is None:
        return Office()
    if not folder.is_dir():
        raise NotFoundError(_("There is no such folder of an office"), item=str(folder), remedy=_("check --office"))
    plan_path, cases_path = folder / "plan.yaml", folder / "cases.csv"
    if not plan_path.exists() and not cases_path.exists():
        raise NotFoundError(
            _("The office's folder holds neither plan.yaml nor cases.csv"), item=str(folder), remedy=_("check --office")
        )
    plan = load_plan(plan_path) if plan_path.exists() else None
    cases = load_cases(cases_path, tuple(plan.posts) if plan else ()) if cases_path.exists() else CaseList()
    return Office(plan, cases, folder)
