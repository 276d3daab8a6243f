# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Bytes to text by the name a sender gives their character set, which is often wrong."""

import webencodings

from router.reading.plain import decode

__all__ = ["decode_as", "decode_code_page"]

# Windows' numbers for character sets that have other names elsewhere.
_CODE_PAGES = {
    932: "shift_jis",
    936: "gbk",
    949: "euc-kr",
    950: "big5",
    1200: "utf-16le",
    10000: "macintosh",
    20127: "us-ascii",
    20866: "koi8-r",
    21866: "koi8-u",
    50220: "iso-2022-jp",
    50221: "iso-2022-jp",
    50222: "iso-2022-jp",
    51932: "euc-jp",
    51949: "euc-kr",
    52936: "gb18030",
    54936: "gb18030",
    65001: "utf-8",
}
# What a label of these says is true so rarely that the bytes themselves are asked first.
_DOUBTFUL = frozenset(["utf-8", "windows-1252", "replacement"])


def decode_as(data: bytes, label: str | None) -> str:
    """Return `data` as text.

    Labels are understood as browsers do (WHATWG Encoding Standard): ISO 8859-1 means Windows-1252, GB2312 means GBK.
    A missing or unknown label, and UTF-7, which hides markup and is no character set of the standard, leave it to
    the bytes: UTF-8 where they are that, else Windows-1252.
    """
    encoding = webencodings.lookup((label or "").strip("\"' \t"))
    if encoding is None or encoding.name in _DOUBTFUL:
        return decode(data)
    return data.decode(encoding.codec_info.name, errors="replace")


def decode_code_page(data: bytes, number: int | None) -> str:
    """Return `data` as text by the number Microsoft's programs give a character set."""
    if number is not None and 28591 <= number <= 28606:
        return decode_as(data, f"iso-8859-{number - 28590}")
    return decode_as(data, _CODE_PAGES.get(number or 0, f"windows-{number}"))
