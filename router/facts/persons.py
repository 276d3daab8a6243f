# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Mentions of names gathered into people, and the part each plays in the letter."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import LogisticRegression

from router.facts.dates import FoundDate, is_birth_date
from router.facts.names import Mention
from router.facts.spans import ReadableText
from router.office.countries import find_country
from router.office.surnames import fold
from router.records import PersonRole

__all__ = [
    "CLOSING",
    "NO_PERSON",
    "SENDER_PATTERNS",
    "Figure",
    "RoleModel",
    "attach_details",
    "gather",
    "role_features",
    "writes_for_themselves",
]

NO_PERSON = "none"
"""Label of the role model for what only looked like a name."""

_BUCKETS = 2**14
_SUBJECT = re.compile(
    r"(?im)^(?:betreff|betr\.?|subject|re|aw|wg|in sachen|hier|objet|asunto|oggetto|konu|тема)\s*[:.]"
)
CLOSING = re.compile(
    r"(?im)^[^\n]{0,30}\b(?:grü(?:ß|ss)e?n?|gruss|hochachtungsvoll|regards|sincerely|cordialement|salutations|"
    r"saludos|atentamente|saygılarım(?:la|ızla)|з повагою|с уважением|im auftrag|i\. ?a\.|gez\.)"
)
_SENDER_WORDS = {
    "lawyer": r"rechtsanw|kanzlei|mandant|lawyer|attorney|avocat",
    "court": r"gericht|kammer\b|urteil|beschluss|beklagte|kläger",
    "bamf": r"bundesamt für migration|außenstelle|asylverfahren",
    "police": r"polizei|staatsanwaltschaft|justizvollzug|haftanstalt|police",
    "school": r"hochschule|universit|schule|akademie|university|college",
    "employer": r"gmbh|\bag\b|personalabteilung|arbeitgeber|beschäftigte|mitarbeiter|\bkg\b|human resources",
    "office": r"jobcenter|jugendamt|standesamt|sozialamt|meldebehörde|einwohnermelde|ausländerbehörde der|"
    r"landratsamt|bürgeramt",
    "embassy": r"botschaft|konsulat|embassy|consulate",
    "health": r"klinik|praxis|facharzt|ärzt|diagnose|krankenhaus|patient",
    "helper": r"beratungsstelle|caritas|diakonie|verein|ehrenamt|gemeinde|flüchtlingshilfe",
}
SENDER_PATTERNS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _SENDER_WORDS.items()}
"""Words by which kinds of senders show: lawyer, court, employer, ..."""
_NATIONALITY = re.compile(
    r"(?:staatsangehörigkeit|staatsangeh\.?|nationalität|nationality|citizenship|citizen of|nationalité|"
    r"nacionalidad|cittadinanza|uyruk|uyruğu|vatandaşlık|громадянство|гражданство|الجنسية)"
    r"[^\n:\t]{0,30}[:\t. ]+([^\n,;\t]{3,40})",
    re.IGNORECASE,
)
_NATIONAL = re.compile(
    r"\b([a-zäöüß-]{2,25}isch)(?:e[rnms]?)?[ ]+(?:staatsangehörig\w*|staatsbürger\w*|nationalität)", re.IGNORECASE
)
_FROM_COUNTRY = re.compile(
    r"\b(?:aus|from|wohnhaft in|geboren in|stamm\w* aus)\s+(?:der |dem |the )?([A-ZÄÖÜ][\w’'-]+(?: [A-ZÄÖÜ][\w-]+)?)"
)


_OWN_MATTERS = re.compile(
    r"\b(?:mein(?:e[rnms]?)?|my|mon|ma|mes|mi|mis|mio|mia|benim|м(?:ой|оя|оё|ое|оего|оей|ій|оє|ого|оєї))\b",
    re.IGNORECASE,
)
_FOR_OTHERS = re.compile(
    r"\b(?:mandant|im auftrag|i\. ?a\.|i\. ?v\.|sachbearbeit|durchwahl|geschäftsführ|personalabteilung)", re.IGNORECASE
)


@dataclass(slots=True)
class Figure:
    """Somebody a letter names, while its facts are being gathered.

    Attributes
    ----------
    mentions
        Where the name stands, in order.
    role, role_score
        Part played, and 0 to 1 how clearly it shows.
    """

    mentions: list[Mention]
    birth_date: dt.date | None = None
    nationality: str | None = None
    role: PersonRole = PersonRole.OTHER
    role_score: float = 0.0
    scores: dict[str, float] = field(default_factory=dict)

    @property
    def tokens(self) -> frozenset[str]:
        """All parts of the name in all mentions."""
        return frozenset().union(*(mention.tokens for mention in self.mentions))

    @property
    def fullest(self) -> Mention:
        """The mention that tells most about the name: a sure one with both parts before others."""
        return max(self.mentions, key=lambda m: (bool(m.surname and m.given), m.sure, len(m.tokens), -m.start))


