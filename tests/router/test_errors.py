# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import inspect

import pytest

from router import errors
from router.errors import ImportMistakesError, PostweicheError

CLASSES = [c for _n, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, PostweicheError)]


def test_codes_are_unique_and_the_list_is_whole() -> None:
    codes = [cls.code for cls in CLASSES]
    assert len(set(codes)) == len(codes)
    assert {cls.__name__ for cls in CLASSES} == set(errors.__all__)


@pytest.mark.parametrize("cls", CLASSES)
def test_each_has_a_status_for_shell_and_web(cls: type[PostweicheError]) -> None:
    assert 64 <= cls.exit_status <= 78
    assert 400 <= cls.http_status <= 599
    assert not cls.again or cls.http_status == 503


def test_a_message_says_item_what_and_remedy() -> None:
    assert str(PostweicheError("What", item="7", remedy="do")) == "7: What → do"
    assert str(PostweicheError("What")) == "What"
    assert str(ImportMistakesError("What", mistakes=["a", "b"])) == "What\n  - a\n  - b"
