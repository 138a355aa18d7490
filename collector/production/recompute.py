"""Computes production minutes from what is stored: any order of arrival gives the same result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from collector.production.counters import count_in
from collector.production.minute import MINUTE_MS, minute_of, to_runs
from collector.production.station_figures import SignalGroup, StationFigures
from historian.ports import ProductionMinute
from plant.model import StationPath
from telemetry.sample import Sample

LONGEST_RUN = 60
"""Minutes read at once: enough to be quick, few enough for the memory."""
WINDOWS_MS = tuple(minutes * MINUTE_MS for minutes in (10, 120, 24 * 60, 30 * 24 * 60))
"""How far a good count is looked for beside a gap, step by step; beyond the last is a new beginning."""

Minutes = Mapping[StationPath, Iterable[int]]
Stored = Mapping[tuple[StationPath, str], Sequence[Sample]]


class SampleStore(Protocol):
    """What is asked of a historian here."""

    async def samples(
        self,
        paths: Sequence[StationPath],
        measurement: str,
        signals: Sequence[str],
        start_ms: int,
        stop_ms: int,
    ) -> dict[tuple[StationPath, str], list[Sample]]:
        """Return every sample in the range, and the last one before it, in order of time."""


class Recompute:
    """Answers with the production minutes that the stored samples give."""

    def __init__(self, stations: Mapping[StationPath, StationFigures], reader: SampleStore) -> None:
        self._stations = stations
        self._reader = reader

    async def with_next_counts(self, minutes: Minutes, now_ms: int) -> dict[StationPath, set[int]]:
        """Return the minutes and, for each run of them, that of the next good count after it.

        What a count adds depends on the one before it, so a late sample
        changes the minute of the next one, however far away.

        Raises:
            HistorianUnavailableError: try again.
        """
        wanted = {path: set(starts) for path, starts in minutes.items()}
        for group, start_ms, stop_ms, paths in self._questions(minutes):
            del start_ms
            for path, minute in await self._next_counts(group, paths, stop_ms, now_ms):
                wanted[path].add(minute)
        return wanted

    async def compute(self, minutes: Minutes, now_ms: int) -> list[ProductionMinute]:
        """Return the figures of the minutes.

        Raises:
            HistorianUnavailableError: try again.
        """
        computed: list[ProductionMinute] = []
        for group, start_ms, stop_ms, paths in self._questions(minutes):
            stored: dict[tuple[StationPath, str], Sequence[Sample]] = {}
            stored |= await self._reader.samples(paths, group.measurement, group.signals, start_ms, stop_ms)
            stored |= await self._before_gaps(group, stored, start_ms)
            for path in paths:
                samples = {signal: stored.get((path, signal), ()) for signal in group.signals}
                computed.extend(self._stations[path].minutes(samples, start_ms, stop_ms, now_ms))
        return computed

    def _questions(self, minutes: Minutes) -> list[tuple[SignalGroup, int, int, list[StationPath]]]:
        """Return what to ask the store: stations with the same signals and the same run go together."""
        questions: dict[tuple[SignalGroup, int, int], list[StationPath]] = {}
        for path, starts in minutes.items():
            for start_ms, stop_ms in to_runs(starts, longest=LONGEST_RUN):
                questions.setdefault((self._stations[path].group, start_ms, stop_ms), []).append(path)
        return [(group, start_ms, stop_ms, paths) for (group, start_ms, stop_ms), paths in questions.items()]

    async def _before_gaps(
        self, group: SignalGroup, stored: Stored, start_ms: int
    ) -> dict[tuple[StationPath, str], Sequence[Sample]]:
        """Return the series that begin in a gap, with the last good count before it put in front."""
        missing = {
            key for key, samples in stored.items() if key[1] in group.counters and _begins_in_gap(samples)
        }
        extended: dict[tuple[StationPath, str], Sequence[Sample]] = {}
        for window_ms in WINDOWS_MS:
            if not missing:
                break
            paths = sorted({path for path, _ in missing})
            earlier = await self._reader.samples(
                paths, group.measurement, group.counters, start_ms - window_ms, start_ms
            )
            for key in tuple(missing):
                good = [sample for sample in earlier.get(key, ()) if count_in(sample) is not None]
                if good:
                    extended[key] = [max(good, key=_at_ms), *stored[key]]
                    missing.discard(key)
        return extended

    async def _next_counts(
        self, group: SignalGroup, paths: Sequence[StationPath], after_ms: int, now_ms: int
    ) -> list[tuple[StationPath, int]]:
        missing = {(path, signal) for path in paths for signal in group.counters}
        found: list[tuple[StationPath, int]] = []
        start_ms = after_ms
        for window_ms in WINDOWS_MS:
            stop_ms = min(after_ms + window_ms, now_ms)
            if not missing or start_ms >= stop_ms:
                break
            remaining = sorted({path for path, _ in missing})
            later = await self._reader.samples(
                remaining, group.measurement, group.counters, start_ms, stop_ms
            )
            for key in tuple(missing):
                good = [
                    s.at_ms for s in later.get(key, ()) if s.at_ms >= start_ms and count_in(s) is not None
                ]
                if good:
                    found.append((key[0], minute_of(min(good))))
                    missing.discard(key)
            start_ms = stop_ms
        return found


def _begins_in_gap(samples: Sequence[Sample]) -> bool:
    """Return whether the first sample is no good count, so that an earlier one may be the last good."""
    return bool(samples) and count_in(min(samples, key=_at_ms)) is None


def _at_ms(sample: Sample) -> int:
    return sample.at_ms
