"""Production figures from stored minutes: add sums, divide last (pure).

ISO 22400-2: availability = APT / PBT, effectiveness = planned run time per
item * produced / APT, quality ratio = good / produced, OEE = their product.
PBT is what was known of the time minus what was planned not to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from historian.ports import ProductionMinute
from plant.model import StationPath
from plant.packml import TimeClass

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class BucketWidth(StrEnum):
    """How finely production is asked."""

    MINUTE = "minute"
    HOUR = "hour"
    TOTAL = "total"


@dataclass(slots=True)
class Sums:
    """Production over some time."""

    good: float = 0.0
    reject: float = 0.0
    seconds: dict[str, float] = field(default_factory=lambda: {each.value: 0.0 for each in TimeClass})

    def add(self, minute: ProductionMinute) -> None:
        """Add one minute."""
        self.good += minute.good
        self.reject += minute.reject
        for name, seconds in (minute.seconds or {}).items():
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    @property
    def produced(self) -> float:
        """Good and reject together."""
        return self.good + self.reject

    @property
    def known_s(self) -> float:
        """Seconds in which something was read of the machine."""
        return sum(self.seconds.values()) - self.seconds[TimeClass.UNKNOWN]

    @property
    def busy_s(self) -> float:
        """Planned busy time (PBT)."""
        return self.known_s - self.seconds[TimeClass.PLANNED]


@dataclass(frozen=True, slots=True)
class Ratios:
    """ISO 22400 ratios, from 0 to 1; None where the data cannot tell."""

    availability: float | None
    performance: float | None
    quality: float | None
    oee: float | None


def total(minutes: Iterable[ProductionMinute]) -> Sums:
    """Return the sums over all minutes."""
    sums = Sums()
    for minute in minutes:
        sums.add(minute)
    return sums


def ratios(sums: Sums, ideal_rate_per_min: float | None) -> Ratios:
    """Return the ratios of the sums; performance needs the station's ideal rate."""
    apt_min = sums.seconds[TimeClass.PRODUCTION] / 60
    availability = sums.seconds[TimeClass.PRODUCTION] / sums.busy_s if sums.busy_s > 0 else None
    performance = (
        sums.produced / (ideal_rate_per_min * apt_min) if ideal_rate_per_min and apt_min > 0 else None
    )
    quality = sums.good / sums.produced if sums.produced > 0 else None
    if availability is None or performance is None or quality is None:
        return Ratios(availability, performance, quality, None)
    return Ratios(availability, performance, quality, availability * performance * quality)


def in_buckets(
    minutes: Iterable[ProductionMinute], width: BucketWidth, start_ms: int
) -> Mapping[StationPath, dict[int, Sums]]:
    """Return sums by station and start of bucket; hours are aligned to UTC."""
    buckets: dict[StationPath, dict[int, Sums]] = {}
    for minute in minutes:
        start = _bucket_start(minute.start_ms, width, start_ms)
        buckets.setdefault(minute.path, {}).setdefault(start, Sums()).add(minute)
    return buckets


def bucket_span(
    start_ms: int, width: BucketWidth, range_start_ms: int, range_stop_ms: int
) -> tuple[int, int]:
    """Return where a bucket begins and ends within the asked range."""
    match width:
        case BucketWidth.MINUTE:
            stop_ms = start_ms + MINUTE_MS
        case BucketWidth.HOUR:
            stop_ms = start_ms + HOUR_MS
        case BucketWidth.TOTAL:
            stop_ms = range_stop_ms
    return max(start_ms, range_start_ms), min(stop_ms, range_stop_ms)


def _bucket_start(at_ms: int, width: BucketWidth, range_start_ms: int) -> int:
    match width:
        case BucketWidth.MINUTE:
            return at_ms - at_ms % MINUTE_MS
        case BucketWidth.HOUR:
            return at_ms - at_ms % HOUR_MS
        case BucketWidth.TOTAL:
            return range_start_ms


def coverage(sums: Sums, start_ms: int, stop_ms: int) -> float | None:
    """Return the known part of the time, from 0 to 1; None for no time at all."""
    elapsed_s = (stop_ms - start_ms) / 1000
    return min(1.0, sums.known_s / elapsed_s) if elapsed_s > 0 else None
