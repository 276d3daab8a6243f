# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pages from Jinja templates, with the words, dates and shares of the reader's language."""

import datetime as dt
import math
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse

from router.deciding.report import reason_sentence
from router.texts import LANGUAGES, _, current_language, ngettext
from router.web.services import BERLIN
from router.web.words import actor_words, step_words

__all__ = ["STATIC_FOLDER", "clock", "day", "page", "percent", "static", "when"]

STATIC_FOLDER = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"


@lru_cache(maxsize=256)
def static(path: str) -> str:
    """Return the address of a static file; it changes with the contents, so that browsers may keep the file."""
    digest = sha256((STATIC_FOLDER / path).read_bytes()).hexdigest()[:12]
    return f"/static/{path}?v={digest}"


def when(moment: dt.datetime) -> str:
    """Return date and time in the office's time zone, in the reader's language."""
    return str(format_datetime(moment, "short", tzinfo=BERLIN, locale=_locale()))


def clock(moment: dt.datetime) -> str:
    """Return the time of day of today's moments, date and time of older ones."""
    local = moment.astimezone(BERLIN)
    if local.date() == dt.datetime.now(BERLIN).date():
        return str(format_time(local, "short", tzinfo=BERLIN, locale=_locale()))
    return when(moment)


def day(date: dt.date) -> str:
    """Return a date in the reader's language."""
    return str(format_date(date, "medium", locale=_locale()))


def percent(share: float, digits: int = 0) -> str:
    r"""Return a share as per cent, rounded down: nothing is shown as surer than it is.

    >>> percent(0.9999).replace("\u00a0", " ")
    '99 %'
    """
    if 0 < share < 10 ** -(digits + 2):
        return _("under {share}").format(share=percent(10 ** -(digits + 2), digits))
    factor = 10**digits
    # The product of a float like 0.29 lies a hair below the whole number it means.
    value = math.floor(round(share * 100 * factor, 6)) / factor
    return f"{format_decimal(value, format='0' if not digits else '0.' + '0' * digits, locale=_locale())}\u00a0%"


def _number(value: float, digits: int | None = None) -> str:
    pattern = "#,##0" if digits == 0 else None if digits is None else "#,##0." + "0" * digits
    return str(format_decimal(value, format=pattern, locale=_locale()))


def _locale() -> str:
    return "de_DE" if current_language() == "de" else "en_GB"


def _icon(name: str) -> Markup:
    """Return one of KERN's icons; it says nothing to screen readers, so words must stand beside it."""
    return Markup('<span class="kern-icon kern-icon--{}" aria-hidden="true"></span>').format(name)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words = {"reason_sentence": reason_sentence, "actor_words": actor_words, "training_step": step_words}
    environment.globals.update(_=_, ngettext=ngettext, static=static, icon=_icon, **words)
    environment.filters.update(when=when, clock=clock, day=day, percent=percent, number=_number)
    return environment


def page(
    request: Request,
    template: str,
    *,
    status_code: int = 200,
    headers: Mapping[str, str] | None = None,
    **values: Any,
) -> HTMLResponse:
    """Return a page or fragment.

    Parameters
    ----------
    request
        What is answered; who asks and what is open stand in the frame of the page.
    template
        File under ``templates/``; names of fragments begin with an underscore.
    status_code, headers
        Of the answer.
    **values
        What the template shows.
    """
    services = getattr(request.app.state, "services", None)
    identity = getattr(request.state, "identity", None)
    frame = {
        "path": request.url.path,
        "language": current_language(),
        "languages": LANGUAGES,
        "identity": identity,
        "office_name": services.desk.office.name if services else "",
        "model_label": _model_label(services) if services else None,
    }
    text = _environment().get_template(template).render(**frame, **values)
    answer = HTMLResponse(text, status_code, headers=dict(headers or {}))
    answer.headers["content-language"] = current_language()
    return answer


def _model_label(services: Any) -> str | None:
    model = services.desk.model
    return model.label if model is not None else None
