# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The sections of ``docs/benchmarks.md`` that ``make bench-deciding`` measures."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from training.benchmarks.tables import machine_words, percent, span, table

__all__ = ["SECTIONS"]

Result = Mapping[str, Any]
_WHO = {"ours": "ours", "peer": "paperless-ngx's recipe"}


def _share(share: Result | None) -> str:
    """Return a share with its interval; a dash for one of nothing."""
    if share is None or share["value"] is None:
        return "–"
    return f"{percent(share['value'])} ({span(share['interval'])})"


def _quality(figures: Result) -> tuple[str, ...]:
    f1 = figures["macro_f1"]
    return (
        _share(figures["right"]), _share(figures["three"]), "–" if f1 is None else f"{f1:.3f}",
        *(percent(at["value"]) for at in figures["at"].values()),
    )  # fmt: skip


def _promise(figures: Result) -> tuple[str, str]:
    if "routed" not in figures:
        return "–", "–"
    wrong = figures["wrong"]
    words = f"{wrong['hits']} of {wrong['n']}" if wrong["n"] else "–"
    return percent(figures["routed"]["value"]), f"{words} ({span(wrong['interval'])})" if wrong["n"] else words


_QUALITY_HEAD = ("right first", "among three", "macro F1", "share at 2 % error", "share at 5 % error")
_PROMISE_HEAD = ("routed at the promise", "wrong among routed")
_SHARES = (
    "Shares in brackets are 95 % Wilson intervals. *Share at 2 % error*: which share could have gone unseen, most "
    "confident first, with at most 2 % wrong among them; read off the unseen letters afterwards, alike for all. "
    "*Routed at the promise*: what did go at the threshold found while fitting, gates included.\n"
)


def _peers(title: str, words: Callable[[Result], str]) -> Callable[[Result], Iterator[str]]:
    def write(result: Result) -> Iterator[str]:
        yield f"## {title}\n"
        yield machine_words(result)
        yield words(result)
        yield _SHARES
        rows, times = [], []
        for learned, row in result["rows"].items():
            for rate, both in row["by_rate"].items():
                for who, figures in both.items():
                    rows.append((learned, percent(float(rate)), _WHO[who], figures["n"], *_quality(figures),
                                 *_promise(figures)))  # fmt: skip
            for who, fit in row["fit"].items():
                ms = row["milliseconds"]
                facts = f"{ms['facts']['mean']:.1f} + {ms['deciding']['mean']:.1f} = " if who == "ours" else ""
                times.append((learned, f"{row['learned']:,}", _WHO[who], f"{fit['wall']:.1f} s",
                              f"{fit['processor']:.1f} s", f"{facts}{ms[who]['mean']:.1f} ms",
                              f"{ms[who]['p95']:.1f} ms", ms["letters"]))  # fmt: skip
        yield from table(("learned from", "disturbed", "who", "n", *_QUALITY_HEAD, *_PROMISE_HEAD), rows)
        yield (
            "Fitting with both cores, after facts were found; then letters one by one in one process, ours and the "
            "peer in turn, text already read. Ours: facts + deciding with its explanation.\n"
        )
        head = ("learned from", "letters", "who", "fit, wall", "fit, processor", "a letter (mean)", "95 of 100 within",
                "n")  # fmt: skip
        yield from table(head, times)

    return write


def _public_words(result: Result) -> str:
    return (
        "Title and abstract of written inquiries to the German government, the ministry that answered as label; in "
        "time order, judged on the newest. Both learn from the same text; no plan, no case list. Settings of the text "
        "model were chosen on this set and on the sample office alike, so another set may show a little less. Source: "
        "bundestag/dip21-daten (public domain). The peer is the recipe of paperless-ngx, implemented anew from its "
        "description: counts of words and pairs of words in at least 1 % of the texts, a multilayer perceptron with a "
        "tolerance of 0.01. *Disturbed*: so many of the characters misread or lost as recognition does it, in what is "
        "judged, not in what is learned from.\n"
    )


def _office_words(result: Result) -> str:
    first = next(iter(result["rows"].values()))
    written = first.get("written", {})
    return (
        f"{first['learned']:,} letters made of {written.get('learned', '–')} written ones to learn from; judged on "
        f"letters made of {written.get('unseen', '–')} other written ones about other people. *text alone*: neither "
        "plan nor case list, the posts as labels, for both. *plan and case list*: what an office has. The peer sees "
        "posts as labels in any case and is not measured twice.\n"
    )


