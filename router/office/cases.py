# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The case list: files the office keeps, found by number, by person, by birth date."""

import csv
import datetime as dt
import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from router.errors import ImportMistakesError, NotFoundError
from router.office.surnames import name_tokens, same_person_name
from router.texts import _

__all__ = ["Case", "CaseList", "digits_of", "load_cases"]

COLUMNS = (
    "file_reference",
    "azr",
    "bamf_reference",
    "surname",
    "given_names",
    "aliases",
    "birth_date",
    "nationality",
    "post",
)
_REQUIRED = ("surname", "post")


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the office and the post that keeps it.

    ``aliases`` are further spellings of the whole name.
    """

    file_reference: str
    azr: str
    bamf_reference: str
    surname: str
    given_names: str
    aliases: tuple[str, ...]
    birth_date: dt.date | None
    nationality: str
    post: str

    @property
    def names(self) -> tuple[frozenset[str], ...]:
        """All spellings of the name as sets of parts."""
        spellings = [name_tokens(self.surname, self.given_names), *(name_tokens(alias) for alias in self.aliases)]
        return tuple(dict.fromkeys(tokens for tokens in spellings if tokens))


def digits_of(reference: str) -> str:
    """Return a reference without blanks and punctuation, in upper case, for comparing."""
    return re.sub(r"[^0-9A-Z]", "", reference.upper())


class CaseList:
    """All files, with the ways to find one.

    Parameters
    ----------
    cases
        In any order.
    version
        Hash of the imported file.
    """

    def __init__(self, cases: Iterable[Case] = (), version: str = "") -> None:
        self.cases = tuple(cases)
        self.version = version
        self._by_number: dict[str, list[Case]] = defaultdict(list)
        self._by_birth: dict[dt.date, list[Case]] = defaultdict(list)
        self._by_token: dict[str, list[Case]] = defaultdict(list)
        for case in self.cases:
            for number in (case.file_reference, case.azr, case.bamf_reference):
                if number:
                    self._by_number[digits_of(number)].append(case)
            if case.birth_date:
                self._by_birth[case.birth_date].append(case)
            for token in frozenset[str]().union(*case.names):
                self._by_token[token].append(case)

    def __len__(self) -> int:
        return len(self.cases)

    def by_number(self, number: str) -> list[Case]:
        """Return the files with this own, AZR or BAMF number, whatever its punctuation."""
        return list(self._by_number.get(digits_of(number), ()))

    def by_similar_number(self, number: str) -> list[tuple[Case, str]]:
        """Return files whose number differs in exactly one character, as recognition errors make it."""
        wanted = digits_of(number)
        found = []
        for position in range(len(wanted)):
            for digit in "0123456789":
                if digit != wanted[position]:
                    changed = wanted[:position] + digit + wanted[position + 1 :]
                    found += [(case, changed) for case in self._by_number.get(changed, ())]
        return found

    def by_birth_and_name(self, birth: dt.date, tokens: frozenset[str]) -> list[tuple[Case, float]]:
        """Return the files with this birth date whose name agrees at least in one part."""
        return [(case, level) for case in self._by_birth.get(birth, ()) if (level := agreement(case, tokens)) > 0]

    def by_name(self, tokens: frozenset[str]) -> list[tuple[Case, float]]:
        """Return the files whose name agrees in at least two parts, in any order and spelling known."""
        if len(tokens) < 2:
            return []
        rare = sorted(tokens, key=lambda token: len(self._by_token.get(token, ())))
        pool = {id(case): case for token in rare[:3] for case in self._by_token.get(token, ())}
        return [(case, level) for case in pool.values() if (level := agreement(case, tokens)) >= 1.0]

    def tokens(self) -> Iterator[str]:
        """Yield every part of every name; masking uses them."""
        yield from self._by_token


def agreement(case: Case, tokens: frozenset[str]) -> float:
    """Return 0 to 1: how well name parts agree with the best spelling of a file's name."""
    return max((same_person_name(spelling, tokens) for spelling in case.names), default=0.0)


