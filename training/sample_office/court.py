# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Messages of courts in machine-readable form (XJustiz), as they go with the documents."""

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

__all__ = ["Party", "as_archive", "court_message"]

_ZIP_DATE = (2026, 11, 2, 8, 0, 0)


@dataclass(frozen=True)
class Party:
    """Somebody in the proceedings: a person with given names, else an organisation.

    Attributes
    ----------
    role
        Key of the code list GDS.Rollenbezeichnung, such as 101 for the plaintiff.
    """

    role: str
    surname: str
    given_names: str = ""
    birth_date: dt.date | None = None


def court_message(
    *,
    court: str,
    ours: Sequence[str] = (),
    theirs: Sequence[str] = (),
    parties: Sequence[Party] = (),
    documents: Sequence[str] = (),
    subject: str = "",
    version: str = "3.5.1",
    prefix: str = "tns:",
) -> str:
    """Return a message that hands over documents.

    Parameters
    ----------
    ours, theirs
        File numbers of the recipient and of the court.
    documents
        File names.
    prefix
        Of the namespace; empty for the default one.
    """
    involved = "".join(f"<beteiligung>{_role(party)}{_who(party)}</beteiligung>" for party in parties)
    files = "".join(
        f"<dokument><anzeigename>{escape(name)}</anzeigename><dateiname>{escape(name)}</dateiname></dokument>"
        for name in documents
    )
    body = (
        f'<nachrichtenkopf xjustizVersion="{version}">'
        + "".join(f"<aktenzeichen.absender>{escape(value)}</aktenzeichen.absender>" for value in theirs)
        + "".join(f"<aktenzeichen.empfaenger>{escape(value)}</aktenzeichen.empfaenger>" for value in ours)
        + "<erstellungszeitpunkt>2026-11-02T09:30:00+01:00</erstellungszeitpunkt>"
        + f"<auswahl_absender><absender.sonstige>{escape(court)}</absender.sonstige></auswahl_absender>"
        + "<auswahl_empfaenger><empfaenger.sonstige>Ausländerbehörde</empfaenger.sonstige></auswahl_empfaenger>"
        + "</nachrichtenkopf><grunddaten><verfahrensdaten>"
        + f"<verfahrensgegenstand><gegenstand>{escape(subject)}</gegenstand></verfahrensgegenstand>{involved}"
        + f"</verfahrensdaten></grunddaten><schriftgutobjekte>{files}</schriftgutobjekte>"
    )
    name = "nachricht.gds.uebermittlungSchriftgutobjekte.0005005"
    space = f'xmlns:{prefix.rstrip(":")}="http://www.xjustiz.de"' if prefix else 'xmlns="http://www.xjustiz.de"'
    if prefix:
        body = body.replace("</", "\0").replace("<", f"<{prefix}").replace("\0", f"</{prefix}")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{prefix}{name} {space}>{body}</{prefix}{name}>'


def as_archive(files: Sequence[tuple[str, bytes]]) -> bytes:
    """Return files as a ZIP archive, as courts and portals send them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DATE), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _role(party: Party) -> str:
    return (
        f"<rolle><rollennummer>1</rollennummer><rollenbezeichnung><code>{party.role}</code></rollenbezeichnung></rolle>"
    )


def _who(party: Party) -> str:
    if not party.given_names:
        called = f"<bezeichnung.aktuell>{escape(party.surname)}</bezeichnung.aktuell>"
        who = f"<organisation><bezeichnung>{called}</bezeichnung></organisation>"
    else:
        born = f"<geburt><geburtsdatum>{party.birth_date}</geburtsdatum></geburt>" if party.birth_date else ""
        name = f"<vorname>{escape(party.given_names)}</vorname><nachname>{escape(party.surname)}</nachname>"
        who = f"<natuerlichePerson><vollerName>{name}</vollerName>{born}</natuerlichePerson>"
    return f"<beteiligter><auswahl_beteiligter>{who}</auswahl_beteiligter></beteiligter>"
