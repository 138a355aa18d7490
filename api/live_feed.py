"""Live values for an API process of its own: the same Sparkplug messages, read-only."""

from __future__ import annotations

from collections.abc import Sequence

from api.services.wiring import ApiSettings
from plant.model import Plant
from runtime.sparkplug_host import SparkplugHost
from telemetry.live import LivePicture
from telemetry.sample import EdgeNode
from telemetry.sparkplug.host import Event

HOST_ID = "gigafloor-api"


class LiveFeed:
    """Keeps a live picture up to date; never the primary host, never acknowledges."""

    def __init__(self, settings: ApiSettings, plant: Plant) -> None:
        self.live = LivePicture(plant)
        sites = [site.site for site in plant.sites]
        self._host = SparkplugHost(
            settings.mqtt, host_id=HOST_ID, sites=sites, primary=False, take=self._take
        )

    @property
    def is_connected(self) -> bool:
        """Whether there is a session with the broker now."""
        return self._host.is_connected

    async def run(self) -> None:
        """Follow the plant until cancelled."""
        await self._host.run_forever()

    async def _take(self, node: EdgeNode, events: Sequence[Event]) -> None:
        del node  # every event names its own
        for event in events:
            self.live.apply(event)
