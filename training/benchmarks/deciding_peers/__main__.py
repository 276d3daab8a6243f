# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""``python -m training.benchmarks.deciding_peers``: measures deciding, part by part, row by row.

Every row is kept as soon as it is measured; ``--resume`` goes on where a run was interrupted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from router.office.office import Office
from training.benchmarks.deciding_peers import curve
from training.benchmarks.deciding_peers.ablation import EVIDENCE_VARIANTS, EvidenceLab
from training.benchmarks.deciding_peers.against import compare
from training.benchmarks.deciding_peers.changes import CHANGES
from training.benchmarks.deciding_peers.figures import Ledger
from training.benchmarks.deciding_peers.letters import Library
from training.benchmarks.deciding_peers.ours import fit_ours
from training.benchmarks.deciding_peers.picture import PICTURE, write_picture
from training.benchmarks.deciding_peers.size import measure_size
from training.benchmarks.deciding_peers.textlab import TEXT_VARIANTS
from training.benchmarks.machine import describe_machine
from training.benchmarks.results import DOCUMENT, Results
from training.dataset import Labelled
from training.fit import Fitted

_ROOT = Path(__file__).parents[3]


class Part(StrEnum):
    """What can be measured on its own; the values are the parts' names in the results."""

    SIZE = "training_size"
    PUBLIC = "peers_public"
    OFFICE = "peers_office"
    ABLATION = "ablation"
    CURVE = "learning_curve"
    CHANGES = "reorganisation"


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    training_letters: int
    test_letters: int
    timed_letters: int
    sizes: tuple[int, ...]
    wrong_labels: tuple[float, ...]
    disturbed: tuple[float, ...]
    training_sizes: tuple[int, ...]
    change_letters: int
    public: Path | None
    public_limit: int | None


class Bench:
    """All parts on the same letters and with one model of the sample office.

    Parameters
    ----------
    plan
        How much.
    library
        Hands out letters.
    results, machine, resume
        Where rows are kept, as for ``Ledger``.
    picture
        Where the picture of the learning curve goes.
    progress
        Told the step and its share.
    """

    def __init__(
        self,
        plan: Plan,
        library: Library,
        results: Results,
        machine: dict[str, str],
        *,
        resume: bool,
        picture: Path,
        progress: Callable[[str, float], None],
    ) -> None:
        self._plan, self._library, self._results, self._machine = plan, library, results, machine
        self._resume, self._picture, self._progress = resume, picture, progress
        self._model: Fitted | None = None

    def measure(self, part: Part) -> None:
        """Measure one part."""
        {
            Part.SIZE: self._sizes,
            Part.PUBLIC: self._public,
            Part.OFFICE: self._office,
            Part.ABLATION: self._ablation,
            Part.CURVE: self._curve,
            Part.CHANGES: self._changes,
        }[part]()

    def _ledger(self, part: Part, **sizes: Any) -> Ledger:
        configuration = {"code": self._library.version, **sizes}
        return Ledger(self._results, part.value, self._machine, configuration, resume=self._resume)

    def _learn(self) -> tuple[Labelled, ...]:
        return self._library.letters(self._plan.training_letters, "train")

    def _fitted(self) -> Fitted:
        if self._model is None:
            self._model = fit_ours(self._learn(), self._library.office, self._library.settings, self._progress)
        return self._model

    def _sizes(self) -> None:
        ledger = self._ledger(Part.SIZE, timed=self._plan.timed_letters)
        for letters in self._plan.training_sizes:
            if str(letters) not in ledger:
                self._progress(f"training on {letters:,} letters", 0.0)
                ledger.keep(str(letters), measure_size(self._library.work, letters, self._plan.timed_letters))

    def _public(self) -> None:
        plan = self._plan
        if plan.public is None:
            return
        ledger = self._ledger(
            Part.PUBLIC, limit=plan.public_limit, disturbed=list(plan.disturbed), timed=plan.timed_letters
        )
        rows = {"train and cal": ("train", "cal"), "train": ("train",)}
        if all(name in ledger for name in rows):
            return
        sides = self._library.inquiries(plan.public, plan.public_limit)
        unseen = {rate: self._library.disturbed_inquiries(sides["test"], rate) for rate in plan.disturbed}
        for place, (name, splits) in enumerate(rows.items()):
            if name not in ledger:
                learn = [entry for split in splits for entry in sides[split]]
                row = compare(
                    learn, unseen, Office(), self._library.settings, self._progress, ours_first=place % 2 == 0,
                    timed_letters=plan.timed_letters,
                )  # fmt: skip
                ledger.keep(name, row)

    def _office(self) -> None:
        plan, library = self._plan, self._library
        ledger = self._ledger(
            Part.OFFICE, training=plan.training_letters, test=plan.test_letters, disturbed=list(plan.disturbed),
            timed=plan.timed_letters,
        )  # fmt: skip
        for name, with_plan in (("text alone", False), ("plan and case list", True)):
            if name in ledger:
                continue
            learn = library.letters(plan.training_letters, "train", with_plan=with_plan)
            unseen = {
                rate: library.letters(plan.test_letters, "test", with_plan=with_plan, rate=rate)
                for rate in plan.disturbed
            }
            row = compare(
                learn, unseen, library.office if with_plan else Office(), library.settings, self._progress,
                with_peer=not with_plan, ours_first=False, timed_letters=plan.timed_letters,
            )  # fmt: skip
            written = {side: len({entry.group for entry in letters})
                       for side, letters in (("learned", learn), ("unseen", unseen[plan.disturbed[0]]))}  # fmt: skip
            ledger.keep(name, {**row, "written": written})

    def _ablation(self) -> None:
        plan, library = self._plan, self._library
        ledger = self._ledger(Part.ABLATION, training=plan.training_letters, test=plan.test_letters)
        wanted = [f"evidence/{v.name}" for v in EVIDENCE_VARIANTS] + [f"text/{v.name}" for v in TEXT_VARIANTS]
        if all(key in ledger for key in wanted):
            return
        lab = EvidenceLab(
            self._learn(), library.letters(plan.test_letters, "test"), library.office, self._fitted().model,
            seed=library.settings.seed, processes=library.settings.reader_count, progress=self._progress,
        )  # fmt: skip
        whole = lab.read(TEXT_VARIANTS[0])
        for evidence in EVIDENCE_VARIANTS:
            if f"evidence/{evidence.name}" not in ledger:
                ledger.keep(f"evidence/{evidence.name}", lab.figures(evidence, whole))
        for text in TEXT_VARIANTS:
            if f"text/{text.name}" not in ledger:
                logs = whole if text is TEXT_VARIANTS[0] else lab.read(text)
                row = {"alone": lab.text_figures(logs), "together": lab.figures(EVIDENCE_VARIANTS[-1], logs)}
                ledger.keep(f"text/{text.name}", row)

    def _curve(self) -> None:
        plan = self._plan
        ledger = self._ledger(Part.CURVE, training=plan.training_letters, test=plan.test_letters)
        for size in plan.sizes:
            if f"size/{size}" not in ledger:
                row = curve.measure_learned(self._library, size, plan.test_letters, self._progress)
                ledger.keep(f"size/{size}", row)
            if size != plan.training_letters:
                self._library.forget(size, "train")
        for wrong in plan.wrong_labels:
            key = f"wrong/{wrong:g}"
            if key in ledger:
                continue
            if wrong == 0 and f"size/{plan.training_letters}" in ledger.rows:
                ledger.keep(key, ledger.rows[f"size/{plan.training_letters}"])
                continue
            row = curve.measure_learned(
                self._library, plan.training_letters, plan.test_letters, self._progress, wrong=wrong
            )
            ledger.keep(key, row)
        write_picture(ledger.rows, self._picture)

    def _changes(self) -> None:
        plan = self._plan
        ledger = self._ledger(Part.CHANGES, training=plan.training_letters, test=plan.change_letters)
        for name in CHANGES:
            if name not in ledger:
                folder = self._library.work / "offices" / name.replace(" ", "-")
                row = curve.measure_change(
                    self._library, self._fitted().model, name, plan.change_letters, folder, self._progress
                )
                ledger.keep(name, row)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(dict.fromkeys(float(part) for part in text.split(",") if part.strip()))
    except ValueError as error:
        raise typer.BadParameter("numbers with commas between them") from error


