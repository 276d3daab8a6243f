# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What text models see: subject, sender, n-grams that know no word."""

import unicodedata

import numpy as np
import pytest

from router.deciding.features import LetterFeatures, suits_catalogue
from router.deciding.textinput import TextInput, sender_zone, subject_of, text_input
from router.office.office import Office
from router.records import LetterKind, MailHeader, PageSource
from tests.router.deciding.offices import TEXTS, concerned, letter_of, told


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("Absender\nBetreff: Verlängerung der Erlaubnis\n\nSehr geehrte", "Verlängerung der Erlaubnis"),
        ("Subject: RE: Fwd: student visa\nDear Sir", "student visa"),
        ("Тема: продовження документа\nДобрий день", "продовження документа"),
        ("Konu: AW: ikamet izni\nMerhaba", "ikamet izni"),
        (
            "xname\nxadresse\n\nAntrag auf Einbürgerung\nxnummer\n\nSehr geehrte Damen und Herren,\nhiermit",
            "Antrag auf Einbürgerung",
        ),
        ("Betreff: xnummer\nWiderspruch gegen den Bescheid\nSehr geehrte", "Betreff: xnummer Widerspruch "
            "gegen den Bescheid"),
        ("Bitte melden Sie sich.\nWann geht das?", "Bitte melden Sie sich."),
        ("", ""),
        ("Guten Tag,\nich habe eine Frage", ""),
        ("xname xname\nxadresse\nHallo", ""),
    ],
)  # fmt: skip
def test_the_subject_is_the_named_line_or_the_lines_before_the_salutation(text: str, subject: str) -> None:
    assert subject_of(text) == subject


def test_a_subject_is_never_long_and_stands_at_the_front() -> None:
    assert len(subject_of("Betreff: " + "sehr " * 1000)) <= 200
    assert subject_of("Zeile\n" * 1000 + "Betreff: zu spät") == ""


def test_the_sender_of_a_letter_stands_at_its_head_and_below_the_closing() -> None:
    text = (
        "Kanzlei Beispiel\nRechtsanwälte\n"
        + "Text in der Mitte.\n" * 60
        + "Mit freundlichen Grüßen\nVerwaltungsgericht"
    )
    zone = sender_zone(letter_of(text))
    assert "Rechtsanwälte" in zone
    assert "Verwaltungsgericht" in zone
    assert zone.count("Text in der Mitte.") < 15


def test_the_sender_of_a_mail_stands_in_its_header_and_footer() -> None:
    mail = MailHeader(sender="Beratung <hilfe@caritas.example>")
    text = "Guten Tag\n" + "Zeile\n" * 80 + "Viele Grüße\nAnna\n" + "Zeile\n" * 80 + "-- \nCaritas Musterstadt"
    zone = sender_zone(letter_of(text, kind=LetterKind.MAIL, source=PageSource.MAIL, mail=mail))
    assert "hilfe@caritas.example" in zone
    assert "Guten Tag" not in zone


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Rechtsanwältin Beispiel\n\nSehr geehrte\n", "lawyer"),
        ("Verwaltungsgericht Musterstadt\n\nin dem Verfahren\n", "court"),
        ("Guten Tag\n\nMit freundlichen Grüßen\nMuster GmbH, Personalabteilung", "employer"),
        ("Justizvollzugsanstalt Beispiel\n", "prison"),
        ("Handwerkskammer Beispiel\n", "chamber"),
    ],
)
def test_kinds_of_senders_show_where_they_name_themselves(office: Office, text: str, kind: str) -> None:
    assert kind in text_input(letter_of(text), told(text), office).senders


def test_a_court_in_the_middle_of_a_letter_is_no_sender(office: Office) -> None:
    text = "Sehr geehrte\n" + "ich schreibe Ihnen wegen einer Sache.\n" * 15
    text += "Das Verwaltungsgericht hat entschieden.\n" + "Ich bitte um Antwort auf meinen Brief.\n" * 15
    assert text_input(letter_of(text), told(text), office).senders == frozenset()


def test_traits_tell_that_the_office_is_addressed_but_never_who_writes(office: Office) -> None:
    text = "Ausländerbehörde Musterstadt\nGuten Tag"
    named = text_input(letter_of(text), told("Guten Tag", concerned("Haddad", "Nour")), office)
    other = text_input(letter_of(text), told("Guten Tag", concerned("Petrov", "Ivan")), office)
    elsewhere = text_input(letter_of("Finanzamt Musterstadt\nGuten Tag"), told("Guten Tag"), office)
    assert named.traits == other.traits
    assert named.traits != elsewhere.traits
    assert np.isfinite(named.traits).all()


def _inputs(texts: list[str], office: Office) -> list[TextInput]:
    return [text_input(letter_of(text), told(text), office) for text in texts]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [text for matter in TEXTS.values() for text in matter]


