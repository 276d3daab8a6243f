# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The section of ``docs/benchmarks.md`` on reading against bare Tesseract and OCRmyPDF."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.benchmarks.tables import CONDITIONS, machine_words, percent, span, table, times_words

__all__ = ["write_peers"]

_NOT_INSTALLED = (
    "OCRmyPDF was not installed and is not measured here (`apt-get install ocrmypdf` or `uv tool install ocrmypdf`).\n"
)
_CLEAN = ("scan300", "scan200", "bilevel300")
_HARD = ("fax", "faxfine", "skewed", "photo")


@dataclass(frozen=True)
class _Goal:
    words: str
    limit: float
    at_least: bool
    find: Callable[[Mapping[str, Any]], float | None]
    show: Callable[[float], str]


def _peer_ratio(peer: str, ours: str) -> Callable[[Mapping[str, Any]], float | None]:
    def find(result: Mapping[str, Any]) -> float | None:
        ratio = result["ratios"].get(peer, {}).get(ours, {}).get("scans")
        return None if ratio is None else float(ratio["wall"]["median"])

    return find


def _against_floor(result: Mapping[str, Any]) -> float | None:
    found = [_peer_ratio(peer, "all")(result) for peer in result["ratios"] if _side_by_side(peer)]
    return None if not found or found[0] is None else 1 / found[0]


def _side_by_side(peer: str) -> bool:
    return peer.startswith("tesseract-") and peer != "tesseract-1"


def _error_rate(conditions: Sequence[str]) -> Callable[[Mapping[str, Any]], float | None]:
    def find(result: Mapping[str, Any]) -> float | None:
        rates = [result["errors"][name]["all"]["cer"] for name in conditions if result["errors"].get(name)]
        return max(rates, default=None)

    return find


def _text_milliseconds(result: Mapping[str, Any]) -> float | None:
    text = result["times"]["all"].get("text")
    return None if text is None else 1000 * float(text["wall"]["median"])


def _rate(value: float) -> str:
    return f"{value:.4f}"


def _milliseconds(value: float) -> str:
    return f"{value:.1f} ms"


_GOALS = (
    _Goal("until sure, against OCRmyPDF as users run it", 12, True, _peer_ratio("ocrmypdf", "sure"), times_words),
    _Goal("until sure, against OCRmyPDF at its fastest", 5, True, _peer_ratio("ocrmypdf-fast", "sure"), times_words),
    _Goal("all pages, against OCRmyPDF as users run it", 6, True, _peer_ratio("ocrmypdf", "all"), times_words),
    _Goal("all pages, against OCRmyPDF at its fastest", 2.5, True, _peer_ratio("ocrmypdf-fast", "all"), times_words),
    _Goal("all pages, time of bare Tesseract with as many processes", 1.0, False, _against_floor, times_words),
    _Goal("worst CER of scans of 200 and 300 dpi", 0.045, False, _error_rate(_CLEAN), _rate),
    _Goal("worst CER of fax, tilt, photo", 0.06, False, _error_rate(_HARD), _rate),
    _Goal("a page of a PDF with a text layer", 5, False, _text_milliseconds, _milliseconds),
)


