"""What the product asks of a store of process values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import BatchNumber, Result, Sample, Scalar


class HistorianError(Exception):
    """Root of this package's errors.

    HistorianError
    ├── HistorianUnavailableError   try again later, nothing was refused
    └── RejectedPointsError         never try these points again; the others are stored
    """


class HistorianUnavailableError(HistorianError):
    """The store cannot be reached or is overloaded; the same write may succeed later."""

    def __init__(self, message: str, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class RejectedPoint(NamedTuple):
    """A point the store will never take."""

    path: StationPath
    what: str
    """Signal, or kind and key of a result."""
    at_ms: int
    reason: str


class RejectedPointsError(HistorianError):
    """Some points can never be written; all others of the call are durable."""

    def __init__(self, points: Sequence[RejectedPoint]) -> None:
        super().__init__(
            f"{len(points)} points refused, first: {points[0].what} of {points[0].path}: {points[0].reason}"
        )
        self.points = tuple(points)


@dataclass(frozen=True, slots=True)
class StationBlock:
    """What one batch says about one placed station: the unit of writing."""

    path: StationPath
    measurement: str
    samples: Sequence[Sample] = ()
    results: Sequence[Result] = ()
    number: BatchNumber | None = None
    """A store may use it to recognise a repeat; None is written as it is."""


@dataclass(frozen=True, slots=True)
class ProductionMinute:
    """Production of one station in one minute: sums only, ratios are computed when read."""

    path: StationPath
    start_ms: int
    """Start of the minute."""
    good: float = 0.0
    reject: float = 0.0
    """Counted in what the profile counts."""
    seconds: Mapping[str, float] | None = None
    """Seconds by ISO 22400 time class (`plant.packml.TimeClass` values); they add up to 60."""


class SampleWriter(Protocol):
    """Takes what was measured. Returning means durable."""

    async def write(self, blocks: Sequence[StationBlock]) -> None:
        """Store the blocks; a repeat of what is stored changes nothing.

        Raises:
            HistorianUnavailableError: nothing is known to be stored; try again.
            RejectedPointsError: everything else is stored.
        """

    async def write_production(self, minutes: Sequence[ProductionMinute]) -> None:
        """Store production minutes, replacing those of the same station and minute.

        Raises:
            HistorianUnavailableError: try again.
        """


class Bucket(NamedTuple):
    """The envelope of a signal in one interval of time."""

    start_ms: int
    minimum: float | None
    maximum: float | None
    mean: float | None
    """Over the good samples in the bucket, unweighted; None if there is none."""
    last: float | None
    good: int
    """How many samples were good."""
    not_good: int
    """Samples of any other quality."""


@dataclass(frozen=True, slots=True)
class Series:
    """A signal over time: buckets, or raw samples where they are few enough."""

    path: StationPath
    signal: str
    start_ms: int
    stop_ms: int
    bucket_ms: int
    """0 for raw samples."""
    buckets: Sequence[Bucket] = ()
    samples: Sequence[Sample] = ()


class StoredResult(NamedTuple):
    """A result and the station that reported it."""

    path: StationPath
    result: Result


class SampleReader(Protocol):
    """Answers from what is stored. `start_ms` is inclusive, `stop_ms` exclusive.

    Every method raises HistorianUnavailableError if the store cannot answer.
    """

    async def series(
        self, path: StationPath, measurement: str, signal: str, start_ms: int, stop_ms: int, *, points: int
    ) -> Series:
        """Return raw samples if at most `points` of them exist, else at most `points` buckets.

        The element of an array signal is asked as `name[3]`, counted from 0.
        """

    async def samples(
        self,
        paths: Sequence[StationPath],
        measurement: str,
        signals: Sequence[str],
        start_ms: int,
        stop_ms: int,
    ) -> dict[tuple[StationPath, str], list[Sample]]:
        """Return every sample in the range, and the last one before it, in order of time."""

    async def last(
        self, paths: Sequence[StationPath], measurement: str, signals: Sequence[str]
    ) -> dict[tuple[StationPath, str], Sample]:
        """Return the last sample of each signal."""

    async def results(
        self,
        kind: str,
        start_ms: int,
        stop_ms: int,
        *,
        paths: Sequence[StationPath] | None = None,
        key: str | None = None,
        limit: int = 1000,
        newest_first: bool = True,
    ) -> list[StoredResult]:
        """Return results of a kind, optionally of some stations or one product."""

    async def count_results(
        self, kind: str, start_ms: int, stop_ms: int, *, paths: Sequence[StationPath] | None = None
    ) -> dict[StationPath, int]:
        """Return how many distinct results each station has stored in the range."""

    async def production(
        self, start_ms: int, stop_ms: int, *, paths: Sequence[StationPath] | None = None
    ) -> list[ProductionMinute]:
        """Return the production minutes that start in the range, in order of station and time."""


class Health(NamedTuple):
    """Whether the store answers, and what it says of itself."""

    ok: bool
    message: str
    details: Mapping[str, Scalar]


class Historian(SampleWriter, SampleReader, Protocol):
    """A store that does it all; `open` and `close` belong to whoever constructs it."""

    async def open(self) -> None:
        """Connect and prepare the store; idempotent."""

    async def close(self) -> None:
        """Let go of the store within two seconds."""

    async def health(self) -> Health:
        """Return the state of the store; never raises."""


__all__ = [
    "Bucket",
    "Health",
    "Historian",
    "HistorianError",
    "HistorianUnavailableError",
    "ProductionMinute",
    "Quality",
    "RejectedPoint",
    "RejectedPointsError",
    "SampleReader",
    "SampleWriter",
    "Series",
    "StationBlock",
    "StoredResult",
]
