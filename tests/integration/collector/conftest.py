from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from collector.app import Collector, CollectorSettings
from historian.duckdb_store import DuckDbHistorian
from historian.ports import Historian
from plant.model import Plant
from runtime.mqtt_session import MqttSettings
from runtime.service import background
from tests.support.mosquitto import Mosquitto
from tests.unit.collector.small_plant import small_plant

PATIENCE_S = 15.0


@pytest.fixture
def plant() -> Plant:
    return small_plant()


@pytest.fixture
async def historian(tmp_path: Path) -> AsyncIterator[DuckDbHistorian]:
    store = DuckDbHistorian(tmp_path / "history.duckdb")
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def settings(own_mosquitto: Mosquitto, tmp_path: Path) -> CollectorSettings:
    return collector_settings(own_mosquitto.settings, tmp_path)


def collector_settings(mqtt: MqttSettings, folder: Path) -> CollectorSettings:
    return CollectorSettings(
        mqtt=mqtt,
        dead_letter_path=folder / "dead-letters.sqlite",
        acknowledge_every_s=0.02,
        production_every_s=0.1,
    )


@contextlib.asynccontextmanager
async def running_collector(
    settings: CollectorSettings, plant: Plant, historian: Historian
) -> AsyncIterator[Collector]:
    """Run a collector that listens, for the length of a block."""
    collector = Collector(settings, plant, historian)
    ready = asyncio.Event()
    async with background("collector", collector.run(ready)):
        async with asyncio.timeout(PATIENCE_S):
            await ready.wait()
        yield collector


async def eventually(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; fail with words if it never does."""
    give_up_at_s = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > give_up_at_s:
            pytest.fail(f"never came true: {what}")
        await asyncio.sleep(0.01)
