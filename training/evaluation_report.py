# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""An evaluation as files: figures for programs, a page for people, pictures."""

import json
from pathlib import Path

from babel.numbers import format_decimal, format_percent
from jinja2 import Environment, FileSystemLoader

from router.deciding.report import reason_words
from router.records import Reason
from router.texts import _, current_language, ngettext
from training.evaluate import Evaluation
from training.groups import KINDS, LEVEL, SMALLEST, group_name
from training.measures import Share
from training.plots import write_calibration_plot, write_curve_plot

__all__ = ["write_report"]

_TEMPLATES = Path(__file__).with_name("templates")


def write_report(evaluation: Evaluation, folder: Path, *, target_error: float | None = None) -> Path:
    """Write ``evaluation.json``, ``evaluation.html`` and the plots, and return the page's path.

    Parameters
    ----------
    evaluation
        What to report.
    folder
        Where to; created if missing, files of the same names are replaced.
    target_error
        What the office allows, drawn into the plot.
    """
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(evaluation.to_json(), indent=1, ensure_ascii=False) + "\n"
    (folder / "evaluation.json").write_text(text, encoding="utf-8")
    write_calibration_plot(evaluation.calibration, folder)
    chosen = None
    if evaluation.routed.value is not None and evaluation.error.value is not None:
        chosen = (evaluation.routed.value, evaluation.error.value)
    write_curve_plot(evaluation.curve, chosen, target_error, folder)
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals |= {
        "_": _,
        "ngettext": ngettext,
        "percent": _percent,
        "interval": _interval,
        "number": _number,
        "reason_words": _reason_words,
        "group_name": group_name,
        "kinds": KINDS,
        "level": LEVEL,
        "smallest": SMALLEST,
    }
    page = environment.get_template("evaluation.html").render(
        evaluation=evaluation, lang=current_language(), target_error=target_error
    )
    path = folder / "evaluation.html"
    path.write_text(page, encoding="utf-8")
    return path


def _percent(value: float | None) -> str:
    return "–" if value is None else format_percent(value, "#,##0.0 %", locale=current_language())


def _interval(share: Share) -> str:
    if share.interval is None:
        return "–"
    low, high = (_percent(end) for end in share.interval)
    return _("{low} to {high}").format(low=low, high=high)


def _number(value: float | None, digits: int = 3) -> str:
    if value is None:
        return "–"
    return format_decimal(value, f"#,##0.{'0' * digits}", locale=current_language())


def _reason_words(name: str) -> str:
    return reason_words(Reason(name))
