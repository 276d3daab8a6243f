# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""The released model: what was learned from an office's decisions, and how it is kept and checked.

A release is a folder ``<models>/releases/<version>/`` with ``model.joblib``, ``manifest.json`` and the training
facts. joblib files are code: nothing is loaded whose hash the manifest does not confirm.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import joblib
import sklearn

from router.deciding.combination import Combination, ConfidenceModel
from router.deciding.features import LetterFeatures
from router.deciding.promise import Promise
from router.deciding.textmodel import TextModel
from router.deciding.topics import Topic
from router.errors import ModelError, NotFoundError
from router.texts import _

__all__ = ["FORMAT", "NAME", "DecisionModel", "Releases", "load_model"]

NAME = "postweiche"
FORMAT = 2


@dataclass(frozen=True)
class DecisionModel:
    """Everything learned that deciding needs.

    Attributes
    ----------
    version
        Number of the release.
    features, fields, matters
        Features and text models; ``matters`` is ``None`` where the history named no matters.
    topics
        Classes of ``fields`` with the posts and matters they stood for.
    holder_keeps
        For each class the share of letters that stayed with the holder of the person's file.
    combination, confidence
        Weights of evidence, and calibration.
    promise
        Threshold and what it rests on.
    familiar_above
        Letters less familiar than this are novel.
    posts
        Posts of the training labels, the candidates where no plan exists.
    facts_version
        The model of facts it was trained with.
    office
        Name of the office it was trained for; empty without a plan.
    """

    version: int
    features: LetterFeatures
    fields: TextModel
    matters: TextModel | None
    topics: Mapping[str, Topic]
    holder_keeps: Mapping[str, float]
    combination: Combination
    confidence: ConfidenceModel
    promise: Promise
    familiar_above: float
    posts: tuple[str, ...]
    facts_version: str
    office: str
    about: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """Name and version as reports show them."""
        return f"{NAME}@{self.version}"


