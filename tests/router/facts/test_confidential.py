# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Marks of confidentiality: found in every shape they come in, and not where the words only occur."""

from pathlib import Path

import pytest

from router.facts.confidential import is_confidential
from training.sample_office.enclosures import load_enclosures
from training.sample_office.letters import WrittenLetter, load_letters

SAMPLES = Path(__file__).parents[3] / "data_samples"
BODY = "\n\nSehr geehrte Damen und Herren,\n\nanbei sende ich Ihnen die Unterlagen, um die Sie gebeten haben.\n"

MARKED = (
    # personal and confidential
    "Persönlich/Vertraulich",
    "persönlich / vertraulich",
    "PERSÖNLICH – VERTRAULICH",
    "- Persönlich und vertraulich -",
    "Persönlich und streng vertraulich",
    "Vertraulich / persönlich",
    "Persönlich!",
    "- persönlich -",
    "PERSÖNLICH – nnr von der Leitung der Ausländerbehörde zu öffnen",
    "*** VERTRAULICH ***",
    "Vertraulich!",
    "Streng vertraulich",
    "STRENG VERTRAULICH – nur für Frau Meyer",
    "Bitte vertraulich!",
    "Eigenhändig",
    # on a line with the address
    "An Frau Meyer persönlich",
    "z. Hd. Frau Meyer – persönlich –",
    "z.Hd. Herrn Schulz (persönlich)",
    "Frau Meyer - persönlich/vertraulich -",
    "Stadt Auenfurt, Ausländerbehörde, Frau Meyer - PERSÖNLICH/VERTRAULICH - Stelle 33.21",
    "Ausländerbehörde · Persönlich/Vertraulich · Rathausplatz 1",
    "Vertraulich z. Hd. Herrn Yıldız",
    # classified
    "VS-NfD",
    "VS - NfD",
    "VS – Nur für den Dienstgebrauch",
    "VS-NUR FÜR DEN DIENSTGEBRAUCH",
    "VS-Vertraulich",
    "Verschlusssache",
    "GEHEIM",
    "Streng geheim",
    "Az. 12-345/26   VS-NfD   2. Ausfertigung",
    "RESTREINT UE/EU RESTRICTED",
    # sealed
    "Nur vom Empfänger zu öffnen",
    "Nur vom Empfänger persönlich zu öffnen!",
    "nur von Frau Meyer zu öffnen",
    "Verschlossen",
    "VERSCHLOSSEN! Bitte ungeöffnet an Frau Meyer weiterleiten",
    "Gerichtlich versiegelt",
    "Verwaltungsgericht Auenfurt – Verschlossene Sendung – Nicht in der Poststelle öffnen",
    "Bitte ungeöffnet vorlegen",
    "--- Vertraulich! Verschlossener Umschlag im Umschlag ---",
    # as scanners read them
    "persönl1ch/vertraulich",
    "Persön1ich/Vertrau1ich",
    "PERSONLICH / VERTRAULICH",
    "Vertraullch",
    "Vertrau|ich",
    "Vertraulch",
    "V E R T R A U L I C H",
    "P E R S Ö N L I C H  /  V E R T R A U L I C H",
    "VS-NfD.",
    "V S - N f D",
    "vs_nfd",
    "VS—NFD",
    ". VERTRAULICH _",
    # subjects
    "Betreff: Anzeige - vertraulich",
    "Betreff: Vertraulich bitte!! nur für Frau Meyer",
    "Subject: PERSONAL AND CONFIDENTIAL / persönlich – for the attention of Ms Meyer only",
    "Betreff: [VERTRAULICH] Meldung einer Gefährdung",
    "Betreff: Meldung (streng vertraulich)",
    # other languages
    "Private and Confidential",
    "PRIVATE & CONFIDENTIAL",
    "Strictly confidential",
    "To be opened by addressee only",
    "CONFIDENTIEL",
    "Personnel et confidentiel",
    "À ouvrir par le destinataire uniquement",
    "Confidencial",
    "Riservato e personale",
    "Kişiye özel",
    "GİZLİDİR",
    "Özel ve gizli",
    "Конфиденциально",
    "Строго конфиденциально",
    "Лично в руки",
    "Конфіденційно",
    "سري وشخصي",
    "سري للغاية",
    "Poufne",
    "Do rąk własnych",
    "Vertrouwelijk",
    "Povjerljivo",
    "Εμπιστευτικό",
)

