# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reading processes as the settings want them, the same for service, command line and training."""

from router.reading.limits import Limits
from router.reading.ocr import OcrSettings
from router.reading.sandbox import ReaderPool
from router.settings import Settings

__all__ = ["limits_of", "ocr_of", "open_readers"]


def limits_of(settings: Settings) -> Limits:
    """Return the limits on one item."""
    return Limits(
        max_bytes=settings.max_item_mib * 2**20,
        max_pages=settings.max_pages,
        wall_seconds=settings.read_timeout_seconds,
        cpu_seconds=int(settings.read_timeout_seconds),
        memory_bytes=settings.reader_memory_mib * 2**20,
    )


def ocr_of(settings: Settings) -> OcrSettings:
    """Return how page images are recognised."""
    texts = (text.strip().upper() for text in settings.separator_codes.split(","))
    return OcrSettings(
        languages=settings.ocr_languages, dpi=settings.ocr_dpi, separators=tuple(sorted(text for text in texts if text))
    )


def open_readers(settings: Settings, readers: int | None = None) -> ReaderPool:
    """Return reading processes, by default as many as the settings allow; close them after use."""
    return ReaderPool(readers or settings.reader_count, limits_of(settings), ocr_of(settings))
