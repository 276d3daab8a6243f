# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Marks that make a letter confidential: personal, classified, sealed.

A mark stands out: alone on its line, in the subject, or set off on a line of the address. The same words in a
sentence ("bitte behandeln Sie das vertraulich") or in a heading ("Persönliche Daten") are none. Lines are compared
by a skeleton in which letters that scanners confuse are one, so that a stamp read as "persönl1ch" still counts.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from router.facts.spans import leading_pages

__all__ = ["is_confidential"]

_HEAD: Final = 2500
"""Marks stand at the front; further back are papers that others marked for others."""
_FEW_WORDS: Final = 9
_LOOK_ALIKES: Final = str.maketrans(
    {"l": "i", "1": "i", "|": "i", "ı": "i", "ł": "i", "0": "o", "5": "s", "ß": "s", "đ": "d", "і": "и", "ъ": "ь"}
)
_ENTIRE: Final = {
    # Alone on a line these say it.
    "vertraulich", "confidential", "confidentiel", "confidentielle", "confidencial", "confidenziale", "riservato",
    "riservata", "poufne", "gizli", "gizlidir", "vertrouwelijk", "конфиденциально", "конфіденційно", "секретно",
    "سري", "سري للغاية", "محرمانه", "confidențial", "povjerljivo", "poverljivo", "поверљиво", "důvěrné", "bizalmas",
    "konfidenciale", "εμπιστευτικό", "поверително", "geheim", "verschlusssache", "verschlußsache", "机密", "保密",
    "confidentieel", "konfidentiellt", "fortroligt",
}  # fmt: skip
_PERSONAL: Final = {
    "persönlich", "eigenhändig", "kişiye özel", "do rąk własnych", "лично в руки", "лично", "особисто", "亲启",
    "persoonlijk", "osobiście", "özel ve gizli", "lično", "osobno", "personalmente", "privatsache",
    "persönlich zu übergeben",
}  # fmt: skip
_PERSONAL_TOGETHER: Final = {
    # Alone they may be a heading or the word for staff.
    "personal", "private", "personnel", "personnelle", "privat", "personale", "özel", "pessoal", "osobiste",
    "шخصي", "شخصي", "личное", "особисте", "privé", "privato", "privada", "privado",
}  # fmt: skip
_SEALED: Final = ("verschlossen", "versiegelt")
_STRICTLY: Final = {"streng", "strictly", "strictement", "estrictamente", "strettamente", "ściśle", "kesinlikle",
                    "строго", "суворо", "strikt", "absolut", "highly"}  # fmt: skip
