# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Every message of the code has a German translation with the same placeholders, and no other stands there."""

import re
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as BabelMessage
from babel.messages.pofile import read_po

from router.texts import LANGUAGES, in_language, ngettext
from router.texts import _ as translate

ROOT = Path(__file__).parents[2]
GERMAN = ROOT / "router" / "locales" / "de" / "LC_MESSAGES" / "postweiche.po"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Messages as the code has them now, collected the way ``make catalogues`` does."""
    target = tmp_path_factory.mktemp("messages") / "messages.pot"
    command = [sys.executable, "-m", "babel.messages.frontend", "--quiet", "extract", "--mapping-file=pyproject.toml"]
    command += ["--keywords=_", "--keywords=N_", "--keywords=ngettext:1,2", f"--output-file={target}"]
    subprocess.run([*command, "router", "training", "register_entry"], cwd=ROOT, check=True, capture_output=True)
    with target.open("rb") as source:
        return read_po(source)


@pytest.fixture(scope="module")
def german() -> Catalog:
    with GERMAN.open("rb") as source:
        return read_po(source, locale="de")


def _key(message: BabelMessage) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _keys(catalogue: Catalog) -> set[str]:
    return {_key(message) for message in catalogue if message.id}


def _forms(value: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def _placeholders(text: str) -> set[str]:
    return {f"{name}:{spec}" for _text, name, spec, _conversion in string.Formatter().parse(text) if name is not None}


def test_the_code_has_messages(template: Catalog) -> None:
    assert len(_keys(template)) > 300


def test_no_message_lacks_in_the_catalogue_and_none_is_left_over(template: Catalog, german: Catalog) -> None:
    assert sorted(_keys(template) - _keys(german)) == [], "run: make catalogues"
    assert sorted(_keys(german) - _keys(template)) == [], "run: make catalogues"
    assert sorted(german.obsolete) == [], "delete what is obsolete"


def test_every_message_is_translated_and_none_is_a_guess(german: Catalog) -> None:
    untranslated = [_key(m) for m in german if m.id and not all(_forms(m.string))]
    assert untranslated == []
    assert [_key(m) for m in german if m.id and m.fuzzy] == []


def test_placeholders_are_the_same(german: Catalog) -> None:
    wrong = []
    for message in german:
        if not message.id or not all(_forms(message.string)):
            continue
        wanted = set().union(*(_placeholders(text) for text in _forms(message.id)))
        wrong += [_key(message) for text in _forms(message.string) if _placeholders(text) != wanted]
    assert wrong == []


def test_blanks_at_the_ends_are_the_same(german: Catalog) -> None:
    """Messages are joined with others: a lost blank runs words together."""

    def ends(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    pairs = [(text, _forms(m.id)[0]) for m in german if m.id for text in _forms(m.string) if text]
    assert [text for text, source in pairs if ends(text) != ends(source)] == []


def test_plurals_have_both_forms(german: Catalog) -> None:
    assert [_key(m) for m in german if m.pluralizable and len(_forms(m.string)) != german.num_plurals] == []


def test_messages_reach_the_reader_in_both_languages() -> None:
    with in_language("de"):
        assert translate("not installed") == "nicht installiert"
        assert ngettext("{count} page", "{count} pages", 2) == "{count} Seiten"
    with in_language("en"):
        assert translate("not installed") == "not installed"
        assert ngettext("{count} page", "{count} pages", 1) == "{count} page"
    assert LANGUAGES == ("de", "en")


def test_people_are_addressed_formally(german: Catalog) -> None:
    informal = re.compile(r"\b(?:du|dich|dir|dein\w*|euch|euer|eure\w*)\b", re.IGNORECASE)
    assert [t for m in german if m.id for t in _forms(m.string) if informal.search(t)] == []
