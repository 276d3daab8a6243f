# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Language of the command line, its libraries included.

Typer and Click take their words from the gettext domain ``messages``, some of them while they are imported.
``speak`` therefore comes before the first import of either.
"""

import atexit
import gettext
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from router.errors import UsageError
from router.texts import DEFAULT_LANGUAGE, LANGUAGES, _, set_language

__all__ = ["speak", "take_language"]

_LIBRARIES = Path(__file__).parents[1] / "locales" / "{language}" / "LC_MESSAGES" / "click.po"


def take_language(arguments: Sequence[str]) -> tuple[str | None, list[str]]:
    """Take ``--lang`` out of a command line, wherever it stands.

    Raises
    ------
    UsageError
        When it names no language of the product.
    """
    rest: list[str] = []
    chosen: str | None = None
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word == "--lang" or word.startswith("--lang="):
            chosen = word.partition("=")[2] or next(words, "")
            if chosen not in LANGUAGES:
                raise UsageError(
                    _("--lang takes one of: {languages}").format(languages=", ".join(LANGUAGES)), item="--lang"
                )
        else:
            rest.append(word)
    return chosen, rest


def speak(language: str | None) -> None:
    """Use a language for the whole process, by default the one of the environment, else German."""
    wanted = language or os.environ.get("POSTWEICHE_LANG", DEFAULT_LANGUAGE)
    set_language(wanted)
    source = Path(str(_LIBRARIES).format(language=wanted))
    if wanted not in LANGUAGES or not source.exists():
        return
    folder = Path(tempfile.mkdtemp(prefix="postweiche-words-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    target = folder / wanted / "LC_MESSAGES" / "messages.mo"
    target.parent.mkdir(parents=True)
    with source.open("rb") as messages, target.open("wb") as out:
        write_mo(out, read_po(messages, locale=wanted))
    # Only this process and the libraries' own lookups are meant; children get their language by the settings.
    os.environ["LANGUAGE"] = wanted
    gettext.bindtextdomain("messages", str(folder))
    gettext.textdomain("messages")
