# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the settings say about reading."""

from pathlib import Path

from router.reading.codes import SEPARATOR_TEXTS
from router.reading.configured import ocr_of
from router.settings import Settings


def test_separator_texts_are_those_the_reader_knows_until_an_office_says_others(tmp_path: Path) -> None:
    assert frozenset(ocr_of(Settings(data=tmp_path)).separators) == SEPARATOR_TEXTS
    own = Settings(data=tmp_path, separator_codes=" Trennblatt, patch2 ,,")
    assert ocr_of(own).separators == ("PATCH2", "TRENNBLATT")
