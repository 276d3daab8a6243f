# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pages of PDF files: text, picture, both; turned, cropped, huge, blank."""

import io
import re
from collections.abc import Callable

import numpy as np
import pikepdf
import pytest
from pikepdf import Array
from PIL import Image

from router.reading.limits import Limits
from router.reading.render import page_picture
from router.records import LetterKind, PageSource, Reason
from tests.router.reading.oddpdf import (
    FORM,
    LETTER,
    OURS,
    changed,
    clean,
    read,
    scan,
    text_of,
    unpacked,
    with_picture,
    word,
)  # fmt: skip

UPPER_HALF = (0, 421, 595, 421)
SECOND_HALF = (0, 0, 595, 421)


def _ink(data: bytes, box: tuple[float, float, float, float], rotation: int = 0) -> float:
    """Return how dark a place of the displayed page is, 0 to 1."""
    with Image.open(io.BytesIO(page_picture(data, 1, Limits(), dpi=144, rotation=rotation))) as picture:
        grey = np.asarray(picture.convert("L"))
    x0, y0, x1, y1 = (round(2 * value) for value in box)
    return float((grey[y0:y1, x0:x1] < 128).mean())


def test_typed_text_and_a_scan_on_one_page_are_both_read_once() -> None:
    reading = read(with_picture(clean(), scan(), SECOND_HALF))
    text = text_of(reading)
    assert text.startswith("Sehr geehrte Damen und Herren,\n")
    assert all(text.count(value) == 1 for value in (OURS, "Arbeitgeber", "Mietbescheinigung", "17.03.1988"))
    (page,) = reading.letters[0].pages
    assert page.source is PageSource.OCR
    assert word(reading, OURS).ocr_confidence == 1.0
    assert 0.3 < word(reading, "Mietbescheinigung").ocr_confidence < 1.0
    assert word(reading, "Mietbescheinigung").box.y0 > 421


def test_good_invisible_text_of_a_scan_is_taken() -> None:
    """What a scanner's own recognition wrote behind the picture; here with a word that only stands there."""
    reading = read(with_picture(clean(FORM.replace("Breslau", "Wroclaw")), scan(), UPPER_HALF, invisible=True))
    assert reading.letters[0].kind is LetterKind.TEXT
    assert "Wroclaw" in text_of(reading)


def test_a_line_of_text_on_a_scan_is_not_all_of_it() -> None:
    header = "Eingang Poststelle Stadt Auenfurt am 12.11.2026 um zehn Uhr, Scanner vier, Stapel elf, Blatt eins"
    reading = read(with_picture(clean(header), scan("\n\n" + FORM), UPPER_HALF))
    assert "17.03.1988" in text_of(reading)
    assert text_of(reading).count("Poststelle") == 1


def _nonsense(text: str) -> str:
    return "".join(chr(ord(letter) + 3) if letter.isascii() and letter.isalpha() else letter for letter in text)


def test_invisible_nonsense_gives_way_to_recognition() -> None:
    reading = read(with_picture(clean(_nonsense(FORM)), scan(), UPPER_HALF, invisible=True))
    assert "Mietbescheinigung" in text_of(reading)
    assert "Plhwehvfkhlqljxqj" not in text_of(reading)


def test_letters_without_a_table_of_characters_are_read_by_the_second_engine() -> None:
    broken = unpacked().replace(b"/ToUnicode", b"/ToNowhere")
    reading = read(broken)
    assert reading.letters[0].pages[0].source is PageSource.TEXT
    assert OURS in text_of(reading)


def _turned(angle: int) -> Callable[[pikepdf.Pdf], object]:
    return lambda document: document.pages[0].rotate(angle, relative=False)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_text_displayed_on_its_side_is_turned_upright(angle: int) -> None:
    data = changed(_turned(angle))
    reading = read(data)
    (page,) = reading.letters[0].pages
    assert page.rotation == 360 - angle
    assert (round(page.width), round(page.height)) == (595, 842)
    assert text_of(reading).startswith("Sehr geehrte Damen und Herren,\nzu meinem")
    assert _ink(data, word(reading, OURS).box, page.rotation) > 0.1


