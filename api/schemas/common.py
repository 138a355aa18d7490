"""Pieces every answer is made of."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Generic, TypeVar

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import Scalar, Value

Item = TypeVar("Item")

PlainValue = float | int | bool | str | list[float | None] | None
"""A value as JSON can carry it: an array as a list, what is not a finite number as null."""


class Answer(BaseModel):
    """A frozen response body."""

    model_config = ConfigDict(frozen=True)


class Page(Answer, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    total: int = Field(description="How many there are in all.", examples=[132])
    limit: int = Field(examples=[100])
    offset: int = Field(examples=[0])


class Place(Answer):
    """Where a station stands in the hierarchy."""

    site: str = Field(examples=["acc-douvrin"])
    area: str = Field(examples=["assembly"])
    line: str = Field(examples=["assembly-1"])
    station: str = Field(examples=["stacker-1"])

    @classmethod
    def of(cls, path: StationPath) -> Place:
        """Return the place of a path."""
        return cls(site=path.site, area=path.area, line=path.line, station=path.station)


class Current(Answer):
    """The last known value of a signal, with the quality it deserves now."""

    value: PlainValue = Field(examples=[24.61])
    quality: str = Field(description="good, uncertain, bad or stale.", examples=["good"])
    at: datetime | None = Field(description="Instant of the read that gave this value.")
    read_at: datetime | None = Field(description="When the signal was last really read, changed or not.")


def quality_name(quality: int) -> str:
    """Return the word for a quality code."""
    try:
        return Quality(quality).name.lower()
    except ValueError:
        return "bad"


def finite(number: float | None) -> float | None:
    """Return the number if JSON can carry it."""
    return number if number is not None and math.isfinite(number) else None


def plain(value: Value | Scalar) -> PlainValue:
    """Return the value as JSON can carry it."""
    if isinstance(value, np.ndarray):
        return [float(each) if math.isfinite(each) else None for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
