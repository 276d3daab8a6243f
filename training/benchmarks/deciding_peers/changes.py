# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The sample office after a reorganisation: its changed plan, its case list, and where letters belong from then on."""

import copy
import csv
import datetime as dt
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import yaml

from router.office.cases import COLUMNS
from router.office.office import Office, load_office
from router.office.plan import Plan, load_plan
from training.sample_office.city import City

__all__ = ["CHANGES", "PlanData", "changed_office", "post_after"]

PlanData = dict[str, Any]
_DAY = dt.date(2026, 11, 22)


def _rules_with(plan: PlanData, matter: str) -> list[PlanData]:
    return [rule for rule in plan["rules"] if matter in rule.get("matters", ())]


def _new_post(plan: PlanData) -> None:
    """Give one matter of a field to a post that never had mail."""
    plan["posts"].append({"id": "33.27", "label": "Blaue Karte EU", "caseworker": "fuchs", "deputies": ["petrovic"]})
    for rule in _rules_with(plan, "blaue_karte"):
        rule["matters"].remove("blaue_karte")
    plan["rules"].append({"matters": ["blaue_karte"], "post": "33.27"})


def _split_post(plan: PlanData) -> None:
    """Divide one post's letters among itself and another post."""
    plan["posts"].append(
        {"id": "33.36", "label": "Freizügigkeit EU L–Z", "caseworker": "neumann", "deputies": ["rossi"]}
    )
    (rule,) = _rules_with(plan, "freizuegigkeit")
    rule["surnames"] = "A-K"
    plan["rules"].insert(plan["rules"].index(rule) + 1, {**rule, "surnames": "L-Z", "post": "33.36"})


def _merged_posts(plan: PlanData) -> None:
    """Give all letters of two posts to one of them; the other is gone."""
    plan["posts"] = [post for post in plan["posts"] if post["id"] != "33.43"]
    plan["rules"] = [rule for rule in plan["rules"] if rule["post"] != "33.43"]
    for rule in plan["rules"]:
        if rule["post"] == "33.42":
            rule.pop("surnames")


def _moved_range(plan: PlanData) -> None:
    """Move the border between two posts' letter ranges."""
    for rule in _rules_with(plan, "familie"):
        rule["surnames"] = {"33.31": "A-Am", "33.32": "An-G", "33.33": "H-Z"}[rule["post"]]


CHANGES: Mapping[str, Callable[[PlanData], None]] = {
    "new post": _new_post,
    "split post": _split_post,
    "merged posts": _merged_posts,
    "moved letter range": _moved_range,
}
"""Reorganisations, each a change of a loaded ``plan.yaml``."""


def changed_office(city: City, source: Path, target: Path, change: Callable[[PlanData], None]) -> Office:
    """Write an office's folder after a reorganisation and load it; files go where the new plan puts them.

    Parameters
    ----------
    city
        The people of the case list, each with the matter the file is kept for.
    source
        Folder of the office before, with ``plan.yaml`` and ``cases.csv``.
    target
        Folder for the office after.
    change
        Changes the plan in place; one of ``CHANGES``.
    """
    plan_data = yaml.safe_load((source / "plan.yaml").read_text(encoding="utf-8"))
    changed = copy.deepcopy(plan_data)
    change(changed)
    target.mkdir(parents=True, exist_ok=True)
    path = target / "plan.yaml"
    path.write_text(yaml.safe_dump(changed, allow_unicode=True, sort_keys=False), encoding="utf-8")
    plan = load_plan(path)
    with (source / "cases.csv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    holders = _holders(city, plan)
    with (target / "cases.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "post": holders[row["file_reference"]]} for row in rows)
    return load_office(target)


def _holders(city: City, plan: Plan) -> dict[str, str]:
    """Return for each file number the post that keeps the file under a plan.

    A file that had stayed at another post stays there, unless that post is gone.
    """
    holders = {}
    for person in city.cases:
        stayed = person.details.get("stayed", "")
        key = plan.surname_rules.key(person.surname)
        ruled = plan.outlooks(person.matter, person.nation, [key], _DAY)[0].post
        holders[person.own] = stayed if stayed in plan.posts else ruled
    return holders


def post_after(truth: Mapping[str, Any], office: Office) -> str:
    """Return where a letter of the sample office belongs under an office's plan and case list.

    It is what ``Composer`` decides when it writes a letter: misdirected mail, units that act for everybody, the holder
    of the person's file, the plan's rules.

    Parameters
    ----------
    truth
        Its line of ``truth.jsonl``.
    office
        The office before or after; it must have a plan.

    Raises
    ------
    ValueError
        When the office has no plan.
    """
    plan = office.plan
    if plan is None:
        raise ValueError("the office has no plan")
    matter = str(truth["matter"])
    if matter == "irrlaeufer":
        return plan.misdirected_post or ""
    if matter not in plan.overriding_matters and truth["in_case_list"]:
        return office.cases.by_number(str(truth["file_reference"]))[0].post
    keys = [plan.surname_rules.key(str(truth["surname"]))] if truth["surname"] else []
    outlooks = plan.outlooks(matter, truth["nationality"], keys, dt.date.fromisoformat(str(truth["received"])))
    return outlooks[0].post if outlooks else plan.misdirected_post or ""
