# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The office's own words in the entry: ``register.yaml``, checked as a whole."""

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from router.errors import ImportMistakesError
from router.texts import _
from router.yamlfile import YamlFile

__all__ = ["FILE_NAME", "RegisterTexts", "load_texts"]

FILE_NAME = "register.yaml"

_strict = ConfigDict(extra="forbid", frozen=True)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) and value.strip() else [] if value in ("", None) else value


def _absent(value: object) -> object:
    return None if value in ("", "null", "~", None) else value


def _one_text(value: str) -> str:
    """Return a text without the line breaks YAML's editors put in; empty lines part paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in value.strip().split("\n\n") if part.strip())


Prose = Annotated[str, AfterValidator(_one_text)]
Lines = Annotated[tuple[Prose, ...], BeforeValidator(_listed)]
Day = Annotated[dt.date | None, BeforeValidator(_absent)]
YesNo = Annotated[bool | None, BeforeValidator(_absent)]


class _Part(BaseModel):
    model_config = _strict


class Organisation(_Part):
    """Who: a name, an address of the public, a functional mailbox."""

    name: Prose = ""
    department: Prose = ""
    address: Lines = ()
    email: Prose = ""
    website: Prose = ""


class Link(_Part):
    """A title and where it leads."""

    title: Prose
    link: Prose = ""


class Risk(_Part):
    """A risk and what is done about it."""

    name: Prose
    mitigation: Prose


class Retention(_Part):
    """How long a kind of data is kept."""

    data: Prose
    period: Prose


class SignOff(_Part):
    """Who agreed to the entry, in which role, when."""

    role: Literal["data_protection", "legal", "staff_council", "release"]
    name: Prose
    date: dt.date


class RegisterTexts(_Part):
    """Everything a person writes or sets for the entry; what is empty is shown as not filled in.

    Field names are the keys of the entry; ``register.template.yaml`` explains each in German.
    """

    language: Literal["de", "en"] = "de"
    id: Annotated[str, Field(pattern=r"^(urn:uuid:[0-9a-f-]{36})?$")] = ""

    name: Prose = ""
    short_text: Annotated[Prose, Field(max_length=150)] = ""
    description: Annotated[Prose, Field(max_length=400)] = ""
    purpose: Prose = ""
    impact: Prose = ""
    out_of_scope: Lines = ()
    considerations: Prose = ""
    input_data: Lines = ()
    persons_affected: Prose = ""
    connected_systems: Lines = ()
    output: Prose = ""
    human_oversight: Prose = ""
    staff_training: Prose = ""
    objection: Prose = ""
    rollback: Prose = ""
    risks: tuple[Risk, ...] = ()
    plain_language: Lines = ()

    status: Literal["development", "pilot", "in_use", "retired"] = "development"
    in_use_since: Day = None
    in_use_until: Day = None
    deployer: Organisation = Organisation()
    provider: Organisation = Organisation()
    contact: Prose = ""
    retention: tuple[Retention, ...] = ()
    log_period: Prose = ""
    on_premise: YesNo = None
    source_code: Prose = ""
    licence_of_software: Prose = ""
    licence_of_entry: Prose = ""
    published: Day = None
    revised: Day = None
    revision_note: Prose = ""

    responsible: Lines = ()
    submitter: Organisation = Organisation()
    connected_systems_internal: Lines = ()
    logs: Lines = ()
    security: Prose = ""
    security_risks: tuple[Risk, ...] = ()
    eu_database: Prose = ""
    automation_level: Prose = ""
    co_determination: Prose = ""

    legal_basis: tuple[Link, ...] = ()
    ai_act_condition: Prose = ""
    ai_act_condition_public: YesNo = None
    ai_act_assessment: Prose = ""
    profiling: Prose = ""
    dpia_summary: Prose = ""
    dpia_date: Day = None
    fria_summary: Prose = ""
    fria_needed: YesNo = None
    sign_offs: tuple[SignOff, ...] = ()

    @property
    def version(self) -> str:
        """Hash of the texts; it changes when, and only when, a text or setting changes."""
        return hashlib.sha256(json.dumps(self.plain(), sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]

    def plain(self) -> dict[str, Any]:
        """Return the texts as JSON types."""
        return dict(self.model_dump(mode="json"))


def load_texts(folder: Path) -> RegisterTexts:
    """Load ``register.yaml`` of an office's folder; without one, every text is empty.

    Raises
    ------
    ImportMistakesError
        With every mistake, its line and remedy; nothing is taken over.
    """
    path = folder / FILE_NAME
    if not path.exists():
        return RegisterTexts()
    file = YamlFile(path)
    texts, mistakes = file.validated(RegisterTexts)
    if texts is None or mistakes:
        raise ImportMistakesError(
            _("The register texts have mistakes; nothing of them was taken over"),
            item=str(path),
            mistakes=mistakes,
            remedy=_("mend these lines; register.template.yaml explains every entry"),
        )
    return texts