class Releases:
    """The releases in a models folder, and which of them is in use.

    Parameters
    ----------
    folder
        The models folder.

    Notes
    -----
    Each office (by its plan's name; the empty name where there is no plan) has a ``champion`` in use, a
    ``previous`` one to go back to, and perhaps a ``challenger``. They stand in ``aliases.json``, which is
    replaced in one step.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def _aliases_path(self) -> Path:
        return self.folder / "aliases.json"

    def path(self, version: int) -> Path:
        """Return the folder of a release."""
        return self.folder / "releases" / str(version)

    def versions(self) -> list[int]:
        """Return all releases in ascending order."""
        base = self.folder / "releases"
        if not base.is_dir():
            return []
        return sorted(
            int(path.name) for path in base.iterdir() if path.name.isdigit() and (path / "manifest.json").exists()
        )

    def next_version(self) -> int:
        """Reserve the next number by making its folder."""
        number = (self.versions() or [0])[-1] + 1
        while True:
            try:
                self.path(number).mkdir(parents=True)
            except FileExistsError:
                number += 1
            else:
                return number

    def aliases(self) -> dict[str, dict[str, int]]:
        """Return for each office which releases its aliases name."""
        try:
            loaded = json.loads(self._aliases_path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise ModelError(
                _("The list of models in use is damaged"),
                item=str(self._aliases_path),
                remedy=_("restore it from a backup"),
            ) from error
        return {str(office): {str(k): int(v) for k, v in names.items()} for office, names in loaded.items()}

    def _write_aliases(self, aliases: Mapping[str, Mapping[str, int]]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        temporary = self._aliases_path.with_suffix(".new")
        temporary.write_text(json.dumps(aliases, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        temporary.replace(self._aliases_path)

    def champion(self, office: str) -> int | None:
        """Return the release an office uses."""
        return self.aliases().get(office, {}).get("champion")

    def add(self, version: int, office: str) -> bool:
        """Enter a new release: in use where the office has none, else as challenger; tell whether it is in use."""
        aliases = self.aliases()
        names = aliases.setdefault(office, {})
        first = "champion" not in names
        names["champion" if first else "challenger"] = version
        self._write_aliases(aliases)
        return first

    def promote(self, version: int) -> str:
        """Use a release from now on and return its office.

        Raises
        ------
        NotFoundError
            When there is no such release.
        """
        office = str(self.manifest(version)["office"])
        aliases = self.aliases()
        names = aliases.setdefault(office, {})
        current = names.get("champion")
        if current != version:
            if current is not None:
                names["previous"] = current
            names["champion"] = version
            if names.get("challenger") == version:
                del names["challenger"]
            self._write_aliases(aliases)
        return office

    def roll_back(self, office: str) -> int:
        """Use the previous release again and return its number.

        Raises
        ------
        NotFoundError
            When there is no previous one.
        """
        names = self.aliases().get(office, {})
        if "previous" not in names:
            raise NotFoundError(_("There is no previous model to go back to"), remedy=_("see: postweiche models list"))
        self.promote(names["previous"])
        return names["previous"]

    def manifest(self, version: int) -> dict[str, Any]:
        """Return what a release says of itself.

        Raises
        ------
        NotFoundError
            When there is no such release.
        """
        try:
            return dict(json.loads((self.path(version) / "manifest.json").read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise NotFoundError(
                _("There is no such model"), item=f"{NAME}@{version}", remedy=_("see: postweiche models list")
            ) from error

    def save(self, model: DecisionModel, manifest: Mapping[str, Any], facts: Mapping[str, Any]) -> Path:
        """Write a release: first the files, last the manifest that makes it valid."""
        target = self.path(model.version)
        joblib.dump(model, target / "model.joblib", compress=("zlib", 3))
        content = (target / "model.joblib").read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        told = {**facts, "model": {**facts.get("model", {}), "sha256": digest, "bytes": len(content)}}
        (target / "training_facts.json").write_text(
            json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        complete = {
            "format": FORMAT,
            "name": NAME,
            "version": model.version,
            "sha256": digest,
            "office": model.office,
            "scikit_learn": sklearn.__version__,
            **manifest,
        }
        temporary = target / "manifest.new"
        temporary.write_text(json.dumps(complete, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        temporary.replace(target / "manifest.json")
        return target

    def load(self, version: int) -> DecisionModel:
        """Load a release after checking it.

        Raises
        ------
        NotFoundError
            When there is no such release.
        ModelError
            When it was altered, or does not fit this version of the software.
        """
        manifest = self.manifest(version)
        path = self.path(version) / "model.joblib"
        return load_model(
            path, str(manifest.get("sha256")), int(manifest.get("format", 0)), str(manifest.get("scikit_learn"))
        )

    def in_use(self, office: str) -> DecisionModel | None:
        """Return the model an office uses, or ``None`` where it has none."""
        version = self.champion(office)
        return self.load(version) if version is not None else None


@lru_cache(maxsize=4)
def load_model(path: Path, sha256: str, format_number: int, scikit_learn: str) -> DecisionModel:
    """Load a model file whose hash is known.

    Raises
    ------
    ModelError
        When the file is missing, altered, or was made by software it can't be loaded with.
    """
    remedy = _("go back with: postweiche models rollback, or train again: postweiche train")
    if format_number != FORMAT:
        raise ModelError(_("The model has another format than this version reads"), item=str(path), remedy=remedy)
    if scikit_learn.split(".")[:2] != sklearn.__version__.split(".")[:2]:
        raise ModelError(
            _("The model was made with scikit-learn {made}, installed is {installed}").format(
                made=scikit_learn, installed=sklearn.__version__
            ),
            item=str(path),
            remedy=remedy,
        )
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(_("The model file is missing"), item=str(path), remedy=remedy) from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ModelError(_("The model file was altered and is not loaded"), item=str(path), remedy=remedy)
    model = joblib.load(path)
    if not isinstance(model, DecisionModel):
        raise ModelError(_("The file holds no model"), item=str(path), remedy=remedy)
    return model