def test_fitting_twice_gives_the_same_features(office: Office, texts: list[str]) -> None:
    features = LetterFeatures()
    counts = features.counts(_inputs(texts, office))
    first, idf = features.fit(counts).kept_.copy(), features.idf_.copy()
    features.fit(features.counts(_inputs(["ganz andere Briefe"] * 5, office)))
    assert len(features.kept_) != len(first)
    features.fit(counts)
    assert np.array_equal(features.kept_, first)
    assert np.array_equal(features.idf_, idf)


def test_empty_and_huge_texts_have_finite_features(office: Office, texts: list[str]) -> None:
    features = LetterFeatures()
    features.fit(features.counts(_inputs(texts, office)))
    rows = features.transform(_inputs(["", "Studium " * 100_000, *texts], office))
    assert rows.shape[0] == 2 + len(texts)
    assert np.isfinite(rows.data).all()


def test_unseen_words_leave_hardly_any_ngram(office: Office, texts: list[str]) -> None:
    features = LetterFeatures()
    features.fit(features.counts(_inputs(texts, office)))
    strange, known = features.transform(_inputs(["qqqqqqqq", "Studium"], office))
    assert (strange.indices < len(features.kept_)).sum() <= 3
    assert (known.indices < len(features.kept_)).sum() > 10


def test_the_parts_of_words_sum_to_the_letter(office: Office, texts: list[str]) -> None:
    features = LetterFeatures()
    features.fit(features.counts(_inputs(texts, office)))
    for entry in _inputs(["Betreff: Studium an der Universität\n\nGuten Tag,  mein Studium.", texts[0], ""], office):
        whole = features.transform([entry])
        spans, parts = features.word_parts(entry, whole)
        assert parts.shape == (len(spans) + 1, whole.nnz)
        assert pytest.approx(whole.data, abs=1e-6) == parts.sum(axis=0).A1
        assert [entry.text[start:end] for start, end in spans] == entry.text.split()


def test_what_a_word_holds_is_its_own(office: Office, texts: list[str]) -> None:
    features = LetterFeatures()
    features.fit(features.counts(_inputs(texts, office)))
    entry = _inputs(["Guten Tag, Einbürgerung und qqqqqqqq"], office)[0]
    spans, parts = features.word_parts(entry, features.transform([entry]))
    amounts = dict(zip((entry.text[s:e] for s, e in spans), parts.sum(axis=1).A1.tolist(), strict=False))
    assert amounts["Einbürgerung"] > 1
    assert amounts["qqqqqqqq"] < 0.2


def test_the_catalogue_counts_where_letters_speak_its_language(office: Office, texts: list[str]) -> None:
    assert suits_catalogue(_inputs(texts, office))
    strange = ["Die Straßenbahn fährt nicht", "Ein Baum ist umgefallen", "Der Spielplatz braucht Sand"]
    assert not suits_catalogue(_inputs(strange, office))
    without = LetterFeatures(with_catalogue=False)
    assert without.counts(_inputs(texts, office)).nnz < LetterFeatures().counts(_inputs(texts, office)).nnz


def test_the_most_frequent_ngrams_are_kept(office: Office, texts: list[str]) -> None:
    few = LetterFeatures(max_features=50)
    counts = few.counts(_inputs(texts, office))
    few.fit(counts)
    all_of_them = LetterFeatures(max_features=10**6).fit(counts)
    assert len(few.kept_) == 50
    assert (np.diff(few.kept_) > 0).all()
    assert few.idf_.max() <= np.median(all_of_them.idf_)


def test_features_hold_no_word_of_any_letter(office: Office, texts: list[str]) -> None:
    features = LetterFeatures()
    features.fit(features.counts(_inputs([*texts, "Bartholomäus Klabautermann " * 3], office)))
    for name, value in vars(features).items():
        assert "klabautermann" not in repr(value).lower(), name


def test_both_unicode_forms_of_a_letter_have_the_same_features(office: Office) -> None:
    """Some programs write ü as u and two dots; a model must not take it for another word."""
    text = "Prüfungen für die Übersetzung der Geburtsurkunde nach Österreich, Straße"
    features = LetterFeatures()
    composed, decomposed = (
        features.counts(_inputs([unicodedata.normalize(form, text)], office)) for form in ("NFC", "NFD")
    )
    assert abs(composed - decomposed).max() < 1e-6


def test_the_text_of_papers_behind_a_letter_is_not_seen(office: Office) -> None:
    letter = " ".join(f"wort{number}" for number in range(70))
    seen = text_input(letter_of(letter), told(f"{letter}\fMietvertrag über eine Wohnung"), office).text
    assert seen == letter
    short = text_input(letter_of(letter), told("siehe Anlage\fMietvertrag über eine Wohnung\fZeugnis"), office).text
    assert short == "siehe Anlage\fMietvertrag über eine Wohnung\fZeugnis"