def gather(mentions: Sequence[Mention]) -> list[Figure]:
    """Put mentions of the same person together.

    A mention joins a person when all its parts are among the person's. A surname alone joins the first
    person with that surname; a surname and given names on neighbouring lines of a form become one person.
    """
    joined = _join_form_fields(mentions)
    figures: list[Figure] = []
    for mention in sorted(joined, key=lambda m: -len(m.tokens)):
        home = next((figure for figure in figures if mention.tokens and mention.tokens <= figure.tokens), None)
        if home is None:
            figures.append(Figure([mention]))
        else:
            home.mentions.append(mention)
    for figure in figures:
        figure.mentions.sort(key=lambda mention: mention.start)
    return sorted(figures, key=lambda figure: figure.mentions[0].start)


def _join_form_fields(mentions: Sequence[Mention]) -> list[Mention]:
    ordered = sorted(mentions, key=lambda mention: mention.start)
    joined: list[Mention] = []
    skip = False
    for index, mention in enumerate(ordered):
        if skip:
            skip = False
            continue
        following = ordered[index + 1] if index + 1 < len(ordered) else None
        halves = (
            following is not None
            and following.start - mention.end < 70
            and {
                (bool(mention.surname), bool(mention.given)),
                (bool(following.surname), bool(following.given)),
            }
            == {(True, False), (False, True)}
        )
        if halves and following is not None and mention.sure and following.sure:
            joined.append(
                Mention(
                    mention.start,
                    mention.end,
                    mention.surname or following.surname,
                    mention.given or following.given,
                    True,
                )
            )
            skip = True
        else:
            joined.append(mention)
    return joined


def attach_details(text: ReadableText, figures: Sequence[Figure], dates: Sequence[FoundDate], today: dt.date) -> None:
    """Give birth dates and nationalities to the people they stand next to."""
    for date in dates:
        cued = is_birth_date(text, date, today)
        owner = _nearest_before(text, figures, date.start, cued)
        plausible = dt.date(1920, 1, 1) <= date.date <= today
        if owner is None or not plausible or owner.birth_date is not None:
            continue
        between = text.text[_end_before(owner, date.start) : date.start]
        if cued or re.fullmatch(r"[\s,;(*:/|-]{1,6}(?:\d[.)]\s*)?", between):
            owner.birth_date = date.date
    for match in [*_NATIONALITY.finditer(text.text), *_NATIONAL.finditer(text.text)]:
        key = find_country(match[1])
        owner = _nearest_before(text, figures, match.start(), True, reach=400)
        if key and key != "000" and owner is not None and owner.nationality is None:
            owner.nationality = key


def writes_for_themselves(text: str) -> bool:
    """Tell whether somebody writes about matters of their own: "my residence permit", and for no office or client."""
    return _OWN_MATTERS.search(text) is not None and _FOR_OTHERS.search(text) is None


def nationality_in_passing(text: str) -> str | None:
    """Return the country a letter says somebody comes from, when it names exactly one."""
    keys = {key for match in _FROM_COUNTRY.finditer(text) if (key := find_country(match[1])) and key != "000"}
    return keys.pop() if len(keys) == 1 else None


def _end_before(figure: Figure, position: int) -> int:
    return max((mention.end for mention in figure.mentions if mention.end <= position), default=position)


def _nearest_before(
    text: ReadableText, figures: Sequence[Figure], position: int, cued: bool, reach: int = 220
) -> Figure | None:
    """Return the person named last before a position; with a cue, across a few lines."""
    distance = reach if cued else 12
    near = [(position - _end_before(figure, position), figure) for figure in figures]
    near = [(gap, figure) for gap, figure in near if 0 <= gap <= distance and figure.mentions[0].start < position]
    return min(near, key=lambda entry: entry[0])[1] if near else None


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+|\d|[:,()*/]", fold(text))


