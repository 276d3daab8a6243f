# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import pytest

from router.records import EvidenceSource, LetterKind, Owner, PersonRole, Reason, ReferenceKind
from router.store.views import LetterState
from router.texts import in_language
from router.web.shown import PostShown, post_named, shows_nothing, telling
from router.web.templating import percent
from router.web.words import (
    country_words,
    kind_words,
    language_words,
    owner_words,
    reason_words_of,
    reference_words,
    role_words,
    source_words,
    state_words,
)

POSTS = {
    post.id: post
    for post in (
        PostShown("33.21", "Studium A–K", "meyer", "Frau Meyer"),
        PostShown("33.22", "Studium L–Z", "schulz", "Herr Schulz"),
        PostShown("33.2", "Leitung", "meyer", "Frau Meyer"),
    )
}


@pytest.mark.parametrize(
    ("typed", "post"),
    [
        ("33.21", "33.21"),
        (" 33.2 ", "33.2"),
        ("33.22 · Studium L–Z · Herr Schulz", "33.22"),
        ("herr schulz", "33.22"),
        ("LEITUNG meyer", "33.2"),
        ("Frau Meyer", None),
        ("Studium", None),
        ("33", None),
        ("", None),
        ("···", None),
        ("Unbekannt", None),
    ],
)
def test_typed_words_name_one_post_or_none(typed: str, post: str | None) -> None:
    assert post_named(POSTS, typed) == post


@pytest.mark.parametrize(
    ("share", "digits", "shown"),
    [
        (0.0, 0, "0 %"),
        (0.004, 0, "under 1 %"),
        (0.29, 0, "29 %"),
        (0.9999, 0, "99 %"),
        (1.0, 0, "100 %"),
        (0.98456, 1, "98.4 %"),
        (0.0004, 1, "under 0.1 %"),
    ],
)
def test_shares_are_never_shown_as_more_than_they_are(share: float, digits: int, shown: str) -> None:
    with in_language("en"):
        assert percent(share, digits).replace("\u00a0", " ") == shown


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_term_has_words(language: str) -> None:
    with in_language(language):
        said = [
            *map(state_words, LetterState),
            *map(kind_words, LetterKind),
            *map(source_words, EvidenceSource),
            *map(reference_words, ReferenceKind),
            *map(owner_words, Owner),
            *map(role_words, PersonRole),
            *map(reason_words_of, Reason),
        ]
    assert all(said)
    assert not [words for words in said if "_" in words]


def test_languages_and_countries_have_names() -> None:
    with in_language("de"):
        assert (language_words("uk"), language_words("xx"), country_words("475")) == ("Ukrainisch", "xx", "Syrien")
        assert country_words(None) == ""
        assert language_words("") == language_words("und")


def test_where_nothing_was_read_nothing_else_is_a_reason() -> None:
    reasons = (Reason.ENCRYPTED, Reason.UNREADABLE, Reason.LOW_CONFIDENCE, Reason.MISDIRECTED)
    assert shows_nothing(reasons)
    assert telling(reasons) == (Reason.ENCRYPTED, Reason.UNREADABLE)
    assert telling((Reason.LOW_CONFIDENCE, Reason.MISDIRECTED)) == (Reason.LOW_CONFIDENCE, Reason.MISDIRECTED)
