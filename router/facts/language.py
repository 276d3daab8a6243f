# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Language of a letter."""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

__all__ = ["LETTER_LANGUAGES", "detect"]

LETTER_LANGUAGES = (
    "de", "en", "fr", "it", "es", "pt", "tr", "uk", "ru", "ar", "fa", "pl", "ro", "bg", "nl", "vi",
    "sq", "bs", "hr", "sr", "zh", "el", "hu",
)  # fmt: skip
"""Languages told apart; a closed list keeps short German mails from being taken for Luxembourgish."""


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(LETTER_LANGUAGES))
    return identifier


def detect(text: str) -> str:
    """Return the ISO 639-1 code of the language most of `text` is in; ``und`` for hardly any text.

    Official phrases in German at the top of a foreign letter do not decide: the middle of the text counts.
    """
    letters = sum(sign.isalpha() for sign in text)
    if letters < 20:
        return "und"
    middle = text[len(text) // 5 : len(text) // 5 + 3000] if letters > 400 else text[:3000]
    code, probability = _identifier().classify(middle)
    return str(code) if probability >= 0.5 else "und"
