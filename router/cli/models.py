# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Commands that make, judge and choose models."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from router.cli.console import on_terminal, out, percent, print_json, print_table, progress_bar, say
from router.cli.context import json_option, office_option, settings_for
from router.deciding.model import NAME, Releases
from router.errors import NotFoundError, UsageError
from router.office.office import load_office
from router.settings import Settings
from router.texts import _

__all__ = ["add_commands"]


def _train(settings: Settings, history: Path | None, *, promote: bool, stored: bool, as_json: bool) -> None:
    # MLflow and matplotlib take seconds to load; only training needs them.
    from training.train import step_words, train_office

    labels = _stored_labels(settings) if stored else []
    with progress_bar(quiet=as_json) as progress:
        task = progress.add_task(_("Training"), total=1.0)

        told = ""

        def step(name: str, share: float) -> None:
            nonlocal told
            progress.update(task, completed=share, description=step_words(name))
            # Where there is no terminal to draw a bar on, a log still wants to know what takes so long.
            if not as_json and not on_terminal() and name != told:
                told = name
                say(f"{share:4.0%}  {step_words(name)}")

        result = train_office(
            settings, settings.office, history or settings.history, labels, promote=promote, progress=step
        )
    if as_json:
        print_json(result.to_json())
        return
    evaluation = result.evaluation
    say("✓ " + _("Model {name} is trained").format(name=f"{NAME}@{result.version}"), style="green")
    say("  " + (_("It is in use from now on.") if result.in_use else _("It waits as challenger.")))
    _print_quality(evaluation.to_json())
    if result.promise.threshold is None:
        say("  " + _("No threshold keeps the promise yet: only what the case list proves is routed."), style="yellow")
        if result.promise.missing:
            say("  " + _("About {count} more decided letters are needed.").format(count=result.promise.missing))
    for note in result.notes:
        say(f"  {note}")


def _stored_labels(settings: Settings) -> list[Any]:
    from router.store.database import open_database
    from router.store.store import Store

    with open_database(settings) as database:
        return list(Store(database.engine, settings.data).labels())


def _print_quality(figures: dict[str, Any]) -> None:
    interval = figures.get("error_interval")
    error = percent(figures["error_among_routed"])
    if interval:
        error += " " + _("(95 %: {low} to {high})").format(low=percent(interval[0]), high=percent(interval[1]))
    macro = figures["macro_f1"]
    print_table(
        ["", ""],
        [
            [_("Letters"), str(figures["n"])],
            [_("Right post first"), percent(figures["accuracy"])],
            [_("Right post among the first three"), percent(figures["top3"])],
            [_("Macro F1"), "–" if macro is None else f"{macro:.3f}"],
            [_("Routed without a person"), percent(figures["share_routed"])],
            [_("Wrong among the routed"), error],
        ],
    )


def _evaluate(settings: Settings, history: Path, report: Path | None, version: int | None, *, as_json: bool) -> None:
    from training.evaluate import evaluate_history
    from training.evaluation_report import write_report
    from training.history import load_history

    office = load_office(settings.office)
    rows = load_history(history, office)
    releases = Releases(settings.models)
    model = releases.load(version) if version is not None else releases.in_use(office.name)
    with progress_bar(quiet=as_json) as progress:
        task = progress.add_task(_("Evaluating"), total=1.0)
        evaluation = evaluate_history(
            settings, office, model, rows, lambda _step, share: progress.update(task, completed=share)
        )
    folder = report or settings.data / "evaluations" / history.stem
    page = write_report(evaluation, folder, target_error=settings.target_error)
    if as_json:
        print_json({**evaluation.to_json(), "report": str(page)})
        return
    say(_("Model: {name}").format(name=evaluation.model or _("none, plan and case list alone")))
    _print_quality(evaluation.to_json())
    for title, groups in ((_("By field"), evaluation.per_field), (_("By channel"), evaluation.per_channel)):
        print_table(
            [title, _("Letters"), _("Right"), _("Routed"), _("Wrong among the routed")],
            [
                [
                    name,
                    str(told["n"]),
                    *(_percent_of(told, key) for key in ("accuracy", "share_routed", "error_among_routed")),
                ]
                for name, told in ((name, group.to_json()) for name, group in groups.items())
            ],
        )
    for warning in evaluation.warnings:
        say(warning, style="yellow")
    seconds = evaluation.seconds_per_letter
    if seconds:
        say(_("Seconds per letter: {seconds}").format(seconds=f"{seconds['total']:.3f}"))
    say(_("Report with plots: {path}").format(path=page))


def _percent_of(told: Mapping[str, Any], key: str) -> str:
    return percent(told[key])


def _listed(settings: Settings) -> list[dict[str, Any]]:
    releases = Releases(settings.models)
    names = {
        version: [
            (office, alias) for office, held in releases.aliases().items() for alias, v in held.items() if v == version
        ]
        for version in releases.versions()
    }
    found = []
    for version in releases.versions():
        manifest = releases.manifest(version)
        found.append(
            {
                "version": version,
                "name": f"{NAME}@{version}",
                "office": manifest.get("office"),
                "made": manifest.get("made"),
                "aliases": sorted(alias for _office, alias in names[version]),
                "letters": manifest.get("letters"),
                "threshold": manifest.get("threshold"),
                "missing": manifest.get("missing"),
                **{key: manifest.get(key) for key in ("accuracy", "top3", "share_routed", "error_among_routed")},
                "sha256": manifest.get("sha256"),
            }
        )
    return found


_COMPARED = ("n", "accuracy", "top3", "macro_f1", "share_routed", "error_among_routed")


