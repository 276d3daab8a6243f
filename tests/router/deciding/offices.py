# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""A small office, letters with their facts, and a model fitted to some of them."""

import datetime as dt
import random
from collections.abc import Sequence
from pathlib import Path

from router.facts.extract import extract, office_words
from router.facts.model import SHIPPED, load_facts_model
from router.office.office import Office, load_office
from router.reading.limits import Limits
from router.reading.plain import lay_out
from router.records import (
    Evidence,
    EvidenceSource,
    Facts,
    Letter,
    LetterKind,
    MailHeader,
    Owner,
    Page,
    PageSource,
    Person,
    PersonRole,
    Reference,
    ReferenceKind,
)
from training.dataset import Labelled

DAY = dt.date(2026, 6, 1)

PLAN = """
office:
  name: "Ausländerbehörde Musterstadt"
  address: ["Stadt Musterstadt", "Am Markt 1", "01234 Musterstadt"]
  email: abh@musterstadt.example
  file_reference: '33\\.\\d-\\d{3}-\\d{6}'
  file_reference_examples: ["33.2-475-123456"]
matters:
  studium: {label: "Studium"}
  familie: {label: "Familiennachzug"}
  klage: {label: "Klagen, Eilverfahren"}
  einbuergerung: {label: "Einbürgerung"}
posts:
  - {id: "00", label: "Fehlläufer", caseworker: brandt}
  - {id: "10", label: "Recht", caseworker: lindner}
  - {id: "21", label: "Studium A-K", caseworker: meyer, deputies: [schulz]}
  - {id: "22", label: "Studium L-Z", caseworker: schulz}
  - {id: "31", label: "Familie", caseworker: yildiz}
  - {id: "71", label: "Einbürgerung", caseworker: demir}
caseworkers:
  - {id: brandt, name: "Herr Brandt"}
  - {id: lindner, name: "Frau Dr. Lindner"}
  - {id: meyer, name: "Frau Meyer"}
  - {id: schulz, name: "Herr Schulz"}
  - {id: yildiz, name: "Herr Yıldız"}
  - {id: demir, name: "Frau Demir"}
rules:
  - {misdirected: true, post: "00"}
  - {matters: [klage], post: "10", overrides_file: true}
  - {matters: [studium], surnames: "A-K", post: "21"}
  - {matters: [studium], surnames: "L-Z", post: "22"}
  - {matters: [familie], post: "31"}
  - {matters: [einbuergerung], post: "71"}
absences:
  - {caseworker: meyer, from: 2026-12-01, to: 2026-12-20}
"""

CASES = """file_reference,azr,bamf_reference,surname,given_names,aliases,birth_date,nationality,post
33.2-262-857724,101010084299,,Ngassa,Franck,,2005-04-24,262,22
33.2-475-123456,101010084300,7654321-475,Haddad,Nour,,1998-03-02,475,31
33.2-475-999001,,,Petrov,Ivan,,1990-01-31,160,21
"""

TEXTS = {
    "studium": (
        "ich beantrage die Verlängerung meiner Aufenthaltserlaubnis zum Studium.",
        "Die Immatrikulationsbescheinigung der Universität für das Wintersemester liegt bei.",
        "Meine Prüfungen im Masterstudium schließe ich im nächsten Semester ab.",
        "Das Studienkolleg bestätigt die Zulassung als Studentin im Bachelor.",
        "Der Nachweis über das Sperrkonto für Studierende liegt an.",
    ),
    "familie": (
        "ich beantrage den Familiennachzug für meine Ehefrau und unsere Kinder.",
        "Die Heiratsurkunde und die Geburtsurkunden der Kinder sind übersetzt beigefügt.",
        "Meine Frau möchte zu mir nach Deutschland ziehen, wir sind verheiratet.",
        "Wir leben in ehelicher Gemeinschaft, unser Sohn wurde geboren.",
        "Für den Ehegattennachzug reiche ich den Mietvertrag der Wohnung nach.",
    ),
    "einbuergerung": (
        "ich möchte die deutsche Staatsangehörigkeit und beantrage die Einbürgerung.",
        "Den bestandenen Einbürgerungstest und das Sprachzertifikat lege ich bei.",
        "Wann bekomme ich die Einbürgerungszusicherung und die Urkunde?",
        "Auf meine bisherige Staatsangehörigkeit verzichte ich bei der Einbürgerung.",
        "Seit acht Jahren lebe ich hier und will eingebürgert werden.",
    ),
}  # fmt: skip