_AND: Final = ("und", "and", "et", "y", "e", "i", "ve", "и", "та", "en", "sowie", "u")
_PHRASES: Final = (
    # "~" stands for up to four words.
    "nur für den dienstgebrauch", "vs vertraulich", "streng geheim", "amtlich geheim gehalten",
    "nur vom empfänger ~ zu öffnen", "nur von dem empfänger ~ zu öffnen", "nur durch den empfänger ~ zu öffnen",
    "nur vom adressaten ~ zu öffnen", "nur durch den adressaten ~ zu öffnen", "nur von ~ persönlich zu öffnen",
    "nur von frau ~ zu öffnen", "nur von herrn ~ zu öffnen", "nur von herr ~ zu öffnen", "nur persönlich zu öffnen",
    "nur durch frau ~ zu öffnen", "nur durch herrn ~ zu öffnen", "vom empfänger persönlich zu öffnen",
    "persönlich zu öffnen", "nicht in der poststelle öffnen", "in der poststelle nicht öffnen", "bitte nicht öffnen",
    "nicht durch die poststelle öffnen", "nicht von der poststelle zu öffnen", "darf nur ~ geöffnet werden",
    "ungeöffnet vorlegen", "ungeöffnet vorzulegen", "ungeöffnet weiterleiten", "ungeöffnet weiterzuleiten",
    "ungeöffnet weitergeben", "ungeöffnet an ~ weiterleiten", "ungeöffnet an ~ weiterzuleiten",
    "ungeöffnet zu übergeben", "gerichtlich versiegelt", "amtlich versiegelt", "gerichtlich verschlossen",
    "verschlossene sendung", "verschlossene gerichtspost", "verschlossener umschlag", "in verschlossenem umschlag",
    "verschlossener brief", "verschlossene anlage", "versiegelte sendung", "versiegelter umschlag", "unter siegel",
    "nur in die hand", "zu eigenen händen", "nur an empfänger auszuhändigen", "nur an den empfänger persönlich",
    "to be opened by addressee only", "to be opened by the addressee only", "to be opened only by", "addressee only",
    "for addressee only", "for the eyes of", "eyes only", "do not open", "sealed by order of", "court sealed",
    "sealed envelope", "filed under seal", "à ouvrir par le destinataire", "à n ouvrir que par",
    "réservé au destinataire", "ne pas ouvrir", "pli confidentiel", "pli fermé", "solo para el destinatario",
    "sólo para el destinatario", "abrir solo por", "abrir sólo por", "no abrir", "solo dal destinatario",
    "da aprire solo", "yalnızca alıcı tarafından", "sadece alıcı tarafından", "alıcısından başkası açamaz",
    "hizmete özel",
    "вскрыть лично", "вручить лично", "не вскрывать", "для служебного пользования", "відкривати лише",
    "для службового користування", "otwiera tylko adresat", "do rąk własnych", "kişiye özel",
    "restreint ue", "eu restricted", "nato restricted", "nato confidential", "diffusion restreinte",
    "يفتح من قبل المرسل إليه فقط", "سري وشخصي", "سري للغاية", "شخصي وسري", "سري و شخصي",
)  # fmt: skip
_SETTING_OFF: Final = (
    "nur", "bitte", "an", "für", "fuer", "z", "zu", "hd", "händen", "haenden", "herrn", "herr", "frau", "dr", "for",
    "only", "to", "by", "pour", "von", "attn", "attention", "c", "o", "das", "den", "die", "der", "please", "via", "à",
    "att",
)  # fmt: skip
_FOR_WHOM: Final = (
    "nur", "bitte", "an", "für", "fuer", "z", "zu", "only", "to", "by", "for", "pour", "frau", "herrn", "herr",
)  # fmt: skip
_IN_A_SENTENCE: Final = re.compile(
    r"(?i)behandel|umgeh|umgang|bearbeit|weitergegeben|geprüft|gesprochen|erscheinen|vorsprech|abgeben|abhol|treated|entfernt|aufgehoben|"
    r"information (?:is|are|and)|intended|traiter|traité|tratar|trattat"
)
_LINE_END: Final = re.compile(r"[\n\f]")
_WORD: Final = re.compile(r"\w{9,}")
_ACCENTS: Final = re.compile("[\u0300-\u036f\u0483-\u0487\u064b-\u0655]")
_PLEASE: Final = re.compile(r"bitte\W*$")
_EMPTY_BOX: Final = re.compile(r"\[ ?\]|☐|□|\( \)")
_SPACED: Final = re.compile(r"(?<!\w)(?:\w[ \t]{1,2}){4,}\w(?!\w)")
_SUBJECT: Final = re.compile(r"(?i)^\W*(?:betreff|betr|subject|objet|oggetto|asunto|konu|тема|temat|re)\W*:\s*(.*)$")
_SALUTATION: Final = re.compile(r"(?i)^\W*(?:sehr geehrt|guten (?:tag|morgen)|hallo|liebe|dear|bonjour|madame|sayın)")
_ADDRESSING: Final = re.compile(
    r"(?i)^\W*(?:z\.? ?h(?:d|än?d|aend)\w*\.?|zu h(?:ä|ae)nden|an|frau|herrn?|attn\.?|attention|att|c/o|mr|mrs|ms"
    r"|à l.attention|mme|m\.|dem|der|the)\b"
)