def _compare(settings: Settings, first: int | None, second: int | None) -> dict[str, Any]:
    releases = Releases(settings.models)
    held = releases.aliases().get(load_office(settings.office).name, {})
    left = first if first is not None else held.get("champion")
    right = second if second is not None else held.get("challenger", held.get("previous"))
    if left is None or right is None:
        raise NotFoundError(
            _("There are not two models to compare"), remedy=_("train another one, or name two versions")
        )

    def figures(version: int) -> dict[str, Any]:
        manifest = releases.manifest(version)
        try:
            path = releases.path(version) / "evaluation" / "evaluation.json"
            told = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            told = {**manifest, "n": manifest.get("letters")}
        return {key: told.get(key) for key in _COMPARED}

    return {"first": {"version": left, **figures(left)}, "second": {"version": right, **figures(right)}}


def _shown(key: str, value: Any) -> str:
    if value is None:
        return "–"
    return str(value) if key == "n" else f"{value:.3f}" if key == "macro_f1" else percent(value)


def add_commands(app: typer.Typer) -> None:
    """Add ``train``, ``evaluate`` and ``models``."""

    @app.command("train", help=_("Train a model on past mail, and on what people decided in the service."))
    def train(
        office: Annotated[Path | None, office_option()] = None,
        history: Annotated[
            Path | None, typer.Option("--history", help=_("Labelled mail: CSV with file, received_at, post."))
        ] = None,
        stored: Annotated[
            bool, typer.Option("--stored", help=_("Also take what people decided in the service."))
        ] = False,
        promote: Annotated[
            bool, typer.Option("--promote", help=_("Use the new model at once, even where another is in use."))
        ] = False,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        _train(settings_for(office), history, promote=promote, stored=stored, as_json=as_json)

    @app.command("evaluate", help=_("Measure the model in use on labelled mail it never saw."))
    def evaluate(
        history: Annotated[Path, typer.Option("--history", help=_("Labelled mail: CSV with file, received_at, post."))],
        office: Annotated[Path | None, office_option()] = None,
        report: Annotated[
            Path | None, typer.Option("--report", help=_("Folder for the report with its plots."))
        ] = None,
        model: Annotated[
            int | None, typer.Option("--model", help=_("Version to measure instead of the one in use."))
        ] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        _evaluate(settings_for(office), history, report, model, as_json=as_json)

    _add_models(app)


def _add_models(app: typer.Typer) -> None:
    models = typer.Typer(help=_("Released models: list, compare, put in use, go back."), no_args_is_help=True)
    app.add_typer(models, name="models")

    @models.command("list", help=_("List all released models."))
    def list_models(as_json: Annotated[bool, json_option()] = False) -> None:
        found = _listed(settings_for())
        if as_json:
            print_json(found)
            return
        if not found:
            say(_("There is no model yet → postweiche train"))
            return
        rows = [
            [
                str(entry["name"]),
                ", ".join(entry["aliases"]),
                str(entry["office"] or "–"),
                str(entry["made"] or "–")[:16].replace("T", " "),
                percent(entry["accuracy"]),
                percent(entry["share_routed"]),
            ]
            for entry in found
        ]
        print_table([_("Model"), _("Use"), _("Office"), _("Trained"), _("Right"), _("Routed")], rows)
        for entry in found:
            if entry["missing"] and "champion" in entry["aliases"]:
                line = _("{name}: at least {count} more letters must be decided before it may route on text alone.")
                say(line.format(name=entry["name"], count=entry["missing"]), style="yellow")

    @models.command("compare", help=_("Compare two models; by default the one in use with its challenger."))
    def compare(
        first: Annotated[
            int | None, typer.Argument(metavar=_("VERSION"), help=_("Version."), show_default=False)
        ] = None,
        second: Annotated[
            int | None, typer.Argument(metavar=_("VERSION"), help=_("Version."), show_default=False)
        ] = None,
        office: Annotated[Path | None, office_option()] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        compared = _compare(settings_for(office), first, second)
        if as_json:
            print_json(compared)
            return
        left, right = compared["first"], compared["second"]
        words = {
            "n": _("Letters"),
            "accuracy": _("Right post first"),
            "top3": _("Right post among the first three"),
            "macro_f1": _("Macro F1"),
            "share_routed": _("Routed without a person"),
            "error_among_routed": _("Wrong among the routed"),
        }
        print_table(
            ["", f"{NAME}@{left['version']}", f"{NAME}@{right['version']}"],
            [[words[key], _shown(key, left[key]), _shown(key, right[key])] for key in _COMPARED],
        )
        out.print()
        say(_("Each was measured on letters held out from its own training."))

    @models.command("promote", help=_("Use a model from now on."))
    def promote(
        version: Annotated[str, typer.Argument(metavar=_("VERSION"), help=_("Version, such as 3 or postweiche@3."))],
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        number = version.rpartition("@")[2]
        if not number.isdigit():
            raise UsageError(_("This is not a version"), item=version, remedy=_("see: postweiche models list"))
        releases = Releases(settings_for().models)
        releases.load(int(number))
        office = releases.promote(int(number))
        if as_json:
            print_json({"version": int(number), "office": office})
        else:
            say("✓ " + _("Model {name} is in use").format(name=f"{NAME}@{number}"), style="green")

    @models.command("rollback", help=_("Use the previous model again."))
    def roll_back(
        office: Annotated[Path | None, office_option()] = None,
        as_json: Annotated[bool, json_option()] = False,
    ) -> None:
        settings = settings_for(office)
        name = load_office(settings.office).name
        version = Releases(settings.models).roll_back(name)
        if as_json:
            print_json({"version": version, "office": name})
        else:
            say("✓ " + _("Model {name} is in use").format(name=f"{NAME}@{version}"), style="green")
