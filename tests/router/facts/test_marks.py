# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import pytest

from router.facts.language import detect
from router.facts.marks import find_addressees

STAFF = {"meyer": "Frau Meyer", "yildiz": "Herr Yıldız", "lindner": "Frau Dr. Lindner"}


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Sehr geehrte Frau Meyer,", "meyer"),
        ("z. Hd. Herrn Yildiz", "yildiz"),
        ("Dear Mr Yıldız", "yildiz"),
        ("zu Händen von Frau Dr. Lindner", "lindner"),
    ],
)
def test_caseworkers_a_letter_addresses(text: str, person: str) -> None:
    (found,) = find_addressees(text, STAFF)
    assert found[0] == person
    assert text[found[1] : found[2]] in {"Meyer", "Yildiz", "Yıldız", "Lindner"}


@pytest.mark.parametrize("text", ["Sehr geehrter Herr Meyer,", "Frau Meyer ist meine Tante", "Meyer", "Frau Meyerhoff"])
def test_namesakes_are_not_addressed(text: str) -> None:
    assert find_addressees(text, STAFF) == []


def test_each_caseworker_is_found_once() -> None:
    assert len(find_addressees("Sehr geehrte Frau Meyer,\nhallo Frau Meyer", STAFF)) == 1
    assert find_addressees("Frau Meyer", {}) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Ich möchte meine Aufenthaltserlaubnis verlängern lassen.", "de"),
        ("I would like to extend my residence permit, please.", "en"),
        ("Je voudrais prolonger mon titre de séjour, merci beaucoup.", "fr"),
        ("Я хотів би продовжити дозвіл на проживання, дякую.", "uk"),
        ("أود تمديد تصريح الإقامة الخاص بي وشكرا لكم", "ar"),
        ("12345 ---", "und"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert detect(text) == language