@pytest.mark.parametrize(
    ("angle", "matrix"), [(90, b"0 1 -1 0 842 0"), (180, b"-1 0 0 -1 595 842"), (270, b"0 -1 1 0 0 595")]
)
def test_page_stored_on_its_side_and_displayed_upright(angle: int, matrix: bytes) -> None:
    def turn(document: pikepdf.Pdf) -> None:
        page = document.pages[0]
        page.contents_coalesce()
        body = page.obj.Contents.read_bytes()
        page.obj.Contents = document.make_stream(b"q %b cm\n%b\nQ" % (matrix, body))
        if angle != 180:
            page.mediabox = Array([0, 0, 842, 595])
        page.rotate(angle, relative=False)

    data = changed(turn)
    reading = read(data)
    assert reading.letters[0].pages[0].rotation == 0
    assert reading.letters[0].pages[0].height > 800
    assert _ink(data, word(reading, OURS).box) > 0.1


@pytest.mark.parametrize("box", [[40, 700, 560, 830], [-90, -50, 505, 792]])
def test_boxes_follow_a_page_whose_corner_is_elsewhere(box: list[int]) -> None:
    data = changed(lambda document: setattr(document.pages[0], "mediabox", Array(box)))
    reading = read(data)
    assert _ink(data, word(reading, OURS).box) > 0.1


def test_text_that_was_cropped_away_is_not_read() -> None:
    data = changed(lambda document: setattr(document.pages[0], "cropbox", Array([0, 0, 595, 755])))
    assert "Sehr" not in text_of(read(data))
    assert "Jahresende" in text_of(read(data))


def test_a_page_of_two_hundred_inches_is_drawn_small() -> None:
    data = changed(lambda document: setattr(document.pages[0], "mediabox", Array([0, 0, 14400, 14400])))
    assert OURS in text_of(read(data))
    with Image.open(io.BytesIO(page_picture(data, 1, Limits(), dpi=110))) as picture:
        assert picture.width * picture.height <= 20_100_000


def test_a_page_of_three_points_is_no_hindrance() -> None:
    data = changed(lambda document: setattr(document.pages[0], "mediabox", Array([0, 0, 3, 3])))
    assert read(data).error is None


def test_a_blank_page_between_others_is_blank() -> None:
    def empty(document: pikepdf.Pdf) -> None:
        document.pages[1].obj.Contents = document.make_stream(b"")

    (letter,) = read(changed(empty, clean(LETTER, "x", FORM))).letters
    assert [bool(page.words) for page in letter.pages] == [True, False, True]
    assert letter.problems == ()


@pytest.mark.parametrize(
    "lock",
    [
        pikepdf.Encryption(owner="x", user="", R=6),
        pikepdf.Encryption(owner="x", user="", R=4),
        pikepdf.Encryption(owner="x", user="", R=2, aes=False, metadata=False),
    ],
    ids=["AES-256", "AES-128", "RC4"],
)
def test_owner_password_does_not_hinder_and_user_password_does(lock: pikepdf.Encryption) -> None:
    assert OURS in text_of(read(changed(lambda _: None, encryption=lock)))
    closed = lock._replace(user="y")
    assert read(changed(lambda _: None, encryption=closed)).error is Reason.ENCRYPTED


def test_later_versions_of_a_page_count() -> None:
    """An incremental update appends new objects and a new index to the old file."""
    old = unpacked()
    (old_page,) = re.finditer(rb"(\d+) 0 obj\n<<[^>]*?/Type /Page\b.*?endobj\n", old, re.DOTALL)
    new = re.sub(rb"/MediaBox \[ 0 0 595\S*", b"/MediaBox [ 0 0 695", old_page[0])
    assert new != old_page[0]
    previous = int(old[old.rindex(b"startxref") :].split()[1])
    (root,) = re.findall(rb"/Root (\d+ 0 R)", old)
    index = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size 99 /Root %b /Prev %d >>\nstartxref\n%d\n%%%%EOF\n"
    data = old + new + index % (int(old_page[1]), len(old), root, previous, len(old) + len(new))
    reading = read(data)
    assert reading.letters[0].pages[0].width == pytest.approx(695, abs=1)
    assert OURS in text_of(reading)
