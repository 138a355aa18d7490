"""What makes production minutes out of a station's samples (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from collector.production.counters import RawCounter, counter_of, increments
from collector.production.minute import minute_of, minutes_between
from collector.production.time_model import hold_ms, seconds_by_minute
from historian.ports import ProductionMinute
from plant.model import PlacedStation, Plant, Role, StationPath
from telemetry.sample import Sample


class SignalGroup(NamedTuple):
    """Stations whose production signals have the same names in one measurement: one question to the store."""

    measurement: str
    counters: tuple[str, ...]
    state: str | None

    @property
    def signals(self) -> tuple[str, ...]:
        """All signals of the group."""
        return (*self.counters, self.state) if self.state is not None else self.counters


@dataclass(frozen=True, slots=True)
class StationFigures:
    """A station's state and counters."""

    path: StationPath
    group: SignalGroup
    good: str | None
    reject: str | None
    counters: Mapping[str, RawCounter]
    hold_ms: int

    def minutes(
        self, samples: Mapping[str, Sequence[Sample]], start_ms: int, stop_ms: int, now_ms: int
    ) -> Iterator[ProductionMinute]:
        """Yield the minutes from `start_ms` to `stop_ms`, by samples in them and the last good before.

        What was counted since the sample before belongs to the minute of the
        later sample. The running minute has the seconds up to `now_ms`.
        """
        good = self._counted(self.good, samples)
        reject = self._counted(self.reject, samples)
        seconds: Mapping[int, Mapping[str, float]] | None = None
        if self.group.state is not None:
            states = samples.get(self.group.state, ())
            seconds = seconds_by_minute(states, start_ms, min(stop_ms, now_ms), hold_ms=self.hold_ms)
        for minute in minutes_between(start_ms, stop_ms):
            yield ProductionMinute(
                self.path,
                minute,
                good=good.get(minute, 0.0),
                reject=reject.get(minute, 0.0),
                seconds=None if seconds is None else seconds.get(minute, {}),
            )

    def touched_by(self, samples: Iterable[Sample]) -> set[int]:
        """Return the minutes whose figures the samples may change.

        A state counts until it may no longer be believed. The next counter
        sample after a late one is found when the minutes are computed.
        """
        touched = set()
        for sample in samples:
            if sample.signal in self.counters:
                touched.add(minute_of(sample.at_ms))
            elif sample.signal == self.group.state:
                touched.update(minutes_between(sample.at_ms, sample.at_ms + self.hold_ms))
        return touched

    def _counted(self, signal: str | None, samples: Mapping[str, Sequence[Sample]]) -> dict[int, float]:
        counted: dict[int, float] = {}
        if signal is None:
            return counted
        for at_ms, amount in increments(samples.get(signal, ()), self.counters[signal]):
            counted[minute_of(at_ms)] = counted.get(minute_of(at_ms), 0.0) + amount
        return counted


def production_stations(plant: Plant) -> dict[StationPath, StationFigures]:
    """Return every station that tells its state or counts."""
    found = {}
    for placed in plant.stations():
        figures = _figures_of(placed)
        if figures.group.signals:
            found[placed.path] = figures
    return found


def _figures_of(placed: PlacedStation) -> StationFigures:
    profile = placed.profile
    good, reject = profile.with_role(Role.GOOD_COUNT), profile.with_role(Role.REJECT_COUNT)
    state = profile.with_role(Role.STATE)
    counters = {
        signal.name: counter_of(signal, placed.station.ideal_rate_per_min)
        for signal in (good, reject)
        if signal is not None
    }
    return StationFigures(
        path=placed.path,
        group=SignalGroup(profile.measurement, tuple(counters), state.name if state else None),
        good=good.name if good else None,
        reject=reject.name if reject else None,
        counters=counters,
        hold_ms=hold_ms(profile.poll_classes[state.poll]) if state else 0,
    )
