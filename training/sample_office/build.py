# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Writes the sample office's mail as files: the history to train on, letters to test with, the inbox."""

import csv
import datetime as dt
import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import zxingcpp

from training.noise import misread
from training.sample_office.city import City
from training.sample_office.compose import Composed, Composer, split_letters
from training.sample_office.degrade import Condition, as_fax, as_photo, as_scan
from training.sample_office.layout import letter_pdf, paper_pdf, separator_pdf
from training.sample_office.letters import WrittenLetter, load_letters
from training.sample_office.mailbox import as_mail

__all__ = [
    "LATIN", "RENDER_CONDITIONS", "Rendered", "as_arrived", "batch_pdf", "plain_files", "render", "truth_of",
    "write_history", "write_rendered",
]  # fmt: skip

Progress = Callable[[int, int], None]

HISTORY_PERIOD = (dt.date(2025, 11, 1), dt.date(2026, 10, 31))
TEST_PERIOD = (dt.date(2026, 11, 2), dt.date(2026, 11, 20))
RENDER_CONDITIONS: tuple[str, ...] = (
    "scan300", "scan200", "bilevel300", "skewed", "rotated", "poor", "fax", "faxfine", "photo", "letter", "form",
    "mail",
)  # fmt: skip
_DRAW = 1000
_SCANNED = ("scan", "fax", "photo")
LATIN = frozenset(["de", "en", "fr", "it", "es", "tr", "pt", "pl", "nl", "sq", "bs", "hr", "ro"])


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file made of a letter: its name's ending and bytes."""

    suffix: str
    data: bytes
    channel: str


def truth_of(letter: Composed) -> dict[str, object]:
    """Return everything known about a letter, for tests and measurements."""
    concerned = letter.people.get("c")
    return {
        "letter_id": letter.letter_id,
        "variant": letter.variant,
        "kind": letter.written.kind,
        "matter": letter.matter,
        "post": letter.post,
        "sender": letter.written.sender,
        "language": letter.written.language,
        "urgent": letter.written.urgent,
        "review": letter.written.review,
        "in_case_list": letter.in_case_list,
        "received": letter.received.isoformat(),
        "surname": concerned.surname if concerned else None,
        "given_names": concerned.given if concerned else None,
        "birth_date": concerned.birth.isoformat() if concerned else None,
        "nationality": concerned.nation if concerned else None,
        "file_reference": concerned.own if concerned and letter.in_case_list else None,
        "traps": list(letter.written.traps),
    }


_SHARES = {"applicants": 0.45, "authorities": 0.25, "law": 0.10, "work": 0.12, "noise": 0.08}
"""Shares of the classes of senders in the mail, an assumption about such offices rather than a measurement."""

_CLASS_OF_KIND = (
    dict.fromkeys((1, 2, 3, 4, 5, 12, 32, 34, 35, 36), "applicants")
    | dict.fromkeys((13, 14, 15, 16, 17, 24, 25, 26, 27, 28, 29, 30, 31), "authorities")
    | dict.fromkeys((18, 19, 20, 21, 22, 23), "law")
    | dict.fromkeys((6, 7, 8, 9, 10, 11, 33, 37), "work")
    | {38: "noise"}
)


