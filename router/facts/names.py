# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Names of people in running text: spaCy's statistical component plus rules, and how a name divides.

The pipeline is a blank German one. Its trained component knows what stands around names; the rules know
titles, labels of forms and signatures. No list of real people is part of it, only common given names.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import simplemma
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from router.office.surnames import fold

__all__ = ["LABEL", "RULES", "Mention", "blank_pipeline", "given_names", "in_dictionary", "is_ordinary", "mentions_of"]

LABEL = "PERSON"
RULES = "name_rules"
_GIVEN_NAMES = Path(__file__).with_name("given_names.txt")

_UPPER = r"A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪİĶŁĻĽŃŅŇŐŒŘŚŞŠŤŪŮŰŹŻŽȘȚА-ЯҐЄІЇ"
_TOKEN = rf"[{_UPPER}][\w’'`´-]*[\w]|[{_UPPER}]\w?"
_PARTICLE = r"(?:von|van|der|den|de|del|della|di|da|dos|das|do|la|le|bin|ben|ibn|abu|al|el|zu|vom|zur|ter|ten)"
_NAME = rf"(?:(?:{_TOKEN})|{_PARTICLE})(?:[ -](?:(?:{_TOKEN})|{_PARTICLE})){{0,4}}"
_TITLED = re.compile(
    rf"\b(?:Herrn?|Herr|Frau|Fr\.|Hr\.|Fräulein|Mr\.?|Mrs\.?|Ms\.?|Mme|Madame|Monsieur|Sra?\.|Señora?|"
    rf"Sig\.(?:ra)?|Signora?)"
    rf"[ \n]+((?:(?:Prof|Dr|Dipl|RA|RAin|Ing|med|jur|Rechtsanwalt|Rechtsanwältin)\.?[ -]?){{0,"
    rf"3}}(?:{_TOKEN})(?: (?:(?:{_TOKEN})|{_PARTICLE})){{0,3}})"
)
_SURNAME_LABEL = (
    r"(?:Familienname|Nachname|Zuname|Name|Surname|Family name|Last name|Soyad[ıi]?|Nom de famille|Nom|Apellidos?"
    r"|Cognome|Прізвище|Фамилия|اللقب)"
)
_GIVEN_LABEL = r"(?:Vorname|Rufname|Given name|First name|Forename|Ad[ıi]?|Prénom|Nombre|Nome|Ім[’'`]я|Имя)"
_LABEL_END = r"(?:\(?[ns]\)?|n|s)?(?:[ /][^:\t\n]{0,30})?[ ]?(?:[:\t]|\.{2,}|  )[ \t.:]*"
_VALUE = rf"({_NAME}(?:, {_NAME})?)"
_SURNAME_FIELD = re.compile(rf"(?m)^[\W\d]{{0,6}}{_SURNAME_LABEL}{_LABEL_END}{_VALUE}", re.IGNORECASE)
_GIVEN_FIELD = re.compile(rf"(?m)^[\W\d]{{0,6}}{_GIVEN_LABEL}{_LABEL_END}{_VALUE}", re.IGNORECASE)
_CAPS_COMMA = re.compile(
    rf"(?<!\w)([{_UPPER}][{_UPPER}’'-]+(?: [{_UPPER}][{_UPPER}’'-]+){{0,2}}), ((?:{_TOKEN})(?: (?:{_TOKEN})){{0,2}})"
)
_CLOSING = re.compile(
    r"(?im)^[^\n]{0,30}\b(?:grü(?:ß|ss)e?n?|gruss|gruß|hochachtungsvoll|regards|sincerely|yours|thanks|thank "
    r"you|cordialement|salutations|saludos|atentamente|saygılarım(?:la|ızla)"
    r"|з повагою|с уважением|cordiali saluti|مع (?:خالص )?(?:التحية|الشكر|الاحترام)\w*|im auftrag|i\. ?a\.|"
    r"gez\.)[^\n]{0,40}$"
)
_SIGNATURE = re.compile(
    rf"^(?:gez\. |i\. ?A\. )?((?:(?:Prof|Dr|Dipl)\.[ -]?\w*\.? ?){{0,2}}(?:{_TOKEN})(?: (?:(?:{_TOKEN})|"
    rf"{_PARTICLE})){{1,3}})\s*[,(]?"
)
_FULL_NAME = re.compile(rf"(?<![\w-])(?:{_TOKEN})(?: (?:{_PARTICLE} )?(?:{_TOKEN})){{1,3}}(?![\w-])")
_TITLES = re.compile(r"^(?:(?:Prof|Dr|Dipl|RA|RAin|Ing|med|jur|Rechtsanwalt|Rechtsanwältin|Herrn?|Frau)\.?[ -]+)+")
_TITLE_BEFORE = re.compile(
    r"(?:Herrn?|Frau|Fr\.|Hr\.|Mr\.?|Mrs\.?|Ms\.?|Mme|Madame|Monsieur|Familie|Eheleute|Dr\.|Prof\.)\s*$"
)
_NOT_NAMES = frozenset(
    fold(word)
    for word in [
        "Sehr",
        "Damen",
        "Herren",
        "Ausländerbehörde",
        "Stadt",
        "Amt",
        "Landkreis",
        "Bundesamt",
        "Gericht",
        "Straße",
        "Telefon",
        "Fax",
        "Mail",
        "Datum",
        "Betreff",
        "Anlage",
        "Anlagen",
        "Unterschrift",
        "Antrag",
        "Bescheid",
        "Aktenzeichen",
        "Zeichen",
        "Geburtsdatum",
        "Staatsangehörigkeit",
        "Anschrift",
        "Adresse",
        "Vorname",
        "Nachname",
        "Name",
        "Geburtsort",
        "Auftrag",
        "Original",
        "Kopie",
        "Dank",
        "Grüßen",
        "Postfach",
        "Sachbearbeiter",
        "Sachbearbeiterin",
        "Kollegin",
        "Kollege",
        "Hallo",
        "Guten",
        "Tag",
        "Dear",
        "Sir",
        "Madam",
    ]
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name where it stands.

    Attributes
    ----------
    start, end
        Its place in the text.
    surname, given
        How it divides; ``given`` may be empty.
    sure
        True where form, comma, capitals or known given names show which part is which.
    other_surname
        Another reading of the surname, where the parts leave a choice.
    """

    start: int
    end: int
    surname: str
    given: str
    sure: bool
    other_surname: str = ""

    @property
    def tokens(self) -> frozenset[str]:
        """Its parts, folded."""
        return frozenset(re.findall(r"[^\W\d_]+", fold(f"{self.surname} {self.given}")))


@cache
def given_names() -> frozenset[str]:
    """Return common given names, folded."""
    lines = _GIVEN_NAMES.read_text(encoding="utf-8").splitlines()
    return frozenset(fold(line.strip()) for line in lines if line.strip() and not line.startswith("#"))


def _candidates(text: str) -> list[tuple[int, int]]:
    """Find names by titles, labels, capitals and signatures."""
    found: list[tuple[int, int]] = []
    for pattern in (_TITLED, _SURNAME_FIELD, _GIVEN_FIELD):
        found += [match.span(1) for match in pattern.finditer(text)]
    found += [match.span() for match in _CAPS_COMMA.finditer(text)]
    for closing in _CLOSING.finditer(text):
        position = closing.end()
        for _line in range(4):
            start = position + 1
            end = text.find("\n", start)
            line = text[start : end if end >= 0 else len(text)]
            signature = _SIGNATURE.match(line.strip())
            if signature and len(line.strip()) <= len(signature[0]) + 12:
                offset = start + line.index(signature[1])
                found.append((offset, offset + len(signature[1])))
                break
            if end < 0:
                break
            position = end
    return found


@Language.component(RULES)  # type: ignore[untyped-decorator]  # spaCy has no types
def name_rules(doc: Doc) -> Doc:
    """Add what the rules find to the entities, and mend their borders."""
    spans = list(doc.ents)
    for start, end in _candidates(doc.text):
        span = doc.char_span(start, end, label=LABEL, alignment_mode="expand")
        if span is not None and not _is_noise(span):
            spans.append(span)
    doc.ents = tuple(
        spacy.util.filter_spans([trimmed for span in spans if (trimmed := _trimmed(doc, span)) is not None])
    )
    return doc


def _is_noise(span: Span) -> bool:
    return all(fold(token.text) in _NOT_NAMES or not token.text[0].isalpha() for token in span)


def _trimmed(doc: Doc, span: Span) -> Span | None:
    """Cut words off both ends that belong to no name; stop at a line's end unless a comma joins the lines."""
    start, end = span.start, span.end

    def is_part(token_text: str) -> bool:
        return token_text[0].isalpha() and fold(token_text) not in _NOT_NAMES

    for index in range(start, end):
        if "\n" in doc[index].text and index > start and doc[index - 1].text != ",":
            end = index
            break
    while start < end and not is_part(doc[start].text):
        start += 1
    while end > start and not is_part(doc[end - 1].text):
        end -= 1
    return Span(doc, start, end, label=LABEL) if end > start else None


def blank_pipeline() -> Language:
    """Return a pipeline with the rules and no trained component yet."""
    pipeline = spacy.blank("de")
    pipeline.add_pipe(RULES)
    return pipeline


def mentions_of(doc: Doc, is_known: Callable[[str], bool] | None = None) -> list[Mention]:
    """Return the names of a processed text.

    Parameters
    ----------
    doc
        As the pipeline returns it.
    is_known
        Tells whether a folded word is part of a name in the case list. Two such words in a row are a name
        even where the pipeline saw none.
    """
    text = doc.text
    spans: list[tuple[int, int]] = [(span.start_char, span.end_char) for span in doc.ents if span.label_ == LABEL]
    spans = _with_free(spans, [match.span() for match in _FULL_NAME.finditer(text) if _is_full_name(match[0])])
    if is_known is not None:
        spans = _with_known(text, spans, is_known)
    divided = (divide(text, start, end) for start, end in spans)
    return [mention for mention in divided if mention is not None]


def _with_known(text: str, spans: Sequence[tuple[int, int]], is_known: Callable[[str], bool]) -> list[tuple[int, int]]:
    runs: list[list[re.Match[str]]] = []
    for match in re.finditer(rf"(?:{_TOKEN})", text):
        folded = re.findall(r"[^\W\d_]+", fold(match[0]))
        if not folded or not all(is_known(part) for part in folded) or folded[0] in _NOT_NAMES:
            continue
        if runs and re.fullmatch(r",? |[- ]", text[runs[-1][-1].end() : match.start()]):
            runs[-1].append(match)
        else:
            runs.append([match])
    return _with_free(spans, [(run[0].start(), run[-1].end()) for run in runs if len(run) >= 2])


def _with_free(spans: Sequence[tuple[int, int]], further: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return places of names with further ones, as far as these touch none of the first."""
    free = [
        (start, end)
        for start, end in further
        if not any(start < other_end and other < end for other, other_end in spans)
    ]
    return sorted([*spans, *free])


def _is_full_name(words: str) -> bool:
    """Tell whether capitalised words surely are given names with a surname: no dictionary word, no name of a thing.

    Whether the trained component sees a name must not hang on where the name comes from.
    """
    parts = re.findall(r"[^\s,]+", words)
    given = next((place for place, part in enumerate(parts) if not _is_given(part)), len(parts))
    return (
        1 <= given <= len(parts)
        and (given < len(parts) or len(parts) > 1)
        and not any(fold(part) in _NOT_NAMES for part in parts)
        # Behind a given name a dictionary word may be a surname (Koch, Winter), but not one of several.
        and not any(in_dictionary(part) for part in (parts if len(parts) > 2 else parts[:1]))
    )


@lru_cache(maxsize=20_000)
def in_dictionary(word: str) -> bool:
    """Tell whether a word stands in the German or English dictionary."""
    return bool(simplemma.is_known(word, lang="de") or simplemma.is_known(word.lower(), lang="en"))


def divide(text: str, start: int, end: int) -> Mention | None:
    """Divide the name at ``text[start:end]`` into surname and given names.

    A comma, capitals or a form's label decide; else given names are known ones at the front. Where nothing
    shows the order, the last word is taken for the surname and the mention is not sure.
    """
    raw = text[start:end]
    title = _TITLES.match(raw)
    if title:
        start, raw = start + title.end(), raw[title.end() :]
    cleaned = " ".join(raw.replace("\n", " ").split()).strip(" ,.;:")
    if not cleaned or len(cleaned) < 2 or len(cleaned) > 70:
        return None
    before = text[max(0, start - 45) : start]
    if "," in cleaned:
        surname, _, given = (part.strip() for part in cleaned.partition(","))
        return Mention(start, end, surname.title() if surname.isupper() else surname, given, True) if surname else None
    words = cleaned.split(" ")
    line_before = before.rsplit("\n", 1)[-1]
    if re.search(rf"{_GIVEN_LABEL}[^\n]{{0,25}}$", line_before, re.IGNORECASE) and not re.search(
        _SURNAME_LABEL + r"\W{0,3}$", line_before
    ):
        return Mention(start, end, "", cleaned, True)
    if re.search(
        r"(?:Familienname|Nachname|Zuname|Surname|Soyad\w*|Apellidos?|Cognome|Прізвище|Фамилия)[^\n]{0,25}$",
        line_before,
        re.IGNORECASE,
    ):
        return Mention(start, end, cleaned, "", True)
    titled = bool(title) or _TITLE_BEFORE.search(before) is not None
    first, last = _without_ordinary_words(words, titled)
    if first >= last:
        return None
    if (first, last) != (0, len(words)):
        offsets = [match.span() for match in re.finditer(r"\S+", raw)][: len(words)]
        if len(offsets) == len(words):
            start, end = start + offsets[first][0], start + offsets[last - 1][1]
        words = words[first:last]
    if len(words) == 1:
        known = _is_given(words[0]) and not titled
        return Mention(start, end, "" if known else words[0], words[0] if known else "", not known)
    capitals = [word for word in words if word.isupper() and len(word) > 1]
    if capitals and len(capitals) < len(words):
        given = " ".join(word for word in words if word not in capitals)
        return Mention(start, end, " ".join(capitals).title(), given, True)
    return _by_given_names(start, end, words)


def _is_given(word: str) -> bool:
    return fold(word) in given_names() or all(fold(part) in given_names() for part in word.split("-"))


@lru_cache(maxsize=20_000)
def is_ordinary(word: str) -> bool:
    """Tell whether a word stands in the German or English dictionary and is no given name."""
    return not _is_given(word) and in_dictionary(word)


def _without_ordinary_words(words: list[str], titled: bool) -> tuple[int, int]:
    """Return the part of a name without dictionary words at its ends.

    Many surnames are dictionary words, too (Koch, Winter): behind a title or a given name they stay.
    """
    first, last = 0, len(words)
    if titled:
        return first, last
    while first < last and is_ordinary(words[first]) and not _is_particle(words[first]):
        first += 1
    if first == last:
        return 0, 0
    if first and last - first == 1 and not _is_given(words[first]) and last == len(words) and len(words) == 2:
        # One unknown word after an ordinary one may be the surname after a given name nobody listed.
        return (0, 0) if is_ordinary(words[0]) and words[0][0].islower() else (first, last)
    while last - first > 2 and is_ordinary(words[last - 1]):
        last -= 1
    while last > first and _is_particle(words[last - 1]):
        last -= 1
    return first, last


def _is_particle(word: str) -> bool:
    return re.fullmatch(_PARTICLE, word) is not None


def _by_given_names(start: int, end: int, words: list[str]) -> Mention:
    """Divide by known given names; particles (de, al, von) begin the surname."""
    known = [_is_given(word) for word in words]
    starts_surname = [_is_particle(word) or fold(word) in ("al", "el", "abu", "ben", "bin", "ait") for word in words]
    particle = next((index for index in range(1, len(words)) if starts_surname[index]), None)
    if particle is not None:
        return Mention(start, end, " ".join(words[particle:]), " ".join(words[:particle]), known[0])
    if known[0] and not known[-1]:
        cut = next(index for index, flag in enumerate(known) if not flag)
        other = " ".join(words[-1:]) if len(words) - cut > 1 else ""
        return Mention(start, end, " ".join(words[cut:]), " ".join(words[:cut]), True, other)
    if known[-1] and not known[0]:
        cut = len(words) - 1
        while cut > 1 and known[cut - 1]:
            cut -= 1
        return Mention(start, end, " ".join(words[:cut]), " ".join(words[cut:]), True)
    cut = next((index for index, flag in enumerate(known) if not flag and index), len(words) - 1)
    other = " ".join(words[-1:]) if cut < len(words) - 1 else ""
    return Mention(start, end, " ".join(words[cut:]), " ".join(words[:cut]), False, other)
