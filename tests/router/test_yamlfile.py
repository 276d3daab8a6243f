# SPDX-FileCopyrightText: 2026 Postweiche contributors
# SPDX-License-Identifier: EUPL-1.2
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from router.errors import ImportMistakesError, NotFoundError
from router.texts import in_language
from router.yamlfile import YamlFile


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    flags: list[bool] = []


def write(folder: Path, text: str) -> YamlFile:
    path = folder / "file.yaml"
    path.write_text(text, encoding="utf-8")
    return YamlFile(path)


def test_scalars_stay_text(tmp_path: Path) -> None:
    file = write(tmp_path, "a: 33.20\nb: [no, 007, null, 2026-01-01]\nc: {d: ''}\n")
    assert file.data == {"a": "33.20", "b": ["no", "007", "null", "2026-01-01"], "c": {"d": ""}}


def test_every_value_knows_its_line(tmp_path: Path) -> None:
    file = write(tmp_path, "a: 1\nb:\n  - x\n  - {y: 2}\n")
    assert [file.line(path) for path in (("a",), ("b", 0), ("b", 1, "y"), ("b", 1, "z"), ("none",), ())] == [
        1,
        3,
        4,
        4,
        1,
        1,
    ]


def test_mistakes_come_with_line_and_remedy(tmp_path: Path) -> None:
    with in_language("en"):
        assert write(tmp_path, "a: 1\nb: 2\n").mistake(("b",), "wrong", "mend it") == "line 2: wrong → mend it"
        model, mistakes = write(tmp_path, "flags:\n  - true\n  - maybe\nother: 1\nother: 2\n").validated(_Shape)
    assert model is None
    assert mistakes == [
        "line 5: other occurs twice",
        "line 1: name: is missing",
        "line 3: flags.1: must be true or false",
        "line 5: other: is not known here; check the spelling",
    ]


def test_what_fits_is_returned(tmp_path: Path) -> None:
    assert write(tmp_path, "name: x\nflags: [true]").validated(_Shape) == (_Shape(name="x", flags=[True]), [])


def test_an_empty_file_is_an_empty_mapping(tmp_path: Path) -> None:
    assert write(tmp_path, "").data == {}


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        YamlFile(tmp_path / "missing.yaml")
    with pytest.raises(ImportMistakesError) as broken, in_language("en"):
        write(tmp_path, "a: 1\nb: [x\nc: 2\n")
    assert broken.value.mistakes[0].startswith("line 3: ")
    (tmp_path / "file.yaml").write_bytes("ä: 1".encode("latin-1"))
    with pytest.raises(ImportMistakesError, match="UTF-8"):
        YamlFile(tmp_path / "file.yaml")
