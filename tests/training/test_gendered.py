# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import pytest

from router.records import Box, Letter, LetterKind, Page, PageSource, Word
from training.gendered import swap_genders


def _letter(text: str) -> Letter:
    words = tuple(Word(word, Box(0, 0, 1, 1), 1.0, 0) for word in text.split())
    return Letter((Page(1, 595, 842, PageSource.TEXT, words),), LetterKind.TEXT)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Sehr geehrte Frau Kaya, mein Sohn ist krank.", "Sehr geehrter Herr Kaya, meine Tochter ist krank."),
        ("Der Antragsteller und seine Frau", "Die Antragstellerin und sein Mann"),
        ("an Herrn Diallo, ANTRAGSTELLERIN", "an Frau Diallo, ANTRAGSTELLER"),
        ("He is the husband of my sister.", "She is the wife of my brother."),
    ],
)
def test_gendered_forms_are_exchanged(before: str, after: str) -> None:
    changed = swap_genders(_letter(before))
    assert changed is not None
    assert changed.text.split() == after.split()


def test_what_has_no_gender_stays() -> None:
    assert swap_genders(_letter("Wir bitten Sie um einen Termin, danke.")) is None
    assert swap_genders(_letter("Sehr geehrte Frau Meyer, danke."), ["Frau Meyer"]) is None
