"""Load a YAML file into a model; every mistake is one sentence with file and line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from plant.plain_words import sentence
from plant.problem import DescriptionError, Problem
from plant.record import InconsistentError
from plant.yaml_document import Document, Step, read_document

__all__ = ["DescriptionError", "Problem", "load_model", "validated"]

ModelT = TypeVar("ModelT", bound=BaseModel)

_ENVIRONMENT = "environment"
_NO_FILE = "settings"


def load_model(
    path: Path | None, model: type[ModelT], *, overrides: Mapping[str, Any] | None = None
) -> ModelT:
    """Return the model of a file, or of the defaults, with the overrides laid over it.

    Raises:
        DescriptionError: something is wrong; it holds every problem found.
    """
    document = Document(_NO_FILE, {}, None) if path is None else read_document(path)
    return validated(document, model, overrides=overrides)


def validated(
    document: Document, model: type[ModelT], *, overrides: Mapping[str, Any] | None = None
) -> ModelT:
    """Return the model of a document that was read before.

    Raises:
        DescriptionError: something is wrong; it holds every problem found.
    """
    given = overrides or {}
    try:
        return model.model_validate(_merged(document.values, given))
    except ValidationError as error:
        problems = [
            problem
            for details in _causes(error.errors(include_url=False))
            for problem in _problems(details, document, model, given)
        ]
    raise DescriptionError(sorted(problems, key=lambda problem: problem.line or 0))


def _causes(errors: Sequence[ErrorDetails]) -> list[ErrorDetails]:
    """Return the errors without the lists that are only too short because their items failed."""
    places = [error["loc"] for error in errors]

    def has_failed_items(place: tuple[Step, ...]) -> bool:
        return any(other[: len(place)] == place and len(other) > len(place) for other in places)

    return [error for error in errors if error["type"] != "too_short" or not has_failed_items(error["loc"])]


def _merged(values: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values with the overrides on top, block by block."""
    merged = dict(values)
    for key, value in overrides.items():
        below = merged.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[key] = _merged(below, value)
        else:
            merged[key] = value
    return merged


def _problems(
    details: ErrorDetails, document: Document, model: type[BaseModel], overrides: Mapping[str, Any]
) -> list[Problem]:
    """Return where each mistake of one finding stands; a model's own check may find several."""
    steps = [step for step in details["loc"] if step != "[key]"]
    found = details.get("ctx", {}).get("error")
    if isinstance(found, InconsistentError):
        return [_problem(document, [*steps, *where], message, overrides) for where, message in found.findings]
    of_key = details["type"] == "extra_forbidden" or details["loc"][-1:] == ("[key]",)
    message = sentence(details, model)
    return [_problem(document, steps, message, overrides, of_key=of_key)]


def _problem(
    document: Document,
    steps: Sequence[Step],
    message: str,
    overrides: Mapping[str, Any],
    *,
    of_key: bool = False,
) -> Problem:
    if _is_overridden(overrides, steps):
        return Problem(_ENVIRONMENT, None, message)
    return Problem(document.file, document.line(steps, of_key=of_key), message)


def _is_overridden(overrides: Mapping[str, Any], steps: Sequence[Step]) -> bool:
    """Whether the value at the location came from the overrides rather than the file."""
    value: Any = overrides
    for step in steps:
        if not isinstance(value, Mapping):
            return True
        if step not in value:
            return False
        value = value[step]
    return bool(steps) and not isinstance(value, Mapping)
