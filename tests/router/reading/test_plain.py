# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Plain text has one Unicode form, whatever the sender's program writes."""

import unicodedata

from router.reading.limits import Limits
from router.reading.plain import lay_out
from router.records import PageSource


def test_decomposed_umlauts_are_read_as_one_character() -> None:
    text = "Prüfung für Frau Öztürk\nStraße"
    pages = [
        lay_out(unicodedata.normalize(form, text), first=1, source=PageSource.TEXT, limits=Limits())
        for form in ("NFC", "NFD")
    ]
    assert pages[0] == pages[1]
    assert pages[1][0].words[0].text == unicodedata.normalize("NFC", "Prüfung")
