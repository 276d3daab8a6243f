# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
"""YAML files people write for the service, with the line of every value for messages.

All scalars stay text: a post ``33.20`` written without quotes must not become the number 33.2.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from router.errors import ImportMistakesError, NotFoundError
from router.texts import _

__all__ = ["YamlFile"]

Path_ = tuple[str | int, ...]
ModelT = TypeVar("ModelT", bound=BaseModel)


class YamlFile:
    """A parsed YAML file.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    NotFoundError
        When there is no such file.
    ImportMistakesError
        When it is no YAML, with the line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.duplicates: list[str] = []
        self._lines: dict[Path_, int] = {}
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise NotFoundError(_("There is no such file"), item=str(path)) from error
        except UnicodeDecodeError as error:
            raise ImportMistakesError(
                _("The file is not UTF-8 text"), item=str(path), mistakes=[], remedy=_("save it as UTF-8")
            ) from error
        try:
            node = yaml.compose(text, Loader=yaml.BaseLoader)
            self.data: Any = self._build(node, ()) if node is not None else {}
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            raise ImportMistakesError(
                _("The file is not valid YAML"),
                item=str(path),
                mistakes=[
                    _("line {line}: {problem}").format(line=line, problem=getattr(error, "problem", None) or "?")
                ],
                remedy=_("check indentation, colons and quotes near this line"),
            ) from error

    def _build(self, node: yaml.Node, path: Path_) -> Any:
        self._lines[path] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            result: dict[str, Any] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                if key in result:
                    line = key_node.start_mark.line + 1
                    self.duplicates.append(_("line {line}: {key} occurs twice").format(line=line, key=key))
                result[key] = self._build(value_node, (*path, key))
            return result
        if isinstance(node, yaml.SequenceNode):
            return [self._build(child, (*path, index)) for index, child in enumerate(node.value)]
        return node.value

    def line(self, path: Sequence[str | int]) -> int:
        """Return the line of the value at `path`, or of the nearest one around it."""
        place = tuple(path)
        while place and place not in self._lines:
            place = place[:-1]
        return self._lines.get(place, 1)

    def mistake(self, path: Sequence[str | int], what: str, remedy: str = "") -> str:
        """Return a message with the line of the value at `path`."""
        advice = f" → {remedy}" if remedy else ""
        return _("line {line}: {what}").format(line=self.line(path), what=what) + advice

    def validated(self, model: type[ModelT]) -> tuple[ModelT | None, list[str]]:
        """Return the data as `model`, or every mistake with its line."""
        try:
            return model.model_validate(self.data), list(self.duplicates)
        except ValidationError as error:
            mistakes = list(self.duplicates)
            for detail in error.errors():
                path = [part for part in detail["loc"] if isinstance(part, (str, int))]
                where = ".".join(str(part) for part in path)
                mistakes.append(self.mistake(path, f"{where}: {_message(detail['type'], detail['msg'])}"))
            return None, mistakes


def _message(kind: str, fallback: str) -> str:
    known = {
        "missing": _("is missing"),
        "extra_forbidden": _("is not known here; check the spelling"),
        "date_from_datetime_parsing": _("is not a date; write it as 2026-01-31"),
        "date_parsing": _("is not a date; write it as 2026-01-31"),
        "bool_parsing": _("must be true or false"),
        "list_type": _("must be a list, in [ ] or with dashes"),
        "tuple_type": _("must be a list, in [ ] or with dashes"),
        "model_type": _("must be a mapping of names to values"),
        "dict_type": _("must be a mapping of names to values"),
        "string_type": _("must be a text"),
        "string_too_short": _("must not be empty"),
    }
    return known.get(kind, fallback)
