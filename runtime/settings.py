"""Settings of a process: a YAML file, then `GIGAFLOOR_...` environment variables on top.

`GIGAFLOOR_MQTT__PORT=1884` overrides `mqtt: {port: ...}`. Lists and tables are
JSON: `GIGAFLOOR_SITES='["acc-douvrin"]'`. A secret can come from a file:
`GIGAFLOOR_MQTT__PASSWORD_FILE=/run/secrets/mqtt`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo

from plant.yaml_file import DescriptionError, Problem, load_model

PREFIX = "GIGAFLOOR_"
_NESTING = "__"
_FROM_FILE = "_file"

SettingsType = TypeVar("SettingsType", bound="Settings")


class Settings(BaseModel):
    """Frozen settings that forbid unknown keys; every process derives its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def load_settings(
    model: type[SettingsType], path: Path | None, environment: Mapping[str, str] | None = None
) -> SettingsType:
    """Return the settings of a file (or of the defaults) with the environment applied.

    Raises:
        DescriptionError: something is wrong; each problem names file and line.
    """
    try:
        overrides = environment_overrides(os.environ if environment is None else environment, model)
    except OSError as error:
        message = f"the file {error.filename} cannot be read: {error.strerror}"
        raise DescriptionError([Problem("environment", None, message)]) from None
    return load_model(path, model, overrides=overrides)


def environment_overrides(environment: Mapping[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """Return the nested values that the environment gives to this model's fields.

    A name that is no field of the model is meant for another process on this
    machine, and ignored; a wrong name below a field is left for the model to refuse.

    Raises:
        OSError: the file with a secret cannot be read.
    """
    overrides: dict[str, Any] = {}
    for name, text in sorted(environment.items()):
        if not name.startswith(PREFIX):
            continue
        *blocks, key = name.removeprefix(PREFIX).lower().split(_NESTING)
        known = _fields_below(model, blocks)
        value = _parsed(text)
        from_file = key.removesuffix(_FROM_FILE)
        if key not in known and from_file != key and from_file in known:
            key, value = from_file, Path(text).read_text(encoding="utf-8").strip()
        if (blocks or [key])[0] not in model.model_fields:
            continue
        target = overrides
        for block in blocks:
            target = target.setdefault(block, {})
        target[key] = value
    return overrides


def _fields_below(model: type[BaseModel], blocks: list[str]) -> Mapping[str, FieldInfo]:
    """Return the fields of the model inside the named blocks; none if a block is no model."""
    for block in blocks:
        field = model.model_fields.get(block)
        inner = None if field is None else _model_in(field.annotation)
        if inner is None:
            return {}
        model = inner
    return model.model_fields


def _model_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any type expression
    """Return the model of a field's type, also where the field may be None."""
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None


def _parsed(text: str) -> Any:  # noqa: ANN401 - whatever the field wants
    """Return a list or table written as JSON as such, any other text as it is."""
    if text.startswith(("[", "{")):
        with contextlib.suppress(ValueError):
            return json.loads(text)
    return text
