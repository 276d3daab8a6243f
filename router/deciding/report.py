# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""Decisions as others see them: the report of a letter, the stored form, and words for people."""

import math
from typing import Any

from babel.numbers import format_decimal
from pydantic import TypeAdapter

from router.records import Decision, Evidence, Explanation, Letter, Outcome, Person, Place, Reason, Reference
from router.texts import _, current_language

__all__ = [
    "change_words",
    "confidence_words",
    "decision_from_json",
    "decision_to_json",
    "letter_from_json",
    "letter_report",
    "letter_to_json",
    "reason_sentence",
    "reason_words",
]

_decisions: TypeAdapter[Decision] = TypeAdapter(Decision)
_letters: TypeAdapter[Letter] = TypeAdapter(Letter)


def decision_to_json(decision: Decision) -> dict[str, Any]:
    """Return a decision as JSON types, without loss but for scores that are not numbers."""
    stored = dict(_decisions.dump_python(decision, mode="json"))
    stored["details"] = {name: value for name, value in decision.details.items() if math.isfinite(value)}
    return stored


def decision_from_json(stored: dict[str, Any]) -> Decision:
    """Return the decision that ``decision_to_json`` wrote."""
    return _decisions.validate_python(stored)


def letter_to_json(letter: Letter) -> dict[str, Any]:
    """Return a letter with its words as JSON types."""
    return dict(_letters.dump_python(letter, mode="json"))


def letter_from_json(stored: dict[str, Any]) -> Letter:
    """Return the letter that ``letter_to_json`` wrote."""
    # Letters read before barcodes had a place hold their texts only.
    codes = [{"text": code, "page": 0} if isinstance(code, str) else code for code in stored.get("codes", ())]
    return _letters.validate_python({**stored, "codes": codes})


def letter_report(letter: Letter, decision: Decision, *, with_text: bool = False) -> dict[str, Any]:
    """Return what ``postweiche route --json`` and ``GET /api/v1/letters`` say of one letter.

    ``explanation`` stands there only where there are candidates, ``suggested_starts`` only where a page looks like the
    first of another letter, ``pages_left`` only where pages were not needed and are still to be read.

    Parameters
    ----------
    letter, decision
        What was read and decided.
    with_text
        Add the letter's text; it is personal data, so only on request, and never of a confidential letter.
    """
    best = decision.candidates[0] if decision.candidates else None
    report: dict[str, Any] = {
        "pages": [page.number for page in letter.pages],
        "kind": letter.kind.value,
        "outcome": decision.outcome.value,
        "post": best.post if best else None,
        "caseworker": best.caseworker if best else None,
        "confidence": decision.confidence,
        "threshold": decision.threshold,
        "reasons": [reason.value for reason in decision.reasons],
        "candidates": [
            {"post": candidate.post, "caseworker": candidate.caseworker, "confidence": candidate.confidence}
            for candidate in decision.candidates
        ],
        "facts": {
            "references": [_reference(reference) for reference in decision.facts.references],
            "persons": [_person(person) for person in decision.facts.persons],
            "matter": decision.matter,
            "language": decision.facts.language,
            "deadlines": [
                {"date": deadline.date.isoformat(), "words": deadline.words, **_where(deadline.place)}
                for deadline in decision.facts.deadlines
            ],
        },
        "evidence": [_evidence(evidence) for evidence in decision.evidence],
        "model": decision.model,
    }
    if decision.explanation is not None:
        report["explanation"] = _explanation(decision.explanation, decision)
    if suggested := letter.suggested_starts:
        report["suggested_starts"] = [{"page": page.number, "score": round(page.start_score, 3)} for page in suggested]
    # Pages of a confidential letter are neither read on nor told.
    withheld = decision.is_withheld
    if not withheld and (left := [page.number for page in letter.pages if not page.is_read]):
        report["pages_left"] = left
    if with_text and not withheld:
        report["text"] = letter.text
    return report


def _where(place: Place | None) -> dict[str, Any]:
    return {"page": place.page if place else None, "box": list(place.box.rounded()) if place else None}


def _reference(reference: Reference) -> dict[str, Any]:
    return {
        "kind": reference.kind.value,
        "value": reference.value,
        "owner": reference.owner.value,
        **_where(reference.place),
    }