def main(
    part: Annotated[list[Part] | None, typer.Option(help="only these parts; may be repeated")] = None,
    training_letters: Annotated[int, typer.Option(min=100, help="letters of the sample office to learn from")] = 5000,
    test_letters: Annotated[int, typer.Option(min=20, help="letters of it never seen")] = 900,
    timed_letters: Annotated[int, typer.Option(min=1, help="letters decided one by one")] = 300,
    sizes: Annotated[str, typer.Option(help="letters learned from, for the curve")] = "0,200,1000,5000,20000",
    wrong_labels: Annotated[str, typer.Option(help="per cent of wrong labels")] = "0,2,5,10",
    disturbed: Annotated[str, typer.Option(help="per cent of characters disturbed")] = "0,2,5,10",
    training_sizes: Annotated[str, typer.Option(help="letters of trainings whose time is taken")] = "5000,50000",
    change_letters: Annotated[int, typer.Option(min=20, help="letters never seen, for reorganisations")] = 2000,
    public: Annotated[
        Path | None, typer.Option(envvar="BUNDESTAG_FILE", help="file of inquiries; without it this part is left out")
    ] = None,
    public_limit: Annotated[int | None, typer.Option(help="at most so many inquiries a side")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="keep rows measured before with these sizes")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="tiny sizes: only to try")] = False,
    work: Annotated[Path, typer.Option(help="folder for letters")] = _ROOT / "var" / "benchmarks" / "deciding",
    out: Annotated[Path, typer.Option(help="the document; its results lie beside it")] = DOCUMENT,
) -> None:
    """Measure deciding against a peer, by its parts, with little and much history, and write the document."""
    plan = Plan(
        training_letters, test_letters, timed_letters, tuple(int(size) for size in _numbers(sizes)),
        tuple(share / 100 for share in _numbers(wrong_labels)), tuple(share / 100 for share in _numbers(disturbed)),
        tuple(int(size) for size in _numbers(training_sizes)), change_letters, public, public_limit,
    )  # fmt: skip
    if quick:
        plan = Plan(400, 150, 20, (0, 200, 400), (0.0, 0.1), (0.0, 0.1), (400,), 150, public, public_limit or 500)
    wanted = [entry for entry in Part if part is None or entry in part]
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn()
    )  # fmt: skip
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("deciding", total=1.0)
        now = ""

        def step(words: str, share: float) -> None:
            bar.update(task, description=f"{now}: {words}", completed=share)

        results = Results(out)
        bench = Bench(
            plan, Library(work, step), results, describe_machine(), resume=resume,
            picture=out.parent / "images" / PICTURE, progress=step,
        )  # fmt: skip
        for entry in wanted:
            now = entry.value.replace("_", " ")
            bench.measure(entry)
            console.print(f"{now}: done")
    console.print(f"→ {out}")


if __name__ == "__main__":
    typer.run(main)
