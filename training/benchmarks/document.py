# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Writes ``docs/benchmarks.md`` from what was measured; no figure in it is written by hand."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.benchmarks.deciding_peers.section import SECTIONS as DECIDING_SECTIONS
from training.benchmarks.peers_section import write_peers
from training.benchmarks.tables import CONDITIONS, machine_words, percent, span, table, times_words

__all__ = ["write_document"]

_HEAD = """<!--
SPDX-FileCopyrightText: 2026 Postweiche contributors
SPDX-License-Identifier: EUPL-1.2

Written by `make benchmarks`, `make bench-reading` and `make bench-deciding`. Do not edit: the next run writes it anew.
-->
# Benchmarks

Measured by `make benchmarks` (the section on other readers by `make bench-reading`; those on deciding against a peer,
evidence apart, learning curve, reorganisations and training on many letters by `make bench-deciding`) on the sample
office: fictional people, letters written by hand, rendered as the files that scanners, fax servers, telephones and mail
programs make. The model that is judged was fitted in the same run, to other written letters about other people than the
ones it is judged on. Intervals are 95 % Wilson intervals. Times are wall times; on a busy machine they tell more about
its load, which stands beside them, than about this software.
"""
_NOTES = Path(__file__).with_name("notes.md")


@dataclass(frozen=True)
class _Target:
    """A figure to reach, where it stands in the results, and whether high or low is good."""

    words: str
    part: str
    find: Callable[[Mapping[str, Any]], float | None]
    limit: float
    at_least: bool
    show: Callable[[float], str]
    count: Callable[[Mapping[str, Any]], int]
    least: int = 1
    """With fewer letters the figure is shown but not judged."""


def _seconds(value: float) -> str:
    return f"{value:.1f} s"


def _ms(value: float) -> str:
    return f"{value:.1f} ms"


def _gib(value: float) -> str:
    return f"{value:.2f} GiB"


def _mb(value: float) -> str:
    return f"{value:.1f} MB"


def _n(result: Mapping[str, Any]) -> int:
    return int(result["n"])