UNMARKED = (
    "Bitte behandeln Sie meine Angaben vertraulich.",
    "Ich bitte Sie, diese Unterlagen streng vertraulich zu behandeln.",
    "Wir bitten Sie, das Schreiben persönlich und vertraulich zu behandeln.",
    "Ich war persönlich bei Ihnen.",
    "ich möchte gern mit Ihnen\npersönlich.\nsprechen",
    "Ich habe am Montag Frau Meyer persönlich gesprochen.",
    "Persönliche Daten",
    "PERSÖNLICHE ANGABEN",
    "Persönliches",
    "Persönliche Vorsprache erforderlich",
    "[ ] vertraulich",
    "[ ] persönlich übergeben",
    "☐ Vertraulich ☐ Öffentlich",
    "Vertraulichkeitserklärung",
    "Vertragliche Vereinbarung",
    "vertraglich",
    "Vertrauliche Geburt, § 25 SchKG",
    "Betreff: Persönliche Vorsprache am Montag",
    "Betreff: Ich komme persönlich",
    "This e-mail and any attachments are confidential and intended solely for the addressee.",
    "Diese E-Mail kann vertrauliche Informationen enthalten. Wenn Sie nicht der richtige Empfänger sind,",
    "Ce message est confidentiel et peut contenir des informations.",
    "Personal",
    "Personal- und Sozialwesen",
    "Private Krankenversicherung",
    "Geheimschutzbeauftragter",
    "Der Umschlag war verschlossen, als ich ihn abgegeben habe.",
    "Das Labor hat mir den Befund versiegelt gegeben.",
    "Frau Meyer – persönlich kennen wir uns vom letzten Jahr –",
    "Private address: 12 Lime Street",
    "Persönlich haftender Gesellschafter: Jonas Winter",
    "Der Antrag muss persönlich gestellt werden.",
    "die Vollmacht habe ich eigenhändig unterschrieben",
    "Vertraulich: nein",
    "Das Gespräch war vertraulich, aber ich darf Ihnen so viel sagen.",
    "Il s'agit d'un entretien confidentiel avec la conseillère.",
    "Я приеду лично в понедельник",
    "VS Büromöbel GmbH",
    "",
)


@pytest.mark.parametrize("mark", MARKED)
def test_a_mark_is_found_before_the_salutation(mark: str) -> None:
    assert is_confidential(f"Absender Straße 1, 04982 Auenfurt\n{mark}{BODY}")


@pytest.mark.parametrize("mark", MARKED)
def test_a_mark_is_found_as_a_stamp_in_capitals_at_the_top(mark: str) -> None:
    assert is_confidential(f"{mark.upper()}\nStadt Auenfurt{BODY}")


@pytest.mark.parametrize("words", UNMARKED)
def test_the_words_in_a_sentence_or_a_heading_are_no_mark(words: str) -> None:
    assert not is_confidential(f"Absender Straße 1\n{words}{BODY}")
    assert not is_confidential(f"Sehr geehrte Damen und Herren,\n\n{words}\n\nMit freundlichen Grüßen")


def test_marks_on_papers_behind_the_letter_are_those_of_others() -> None:
    assert not is_confidential("x " * 2000 + "\nVertraulich")
    assert not is_confidential("ein ganzer Brief " * 30 + "\fÄrztlicher Bericht\nVERTRAULICH\n")
    assert is_confidential("Deckblatt\fVERTRAULICH\nBericht")


def _texts(letter: WrittenLetter) -> str:
    form = "\n".join(": ".join(row) for row in letter.form)
    return "\n".join((letter.letterhead, letter.reference, f"Betreff: {letter.subject}", letter.body, form))


def test_of_the_written_letters_only_the_marked_ones_are_confidential() -> None:
    letters = load_letters(SAMPLES / "letters")
    found = {letter.id for letter in letters if is_confidential(_texts(letter))}
    meant = {letter.id for letter in letters if letter.review == "confidential" or "confidential" in letter.traps}
    # An embassy's letter "nur für den Dienstgebrauch".
    assert found == meant | {"k13-chisinau-hinweis-schleuser"}


def test_no_paper_behind_a_letter_makes_it_confidential_by_its_headings() -> None:
    papers = load_enclosures(SAMPLES / "enclosures")
    assert len(papers) > 50
    for paper in papers:
        rows = "\n".join(" ".join(row) for row in paper.rows)
        text = "\n".join((paper.letterhead, paper.reference, paper.subject, rows, paper.body))
        assert not is_confidential(text), paper.id
