# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Files to measure reading with: unseen letters with enclosures as scans, PDFs and mails, and what stands on them."""

import datetime as dt
import io
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pikepdf
from PIL import Image

from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.read import read_item
from training.benchmarks.errors_of_reading import lines_of
from training.benchmarks.reading import page_pictures, sample
from training.sample_office.build import TEST_PERIOD
from training.sample_office.bundle import Bundler
from training.sample_office.city import City
from training.sample_office.compose import Composed, Composer, split_letters
from training.sample_office.letters import load_letters

__all__ = ["SCANNED", "BenchmarkFile", "deal", "make_files", "wrapped"]

SCANNED = ("scan300", "scan200", "bilevel300", "fax", "skewed", "photo", "faxfine", "rotated", "poor")
_DATA = Path(__file__).parents[2] / "data_samples"
_JPEG_PHOTO_DPI = 200
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class BenchmarkFile:
    """A file, what others need in its place, and the truth about it.

    Attributes
    ----------
    name
        Its letter and condition.
    condition
        One of ``SCANNED``, or ``letter``, or ``mail``.
    path
        The file as it arrives.
    pdf
        The same pages as PDF, for programs that read nothing else; ``None`` for mails.
    pictures
        Its page images as PNG, at the resolution stored in the file; none for PDFs with a text layer and mails.
    pages
        How many pages it has.
    lines
        What stands on them.
    post, received
        Where the letter belongs, and when it came.
    """

    name: str
    condition: str
    path: Path
    pdf: Path | None
    pictures: tuple[Path, ...]
    pages: int
    lines: tuple[str, ...]
    post: str
    received: dt.date


def make_files(folder: Path, counts: tuple[int, int, int], seed: int, processes: int, progress: Progress) -> list[
    BenchmarkFile
]:  # fmt: skip
    """Write the files of so many scanned letters, PDFs with a text layer, and mails, all of unseen letters.

    Parameters
    ----------
    folder
        Where to.
    counts
        Scanned letters (the conditions in turn), PDFs, mails; no written letter occurs twice among the first two.
    seed
        Another number gives other letters.
    processes
        How many processes render.
    progress
        Told the step and its share.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scanned, typed, mails = counts
    city = City(_DATA)
    paper = sample(city, scanned + typed, seed)
    jobs = [(folder, letter, SCANNED[place % len(SCANNED)], seed) for place, letter in enumerate(paper[:scanned])]
    jobs += [(folder, letter, "letter", seed) for letter in paper[scanned:]]
    jobs += [(folder, letter, "mail", seed) for letter in _mails(city, mails, seed)]
    files = []
    with ProcessPoolExecutor(processes) as pool:
        for done, entry in enumerate(pool.map(_make, jobs), start=1):
            files.append(entry)
            progress("rendering", done / len(jobs))
    return files


def _mails(city: City, count: int, seed: int) -> Iterator[Composed]:
    letters = load_letters(city.folder / "letters")
    split = split_letters(letters)
    fitting = [x for x in letters if split[x.id] == "test" and "mail" in x.channels and x.language in ("de", "en")]
    composer = Composer(city)
    for letter in random.Random(f"{seed}/mails").sample(fitting, count):
        yield composer.compose(letter, seed, period=TEST_PERIOD, held_out=True)


@lru_cache(maxsize=1)
def _bundler() -> Bundler:
    return Bundler(City(_DATA), "test")


def _make(job: tuple[Path, Composed, str, int]) -> BenchmarkFile:
    folder, letter, condition, seed = job
    bundler = _bundler()
    bundle = bundler.bundle(letter, seed)
    rendered = bundler.render(bundle, condition, seed)
    name = f"{letter.name}-{condition}"
    path = folder / f"{name}{rendered.suffix}"
    path.write_bytes(rendered.data)
    pdf: Path | None = None
    pictures: list[Path] = []
    if condition in SCANNED:
        for number, image in enumerate(page_pictures(rendered.data), start=1):
            pictures.append(folder / f"{name}-{number}.png")
            dpi = image.info["dpi"]
            plain = image.convert("1" if image.mode == "1" else "L")
            plain.save(pictures[-1], dpi=dpi if dpi[0] else None, compress_level=1)
        pdf = path
        if rendered.suffix != ".pdf":
            pdf = folder / f"{name}-wrapped.pdf"
            pdf.write_bytes(wrapped(rendered.data))
    elif condition == "letter":
        pdf = path
    clean = read_item(bundle.clean, Limits(), OcrSettings())
    texts = [page for part in clean.letters for page in part.text.split("\f")]
    shown = texts[:1] if condition == "photo" else texts
    pages = 1 if condition == "photo" else bundle.pages
    lines = tuple(line for text in shown for line in lines_of(text))
    return BenchmarkFile(name, condition, path, pdf, tuple(pictures), pages, lines, letter.post, letter.received)


def wrapped(data: bytes) -> bytes:
    """Return a TIFF or JPEG as PDF without losing anything of its pictures.

    Parameters
    ----------
    data
        Bilevel TIFF, whose pages are packed anew as fax group 4, or JPEG, whose bytes stay as they are.
    """
    with Image.open(io.BytesIO(data)) as image:
        if image.format == "JPEG":
            return _jpeg_page(data, image)
        frames: list[Image.Image] = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(image.convert("1", dither=Image.Dither.NONE))
        dpi = tuple(float(value) for value in image.info["dpi"])
    out = io.BytesIO()
    frames[0].save(out, "PDF", save_all=True, append_images=frames[1:], dpi=dpi)
    return out.getvalue()


def _jpeg_page(data: bytes, image: Image.Image) -> bytes:
    turn = {3: 180, 6: 90, 8: 270}.get(image.getexif().get(0x0112, 1), 0)
    width, height = (side / _JPEG_PHOTO_DPI * 72 for side in image.size)
    document = pikepdf.new()
    picture = document.make_stream(
        data, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=image.width, Height=image.height,
        ColorSpace=pikepdf.Name.DeviceGray if image.mode == "L" else pikepdf.Name.DeviceRGB, BitsPerComponent=8,
        Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
    document.add_blank_page(page_size=(width, height))
    page = document.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Photo=picture))
    page.Contents = document.make_stream(f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Photo Do Q".encode())
    if turn:
        page.Rotate = turn
    out = io.BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


def deal(files: Sequence[BenchmarkFile], rounds: int) -> list[list[BenchmarkFile]]:
    """Return the files of every round, those of each condition spread over them."""
    return [list(files[number::rounds]) for number in range(rounds)]
