# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Words on screens, in reports and messages: German by default, English on request.

Message ids are English. The catalogues are ``router/locales/<language>/LC_MESSAGES/postweiche.po``;
they are compiled in memory when first needed, so that there is no build step to forget.
"""

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

__all__ = ["DEFAULT_LANGUAGE", "LANGUAGES", "_", "current_language", "in_language", "ngettext", "set_language"]

LANGUAGES = ("de", "en")
DEFAULT_LANGUAGE = "de"
_LOCALES = Path(__file__).parent / "locales"
_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> gettext.NullTranslations:
    path = _LOCALES / language / "LC_MESSAGES" / "postweiche.po"
    if not path.exists():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def current_language() -> str:
    """Return the language of the present request or command: ``de`` or ``en``."""
    return _language.get()


def set_language(language: str) -> None:
    """Use `language` from here on; an unknown one leaves the default."""
    _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Use `language` within a ``with`` block."""
    token = _language.set(language if language in LANGUAGES else DEFAULT_LANGUAGE)
    try:
        yield
    finally:
        _language.reset(token)


def _(message: str) -> str:
    """Return `message` in the present language."""
    return _catalogue(_language.get()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """Return the form of a message that fits `count`, in the present language."""
    return _catalogue(_language.get()).ngettext(singular, plural, count)
