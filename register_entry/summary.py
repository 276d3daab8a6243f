# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The entry in short sentences for everybody, with the measured figures filled in."""

from collections.abc import Mapping
from typing import Any

from register_entry.words import number_words
from router.texts import _, ngettext

__all__ = ["plain_summary"]


def plain_summary(values: Mapping[str, Any]) -> list[str]:
    """Return short sentences about a system; sentences whose facts are missing are left out.

    Parameters
    ----------
    values
        Values of the view's fields by key.
    """
    deployer = (values.get("deployer") or {}).get("name")
    name = values.get("name") or _("This system")
    first = (
        _(
            "{name} is a computer program. It reads letters and e-mails that arrive at {office} and finds out which "
            "unit is responsible."
        )
        if deployer
        else _(
            "{name} is a computer program. It reads letters and e-mails that arrive at an office and finds out which "
            "unit is responsible."
        )
    )
    sentences = [
        first.format(name=name, office=deployer),
        _("It only sorts mail. It does not decide on applications, and it does not rate people."),
    ]
    sentences += _figures(values)
    if values.get("contact"):
        sentences.append(_("Questions? Write to {contact}.").format(contact=values["contact"]))
    return sentences


def _figures(values: Mapping[str, Any]) -> list[str]:
    quality = values.get("quality") or {}
    routed, wrong = quality.get("share_routed") or {}, quality.get("error_among_routed") or {}
    if not quality:
        return [
            _(
                "It has not learned from the office's letters yet. A person sorts every letter that the case list does "
                "not settle."
            )
        ]
    sentences = []
    if routed.get("value"):
        sentences.append(
            _("Of 100 letters it sorts about {share} by itself. A person sorts the others.").format(
                share=round(routed["value"] * 100)
            )
        )
    elif routed.get("value") == 0:
        sentences.append(_("It only makes proposals so far: a person sorts the letters."))
    if wrong.get("value") is not None and routed.get("value"):
        sentences.append(_wrong(float(wrong["value"]), float(wrong["high"])))
    count = quality.get("n")
    if count:
        sentences.append(
            _("This was measured on {count} letters that it had not learned from.").format(count=number_words(count))
        )
    return sentences


def _wrong(value: float, high: float) -> str:
    """Say the errors among 1000 letters: shares of about one in a hundred are easier to grasp so."""
    count = round(value * 1000)
    return ngettext(
        "Of 1000 letters sorted in this way, about {count} first goes to a wrong unit (at most about "
        "{most}); it is passed on there.",
        "Of 1000 letters sorted in this way, about {count} first go to a wrong unit (at most about "
        "{most}); they are passed on there.",
        count,
    ).format(count=count, most=round(high * 1000))
