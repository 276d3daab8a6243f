# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Letters and forms as PDF: DIN 5008 business letters, private letters, office forms with real fields."""

import html
import random
import re
from collections.abc import Sequence

import weasyprint

from training.sample_office.compose import Composed
from training.sample_office.enclosures import FilledEnclosure

__all__ = ["enclosure_pdf", "letter_pdf", "pages_pdf", "paper_pdf", "separator_pdf"]

_FACES = ("Liberation Sans", "Liberation Serif", "DejaVu Sans", "DejaVu Serif", "Liberation Sans", "Liberation Mono")
_PLAIN_SENDERS = ("applicant", "relative", "friend", "host", "landlord", "unknown")

_STYLE = """
@page {
  size: A4; margin: %(margins)s;
  @bottom-center { content: "%(footer)s"; font: 7pt "Liberation Sans"; color: #444 }
}
body { font: %(size)spt "%(face)s", "DejaVu Sans"; line-height: %(leading)s; color: %(ink)s }
.head { %(head)s margin-bottom: 6mm; white-space: pre-line }
.head b { font-size: 115%% }
.window { float: left; width: 85mm; min-height: 40mm; white-space: pre-line }
.window small { font-size: 6.5pt; text-decoration: underline; display: block; margin-bottom: 2mm }
.info { float: right; width: 68mm; white-space: pre-line; font-size: 92%% }
.clear { clear: both }
.date { text-align: right; margin: 3mm 0 6mm }
.subject { font-weight: bold; margin: 4mm 0 5mm }
.body { white-space: pre-wrap; text-align: %(align)s }
.page { break-before: page }
.fold { position: absolute; left: -14mm; width: 5mm; border-top: 0.3pt solid #555 }
table { border-collapse: collapse; width: 100%%; margin-bottom: 3mm }
td { border: 0.5pt solid #333; padding: 1.2mm; vertical-align: top; font-size: 94%% }
td.label { width: 42%%; background: %(tint)s; font-size: 84%% }
h2 { font-size: 108%%; margin: 4mm 0 1.5mm }
input, textarea { appearance: auto; font: 10pt "Liberation Sans"; width: 96%%; border: 0 }
.rtl { direction: rtl; text-align: right }
"""

_ENCLOSURE_STYLE = """
.certificate { text-align: center; font-size: 112%; line-height: 1.6 }
.typed { font-family: "Liberation Mono"; font-size: 92% }
.stamp { display: inline-block; border: 1.5pt solid #223; padding: 3mm 5mm; white-space: pre-line;
         font: bold 11pt "DejaVu Sans"; color: #223; text-align: center }
"""


def _escape(text: str) -> str:
    return html.escape(text, quote=True)


def _style(rng: random.Random, *, private: bool, footer: str) -> str:
    face = rng.choice(_FACES if private else _FACES[:4])
    values = {
        "margins": rng.choice(("20mm 20mm 20mm 25mm", "25mm 20mm 22mm 25mm", "18mm 18mm 18mm 24mm")),
        "footer": _escape(footer).replace("\n", " · "),
        "size": rng.choice((10, 10.5, 11, 11, 11.5, 12)),
        "face": face,
        "leading": rng.choice((1.2, 1.25, 1.3, 1.4)),
        "ink": rng.choice(("#000", "#000", "#111", "#1a1a3a" if private else "#000")),
        "head": rng.choice(
            (
                "text-align: right;",
                "text-align: center; border-bottom: 0.7pt solid #000;",
                "",
                "border-bottom: 2pt solid #555;",
            )
        ),
        "align": rng.choice(("left", "left", "justify")),
        "tint": rng.choice(("#eee", "#f5f5f5", "#fff")),
    }
    return _STYLE % values


def letter_pdf(letter: Composed, address: Sequence[str], rng: random.Random, *, fields: bool = False) -> bytes:
    """Return a letter as PDF.

    Parameters
    ----------
    letter
        The filled letter.
    address
        Lines of the office's address for the window.
    rng
        Chooses face, size and arrangement.
    fields
        Form rows become fillable fields that hold their values, as in a form filled on the screen.
    """
    private = letter.written.sender in _PLAIN_SENDERS
    footer = "" if private else _bank_line(rng)
    parts = [f"<style>{_style(rng, private=private, footer=footer)}</style>"]
    right_to_left = letter.written.language in ("ar", "fa")
    head = letter.plain(letter.letterhead)
    if head:
        first, _, rest = head.partition("\n")
        parts.append(f'<div class="head"><b>{_escape(first)}</b>\n{_escape(rest)}</div>')
    if not letter.form or rng.random() < 0.3:
        back = f"<small>{_escape(head.splitlines()[0])}</small>" if head and not private else ""
        parts.append(f'<div class="window">{back}{_escape(chr(10).join(letter.address_lines(address)))}</div>')
        parts.append(f'<div class="info">{_escape(letter.plain(letter.reference))}</div><div class="clear"></div>')
        place = letter.people[letter.writer].city + ", " if private and letter.writer and rng.random() < 0.6 else ""
        parts.append(f'<div class="date">{_escape(place)}{letter.date:%d.%m.%Y}</div>')
        if rng.random() < 0.5:
            parts.append('<div class="fold" style="top: 80mm"></div><div class="fold" style="top: 185mm"></div>')
    elif letter.reference.strip():
        parts.append(f'<div class="info">{_escape(letter.plain(letter.reference))}</div><div class="clear"></div>')
    if letter.subject:
        parts.append(f'<div class="subject">{_escape(letter.plain(letter.subject))}</div>')
    if letter.form:
        parts.append(_form(letter, fields=fields))
    direction = " rtl" if right_to_left else ""
    for number, page in enumerate(letter.body):
        broken = " page" if number else ""
        parts.append(f'<div class="body{direction}{broken}">{_escape(letter.plain(page))}</div>')
    for title, body in letter.companions:
        parts.append(
            f'<div class="page"><h2>{_escape(letter.plain(title))}</h2>'
            f'<div class="body">{_escape(letter.plain(body))}</div></div>'
        )
    return _pdf("\n".join(parts), forms=fields)


