"""Settings of a process: a YAML file, then `GIGAFLOOR_...` environment variables on top.

`GIGAFLOOR_MQTT__PORT=1884` overrides `mqtt: {port: ...}`. A secret can come
from a file: `GIGAFLOOR_MQTT__PASSWORD_FILE=/run/secrets/mqtt`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from plant.yaml_file import load_model
from pydantic import BaseModel, ConfigDict

PREFIX = "GIGAFLOOR_"
_NESTING = "__"
_FROM_FILE = "_FILE"

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
    overrides = environment_overrides(os.environ if environment is None else environment, model)
    return load_model(path, model, overrides=overrides)


def environment_overrides(environment: Mapping[str, str], model: type[BaseModel]) -> dict[str, Any]:
    """Return the nested values that the environment gives to this model's fields."""
    overrides: dict[str, Any] = {}
    for name, text in environment.items():
        if not name.startswith(PREFIX):
            continue
        keys = name.removeprefix(PREFIX).lower().split(_NESTING)
        value = text
        if name.endswith(_FROM_FILE) and keys[-1] not in model.model_fields and len(keys) > 1:
            keys[-1] = keys[-1].removesuffix(_FROM_FILE.lower())
            value = Path(text).read_text(encoding="utf-8").strip()
        if keys[0] not in model.model_fields:
            continue  # meant for another process on this machine
        target = overrides
        for key in keys[:-1]:
            target = target.setdefault(key, {})
        target[keys[-1]] = value
    return overrides
