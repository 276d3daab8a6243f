# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letter to facts."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from spacy.tokens import Doc

from router.facts.confidential import is_confidential
from router.facts.dates import FoundDate, find_dates, find_deadlines
from router.facts.language import detect
from router.facts.machine_readable import references_in_codes, with_court_message
from router.facts.marks import find_addressees
from router.facts.masking import mask
from router.facts.model import FactsModel
from router.facts.names import mentions_of
from router.facts.persons import (
    NO_PERSON,
    Figure,
    attach_details,
    gather,
    nationality_in_passing,
    role_features,
    writes_for_themselves,
)
from router.facts.references import FoundReference, find_references
from router.facts.spans import ReadableText, overlaps
from router.office.office import Office
from router.office.surnames import name_tokens
from router.records import Deadline, Facts, Letter, LetterKind, Person, PersonRole, Reference

__all__ = ["OfficeWords", "extract", "extract_all", "figures_of", "office_words"]

_LONGEST = 30_000
"""Characters in which names are looked for; what matters stands at the front."""


@dataclass(frozen=True)
class OfficeWords:
    """What of the office's knowledge finding facts needs.

    Attributes
    ----------
    own_pattern
        Form of the office's file numbers.
    caseworkers
        Id and name of the staff.
    is_known
        Tells whether a folded word is part of a name in the case list.
    hide_origins
        Whether countries and nationalities are masked. Where a plan names them, its rules act on them openly; where
        there is none, the history may be any office's, and the country a letter is about may be its matter.
    """

    own_pattern: re.Pattern[str] | None = None
    caseworkers: Mapping[str, str] = field(default_factory=dict)
    is_known: Callable[[str], bool] | None = None
    hide_origins: bool = True


def office_words(office: Office) -> OfficeWords:
    """Return what finding facts needs of an office."""
    return OfficeWords(
        office.plan.file_reference if office.plan else None,
        office.caseworker_names,
        office.is_name_part,
        office.plan is not None,
    )


def figures_of(
    text: ReadableText,
    doc: Doc,
    words: OfficeWords,
    references: Sequence[FoundReference],
    dates: Sequence[FoundDate],
    today: dt.date,
) -> list[Figure]:
    """Find the people of a text with their details, before roles are known."""
    taken = [(reference.start, reference.end) for reference in references]
    mentions = [m for m in mentions_of(doc, words.is_known) if not overlaps(m.start, m.end, taken)]
    figures = gather(mentions)
    attach_details(text, figures, dates, today)
    return figures


def extract(letter: Letter, model: FactsModel, words: OfficeWords, received: dt.date) -> Facts:
    """Find everything in a letter that says who it is about and where it belongs.

    Parameters
    ----------
    letter
        As read.
    model
        Finds names and roles.
    words
        What the office knows.
    received
        Day of receipt; deadlines count from it.
    """
    return next(extract_all([(letter, received)], model, words))


def extract_all(letters: Iterable[tuple[Letter, dt.date]], model: FactsModel, words: OfficeWords) -> Iterator[Facts]:
    """Find the facts of many letters, each with its day of receipt; faster than one by one."""
    pairs = list(letters)
    docs = model.pipeline.pipe((letter.text[:_LONGEST] for letter, _received in pairs), batch_size=32)
    for (letter, received), doc in zip(pairs, docs, strict=True):
        yield _facts(letter, doc, model, words, received)


def _facts(letter: Letter, doc: Doc, model: FactsModel, words: OfficeWords, received: dt.date) -> Facts:
    places = letter.text_map
    text = ReadableText(places.text)
    found_references = find_references(text, words.own_pattern)
    if letter.court is not None:
        found_references = with_court_message(found_references, text, letter.court, words.own_pattern)
    dates = find_dates(text)
    figures = figures_of(text, doc, words, found_references, dates, received)
    described = role_features(text.text, figures, is_mail=letter.kind is LetterKind.MAIL)
    scores = model.roles.predict(described) if model.roles else [{} for _ in figures]
    persons = []
    kept: list[Figure] = []
    for figure, score in zip(figures, scores, strict=True):
        figure.scores = score
        best = max(score, key=lambda name: score[name]) if score else PersonRole.OTHER.value
        if best == NO_PERSON and score[best] > 0.6:
            continue
        ranked = {name: value for name, value in score.items() if name != NO_PERSON}
        best = max(ranked, key=lambda name: ranked[name]) if ranked else PersonRole.OTHER.value
        figure.role, figure.role_score = PersonRole(best), ranked.get(PersonRole.CONCERNED.value, 0.0)
        if len(figures) == 1 and figure.role is PersonRole.OFFICIAL and writes_for_themselves(text.text):
            # Whoever is the only one named and writes "my residence permit" signs for no office.
            figure.role = PersonRole.SENDER
        kept.append(figure)
        mention = figure.fullest
        persons.append(
            Person(
                mention.surname or mention.given,
                mention.given if mention.surname else "",
                figure.role,
                figure.birth_date,
                figure.nationality,
                places.place(mention.start, mention.end),
                figure.role_score,
                swappable=not mention.sure,
                other_surname=mention.other_surname,
            )
        )
    # What a barcode says was not read by its looks; it comes before the same number in print.
    references = references_in_codes(letter.codes, words.own_pattern) + tuple(
        Reference(
            reference.kind,
            reference.value,
            reference.owner,
            places.place(reference.start, reference.end) if reference.start >= 0 else None,
        )
        for reference in found_references
    )
    deadlines = tuple(
        Deadline(found.date, found.words, places.place(found.start, found.end))
        for found in find_deadlines(text, dates, received)
    )
    addressees = tuple(
        (person, places.place(start, end)) for person, start, end in find_addressees(text.text, words.caseworkers)
    )
    return Facts(
        language=detect(text.text),
        references=references,
        persons=_with_passing_nationality(persons, text.text),
        deadlines=deadlines,
        addressees=addressees,
        confidential=is_confidential(text.text),
        masked_text=mask(
            text.text,
            [(m.start, m.end) for f in kept for m in f.mentions],
            _personal(kept, words),
            hide_origins=words.hide_origins,
        ),
    )


def _personal(figures: Sequence[Figure], words: OfficeWords) -> Callable[[str], bool]:
    """Return what tells names: those the office knows, and whole names the letter surely gives, wherever they recur."""
    names = frozenset[str]().union(
        *(name_tokens(f.fullest.surname, f.fullest.given) for f in figures if f.fullest.sure and f.fullest.given)
    )

    def is_personal(folded: str) -> bool:
        return not name_tokens(folded).isdisjoint(names) or (words.is_known is not None and words.is_known(folded))

    return is_personal


def _with_passing_nationality(persons: list[Person], text: str) -> tuple[Person, ...]:
    """Give the person concerned the one country the letter mentions, if it states no nationality."""
    concerned = [person for person in persons if person.role is PersonRole.CONCERNED]
    if len(concerned) != 1 or concerned[0].nationality is not None:
        return tuple(persons)
    key = nationality_in_passing(text)
    if key is None:
        return tuple(persons)
    return tuple(replace(person, nationality=key) if person is concerned[0] else person for person in persons)
