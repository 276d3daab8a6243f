# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The measurement of reading against other programs: what it counts, what it reads, what it writes."""

import datetime as dt
import io
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image

from training.benchmarks.errors_of_reading import compare, compare_words
from training.benchmarks.machine import describe_machine
from training.benchmarks.processor_time import Times, timed
from training.benchmarks.readers import Output, Reader
from training.benchmarks.reading_files import SCANNED, BenchmarkFile, make_files, wrapped
from training.benchmarks.reading_peers import Run, measure_readers, ratio, times_a_page
from training.benchmarks.results import Results

_BURN = "sum(i * i for i in range(4_000_000))"


def test_processor_time_counts_children_that_live_on_and_those_that_ended() -> None:
    _, ended = timed(lambda: subprocess.run([sys.executable, "-c", _BURN], check=True))
    assert ended.processor > 0.05

    def start() -> "subprocess.Popen[bytes]":
        child = subprocess.Popen(
            [sys.executable, "-c", f"{_BURN}; print('done', flush=True); input()"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert child.stdout is not None
        child.stdout.readline()
        return child

    child, living = timed(start)
    child.communicate(b"\n")
    assert living.processor > 0.05


def _file(name: str, condition: str, pages: int = 1) -> BenchmarkFile:
    pictures = (Path(__file__),) if condition in SCANNED else ()
    pdf = None if condition == "mail" else Path(__file__)
    return BenchmarkFile(
        name, condition, Path(__file__), pdf, pictures, pages, ("Zeile",), "33.21", dt.date(2026, 11, 9)
    )


class _Noted(Reader):
    """Notes who read what."""

    def __init__(self, name: str, notes: list[tuple[str, tuple[str, ...]]], *, pictures_only: bool = False) -> None:
        super().__init__(None)
        self.name = self.words = name
        self._notes, self._pictures_only = notes, pictures_only

    def takes(self, file: BenchmarkFile) -> bool:
        return bool(file.pictures) or not self._pictures_only

    def warm_up(self, file: BenchmarkFile) -> None:
        pass

    def read(self, files: Sequence[BenchmarkFile]) -> dict[str, Output]:
        self._notes.append((self.name, tuple(file.name for file in files)))
        return super().read(files)

    def read_one(self, file: BenchmarkFile) -> Output:
        return Output("Zeile")


def test_rounds_take_turns_and_slow_readers_every_third_letter() -> None:
    notes: list[tuple[str, tuple[str, ...]]] = []
    files = [_file(f"s{number}", SCANNED[number % len(SCANNED)]) for number in range(12)]
    files += [_file("t0", "letter"), _file("t1", "letter"), _file("m0", "mail"), _file("m1", "mail")]
    ours, slow = _Noted("all", notes), _Noted("slow", notes, pictures_only=True)
    measured = measure_readers([ours], [slow], files, 2, lambda _words, _share: None)
    assert {name for who, names in notes if who == "all" for name in names} == {file.name for file in files}
    by_slow = [name for who, names in notes if who == "slow" for name in names]
    assert len(by_slow) == 4
    assert notes[0][0] == "all"
    assert next(who for who, names in notes if "s1" in names) == "slow"
    assert all(run.times.wall > 0 for run in measured.runs)


def _runs() -> list[Run]:
    def run(number: int, reader: str, batch: str, wall: float) -> Run:
        return Run(number, reader, batch, 1, 2, Times(wall, wall * 2))

    return [
        run(0, "all", "peers", 1.0), run(0, "all", "rest", 9.0), run(0, "peer", "peers", 6.0),
        run(1, "all", "peers", 1.0), run(1, "all", "rest", 9.0), run(1, "peer", "peers", 8.0),
    ]  # fmt: skip


def test_ratios_count_only_files_that_both_read() -> None:
    found = ratio(_runs(), "peer", "all")["scans"]
    assert found["pages"] == 4
    assert found["wall"] == {"median": 7.0, "low": 6.0, "high": 8.0, "rounds": 2}
    assert times_a_page(_runs(), "all")["scans"]["wall"]["median"] == 2.5


def test_words_and_characters_are_counted_where_a_line_fits_best() -> None:
    read = "Vorneweg\nIhr Zeichen 33.2-475-123456\nSehr geehrte Damen und Herren"
    truth = ["Sehr geehrte Damen und Herren", "Ihr Zeichen 33.2-475-123457"]
    assert compare(truth, read).edits == 1
    words = compare_words(truth, read)
    assert (words.edits, words.characters) == (1, 8)
    assert compare_words(["ganz anderes"], "").edits == 2


def test_pictures_are_wrapped_without_loss(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 2, (60, 80), dtype=np.uint8) * 255
    fax = Image.fromarray(noise).convert("1", dither=Image.Dither.NONE)
    tiff = io.BytesIO()
    fax.save(tiff, "TIFF", save_all=True, append_images=[fax], compression="group4", dpi=(204, 98))
    document = pypdfium2.PdfDocument(wrapped(tiff.getvalue()))
    assert len(document) == 2
    width, height = document[0].get_size()
    assert (round(width, 1), round(height, 1)) == (round(80 / 204 * 72, 1), round(60 / 98 * 72, 1))
    picture = next(iter(document[0].get_objects()))
    assert isinstance(picture, pypdfium2.PdfImage)
    assert np.array_equal(np.asarray(picture.get_bitmap().to_pil().convert("L")), noise)
    document.close()
    jpeg = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(noise).save(jpeg, "JPEG", exif=exif)
    assert jpeg.getvalue() in wrapped(jpeg.getvalue())
    photo = pypdfium2.PdfDocument(wrapped(jpeg.getvalue()))
    assert photo[0].get_rotation() == 90
    photo.close()


def test_files_come_with_pictures_and_truth(tmp_path: Path) -> None:
    files = make_files(tmp_path, (1, 1, 1), 3, 1, lambda _words, _share: None)
    assert [file.condition for file in files] == [SCANNED[0], "letter", "mail"]
    scan, typed, mail = files
    assert len(scan.pictures) == scan.pages
    assert scan.lines
    assert typed.pdf == typed.path
    assert mail.pdf is None
    assert all(file.path.stat().st_size for file in files)


def _result(peers: Sequence[str]) -> dict[str, Any]:
    spread = {"median": 3.0, "low": 2.0, "high": 4.0, "rounds": 2}
    figure = {"files": 2, "pages": 4, "wall": spread, "processor": spread}
    share = {"hits": 1, "n": 2, "value": 0.5, "interval": [0.1, 0.9]}
    ours = ("all", "first", "sure")
    return {
        "letters": 2, "pages": 4, "rounds": 2, "every_file": False, "model": "fitted now to 300 letters as text",
        "ocrmypdf": "16.0" if "ocrmypdf" in peers else None,
        "words": {name: f"reader {name}" for name in (*ours, *peers)},
        "times": {name: {"scans": figure, "text": figure} for name in (*ours, *peers)},
        "ratios": {peer: {name: {"scans": figure} for name in ours} for peer in peers},
        "errors": {"scan300": {"all": {"letters": 1, "pages": 2, "cer": 0.01, "wer": 0.02, "failed": 0}}},
        "routing": {name: {"n": 2, "right": share, "routed": share, "wrong": share, "parted": 0} for name in ours},
    }  # fmt: skip


def test_one_part_rewrites_its_section_and_leaves_the_others(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    machine = describe_machine()
    times = {"mean_ms": 7.0, "median_ms": 6.0, "p95_ms": 9.0}
    deciding = {"letters": 3, "load": 0.1, "facts": times, "deciding": times, "deciding_processor": times}
    Results(document).add("deciding", deciding, machine)
    Results(document).add("peers", _result(["tesseract-2", "ocrmypdf", "ocrmypdf-fast"]), machine)
    text = document.read_text(encoding="utf-8")
    assert "| finding facts | 7.0 ms |" in text
    assert "| all pages, against OCRmyPDF at its fastest | ≥ 2.50 × | 3.00 × | met |" in text
    assert "| until sure, against OCRmyPDF as users run it | ≥ 12.00 × | 3.00 × | **missed** |" in text
    assert "3.00 (2.00–4.00)" in text
    assert set(json.loads(document.with_suffix(".json").read_text(encoding="utf-8"))) == {"deciding", "peers"}


def test_without_ocrmypdf_the_table_says_so(tmp_path: Path) -> None:
    document = tmp_path / "benchmarks.md"
    Results(document).add("peers", _result(["tesseract-2"]), describe_machine())
    text = document.read_text(encoding="utf-8")
    assert "`uv tool install ocrmypdf`" in text
    assert "| all pages, against OCRmyPDF as users run it | ≥ 6.00 × | – | not measured |" in text
