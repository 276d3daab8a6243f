# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""``python -m training.benchmarks.reading_peers``: reading against bare Tesseract and OCRmyPDF on the same files.

Letters of the test side, with enclosures of the test side behind them, are dealt to the rounds. In every round each
reader reads the same files, one reader after the other, in an order that turns from round to round. OCRmyPDF and
Tesseract one page after another take a third of the letters: they would otherwise need most of the time.
"""

import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from router.reading.configured import open_readers
from router.records import Outcome
from router.settings import load_settings
from router.work.desk import Desk
from training.benchmarks.errors_of_reading import ReadingErrors, compare, compare_words
from training.benchmarks.machine import describe_machine
from training.benchmarks.processor_time import Times, timed
from training.benchmarks.readers import (
    OCRMYPDF_REMEDY,
    AllPages,
    FirstPages,
    OcrMyPdf,
    Output,
    Reader,
    Tesseract,
    UntilSure,
    ocrmypdf_version,
)
from training.benchmarks.reading_files import SCANNED, BenchmarkFile, make_files
from training.benchmarks.results import DOCUMENT, Results
from training.measures import share_of
from training.sample_office.build import write_history
from training.sample_office.city import City
from training.train import train_office

__all__ = ["Run", "figures_of", "measure_readers", "ratio", "times_a_page"]

_ROOT = Path(__file__).parents[2]
_DATA = _ROOT / "data_samples"
_OFFICE = _DATA / "office"
_SUBSET_OF = 3
_OURS = ("all", "first", "sure")
Step = Callable[[str, float], None]


@dataclass(frozen=True)
class Run:
    """One reader on one batch of files in one round."""

    round: int
    reader: str
    batch: str
    files: int
    pages: int
    times: Times


@dataclass
class Measured:
    """Everything a measurement gives: times by run, and the first output of each reader for each file."""

    runs: list[Run] = field(default_factory=list)
    outputs: dict[str, dict[str, Output]] = field(default_factory=dict)


def measure_readers(
    readers: Sequence[Reader], slow: Sequence[Reader], files: Sequence[BenchmarkFile], rounds: int, step: Step,
    *, every_file: bool = False,
) -> Measured:  # fmt: skip
    """Let every reader read the same files, round by round.

    Parameters
    ----------
    readers
        Readers of all files.
    slow
        Readers of every third scanned file, and of PDFs with a text layer.
    files
        Scans, PDFs, mails.
    rounds
        How many.
    step
        Told the round and its share.
    every_file
        Read all files in every round instead of a share of them, and the slow readers too.
    """
    measured = Measured()
    for file in files:  # into the page cache
        for path in (file.path, file.pdf, *file.pictures):
            if path is not None:
                path.read_bytes()
    everyone = [*readers, *slow]
    for reader in everyone:
        reader.warm_up(min((file for file in files if reader.takes(file)), key=lambda file: file.pages))
    for number in range(rounds):
        order = [everyone[(number + place) % len(everyone)] for place in range(len(everyone))]
        batches = _batches(list(files) if every_file else list(files)[number::rounds], every_file=every_file)
        for place, (batch, members) in enumerate(batches.items()):
            for reader in order:
                step(f"round {number + 1}", place / len(batches))
                taken = [file for file in members if reader.takes(file)]
                if not taken or (batch == "rest" and reader in slow):
                    continue
                output, times = timed(partial(reader.read, taken))
                pages = sum(file.pages for file in taken)
                measured.runs.append(Run(number, reader.name, batch, len(taken), pages, times))
                measured.outputs.setdefault(reader.name, {}).update(output)
        step(f"round {number + 1}", 1.0)
    return measured


def _batches(files: Sequence[BenchmarkFile], *, every_file: bool) -> dict[str, list[BenchmarkFile]]:
    scanned = [file for file in files if file.condition in SCANNED]
    first = 1 if every_file else _SUBSET_OF
    return {
        "peers": scanned[::first],
        "rest": [file for place, file in enumerate(scanned) if place % first],
        "text": [file for file in files if file.condition == "letter"],
        "mail": [file for file in files if file.condition == "mail"],
    }


def figures_of(
    measured: Measured, files: Sequence[BenchmarkFile], readers: Sequence[Reader], desk: Desk
) -> dict[str, Any]:
    """Return times, ratios, errors of reading, and the quality of routing.

    Parameters
    ----------
    measured
        Of ``measure_readers``.
    files
        The files read.
    readers
        All readers, in the order of the tables.
    desk
        Decides what was read without deciding.
    """
    names = [reader.name for reader in readers]
    ours = [name for name in names if name in _OURS]
    peers = [name for name in names if name not in _OURS]
    return {
        "words": {reader.name: reader.words for reader in readers},
        "times": {name: times_a_page(measured.runs, name) for name in names},
        "ratios": {peer: {name: ratio(measured.runs, peer, name) for name in ours} for peer in peers},
        "errors": _errors(measured, files, [name for name in names if name == "all" or name in peers]),
        "routing": {name: _routing(measured.outputs[name], files, desk) for name in ours},
    }


def times_a_page(runs: Sequence[Run], reader: str) -> dict[str, Any]:
    """Return a reader's seconds a page on scans, PDFs with text and mails: medians of the rounds."""
    told: dict[str, Any] = {}
    for group, batches in (("scans", ("peers", "rest")), ("text", ("text",)), ("mail", ("mail",))):
        mine = [run for run in runs if run.reader == reader and run.batch in batches]
        rounds = sorted({run.round for run in mine})
        if not rounds:
            continue
        walls, processors = [], []
        for number in rounds:
            these = [run for run in mine if run.round == number]
            pages = sum(run.pages for run in these)
            walls.append(sum(run.times.wall for run in these) / pages)
            processors.append(sum(run.times.processor for run in these) / pages)
        told[group] = {
            "files": sum(run.files for run in mine),
            "pages": sum(run.pages for run in mine),
            "wall": _spread(walls),
            "processor": _spread(processors),
        }
    return told


