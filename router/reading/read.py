# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""One item's bytes to letters of pages of words. Runs in the child process."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from router.errors import DocumentError
from router.reading import codes, images
from router.reading.kinds import Kind, kind_of, media_type
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings, read_page_image
from router.reading.parts import Part, reason_of, take_apart
from router.reading.pdf import PdfFile
from router.records import Letter, LetterKind, MailHeader, Page, PageSource, Reading, Reason

__all__ = ["read_item"]


@dataclass(frozen=True, slots=True)
class _ReadPage:
    page: Page
    codes: tuple[str, ...] = ()


def read_item(data: bytes, limits: Limits, ocr: OcrSettings, *, threads: int = 1) -> Reading:
    """Read one item.

    Parameters
    ----------
    data
        The item's bytes; never changed.
    limits
        What it may ask for.
    ocr
        How page images are recognised.
    threads
        How many pages are recognised at the same time.

    Returns
    -------
    Reading
        With at least one letter. What can't be read gives a letter without pages, and the reason.

    Raises
    ------
    TemporaryError, DependencyError
        When recognition failed for a reason that does not lie in the item.
    """
    start = time.perf_counter()
    kind = kind_of(data)
    parts = list(take_apart(data, limits))
    read: list[_ReadPage] = []
    problems: list[Reason] = []
    with ThreadPoolExecutor(max_workers=max(threads, 1)) as pool:
        for part in parts:
            if part.problem is not None:
                problems.append(part.problem)
            elif part.page_count + part.first - 1 > limits.max_pages and part.kind not in (Kind.TEXT, Kind.MAIL):
                problems.append(Reason.TOO_LARGE)
            try:
                read += _read_part(part, limits, ocr, pool, threads)
            except DocumentError as refusal:
                problems.append(reason_of(refusal))
    header = next((part.header for part in parts if part.header), None)
    page_count = sum(part.page_count for part in parts)
    letters = _letters(read, header, tuple(dict.fromkeys(problems)), is_mail=kind is Kind.MAIL)
    error = letters[0].problems[0] if not any(letter.pages for letter in letters) else None
    return Reading(letters, media_type(kind), page_count, error, time.perf_counter() - start)


def _read_part(
    part: Part, limits: Limits, ocr: OcrSettings, pool: ThreadPoolExecutor, threads: int
) -> Iterator[_ReadPage]:
    if part.pages:
        yield from (_ReadPage(page) for page in part.pages)
        return
    budget = limits.max_pages - part.first + 1
    if not part.data or budget <= 0:
        return
    found: dict[int, tuple[str, ...]] = {}

    def recognise(image: images.PageImage, number: int) -> Page:
        found[number] = tuple(codes.read_codes(image.pixels))
        if codes.is_separator(found[number]):
            width, height = image.size_points
            return Page(number, width, height, PageSource.OCR)
        return read_page_image(image, number, ocr)

    within = replace(limits, max_pages=budget)
    tasks: Iterable[Callable[[], Page]]
    if part.kind is Kind.PDF:
        file = PdfFile(part.data, within)
        try:
            for number, page in enumerate(_in_order(file.pages(recognise), pool, threads), start=1):
                page_codes = found.get(number) or (file.codes_of_sparse_page(page) if len(file) > 1 else ())
                yield _ReadPage(replace(page, number=page.number + part.first - 1), tuple(page_codes))
        finally:
            file.close()
        return
    tasks = (
        _task(recognise, image, number)
        for number, image in enumerate(images.load_pages(part.data, within), start=part.first)
    )
    for page in _in_order(tasks, pool, threads):
        yield _ReadPage(page, found.get(page.number, ()))


def _task(
    recognise: Callable[[images.PageImage, int], Page], image: images.PageImage, number: int
) -> Callable[[], Page]:
    return lambda: recognise(image, number)


def _in_order(tasks: Iterable[Callable[[], Page]], pool: ThreadPoolExecutor, threads: int) -> Iterator[Page]:
    """Run tasks side by side, a few ahead, and yield their results in order."""
    waiting: list[Future[Page]] = []
    for task in tasks:
        waiting.append(pool.submit(task))
        if len(waiting) > threads:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def _letters(
    read: list[_ReadPage], header: MailHeader | None, problems: tuple[Reason, ...], *, is_mail: bool
) -> tuple[Letter, ...]:
    """Split the pages of a batch at its separator sheets; a mail is always one letter."""
    groups: list[list[_ReadPage]] = [[]]
    for page in read:
        if codes.is_separator(page.codes) and not is_mail:
            groups.append([])
        else:
            groups[-1].append(page)
    filled = [group for group in groups if group]
    if not filled:
        return (Letter((), LetterKind.SCAN, header, problems or (Reason.UNREADABLE,)),)
    letters = []
    for group in filled:
        pages = tuple(entry.page for entry in group)
        texts = tuple(dict.fromkeys(code for entry in group for code in entry.codes))
        own = problems if any(page.words for page in pages) else (*problems, Reason.UNREADABLE)
        letters.append(Letter(pages, _kind(pages, is_mail), header, tuple(dict.fromkeys(own)), texts))
    return tuple(letters)


def _kind(pages: tuple[Page, ...], is_mail: bool) -> LetterKind:
    if is_mail:
        return LetterKind.MAIL
    sources = [page.source for page in pages]
    if PageSource.FORM in sources:
        return LetterKind.FORM
    return LetterKind.SCAN if PageSource.OCR in sources else LetterKind.TEXT
