# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Values of XFA forms, whose pages only Adobe's programs can draw (XML Forms Architecture 3.3).

Such a PDF shows every other program one page that asks to wait or to install a newer program.
"""

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from lxml import etree

from router.errors import TooLargeError
from router.reading.embedded import decoded
from router.reading.limits import Limits

__all__ = ["form_text"]

_DATA = "http://www.xfa.org/schema/xfa-data/1.0/"
_ERRORS = (pikepdf.PdfError, etree.XMLSyntaxError, ValueError, TypeError, KeyError, AttributeError, RuntimeError)
_MOST_BYTES = 20 * 2**20
_MOST_LINES = 3000
_MARKUP = "http://www.w3.org/1999/xhtml"


def form_text(data: bytes, limits: Limits) -> str:
    """Return the filled fields of an XFA form as lines of ``name: value``, in the order of its data.

    The name is the caption that stands beside the field where the form has one, else the field's own name. Pictures
    and empty fields are left out.

    Parameters
    ----------
    data
        The PDF's bytes.
    limits
        Text beyond ``max_characters`` is left out.
    """
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            packets = _packets(document.Root.AcroForm.XFA)
    except (*_ERRORS, TooLargeError):
        return ""
    captions: dict[str, str] = {}
    lines: list[str] = []
    for packet in packets:
        try:
            root = etree.fromstring(packet, etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
        except _ERRORS:
            continue
        if root is None:
            continue
        for element in root.iter("{*}field", "{*}exclGroup"):
            caption = _caption(element)
            if caption:
                captions.setdefault(str(element.get("name", "")), caption)
        for values in root.iter(f"{{{_DATA}}}data"):
            lines += [f"{captions.get(name, name)}: {value}" for name, value in _values(values)]
    return "\n".join(lines[:_MOST_LINES])[: limits.max_characters]


def _packets(found: Any) -> list[bytes]:
    """Return the form's XML: one stream, or pieces with names, of which those before the data hold the captions."""
    if isinstance(found, pikepdf.Stream):
        return [decoded(found, _MOST_BYTES)]
    pieces = {str(found[index]): found[index + 1] for index in range(0, len(found) - 1, 2)}
    wanted = [pieces[name] for name in ("template", "datasets") if name in pieces]
    return [decoded(piece, _MOST_BYTES) for piece in wanted if isinstance(piece, pikepdf.Stream)]


def _caption(element: Any) -> str:
    for caption in element.iterchildren("{*}caption"):
        return " ".join(" ".join(caption.itertext()).split()).rstrip(":* ")
    return ""


def _values(node: Any) -> Iterator[tuple[str, str]]:
    """Yield name and value of the leaves; text with markup of its own counts as one value."""
    for element in node.iterchildren(tag=etree.Element):
        if element.get(f"{{{_DATA}}}dataNode") == "dataGroup" or _is_group(element):
            yield from _values(element)
            continue
        value = "\n".join(" ".join(line.split()) for line in "".join(element.itertext()).splitlines()).strip()
        picture = any(name.endswith("contentType") and "image" in kind for name, kind in element.attrib.items())
        if value and not picture and not re.fullmatch(r"[A-Za-z0-9+/=\s]{400,}", value):
            yield etree.QName(element).localname, value


def _is_group(element: Any) -> bool:
    """Tell fields that hold fields from those whose text has markup of its own."""
    namespaces = {etree.QName(child).namespace for child in element.iterchildren(tag=etree.Element)}
    return bool(namespaces) and _MARKUP not in namespaces