def _skeleton(text: str) -> str:
    """Return a text in small letters without accents, with letters that look alike as one."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return _ACCENTS.sub("", plain).translate(_LOOK_ALIKES)


def _either(words: Iterable[str]) -> str:
    """Return a pattern for any of some words or phrases, as skeletons."""
    ordered = sorted({_skeleton(word) for word in words}, key=lambda word: (-len(word), word))
    gap = r"(?:[\w.'’-]+\W{1,3}){0,4}?"
    return "|".join(r"\W{1,3}".join(map(re.escape, word.split())).replace(r"\~\W{1,3}", gap) for word in ordered)


_CONF: Final = _either(_ENTIRE)
_PERS: Final = _either(_PERSONAL | _PERSONAL_TOGETHER)
_JOIN: Final = rf"(?:\W{{1,5}}|\W{{1,3}}(?:{_either(_AND)})\W{{1,3}})(?:(?:{_either(_STRICTLY)})\W{{1,3}})?"
_SET_OFF_BONES: Final = frozenset(map(_skeleton, _SETTING_OFF))
_FOR_WHOM_BONES: Final = frozenset(map(_skeleton, _FOR_WHOM))
_STRONG: Final = re.compile(
    rf"(?<!\w)(?:(?:{_PERS}){_JOIN}(?:{_CONF})|(?:{_CONF}){_JOIN}(?:{_PERS})|(?:{_either(_STRICTLY)})\W{{1,3}}(?:{_CONF})"
    rf"|(?:{_either(_STRICTLY)})\W{{1,3}}(?:{_either(_PERSONAL)})|v ?s ?[-–—_.:/]{{0,2}} ?n ?f ?d"
    rf"|v ?s ?[-–—_.:/]{{1,2}} ?(?:{_CONF})|{_either(_PHRASES)})(?!\w)"
)
_ALONE: Final = re.compile(rf"(?<!\w)(?:{_CONF}|{_either(_PERSONAL)}|{_either(_SEALED)})(?!\w)")
_BY_OWN_HAND: Final = _skeleton("eigenhändig")
"""Behind a place it belongs to a signature."""
_LONG: Final = tuple(
    _skeleton(word) for word in ("vertraulich", "persönlich", "confidential", "confidentiel", "verschlusssache")
)
_OTHER_WORDS: Final = frozenset(_skeleton(word) for word in ("vertraglich", "verträglich", "personalia"))


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    """Return the long mark that a word is but for one letter misread or lost, else the word."""
    if len(word) < 9 or word in _OTHER_WORDS:
        return word
    for mark in _LONG:
        if len(word) == len(mark) and sum(a != b for a, b in zip(word, mark, strict=True)) == 1:
            # A last letter is more often an ending than a misreading.
            return mark if word[-1] == mark[-1] or not word[-1].isalpha() else word
        if len(word) == len(mark) - 1 and any(word == mark[:place] + mark[place + 1 :] for place in range(len(mark))):
            return mark
    return word


def is_confidential(text: str) -> bool:
    """Tell whether a letter is marked personal, confidential, classified or sealed.

    Parameters
    ----------
    text
        The letter as read, lines by newlines and pages by form feeds. Only its first pages count, until they say
        something, and of them 2,500 characters.
    """
    plain = unicodedata.normalize("NFKC", leading_pages(text)[:_HEAD]).replace("_", " ")
    said = _SPACED.sub(lambda match: re.sub(r"\s", "", match[0]), plain)
    before_salutation = True
    for line, bones in zip(_LINE_END.split(said), _LINE_END.split(_skeleton(said)), strict=True):
        before_salutation = before_salutation and _SALUTATION.match(line) is None
        if line and not line.isspace() and _marks(line.strip(), bones.strip(), before_salutation=before_salutation):
            return True
    return False


def _marks(said: str, bones: str, *, before_salutation: bool) -> bool:
    """Tell whether a line, given with its skeleton, is or bears a mark."""
    bones = _WORD.sub(lambda match: _mended(match[0]), bones)
    if _STRONG.search(bones) is None and _ALONE.search(bones) is None:
        return False
    if _EMPTY_BOX.search(said) or _IN_A_SENTENCE.search(said):
        return False
    subject = _SUBJECT.match(said)
    if subject is not None:
        said = subject[1]
        bones = bones[bones.index(":") + 1 :].strip()
    words = len(re.findall(r"\w+", bones))
    for match in _STRONG.finditer(bones):
        if _stands_out(bones, match.start(), match.end()):
            return True
    for match in _ALONE.finditer(bones):
        before, after = _PLEASE.sub("", bones[: match.start()]), bones[match.end() :]
        if not re.search(r"\w", before) and not re.search(r"\w", after):
            return _is_no_scrap(said, before_salutation=before_salutation)
        if not re.search(r"\w", before) and _goes_on_as_mark(after, said, subject is not None):
            return True
        if re.search(r"\w", after) or match[0] == _BY_OWN_HAND:
            continue
        personal = re.fullmatch(_either(_PERSONAL), match[0]) is not None
        in_subject = subject is not None and not said.rstrip().endswith(".") and words <= 2 * _FEW_WORDS
        if in_subject and (not personal or re.search(r"[-–—:/(,;!]\W*$", before)):
            return True
        addressed = _ADDRESSING.match(said) is not None and before_salutation and words <= _FEW_WORDS
        set_off = re.search(r"[-–—/(*|!,:]\W*$", before) is not None and words <= _FEW_WORDS
        if (addressed and not said.endswith(".")) or (set_off and before_salutation and not said.endswith(".")):
            return True
    return False


def _goes_on_as_mark(after: str, said: str, is_subject: bool) -> bool:
    """Tell whether what follows a mark at the start of a line is for whom it is, or set off from it."""
    if said.rstrip().endswith("."):
        return False
    word = re.match(r"\W*(\w+)", after)
    first = word[1] if word else ""
    for_whom = first in _FOR_WHOM_BONES
    set_off = re.match(r"\s*[-–—!/(*|\])]", after) is not None
    return len(after.split()) <= _FEW_WORDS and (
        for_whom or (set_off and (is_subject or len(after.split()) <= 6 or said.split()[0].isupper()))
    )


def _is_no_scrap(said: str, *, before_salutation: bool) -> bool:
    """Tell whether a mark alone on its line is more than the last word of a sentence or the name of a field."""
    stripped = said.strip()
    if stripped.endswith(":"):
        return False
    decorated = not stripped[0].isalnum() or not (stripped[-1].isalnum() or stripped[-1] == ".")
    letters = [sign for sign in stripped if sign.isalpha()]
    capital = letters[0].isupper() or not (letters[0].islower() or letters[0].isupper())
    return decorated or capital or (before_salutation and not stripped.endswith("."))


def _stands_out(bones: str, start: int, end: int) -> bool:
    """Tell whether no sentence runs on before or after a part of a line."""
    before, after = bones[:start], bones[end:]
    last = re.search(r"(\w+)[ \t]*$", before)
    following = re.match(r"[ \t]*(\w+)", after)
    if len(before.split()) > _FEW_WORDS or len(after.split()) > 2 * _FEW_WORDS:
        return False
    if last and last[1] not in _SET_OFF_BONES and len(before.split()) > 4:
        return False
    return not (following and following[1] not in _SET_OFF_BONES and len(after.split()) > 3)
