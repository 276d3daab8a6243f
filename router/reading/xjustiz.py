# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Messages of the courts (XJustiz 2.2.1 to 3.x): what goes with the documents as ``xjustiz_nachricht.xml``.

Versions move elements about; therefore elements are found by their name, wherever they stand below their part.
"""

import datetime as dt
import re
from collections.abc import Iterator

from lxml import etree

from router.errors import UnreadableError
from router.reading.contents import Contents, Unpacking
from router.records import CourtMessage, CourtParty, PageSource

__all__ = ["open_court_message"]

# Code list GDS.Rollenbezeichnung, the roles that letters to an immigration office speak of.
_ROLES = {
    "004": "Angeklagter",
    "005": "Angeschuldigter",
    "015": "Antragsgegner",
    "016": "Antragsteller",
    "025": "Beigeladener",
    "028": "Beklagter",
    "029": "Berufungsbeklagter",
    "030": "Berufungskläger",
    "031": "Beschuldigter",
    "032": "Beschwerdeführer",
    "033": "Beschwerdegegner",
    "037": "Betreuer",
    "038": "Betreuter",
    "040": "Betroffener",
    "041": "Bevollmächtigter",
    "101": "Kläger",
    "108": "Minderjähriger",
    "110": "Mündel",
    "123": "Pfleger",
    "128": "Pflichtverteidiger",
    "132": "Prozessbevollmächtigter",
    "135": "Rechtsanwalt",
    "139": "Revisionsbeklagter",
    "140": "Revisionskläger",
    "143": "Schuldner",
    "151": "Sonstiger Beteiligter",
    "153": "Staatsanwaltschaft",
    "169": "Verfahrensbevollmächtigter",
    "182": "Verteidiger",
    "187": "Verurteilter",
    "189": "Verwaltungsbehörde",
    "193": "Vormund",
    "202": "Zeuge",
    "204": "Zulassungsantragsgegner",
    "205": "Zulassungsantragsteller",
    "206": "Zustellungsbevollmächtigter",
}
_MOST = 200
"""Parties and documents that are shown."""
_CAPITAL = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")


def open_court_message(data: bytes, unpacking: Unpacking) -> Contents:
    """Return what a court's message says, as records and on a page a person can read.

    The documents it speaks of lie beside it and are read for themselves. Entities, document type definitions and
    anything outside the file are left alone.

    Raises
    ------
    UnreadableError
        When it is no XML at all.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableError("the court's message is no XML") from error
    if root is None:
        raise UnreadableError("the court's message is no XML")
    head = _first(root, "nachrichtenkopf")
    message = CourtMessage(
        _sender(root, head),
        _references(head, "absender"),
        _references(head, "empfaenger"),
        tuple(_parties(root)),
    )
    return Contents(_page(root, head, message), PageSource.TEXT, court=message)


def _named(node: etree._Element | None, *names: str) -> Iterator[etree._Element]:
    """Yield the elements of any of these names below a node, whatever their namespace."""
    if node is not None:
        yield from (child for child in node.iter() if isinstance(child.tag, str) and _name(child) in names)


def _first(node: etree._Element | None, *names: str) -> etree._Element | None:
    return next(_named(node, *names), None)


def _name(node: etree._Element) -> str:
    # A prefix that is declared nowhere, as in a file that was cut, stays in the name.
    return re.split("[}:]", node.tag)[-1]


def _text(node: etree._Element | None) -> str:
    """Return the words of an element: its own, or those of all it holds; no remarks, no entities."""
    if node is None:
        return ""
    pieces: list[str] = []
    for child in node.iter():
        if isinstance(child.tag, str):
            pieces.append(child.text or "")
        if child is not node:
            pieces.append(child.tail or "")
    return " ".join(" ".join(pieces).split())


def _value(node: etree._Element | None, *names: str) -> str:
    return _text(_first(node, *names))


def _coded(node: etree._Element | None) -> str:
    """Return what a key stands for where the message says so, in words or in a remark, else the key."""
    if node is None:
        return ""
    remark = next((str(child.text or "").strip() for child in node.iter(etree.Comment)), "")
    return _value(node, "name") or remark or _value(node, "code") or _text(node)


def _references(head: etree._Element | None, side: str) -> tuple[str, ...]:
    """Return the file numbers of the message's sender or recipient."""
    found = [_reference(node) for node in _named(head, f"aktenzeichen.{side}")]
    for node in _named(head, side):  # newer versions put each number below whom it belongs to
        found += [_reference(child) for child in _named(node, "aktenzeichen")]
    return tuple(dict.fromkeys(value for value in found if value))


