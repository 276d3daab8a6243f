# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters and decisions as bytes in one column each: compressed JSON."""

import json
import zlib
from typing import Any

from router.deciding.report import decision_from_json, decision_to_json, letter_from_json, letter_to_json
from router.records import Decision, Letter

__all__ = ["clean_text", "pack_decision", "pack_letter", "unpack_decision", "unpack_letter"]


def clean_text(text: str, longest: int = 1000) -> str:
    """Return `text` as the database can hold it: without NUL and half characters, shortened."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")[:longest]


def pack_letter(letter: Letter) -> bytes:
    """Return a letter's stored form."""
    return _pack(letter_to_json(letter))


def unpack_letter(packed: bytes) -> Letter:
    """Return the letter that ``pack_letter`` packed."""
    return letter_from_json(json.loads(zlib.decompress(packed)))


def pack_decision(decision: Decision) -> bytes:
    """Return a decision's stored form."""
    return _pack(decision_to_json(decision))


def unpack_decision(packed: bytes) -> Decision:
    """Return the decision that ``pack_decision`` packed."""
    return decision_from_json(json.loads(zlib.decompress(packed)))


def _pack(value: dict[str, Any]) -> bytes:
    # Damaged files yield halves of surrogate pairs, which no UTF-8 can hold.
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return zlib.compress(text.encode("utf-8", "replace"), 3)
