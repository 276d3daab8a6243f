# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Figures, dates and names of values in words, in the language of the present reader."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal

from register_entry.public import DECIMAL_FROM
from router.texts import _, current_language

__all__ = [
    "day_words",
    "figure_words",
    "key_words",
    "month_words",
    "number_words",
    "percent",
    "percent_words",
    "scalar_words",
]


def N_(message: str) -> str:
    """Mark a message id for translation; it is translated when shown."""
    return message


_KEYS: dict[str, str] = {
    "accuracy": N_("Right unit among all letters"),
    "accuracy_routed": N_("Right among letters sorted automatically"),
    "address": N_("Address"),
    "algorithm": N_("Procedure"),
    "bound": N_("Upper bound of the error"),
    "by_hand": N_("Mail gone astray before, sorted by hand"),
    "bytes": N_("Size in bytes"),
    "calibration": N_("Calibration"),
    "certainty": N_("Certainty"),
    "channel": N_("Way of arrival"),
    "channel_known": N_("Way of arrival known"),
    "class_sizes": N_("Letters of each unit"),
    "code": N_("Source code"),
    "cores": N_("Processor cores"),
    "countries": N_("Another country in the letter: share that goes to another unit"),
    "countries_field": N_("Another country in the letter: share that goes to another field of responsibility"),
    "created": N_("Made on"),
    "date": N_("Date"),
    "department": N_("Department"),
    "duplicates": N_("Duplicates"),
    "email": N_("Mailbox"),
    "end": N_("until"),
    "energy": N_("Energy"),
    "error": N_("Mean distance between confidence and share right"),
    "error_among_routed": N_("Wrong among letters sorted automatically"),
    "errors": N_("Errors among them"),
    "facts_model": N_("Model that finds names"),
    "fingerprint": N_("Fingerprint of the training data"),
    "folds": N_("Parts of the cross-validation"),
    "gendered_forms": N_("Exchanged gendered forms"),
    "gendered_forms_field": N_("Exchanged gendered forms: share that goes to another field"),
    "gpu": N_("Graphics processor"),
    "hardware": N_("Machine"),
    "held_by_gates": N_("Held back for a person for other reasons than confidence"),
    "highest": N_("highest"),
    "hostile_text": N_("Text that tries to give orders: share that goes elsewhere"),
    "hostile_text_newly_routed": N_("Text that tries to give orders: share newly sorted without a person"),
    "hyperparameters": N_("Settings of the training"),
    "in_operation": N_("Learns by itself in operation"),
    "kind": N_("Kind of letter"),
    "label": N_("Model"),
    "label_sources": N_("Who decided the examples"),
    "language": N_("Language"),
    "length": N_("Length"),
    "letters": N_("Letters it rests on"),
    "letters_masked": N_("Letters in which names were masked"),
    "letters_with_people": N_("Letters in which people were found"),
    "libraries": N_("Libraries"),
    "licence": N_("Licence"),
    "log_loss": N_("Logarithmic loss"),
    "lowest": N_("lowest"),
    "macro_f1": N_("F1, mean over the units"),
    "majority": N_("Everything to the unit with the most mail"),
    "masking": N_("Masking of names"),
    "matters_named": N_("Letters whose matter is noted"),
    "mean": N_("mean"),
    "memory_mib": N_("Memory in MiB"),
    "missing_letters": N_("Further letters needed for a promise"),
    "most": N_("most"),
    "n": N_("Letters"),
    "n_classes": N_("Fields of responsibility told apart"),
    "n_features": N_("Features"),
    "n_given": N_("Letters given"),
    "n_parameters": N_("Learned numbers"),
    "n_posts": N_("Units"),
    "name": N_("Name"),
    "name_parts_known": N_("Parts of names in the case list"),
    "name_parts_left": N_("Parts of names that stayed in the texts the model learned from"),
    "names": N_("Another name in the letter: share that goes to another unit"),
    "names_field": N_("Another name in the letter: share that goes to another field of responsibility"),
    "names_field_without_files": N_("Exchanged names without any files: share that goes to another field"),
    "note": N_("Note"),
    "ocr": N_("How well the letter was read"),
    "on": N_("Switched on"),
    "ordinary_words_like_names": N_("Ordinary words that are also parts of names"),
    "out_of_scope_recognised": N_("Mail for other offices: share recognised"),
    "out_of_scope_routed_wrong": N_("Mail for other offices: share sorted to a wrong unit without a person"),
    "pages": N_("Pages of a letter"),
    "peak_memory_mib": N_("Most memory used in MiB"),
    "period": N_("Period"),
    "previous": N_("Version in use before"),
    "processor": N_("Processor"),
    "published": N_("Published"),
    "python": N_("Python"),
    "reads": N_("What the model reads"),
    "recognition_errors": N_("Reading errors: share that goes elsewhere"),
    "recognition_errors_routed_wrong": N_("Reading errors: wrong among letters sorted automatically"),
    "revised": N_("Revised"),
    "rules_only": N_("Plan and case list alone, without learning"),
    "sample": N_("Letters in these tests"),
    "seconds": N_("Duration in seconds"),
    "sha256": N_("SHA-256"),
    "sha256_prefix": N_("Beginning of the SHA-256"),
    "share_routed": N_("Sorted automatically"),
    "split": N_("Split"),
    "start": N_("since"),
    "summary": N_("Summary"),
    "target_error": N_("At most this share may go wrong"),
    "task": N_("Task"),
    "threshold": N_("Lowest confidence"),
    "top3": N_("Right unit among the first three proposals"),
    "units": N_("Units counted"),
    "unreadable": N_("Letters without readable text"),
    "version": N_("Version"),
    "website": N_("Web page"),
}

