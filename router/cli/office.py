# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Commands about the office's own files."""

import datetime as dt
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from router.cli.console import print_json, say
from router.cli.context import json_option, office_folder, office_option, settings_for
from router.errors import NotFoundError
from router.office.linter import lint
from router.office.office import load_office
from router.texts import _, ngettext

__all__ = ["add_commands"]


def add_commands(app: typer.Typer) -> None:
    """Add ``plan check``."""
    plan = typer.Typer(help=_("The office's plan of responsibilities."), no_args_is_help=True)
    app.add_typer(plan, name="plan")

    @plan.command("check", help=_("List mistakes in plan and case list, and what is likely wrong."))
    def check(
        office: Annotated[Path | None, office_option()] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        folder = office_folder(settings_for(office))
        loaded = load_office(folder)
        if loaded.plan is None:
            raise NotFoundError(_("The office has no plan"), item=str(folder), remedy=_("write plan.yaml"))
        findings = lint(loaded.plan, dt.datetime.now().astimezone().date())
        report: dict[str, Any] = {
            "ok": not findings,
            "office": loaded.name,
            "posts": len(loaded.plan.posts),
            "matters": len(loaded.plan.matters),
            "rules": len(loaded.plan.rules),
            "cases": len(loaded.cases),
            "findings": [asdict(finding) for finding in findings],
        }
        if as_json:
            print_json(report)
            return
        say(
            _("{office}: {posts} posts, {matters} matters, {rules} rules, {cases} files").format(
                **{key: report[key] for key in ("office", "posts", "matters", "rules", "cases")}
            )
        )
        if not findings:
            say("✓ " + _("No mistakes, nothing conspicuous"), style="green")
            return
        count = len(findings)
        say(
            ngettext(
                "No mistakes; {count} thing worth a look:", "No mistakes; {count} things worth a look:", count
            ).format(count=count),
            style="yellow",
        )
        for finding in findings:
            say(f"  - {finding.what}")
            say(f"    → {finding.remedy}")