def write_peers(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the section.

    Parameters
    ----------
    result
        What ``training.benchmarks.reading_peers`` keeps.
    """
    yield "## Reading against others\n"
    yield machine_words(result)
    yield _method(result)
    if result["ocrmypdf"] is None:
        yield _NOT_INSTALLED
    yield from _goals(result)
    yield from _ratios(result)
    yield from _times(result)
    yield from _errors(result)
    yield from _routing(result)


def _method(result: Mapping[str, Any]) -> str:
    version = f" OCRmyPDF {result['ocrmypdf']}." if result["ocrmypdf"] else ""
    share = "all of them in every round" if result["every_file"] else "each round its share of them"
    return (
        f"Measured by `make bench-reading`:{version} {result['letters']} scanned letters never trained on, with the "
        f"copies behind them {result['pages']} pages, scanned, faxed and photographed in turn; {result['rounds']} "
        f"rounds, {share}. In a round every reader reads the same files, one reader after the other, in an order that "
        "turns; files and programs are in memory before. Readers of which fewer pages stand below are slow and took "
        "every third letter; ratios count only files that both read. Processor time includes every child process. "
        "Figures are medians of the rounds, with the lowest and highest round in brackets. OCRmyPDF gets pictures "
        "wrapped as PDF without loss, and runs with `-l deu --rotate-pages --deskew --skip-text --output-type pdf`; at "
        "its fastest also with `OMP_THREAD_LIMIT=1`, `--jobs 1 --optimize 0 --fast-web-view 0`. Deciding is part of "
        f"the time of reading until sure. Model: {result['model']}.\n"
    )


def _goals(result: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for goal in _GOALS:
        value = goal.find(result)
        wanted = ("≥ " if goal.at_least else "≤ ") + goal.show(goal.limit)
        if value is None:
            rows.append((goal.words, wanted, "–", "not measured"))
            continue
        met = value >= goal.limit if goal.at_least else value <= goal.limit
        rows.append((goal.words, wanted, goal.show(value), "met" if met else "**missed**"))
    yield from table(("goal", "wanted", "measured", ""), rows)


def _spread(figure: Mapping[str, Any] | None, digits: int = 2) -> str:
    if figure is None:
        return "–"
    return f"{figure['median']:.{digits}f} ({figure['low']:.{digits}f}–{figure['high']:.{digits}f})"


def _ratios(result: Mapping[str, Any]) -> Iterator[str]:
    words = {"all": "all pages", "first": "first page", "sure": "until sure"}
    for figure, name in (("wall", "wall time"), ("processor", "processor time")):
        rows = []
        for peer, by_ours in result["ratios"].items():
            cells = [_spread(by_ours[ours].get("scans", {}).get(figure)) for ours in words]
            pages = max((told["scans"]["pages"] for told in by_ours.values() if "scans" in told), default=0)
            rows.append((result["words"][peer], pages, *cells))
        head = (f"{name}: how many times ours", "pages", *(f"against {value}" for value in words.values()))
        yield from table(head, rows)


def _times(result: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for reader, groups in result["times"].items():
        for group, what in (("scans", "scans"), ("text", "PDFs with text"), ("mail", "mails")):
            if group in groups:
                told = groups[group]
                rows.append((result["words"][reader], what, told["files"], told["pages"], _spread(told["wall"], 3),
                             _spread(told["processor"], 3)))  # fmt: skip
    yield from table(("reader", "what", "files", "pages", "s a page, wall", "s a page, processor"), rows)


def _errors(result: Mapping[str, Any]) -> Iterator[str]:
    readers = [name for name in result["words"] if any(name in told for told in result["errors"].values())]
    head = ["pages", *(f"{result['words'][name]}: CER / WER (pages)" for name in readers)]
    rows = []
    for condition, told in result["errors"].items():
        cells = []
        for name in readers:
            figures = told.get(name)
            failed = f", {figures['failed']} empty" if figures and figures["failed"] else ""
            cells.append(
                f"{figures['cer']:.4f} / {figures['wer']:.4f} ({figures['pages']}{failed})" if figures else "–"
            )
        if told:
            rows.append((CONDITIONS.get(condition, "PDF with text"), *cells))
    yield (
        "CER and WER: share of characters and of words to change to get from what was read to what stands on the "
        "pages; stamps and fax lines do not count. Not every reader read every file, so compare within a row.\n"
    )
    yield from table(head, rows)


def _routing(result: Mapping[str, Any]) -> Iterator[str]:
    rows = []
    for name, told in result["routing"].items():
        wrong = told["wrong"]
        rows.append((
            result["words"][name], told["n"], percent(told["right"]["value"]), span(told["right"]["interval"]),
            percent(told["routed"]["value"]), f"{wrong['hits']} of {wrong['n']}", span(wrong["interval"]),
            told["parted"],
        ))  # fmt: skip
    yield "Routing on the same scans; a letter that was taken for several counts by the first.\n"
    yield from table(
        ("reading", "letters", "right post", "95 %", "routed", "wrong among routed", "95 %", "taken for several"), rows
    )