def _plan_letters(letters: Sequence[WrittenLetter], count: int, rng: random.Random) -> list[tuple[WrittenLetter, int]]:
    """Choose which fillings to make: classes of senders by their share, within a class every letter as often."""
    by_class: dict[str, list[WrittenLetter]] = defaultdict(list)
    for letter in letters:
        by_class[_CLASS_OF_KIND[letter.kind]].append(letter)
    chosen: list[tuple[WrittenLetter, int]] = []
    for name, members in sorted(by_class.items()):
        wanted = round(count * _SHARES[name])
        order = rng.sample(members, len(members))
        chosen += [(order[place % len(order)], place // len(order)) for place in range(wanted)]
    rng.shuffle(chosen)
    return chosen


def plain_files(city: City, letter: Composed, rng: random.Random) -> Rendered:
    """Return a letter as an archive exports it: mails as messages, paper as the text recognised back then."""
    channels = letter.written.channels
    if "mail" in channels and (len(channels) == 1 or rng.random() < 0.6):
        files = [
            (f"{letter.plain(title)[:40].strip() or 'Anlage'}.txt", "text/plain", letter.plain(body).encode())
            for title, body in letter.companions
        ]
        return Rendered(".eml", as_mail(letter, city.plan.file.office.email, rng, files), "mail")
    channel = next((name for name in rng.sample(channels, len(channels)) if name != "mail"), "letter")
    filled = letter.filled(city.plan)
    if channel in _SCANNED:
        filled = misread(filled, rng, rng.choice((0.003, 0.006, 0.012, 0.025)))
    return Rendered(".txt", filled.text.encode(), channel)


def write_history(
    city: City, target: Path, count: int, progress: Progress, *, side: str = "train", draw: int = 0
) -> Path:
    """Write labelled letters and their ``history.csv``; the same arguments give the same files.

    Parameters
    ----------
    city
        The sample office.
    target
        Folder for the files.
    count
        How many letters.
    progress
        Called with done and all.
    side
        ``train`` or ``test``: which of the written letters.
    draw
        Another number gives another draw with other people and numbers, from the same city.
    """
    letters = load_letters(city.folder / "letters")
    split = split_letters(letters)
    wanted = [letter for letter in letters if split[letter.id] == side]
    composer = Composer(city)
    rng = random.Random(f"{city.seed}/history/{side}" + (f"/{draw}" if draw else ""))
    period = HISTORY_PERIOD if side == "train" else TEST_PERIOD
    (target / "mail").mkdir(parents=True, exist_ok=True)
    rows, truths = [], []
    planned = _plan_letters(wanted, count, rng)
    for done, (letter, variant) in enumerate(planned, start=1):
        composed = composer.compose(letter, variant + draw * _DRAW, period=period, held_out=side == "test")
        rendered = plain_files(city, composed, random.Random(f"{composed.name}/plain"))
        name = f"mail/{composed.name}{rendered.suffix}"
        (target / name).write_bytes(rendered.data)
        rows.append(_row(name, composed, rendered.channel))
        truths.append({"file": name, **truth_of(composed)})
        progress(done, len(planned))
    return _write_tables(target, rows, truths)


def _row(name: str, letter: Composed, channel: str) -> dict[str, str]:
    return {
        "file": name,
        "received_at": letter.received.isoformat(),
        "post": letter.post,
        # Nobody in a mail room notes a matter that the letter does not tell.
        "matter": "" if letter.written.matter == "by_case" else letter.matter,
        "channel": channel,
        "letter_id": letter.letter_id,
    }


def _write_tables(target: Path, rows: Sequence[dict[str, str]], truths: Sequence[dict[str, object]]) -> Path:
    path = target / "history.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        columns = ["file", "received_at", "post", "matter", "channel", "letter_id"]
        writer = csv.DictWriter(out, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    lines = "".join(json.dumps(truth, ensure_ascii=False) + "\n" for truth in truths)
    (target / "truth.jsonl").write_text(lines, encoding="utf-8")
    return path


def render(city: City, letter: Composed, condition: str, rng: random.Random, *, quality: int = 55) -> Rendered:
    """Return a letter as the file a scanner, fax server, telephone or mail program makes of it.

    Parameters
    ----------
    city, letter
        Whom it is addressed to, and the filled letter.
    condition
        One of ``RENDER_CONDITIONS``.
    rng
        Chooses everything else.
    quality
        JPEG quality of grey scans.
    """
    address = city.plan.file.office.address
    if condition == "mail":
        files: list[tuple[str, str, bytes]] = []
        for title, body in letter.companions:
            pdf = paper_pdf(letter.plain(title), letter.plain(body), rng)
            name = letter.plain(title)[:40].strip() or "Anlage"
            if rng.random() < 0.4:
                files.append((f"{name}.jpg", "image/jpeg", as_photo(pdf, rng)))
            else:
                files.append((f"{name}.pdf", "application/pdf", pdf))
        return Rendered(".eml", as_mail(letter, city.plan.file.office.email, rng, files), "mail")
    pdf = letter_pdf(letter, address, rng, fields=condition == "form")
    if condition in ("letter", "form"):
        return Rendered(".pdf", pdf, condition)
    return as_arrived(pdf, letter, condition, rng, quality=quality)


def as_arrived(pdf: bytes, letter: Composed, condition: str, rng: random.Random, *, quality: int = 55) -> Rendered:
    """Return clean pages as a scanner, fax server or telephone makes them; a photo shows the first page only.

    Parameters
    ----------
    pdf
        The clean pages.
    letter
        Whose days of writing and receipt stand in the fax line and the stamp.
    condition
        One of ``RENDER_CONDITIONS`` that leaves pictures.
    rng, quality
        As for ``render``.
    """
    if condition in ("fax", "faxfine"):
        clock = f"{rng.randint(7, 18):02d}:{rng.randint(0, 59):02d}"
        header = f"{letter.date:%d.%m.%Y} {clock}  VON: {rng.randint(1000, 99999)}"
        return Rendered(".tif", as_fax(pdf, rng, fine=condition == "faxfine", header=header), "fax")
    if condition == "photo":
        return Rendered(".jpg", as_photo(pdf, rng, turned=rng.random() < 0.3), "photo")
    kind: Condition = condition  # type: ignore[assignment]  # checked against RENDER_CONDITIONS by the caller
    text = f"EINGEGANGEN\n{letter.received:%d.%m.%Y}\nStadt Auenfurt" if rng.random() < 0.6 else ""
    tiff = condition == "bilevel300" and rng.random() < 0.3
    scan = as_scan(pdf, kind, rng, stamp_text=text, tiff=tiff, quality=quality)
    return Rendered(".tif" if tiff else ".pdf", scan, "scan")


def condition_for(letter: WrittenLetter, rng: random.Random) -> str:
    """Choose a condition that suits the letter's channels and script."""
    channel = rng.choice(letter.channels)
    if channel in _SCANNED and letter.language not in LATIN:
        channel = "letter"
    if channel == "scan":
        return rng.choice(("scan300", "scan200", "bilevel300", "bilevel300", "skewed", "rotated"))
    if channel == "fax":
        return rng.choice(("fax", "faxfine"))
    return channel


def _render_one(
    job: tuple[Path, int, str, int, str, str, bool],
) -> tuple[dict[str, str], dict[str, object], str, bytes]:
    folder, seed, letter_id, variant, condition, prefix, held_out = job
    city = _city(folder, seed)
    letter = _letters(folder)[letter_id]
    period = TEST_PERIOD if held_out else HISTORY_PERIOD
    composed = Composer(city).compose(letter, variant, period=period, held_out=held_out)
    rendered = render(city, composed, condition, random.Random(f"{composed.name}/{condition}"))
    name = f"{prefix}{composed.name}-{condition}{rendered.suffix}"
    truth = {"file": name, "condition": condition, **truth_of(composed)}
    return _row(name, composed, rendered.channel), truth, name, rendered.data


_cache: dict[object, object] = {}


def _city(folder: Path, seed: int) -> City:
    key = ("city", folder, seed)
    if key not in _cache:
        _cache[key] = City(folder, seed)
    return cast(City, _cache[key])


def _letters(folder: Path) -> dict[str, WrittenLetter]:
    key = ("letters", folder)
    if key not in _cache:
        _cache[key] = {letter.id: letter for letter in load_letters(folder / "letters")}
    return cast(dict[str, WrittenLetter], _cache[key])


def write_rendered(
    city: City,
    target: Path,
    count: int,
    progress: Progress,
    *,
    side: str = "test",
    conditions: Sequence[str] | None = None,
    processes: int = 2,
    draw: int = 0,
) -> Path:
    """Write letters as real files, several processes at a time.

    Parameters
    ----------
    city, target, count, progress
        As for ``write_history``.
    side
        Which of the written letters: ``test`` ones were never trained on.
    conditions
        Every letter in each of these; by default one that suits its channels.
    processes
        How many processes render.
    draw
        Another number gives another draw, from the same city.
    """
    letters = load_letters(city.folder / "letters")
    split = split_letters(letters)
    wanted = [letter for letter in letters if split[letter.id] == side]
    rng = random.Random(f"{city.seed}/rendered/{side}" + (f"/{draw}" if draw else ""))
    (target / "mail").mkdir(parents=True, exist_ok=True)

    def jobs() -> Iterator[tuple[Path, int, str, int, str, str, bool]]:
        for letter, variant in _plan_letters(wanted, count, rng):
            for condition in conditions or (condition_for(letter, rng),):
                yield city.folder, city.seed, letter.id, variant + draw * _DRAW, condition, "mail/", side == "test"

    planned = list(jobs())
    rows, truths = [], []
    with ProcessPoolExecutor(processes) as pool:
        for done, (row, truth, name, data) in enumerate(pool.map(_render_one, planned, chunksize=2), start=1):
            (target / name).write_bytes(data)
            rows.append(row)
            truths.append(truth)
            progress(done, len(planned))
    return _write_tables(target, rows, truths)


def batch_pdf(city: City, letters: Sequence[Composed], rng: random.Random, *, quality: int = 55) -> bytes:
    """Return several letters scanned in one go, separator sheets between them."""
    import io

    import pikepdf

    barcode = zxingcpp.create_barcode("PATCHT", zxingcpp.BarcodeFormat.Code128)
    separator = as_scan(separator_pdf(barcode.to_svg()), "scan200", rng, quality=quality)
    out = pikepdf.new()
    for number, letter in enumerate(letters):
        pieces = [as_scan(letter_pdf(letter, city.plan.file.office.address, rng), "scan200", rng, quality=quality)]
        if number:
            pieces.insert(0, separator)
        for piece in pieces:
            with pikepdf.open(io.BytesIO(piece)) as source:
                out.pages.extend(source.pages)
    target = io.BytesIO()
    out.save(target, deterministic_id=True)
    return target.getvalue()
