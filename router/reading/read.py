# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""One item's bytes to letters of pages of words. Runs in the child process."""

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from router.reading import clean, codes, images, starts
from router.reading.kinds import Kind, kind_of, media_type
from router.reading.limits import Limits
from router.reading.ocr import OcrSettings, at_good_resolution, read_page_image
from router.reading.parts import Part, parts_of, reason_of
from router.reading.pdf import PdfFile, ScannedPage
from router.records import Box, Code, CourtMessage, Letter, LetterKind, MailHeader, Page, PageSource, Reading, Reason

__all__ = ["read_item", "read_pages"]


@dataclass(frozen=True, slots=True)
class _ReadPage:
    page: Page
    codes: tuple[Code, ...] = ()
    problem: Reason | None = None
    goes_on: bool = False


def read_item(data: bytes, limits: Limits, ocr: OcrSettings, *, threads: int = 1, first_pages: bool = False) -> Reading:
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
    first_pages
        Recognise only the first page of each letter that holds anything; ``read_pages`` reads the others. Pages with
        a text layer are read all the same, separator sheets and blank pages found.

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
    parts = parts_of(data, limits)
    read: list[_ReadPage] = []
    problems: list[Reason] = []
    with ThreadPoolExecutor(max_workers=max(threads, 1)) as pool:
        reader = _Reader(limits, ocr, pool, threads, first_pages=first_pages)
        for part in parts:
            if part.problem is not None:
                problems.append(part.problem)
            elif part.data and part.page_count + part.first - 1 > limits.max_pages:
                problems.append(Reason.TOO_LARGE)
            try:
                for entry in reader.read(part):
                    read.append(entry)
                    problems += [entry.problem] if entry.problem else []
            except Exception as refusal:  # noqa: BLE001 (edge: damaged files make libraries raise anything)
                problems.append(reason_of(refusal))
    kind = kind_of(data)
    header = next((part.header for part in parts if part.header), None)
    court = next((part.court for part in parts if part.court), None)
    letters = _letters(read, header, court, tuple(dict.fromkeys(problems)), ocr, is_mail=header is not None)
    error = letters[0].problems[0] if not any(letter.pages for letter in letters) else None
    page_count = sum(part.page_count for part in parts)
    return Reading(letters, media_type(kind), page_count, error, time.perf_counter() - start)


def read_pages(
    data: bytes, numbers: Collection[int], limits: Limits, ocr: OcrSettings, *, threads: int = 1
) -> tuple[tuple[Page, ...], tuple[Reason, ...]]:
    """Recognise the pages of an item that ``read_item`` left for later.

    Parameters
    ----------
    data
        The item's bytes.
    numbers
        Which pages.
    limits, ocr, threads
        As for ``read_item``.

    Returns
    -------
    pages, problems
        The pages, and why some of them could not be read.
    """
    found: list[Page] = []
    problems: list[Reason] = []
    with ThreadPoolExecutor(max_workers=max(threads, 1)) as pool:
        reader = _Reader(limits, ocr, pool, threads, only=frozenset(numbers))
        for part in parts_of(data, limits):
            try:
                for entry in reader.read(part):
                    if entry.page.number in numbers:
                        found.append(replace(entry.page, start_score=starts.words_score(entry.page)))
                        problems += [entry.problem] if entry.problem else []
            except Exception as refusal:  # noqa: BLE001 (edge, as above)
                problems.append(reason_of(refusal))
    return tuple(found), tuple(dict.fromkeys(problems))


