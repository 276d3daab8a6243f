# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Broken files: a few of the 20,000 that ``make fuzz`` reads, and bytes that only begin like a file."""

import shutil
import tempfile
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.reading.kinds import Kind, kind_of
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.parts import parts_of
from router.reading.sandbox import ReaderPool
from tests.router.reading.corpus import corpus
from tests.router.reading.mutations import Tally, mutations, read_all

# What takes seconds to recognise is left to ``make fuzz``.
_SLOW = {"pdf_scan", "tiff_g4", "tiff_lzw", "tiff_of_two", "jpeg", "png", "webp", "mail", "pdf_of_several_pages"}
_HEADS = [data[:48] for data in corpus().values()] + [
    b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02",
    b"PK\x03\x04",
]


def test_every_file_of_the_corpus_is_read(pool: ReaderPool) -> None:
    unread = {name for name, data in corpus().items() if pool.read(data).error is not None}
    assert unread == set()


def test_broken_files_end_in_a_reading_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "tesseract").symlink_to(shutil.which("tesseract") or "tesseract")
    (tmp_path / "work").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "work"))
    files = {name: data for name, data in corpus().items() if name not in _SLOW}
    tally = Tally()
    with ReaderPool(2, Limits(wall_seconds=60.0, cpu_seconds=30, max_pages=3), OcrSettings()) as pool:
        read_all(pool, islice(mutations(files, seed=11), 150), 2, tally)
        assert pool.read(b"Ein Brief danach").error is None
    assert tally.outcomes.total() == 150
    assert tally.outcomes["read"] > 20
    assert tally.outcomes["unreadable"] > 20
    assert [path for path in (tmp_path / "work").rglob("*") if not path.is_dir()] == []


def test_mutations_repeat() -> None:
    files = corpus()
    assert list(islice(mutations(files, 5), 30)) == list(islice(mutations(files, 5), 30))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_HEADS), st.binary(max_size=600))
def test_bytes_that_begin_like_a_file_are_taken_apart_or_refused(head: bytes, rest: bytes) -> None:
    data = head + rest
    assert kind_of(data) in Kind
    for part in parts_of(data, Limits()):
        assert part.problem is not None or part.page_count > 0
