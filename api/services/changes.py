"""What a viewer has not seen yet: the live stream's memory (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from api.schemas.common import Current, Place
from api.schemas.plant import StationChange
from api.services.describe import current, station_now
from telemetry.live import LivePicture, LiveStation
from telemetry.sample import Sample

_Told = dict[str, tuple[Sample, str]]
"""Signal to the very sample and the quality last told."""


@dataclass(slots=True)
class Viewer:
    """Remembers what one viewer was told, so that only what changed travels."""

    stations: Sequence[LiveStation]
    signals: frozenset[str] | None = None
    """Signals of interest; None for all."""
    pause_ms: int = 0
    """Least time between two words about one station; what changes meanwhile comes together."""
    _revision: int = -1
    _waiting: bool = False
    """Whether a station has changed of which it was too early to tell."""
    _told: dict[int, _Told] = field(default_factory=dict)
    _glance: dict[int, tuple[bool, str | None]] = field(default_factory=dict)
    _looked: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Station to its revision and the instant (ms) when it was last looked at."""

    def changes(self, live: LivePicture, now_ms: int, *, recheck: bool) -> list[StationChange]:
        """Return what changed since the last call; with `recheck` also what went stale by itself."""
        if live.revision == self._revision and not self._waiting and not recheck:
            return []
        self._revision, self._waiting = live.revision, False
        found = (
            self._change(index, station, now_ms)
            for index, station in enumerate(self.stations)
            if recheck or self._is_due(index, station, now_ms)
        )
        return [change for change in found if change is not None]

    def _is_due(self, index: int, station: LiveStation, now_ms: int) -> bool:
        revision, looked_ms = self._looked.get(index, (-1, now_ms - self.pause_ms))
        if station.revision == revision:
            return False
        early = now_ms - looked_ms < self.pause_ms
        self._waiting |= early
        return not early

    def _change(self, index: int, station: LiveStation, now_ms: int) -> StationChange | None:
        self._looked[index] = (station.revision, now_ms)
        told = self._told.setdefault(index, {})
        values: dict[str, Current] = {}
        for name, sample in station.samples.items():
            if self.signals is not None and name not in self.signals:
                continue
            now = current(station, name, now_ms)
            known = told.get(name)
            if now is None or (known is not None and known[0] is sample and known[1] == now.quality):
                continue
            told[name] = (sample, now.quality)
            values[name] = now
        glance = station_now(station, now_ms)
        same = self._glance.get(index) == (glance.online, glance.state)
        self._glance[index] = (glance.online, glance.state)
        if not values and same:
            return None
        return StationChange(
            place=Place.of(station.placed.path),
            revision=station.revision,
            online=glance.online,
            state=glance.state,
            values=values,
        )
