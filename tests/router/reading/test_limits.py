# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Bad input: every file ends in a reading with a reason, and the readers go on."""

import io
import mmap
import os
import random
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from router.errors import NotFoundError, TemporaryError
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.sandbox import ReaderPool
from router.records import Reason
from training.sample_office.broken import cut_off, locked, not_a_document
from training.sample_office.layout import pages_pdf


def _scan(text: str = "Antrag auf Verlängerung\n" * 20) -> bytes:
    document = pypdfium2.PdfDocument(pages_pdf([text]))
    out = io.BytesIO()
    document[0].render(scale=200 / 72, grayscale=True).to_pil().save(out, "PDF", resolution=200)
    document.close()
    return out.getvalue()


def _huge_png(width: int, height: int) -> bytes:
    """Return a PNG of a few hundred bytes that says it is enormous."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


BAD: dict[str, tuple[Callable[[], bytes], Reason]] = {
    "empty": (lambda: b"", Reason.UNREADABLE),
    "only_blanks": (lambda: b" \r\n\0" * 50, Reason.UNREADABLE),
    "truncated_scan": (lambda: cut_off(_scan(), 0.6), Reason.UNREADABLE),
    "locked": (lambda: locked(pages_pdf(["Brief"]), to_open="geheim"), Reason.ENCRYPTED),
    "program": (lambda: not_a_document(random.Random(1)), Reason.UNREADABLE),
    "pdf_head_only": (lambda: b"%PDF-1.7\n", Reason.UNREADABLE),
    "tiff_head_only": (lambda: b"II*\0\x08\0\0\0\xff\xff", Reason.UNREADABLE),
    "png_of_a_billion_pixels": (lambda: _huge_png(40_000, 40_000), Reason.TOO_LARGE),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_file_gives_a_letter_with_its_reason(name: str, pool: ReaderPool) -> None:
    make, reason = BAD[name]
    reading = pool.read(make())
    (letter,) = reading.letters
    assert reading.error is reason
    assert letter.problems == (reason,)
    assert letter.text == ""


def test_a_password_that_only_guards_changes_is_no_hindrance(pool: ReaderPool) -> None:
    reading = pool.read(locked(pages_pdf(["Verpflichtungserklärung"])))
    assert reading.error is None
    assert "Verpflichtungserklärung" in reading.letters[0].text


def test_blank_scan_is_said_to_be_unreadable(pool: ReaderPool) -> None:
    (letter,) = pool.read(_scan(" ")).letters
    assert letter.problems == (Reason.UNREADABLE,)
    assert len(letter.pages) == 1


def test_damaged_later_page_keeps_the_earlier_ones(pool: ReaderPool) -> None:
    pages = [Image.new("1", (800, 1000), 1) for _ in range(2)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="group4", dpi=(100, 100))
    reading = pool.read(out.getvalue()[:-60])
    assert len(reading.letters) == 1


def test_two_hundred_megabytes_are_refused_without_being_read(tmp_path: Path, pool: ReaderPool) -> None:
    path = tmp_path / "big.pdf"
    path.write_bytes(b"%PDF-1.7\n")
    os.truncate(path, 200 * 2**20)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        start = time.perf_counter()
        reading = pool.read(data)  # type: ignore[arg-type]  # read like bytes, but nothing is loaded
    assert time.perf_counter() - start < 2
    assert reading.error is Reason.TOO_LARGE


def test_five_hundred_pages_are_read_up_to_the_limit(pool: ReaderPool) -> None:
    reading = pool.read(pages_pdf([f"Blatt {number}" for number in range(1, 501)]))
    (letter,) = reading.letters
    assert reading.page_count == 500
    assert reading.error is None
    assert letter.problems == (Reason.TOO_LARGE,)
    assert len(letter.pages) == Limits().max_pages
    assert "Blatt 60" in letter.text


def test_reader_that_hangs_is_killed_and_the_next_item_is_read() -> None:
    with ReaderPool(1, Limits(wall_seconds=0.4), OcrSettings()) as pool:
        assert pool.read(_scan()).error is Reason.UNREADABLE
        with pytest.raises(TemporaryError):
            pool.read(_scan(), attempts=0)
    with ReaderPool(1, Limits(), OcrSettings()) as pool:
        assert pool.read(b"Guten Tag, ein Brief.").error is None


def test_reader_that_is_killed_is_replaced() -> None:
    others = _readers()
    with ReaderPool(1, Limits(), OcrSettings()) as pool:
        assert pool.read(b"Erster Brief").error is None
        (pid,) = _readers() - others
        timer = threading.Timer(0.3, os.kill, (pid, signal.SIGKILL))
        timer.start()
        with pytest.raises(TemporaryError):
            pool.read(_scan("Langer Brief mit vielen Worten darin\n" * 50), attempts=0)
        timer.join()
        assert pool.read(b"Zweiter Brief").error is None
        assert pid not in _readers()


def _readers() -> set[int]:
    """Return the reader processes that this process started."""
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if parent == str(os.getpid()) and b"router.reading.child" in command:
                found.add(int(folder.name))
    return found


def test_item_that_needs_too_much_memory_is_given_up() -> None:
    with ReaderPool(1, Limits(memory_bytes=1200 * 2**20), OcrSettings()) as pool:
        picture = Image.new("L", (20_000, 11_000), 255)
        out = io.BytesIO()
        picture.save(out, "PNG", dpi=(300, 300))
        reading = pool.read(out.getvalue())
        assert reading.error in (Reason.UNREADABLE, Reason.TOO_LARGE)
        assert pool.read(b"Ein Brief danach").error is None


def test_pages_are_shown_as_pictures(pool: ReaderPool) -> None:
    data = pages_pdf(["eins", "zwei"])
    with Image.open(io.BytesIO(pool.picture(data, 2, dpi=72, rotation=90))) as picture:
        assert picture.format == "WEBP"
        assert picture.size == pytest.approx((842, 595), abs=1)
    with pytest.raises(NotFoundError):
        pool.picture(data, 3)


def test_readers_load_nothing_heavy() -> None:
    """Start-up time counts for every file at the command line."""
    code = (
        "import sys, router.reading.child, router.reading.read, router.reading.render;"
        "heavy = 'pandas mlflow sklearn spacy scipy pdfplumber pikepdf pillow_heif'.split();"
        "print([m for m in heavy if sys.modules.get(m)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_reader_outlives_the_thread_that_asked_first() -> None:
    others = _readers()
    with ReaderPool(1, Limits(), OcrSettings()) as pool:
        first = threading.Thread(target=pool.read, args=(b"Erster Brief",))
        first.start()
        first.join()
        (before,) = _readers() - others
        time.sleep(0.2)
        assert pool.read(b"Zweiter Brief", attempts=0).error is None
        assert _readers() - others == {before}


def _folders(parent: Path) -> list[Path]:
    return sorted(parent.glob("postweiche-reader-*"))


def test_closing_while_an_item_is_read_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pool = ReaderPool(1, Limits(), OcrSettings())
    pool.warm_up()
    reading = threading.Thread(target=pool.read, args=(_scan("Ein langer Brief mit vielen Worten\n" * 40),))
    reading.start()
    time.sleep(0.3)
    assert _folders(tmp_path)
    pool.close()
    assert _folders(tmp_path) == []
    reading.join()
    assert _folders(tmp_path) == []


def test_folders_of_a_killed_service_are_swept_and_those_in_use_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, fresh = tmp_path / "postweiche-reader-dead", tmp_path / "postweiche-reader-fresh"
    for folder in (dead, fresh):
        folder.mkdir()
        (folder / "page.pgm").write_bytes(b"a page")
    with ReaderPool(1, Limits(), OcrSettings()) as first:
        first.warm_up()
        (used,) = set(_folders(tmp_path)) - {dead, fresh}
        for folder in (dead, used):
            os.utime(folder, (1.0, 1.0))
        with ReaderPool(1, Limits(), OcrSettings()):
            assert set(_folders(tmp_path)) == {fresh, used}
        assert first.read(b"Ein Brief").error is None
