# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""``python -m training.benchmarks``: measures and writes ``docs/benchmarks.md``.

Parts can be measured on their own; figures of the others stay as they were measured last, each with its date
and machine.
"""

from collections import defaultdict
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from training.benchmarks import quality, reading
from training.benchmarks.bundestag import measure_bundestag
from training.benchmarks.errors_of_reading import ReadingErrors
from training.benchmarks.machine import describe_machine
from training.benchmarks.results import DOCUMENT, Results
from training.sample_office.city import City

_ROOT = Path(__file__).parents[2]
_PAGE_CONDITIONS = ("scan200", "scan300", "bilevel300", "skewed", "poor", "fax", "faxfine", "photo")


class Part(StrEnum):
    """What can be measured on its own; ``rendered``, ``text`` and ``deciding`` train a model first."""

    TRAINING = "training"
    RENDERED = "rendered"
    TEXT = "text"
    READING = "reading"
    DECIDING = "deciding"
    BUNDESTAG = "bundestag"


_NEED_MODEL = frozenset({Part.TRAINING, Part.RENDERED, Part.TEXT, Part.DECIDING})


def main(
    part: Annotated[list[Part] | None, typer.Option(help="only these parts; may be repeated")] = None,
    training_letters: Annotated[int, typer.Option(min=100, help="letters to train on")] = 5000,
    rendered_letters: Annotated[int, typer.Option(min=1, help="unseen letters as real files")] = 400,
    text_letters: Annotated[int, typer.Option(min=1, help="unseen letters as text")] = 1500,
    reading_letters: Annotated[int, typer.Option(min=1, help="letters in each condition of reading")] = 5,
    deciding_letters: Annotated[int, typer.Option(min=1, help="letters decided one by one")] = 500,
    bundestag: Annotated[
        Path | None, typer.Option(envvar="BUNDESTAG_FILE", help="file of inquiries; without it this part is left out")
    ] = None,
    bundestag_limit: Annotated[int | None, typer.Option(help="at most so many inquiries a side")] = None,
    seed: Annotated[int, typer.Option(help="another seed, other letters to read")] = 7,
    work: Annotated[Path, typer.Option(help="folder for files")] = _ROOT / "var" / "benchmarks",
    out: Annotated[Path, typer.Option(help="the document; its results lie beside it")] = DOCUMENT,
) -> None:
    """Measure quality and speed on the sample office and write the document."""
    wanted = set(part or Part)
    if bundestag is None:
        wanted.discard(Part.BUNDESTAG)
    results = Results(out)
    machine = describe_machine()
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as bar:

        def watch(name: str) -> Callable[[str, float], None]:
            task = bar.add_task(name, total=1.0)
            return lambda step, share: bar.update(task, description=f"{name}: {step}", completed=share)

        # Times first, while nothing else of this run warms the machine.
        if Part.READING in wanted:
            results.add(Part.READING.value, _measure_reading(reading_letters, seed, watch("reading")), machine)
        if wanted & _NEED_MODEL:
            trained, told = quality.measure_training(work, training_letters, watch("training"))
            results.add(Part.TRAINING.value, told, machine)
            if Part.DECIDING in wanted:
                results.add(Part.DECIDING.value, quality.measure_deciding(trained, deciding_letters), machine)
            for which, count in ((Part.TEXT, text_letters), (Part.RENDERED, rendered_letters)):
                if which in wanted:
                    rendered = which is Part.RENDERED
                    told = quality.measure_quality(
                        trained, work, count, watch(which.value), rendered=rendered, processes=int(machine["cores"])
                    )
                    results.add(which.value, told, machine)
        if Part.BUNDESTAG in wanted and bundestag is not None:
            told = measure_bundestag(bundestag, bundestag_limit, watch("inquiries"))
            results.add(Part.BUNDESTAG.value, told, machine)
    console.print(f"→ {out}")


def _measure_reading(count: int, seed: int, progress: Callable[[str, float], None]) -> dict[str, Any]:
    city = City(_ROOT / "data_samples")
    found: dict[str, list[reading.Measured]] = defaultdict(list)
    letters = reading.sample(city, count, seed)
    for place, condition in enumerate(_PAGE_CONDITIONS):
        for done, entry in enumerate(reading.measure(city, letters, condition, bare=True), start=1):
            found[condition].append(entry)
            progress(condition, (place + done / count) / len(_PAGE_CONDITIONS))
    figures = {name: _reading_figures(entries) for name, entries in found.items()}
    return {**figures, "all": _reading_figures([entry for entries in found.values() for entry in entries])}


def _reading_figures(entries: list[reading.Measured]) -> dict[str, Any]:
    pages = sum(entry.pages for entry in entries)
    return {
        "letters": len(entries),
        "pages": pages,
        "cer": sum((entry.errors for entry in entries), ReadingErrors(0, 0)).rate,
        "found": sum(entry.found for entry in entries),
        "wanted": sum(entry.wanted for entry in entries),
        "seconds_a_page": sum(entry.clock for entry in entries) / pages,
        "ratio_clock": median(entry.clock / entry.bare_clock for entry in entries),
        "ratio_cpu": median(entry.processor / entry.bare_processor for entry in entries),
    }


if __name__ == "__main__":
    typer.run(main)