def _person(person: Person) -> dict[str, Any]:
    return {
        "surname": person.surname,
        "given_names": person.given_names,
        "role": person.role.value,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "nationality": person.nationality,
        **_where(person.place),
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {
        "source": evidence.source.value,
        "says": evidence.says,
        "why": evidence.why,
        "page": evidence.page,
        "box": list(evidence.box.rounded()) if evidence.box else None,
        "weight": round(evidence.weight, 6),
    }


def _explanation(explanation: Explanation, decision: Decision) -> dict[str, Any]:
    margin = explanation.margin
    return {
        "post": explanation.post,
        "runner_up": explanation.runner_up,
        "sentences": [sentence.words for sentence in explanation.sentences],
        "baseline": round(explanation.baseline, 6),
        "score": round(explanation.score, 6),
        "margin": round(margin, 6) if margin is not None else None,
        "above_threshold": round(decision.confidence - decision.threshold, 6)
        if decision.threshold is not None
        else None,
        "text": {
            "field": explanation.field,
            "against": explanation.against,
            "words": [
                {
                    "word": part.word,
                    "weight": round(part.weight, 6),
                    "page": part.page,
                    "box": list(part.box.rounded()) if part.box else None,
                }
                for part in explanation.words
            ],
            "other_words": round(explanation.other_words, 6),
        }
        if explanation.field
        else None,
        "would_change": [
            {"what": change.what, "post": change.post, "why": change.words} for change in explanation.changes
        ],
    }


def change_words(decision: Decision) -> list[str]:
    """Return in sentences what would change a decision, and how near it is to the threshold."""
    explanation = decision.explanation
    if explanation is None:
        return []
    told = [change.words for change in explanation.changes]
    if not told:
        told.append(_("The suggestion hangs on no single fact"))
    if decision.threshold is not None and decision.outcome is Outcome.ROUTED:
        above = 100 * (decision.confidence - decision.threshold)
        told.append(
            _("If the service were {points} points less sure, a person would decide").format(points=_points(above))
        )
    return told


def _points(value: float) -> str:
    """Return percentage points, as exact as they are small."""
    return format_decimal(max(value, 0.0), format="0.0" if value >= 1 else "0.00", locale=current_language())


def reason_words(reason: Reason) -> str:
    """Return a sentence that tells a person why a letter needs a look."""
    return {
        Reason.LOW_CONFIDENCE: _("Not sure enough which post is responsible"),
        Reason.NOVEL: _("Unlike any letter the model knows"),
        Reason.POOR_OCR: _("The words that matter are hard to read"),
        Reason.CONFLICT: _("Number, name and text point to different posts"),
        Reason.NO_PERSON: _("No person concerned was found"),
        Reason.SEVERAL_LETTERS: _("Seems to hold several letters, or files of several posts"),
        Reason.UNREADABLE: _("Nothing could be read; look at the original"),
        Reason.ENCRYPTED: _("Protected by a password; ask the sender for an open copy"),
        Reason.TOO_LARGE: _("Larger than the service reads; look at the original"),
        Reason.CONFIDENTIAL: _("Marked personal or confidential"),
        Reason.MISDIRECTED: _("Perhaps meant for another office"),
        Reason.NO_MODEL: _("Nothing can be promised at present, so a person decides"),
    }[reason]


def reason_sentence(reason: Reason, decision: Decision | None) -> str:
    """Return ``reason_words``, and for a contradiction what leads to which post, out of the evidence.

    Parameters
    ----------
    reason
        One of the decision's.
    decision
        ``None`` where the letter was not decided.
    """
    words = reason_words(reason)
    if reason is not Reason.CONFLICT or decision is None:
        return words
    sides = decision.evidence[: int(decision.details.get("contradiction", 0))]
    if len({side.says for side in sides}) < 2:
        return words
    return f"{words}: {', '.join(f'{_side(side)} → {side.says}' for side in sides)}"


def _side(evidence: Evidence) -> str:
    """Return what speaks for a post in a few words."""
    values = evidence.values
    if "number" in values:
        return _("number {number}").format(number=values["number"])
    if "matter" in values:
        return values["matter"]
    return _("name {name}").format(name=values["name"]) if "name" in values else evidence.why


def confidence_words(confidence: float, threshold: float | None) -> str:
    """Return a confidence in words, measured at what the office wants to be routed without a person."""
    if threshold is not None and confidence >= threshold:
        return _("very sure")
    if confidence >= 0.9:
        return _("quite sure")
    if confidence >= 0.7:
        return _("likely")
    if confidence >= 0.4:
        return _("uncertain")
    return _("a guess")
