"""What the routes and screens are given: values, not globals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from historian.ports import Health, SampleReader
from historian.settings import HistorianSettings
from plant.model import Plant
from runtime.mqtt_session import MqttSettings
from runtime.settings import Settings
from runtime.vitals import Vitals
from telemetry.live import LivePicture


class Store(SampleReader, Protocol):
    """What the API asks of a historian: reading, and how it is."""

    async def health(self) -> Health:
        """Return the state of the store; never raises."""


class ApiSettings(Settings):
    """Settings of the API process."""

    host: str = "127.0.0.1"
    """Where to listen; anything but loopback shows the plant to the network, without login."""
    port: int = 8080
    sites: tuple[str, ...] = ()
    """Sites to show; empty for all."""
    mqtt: MqttSettings = MqttSettings()
    historian: HistorianSettings = HistorianSettings()


@dataclass(frozen=True, slots=True)
class Services:
    """Everything an API app works with; who constructs it opens and closes the parts."""

    plant: Plant
    reader: Store
    live: LivePicture
    settings: ApiSettings = field(default_factory=ApiSettings)
    vitals: Sequence[Vitals] = ()
    """Also exposed at `/metrics`, beside the API's own."""
    broker_connected: Callable[[], bool] | None = None
    """None where another part of the process holds the session."""
