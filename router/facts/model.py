# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The trained parts of the facts room: finding names and telling roles.

A facts model is a folder with spaCy's weights, the role model and a manifest. It holds no word lists: what
spaCy would keep of the texts it was trained on is thrown away before saving.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import joblib
import spacy
from spacy.language import Language

from router.errors import ModelError
from router.facts.names import RULES, blank_pipeline
from router.facts.persons import RoleModel
from router.texts import _

__all__ = ["NER", "SHIPPED", "FactsModel", "load_facts_model", "save_facts_model"]

NER = "ner"
SHIPPED = Path(__file__).with_name("trained")
"""The model that comes with the product, trained on the sample office's letters."""

FORMAT = 1


@dataclass(frozen=True)
class FactsModel:
    """A spaCy pipeline that finds names, and the model of roles.

    Attributes
    ----------
    version
        Hash of its files; the same version gives the same facts.
    """

    pipeline: Language
    roles: RoleModel | None
    version: str


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "manifest.json" and path.suffix != ".license":
            digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def save_facts_model(pipeline: Language, roles: RoleModel, folder: Path, about: dict[str, object]) -> str:
    """Save a model without any word it was trained on, and return its version.

    Parameters
    ----------
    pipeline
        With a trained ``ner`` component.
    roles
        The model of roles.
    folder
        Where to; created if missing.
    about
        Facts for the manifest: data fingerprint, scores, library versions.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ner = pipeline.get_pipe(NER)
    (folder / "ner.bin").write_bytes(ner.to_bytes(exclude=["vocab"]))
    (folder / "ner.json").write_text(json.dumps(pipeline.get_pipe_config(NER), indent=1), encoding="utf-8")
    joblib.dump(roles, folder / "roles.joblib", compress=3)
    version = _digest(folder)
    manifest = {"format": FORMAT, "sha256": version, "spacy": spacy.__version__, **about}
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")
    return version[:12]


@lru_cache(maxsize=2)
def load_facts_model(folder: Path = SHIPPED) -> FactsModel:
    """Load a model after checking that nobody changed it.

    Raises
    ------
    ModelError
        When it is missing, altered, or of another format.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(
            _("The model that finds facts is missing"),
            item=str(folder),
            remedy=_("reinstall, or run: make facts-model"),
        ) from error
    if manifest.get("format") != FORMAT or _digest(folder) != manifest.get("sha256"):
        raise ModelError(
            _("The model that finds facts was altered or is of another version"),
            item=str(folder),
            remedy=_("restore it from the release, or run: make facts-model"),
        )
    pipeline = blank_pipeline()
    config = json.loads((folder / "ner.json").read_text(encoding="utf-8"))
    ner = pipeline.add_pipe(
        NER, config={key: value for key, value in config.items() if key not in ("factory",)}, before=RULES
    )
    ner.from_bytes((folder / "ner.bin").read_bytes(), exclude=["vocab"])
    return FactsModel(pipeline, joblib.load(folder / "roles.joblib"), str(manifest["sha256"])[:12])
