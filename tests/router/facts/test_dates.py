# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.facts.dates import find_dates, find_deadlines, is_birth_date
from router.facts.spans import ReadableText

RECEIVED = dt.date(2026, 3, 13)


@pytest.mark.parametrize(
    "written",
    [
        "03.05.1991", "3.5.1991", "03/05/1991", "03-05-1991", "1991-05-03", "03. 05. 1991", "03.05.91", "3. Mai 1991",
        "3 May 1991", "3rd May 1991", "May 3, 1991", "3 mai 1991", "3 de mayo de 1991", "3 Mayıs 1991", "3 мая 1991",
        "O3.05.1991",
    ],
)  # fmt: skip
@pytest.mark.parametrize("around", ["am {} in", "Grüße, Straße, {}."])
def test_dates_as_letters_write_them(written: str, around: str) -> None:
    text = around.format(written)
    found = find_dates(ReadableText(text))
    assert [date.date for date in found] == [dt.date(1991, 5, 3)]
    assert text[found[0].start : found[0].end] == written


@pytest.mark.parametrize("text", ["31.02.2026", "45.05.2026", "12.13.2026", "Tel. 0341.12.13.14", "123.05.19911"])
def test_what_is_no_date(text: str) -> None:
    assert find_dates(ReadableText(text)) == []


@given(st.dates(dt.date(1931, 1, 1), dt.date(2099, 12, 31)), st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y"]))
def test_every_date_is_read_back(date: dt.date, form: str) -> None:
    assert [found.date for found in find_dates(ReadableText(f"vom {date.strftime(form)} an"))] == [date]


@given(st.text(max_size=60))
def test_dates_lie_in_the_text(text: str) -> None:
    readable = ReadableText(text)
    assert all(0 <= d.start < d.end <= len(text) for d in find_dates(readable))
    find_deadlines(readable, find_dates(readable), RECEIVED)


@pytest.mark.parametrize(
    "text", ["geb. 03.05.1991", "geboren am 03.05.1991", "* 03.05.1991", "born on 3 May 1991",
             "Geburtsdatum: 03.05.1991",
             "né(e) le 3 mai 1991", "doğum tarihi: 03.05.1991", "дата рождения: 03.05.1991"],
)  # fmt: skip
def test_birth_dates_show_by_the_words_before(text: str) -> None:
    readable = ReadableText(text)
    assert is_birth_date(readable, find_dates(readable)[0], RECEIVED)


@pytest.mark.parametrize("text", ["am 03.05.1991", "geb. 03.05.2030", "Bescheid vom 03.05.1991"])
def test_other_dates_are_no_birth_dates(text: str) -> None:
    readable = ReadableText(text)
    assert not is_birth_date(readable, find_dates(readable)[0], RECEIVED)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("bis zum 30.03.2026", dt.date(2026, 3, 30)),
        ("spätestens am 1. April 2026", dt.date(2026, 4, 1)),
        ("no later than 2026-04-01", dt.date(2026, 4, 1)),
        ("binnen zwei Wochen", dt.date(2026, 3, 27)),
        ("innerhalb von 10 Tagen", dt.date(2026, 3, 23)),
        ("within 24 hours", dt.date(2026, 3, 14)),
        ("binnen eines Monats", dt.date(2026, 4, 12)),
    ],
)
def test_deadlines(text: str, date: dt.date) -> None:
    readable = ReadableText(f"Bitte {text}.")
    assert [d.date for d in find_deadlines(readable, find_dates(readable), RECEIVED)] == [date]


@pytest.mark.parametrize(
    "text", ["gültig bis 01.01.2020", "bis zum 01.01.2031", "am 30.03.2026", "binnen weniger Tage"]
)
def test_what_is_no_deadline(text: str) -> None:
    readable = ReadableText(text)
    assert find_deadlines(readable, find_dates(readable), RECEIVED) == []