def ratio(runs: Sequence[Run], peer: str, ours: str) -> dict[str, Any]:
    """Return how many times as long as ours a peer took on the scans both read, and the same for text PDFs."""
    told: dict[str, Any] = {}
    for group, batches in (("scans", ("peers", "rest")), ("text", ("text",))):
        walls, processors, pages = [], [], 0
        keys = {(run.round, run.batch) for run in runs if run.reader == peer and run.batch in batches}
        for number in sorted({key[0] for key in keys}):
            pair = [
                [run for run in runs if run.reader == name and (run.round, run.batch) in keys and run.round == number]
                for name in (peer, ours)
            ]
            if not all(pair):
                continue
            sums = [Times(sum(r.times.wall for r in side), sum(r.times.processor for r in side)) for side in pair]
            walls.append(sums[0].wall / sums[1].wall)
            processors.append(sums[0].processor / max(sums[1].processor, 1e-9))
            pages += sum(run.pages for run in pair[0])
        if walls:
            told[group] = {"pages": pages, "wall": _spread(walls), "processor": _spread(processors)}
    return told


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "low": min(values), "high": max(values), "rounds": len(values)}


def _errors(measured: Measured, files: Sequence[BenchmarkFile], readers: Sequence[str]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for condition in (*SCANNED, "letter"):
        of_condition = [file for file in files if file.condition == condition]
        told[condition] = {}
        for reader in readers:
            outputs = measured.outputs.get(reader, {})
            read = [file for file in of_condition if file.name in outputs]
            if condition == "letter" and reader != "all":
                continue
            signs = sum((compare(file.lines, outputs[file.name].text) for file in read), ReadingErrors(0, 0))
            words = sum((compare_words(file.lines, outputs[file.name].text) for file in read), ReadingErrors(0, 0))
            if read:
                pages = sum(file.pages for file in read)
                told[condition][reader] = {
                    "letters": len(read), "pages": pages, "cer": signs.rate, "wer": words.rate,
                    "failed": sum(not outputs[file.name].text.strip() for file in read),
                }  # fmt: skip
    return told


def _routing(outputs: dict[str, Output], files: Sequence[BenchmarkFile], desk: Desk) -> dict[str, Any]:
    """Return the quality of routing on the scanned letters; the first letter found in a file is the one meant."""
    right = routed = wrong = parted = judged = 0
    for file in files:
        output = outputs.get(file.name)
        if output is None or output.reading is None or file.condition not in SCANNED:
            continue
        decision = desk.decide(output.reading.letters[0], file.received)
        judged += 1
        right += decision.post == file.post
        routed += decision.outcome is Outcome.ROUTED
        wrong += decision.outcome is Outcome.ROUTED and decision.post != file.post
        parted += len(output.reading.letters) > 1
    return {
        "n": judged,
        "right": share_of(right, judged).to_json(),
        "routed": share_of(routed, judged).to_json(),
        "wrong": share_of(wrong, routed).to_json(),
        "parted": parted,
    }


def _open_desk(stack: ExitStack, work: Path, letters: int, readers: int, step: Step) -> tuple[Desk, str]:
    """Return a desk with the model in use, or with one fitted now to letters of the training side."""
    desk = stack.enter_context(Desk(load_settings(), office_folder=_OFFICE, readers=readers))
    if desk.model is not None:
        return desk, f"in use: version {desk.model.version}"
    settings = load_settings(data=work / "data", models=work / "models")
    history = work / f"history-{letters}"
    write_history(City(_DATA), history, letters, lambda done, of: step("writing letters to learn from", done / of))
    train_office(settings, _OFFICE, history / "history.csv", promote=True, progress=step)
    return stack.enter_context(
        Desk(settings, office_folder=_OFFICE, readers=readers)
    ), f"fitted now to {letters} letters as text"


def main(
    letters: Annotated[int, typer.Option(min=len(SCANNED), help="scanned letters, with enclosures")] = 60,
    rounds: Annotated[int, typer.Option(min=1, help="rounds; each takes its share of the letters")] = 5,
    quick: Annotated[bool, typer.Option("--quick", help="nine letters, one round: only to try")] = False,
    every_file: Annotated[bool, typer.Option("--every-file", help="all letters in every round: hours")] = False,
    training_letters: Annotated[int, typer.Option(min=100, help="to fit a model to, where none is in use")] = 2000,
    seed: Annotated[int, typer.Option(help="another seed, other letters")] = 11,
    work: Annotated[Path, typer.Option(help="folder for files")] = _ROOT / "var" / "benchmarks" / "reading",
    out: Annotated[Path, typer.Option(help="the document; its results lie beside it")] = DOCUMENT,
) -> None:
    """Measure reading against bare Tesseract and OCRmyPDF and write the document's section on it."""
    if quick:
        letters, rounds, training_letters = len(SCANNED), 1, 300
    machine = describe_machine()
    cores = int(machine["cores"])
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn()
    )  # fmt: skip
    version = ocrmypdf_version()
    if version is None:
        console.print(f"OCRmyPDF is not installed and will not be measured ({OCRMYPDF_REMEDY}).")
    with ExitStack() as stack:
        bar = stack.enter_context(Progress(*columns, console=console))
        task = bar.add_task("reading", total=1.0)

        def step(words: str, share: float) -> None:
            bar.update(task, description=words, completed=share)

        counts = (letters, max(rounds, letters // 4), max(rounds, letters // 6))
        files = make_files(work / "files", counts, seed, cores, step)
        desk, model = _open_desk(stack, work, training_letters, cores, step)
        pool = stack.enter_context(open_readers(desk.settings, cores))
        threads = stack.enter_context(ThreadPoolExecutor(cores))
        ours: list[Reader] = [
            AllPages(desk, threads, cores), FirstPages(pool, threads, cores), UntilSure(desk, threads, cores),
            Tesseract(threads, cores),
        ]  # fmt: skip
        slow: list[Reader] = [Tesseract(None, 1)] if cores > 1 else []
        if version is not None:
            slow += [OcrMyPdf(None, 1, fastest=False), OcrMyPdf(threads, cores, fastest=True)]
        measured = measure_readers(ours, slow, files, rounds, step, every_file=every_file)
        step("comparing", 0.0)
        told = figures_of(measured, files, [*ours, *slow], desk)
    scans = [file for file in files if file.condition in SCANNED]
    result = {
        "letters": len(scans), "pages": sum(file.pages for file in scans), "rounds": rounds, "every_file": every_file,
        "model": model, "ocrmypdf": version, **told,
    }  # fmt: skip
    Results(out).add("peers", result, machine)
    console.print(f"→ {out}")


if __name__ == "__main__":
    typer.run(main)
