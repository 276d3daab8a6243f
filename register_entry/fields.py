# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The fields of the entry: what each is called, who fills it, and who may see it.

``number`` counts the items that standards of such registers ask for (EU AI Act Annex VIII, Dutch Algorithm
Reporting Standard, Eurocities, GDPR records); an item with a public and an internal part has two fields. Labels are
message ids.
"""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["FIELDS", "GROUPS", "Field", "Origin", "Visibility", "field_named"]


def N_(message: str) -> str:
    """Mark a message id for translation; it is translated when shown."""
    return message


class Origin(StrEnum):
    """Where a field's value comes from."""

    MEASURED = "measured"
    CONFIGURATION = "configuration"
    PERSON = "person"


class Visibility(StrEnum):
    """Who may see a field: everybody, the office, the non-public section of the EU database."""

    PUBLIC = "public"
    INTERNAL = "internal"
    EU = "eu"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the entry.

    Attributes
    ----------
    key
        Stable name in JSON.
    number
        Row of the crosswalk.
    label
        Message id.
    group
        Section of the page.
    origin
        Who or what fills it.
    visibility
        Where it may be shown besides the internal view, which shows all.
    legal
        True where only a lawyer or the data protection officer may fill it; the entry stays a draft until then.
    """

    key: str
    number: int
    label: str
    group: str
    origin: Origin
    visibility: frozenset[Visibility]
    legal: bool = False


GROUPS: tuple[tuple[str, str], ...] = (
    ("what", N_("What it is")),
    ("purpose", N_("What it is for")),
    ("people", N_("What people decide")),
    ("data", N_("Which data it works with")),
    ("method", N_("How it works")),
    ("quality", N_("How well it works")),
    ("risks", N_("Risks and tests")),
    ("law", N_("Law")),
    ("operation", N_("Operation")),
    ("publication", N_("About this entry")),
)

_M, _C, _P = Origin.MEASURED, Origin.CONFIGURATION, Origin.PERSON
_PUB = frozenset({Visibility.PUBLIC})
_INT = frozenset({Visibility.INTERNAL})
_EU = frozenset({Visibility.EU})
_PUB_EU = _PUB | _EU

FIELDS: tuple[Field, ...] = (
    Field("id", 1, N_("Identifier"), "publication", _C, _PUB_EU),
    Field("entry_version", 1, N_("Version of the entry"), "publication", _C, _PUB_EU),
    Field("name", 2, N_("Name"), "what", _P, _PUB_EU),
    Field("short_text", 3, N_("In one sentence"), "what", _P, _PUB),
    Field("description", 3, N_("Short description"), "what", _P, _PUB),
    Field("plain_language", 3, N_("In plain words"), "summary", _P, _PUB),
    Field("status", 4, N_("Status"), "what", _C, _PUB_EU),
    Field("period", 5, N_("In use"), "what", _C, _PUB),
    Field("deployer", 6, N_("Who uses it"), "what", _C, _PUB_EU),
    Field("provider", 7, N_("Who provides it"), "what", _C, _PUB_EU),
    Field("submitter", 8, N_("Who submits the entry"), "law", _P, _EU),
    Field("contact", 9, N_("Contact"), "what", _C, _PUB),
    Field("responsible", 10, N_("Responsible and overseeing persons"), "people", _P, _INT),
    Field("purpose", 11, N_("Purpose"), "purpose", _P, _PUB_EU),
    Field("impact", 12, N_("What it means for people"), "purpose", _P, _PUB),
    Field("out_of_scope", 13, N_("What it must not be used for"), "purpose", _P, _PUB),
    Field("considerations", 14, N_("How it was done before, and what speaks for the change"), "purpose", _P, _PUB),
    Field("legal_basis", 15, N_("Legal basis"), "law", _P, _PUB, legal=True),
    Field(
        "ai_act_condition", 16, N_("AI Act: Annex III and the condition of Article 6(3)"), "law", _P, _EU, legal=True
    ),
    Field("ai_act_assessment", 17, N_("AI Act: assessment under Article 6(4)"), "law", _P, _INT, legal=True),
    Field("profiling", 18, N_("Does it assess people (profiling)?"), "law", _P, _PUB, legal=True),
    Field("profiling_evidence", 18, N_("What the statement on profiling rests on"), "law", _M, _INT),
    Field("dpia", 19, N_("Data protection impact assessment"), "law", _P, _PUB, legal=True),
    Field("fria", 20, N_("Fundamental rights impact assessment"), "law", _P, _EU, legal=True),
    Field("eu_database", 21, N_("Entry in the EU database"), "law", _P, _INT),
    Field("input_data", 22, N_("What it reads"), "data", _P, _PUB),
    Field("persons_affected", 23, N_("Whose data"), "data", _P, _PUB),
    Field("connected_systems", 24, N_("Connected systems"), "data", _P, _PUB),
    Field("connected_systems_internal", 25, N_("Connected systems with products and addresses"), "data", _C, _INT),
    Field("training_data", 26, N_("What it learned from"), "data", _M, _PUB),
    Field("training_data_details", 27, N_("Training data in detail"), "data", _M, _INT),
    Field("data_quality", 28, N_("Quality of the data (BSI QUAIDAL)"), "data", _M, _INT),
    Field("method", 29, N_("Method"), "method", _M, _PUB_EU),
    Field("learning", 30, N_("Does it learn in operation?"), "method", _C, _PUB),
    Field("model", 31, N_("Model"), "method", _M, _PUB_EU),
    Field("model_hash", 31, N_("Full SHA-256 of the model"), "method", _M, _INT),
    Field("parameters", 32, N_("Settings of the training and libraries"), "method", _M, _INT),
    Field("threshold", 33, N_("Threshold"), "method", _C, _PUB),
    Field("quality", 34, N_("Results"), "quality", _M, _PUB),
    Field("baselines", 35, N_("Compared with"), "quality", _M, _PUB),
    Field("calibration", 35, N_("Are its confidences honest?"), "quality", _M, _PUB),
    Field("slices", 36, N_("By kind of letter"), "quality", _M, _PUB),
    Field("units", 37, N_("By unit of the office"), "quality", _M, _PUB),
    Field("units_table", 37, N_("Every unit"), "quality", _M, _INT),
    Field("rights_tests", 38, N_("Tests of equal treatment and robustness"), "risks", _M, _PUB),
    Field("confusion", 39, N_("Confused units"), "quality", _M, _INT),
    Field("output", 40, N_("What it gives, and what happens then"), "people", _P, _PUB),
    Field("human_oversight", 41, N_("Human oversight"), "people", _P, _PUB),
    Field("staff_training", 42, N_("Training of the staff"), "people", _P, _PUB),
    Field("objection", 43, N_("Questions and objections"), "people", _P, _PUB),
    Field("rollback", 44, N_("Way back"), "people", _P, _PUB),
    Field("risks", 45, N_("Risks and what is done about them"), "risks", _P, _PUB),
    Field("security_risks", 46, N_("Risks to security"), "risks", _P, _INT),
    Field("operation_year", 47, N_("Figures of the last year"), "operation", _M, _PUB),
    Field("operation_weeks", 47, N_("Figures by week"), "operation", _M, _INT),
    Field("retention", 48, N_("How long data are kept"), "data", _C, _PUB),
    Field("log_period", 49, N_("How long logs are kept"), "operation", _C, _PUB),
    Field("logs", 49, N_("What is logged"), "operation", _C, _INT),
    Field("on_premise", 50, N_("Runs on the city's own machines"), "operation", _C, _PUB),
    Field("security", 50, N_("Protection, hosting, technical and organisational measures"), "operation", _P, _INT),
    Field("source_code", 51, N_("Source code and licence"), "method", _C, _PUB),
    Field("dates", 52, N_("Publication and revision"), "publication", _C, _PUB),
    Field("licence", 53, N_("Licence of this entry"), "publication", _C, _PUB),
    Field("automation_level", 54, N_("Level of automation"), "law", _P, _INT),
    Field("co_determination", 54, N_("Co-determination"), "law", _P, _INT),
    Field("sign_offs", 55, N_("Sign-offs"), "publication", _P, _INT, legal=True),
)


def field_named(key: str) -> Field:
    """Return a field by its key; ``KeyError`` where there is none."""
    return _BY_KEY[key]


_BY_KEY = {entry.key: entry for entry in FIELDS}