_VALUES: dict[str, str] = {
    "in_use": N_("in use"), "pilot": N_("pilot"), "development": N_("in development"), "retired": N_("no longer used"),
    "history": N_("past mail of the office"), "confirmed": N_("confirmed by a person"),
    "corrected": N_("corrected by a person"),
    "spot_check": N_("spot check"), "mail": N_("e-mail"), "letter": N_("letter as a file"),
    "scan": N_("scanned letter"),
    "fax": N_("fax"), "photo": N_("photo"), "form": N_("form"), "text": N_("text"), "unknown": N_("unknown"),
    "short": N_("short"), "medium": N_("medium"), "long": N_("long"), "und": N_("not recognised"),
    "text, not recognised": N_("text, no recognition needed"), "text classification": N_("sorting of texts"),
    "data_protection": N_("data protection"), "legal": N_("legal office"), "staff_council": N_("staff council"),
    "release": N_("release"),
}  # fmt: skip

# Sentences that training writes into its facts; they are listed here so that they get translated.
_SENTENCES = (
    N_("The energy used was not measured"),
    N_("The training did not run from a working copy of the source"),
    N_("The model routes nothing by itself yet"),
    N_("No letter reaches this threshold"),
    N_("No letter of this group is routed by itself"),
    N_("The history holds no mail for other offices"),
    N_("This comparison was left out"),
    N_("The rules alone route nothing"),
    N_("The office did not measure how much mail went astray before"),
    N_("There is no earlier version"),
    N_("There were no letters of this kind"),
    N_("There is no case list to compare with"),
    N_("This criterion was not measured"),
    N_("No letter of the sample names a person"),
    N_("No letter of the sample names a country"),
    N_("This test is not yet part of the training"),
    N_("Too few letters to publish a figure"),
    N_("Not filled in yet"),
    N_("A lawyer or the data protection officer has not filled this in yet"),
    N_("No model has been trained yet"),
    N_("Not measured yet"),
    N_(
        "Linear support vectors blended with complement naive Bayes on hashed word and character n-grams of the "
        "masked text; evidence combined by a conditional logit shared by all posts; confidence calibrated by logistic "
        "regression"
    ),
)


def key_words(key: str) -> str:
    """Return the name of a value; keys without one (units, criteria) stay as they are."""
    return _(_KEYS[key]) if key in _KEYS else key


def scalar_words(value: Any, key: str = "") -> str:
    """Return a number, truth, date or term in words."""
    if value is None:
        return _("none")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if key in ("threshold", "target_error", "certainty", "bound") and isinstance(value, int | float):
        return percent(value, 1)
    if isinstance(value, int | float):
        # A version is a name made of digits, no quantity.
        return str(value) if key == "version" else number_words(value)
    text = str(value)
    if key == "language":
        return _VALUES[text] and _(_VALUES[text]) if text in _VALUES else _language_name(text)
    if key in ("created", "date", "published", "revised", "start", "end") and text[:4].isdigit():
        return month_words(text) if len(text) == len("2026-01") else day_words(text[:10])
    return _(_VALUES[text]) if text in _VALUES else _(text) if text in _SENTENCES else text


def _language_name(code: str) -> str:
    try:
        return Locale.parse(code).get_display_name(current_language()) or code
    except ValueError:
        return code


def number_words(value: float) -> str:
    """Return a number with the reader's separators and at most three decimals."""
    return str(format_decimal(value, format="#,##0.###", locale=current_language()))


def percent(value: float, digits: int = 0) -> str:
    """Return a share as percent, with a narrow blank before the sign."""
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return f"{format_decimal(value * 100, format=pattern, locale=current_language())}\u202f%"


def _digits(figure: Mapping[str, Any]) -> int:
    return 1 if int(figure.get("n") or 0) >= DECIMAL_FROM else 0


def percent_words(figure: Mapping[str, Any]) -> str:
    """Return only the share of a figure, or why there is none."""
    if figure.get("value") is None:
        return _(str(figure.get("reason", "")))
    return percent(figure["value"], _digits(figure))


def figure_words(figure: Mapping[str, Any]) -> str:
    """Return a figure with its interval and number, or why there is none."""
    value = figure.get("value")
    if value is None:
        return _(str(figure.get("reason", "")))
    if "low" not in figure:
        shown = number_words(value) if isinstance(value, int | float) else str(value)
        return _("{value} (n = {n})").format(value=shown, n=number_words(figure["n"])) if "n" in figure else shown
    digits = _digits(figure)
    return _("{value} (95 % interval {low} to {high}, n = {n})").format(
        value=percent(value, digits),
        low=percent(figure["low"], digits),
        high=percent(figure["high"], digits),
        n=number_words(figure["n"]),
    )


def day_words(day: str) -> str:
    """Return an ISO day as the reader writes it."""
    return str(format_date(dt.date.fromisoformat(day), format="long", locale=current_language()))


def month_words(month: str) -> str:
    """Return an ISO month as the reader writes it."""
    return str(format_date(dt.date.fromisoformat(f"{month}-01"), format="LLLL y", locale=current_language()))
