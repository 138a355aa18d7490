"""Production and states as the screens show them, read from the store once for all screens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from api.services.production import HOUR_MS, MINUTE_MS, Sums, total
from api.services.rate import rate_per_min
from api.services.remembered import Remembered
from api.services.timeline import Segment, hold_ms, segments
from historian.ports import ProductionMinute, SampleReader, StoredResult
from plant.model import PlacedStation, Role, StationPath
from telemetry.clock import at, to_ms
from telemetry.sample import Sample

RECENT_S = 1.5
"""The collector refreshes the running minute every two seconds."""
EARLIER_S = 30.0
"""Minutes before the last hour change only by late data."""
TIMELINE_S = 4.0


class StationFigures(NamedTuple):
    """Production of a station, as a screen shows it."""

    rate_per_min: float | None
    hour: Sums
    """The last sixty minutes."""
    today: Sums
    """Since midnight at the site."""


class Board:
    """Answers the screens' questions to the store."""

    def __init__(self, reader: SampleReader) -> None:
        self._reader = reader
        self._recent: Remembered[dict[StationPath, list[ProductionMinute]]] = Remembered(RECENT_S)
        self._earlier: Remembered[dict[StationPath, Sums]] = Remembered(EARLIER_S)
        self._timelines: Remembered[dict[StationPath, list[Segment]]] = Remembered(TIMELINE_S)
        self._results: Remembered[list[StoredResult]] = Remembered(RECENT_S)

    async def figures(
        self, stations: Sequence[PlacedStation], timezone: str, now_ms: int
    ) -> dict[StationPath, StationFigures]:
        """Return rate, last hour and today of the stations, which belong to one site.

        Raises:
            HistorianUnavailableError: the store cannot answer.
        """
        paths = tuple(placed.path for placed in stations)
        hour_ms = now_ms - now_ms % MINUTE_MS - HOUR_MS + MINUTE_MS
        midnight_ms = local_midnight_ms(timezone, now_ms)
        recent = await self._recent.get(paths, lambda: self._minutes(paths, hour_ms, now_ms + MINUTE_MS))
        earlier = await self._earlier.get(
            (paths, midnight_ms, hour_ms), lambda: self._sums(paths, midnight_ms, hour_ms)
        )
        return {
            path: _figures(recent.get(path, []), earlier.get(path), midnight_ms, now_ms) for path in paths
        }

    async def timelines(
        self, stations: Sequence[PlacedStation], start_ms: int, now_ms: int
    ) -> dict[StationPath, list[Segment]]:
        """Return each station's states from `start_ms` until now.

        Raises:
            HistorianUnavailableError: the store cannot answer.
        """
        key = (tuple(placed.path for placed in stations), now_ms - start_ms)
        return await self._timelines.get(key, lambda: self._states(stations, start_ms, now_ms))

    async def last_results(self, placed: PlacedStation, kind: str, now_ms: int) -> list[StoredResult]:
        """Return the newest results of a kind, newest first.

        Raises:
            HistorianUnavailableError: the store cannot answer.
        """
        return await self._results.get(
            (placed.path, kind),
            lambda: self._reader.results(
                kind, now_ms - 24 * HOUR_MS, now_ms + HOUR_MS, paths=[placed.path], limit=12
            ),
        )

    async def _minutes(
        self, paths: Sequence[StationPath], start_ms: int, stop_ms: int
    ) -> dict[StationPath, list[ProductionMinute]]:
        by_path: dict[StationPath, list[ProductionMinute]] = {}
        for minute in await self._reader.production(start_ms, stop_ms, paths=paths):
            by_path.setdefault(minute.path, []).append(minute)
        return by_path

    async def _sums(
        self, paths: Sequence[StationPath], start_ms: int, stop_ms: int
    ) -> dict[StationPath, Sums]:
        if start_ms >= stop_ms:
            return {}
        return {path: total(found) for path, found in (await self._minutes(paths, start_ms, stop_ms)).items()}

    async def _states(
        self, stations: Sequence[PlacedStation], start_ms: int, stop_ms: int
    ) -> dict[StationPath, list[Segment]]:
        found: dict[StationPath, list[Segment]] = {}
        for (measurement, signal), group in _by_state_signal(stations).items():
            paths = [placed.path for placed in group]
            samples = await self._reader.samples(paths, measurement, [signal], start_ms, stop_ms)
            for placed in group:
                states: list[Sample] = samples.get((placed.path, signal), [])
                found[placed.path] = segments(states, start_ms, stop_ms, hold_ms=hold_ms(placed))
        return found


def local_midnight_ms(timezone: str, now_ms: int) -> int:
    """Return when the site's day began; days of 23 and 25 hours included."""
    zone = ZoneInfo(timezone)
    today = at(now_ms).astimezone(zone).date()
    return to_ms(datetime(today.year, today.month, today.day, tzinfo=zone))


def _by_state_signal(stations: Sequence[PlacedStation]) -> dict[tuple[str, str], list[PlacedStation]]:
    groups: dict[tuple[str, str], list[PlacedStation]] = {}
    for placed in stations:
        signal = placed.profile.with_role(Role.STATE)
        if signal is not None:
            groups.setdefault((placed.profile.measurement, signal.name), []).append(placed)
    return groups


def _figures(
    recent: list[ProductionMinute], earlier: Sums | None, midnight_ms: int, now_ms: int
) -> StationFigures:
    today = total(minute for minute in recent if minute.start_ms >= midnight_ms)
    if earlier is not None:
        today.good += earlier.good
        today.reject += earlier.reject
        for name, seconds in earlier.seconds.items():
            today.seconds[name] = today.seconds.get(name, 0.0) + seconds
    return StationFigures(rate_per_min(recent, now_ms), total(recent), today)
