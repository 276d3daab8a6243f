# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Forms whose pages only Adobe's programs draw."""

import io

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, String
from PIL import Image

from router.reading.limits import Limits
from router.reading.render import page_picture
from router.records import LetterKind, Reason
from tests.router.reading.oddpdf import changed, clean, read, text_of, widget

WAIT = "Please wait...\nIf this message is not eventually replaced, your PDF viewer may not be able to display it."
TEMPLATE = """<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><subform name="antrag">
<field name="nam1"><caption><value><text>Familienname</text></value></caption></field>
<field name="geb"><caption><value><exData><p xmlns="http://www.w3.org/1999/xhtml">Geburtsdatum:</p></exData></value>
</caption></field></subform></template>"""
DATA = """<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><antrag><nam1>Öztürk</nam1>
<leer/><person><geb>1990-01-31</geb><Aktenzeichen>33.2-475-123456</Aktenzeichen></person><Grund>erste Zeile
zweite Zeile</Grund></antrag></xfa:data></xfa:datasets>"""
XDP = '<xdp:xdp xmlns:xdp="http://ns.adobe.com/xdp/">'
READ = "Familienname: Öztürk\nGeburtsdatum: 1990-01-31\nAktenzeichen: 33.2-475-123456\nGrund: erste Zeile\nzweite Zeile"


def _form(document: pikepdf.Pdf, *, whole: bool, data: str = DATA) -> None:
    def stream(text: str) -> pikepdf.Object:
        return document.make_stream(text.encode())

    parts = {"preamble": XDP, "template": TEMPLATE, "datasets": data, "postamble": "</xdp:xdp>"}
    pieces = [piece for name, text in parts.items() for piece in (String(name), stream(text))]
    packed = stream("".join(parts.values())) if whole else Array(pieces)
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=packed)


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("says_so", [True, False])
def test_values_stand_in_for_the_page_that_asks_to_wait(whole: bool, says_so: bool) -> None:
    def make(document: pikepdf.Pdf) -> None:
        _form(document, whole=whole)
        if says_so:
            document.Root.NeedsRendering = True

    data = changed(make, clean(WAIT))
    reading = read(data)
    assert text_of(reading) == READ
    assert reading.letters[0].kind is LetterKind.FORM
    assert reading.letters[0].problems == ()
    with Image.open(io.BytesIO(page_picture(data, 1, Limits()))) as picture:
        assert np.asarray(picture.convert("L")).min() < 60


def test_long_forms_run_over_pages_that_can_be_shown() -> None:
    entries = "".join(f"<feld{number}>Wert {number}</feld{number}>" for number in range(200))
    data = f'<d:datasets xmlns:d="http://www.xfa.org/schema/xfa-data/1.0/"><d:data>{entries}</d:data></d:datasets>'
    form = changed(lambda document: _form(document, whole=False, data=data), clean(WAIT))
    reading = read(form)
    assert reading.page_count == len(reading.letters[0].pages) > 2
    assert text_of(reading).endswith("feld199: Wert 199")
    assert page_picture(form, reading.page_count, Limits())


def test_a_form_that_shows_its_values_itself_is_read_from_its_page_once() -> None:
    def make(document: pikepdf.Pdf) -> None:
        _form(document, whole=True)
        name = widget(document, "nam1", "Tx", (200, 700, 400, 715), V=String("Öztürk"))
        document.pages[0].obj.Annots = Array([name])
        document.Root.AcroForm.Fields = Array([name])

    text = text_of(read(changed(make, clean("Antrag\n\nName"))))
    assert text.count("Öztürk") == 1
    assert "Antrag" in text


def test_entities_are_not_followed() -> None:
    secret = '<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/hostname">]>' + DATA.replace("Öztürk", "&e;Meier")
    reading = read(changed(lambda document: _form(document, whole=False, data=secret), clean(WAIT)))
    assert "Familienname: &e;Meier\n" in text_of(reading)


def test_a_form_without_readable_values_shows_what_it_shows() -> None:
    reading = read(changed(lambda document: _form(document, whole=False, data="<no"), clean(WAIT)))
    assert text_of(reading).startswith("Please wait")
    assert Reason.UNREADABLE not in reading.letters[0].problems
