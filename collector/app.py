"""Wires the collector: broker, queue, historian, acknowledgements, production figures."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from collector.acknowledge import Acknowledger
from collector.dead_letter import DeadLetterStore
from collector.durable import DurableStore
from collector.exceptions import UnknownSiteError
from collector.group_writer import GroupWriter
from collector.ingest import Ingest
from collector.intake import Intake
from collector.placing import PlantPlaces
from collector.production.keep_figures import ProductionKeeper
from collector.production.late_minutes import LateMinutes
from collector.production.station_figures import production_stations
from collector.recent import RecentNumbers
from collector.settings import CollectorSettings
from collector.vitals import CollectorVitals
from historian.ports import Historian
from plant.model import Plant
from runtime.sparkplug_host import SparkplugHost
from runtime.vitals import Vitals
from telemetry.live import LivePicture

__all__ = ["Collector", "CollectorSettings"]

logger = structlog.get_logger(__name__)


class Collector:
    """Stores what the edge agents of its sites deliver. The historian belongs to whoever constructs it."""

    def __init__(
        self,
        settings: CollectorSettings,
        plant: Plant,
        historian: Historian,
        live: LivePicture | None = None,
        vitals: Vitals | None = None,
    ) -> None:
        """Choose the sites.

        Raises:
            UnknownSiteError: the settings name a site the plant description has not.
        """
        self._settings = settings
        self._plant = _chosen(plant, settings.sites)
        self._historian = historian
        self.live = live if live is not None else LivePicture(self._plant)
        self.vitals = vitals if vitals is not None else Vitals("collector")

    async def run(self, ready: asyncio.Event | None = None) -> None:
        """Collect until cancelled; `ready` is set once the broker took the subscriptions.

        Raises:
            LocalFileError: the dead-letter file cannot be used.
        """
        settings = self._settings
        vitals = CollectorVitals(self.vitals)
        async with contextlib.AsyncExitStack() as stack:
            dead_letters = await asyncio.to_thread(
                DeadLetterStore, settings.dead_letter_path, most_letters=settings.most_dead_letters
            )
            stack.push_async_callback(asyncio.to_thread, dead_letters.close)
            late = await asyncio.to_thread(LateMinutes, settings.dead_letter_path)
            stack.push_async_callback(asyncio.to_thread, late.close)
            await stack.enter_async_context(self.vitals.served(settings.metrics_port))
            await self._run_tasks(dead_letters, late, vitals, ready)

    async def _run_tasks(
        self,
        dead_letters: DeadLetterStore,
        late: LateMinutes,
        vitals: CollectorVitals,
        ready: asyncio.Event | None,
    ) -> None:
        settings = self._settings
        keeper = ProductionKeeper(
            production_stations(self._plant),
            self._historian,
            late,
            vitals,
            every_s=settings.production_every_s,
        )
        intake = Intake(
            most_values=settings.queue_values, group_values=settings.group_values, linger_s=settings.linger_s
        )
        recent = RecentNumbers()
        acknowledger = Acknowledger(vitals, every_s=settings.acknowledge_every_s)
        ingest = Ingest(PlantPlaces(self._plant), self.live, intake, acknowledger, recent, vitals)
        host = SparkplugHost(
            settings.mqtt,
            host_id=settings.host_id,
            sites=[site.site for site in self._plant.sites],
            primary=True,
            take=ingest.take,
        )
        store = DurableStore(
            self._historian, dead_letters, vitals, stored=keeper.stored, answering=intake.set_answering
        )
        writer = GroupWriter(intake, store, acknowledger, recent, vitals)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(writer.run_forever(), name="write to the historian")
            tasks.create_task(acknowledger.run_forever(host.command), name="acknowledge")
            tasks.create_task(keeper.run_forever(), name="production figures")
            tasks.create_task(host.run_forever(ready), name="sparkplug host")


def _chosen(plant: Plant, sites: tuple[str, ...]) -> Plant:
    try:
        return plant.only(*sites) if sites else plant
    except KeyError as error:
        known = ", ".join(site.site for site in plant.sites)
        raise UnknownSiteError(
            f"the settings want site {error}, which the plant description has not; there are: {known}"
        ) from None
