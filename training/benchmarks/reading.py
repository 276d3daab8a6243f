# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reading measured on rendered letters: character errors, references found, time against bare Tesseract.

``python -m training.benchmarks.reading --count 4`` reads four unseen letters in every condition.
"""

import io
import json
import os
import random
import re
import resource
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Annotated, TypeVar

import pypdfium2
import typer
from PIL import Image, ImageOps
from rich.console import Console
from rich.progress import track
from rich.table import Table

from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from router.records import Reading
from training.benchmarks.errors_of_reading import ReadingErrors, compare, lines_of
from training.sample_office.build import TEST_PERIOD, Rendered, render
from training.sample_office.city import City
from training.sample_office.compose import Composed, Composer, split_letters
from training.sample_office.layout import letter_pdf
from training.sample_office.letters import WrittenLetter, load_letters

__all__ = ["CONDITIONS", "Measured", "measure", "read_errors", "render_with_truth", "sample", "values_on_page"]

CONDITIONS = ("scan300", "scan200", "bilevel300", "skewed", "rotated", "poor", "fax", "faxfine", "photo")
_READABLE = frozenset(["de", "en"])
_REFERENCE_LABELS = re.compile(r"\.(own|azr|bamf|birth|surname)$|^ref$")
_T = TypeVar("_T")
_DATA = Path(__file__).parents[2] / "data_samples"


@dataclass(frozen=True, slots=True)
class Measured:
    """One file read: errors, references and names found, times in seconds of processor and clock."""

    condition: str
    letter_id: str
    pages: int
    errors: ReadingErrors
    wanted: int
    found: int
    processor: float
    bare_processor: float
    clock: float
    bare_clock: float


def sample(city: City, count: int, seed: int, languages: frozenset[str] = _READABLE) -> list[Composed]:
    """Return letters of the test side, every one another written letter, one to three pages."""
    letters = load_letters(city.folder / "letters")
    split = split_letters(letters)
    fitting = [x for x in letters if split[x.id] == "test" and x.language in languages and _long_enough(x)]
    chosen = random.Random(f"{seed}/reading").sample(fitting, count)
    composer = Composer(city)
    return [composer.compose(letter, seed, period=TEST_PERIOD, held_out=True) for letter in chosen]


def _long_enough(letter: WrittenLetter) -> bool:
    return len(letter.body) > 300 and letter.channels != ("mail",)


def render_with_truth(city: City, letter: Composed, condition: str) -> tuple[Rendered, list[str], bytes]:
    """Return a letter's file, the lines that stand on its pages, and the clean PDF these were taken from."""
    name = f"{letter.name}/{condition}"
    rendered = render(city, letter, condition, random.Random(name))
    clean = letter_pdf(letter, city.plan.file.office.address, random.Random(name))
    reading = read_item(clean, Limits(), OcrSettings())
    pages = reading.letters[0].pages[:1] if condition == "photo" else reading.letters[0].pages
    return rendered, [line for page in pages for line in lines_of(_page_text(reading, page.number))], clean


def _page_text(reading: Reading, number: int) -> str:
    return reading.letters[0].text.split("\f")[number - 1]


def read_errors(reading: Reading, truth: Sequence[str]) -> ReadingErrors:
    """Return the errors of a reading whose lines are known."""
    return compare(truth, "\n".join(letter.text for letter in reading.letters))


def values_on_page(letter: Composed, office: City, truth: Sequence[str]) -> set[str]:
    """Return numbers, birth dates and surnames of a letter that stand on the pages."""
    filled = letter.filled(office.plan)
    values = {filled.text[s.start : s.end] for s in filled.spans if _REFERENCE_LABELS.search(s.label)}
    page = " ".join(truth)
    return {value for value in values if len(value) > 2 and value in page}


def _processor() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _timed(work: Callable[[], _T]) -> tuple[_T, float, float]:
    processor, clock = _processor(), time.perf_counter()
    result = work()
    return result, _processor() - processor, time.perf_counter() - clock


