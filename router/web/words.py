# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""What the service's own terms are called on screen."""

from babel import Locale

from router.deciding.report import reason_words
from router.office.countries import countries
from router.records import EvidenceSource, LetterKind, Owner, PersonRole, Reason, ReferenceKind
from router.store.audit import SERVICE, AuditEvent
from router.store.views import LetterState
from router.texts import _, current_language

__all__ = [
    "actor_words",
    "channel_words",
    "country_words",
    "event_words",
    "kind_words",
    "language_words",
    "owner_words",
    "reason_words_of",
    "reference_words",
    "role_words",
    "source_words",
    "state_words",
    "step_words",
]


def state_words(state: LetterState) -> str:
    """Return what became of a letter."""
    return {
        LetterState.WAITING: _("in progress"),
        LetterState.REVIEW: _("to be decided"),
        LetterState.ROUTED: _("routed"),
        LetterState.ASSIGNED: _("decided"),
        LetterState.DELIVERED: _("delivered"),
    }[state]


def channel_words(channel: str) -> str:
    """Return the way a letter came in."""
    return {
        "upload": _("upload"),
        "api": _("interface"),
        "mail": _("e-mail"),
        "smtp": _("e-mail"),
        "pipe": _("e-mail"),
        "imap": _("e-mail"),
        "folder": _("folder"),
        "scan": _("scan"),
        "fax": _("fax"),
    }.get(channel, channel)


def kind_words(kind: LetterKind) -> str:
    """Return the kind of a letter."""
    return {
        LetterKind.SCAN: _("scan"),
        LetterKind.TEXT: _("text"),
        LetterKind.FORM: _("form"),
        LetterKind.MAIL: _("e-mail"),
    }[kind]


def source_words(source: EvidenceSource) -> str:
    """Return where evidence comes from."""
    return {
        EvidenceSource.CASE_LIST: _("Case list"),
        EvidenceSource.REFERENCE: _("File number"),
        EvidenceSource.ADDRESSEE: _("Addressee"),
        EvidenceSource.RULE: _("Plan"),
        EvidenceSource.TEXT: _("Text"),
    }[source]


def reference_words(kind: ReferenceKind) -> str:
    """Return the kind of a number."""
    return {
        ReferenceKind.OWN: _("Our file number"),
        ReferenceKind.AZR: _("AZR number"),
        ReferenceKind.BAMF: _("BAMF number"),
        ReferenceKind.COURT: _("Court number"),
        ReferenceKind.PROSECUTOR: _("Prosecutor's number"),
        ReferenceKind.JOBCENTER: _("Jobcenter number"),
        ReferenceKind.OTHER: _("Other number"),
    }[kind]


def owner_words(owner: Owner) -> str:
    """Return whose number it is."""
    return {Owner.OURS: _("ours"), Owner.THEIRS: _("theirs"), Owner.UNKNOWN: _("unknown whose")}[owner]


def role_words(role: PersonRole) -> str:
    """Return the part a person plays in a letter."""
    return {
        PersonRole.CONCERNED: _("person concerned"),
        PersonRole.SENDER: _("sender"),
        PersonRole.RELATIVE: _("relative"),
        PersonRole.HOST: _("host"),
        PersonRole.REPRESENTATIVE: _("representative"),
        PersonRole.OFFICIAL: _("official of another office"),
        PersonRole.CASEWORKER: _("caseworker"),
        PersonRole.OTHER: _("other person"),
    }[role]


def reason_words_of(reason: Reason) -> str:
    """Return the short form of a reason for review, for lists; ``reason_words`` is the sentence."""
    return {
        Reason.LOW_CONFIDENCE: _("not sure enough"),
        Reason.NOVEL: _("unlike known mail"),
        Reason.POOR_OCR: _("hard to read"),
        Reason.CONFLICT: _("contradiction"),
        Reason.NO_PERSON: _("no person found"),
        Reason.SEVERAL_LETTERS: _("several letters"),
        Reason.UNREADABLE: _("unreadable"),
        Reason.ENCRYPTED: _("password-protected"),
        Reason.TOO_LARGE: _("too large"),
        Reason.CONFIDENTIAL: _("confidential"),
        Reason.MISDIRECTED: _("for another office"),
        Reason.NO_MODEL: _("no promise yet"),
    }.get(reason, reason_words(reason))


def language_words(code: str) -> str:
    """Return the name of a letter's language in the reader's language."""
    if not code or code == "und":
        return _("not recognised")
    return str(Locale.parse(current_language()).languages.get(code, code))


def country_words(key: str | None) -> str:
    """Return the country a Destatis key stands for, in the reader's language."""
    country = countries().get(key or "")
    if country is None:
        return key or ""
    name = Locale.parse(current_language()).territories.get(country.iso) if country.iso else None
    return str(name or country.adjective)


def event_words(event: str) -> str:
    """Return what a step of a letter's history is called."""
    words = {
        AuditEvent.ITEM_RECEIVED: _("received"),
        AuditEvent.ITEM_REPEATED: _("received again, not taken in twice"),
        AuditEvent.ITEM_READ: _("read"),
        AuditEvent.ITEM_REGROUPED: _("pages divided into letters anew"),
        AuditEvent.LETTER_JOINED: _("joined to the letter before"),
        AuditEvent.PROTOCOL_MISMATCH: _("other number of pages than the scan protocol says"),
        AuditEvent.LETTER_ROUTED: _("decided by the service: routed"),
        AuditEvent.LETTER_TO_REVIEW: _("decided by the service: a person has to look"),
        AuditEvent.ASSIGNED_BY_SERVICE: _("assigned by the service"),
        AuditEvent.ASSIGNMENT_CONFIRMED: _("confirmed"),
        AuditEvent.ASSIGNMENT_CORRECTED: _("corrected"),
        AuditEvent.ASSIGNMENT_SPOT_CHECK: _("spot check decided"),
        AuditEvent.DELIVERY_DONE: _("delivered"),
        AuditEvent.DELIVERY_FAILED: _("delivery failed, it is tried again"),
    }
    return next((said for known, said in words.items() if known.value == event), event)


def actor_words(actor: str) -> str:
    """Return who did something; what nobody did by hand was the service."""
    return _("service") if actor == SERVICE else actor


def step_words(step: str) -> str:
    """Return what a step of a training is called."""
    return {
        "": _("The training begins"),
        "checking": _("Checking plan, case list and history"),
        "reading": _("Reading letters"),
        "facts": _("Finding numbers and persons"),
        "features": _("Counting words"),
        "text": _("Learning from texts"),
        "evidence": _("Weighing evidence"),
        "calibration": _("Measuring how sure it may be"),
        "describing": _("Writing down what was measured"),
        "saving": _("Saving the model"),
        "logging": _("Logging the training"),
        "done": _("Done"),
    }.get(step, step)