def _ablation(result: Result) -> Iterator[str]:
    sizes = result["configuration"]
    yield "## Evidence apart and together\n"
    yield machine_words(result)
    yield (
        f"Sample office, {sizes['training']:,} letters to learn from, judged on letters never seen. Of each row only "
        "the named evidence is left; the weights are learned anew from it. *Right field*: the first post is one of "
        "those that share the matter, whatever the letter range. Where posts are equally likely, the plan's order "
        "decides. Gates are left out. Which matter it is within a field is told by the catalogue here, so that "
        "*everything* may differ a little from the product. *File* is the case list, asked with the numbers and "
        "persons found.\n"
    )
    groups: dict[str, list[tuple[str, Result]]] = {"evidence": [], "text": []}
    for key, row in result["rows"].items():
        kind, name = key.split("/", 1)
        groups[kind].append((name, row))
    rows: list[tuple[object, ...]] = [
        (name, row["n"], _share(row["right"]), _share(row["three"]), percent(row["field"]["value"]),
         percent(row["at"]["0.02"]["value"]))
        for name, row in groups["evidence"]
    ]  # fmt: skip
    yield from table(("evidence", "n", "right first", "among three", "right field", "share at 2 % error"), rows)
    yield (
        "The text model with parts left out: *alone*, whether the field of the letter's matter comes first (a letter "
        "whose words leave it to the file is a class of its own); *together*, the right post with all other "
        "evidence.\n"
    )
    rows = [
        (name, *(cell for told in (row["alone"], row["together"]) for cell in (
            _share(told["right"]), percent(told["three"]["value"]), percent(told["at"]["0.02"]["value"]))))
        for name, row in groups["text"]
    ]  # fmt: skip
    head = ("text model", *(f"{who}: {what}" for who in ("alone", "together")
                            for what in ("right first", "among three", "share at 2 % error")))  # fmt: skip
    yield from table(head, rows)


def _curve(result: Result) -> Iterator[str]:
    yield "## Little history, wrong labels\n"
    yield machine_words(result)
    yield (
        "Sample office with plan and case list, judged on letters never seen. With 0 letters there is no model: plan, "
        "case list and catalogue decide. From about 1,000 letters on they are variants of the same written ones, with "
        "other people, numbers and dates: 20,000 letters of a real office would teach more than these do.\n"
    )
    yield "![Quality over letters learned from and over wrong labels](images/learning-curve.png)\n"
    rows: dict[str, list[tuple[object, ...]]] = {"size": [], "wrong": []}
    for key, row in result["rows"].items():
        kind = key.split("/", 1)[0]
        first = f"{row['letters']:,}" if kind == "size" else percent(row["wrong_labels"])
        fit = f"{row['fit']['wall']:.1f} s" if "fit" in row else "–"
        rows[kind].append((first, row["written"], row["n"], _share(row["right"]), _share(row["three"]),
                           percent(row["at"]["0.02"]["value"]), *_promise(row), fit))  # fmt: skip
    head = ("written ones", "n", "right first", "among three", "share at 2 % error", *_PROMISE_HEAD, "fit, wall")
    yield from table(("letters", *head), rows["size"])
    if rows["wrong"]:
        yield (
            f"Wrong labels: post and matter of another letter that belongs elsewhere, in "
            f"{result['configuration']['training']:,} letters to learn from; what is judged on has right labels.\n"
        )
        yield from table(("wrong labels", *head), rows["wrong"])


def _changes(result: Result) -> Iterator[str]:
    yield "## Reorganisations without training\n"
    yield machine_words(result)
    yield (
        f"A model fitted to {result['configuration']['training']:,} letters under the old plan decides by the new plan "
        "and the new case list from the first day. Labels of the unseen letters are translated: where the new plan and "
        "the new holders of the files lead. *Moved* are the letters that belong to another post than before. New post: "
        "it takes the matter of the Blue Card from two posts; nobody ever had mail there.\n"
    )
    rows = []
    for name, row in result["rows"].items():
        for when in ("before", "after"):
            for which, key in (("all", when), ("moved", f"moved_{when}")):
                figures = row[key]
                rows.append((name, when, which, figures["n"], _share(figures["right"]), _share(figures["three"]),
                             *_promise(figures)))  # fmt: skip
    yield from table(("change", "", "letters", "n", "right first", "among three", *_PROMISE_HEAD), rows)


def _gathered(row: Result) -> str:
    return "kept" if row["gather_seconds"] is None else f"{row['gather_seconds']:.0f} s"


def _size(result: Result) -> Iterator[str]:
    yield "## Training on many letters\n"
    yield machine_words(result)
    yield (
        "Letters of the sample office as text, variants of the same written ones, in a process of its own. Memory: "
        "peak of the process that fits, with all letters loaded, and with its helpers, looked at twice a second, "
        "shared pages counted once. Reading and finding facts happen before and once for each letter; a retraining "
        "finds them kept.\n"
    )
    rows = [
        (f"{row['letters']:,}", row["written"], _gathered(row), f"{row['fit']['wall']:.1f} s",
         f"{row['fit']['processor']:.1f} s", f"{row['memory_gib']['itself']:.2f} GiB",
         f"{row['memory_gib']['together']:.2f} GiB", f"{row['model_mb']:.1f} MB",
         f"{row['deciding_ms']['mean']:.1f} / {row['deciding_ms']['p95']:.1f} ms ({row['timed']})")
        for row in result["rows"].values()
    ]  # fmt: skip
    head = ("letters", "written ones", "reading and facts", "fit, wall", "fit, processor", "memory", "with helpers",
            "model file", "deciding a letter, mean / 95 of 100 (n)")  # fmt: skip
    yield from table(head, rows)
    for row in result["rows"].values():
        steps = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in row["steps"].items())
        yield f"{row['letters']:,} letters by step: {steps}; load at the end {row['load']:.1f}.\n"


SECTIONS: dict[str, Callable[[Result], Iterator[str]]] = {
    "peers_public": _peers("Deciding against paperless-ngx: inquiries to the German government", _public_words),
    "peers_office": _peers("Deciding against paperless-ngx: the sample office", _office_words),
    "ablation": _ablation,
    "learning_curve": _curve,
    "reorganisation": _changes,
    "training_size": _size,
}
"""By part, in the order of the document."""
