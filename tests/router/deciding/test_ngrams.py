# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""N-grams hashed side by side are those of scikit-learn, each with its place."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from router.deciding.ngrams import Grams, letter_groups, lowered, word_groups

_TEXT = "Ich beantrage § 16b die  Verlängerung\nmeiner Aufenthaltserlaubnis, bitte. Ünal Їжак 学生 😀 "


def _written(grams: Grams, text: str) -> list[str]:
    padded = f" {text} "
    return [padded[start + 1 : end + 1] for start, end in zip(grams.starts, grams.ends, strict=True)]


@pytest.mark.parametrize(("shortest", "longest"), [(3, 5), (3, 6), (4, 4)])
def test_letter_groups_are_those_within_words(shortest: int, longest: int) -> None:
    text = lowered(_TEXT)
    analyse = CountVectorizer(analyzer="char_wb", ngram_range=(shortest, longest)).build_analyzer()
    # The library counts a word shorter than a group as one group; here it has none of that length.
    wanted = Counter(gram for gram in analyse(text) if len(gram) >= shortest)
    assert Counter(_written(letter_groups(text, shortest, longest), text)) == wanted


def test_words_and_pairs_stand_where_they_say() -> None:
    text = "bitte um akteneinsicht, § 16b"
    assert _written(word_groups(text), text) == [
        "bitte", "um", "akteneinsicht", "§", "16b",
        "bitte um", "um akteneinsicht", "akteneinsicht, §", "§ 16b",
    ]  # fmt: skip


@given(st.text(max_size=60), st.text(alphabet="abc äß§", max_size=30))
def test_equal_groups_have_equal_hashes_and_others_another(first: str, second: str) -> None:
    seen: dict[str, int] = {}
    for text in (lowered(first), lowered(second), lowered(f"{second} {first}")):
        grams = letter_groups(text, 3, 5)
        for hashed, written in zip(grams.hashes.tolist(), _written(grams, text), strict=True):
            assert seen.setdefault(written, hashed) == hashed
    assert len(set(seen.values())) == len(seen)


def test_a_word_is_the_same_wherever_it_stands() -> None:
    alone = word_groups("studium").hashes[0]
    later = word_groups(f"{'ein wort ' * 200}studium")
    assert later.hashes[400] == alone
    assert word_groups("muiduts").hashes[0] != alone


@given(st.text(max_size=80))
def test_lower_case_keeps_every_sign_in_its_place(text: str) -> None:
    assert len(lowered(text)) == len(text)
    assert not set(lowered(text)) & set("\n\t\r\f")


def test_buckets_are_spread_evenly() -> None:
    text = " ".join(f"wort{number}" for number in range(900))
    buckets = word_groups(text).buckets(64)
    assert buckets.min() >= 0
    assert np.bincount(buckets, minlength=64).max() < 3 * len(buckets) / 64


@pytest.mark.parametrize("text", ["", " ", "a", "😀"])
def test_hardly_any_text_has_hardly_any_groups(text: str) -> None:
    assert len(word_groups(text).hashes) == 0
    assert len(letter_groups(text, 4, 6).hashes) == 0
