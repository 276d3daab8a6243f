# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""How it stands with the promise, in sentences for people."""

from router.deciding.promise import Promise, letters_needed
from router.deciding.watch import Routing, Verdict
from router.texts import _, current_language, ngettext

__all__ = ["standing"]


def standing(
    promise: Promise | None,
    verdict: Verdict | None,
    *,
    target_error: float,
    certainty: float,
    decided: int | None = None,
) -> list[str]:
    """Return why less is routed than could be, and what it takes; nothing where all is as promised.

    Parameters
    ----------
    promise
        Of the model in use; ``None`` without a model.
    verdict
        What checks say of it, if somebody watches.
    target_error, certainty
        What the office wants to be promised.
    decided
        Letters people decided in the service so far, if known.
    """
    target = _percent(target_error, 1)
    if promise is None or promise.threshold is None:
        said = [
            _(
                "Nothing is routed on its text alone yet, only what the case list proves: "
                "too few decisions to promise that at most {target} go wrong."
            ).format(target=target)
        ]
        if promise is not None and promise.drifted:
            said.append(
                _("The newest letters go wrong more often than earlier ones, so the promise must rest on them alone.")
            )
        missing = promise.missing if promise is not None else letters_needed(target_error, certainty)
        said.append(
            ngettext(
                "At least {count} more letter must be decided by people, more if some of the suggestions are wrong.",
                "At least {count} more letters must be decided by people, more if some of the suggestions are wrong.",
                missing,
            ).format(count=missing)
        )
        if decided is not None:
            said.append(
                ngettext(
                    "So far {count} letter was decided in the service.",
                    "So far {count} letters were decided in the service.",
                    decided,
                ).format(count=decided)
            )
        return said
    return _watched(promise.threshold, verdict, target) if verdict is not None else []


def _watched(promised: float, verdict: Verdict, target: str) -> list[str]:
    if verdict.routing is Routing.STOPPED:
        return [
            _("Routing is stopped: checks found more wrong letters than the promised {target}.").format(target=target),
            ngettext(
                "After {count} more decided letter it is seen whether it can start again; a new training may help.",
                "After {count} more decided letters it is seen whether it can start again; a new training may help.",
                verdict.missing,
            ).format(count=verdict.missing),
        ]
    said = []
    if verdict.routing is Routing.RAISED and verdict.threshold is not None:
        said.append(
            _(
                "Checks found more wrong letters than promised: letters now go without a person only from a "
                "confidence of {threshold} on instead of {promised}."
            ).format(threshold=_percent(verdict.threshold, 2), promised=_percent(promised, 2))
        )
    if verdict.closely:
        said.append(
            _(
                "A check was wrong: until it is clear whether that was chance, each letter the service is sure of "
                "is shown to a person."
            )
        )
    return said


def _percent(share: float, digits: int) -> str:
    shown = f"{share * 100:.{digits}f}".rstrip("0").rstrip(".")
    return f"{shown.replace('.', ',')} %" if current_language() == "de" else f"{shown}%"
