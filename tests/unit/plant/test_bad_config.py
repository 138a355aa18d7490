"""Every mistake in tests/data/bad_config is one clear sentence with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from plant.load import load_plant
from plant.model import Profile, Site
from plant.yaml_file import DescriptionError, load_model

BAD = Path(__file__).parents[2] / "data" / "bad_config"
FILES = sorted((BAD / "profile").glob("*.yaml")) + sorted((BAD / "site").glob("*.yaml"))
FOLDERS = sorted(path for path in (BAD / "plant").iterdir() if path.is_dir())
MODELS: dict[str, type[BaseModel]] = {"profile": Profile, "site": Site}


def _said(load: Callable[[], object], folder: Path | None = None) -> str:
    """Return what loading complains about, one `line: message` each, with the file in a folder."""
    with pytest.raises(DescriptionError) as caught:
        load()
    lines = []
    for problem in caught.value.problems:
        where = "" if folder is None else f"{Path(problem.file).relative_to(folder).as_posix()}:"
        lines.append(f"{where}{problem.line or '-'}: {problem.message}\n")
    return "".join(lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_mistake_in_one_file_gives_its_sentence(path: Path) -> None:
    said = _said(lambda: load_model(path, MODELS[path.parent.name]))
    assert said == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_mistake_between_files_gives_its_sentence(folder: Path) -> None:
    said = _said(lambda: load_plant(directory=folder), folder)
    assert said == (folder / "expected.txt").read_text(encoding="utf-8")


def test_no_expected_sentence_is_left_without_its_mistake() -> None:
    without = [path for path in BAD.glob("*/*.txt") if not path.with_suffix(".yaml").exists()]
    assert without == []


def test_error_names_the_file_and_the_line() -> None:
    path = BAD / "profile" / "negative-address.yaml"
    with pytest.raises(DescriptionError) as caught:
        load_model(path, Profile)
    assert str(caught.value) == f"{path}:9: 'address' is -1; it must be at least 0"


def test_every_sentence_is_short_enough_to_read() -> None:
    for expected in BAD.rglob("*.txt"):
        for line in expected.read_text(encoding="utf-8").splitlines():
            assert len(line) < 200, line
