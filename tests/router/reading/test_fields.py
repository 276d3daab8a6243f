# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Values of form fields of every kind, shown by the file or not."""

from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String

from router.reading.textlayer import arrange
from router.records import LetterKind, Reading
from tests.router.reading.oddpdf import changed, clean, read, scan, text_of, widget, with_picture, word

PRINTED = "Antrag auf Erteilung\n\nName\n\nStaatsangehörigkeit\n\nSprachen\n\nBemerkungen"
_OPTIONS = {"163": "Türkei", "475": "Syrien", "423": "Afghanistan"}


def _options() -> Array:
    return Array([Array([String(key), String(label)]) for key, label in _OPTIONS.items()])


def _choice(document: pikepdf.Pdf, name: str, rect: tuple[float, ...], state: str, **keys: Any) -> pikepdf.Object:
    shown = Dictionary({f"/{state}": Stream(document, b""), "/Off": Stream(document, b"")})
    return widget(
        document, name, "Btn", rect, AS=Name(f"/{state}"), V=Name(f"/{state}"), AP=Dictionary(N=shown), **keys
    )


def _fill(document: pikepdf.Pdf) -> None:
    fields = [
        widget(document, "name", "Tx", (200, 700, 400, 715), V=String("Öztürk Łukasz")),
        widget(document, "birth", "Tx", (200, 680, 360, 695), V=String("01021990"), MaxLen=8, Ff=1 << 24),
        widget(document, "nation", "Ch", (200, 660, 400, 675), V=String("475"), Opt=_options(), Ff=1 << 17),
        widget(
            document, "languages", "Ch", (200, 620, 400, 650), V=Array([String("163"), String("423")]), Opt=_options(),
            Ff=1 << 21,
        ),
        widget(document, "remark", "Tx", (200, 580, 400, 610), V=String("Erste Zeile\rZweite Zeile"), Ff=1 << 12),
        widget(document, "empty", "Tx", (200, 500, 400, 515), V=String("")),
        _choice(document, "married", (420, 400, 430, 410), "verheiratet"),
        _choice(document, "child", (420, 380, 430, 390), "Off"),
    ]  # fmt: skip
    hidden = widget(document, "hidden", "Tx", (200, 480, 400, 495), V=String("unsichtbar"))
    hidden.F = 2
    typed = Dictionary(
        Type=Name.Annot, Subtype=Name.FreeText, Rect=Array([60, 300, 300, 315]), F=4,
        Contents=String("am Bildschirm dazugetippt"), DA=String("/Helv 10 Tf"),
    )  # fmt: skip
    document.pages[0].obj.Annots = Array([*fields, hidden, document.make_indirect(typed)])
    document.Root.AcroForm = Dictionary(Fields=Array([*fields, hidden]), DA=String("/Helv 0 Tf 0 g"))


@pytest.fixture(scope="module")
def form() -> Reading:
    return read(changed(_fill, clean(PRINTED)))


@pytest.mark.parametrize(
    "value", ["Öztürk Łukasz", "01021990", "Syrien", "Türkei", "Afghanistan", "Erste Zeile", "Zweite Zeile",
              "[x] verheiratet", "am Bildschirm dazugetippt"],
)  # fmt: skip
def test_values_are_read(form: Reading, value: str) -> None:
    assert form.letters[0].kind is LetterKind.FORM
    assert text_of(form).count(value) == 1


def test_hidden_and_empty_fields_are_left_out(form: Reading) -> None:
    assert "unsichtbar" not in text_of(form)
    assert text_of(form).count("[x]") == 1


def test_values_stand_in_their_fields(form: Reading) -> None:
    assert 200 < word(form, "Öztürk").box.x0 < 210
    assert word(form, "Öztürk").box.y0 == pytest.approx(842 - 715, abs=0.5)
    comb = word(form, "01021990").box
    assert comb.x1 - comb.x0 == pytest.approx(160, abs=3)
    assert word(form, "Zweite").box.y0 == pytest.approx(842 - 595, abs=0.5)


def test_page_says_itself_what_a_tick_means() -> None:
    def tick(document: pikepdf.Pdf) -> None:
        box = _choice(document, "permit", (60, 755, 68, 765), "Wahl3")
        document.pages[0].obj.Annots = Array([box])
        document.Root.AcroForm = Dictionary(Fields=Array([box]))

    text = text_of(read(changed(tick, clean("   Niederlassungserlaubnis\n"))))
    assert "[x] Niederlassungserlaubnis" in text
    assert "Wahl3" not in text


def test_values_on_a_scanned_form_are_not_recognised_a_second_time() -> None:
    def fill(document: pikepdf.Pdf) -> None:
        name = widget(document, "name", "Tx", (320, 640, 560, 660), V=String("Immatrikulationsbescheinigung"))
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        document.pages[0].obj.Annots = Array([name])
        document.Root.AcroForm = Dictionary(
            Fields=Array([name]), DA=String("/Helv 12 Tf 0 g"), NeedAppearances=True,
            DR=Dictionary(Font=Dictionary(Helv=document.make_indirect(font))),
        )  # fmt: skip

    reading = read(changed(fill, with_picture(clean(" "), scan(), (0, 421, 595, 421))))
    assert reading.letters[0].kind is LetterKind.FORM
    assert text_of(reading).count("Immatrikulation") == 1
    assert "17.03.1988" in text_of(reading)
    page = reading.letters[0].pages[0]
    assert page.words == arrange(page.words)