def load_cases(path: Path, posts: Sequence[str] = ()) -> CaseList:
    """Load ``cases.csv``.

    Parameters
    ----------
    path
        The file: comma or semicolon separated, UTF-8.
    posts
        Posts of the plan; a file kept by another post is a mistake. Empty: any post.

    Raises
    ------
    NotFoundError
        When there is no such file.
    ImportMistakesError
        With every mistake and its line; nothing is taken over.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFoundError(_("There is no such file"), item=str(path)) from error
    mistakes: list[str] = []
    cases: list[Case] = []
    seen: dict[str, int] = {}
    for line, row in _rows(path, data, mistakes):
        case = _case(line, row, posts, mistakes)
        if case is None:
            continue
        if case.file_reference:
            number = digits_of(case.file_reference)
            if number in seen:
                mistakes.append(
                    _("line {line}: the file number is the same as in line {other} → one line for each file").format(
                        line=line, other=seen[number]
                    )
                )
            seen.setdefault(number, line)
        cases.append(case)
    if mistakes:
        raise ImportMistakesError(
            _("The case list has mistakes; nothing of it was taken over"),
            item=str(path),
            mistakes=mistakes,
            remedy=_("mend these lines and import it again"),
        )
    return CaseList(cases, hashlib.sha256(data).hexdigest()[:16])


def _rows(path: Path, data: bytes, mistakes: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        mistakes.append(_("line {line}: not UTF-8 text → save the file as UTF-8").format(line=line))
        return
    head = text.split("\n", 1)[0]
    reader = csv.DictReader(text.splitlines(keepends=True), delimiter=";" if head.count(";") > head.count(",") else ",")
    columns = [name.strip() for name in reader.fieldnames or []]
    reader.fieldnames = columns
    missing = [name for name in _REQUIRED if name not in columns]
    unknown = [name for name in columns if name not in COLUMNS]
    if missing:
        mistakes.append(_("line 1: the columns {columns} are missing").format(columns=", ".join(missing)))
    if unknown:
        mistakes.append(
            _("line 1: the columns {columns} are not known → the case list has {known}").format(
                columns=", ".join(unknown), known=", ".join(COLUMNS)
            )
        )
    if missing:
        return
    for row in reader:
        if any(value and value.strip() for value in row.values() if isinstance(value, str)):
            yield reader.line_num, {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}


def _case(line: int, row: dict[str, str], posts: Sequence[str], mistakes: list[str]) -> Case | None:
    before = len(mistakes)
    for name in _REQUIRED:
        if not row.get(name):
            mistakes.append(_("line {line}: {column} is empty → fill it in").format(line=line, column=name))
    birth: dt.date | None = None
    if row.get("birth_date"):
        birth = _date(row["birth_date"])
        if birth is None:
            mistakes.append(_("line {line}: birth_date is not a date → write it as 1990-01-31").format(line=line))
    nationality = row.get("nationality", "")
    if nationality and not re.fullmatch(r"\d{3}", nationality):
        mistakes.append(
            _("line {line}: nationality is not a three-digit key → use the key of Destatis").format(line=line)
        )
    if posts and row.get("post") and row["post"] not in posts:
        mistakes.append(
            _("line {line}: post {post} is not in the plan → add it to plan.yaml or mend the line").format(
                line=line, post=row["post"]
            )
        )
    if len(mistakes) > before:
        return None
    aliases = tuple(alias.strip() for alias in row.get("aliases", "").split(";") if alias.strip())
    return Case(
        row.get("file_reference", ""),
        row.get("azr", ""),
        row.get("bamf_reference", ""),
        row["surname"],
        row.get("given_names", ""),
        aliases,
        birth,
        nationality,
        row["post"],
    )


def _date(text: str) -> dt.date | None:
    for pattern in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return dt.datetime.strptime(text, pattern).date()  # noqa: DTZ007 - a birth date has no time zone
        except ValueError:
            continue
    return None
