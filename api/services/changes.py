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
    _revision: int = -1
    _told: dict[int, _Told] = field(default_factory=dict)
    _glance: dict[int, tuple[bool, str | None]] = field(default_factory=dict)

    def changes(self, live: LivePicture, now_ms: int, *, recheck: bool) -> list[StationChange]:
        """Return what changed since the last call; with `recheck` also what went stale by itself."""
        if live.revision == self._revision and not recheck:
            return []
        since, self._revision = self._revision, live.revision
        found = (
            self._change(index, station, now_ms)
            for index, station in enumerate(self.stations)
            if recheck or station.revision > since
        )
        return [change for change in found if change is not None]

    def _change(self, index: int, station: LiveStation, now_ms: int) -> StationChange | None:
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
