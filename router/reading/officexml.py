# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Text of office documents that are XML in a ZIP: Office Open XML (ECMA-376) and OpenDocument (ISO/IEC 26300).

Paragraphs are lines, rows of tables are lines with tabs, page breaks are form feeds. Text boxes and notes follow the
paragraph they hang on. Names of elements count, not their namespaces, which differ between editions.
"""

import re
import zipfile
from collections.abc import Iterable, Iterator

from lxml import etree

__all__ = ["text_of_opendocument", "text_of_word"]

_PARAGRAPHS = frozenset(["p", "h"])
_ROWS, _CELLS = frozenset(["tr", "table-row"]), frozenset(["tc", "table-cell"])
_BOXES = frozenset(["txbxContent", "text-box", "note-body"])
# The same box for older programs; deleted words; remarks of colleagues; numbers of notes.
_LEFT_OUT = frozenset(
    ["Fallback", "del", "moveFrom", "instrText", "delText", "tracked-changes", "annotation", "note-citation", "forms"]
)
_BLANKS = {"tab": "\t", "line-break": "\n", "cr": "\n", "noBreakHyphen": "-", "soft-page-break": ""}
_MOST_BLANKS = 100
_NUMBER = re.compile(r"\d+")


def text_of_word(archive: zipfile.ZipFile) -> str:
    """Return the text of a Word document: page heads, body, notes, page feet.

    Raises
    ------
    KeyError, etree.XMLSyntaxError
        When it has no body, or that is damaged.
    """
    names = sorted(archive.namelist(), key=lambda name: (len(name), name))

    def parts(pattern: str) -> Iterator[str]:
        for name in names:
            if re.fullmatch(pattern, name):
                yield _text(_parsed(archive.read(name)))

    body = next(parts(r"word/document\d*\.xml"), None)
    if body is None:
        raise KeyError("word/document.xml")
    notes = parts(r"word/(?:footnotes|endnotes)\d*\.xml")
    return _together([*parts(r"word/header\d*\.xml"), body, *notes, *parts(r"word/footer\d*\.xml")])


def text_of_opendocument(archive: zipfile.ZipFile) -> str:
    """Return the text of an OpenDocument text: page heads, body with its notes, page feet.

    Raises
    ------
    KeyError, etree.XMLSyntaxError
        When it has no body, or that is damaged.
    """
    body = _text(_parsed(archive.read("content.xml")))
    heads: list[str] = []
    feet: list[str] = []
    if "styles.xml" in archive.namelist():
        for node in _elements(_parsed(archive.read("styles.xml"))):
            if _name(node) in ("header", "header-first", "header-left"):
                heads.append(_text(node))
            elif _name(node) in ("footer", "footer-first", "footer-left"):
                feet.append(_text(node))
    return _together([*heads, body, *feet])


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True)
    return etree.fromstring(data, parser)


def _together(texts: Iterable[str]) -> str:
    """Join what says something; the same head for first and other pages is said once."""
    return "\n\n".join(dict.fromkeys(text for text in texts if text.strip()))


def _name(node: etree._Element) -> str:
    return str(node.tag).rsplit("}", 1)[-1]


def _elements(node: etree._Element) -> Iterator[etree._Element]:
    return (child for child in node.iter() if isinstance(child.tag, str))


def _children(node: etree._Element) -> Iterator[etree._Element]:
    return (child for child in node if isinstance(child.tag, str) and _name(child) not in _LEFT_OUT)


def _text(node: etree._Element) -> str:
    return "\n".join(_lines(node)).strip("\n")


def _lines(node: etree._Element) -> Iterator[str]:
    """Yield the lines of a block, whatever it is nested in."""
    for child in _children(node):
        if _name(child) in _PARAGRAPHS:
            yield from _paragraph(child)
        elif _name(child) in _ROWS:
            yield from _row(child)
        else:
            yield from _lines(child)


def _row(row: etree._Element) -> Iterator[str]:
    """Yield a row in one line; cells of several lines, as of a letterhead, one after another."""
    cells = [[line for line in _lines(cell) if line.strip()] for cell in _elements_within(row)]
    if all(len(cell) <= 1 for cell in cells):
        yield "\t".join(line for cell in cells for line in cell)
    else:
        for cell in cells:
            yield from cell


def _elements_within(row: etree._Element) -> Iterator[etree._Element]:
    for child in _children(row):
        if _name(child) in _CELLS:
            yield child
        else:
            yield from _elements_within(child)


def _paragraph(node: etree._Element) -> Iterator[str]:
    pieces: list[str] = []
    boxes: list[etree._Element] = []
    _collect(node, pieces, boxes)
    yield from "".join(pieces).split("\n")
    for box in boxes:
        yield from _lines(box)


def _collect(node: etree._Element, pieces: list[str], boxes: list[etree._Element]) -> None:
    """Collect the words of a paragraph, and the boxes that hang on it."""
    if _name(node) == "t" or _is_opendocument(node):
        pieces.append(node.text or "")
    for child in _children(node):
        name = _name(child)
        if name in _BOXES:
            boxes.append(child)
        elif name in _BLANKS:
            pieces.append(_BLANKS[name])
        elif name == "br":
            pieces.append("\f" if _attribute(child, "type") == "page" else "\n")
        elif name == "s":
            count = _NUMBER.fullmatch(_attribute(child, "c"))
            pieces.append(" " * min(int(count[0]) if count else 1, _MOST_BLANKS))
        else:
            _collect(child, pieces, boxes)
        if _is_opendocument(child):
            pieces.append(child.tail or "")


def _is_opendocument(node: etree._Element) -> bool:
    """Tell whether words stand between elements; in Office Open XML only blanks for the eye do."""
    return "opendocument" in node.tag


def _attribute(node: etree._Element, name: str) -> str:
    return next((str(value) for key, value in node.attrib.items() if key.rsplit("}", 1)[-1] == name), "")