def _form(letter: Composed, *, fields: bool) -> str:
    rows: list[str] = ["<table>"]
    for number, row in enumerate(letter.form):
        cells = [letter.plain(cell) for cell in row]
        if len(cells) == 1:
            rows.append(f"</table><h2>{_escape(cells[0].lstrip('# '))}</h2><table>")
            continue
        label, value = cells
        if fields and not re.search(r"\[[ xX]\]", value):
            tag = (
                f'<textarea name="f{number}" rows="{value.count(chr(10)) + 2}">{_escape(value)}</textarea>'
                if len(value) > 60 or "\n" in value
                else f'<input type="text" name="f{number}" value="{_escape(value)}">'
            )
        else:
            tag = _escape(value).replace("\n", "<br>")
        rows.append(f'<tr><td class="label">{_escape(label)}</td><td>{tag}</td></tr>')
    return "".join([*rows, "</table>"]).replace("<table></table>", "")


def _bank_line(rng: random.Random) -> str:
    digits = "".join(str(rng.randrange(10)) for _ in range(18))
    iban = f"DE{digits[:2]} {digits[2:6]} {digits[6:10]} {digits[10:14]} {digits[14:18]} {rng.randrange(100):02d}"
    phone = f"Telefon 04{rng.randrange(100, 999)} {rng.randrange(10000, 99999)}"
    return rng.choice(("", phone, f"{phone} · IBAN {iban}", f"Bankverbindung: IBAN {iban} · USt-IdNr. DE{digits[:9]}"))


def paper_pdf(title: str, body: str, rng: random.Random) -> bytes:
    """Return a companion paper on a page of its own."""
    style = _style(rng, private=False, footer="")
    return _pdf(f'<style>{style}</style><h2>{_escape(title)}</h2><div class="body">{_escape(body)}</div>', forms=False)


def enclosure_pdf(enclosure: FilledEnclosure, address: Sequence[str], rng: random.Random) -> bytes:
    """Return an enclosure on its page, arranged as papers of its layout are.

    Parameters
    ----------
    enclosure
        The filled text.
    address
        Lines of the office's address, for letters that name no other addressee.
    rng
        Chooses face, size, place of a stamp.
    """
    layout = enclosure.written.layout
    if layout == "blank":
        return pages_pdf([""])
    parts = [f"<style>{_style(rng, private=layout in ('typed', 'private'), footer='')}{_ENCLOSURE_STYLE}</style>"]
    if layout == "stamp":
        place = f"margin: {rng.randint(10, 170)}mm 0 0 {rng.randint(0, 90)}mm"
        parts.append(f'<div class="stamp" style="{place}">{_escape(enclosure.body)}</div>')
        return _pdf("\n".join(parts), forms=False)
    if enclosure.letterhead:
        first, _, rest = enclosure.letterhead.partition("\n")
        parts.append(f'<div class="head"><b>{_escape(first)}</b>\n{_escape(rest)}</div>')
    if enclosure.written.looks_like_a_letter:
        lines = enclosure.address.splitlines() or address
        parts.append(f'<div class="window">{_escape(chr(10).join(lines))}</div>')
        parts.append(f'<div class="info">{_escape(enclosure.reference)}</div><div class="clear"></div>')
        parts.append(f'<div class="date">{enclosure.date:%d.%m.%Y}</div>')
    elif enclosure.reference:
        parts.append(f'<div class="info">{_escape(enclosure.reference)}</div><div class="clear"></div>')
    if enclosure.subject:
        parts.append(f'<div class="subject">{_escape(enclosure.subject)}</div>')
    if enclosure.rows:
        parts.append(_rows(enclosure.rows))
    parts.append(f'<div class="body {layout}">{_escape(enclosure.body)}</div>')
    return _pdf("\n".join(parts), forms=False)


def _rows(rows: Sequence[tuple[str, ...]]) -> str:
    lines = []
    for row in rows:
        if len(row) == 1:
            lines.append(f"</table><h2>{_escape(row[0].lstrip('# '))}</h2><table>")
        else:
            lines.append("<tr>" + "".join(f"<td>{_escape(cell)}</td>" for cell in row) + "</tr>")
    return f"<table>{''.join(lines)}</table>".replace("<table></table>", "")


def pages_pdf(texts: Sequence[str]) -> bytes:
    """Return plain pages, one for each text; an empty text gives a blank page."""
    sheets = "".join(f"<pre>{_escape(text) or '&nbsp;'}</pre>" for text in texts)
    return _pdf(
        "<style>@page { size: A4; margin: 25mm } pre { font: 10pt 'Liberation Mono'; margin: 0 }"
        f" pre + pre {{ break-before: page }}</style>{sheets}",
        forms=False,
    )


def separator_pdf(barcode_svg: str) -> bytes:
    """Return a sheet that separates letters in a batch."""
    return _pdf(
        "<style>@page { size: A4; margin: 30mm } div { text-align: center; font: 26pt 'Liberation Sans' }"
        " svg { width: 120mm; height: 40mm }</style>"
        f"<div>TRENNBLATT</div><p></p><div>{barcode_svg}</div>",
        forms=False,
    )


def _pdf(body: str, *, forms: bool) -> bytes:
    document = f'<html lang="de"><meta charset="utf-8"><body>{body}</body></html>'
    return bytes(weasyprint.HTML(string=document).write_pdf(pdf_forms=forms))
