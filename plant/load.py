"""Load the whole plant from its folders and collect every mistake of every file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel

from plant.cross_check import profile_problems, site_problems
from plant.model import Plant, Profile, Site
from plant.nearest import nearest
from plant.problem import DescriptionError, Problem
from plant.yaml_document import Document, read_document
from plant.yaml_file import validated

PACKAGED = Path(__file__).parent
"""The folder with the profiles and sites that come with the product."""

ModelT = TypeVar("ModelT", bound=BaseModel)


class Loaded(NamedTuple):
    """A model and the document it came from, for the line of a later finding."""

    document: Document
    model: Any


def load_plant(*, sites: Sequence[str] | None = None, directory: Path | None = None) -> Plant:
    """Return the plant of the packaged folders, or of a user's folder on top of them.

    `directory` has the subfolders `profiles` and `sites`, or one of them. Its
    profiles add to the packaged ones and replace those of the same id; its
    sites stand instead of the packaged ones. With `sites` only those sites and
    the profiles they name are read, so that a mistake elsewhere stops nobody.

    Raises:
        DescriptionError: something is wrong; it holds the problems of all files.
    """
    problems: list[Problem] = []
    site_files = _chosen(_site_files(directory, problems), sites, problems)
    found_sites = _load(site_files.values(), Site, problems)
    profile_files = _profile_files(directory, problems)
    known = dict(profile_files)
    if sites is not None:
        named = _profiles_named(found_sites)
        profile_files = {name: path for name, path in profile_files.items() if name in named}
    found_profiles = _load(profile_files.values(), Profile, problems)
    profiles: dict[str, Profile] = {loaded.model.profile: loaded.model for loaded in found_profiles}
    problems += profile_problems((loaded.document, loaded.model) for loaded in found_profiles)
    for document, site in found_sites:
        problems += site_problems(document, site, profiles, known)
    if problems:
        raise DescriptionError(problems)
    return Plant(sites=tuple(loaded.model for loaded in found_sites), profiles=profiles)


def load_profile(path: Path) -> Profile:
    """Return one profile file on its own.

    Raises:
        DescriptionError: something is wrong; it holds every problem found.
    """
    return validated(read_document(path), Profile)


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schemas of a profile and a site file, for editors."""
    return {"profile": Profile.model_json_schema(), "site": Site.model_json_schema()}


def _yaml_files(folder: Path, problems: list[Problem]) -> dict[str, Path]:
    """Return the files of a folder by their name without extension."""
    problems += [
        Problem(str(path), None, "the file is not read; rename it so that it ends in .yaml")
        for path in sorted(folder.glob("*.yml"))
    ]
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def _profile_files(directory: Path | None, problems: list[Problem]) -> dict[str, Path]:
    files = _yaml_files(PACKAGED / "profiles", problems)
    if directory is not None:
        files |= _yaml_files(directory / "profiles", problems)
    return files


def _site_files(directory: Path | None, problems: list[Problem]) -> dict[str, Path]:
    if directory is None:
        return _yaml_files(PACKAGED / "sites", problems)
    if not directory.is_dir():
        message = "there is no such folder; it should have the subfolders 'profiles' and 'sites'"
        raise DescriptionError([Problem(str(directory), None, message)])
    own = directory / "sites"
    files = _yaml_files(own if own.is_dir() else PACKAGED / "sites", problems)
    if not files:
        problems.append(
            Problem(str(own), None, "there is no site file in it; add one, such as my-plant.yaml")
        )
    return files


def _chosen(files: dict[str, Path], sites: Sequence[str] | None, problems: list[Problem]) -> dict[str, Path]:
    """Return the files of the sites asked for."""
    if sites is None:
        return files
    problems += [
        Problem(f"sites/{site}.yaml", None, f"there is no site '{site}'{nearest(site, files)}")
        for site in sites
        if site not in files
    ]
    return {site: files[site] for site in sites if site in files}


def _load(paths: Iterable[Path], model: type[ModelT], problems: list[Problem]) -> list[Loaded]:
    """Return what can be loaded; what cannot adds its problems."""
    loaded = []
    for path in paths:
        try:
            document = read_document(path)
            loaded.append(Loaded(document, validated(document, model)))
        except DescriptionError as error:
            problems.extend(error.problems)
    return loaded


def _profiles_named(sites: Iterable[Loaded]) -> set[str]:
    return {
        station.profile
        for loaded in sites
        for area in loaded.model.areas
        for line in area.lines
        for station in line.stations
    }
