"""From the stations to the spool and the uplink, in a rhythm."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence

import structlog

from edge_agent.exceptions import NotOnlineError, SpoolUnavailableError
from edge_agent.settings import EdgeSettings
from edge_agent.spool.forwarder import Forwarder
from edge_agent.spool.spool import Batch, BatchClass, Entry
from edge_agent.station import StationState
from edge_agent.uplink import Uplink
from edge_agent.vitals import EdgeVitals
from telemetry.clock import now_ms

logger = structlog.get_logger(__name__)

READS_S = 1.0
RETRY_S = 1.0
MOST_UNSAVED_BYTES = 64 * 2**20


class Publisher:
    """Moves what the stations have to say to the spool; the forwarder sends it from there."""

    def __init__(
        self,
        stations: Sequence[StationState],
        forwarder: Forwarder,
        uplink: Uplink,
        vitals: EdgeVitals,
        settings: EdgeSettings,
    ) -> None:
        self._stations = stations
        self._forwarder = forwarder
        self._uplink = uplink
        self._vitals = vitals
        self._settings = settings
        self._news = asyncio.Event()
        self._unsaved: list[Entry] = []
        """Collected while the disk refuses."""
        self._cursors: dict[tuple[str, str], bytes] = {}
        vitals.stations.set(len(stations))
        for station in stations:
            station.on_news = self._news.set

    async def run_forever(self) -> None:
        """Save and send what is new, a little after it is known, so that many samples share a batch."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(READS_S):
                    await self._news.wait()
            await asyncio.sleep(self._settings.flush_s)
            self._news.clear()
            if not await self._save():
                await asyncio.sleep(RETRY_S)
            with contextlib.suppress(NotOnlineError):
                await self._uplink.reconcile(self._forwarder.has_unsent)

    async def tell_reads_forever(self) -> None:
        """Publish once a second when each class was last read, unnumbered and unspooled."""
        while True:
            await asyncio.sleep(READS_S)
            if self._uplink.online:
                with contextlib.suppress(NotOnlineError):
                    reads = {station.name: station.reads() for station in self._stations}
                    await self._uplink.send_unnumbered(reads)

    async def tell_vitals_forever(self) -> None:
        """Take the agent's own measurements and publish them."""
        while True:
            await asyncio.sleep(self._settings.vitals_s)
            self._forwarder.note_vitals(now_ms())
            lost = sum(not station.connected for station in self._stations)
            self._vitals.stations_lost.set(lost)
            for station in self._stations:
                self._vitals.station_up.labels(station.name).set(station.connected)
            if self._uplink.online:
                with contextlib.suppress(NotOnlineError):
                    await self._uplink.send_node_metrics()

    async def save_rest(self) -> None:
        """Keep what was read since the last time, before the end."""
        await self._save()

    async def _save(self) -> bool:
        """Append what is new; return whether the disk took it."""
        fresh: list[Entry] = []
        for station in self._stations:
            entries, cursors = station.collect(now_ms())
            fresh.extend(entries)
            self._cursors.update(cursors)
        if not (fresh or self._unsaved or self._cursors):
            return True
        try:
            await self._forwarder.append([*self._unsaved, *fresh], self._cursors)
        except SpoolUnavailableError as error:
            self._vitals.spool_failures.inc()
            logger.error("the spool refuses; data is kept in memory and still sent live", reason=str(error))  # noqa: TRY400 - the reason says it all
            await self._send_unspooled(fresh)
            self._keep_unsaved(fresh)
            return False
        self._unsaved, self._cursors = [], {}
        return True

    async def _send_unspooled(self, entries: Sequence[Entry]) -> None:
        """Let those who watch see the present, although nobody can acknowledge it."""
        with contextlib.suppress(NotOnlineError):
            for entry in entries:
                await self._uplink.send(Batch(0, *entry), None, historical=False)

    def _keep_unsaved(self, entries: Sequence[Entry]) -> None:
        self._unsaved.extend(entries)
        size = sum(len(entry.metrics) for entry in self._unsaved)
        for batch_class in BatchClass:
            for entry in [each for each in self._unsaved if each.batch_class is batch_class]:
                if size <= MOST_UNSAVED_BYTES:
                    return
                self._unsaved.remove(entry)
                size -= len(entry.metrics)
                self._vitals.unsaved_dropped.inc()
