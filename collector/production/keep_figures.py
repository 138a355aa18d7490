"""Keeps the production minutes up to date with what is stored."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

import structlog

from collector.exceptions import LocalFileError
from collector.production.dirty_minutes import DirtyMinutes
from collector.production.late_minutes import LateMinutes
from collector.production.minute import MINUTE_MS, minute_of, minutes_between
from collector.production.recompute import Recompute, SampleStore
from collector.production.station_figures import StationFigures
from collector.vitals import CollectorVitals
from historian.ports import HistorianUnavailableError, ProductionMinute, StationBlock
from plant.model import StationPath
from runtime.backoff import RetryDelays, full_jitter
from telemetry.clock import now_ms

logger = structlog.get_logger(__name__)

MOST_MINUTES = 3000
"""Station minutes computed at once; a backlog takes several turns, and the running minute stays current."""
RESUME_MS = 15 * MINUTE_MS
"""What a start computes again before the last minutes stored; what is older is remembered on disk."""
LOOK_BACK_MS = tuple(hours * 60 * MINUTE_MS for hours in (1, 24, 7 * 24, 31 * 24))
"""How far back a start looks for the last minutes stored."""

Minutes = Mapping[StationPath, Iterable[int]]


class ProductionStore(SampleStore, Protocol):
    """What is asked of a historian here."""

    async def write_production(self, minutes: Sequence[ProductionMinute]) -> None:
        """Store production minutes, replacing those of the same station and minute."""

    async def production(
        self, start_ms: int, stop_ms: int, *, paths: Sequence[StationPath] | None = None
    ) -> list[ProductionMinute]:
        """Return the production minutes that start in the range."""


class ProductionKeeper:
    """Notes which minutes arriving data touches, and computes them again every few seconds."""

    def __init__(
        self,
        stations: Mapping[StationPath, StationFigures],
        historian: ProductionStore,
        late: LateMinutes,
        vitals: CollectorVitals,
        *,
        every_s: float,
        clock: Callable[[], int] = now_ms,
        retry_delays: RetryDelays = full_jitter,
    ) -> None:
        self._stations = stations
        self._historian = historian
        self._recompute = Recompute(stations, historian)
        self._late = late
        self._vitals = vitals
        self._every_s = every_s
        self._clock = clock
        self._retry_delays = retry_delays
        self._dirty = DirtyMinutes()
        self._remembered: set[tuple[StationPath, int]] = set()
        self._late_turn = asyncio.Lock()
        self._running_from_ms: int | None = None

    async def stored(self, blocks: Sequence[StationBlock]) -> None:
        """Note the minutes that newly stored blocks touch; returning means that no restart forgets them.

        Raises:
            LocalFileError: a late minute could not be remembered.
        """
        touched: dict[StationPath, set[int]] = {}
        for block in blocks:
            station = self._stations.get(block.path)
            if station is not None and block.measurement == station.group.measurement:
                touched.setdefault(block.path, set()).update(station.touched_by(block.samples))
        async with self._late_turn:
            for path, minutes in touched.items():
                self._dirty.mark(path, minutes)
            await self._remember(touched)

    async def run_forever(self) -> None:
        """Catch up with what a stop left undone, then refresh every few seconds."""
        delays = self._retry_delays()
        caught_up = False
        while True:
            try:
                if not caught_up:
                    await self.catch_up()
                    caught_up = True
                more = await self.refresh()
            except (HistorianUnavailableError, LocalFileError) as error:
                delay_s = next(delays)
                logger.warning("production figures wait", retry_in_s=round(delay_s, 1), reason=str(error))
                await asyncio.sleep(delay_s)
            else:
                delays = self._retry_delays()
                await asyncio.sleep(0 if more else self._every_s)

    async def catch_up(self) -> None:
        """Mark the minutes since shortly before the last ones stored, and those remembered on disk.

        Raises:
            HistorianUnavailableError: try again.
            LocalFileError: try again.
        """
        at_ms = self._clock()
        remembered = await asyncio.to_thread(self._late.all)
        known = {path: minutes for path, minutes in remembered.items() if path in self._stations}
        self._dirty.put_back(known)
        self._remembered = {(path, minute) for path, minutes in known.items() for minute in minutes}
        last_ms = await self._last_stored_ms(at_ms)
        self._running_from_ms = minute_of(at_ms if last_ms is None else min(last_ms, at_ms) - RESUME_MS)
        logger.info(
            "production figures resume", from_ms=self._running_from_ms, late_minutes=len(self._remembered)
        )

    async def refresh(self) -> bool:
        """Compute what was touched, and the running minute of every station; return whether more waits.

        Raises:
            HistorianUnavailableError: try again.
            LocalFileError: try again.
        """
        at_ms = self._clock()
        running_ms = minute_of(at_ms)
        began_ms = running_ms if self._running_from_ms is None else self._running_from_ms
        for minutes in self._portions(began_ms, running_ms):
            await self._compute(dict.fromkeys(self._stations, minutes), at_ms)
            self._running_from_ms = minutes[-1] + MINUTE_MS
        self._running_from_ms = running_ms
        taken = self._dirty.take(running_ms + MINUTE_MS, MOST_MINUTES)
        try:
            wanted = await self._recompute.with_next_counts(taken, at_ms)
            for path in self._stations:
                wanted.setdefault(path, set()).add(running_ms)
            await self._compute(wanted, at_ms)
        except HistorianUnavailableError:
            self._dirty.put_back(taken)
            raise
        await self._forget(taken)
        return self._dirty.has_before(running_ms)

    def _portions(self, began_ms: int, running_ms: int) -> Iterator[Sequence[int]]:
        """Yield the minutes that ended since the last refresh, oldest first, so that a crash loses none."""
        ended = minutes_between(began_ms, running_ms)
        size = max(1, MOST_MINUTES // max(1, len(self._stations)))
        for first in range(0, len(ended), size):
            yield ended[first : first + size]

    async def _compute(self, minutes: Minutes, at_ms: int) -> None:
        computed = await self._recompute.compute(minutes, at_ms)
        if computed:
            await self._historian.write_production(computed)
            self._vitals.production_minutes.inc(len(computed))

    async def _last_stored_ms(self, at_ms: int) -> int | None:
        for window_ms in LOOK_BACK_MS:
            minutes = await self._historian.production(
                at_ms - window_ms, at_ms + MINUTE_MS, paths=tuple(self._stations)
            )
            if minutes:
                return max(minute.start_ms for minute in minutes)
        return None

    async def _remember(self, touched: Minutes) -> None:
        """Note on disk what the next start would not compute by itself."""
        before_ms = self._clock() - RESUME_MS + 2 * MINUTE_MS
        new = {
            path: {m for m in minutes if m < before_ms and (path, m) not in self._remembered}
            for path, minutes in touched.items()
        }
        if any(new.values()):
            await asyncio.to_thread(self._late.remember, new)
            self._remembered.update((path, minute) for path, minutes in new.items() for minute in minutes)

    async def _forget(self, computed: Minutes) -> None:
        async with self._late_turn:
            done = {
                path: {m for m in minutes if (path, m) in self._remembered and not self._dirty.has(path, m)}
                for path, minutes in computed.items()
            }
            if any(done.values()):
                await asyncio.to_thread(self._late.forget, done)
                self._remembered -= {(path, minute) for path, minutes in done.items() for minute in minutes}
