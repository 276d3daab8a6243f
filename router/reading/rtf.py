# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Text of Rich Text Format."""

import re

from striprtf.striprtf import rtf_to_text

__all__ = ["text_of_rtf"]

# striprtf leaves these out; a letter's sender often stands in the head of the page and nowhere else.
_SET_ASIDE = re.compile(r"\{\s*\\(?:header|footer)[lrf]?(?![a-z])|\{\s*\\footnote(?![a-z])")
_CELL = re.compile(r"\\(?:nest)?cell(?![a-z])")


def text_of_rtf(data: bytes) -> str:
    """Return the text of a document, that of page heads and feet and of footnotes where they are noted.

    HTML that Outlook wraps in RTF comes out as its text, too: it is written beside the markup for such readers.
    """
    markup = _SET_ASIDE.sub(r"{\\par ", data.decode("latin-1"))
    text: str = rtf_to_text(_CELL.sub(r"\\tab", markup), errors="replace")
    return text.replace("\0", "")
