# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters as text, read the way the service reads them, and the facts found in them."""

import datetime as dt
import re
from collections.abc import Callable

import pytest

from router.facts.extract import OfficeWords, extract
from router.facts.model import FactsModel, load_facts_model
from router.office.surnames import name_tokens
from router.reading.limits import Limits
from router.reading.plain import lay_out
from router.records import Facts, Letter, LetterKind, PageSource

RECEIVED = dt.date(2026, 3, 13)
KNOWN = name_tokens("Özdemir Haddad Khatib Karimi Reza Muñoz محمد")


@pytest.fixture(scope="session")
def facts_model() -> FactsModel:
    return load_facts_model()


@pytest.fixture
def facts_of(facts_model: FactsModel) -> Callable[..., Facts]:
    words = OfficeWords(
        re.compile(r"33\.\d-\d{3}-\d{6}"),
        {"meyer": "Frau Meyer", "yildiz": "Herr Yıldız"},
        lambda folded: not name_tokens(folded).isdisjoint(KNOWN),
    )

    def find(text: str, kind: LetterKind = LetterKind.TEXT) -> Facts:
        pages = tuple(lay_out(text, first=1, source=PageSource.TEXT, limits=Limits()))
        return extract(Letter(pages, kind), facts_model, words, RECEIVED)

    return find
