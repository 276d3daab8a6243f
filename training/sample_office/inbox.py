# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The committed inbox: real files of every kind, made of letters that training never sees, and their truth."""

import csv
import datetime as dt
import hashlib
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from training.sample_office import broken
from training.sample_office.build import LATIN, batch_pdf, render
from training.sample_office.city import City
from training.sample_office.compose import Composed, Composer, split_letters
from training.sample_office.degrade import as_scan
from training.sample_office.layout import letter_pdf, pages_pdf, paper_pdf
from training.sample_office.letters import WrittenLetter, load_letters
from training.sample_office.mailbox import as_mail
from training.sample_office.wishes import SPECIAL, WISHES, Wish

__all__ = ["COLUMNS", "CONDITION_WORDS", "InboxFile", "describe", "make_inbox", "write_inbox"]

Progress = Callable[[int, int], None]

COLUMNS = (
    "file", "letter", "condition", "channel", "received_at", "kind", "matter", "post", "review", "reason", "language",
    "urgent",
    "traps", "letter_id",
)  # fmt: skip
CONDITION_WORDS = SPECIAL | {
    "letter": "letter as PDF with a text layer",
    "form": "form as PDF, filled on the screen",
    "scan300": "scan, 300 dpi, grey",
    "scan200": "scan, 200 dpi, grey",
    "bilevel300": "scan, 300 dpi, black and white",
    "skewed": "scan, 300 dpi, fed in askew",
    "rotated": "scan, 300 dpi, sideways or upside down",
    "poor": "bad scan, 200 dpi, grey paper and dirt",
    "fax": "fax, standard resolution (204 × 98 dpi)",
    "faxfine": "fax, fine resolution (204 × 196 dpi)",
    "photo": "photo taken with a telephone",
    "mail": "mail",
}
_PERIOD = (dt.date(2026, 11, 2), dt.date(2026, 11, 16))
_LAST_DAY = dt.date(2026, 11, 20)
_VARIANT = 900
_QUALITY = 36
_CHANNEL_OF = (
    {"fax": "fax", "faxfine": "fax", "photo": "photo", "half_photo": "photo", "mail": "mail", "word_mail": "mail"}
    | dict.fromkeys(("letter", "mixed", "guarded", "locked", "long"), "letter")
    | {"form": "form"}
)
_NAME_WORD = {"scan": "scan", "fax": "fax", "photo": "foto", "mail": "mail", "letter": "upload", "form": "upload"}
_WRONG_KIND = {"word": "upload", "program": "upload"}
_PAPER = ("letter", "scan")
_REASONS = {"locked": "encrypted", "long": "too_large", "word": "no_person"} | dict.fromkeys(
    ("truncated", "half_photo", "program", "blank", "empty"), "unreadable"
)
_BEGIN, _END = "<!-- inbox: begin -->", "<!-- inbox: end -->"


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file of the inbox before it has its name.

    Attributes
    ----------
    condition
        What became of the letter.
    suffix, data
        Ending of the name, and bytes.
    received
        Day of receipt.
    letters
        The letters in it, in order; none in some broken files.
    """

    condition: str
    suffix: str
    data: bytes
    received: dt.date
    letters: tuple[Composed, ...] = field(default=())

    @property
    def channel(self) -> str:
        """How it arrived."""
        return _CHANNEL_OF.get(self.condition, "scan")


def make_inbox(
    city: City, seed: int, progress: Progress, wishes: Sequence[Wish] = WISHES
) -> list[tuple[str, InboxFile]]:
    """Make the inbox's files in memory.

    Parameters
    ----------
    city
        The sample office.
    seed
        Another seed chooses other letters and other faults.
    progress
        Called with done and all.
    wishes
        What to make.

    Returns
    -------
    list of (str, InboxFile)
        Names, which tell day and channel only, and files, in order of receipt.
    """
    letters = load_letters(city.folder / "letters")
    split = split_letters(letters)
    unused = {letter.id: letter for letter in letters if split[letter.id] == "test"}
    composer = Composer(city)
    files: list[InboxFile] = []
    for done, wish in enumerate(wishes, start=1):
        chosen = [_choose(unused, wish, f"{seed}/" if seed else "") for place in range(wish.letters)]
        composed = [
            composer.compose(letter, _VARIANT + seed, period=_PERIOD, held_out=True) for letter in chosen if letter
        ]
        files += _files(city, wish, composed, random.Random(f"{city.seed}/{seed}/inbox/{done}"))
        progress(done, len(wishes))
    order = sorted(files, key=lambda file: (file.received, hashlib.sha256(file.data).hexdigest()))
    return [(_name(file, number), file) for number, file in enumerate(order, start=1)]


def _choose(unused: dict[str, WrittenLetter], wish: Wish, salt: str) -> WrittenLetter | None:
    """Take a letter that fits; which one depends on its id, so that other letters hardly change the choice.

    Without salt it is the one that ``split_letters`` holds out first: it stays unseen however many letters are added.
    """
    if wish.condition in ("word", "program", "blank", "empty"):
        return None
    fitting = [letter for letter in unused.values() if _fits(letter, wish)]
    if not fitting:
        raise LookupError(f"no letter fits {wish}")
    chosen = min(fitting, key=lambda letter: hashlib.sha256(f"{salt}{letter.id}".encode()).hexdigest())
    return unused.pop(chosen.id)


def _fits(letter: WrittenLetter, wish: Wish) -> bool:
    if wish.kinds and letter.kind not in wish.kinds:
        return False
    if letter.language not in wish.languages or (letter.review is not None) != wish.review:
        return False
    if wish.traps and not set(wish.traps) & set(letter.traps):
        return False
    if wish.condition == "mixed":
        return "letter" in letter.channels and bool(letter.attachments)
    if wish.condition == "twice":
        return "fax" in letter.channels and "letter" in letter.channels
    if wish.condition == "batch":
        return "scan" in letter.channels and not letter.form and letter.kind != 38
    channel = _CHANNEL_OF.get(wish.condition, "scan")
    if channel == "scan":
        return letter.language in LATIN and bool(set(letter.channels) & {*_PAPER})
    return channel in letter.channels


def _name(file: InboxFile, number: int) -> str:
    word = _WRONG_KIND.get(file.condition, _NAME_WORD[file.channel])
    return f"{file.received}_{number:04d}_{word}{file.suffix}"


def _files(city: City, wish: Wish, letters: Sequence[Composed], rng: random.Random) -> list[InboxFile]:
    condition = wish.condition
    received = min(max((letter.received for letter in letters), default=_some_day(rng)), _LAST_DAY)
    if condition == "twice":
        fax = render(city, letters[0], "faxfine", rng)
        post = render(city, letters[0], "bilevel300", rng)
        later = min(received + dt.timedelta(days=1), _LAST_DAY)
        return [
            InboxFile("faxfine", fax.suffix, fax.data, received, tuple(letters)),
            InboxFile("twice", post.suffix, post.data, later, tuple(letters)),
        ]
    if condition in SPECIAL:
        suffix, data = _special(city, condition, letters, rng)
    else:
        rendered = render(city, letters[0], condition, rng, quality=_QUALITY)
        suffix, data = rendered.suffix, rendered.data
    return [InboxFile(condition, suffix, data, received, tuple(letters))]


def _some_day(rng: random.Random) -> dt.date:
    day = _PERIOD[0] + dt.timedelta(days=rng.randrange(15))
    return day - dt.timedelta(days=max(0, day.weekday() - 4))


def _special(city: City, condition: str, letters: Sequence[Composed], rng: random.Random) -> tuple[str, bytes]:
    if condition == "batch":
        return ".pdf", batch_pdf(city, letters, rng, quality=_QUALITY)
    if not letters:
        return _without_letter(condition, rng)
    letter = letters[0]
    office = city.plan.file.office
    if condition == "word_mail":
        text = f"Anlage\n\n{letter.plain(letter.subject)}\n\nDieses Blatt ist mit einer Textverarbeitung geschrieben."
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
        return ".eml", as_mail(letter, office.email, rng, [("Anlage.docx", kind, broken.office_document(text))])
    if condition == "half_photo":
        return ".jpg", broken.cut_off(render(city, letter, "photo", rng).data, 0.55)
    if condition == "truncated":
        return ".pdf", broken.cut_off(render(city, letter, "scan200", rng, quality=_QUALITY).data, 0.7)
    clean = letter_pdf(letter, office.address, rng)
    if condition == "mixed":
        title, body = letter.companions[0]
        paper = as_scan(paper_pdf(letter.plain(title), letter.plain(body), rng), "scan200", rng, quality=_QUALITY)
        alone = letter_pdf(letter.without_companions(), office.address, rng)
        return ".pdf", broken.joined([alone, paper])
    if condition == "long":
        return ".pdf", broken.long_copy(clean, "Ausdruck aus der Akte", 118, rng)
    return ".pdf", broken.locked(clean, to_open="Kornblume" if condition == "locked" else "")


def _without_letter(condition: str, rng: random.Random) -> tuple[str, bytes]:
    if condition == "blank":
        return ".pdf", as_scan(pages_pdf([""]), "scan200", rng, quality=_QUALITY)
    if condition == "word":
        return ".pdf", broken.office_document("Sehr geehrte Damen und Herren,\n\nanbei mein Antrag.")
    return ".pdf", broken.not_a_document(rng) if condition == "program" else b""


def _rows(name: str, file: InboxFile) -> list[dict[str, str]]:
    """Return what is true about a file, one row for each letter in it."""
    reason = _REASONS.get(file.condition, "")
    rows = []
    for place, letter in enumerate(file.letters or (None,), start=1):
        row = dict.fromkeys(COLUMNS, "") | {
            "file": name,
            "letter": str(place),
            "condition": file.condition,
            "channel": file.channel,
            "received_at": file.received.isoformat(),
            "review": "yes" if reason else "no",
            "reason": reason,
        }
        if letter is not None:
            own = reason or letter.written.review or ("misdirected" if letter.matter == "irrlaeufer" else "")
            row |= {
                "kind": str(letter.written.kind),
                "matter": letter.matter,
                "post": letter.post,
                "review": "yes" if reason or letter.written.review else "no",
                "reason": own,
                "language": letter.written.language,
                "urgent": "yes" if letter.written.urgent else "no",
                "traps": ";".join(letter.written.traps),
                "letter_id": letter.letter_id,
            }
        rows.append(row)
    return rows


def write_inbox(files: Iterable[tuple[str, InboxFile]], target: Path) -> list[dict[str, str]]:
    """Write files and ``truth.csv``; what an earlier run left is removed.

    Returns
    -------
    list of dict
        The rows of the truth table.
    """
    target.mkdir(parents=True, exist_ok=True)
    for old in target.iterdir():
        if re.match(r"20\d\d-\d\d-\d\d_\d{4}_", old.name):
            old.unlink()
    rows: list[dict[str, str]] = []
    for name, file in files:
        (target / name).write_bytes(file.data)
        rows += _rows(name, file)
    with (target / "truth.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return rows


def describe(rows: Sequence[dict[str, str]], readme: Path) -> None:
    """Write the table of files into ``data_samples/README.md``, between its two marks."""
    lines = ["| file | what it is | kind | language | belongs to | a person must decide |", "|---|---|---|---|---|---|"]
    for row in rows:
        part = f", letter {row['letter']}" if row["condition"] == "batch" else ""
        urgent = ", urgent" if row["urgent"] == "yes" else ""
        person = f"yes: {row['reason']}" if row["review"] == "yes" else "no"
        what = CONDITION_WORDS[row["condition"]] + part + urgent
        cells = (row["file"], what, row["kind"], row["language"], row["post"], person)
        lines.append(f"| {' | '.join(cell or '–' for cell in cells)} |")
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(_BEGIN)
    after = rest.split(_END)[1]
    readme.write_text(before + _BEGIN + "\n" + "\n".join(lines) + "\n" + _END + after, encoding="utf-8")