def page_pictures(data: bytes) -> Iterator[Image.Image]:
    """Yield the page images that lie in a file, at the resolution stored there."""
    if data[:5] == b"%PDF-":
        document = pypdfium2.PdfDocument(data)
        for page in document:
            picture = next(iter(page.get_objects(filter=(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE,))))
            if not isinstance(picture, pypdfium2.PdfImage):
                continue
            dpi = picture.get_px_size()[0] / page.get_width() * 72
            image = picture.get_bitmap().to_pil()
            image.info["dpi"] = (round(dpi), round(dpi))
            yield image
        return
    with Image.open(io.BytesIO(data)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            upright = ImageOps.exif_transpose(image)
            upright.info["dpi"] = image.info.get("dpi", (0, 0))
            yield upright.copy()


def _bare(paths: Sequence[Path]) -> None:
    for path in paths:
        subprocess.run(
            ["tesseract", str(path), "-", "-l", "deu+eng"],
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
            check=True,
            capture_output=True,
        )


def measure(city: City, letters: Sequence[Composed], condition: str, *, bare: bool) -> Iterator[Measured]:
    """Read letters in one condition and yield what was measured, one after another.

    Parameters
    ----------
    city, letters
        The sample office, and what to render.
    condition
        How the letters arrive.
    bare
        Also run ``tesseract page.png - -l deu+eng`` on one thread on the same page images, before or after in turn.
    """
    with tempfile.TemporaryDirectory() as folder:
        for turn, letter in enumerate(letters):
            rendered, truth, _clean = render_with_truth(city, letter, condition)
            paths = []
            for number, image in enumerate(page_pictures(rendered.data) if bare else ()):
                paths.append(Path(folder) / f"{turn}-{number}.png")
                dpi = image.info["dpi"]
                image.convert("1" if image.mode == "1" else "L").save(paths[-1], dpi=dpi if dpi[0] else None)
            bare_times = (0.0, 0.0)
            if turn % 2:
                bare_times = _timed(partial(_bare, paths))[1:]
            reading, processor, clock = _timed(partial(read_item, rendered.data, Limits(), OcrSettings()))
            if not turn % 2:
                bare_times = _timed(partial(_bare, paths))[1:]
            text = " ".join(" ".join(lines_of(part.text)) for part in reading.letters)
            wanted = values_on_page(letter, city, truth)
            yield Measured(
                condition, letter.letter_id, reading.page_count, read_errors(reading, truth), len(wanted),
                sum(value in text for value in wanted), processor, bare_times[0], clock, bare_times[1],
            )  # fmt: skip


def main(
    count: Annotated[int, typer.Option(help="letters a condition")] = 3,
    seed: Annotated[int, typer.Option(help="another seed, other letters")] = 7,
    condition: Annotated[list[str] | None, typer.Option(help="only these conditions")] = None,
    out: Annotated[Path | None, typer.Option(help="also write the single results as JSON lines")] = None,
) -> None:
    """Measure reading and print a table by condition."""
    city = City(_DATA)
    found: dict[str, list[Measured]] = defaultdict(list)
    for name in track(condition or CONDITIONS, description="reading"):
        found[name] += measure(city, sample(city, count, seed), name, bare=True)
    table = Table(
        "condition", "letters", "pages", "CER", "worst", "found", "s/page", "bare", "ratio CPU", "ratio clock"
    )
    everything = [entry for entries in found.values() for entry in entries]
    for name, entries in (*found.items(), ("all", everything)):
        table.add_row(name, *_figures(entries))
    Console(width=120).print(table)
    if out:
        lines = (json.dumps({"condition": x.condition, "letter": x.letter_id, "cer": x.errors.rate, "pages": x.pages,
                             "cpu": x.processor, "bare": x.bare_processor}) for x in everything)  # fmt: skip
        out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _figures(entries: Sequence[Measured]) -> tuple[str, ...]:
    pages = sum(entry.pages for entry in entries)
    errors = sum((entry.errors for entry in entries), ReadingErrors(0, 0))
    return (
        str(len(entries)),
        str(pages),
        f"{errors.rate:.4f}",
        f"{max(entry.errors.rate for entry in entries):.3f}",
        f"{sum(entry.found for entry in entries)}/{sum(entry.wanted for entry in entries)}",
        f"{sum(entry.processor for entry in entries) / pages:.2f}",
        f"{sum(entry.bare_processor for entry in entries) / pages:.2f}",
        f"{median(entry.processor / entry.bare_processor for entry in entries):.2f}",
        f"{median(entry.clock / entry.bare_clock for entry in entries):.2f}",
    )


if __name__ == "__main__":
    typer.run(main)