class _Reader:
    """Reads parts one after another, their pages side by side."""

    def __init__(
        self,
        limits: Limits,
        ocr: OcrSettings,
        pool: ThreadPoolExecutor,
        threads: int,
        *,
        first_pages: bool = False,
        only: frozenset[int] | None = None,
    ) -> None:
        self._limits, self._ocr, self._pool, self._threads = limits, ocr, pool, threads
        self._first_pages, self._only = first_pages, only
        self._satisfied = False

    def read(self, part: Part) -> Iterator[_ReadPage]:
        """Yield the pages of a part in order."""
        if part.pages:
            self._satisfied = True
            yield from (_ReadPage(page, goes_on=place > 0) for place, page in enumerate(part.pages))
            return
        budget = self._limits.max_pages - part.first + 1
        if not part.data or budget <= 0:
            return
        within = replace(self._limits, max_pages=budget)
        yield from _in_order(self._tasks(part, within), self._pool, self._threads)

    def _tasks(self, part: Part, limits: Limits) -> Iterator[Callable[[], _ReadPage]]:
        if part.kind is not Kind.PDF:
            for number, image in enumerate(images.load_pages(part.data, limits), start=part.first):
                yield self._recognition(ScannedPage(number, image))
            return
        file = PdfFile(part.data, limits)
        try:
            for page in file.pages(self._is_wanted, first=part.first):
                if isinstance(page, ScannedPage):
                    yield self._recognition(page)
                else:
                    found = file.codes_of(page, page.number - part.first)
                    if page.words:
                        self._satisfied = not codes.is_separator(found, self._ocr.separators)
                    yield _done(_ReadPage(page, found))
        finally:
            file.close()

    def _is_wanted(self, number: int) -> bool:
        return self._only is None or number in self._only

    def _recognition(self, scanned: ScannedPage) -> Callable[[], _ReadPage]:
        """Look at a page image and return what recognises it, or what leaves it at that."""
        image, number = scanned.image, scanned.number
        width, height = image.size_points
        empty = Page(number, width, height, PageSource.OCR)
        if not self._is_wanted(number):
            return _done(_ReadPage(empty))
        pixels, dpi = at_good_resolution(image, self._ocr)
        found = codes.read_codes(pixels, dpi, number) if self._only is None else ()
        if codes.is_separator(found, self._ocr.separators):
            self._satisfied = False
            return _done(_ReadPage(empty, found))
        if clean.is_blank(pixels):
            return _done(_ReadPage(scanned.completed(empty), found))
        if self._first_pages and self._satisfied:
            left = replace(scanned.completed(empty), is_read=False, start_score=starts.layout_score(pixels))
            return _done(_ReadPage(left, found))
        self._satisfied = True

        def recognise() -> _ReadPage:
            try:
                return recognised()
            except Exception as error:  # noqa: BLE001 (edge: one page must not take the others with it)
                return _ReadPage(scanned.completed(empty), found, reason_of(error))

        def recognised() -> _ReadPage:
            page = read_page_image(pixels, dpi, number, self._ocr, photo=image.photo)
            return _ReadPage(scanned.completed(page), tuple(_turned(code, page) for code in found))

        return recognise


def _done(entry: _ReadPage) -> Callable[[], _ReadPage]:
    return lambda: entry


def _turned(code: Code, page: Page) -> Code:
    """Return a barcode where it stands on the page turned upright."""
    if code.box is None or not page.rotation:
        return code
    x0, y0, x1, y1 = code.box
    if page.rotation == 90:
        return replace(code, box=Box(page.width - y1, x0, page.width - y0, x1))
    if page.rotation == 180:
        return replace(code, box=Box(page.width - x1, page.height - y1, page.width - x0, page.height - y0))
    return replace(code, box=Box(y0, page.height - x1, y1, page.height - x0))


def _in_order(tasks: Iterable[Callable[[], _ReadPage]], pool: ThreadPoolExecutor, threads: int) -> Iterator[_ReadPage]:
    """Run tasks side by side, a few ahead, and yield their results in order; an error waits for what came before it."""
    waiting: list[Future[_ReadPage]] = []
    problem: Exception | None = None
    try:
        for task in tasks:
            waiting.append(pool.submit(task))
            if len(waiting) > threads:
                yield waiting.pop(0).result()
    except Exception as error:  # noqa: BLE001 (raised again below, after the pages before it)
        problem = error
    for future in waiting:
        yield future.result()
    if problem is not None:
        raise problem


def _letters(
    read: list[_ReadPage],
    header: MailHeader | None,
    court: CourtMessage | None,
    problems: tuple[Reason, ...],
    ocr: OcrSettings,
    *,
    is_mail: bool,
) -> tuple[Letter, ...]:
    """Split the pages of a batch at its separator sheets; a mail is always one letter."""
    groups: list[list[_ReadPage]] = [[]]
    for entry in read:
        if codes.is_separator(entry.codes, ocr.separators) and not is_mail:
            groups.append([])
        else:
            groups[-1].append(entry)
    filled = [group for group in groups if group]
    if not filled:
        return (Letter((), LetterKind.SCAN, header, problems or (Reason.UNREADABLE,), court=court),)
    letters = []
    for group in filled:
        pages = starts.with_start_scores(
            [entry.page for entry in group], {entry.page.number for entry in group if entry.goes_on}
        )
        found = {code.text: code for entry in reversed(group) for code in reversed(entry.codes)}
        own = problems if any(page.words for page in pages) else (*problems, Reason.UNREADABLE)
        kind = LetterKind.of([page.source for page in pages], is_mail=is_mail)
        letters.append(Letter(pages, kind, header, tuple(dict.fromkeys(own)), tuple(reversed(found.values())), court))
    return tuple(letters)
