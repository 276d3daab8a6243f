# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Makes the sample office's mail: ``python -m training.sample_office inbox|history|rendered``."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from training.sample_office.build import RENDER_CONDITIONS, write_history, write_rendered
from training.sample_office.city import City
from training.sample_office.inbox import describe, make_inbox, write_inbox

_DATA = Path(__file__).parents[2] / "data_samples"
_console = Console()
app = typer.Typer(add_completion=False, no_args_is_help=True, help="Makes the sample office's mail.")


class Side(StrEnum):
    """Which of the written letters: those to train on, or those held out."""

    TRAIN = "train"
    TEST = "test"


Out = Annotated[Path, typer.Option(help="Folder to write to.")]
Count = Annotated[int, typer.Option(min=1, help="How many letters.")]
Seed = Annotated[int, typer.Option(min=0, help="Another number gives other letters.")]


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_console) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@app.command()
def inbox(out: Out = _DATA / "inbox", seed: Seed = 0) -> None:
    """Make the inbox of some sixty files of every kind, good and bad, with their truth."""
    with _progress("inbox") as progress:
        files = make_inbox(City(_DATA), seed, progress)
    rows = write_inbox(files, out)
    if out.resolve() == (_DATA / "inbox").resolve():
        describe(rows, _DATA / "README.md")
    size = sum(len(file.data) for _name, file in files) / 2**20
    _console.print(f"{len(files)} files, {size:.1f} MiB: {out}")


@app.command()
def history(out: Out, count: Count = 5000, seed: Seed = 0, side: Side = Side.TRAIN) -> None:
    """Make labelled past mail to train on: messages and recognised text, with history.csv."""
    with _progress("history") as progress:
        path = write_history(City(_DATA), out, count, progress, side=side, draw=seed)
    _console.print(f"{path}")


@app.command()
def rendered(
    out: Out,
    count: Count = 300,
    seed: Seed = 0,
    side: Side = Side.TEST,
    condition: Annotated[list[str] | None, typer.Option(help="Every letter in each of these.")] = None,
    processes: Annotated[int, typer.Option(min=1)] = 2,
) -> None:
    """Make letters as the files scanners, fax servers, telephones and mail programs make, with history.csv."""
    unknown = sorted(set(condition or ()) - set(RENDER_CONDITIONS))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}; there are: {', '.join(RENDER_CONDITIONS)}")
    with _progress("rendered") as progress:
        path = write_rendered(
            City(_DATA), out, count, progress, side=side, conditions=condition or None, processes=processes, draw=seed
        )
    _console.print(f"{path}")


if __name__ == "__main__":
    app()