def _row(name: str, *path: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return what finds a figure in a row of a part; nothing where the row was not measured."""

    def find(result: Mapping[str, Any]) -> Any:
        found: Any = result["rows"].get(name)
        for key in path:
            found = None if found is None else found[key]
        return found

    return find


def _count(name: str, *path: str) -> Callable[[Mapping[str, Any]], int]:
    return lambda result: int(_row(name, *path)(result) or 0)


_PUBLIC = ("by_rate", "0", "ours")
_LEARNED = "train and cal"


_TARGETS = (
    _Target("right post among all", "rendered", lambda r: r["accuracy"], 0.85, True, percent, _n, least=300),
    _Target("right post among the first three", "rendered", lambda r: r["top3"], 0.95, True, percent, _n, least=300),
    _Target("error among routed", "rendered", lambda r: r["error_among_routed"], 0.02, False, percent,
            lambda r: int(r["routed"]), least=150),
    _Target("share routed", "rendered", lambda r: r["share_routed"], 0.60, True, percent, _n, least=300),
    _Target("misdirected mail recognised", "rendered", lambda r: r["misdirected"]["value"], 0.90, True, percent,
            lambda r: int(r["misdirected"]["n"]), least=20),
    _Target("one scanned page against bare single-thread Tesseract (median, wall time)", "reading",
            lambda r: r["all"]["ratio_clock"], 1.3, False, times_words, lambda r: int(r["all"]["letters"])),
    _Target("fitting a model to 5,000 letters of text", "training", lambda r: r["fitting_seconds"], 60.0, False,
            _seconds, lambda r: int(r["letters"]), least=5000),
    _Target("deciding a letter after reading (mean)", "deciding", lambda r: r["deciding"]["mean_ms"], 5.0, False, _ms,
            lambda r: int(r["letters"])),
    _Target("right ministry, public inquiries", "peers_public", _row(_LEARNED, *_PUBLIC, "right", "value"), 0.82, True,
            percent, _count(_LEARNED, *_PUBLIC, "n"), least=1000),
    _Target("right ministry among three, public inquiries", "peers_public",
            _row(_LEARNED, *_PUBLIC, "three", "value"), 0.965, True, percent, _count(_LEARNED, *_PUBLIC, "n"),
            least=1000),
    _Target("fitting to 5,000 letters in a process of its own", "training_size", _row("5000", "fit", "wall"), 60.0,
            False, _seconds, _count("5000", "letters"), least=4990),
    _Target("fitting to 50,000 letters of text", "training_size", _row("50000", "fit", "wall"), 300.0, False, _seconds,
            _count("50000", "letters"), least=49_990),
    _Target("memory for 50,000 letters, helpers included", "training_size", _row("50000", "memory_gib", "together"),
            4.0, False, _gib, _count("50000", "letters"), least=49_990),
    _Target("model file of 50,000 letters", "training_size", _row("50000", "model_mb"), 100.0, False, _mb,
            _count("50000", "letters"), least=49_990),
    _Target("deciding a letter after facts, model of 50,000 letters (mean)", "training_size",
            _row("50000", "deciding_ms", "mean"), 5.0, False, _ms, _count("50000", "timed"), least=100),
)  # fmt: skip


def write_document(results: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """Write the document from the results of all parts measured so far.

    Parameters
    ----------
    results
        By part; each holds ``machine`` and what was measured. A missing part is named as not measured.
    path
        Where to.
    """
    sections = [_HEAD, *_summary(results)]
    for part, write in _SECTIONS.items():
        if part in results:
            sections += write(results[part])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(sections).rstrip() + "\n", encoding="utf-8")


def _summary(results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "## Targets\n"
    rows = []
    for target in _TARGETS:
        result = results.get(target.part)
        value = target.find(result) if result is not None else None
        wanted = ("≥ " if target.at_least else "≤ ") + target.show(target.limit)
        if result is None or value is None:
            rows.append((target.words, wanted, "–", "–", "not measured" if result is None else "nothing to measure"))
            continue
        count = target.count(result)
        met = value >= target.limit if target.at_least else value <= target.limit
        verdict = "met" if met else f"**missed** by {target.show(abs(value - target.limit))}"
        if count < target.least:
            verdict = f"not judged: fewer than {target.least:,}"
        rows.append((target.words, wanted, target.show(value), str(count), verdict))
    yield from table(("figure", "target", "measured", "n", ""), rows)
    notes = _NOTES.read_text(encoding="utf-8")
    yield notes[notes.index("## ") :].rstrip() + "\n"


def _quality(title: str) -> Callable[[Mapping[str, Any]], Iterator[str]]:
    def write(result: Mapping[str, Any]) -> Iterator[str]:
        yield f"## {title}\n"
        yield machine_words(result)
        yield f"{result['n']} letters made of {result['written_letters']} written ones.\n"
        names = result["facts_model"]
        if names["trained_on"] != names["training_side_now"]:
            yield (
                f"The finder of names and roles was trained on {names['trained_on']} written letters, not on the "
                f"{names['training_side_now']} that now make the training side. It may have seen some of the letters "
                "judged here; the figures may flatter. `make facts-model` trains it anew.\n"
            )
        misdirected = result["misdirected"]
        yield from table(
            ("figure", "value", "95 % interval", "n"),
            [
                ("right post first", percent(result["accuracy"]), span(result["accuracy_interval"]), result["n"]),
                ("right post among three", percent(result["top3"]), span(result["top3_interval"]), result["n"]),
                ("routed", percent(result["share_routed"]), span(result["share_routed_interval"]), result["n"]),
                ("wrong among routed", percent(result["error_among_routed"]), span(result["error_interval"]),
                 result["routed"]),
                ("misdirected recognised", percent(misdirected["value"]), span(misdirected["interval"]),
                 misdirected["n"]),
                ("macro F1", f"{result['macro_f1']:.3f}", "", result["n"]),
                ("calibration error", f"{result['calibration']['ece'] or 0:.3f}", "", result["calibration"]["n"]),
            ],
        )  # fmt: skip
        for name, words in (("per_channel", "channel"), ("per_field", "field")):
            yield from table(
                (words, "n", "right first", "routed", "wrong among routed"),
                [
                    (group, f["n"], percent(f["accuracy"]), percent(f["share_routed"]), percent(f["error"]))
                    for group, f in result[name].items()
                ],
            )
        reasons = ", ".join(f"{name} {count}" for name, count in result["reasons"].items())
        yield f"Reasons for review: {reasons or 'none'}.\n"
        seconds = ", ".join(f"{name} {value:.3f} s" for name, value in result["seconds_per_letter"].items())
        yield f"Seconds a letter: {seconds}.\n"

    return write


def _reading(result: Mapping[str, Any]) -> Iterator[str]:
    yield "## Reading page images\n"
    yield machine_words(result)
    yield (
        "Every file is read once by this project and once by `tesseract page.png - -l deu+eng` with "
        "`OMP_THREAD_LIMIT=1`, one after the other and in turn. CER: character error rate against the text the page "
        "was made from.\n"
    )
    rows = [
        (CONDITIONS.get(name, name), f["letters"], f["pages"], f"{f['cer']:.4f}", f"{f['found']}/{f['wanted']}",
         f"{f['seconds_a_page']:.2f}", times_words(f["ratio_clock"]), times_words(f["ratio_cpu"]))
        for name, f in result.items()
        if name != "machine"
    ]  # fmt: skip
    head = ("pages", "letters", "pages", "CER", "numbers and names found", "s a page", "wall against bare", "CPU")
    yield from table(head, rows)


def _training(result: Mapping[str, Any]) -> Iterator[str]:
    yield "## Training\n"
    yield machine_words(result)
    rows = [
        ("reading the files", _seconds(result["reading_seconds"])),
        ("finding facts", _seconds(result["facts_seconds"])),
        ("fitting and calibrating", _seconds(result["fitting_seconds"])),
        *((f"— {name}", _seconds(value)) for name, value in result["fitting_steps"].items()),
        ("together", _seconds(result["total_seconds"])),
    ]
    many, load = result["processes"], result["load"]
    yield f"{result['letters']} letters of text and mail, {many} processes, wall time; load at the end {load:.1f}.\n"
    yield from table(("step", "time"), rows)
    cross = result["cross_fitted"]
    yield (
        f"Out of fold: right first {percent(cross['accuracy'])}, among three {percent(cross['top3'])}, routed "
        f"{percent(cross['share_routed'])}, wrong among routed {percent(cross['error_among_routed'])} "
        f"({cross['n']} letters).\n"
    )


def _deciding(result: Mapping[str, Any]) -> Iterator[str]:
    yield "## Time to decide\n"
    yield machine_words(result)
    yield f"{result['letters']} letters one by one in one process, after reading; load {result['load']:.1f}.\n"
    rows = [
        (words, *(_ms(result[name][figure]) for figure in ("mean_ms", "median_ms", "p95_ms")))
        for name, words in (
            ("facts", "finding facts"),
            ("deciding", "deciding"),
            ("deciding_processor", "deciding, processor time"),
        )
    ]
    yield from table(("step", "mean", "median", "95 of 100 within"), rows)


def _bundestag(result: Mapping[str, Any]) -> Iterator[str]:
    yield "## Real routing decisions: inquiries to the German government\n"
    yield machine_words(result)
    yield (
        f"Title and abstract of written inquiries, the ministry that answered as label, no plan. Trained on "
        f"{result['trained_on']} older ones in {_seconds(result['fitting_seconds'])}, measured on {result['n']} newer "
        f"ones. Source: bundestag/dip21-daten (public domain).\n"
    )
    yield from table(
        ("figure", "value", "95 % interval"),
        [
            ("right first", percent(result["accuracy"]), span(result["accuracy_interval"])),
            ("among three", percent(result["top3"]), span(result["top3_interval"])),
            ("routed", percent(result["share_routed"]), span(result["share_routed_interval"])),
            ("wrong among routed", percent(result["error_among_routed"]), span(result["error_interval"])),
        ],
    )


_SECTIONS: dict[str, Callable[[Mapping[str, Any]], Iterator[str]]] = {
    "rendered": _quality("Unseen letters as scans, faxes, photos, PDFs and mails"),
    "text": _quality("Unseen letters as text"),
    "reading": _reading,
    "peers": write_peers,
    "training": _training,
    "deciding": _deciding,
    "bundestag": _bundestag,
    **DECIDING_SECTIONS,
}
