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
    paragraphs: list[list[str]] = []
    depth_before, flows = -1, False
    for line in text.splitlines():
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")
        is_signature = words == "-- "
        if not flows or depth != depth_before or is_signature:
            paragraphs.append(["> " * depth])
        flows = words.endswith(" ") and not is_signature
        paragraphs[-1].append(words[:-1] if flows and delete_space else words)
        depth_before = depth
    return "\n".join("".join(pieces) for pieces in paragraphs)
