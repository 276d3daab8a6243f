# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Commands about letters: decide files without storing them."""

import datetime as dt
import hashlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from router.cli.console import percent, print_json, progress_bar, say
from router.cli.context import json_option, office_option, settings_for
from router.deciding.report import change_words, confidence_words, letter_report, reason_sentence, reason_words
from router.errors import NotFoundError, PostweicheError, UsageError
from router.office.office import Office
from router.records import Decision, Letter, Reason
from router.settings import Settings
from router.texts import _, ngettext

if TYPE_CHECKING:
    from router.work.desk import Desk

__all__ = ["add_commands"]


class _Decided:
    """What became of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.sha256: str | None = None
        self.seconds = 0.0
        self.problem: PostweicheError | None = None
        self.unreadable: Reason | None = None
        self.letters: list[tuple[Letter, Decision]] = []

    def report(self, *, with_text: bool) -> dict[str, Any]:
        error: dict[str, Any] | None = None
        if self.problem is not None:
            error = {"code": self.problem.code, "what": self.problem.what, "remedy": self.problem.remedy}
        elif self.unreadable is not None:
            error = {
                "code": self.unreadable.value,
                "what": reason_words(self.unreadable),
                "remedy": _("a person has to look at the original"),
            }
        return {
            "file": str(self.path),
            "sha256": self.sha256,
            "seconds": round(self.seconds, 3),
            "error": error,
            "letters": [letter_report(letter, decision, with_text=with_text) for letter, decision in self.letters],
        }


def _decide_file(path: Path, desk: "Desk", received: dt.date, *, all_pages: bool) -> _Decided:
    decided = _Decided(path)
    start = time.perf_counter()
    try:
        with path.open("rb") as source:
            # One byte more than allowed is enough to see that it is too large.
            data = source.read(desk.settings.max_item_mib * 2**20 + 1)
            complete = not source.read(1)
        decided.sha256 = hashlib.sha256(data).hexdigest() if complete else None
        reading = desk.read(data) if all_pages else desk.read_until_sure(data, received)
        decided.unreadable = reading.error
        decided.letters = [(letter, desk.decide(letter, received)) for letter in reading.letters]
    except FileNotFoundError:
        decided.problem = NotFoundError(_("There is no such file"), remedy=_("check the name"))
    except OSError as error:
        decided.problem = NotFoundError(
            _("The file can't be opened ({why})").format(why=error.strerror), remedy=_("check the name and its rights")
        )
    except PostweicheError as error:
        decided.problem = error
    decided.seconds = time.perf_counter() - start
    return decided


def _decide_all(
    paths: Sequence[Path], desk: "Desk", received: dt.date, side_by_side: int, *, all_pages: bool
) -> Iterator[_Decided]:
    # A thread starts in the default language; a context can be entered by one thread at a time only.
    jobs = [(copy_context(), path) for path in paths]
    decided = partial(_decide_file, desk=desk, received=received, all_pages=all_pages)
    with ThreadPoolExecutor(max_workers=side_by_side) as threads:
        yield from threads.map(lambda job: job[0].run(decided, job[1]), jobs)


def _day(text: str | None) -> dt.date:
    if not text:
        return dt.datetime.now().astimezone().date()
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(_("--received is not a day"), remedy=_("write it as 2026-01-31")) from error


def _show(decided: _Decided, office: Office) -> None:
    say(str(decided.path), style="bold")
    if decided.problem is not None:
        say(f"  ✗ {decided.problem}", style="red")
    for letter, decision in decided.letters:
        if len(decided.letters) > 1 and letter.pages:
            say("  " + _("Pages {first}–{last}").format(first=letter.pages[0].number, last=letter.pages[-1].number))
        _show_letter(letter, decision, office)


def _show_letter(letter: Letter, decision: Decision, office: Office) -> None:
    best = decision.candidates[0] if decision.candidates else None
    routed = decision.outcome == "routed"
    if best is None:
        say("  " + _("→ a person has to decide"), style="yellow")
    else:
        words = confidence_words(best.confidence, decision.threshold)
        goes = _("→ post {post}") if routed else _("→ a person has to decide; likeliest post {post}")
        label = office.plan.posts[best.post].label if office.plan and best.post in office.plan.posts else ""
        named = f"{best.post} {label}".strip()
        say(
            f"  {goes.format(post=named)} · {words} ({percent(best.confidence)})",
            style="green" if routed else "yellow",
        )
    for reason in decision.reasons:
        say(f"    ! {reason_sentence(reason, decision)}")
    if decision.explanation is not None:
        for sentence in decision.explanation.sentences:
            say(f"    · {sentence.words}")
    for words in change_words(decision):
        say(f"    ~ {words}", style="dim")
    if left := sum(not page.is_read for page in letter.pages):
        words = ngettext(
            "{count} page was not needed and not read (--all-pages)",
            "{count} pages were not needed and not read (--all-pages)",
            left,
        )
        say(f"    · {words.format(count=left)}", style="dim")


def _exit_status(results: Sequence[_Decided]) -> int:
    return next((result.problem.exit_status for result in results if result.problem is not None), 0)


def _route(
    paths: Sequence[Path],
    settings: Settings,
    received: dt.date,
    *,
    as_json: bool,
    with_text: bool,
    all_pages: bool,
) -> int:
    # spaCy and scikit-learn take seconds to load; only deciding needs them.
    from router.work.desk import Desk

    results = []
    # One more than there are readers: while one file is decided, another is read.
    side_by_side = min(settings.reader_count + 1, len(paths))
    with (
        Desk(settings, office_folder=settings.office, readers=settings.reader_count) as desk,
        progress_bar(quiet=as_json or len(paths) < 2, counted=True) as progress,
    ):
        task = progress.add_task(_("Deciding"), total=len(paths))
        for decided in _decide_all(paths, desk, received, side_by_side, all_pages=all_pages):
            results.append(decided)
            progress.advance(task)
            if as_json:
                print_json(decided.report(with_text=with_text))
            else:
                _show(decided, desk.office)
    return _exit_status(results)


def add_commands(app: typer.Typer) -> None:
    """Add ``route``."""

    @app.command("route", help=_("Decide files without storing them."))
    def route(
        files: Annotated[
            list[Path],
            typer.Argument(
                metavar=_("FILE"),
                help=_("Letters: PDF, pictures, mails (.eml, .msg), Word, OpenDocument, RTF, text, ZIP."),
            ),
        ],
        office: Annotated[Path | None, office_option()] = None,
        received: Annotated[
            str | None, typer.Option("--received", help=_("Day of receipt, by default today."), show_default=False)
        ] = None,
        with_text: Annotated[bool, typer.Option("--text", help=_("Add the text that was read."))] = False,
        all_pages: Annotated[
            bool, typer.Option("--all-pages", help=_("Read all pages, not only as many as the decision needs."))
        ] = False,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        # Who wants the text wants all of it.
        status = _route(
            files, settings_for(office), _day(received), as_json=as_json, with_text=with_text,
            all_pages=all_pages or with_text,
        )  # fmt: skip
        raise typer.Exit(status)
