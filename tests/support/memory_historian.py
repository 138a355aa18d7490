"""A historian in memory, as far as the collector writes and reads, that can be down."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from historian.ports import (
    HistorianUnavailableError,
    ProductionMinute,
    RejectedPoint,
    RejectedPointsError,
    StationBlock,
)
from plant.model import StationPath
from telemetry.sample import Sample

Key = tuple[StationPath, str, str]


class MemoryHistorian:
    """Keeps one sample per series and instant; the last one written wins."""

    def __init__(self) -> None:
        self.down = False
        self.retry_after_s: float | None = None
        self.refused_signals: set[str] = set()
        """Signals no sample of which is ever taken."""
        self.writes = 0
        self.minutes: dict[tuple[StationPath, int], ProductionMinute] = {}
        self._series: dict[Key, dict[int, Sample]] = {}

    async def write(self, blocks: Sequence[StationBlock]) -> None:
        """Store the blocks, but not what it refuses."""
        self._answer()
        self.writes += 1
        refused = []
        for block in blocks:
            for sample in block.samples:
                if sample.signal in self.refused_signals:
                    refused.append(RejectedPoint(block.path, sample.signal, sample.at_ms, "of another type"))
                    continue
                key = (block.path, block.measurement, sample.signal)
                self._series.setdefault(key, {})[sample.at_ms] = sample
        if refused:
            raise RejectedPointsError(refused)

    async def write_production(self, minutes: Sequence[ProductionMinute]) -> None:
        """Store the minutes, replacing what is there."""
        self._answer()
        self.minutes.update(((minute.path, minute.start_ms), minute) for minute in minutes)

    async def samples(
        self,
        paths: Sequence[StationPath],
        measurement: str,
        signals: Sequence[str],
        start_ms: int,
        stop_ms: int,
    ) -> dict[tuple[StationPath, str], list[Sample]]:
        """Return what is in the range, and the last before it."""
        self._answer()
        return {
            (path, signal): self._range((path, measurement, signal), start_ms, stop_ms)
            for path in paths
            for signal in signals
        }

    async def production(
        self, start_ms: int, stop_ms: int, *, paths: Sequence[StationPath] | None = None
    ) -> list[ProductionMinute]:
        """Return the stored minutes in the range."""
        self._answer()
        return [
            minute
            for (path, at_ms), minute in sorted(self.minutes.items())
            if start_ms <= at_ms < stop_ms and (paths is None or path in paths)
        ]

    def values(self, path: StationPath, measurement: str, signal: str) -> list[Sample]:
        """Return a whole series, in order of time."""
        return [sample for _, sample in sorted(self._series.get((path, measurement, signal), {}).items())]

    def _range(self, key: Key, start_ms: int, stop_ms: int) -> list[Sample]:
        series = self.values(*key)
        instants = [sample.at_ms for sample in series]
        first = bisect_left(instants, start_ms)
        return series[max(0, first - 1) : bisect_left(instants, stop_ms)]

    def _answer(self) -> None:
        if self.down:
            raise HistorianUnavailableError("it is down", self.retry_after_s)
