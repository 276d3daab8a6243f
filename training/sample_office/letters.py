# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Written letters: reading, checking and filling the YAML files of ``data_samples/letters``.

A slot such as ``{{ c.name }}`` does not simply become text. Its value carries invisible marks
(characters of Unicode's private use area), so that after rendering the exact position of every
filled slot and the role it plays are known. These positions train and test the recognition of
facts; nobody has to annotate by hand.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import yaml
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

__all__ = ["FilledText", "Labels", "Span", "WrittenLetter", "fill", "load_letters", "mark", "unmark"]

MATTERS = [
    "studium",
    "ausbildung",
    "fachkraft",
    "blaue_karte",
    "chancenkarte",
    "selbstaendig",
    "familie",
    "niederlassung",
    "freizuegigkeit",
    "humanitaer",
    "ukraine",
    "asyl",
    "duldung",
    "beschaeftigung",
    "reiseausweis",
    "umverteilung",
    "integrationskurs",
    "termin",
    "fachkraefteverfahren",
    "verpflichtung",
    "visum",
    "einbuergerung",
    "rueckfuehrung",
    "klage",
    "akteneinsicht",
    "zustaendigkeit",
    "irrlaeufer",
]
SENDERS = [
    "applicant",
    "relative",
    "friend",
    "employer",
    "university",
    "school",
    "chamber",
    "course_provider",
    "host",
    "landlord",
    "embassy",
    "bamf",
    "lawyer",
    "court",
    "prosecutor",
    "police",
    "prison",
    "jobcenter",
    "social_office",
    "youth_office",
    "registry_office",
    "residents_registration",
    "other_immigration_office",
    "health",
    "ngo",
    "company",
    "insurer",
    "other_authority",
    "unknown",
]
CHANNELS = ("letter", "scan", "fax", "photo", "mail", "form")
REVIEW_REASONS = ("low_confidence", "novel", "several_letters", "no_person", "confidential")
ROLES = re.compile(r"^(c|s|h|l|g|t|w|e2?|r[1-5]|x[1-6])$")

_OPEN, _CLOSE = "\ue000", "\ue001"
_LABEL_BASE = 0xE100
_PAGE_BREAK = re.compile(r"^=== page ===\s*$", re.MULTILINE)


class Companion(BaseModel):
    """A companion paper that travels with a letter."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    title: str
    body: str


class Role(BaseModel):
    """What the letter fixes about one of its people."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    relation: Literal["child", "spouse", "parent", "sibling"] | None = None


class WrittenLetter(BaseModel):
    """One written letter as it stands in the YAML file (see ``data_samples/letters/README.md``)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: str = Field(pattern=r"^k\d\d-[a-z0-9-]+$")
    kind: int = Field(ge=1, le=38)
    matter: str
    sender: str
    language: str = Field(pattern=r"^[a-z]{2}$")
    urgent: bool = False
    channels: tuple[str, ...] = Field(min_length=1)
    file: Literal["known", "unknown", "either"] = "either"
    nationalities: tuple[str, ...] = ()
    people: Mapping[str, Role] = {}
    traps: tuple[str, ...] = ()
    review: str | None = None
    letterhead: str = ""
    address: str = ""
    recipient: str = ""
    reference: str = ""
    subject: str = ""
    body: str = ""
    form: tuple[tuple[str, str] | tuple[str], ...] = ()
    attachments: tuple[Companion, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """Position of a filled slot: ``text[start:end]`` plays ``label`` (``role.field``)."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class FilledText:
    """Text without marks and the spans of its slots in order of their start."""

    text: str
    spans: tuple[Span, ...]


class Labels:
    """Gives every label a character of its own, so that marks survive filters such as ``upper``."""

    def __init__(self) -> None:
        self._labels: list[str] = []

    def character(self, label: str) -> str:
        """Return the character that stands for `label`."""
        if label not in self._labels:
            self._labels.append(label)
        return chr(_LABEL_BASE + self._labels.index(label))

    def label(self, character: str) -> str:
        """Return the label that `character` stands for."""
        return self._labels[ord(character) - _LABEL_BASE]


def mark(labels: Labels, label: str, value: str) -> str:
    """Wrap `value` in invisible marks; an empty value stays empty, so that ``{% if %}`` works."""
    return f"{_OPEN}{labels.character(label)}{value}{_CLOSE}" if value else ""


def unmark(labels: Labels, marked: str) -> FilledText:
    """Take the marks out and return the text with the positions of its slots."""
    out: list[str] = []
    spans: list[Span] = []
    stack: list[tuple[int, str]] = []
    length = 0
    characters = iter(marked)
    for character in characters:
        if character == _OPEN:
            stack.append((length, labels.label(next(characters))))
        elif character == _CLOSE:
            start, label = stack.pop()
            spans.append(Span(start, length, label))
        else:
            out.append(character)
            length += 1
    return FilledText("".join(out), tuple(sorted(spans, key=lambda span: (span.start, -span.end))))


_environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)


def fill(template: str, names: Mapping[str, Any]) -> str:
    """Render one template with marks still inside.

    Raises
    ------
    jinja2.TemplateError
        When the template is malformed or uses an unknown name.
    """
    return _compiled(template).render(names)


@lru_cache(maxsize=8192)
def _compiled(template: str) -> Template:
    # A line that only holds a condition leaves no empty line behind when it is false.
    return _environment.from_string(re.sub(r"(?m)^[ \t]*(\{%[^%]*%\})[ \t]*\n", r"\1", template))


def load_letters(folder: Path) -> list[WrittenLetter]:
    """Read all letters below `folder`, in order of file name and place.

    Raises
    ------
    ValueError
        With every mistake of every file, one a line.
    """
    letters: list[WrittenLetter] = []
    mistakes: list[str] = []
    for path in sorted(folder.glob("*.yaml")):
        for position, raw in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")) or []):
            try:
                letters.append(WrittenLetter.model_validate(raw))
            except ValidationError as error:
                for detail in error.errors():
                    where = ".".join(str(part) for part in detail["loc"])
                    name = raw.get("id", position) if isinstance(raw, dict) else position
                    mistakes.append(f"{path.name}: {name}: {where}: {detail['msg']}")
    mistakes += _cross_checks(letters)
    if mistakes:
        raise ValueError("\n".join(mistakes))
    return letters


def _cross_checks(letters: list[WrittenLetter]) -> Iterator[str]:
    seen: set[str] = set()
    for letter in letters:
        if letter.id in seen:
            yield f"{letter.id}: the id occurs twice"
        seen.add(letter.id)
        if not letter.id.startswith(f"k{letter.kind:02d}-"):
            yield f"{letter.id}: the id must start with k{letter.kind:02d}-"
        if letter.matter not in (*MATTERS, "by_case"):
            yield f"{letter.id}: unknown matter {letter.matter!r}"
        if letter.sender not in SENDERS:
            yield f"{letter.id}: unknown sender {letter.sender!r}"
        if letter.review is not None and letter.review not in REVIEW_REASONS:
            yield f"{letter.id}: unknown review reason {letter.review!r}"
        yield from (f"{letter.id}: unknown channel {name!r}" for name in letter.channels if name not in CHANNELS)
        yield from (f"{letter.id}: unknown role {name!r}" for name in letter.people if not ROLES.match(name))
        if letter.matter != "irrlaeufer" and not (letter.body.strip() or letter.form):
            yield f"{letter.id}: neither body nor form"
        if "form" in letter.channels and not letter.form:
            yield f"{letter.id}: channel form without a form"


def pages(body: str) -> list[str]:
    """Split a body at its page marks."""
    return _PAGE_BREAK.split(body)
