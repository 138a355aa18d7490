"""Series and production over time, and the state of the service."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.common import Answer, Place, PlainValue


class BucketAnswer(Answer):
    """The envelope of a signal in one interval."""

    at: datetime = Field(description="Start of the interval.")
    minimum: float | None
    maximum: float | None
    mean: float | None = Field(description="Over the good samples; null if there is none.")
    last: float | None
    good: int = Field(description="Good samples in the interval.")
    not_good: int


class PointAnswer(Answer):
    """One stored sample."""

    at: datetime
    value: PlainValue
    quality: str


class SeriesAnswer(Answer):
    """A signal over time: raw samples where they are few enough, else an envelope."""

    place: Place
    signal: str
    unit: str
    start: datetime
    stop: datetime
    bucket_ms: int = Field(description="Width of the intervals; 0 for raw samples.")
    samples: list[PointAnswer]
    buckets: list[BucketAnswer]
    good: int = Field(description="Good samples in the answer.")
    not_good: int


class ProductionAnswer(Answer):
    """Production of a station in one interval."""

    place: Place
    start: datetime
    stop: datetime
    good: float = Field(examples=[711])
    reject: float = Field(examples=[9])
    counts: str = Field(description="What is counted.", examples=["cells"])
    seconds: dict[str, float] = Field(description="Seconds by ISO 22400 time class.")
    availability: float | None
    performance: float | None
    quality: float | None
    oee: float | None
    coverage: float | None = Field(description="Known part of the interval, 0 to 1.")
    is_line_output: bool = Field(description="Whether this station's good count is its line's.")


class Check(Answer):
    """One part the service depends on."""

    ok: bool
    message: str


class HealthAnswer(Answer):
    """Whether the service can do its work."""

    status: str = Field(description="ok, or degraded if a part is not.", examples=["ok"])
    historian: Check
    broker: Check | None = Field(description="Null where another part of the process holds the session.")
    newest_data_at: datetime | None = Field(description="When anything of the plant was last really read.")
    newest_data_age_s: float | None = Field(examples=[0.4])
    stations_online: int
    stations: int


class Problem(Answer):
    """What went wrong (RFC 9457)."""

    type: str = Field(examples=["urn:gigafloor:problem:unknown-station"])
    title: str = Field(examples=["Unknown station"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["The plant description has no station 'x' on line 'assembly-1'."])
    instance: str = Field(examples=["/api/v1/stations/acc-douvrin/assembly-1/x"])
    errors: list[str] = Field(default_factory=list, description="One sentence for each wrong parameter.")