def write_office(folder: Path, *, plan: str = PLAN, cases: str | None = CASES) -> Office:
    """Write the files of an office and load them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.yaml").write_text(plan, encoding="utf-8")
    if cases is not None:
        (folder / "cases.csv").write_text(cases, encoding="utf-8")
    return load_office(folder)


def letter_of(
    text: str,
    *,
    kind: LetterKind = LetterKind.TEXT,
    source: PageSource = PageSource.TEXT,
    mail: MailHeader | None = None,
    ocr_confidence: float = 1.0,
) -> Letter:
    """Lay a text out on pages."""
    pages = tuple(lay_out(text, first=1, source=source, limits=Limits()))
    if ocr_confidence < 1.0:
        pages = tuple(
            Page(
                page.number,
                page.width,
                page.height,
                page.source,
                tuple(type(word)(word.text, word.box, ocr_confidence, word.line) for word in page.words),
            )
            for page in pages
        )
    return Letter(pages, kind, mail)


def facts_of(letter: Letter, office: Office, received: dt.date = DAY) -> Facts:
    """Find the facts with the model that comes with the product."""
    return extract(letter, load_facts_model(SHIPPED), office_words(office), received)


def told(
    text: str,
    *persons: Person,
    references: Sequence[Reference] = (),
    confidential: bool = False,
    addressees: Sequence[str] = (),
) -> Facts:
    """Return facts as if found."""
    return Facts(
        language="de",
        references=tuple(references),
        persons=persons,
        addressees=tuple((name, None) for name in addressees),
        confidential=confidential,
        masked_text=text,
    )


def concerned(surname: str, given: str = "", birth: dt.date | None = None, *, swappable: bool = False) -> Person:
    """Return a person a letter is about."""
    return Person(surname, given, PersonRole.CONCERNED, birth_date=birth, swappable=swappable)


def own(number: str) -> Reference:
    """Return a file number of the office."""
    return Reference(ReferenceKind.OWN, number, Owner.OURS)


def said(post: str, ocr_confidence: float) -> Evidence:
    """Return evidence for a post that stands on a page."""
    return Evidence(
        EvidenceSource.RULE, post, "Plan: {matter} → post {post}", {"matter": "x", "post": post}, 1.0, page=1,
        ocr_confidence=ocr_confidence,
    )  # fmt: skip


_SURNAMES = ("Ahmadi", "Becker", "Costa", "Diallo", "Kaya", "Lopez", "Mensah", "Novak", "Tran", "Zhang")


def labelled(count: int, seed: int = 1) -> list[Labelled]:
    """Return letters on three matters with the post the plan gives them; each is a group of its own."""
    rng = random.Random(seed)
    letters = []
    for number in range(count):
        matter = list(TEXTS)[number % len(TEXTS)]
        surname = rng.choice(_SURNAMES)
        body = " ".join(rng.sample(TEXTS[matter], 3))
        text = f"Sehr geehrte Damen und Herren,\n{body}\nMit freundlichen Grüßen"
        post = {"familie": "31", "einbuergerung": "71"}.get(matter, "21" if surname[0] <= "K" else "22")
        letters.append(
            Labelled(letter_of(text), told(text, concerned(surname, "Kim")), DAY, post, matter, group=str(number))
        )
    return letters
