# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Paragraphs of mails that were broken into short lines for the way (RFC 3676, ``format=flowed``)."""

__all__ = ["unflow"]


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Return `text` with its paragraphs in one line each.

    Parameters
    ----------
    text
        A line that ends in a blank goes on in the next one of the same quoting depth; the line before a signature
        never does.
    delete_space
        Whether that blank was added for the way (``DelSp=yes``), as for languages without blanks.
    """
    lines: list[str] = []
    depth_before, flows = -1, False
    for line in text.splitlines():
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")
        is_signature = words == "-- "
        if flows and depth == depth_before and not is_signature:
            lines[-1] += words
        else:
            lines.append("> " * depth + words if depth else words)
        flows = words.endswith(" ") and not is_signature
        if flows and delete_space:
            lines[-1] = lines[-1][:-1]
        depth_before = depth
    return "\n".join(lines)
