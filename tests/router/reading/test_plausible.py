# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Text layers that read like writing, and those that do not."""

import string

import pytest

from router.reading.plausible import is_plausible
from router.records import Box, Word

GERMAN = """Sehr geehrte Damen und Herren, hiermit beantrage ich die Verlängerung meiner Aufenthaltserlaubnis bis Ende
Mai. Mein Arbeitgeber verlangt bald einen Nachweis, dass ich weiter arbeiten darf; den Vertrag lege ich bei. Bitte
teilen Sie mir mit, welche Unterlagen noch fehlen und wann ich zu Ihnen kommen kann."""


def _words(text: str) -> list[Word]:
    return [Word(part, Box(0, 0, 10, 10), 1.0, 0) for part in text.split()]


def _shifted(text: str, by: int, alphabet: str = string.ascii_letters) -> str:
    return "".join(
        alphabet[(alphabet.index(letter) + by) % len(alphabet)] if letter in alphabet else letter for letter in text
    )


@pytest.mark.parametrize(
    "text",
    [
        GERMAN,
        "I am writing to ask for an appointment, because my residence permit runs out at the end of this year.",
        "Oturma iznimin süresi bu yılın sonunda doluyor, bu nedenle sizden en kısa zamanda bir randevu rica ediyorum.",
        "Moje zezwolenie na pobyt traci ważność z końcem roku, dlatego proszę o wyznaczenie terminu w urzędzie.",
        "Mon titre de séjour expire à la fin de l’année, c’est pourquoi je vous prie de me fixer un rendez-vous.",
        "Leja ime e qëndrimit skadon në fund të këtij viti, prandaj ju lutem të më caktoni një takim në zyrën tuaj.",
        "Giấy phép cư trú của tôi sẽ hết hạn vào cuối năm nay, vì vậy tôi xin quý cơ quan cho tôi một cuộc hẹn sớm.",
        "Срок действия моего вида на жительство истекает в конце года, поэтому прошу назначить мне встречу.",
        "تنتهي صلاحية تصريح إقامتي في نهاية هذا العام ولذلك أرجو منكم تحديد موعد لي في أقرب وقت ممكن",
    ],
)
def test_writing_in_many_languages_is_writing(text: str) -> None:
    assert is_plausible(_words(text))


@pytest.mark.parametrize("by", [1, 2, 3, 5, 10, 20, 23])
def test_other_letters_than_on_paper_are_known(by: int) -> None:
    assert is_plausible(_words(GERMAN))
    assert not is_plausible(_words(_shifted(GERMAN, by)))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "".join(chr(0xF000 + ord(letter) % 256) for letter in text if letter != " "),
        lambda text: "\ufffd" * len(text),
        lambda text: "".join(chr(ord(letter) - 29) if 32 < ord(letter) < 127 else letter for letter in text),
        lambda text: "".join(letter for letter in text if letter not in "aeiouäöü"),
        lambda text: " ".join(text.replace(" ", "")),
        lambda text: "|. ,:; ~ '\" " * 20,
    ],
    ids=["private", "replaced", "glyph numbers", "no vowels", "one word a letter", "dust"],
)
def test_broken_text_layers_are_known(spoil: object) -> None:
    assert callable(spoil)
    assert not is_plausible(_words(spoil(GERMAN)))


def test_too_little_text_is_taken_as_it_is() -> None:
    assert is_plausible(_words("Bl. 17 Rs."))
    assert not is_plausible([])
