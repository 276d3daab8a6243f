# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from concurrent.futures import ThreadPoolExecutor

from router.texts import DEFAULT_LANGUAGE, current_language, in_language, ngettext, set_language
from router.texts import _ as translate


def test_languages_nest_and_end() -> None:
    assert current_language() == DEFAULT_LANGUAGE == "de"
    with in_language("en"):
        assert translate("There is no such file") == "There is no such file"
        with in_language("de"):
            assert translate("There is no such file") != "There is no such file"
        assert current_language() == "en"
    assert current_language() == "de"


def test_an_unknown_language_leaves_the_default() -> None:
    with in_language("en"):
        set_language("fr")
        assert current_language() == "de"
        with in_language("xx"):
            assert current_language() == "de"


def test_a_message_without_translation_stays() -> None:
    assert translate("no such message at all") == "no such message at all"
    assert [ngettext("{n} oak", "{n} oaks", n) for n in (1, 2)] == ["{n} oak", "{n} oaks"]


def test_languages_of_threads_are_apart() -> None:
    with in_language("en"), ThreadPoolExecutor(1) as pool:
        assert pool.submit(current_language).result() == "de"