def _reference(node: etree._Element) -> str:
    """Return a file number, put together where it comes in pieces: ``7 K 123/24``."""
    if written := _value(node, "aktenzeichen.freitext"):
        return written
    pieces = _first(node, "aktenzeichen.strukturiert")
    if pieces is None:
        return _text(node)
    register, number, year = (_value(pieces, name) for name in ("register", "laufendeNummer", "jahr"))
    before = [_value(pieces, "sachgebietsschluessel"), _value(pieces, "abteilung"), register]
    return " ".join([*(piece for piece in before if piece), "/".join(piece for piece in (number, year[-2:]) if piece)])


def _sender(root: etree._Element, head: etree._Element | None) -> str:
    for choice in _named(head, "auswahl_absender", "absender"):
        for child in choice:
            if isinstance(child.tag, str) and _name(child).startswith("absender") and _coded(child):
                return _coded(child)
    authority = _first(root, "auswahl_instanzbehoerde")
    return (
        _coded(next((child for child in authority if isinstance(child.tag, str)), None))
        if authority is not None
        else ""
    )


def _parties(root: etree._Element) -> Iterator[CourtParty]:
    for count, involved in enumerate(_named(root, "beteiligung")):
        if count >= _MOST:
            return
        role = _role(involved)
        person = _first(involved, "natuerlichePerson")
        if person is not None:
            name = _first(person, "vollerName")
            surname = " ".join(
                piece for piece in (_value(name, "namensvorsatz"), _value(name, "nachname")) if piece
            ) or _value(name, "geburtsname")
            if surname or _value(name, "vorname"):
                yield CourtParty(surname, _value(name, "vorname"), role, _date(_value(person, "geburtsdatum")))
            continue
        body = _first(involved, "organisation", "ra.kanzlei", "juristischePerson")
        name = _first(body, "bezeichnung.aktuell")
        called = _text(name) if name is not None else _value(body, "bezeichnung", "kurzbezeichnung")
        if called:
            yield CourtParty(called, role=role)


def _role(involved: etree._Element) -> str:
    described = _first(involved, "rollenbezeichnung")
    key = _value(described, "code") or _text(described)
    return _ROLES.get(key) or ("" if (said := _coded(described)).isdigit() else said)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return None


def _page(root: etree._Element, head: etree._Element | None, message: CourtMessage) -> str:
    """Return the message in the words of a letter, which the finder of facts knows."""
    lines = [
        ("Gericht", message.court),
        ("Nachricht", _kind(root)),
        ("Datum", _in_german(_date(_value(head, "erstellungszeitpunkt")))),
        ("Anlass", "" if (occasion := _coded(_first(head, "ereignis"))).isdigit() else occasion),
        *(("Ihr Zeichen", value) for value in message.recipient_references),
        *(("Unser Zeichen", value) for value in message.sender_references),
        ("Gegenstand", _value(root, "kurzrubrum") or _value(_first(root, "verfahrensgegenstand"), "gegenstand")),
        *((party.role or "Beteiligter", _described(party)) for party in message.parties),
        *(("Termin", value) for value in _appointments(root)),
        *(("Dokument", value) for value in _documents(root)),
        *(("Hinweis", _text(node)) for node in _named(root, "freitext", "nachrichtentext", "bemerkung")),
    ]
    return "Nachricht eines Gerichts\n\n" + "\n".join(f"{label}: {value}" for label, value in lines if value)


def _kind(root: etree._Element) -> str:
    """Return the kind of message in words: ``nachricht.gds.uebermittlungSchriftgutobjekte.0005005``."""
    pieces = [piece for piece in _name(root).split(".")[1:] if not piece.isdigit()]
    return _CAPITAL.sub(" ", pieces[-1][:1].upper() + pieces[-1][1:]) if pieces else ""


def _described(party: CourtParty) -> str:
    name = ", ".join(piece for piece in (party.surname, party.given_names) if piece)
    return f"{name}, geb. {_in_german(party.birth_date)}" if party.birth_date else name


def _in_german(date: dt.date | None) -> str:
    return f"{date:%d.%m.%Y}" if date else ""


def _appointments(root: etree._Element) -> Iterator[str]:
    for node in _named(root, "terminszeit", "auswahl_terminszeit"):
        if date := _date(_value(node, "terminsdatum")):
            yield f"{_in_german(date)} {_value(node, 'terminsuhrzeit')[:5]}".strip()


def _documents(root: etree._Element) -> list[str]:
    found: dict[str, None] = {}
    for node in _named(root, "dokument"):
        title = _value(node, "anzeigename") or _value(node, "dateiname")
        found |= {title: None} if title else {}
    return list(found)[:_MOST]