def role_features(text: str, figures: Sequence[Figure], *, is_mail: bool) -> list[dict[str, float]]:
    """Describe each person for the role model.

    Only what stands around names counts, never the name itself: whoever bears it, the same words around it
    give the same role.
    """
    senders = [name for name, pattern in SENDER_PATTERNS.items() if pattern.search(text[:6000])]
    subject = _subject_span(text, is_mail)
    closings = [match.start() for match in CLOSING.finditer(text)]
    surnames = Counter(fold(figure.fullest.surname) for figure in figures if figure.fullest.surname)
    length = max(len(text), 1)
    described = []
    for place, figure in enumerate(figures):
        features: Counter[str] = Counter()
        for order, mention in enumerate(figure.mentions[:8]):
            zone = _zone(text, mention, subject, closings, length)
            for feature in _around(text, mention, zone):
                features[feature] = 1
            for sender in senders or ["private"]:
                features[f"zone={zone}&sender={sender}"] = 1
            features[f"zone={zone}"] = 1
            if order == 0:
                features[f"first={zone}"] = 1
        for sender in senders or ["private"]:
            features[f"sender={sender}"] = 1
            features[f"place={min(place, 4)}&sender={sender}"] = 1
        features[f"mentions={min(len(figure.mentions), 4)}"] = 1
        features[f"people={min(len(figures), 5)}"] = 1
        features[f"place={min(place, 4)}"] = 1
        features[f"birth={figure.birth_date is not None}"] = 1
        features[f"nationality={figure.nationality is not None}"] = 1
        features[f"full={bool(figure.fullest.given and figure.fullest.surname)}"] = 1
        features[f"family={surnames[fold(figure.fullest.surname)] > 1}"] = 1
        features[
            f"others_born={any(o.birth_date for o in figures if o is not figure)}&birth={figure.birth_date is not None}"
        ] = 1
        features["mail" if is_mail else "paper"] = 1
        described.append({name: float(value) for name, value in features.items()})
    return described


def _subject_span(text: str, is_mail: bool) -> tuple[int, int]:
    match = _SUBJECT.search(text)
    if match is None:
        return (0, 0)
    end = text.find("\n", match.end())
    return match.start(), end if end >= 0 else len(text)


def _zone(text: str, mention: Mention, subject: tuple[int, int], closings: Sequence[int], length: int) -> str:
    if subject[0] <= mention.start < subject[1]:
        return "subject"
    line_start = text.rfind("\n", 0, mention.start) + 1
    if re.match(r"(?:Von|From|Absender\w*)\s*:", text[line_start : line_start + 12]):
        return "from"
    if any(0 < mention.start - closing < 160 for closing in closings):
        return "signature"
    if text.count("\n", 0, mention.start) < 5:
        return "head"
    return "body" if mention.start < 0.8 * length else "end"


def _around(text: str, mention: Mention, zone: str) -> Iterator[str]:
    line_start = text.rfind("\n", 0, mention.start) + 1
    line_end = text.find("\n", mention.end)
    line_end = line_end if line_end >= 0 else len(text)
    before = _words(text[max(0, mention.start - 90) : mention.start])[-9:]
    after = _words(text[mention.end : mention.end + 90])[:9]
    for distance, word in enumerate(reversed(before)):
        yield f"b={word}"
        if distance < 3:
            yield f"b{distance}={word}"
    for distance, word in enumerate(after):
        yield f"a={word}"
        if distance < 3:
            yield f"a{distance}={word}"
    if len(before) >= 2:
        yield f"bb={before[-2]}_{before[-1]}"
    if len(after) >= 2:
        yield f"aa={after[0]}_{after[1]}"
    label = _words(text[line_start : mention.start])[:6]
    for word in label:
        yield f"l={word}"
    if not label:
        above = _words(text[max(0, line_start - 80) : max(0, line_start - 1)].rsplit("\n", 1)[-1])[-5:]
        for word in above:
            yield f"u={word}"
        yield f"alone={not text[mention.end : line_end].strip()}&{zone}"
    yield f"comma={',' in text[mention.start : mention.end]}"


class RoleModel:
    """Predicts roles from features; keeps no words, only hashed weights.

    Parameters
    ----------
    regularisation
        ``C`` of the logistic regression.
    """

    def __init__(self, regularisation: float = 0.5) -> None:
        self._hasher = FeatureHasher(_BUCKETS, alternate_sign=False)
        self._regression = LogisticRegression(C=regularisation, max_iter=300)
        self.classes: tuple[str, ...] = ()

    def fit(self, features: Sequence[dict[str, float]], roles: Sequence[str]) -> "RoleModel":
        """Learn from described people and their true roles."""
        self._regression.fit(self._hasher.transform(features), roles)
        self._regression.coef_ = self._regression.coef_.astype(np.float32)
        self.classes = tuple(str(name) for name in self._regression.classes_)
        return self

    def predict(self, features: Sequence[dict[str, float]]) -> list[dict[str, float]]:
        """Return for each person the score of every role, summing to 1."""
        if not features:
            return []
        scores = self._regression.predict_proba(self._hasher.transform(features))
        return [dict(zip(self.classes, map(float, row), strict=True)) for row in scores]
