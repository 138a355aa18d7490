"""Store down, broker restarted, collector killed: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from typing_extensions import override

from collector.app import CollectorSettings
from historian.duckdb_store import DuckDbHistorian
from historian.ports import HistorianUnavailableError, StationBlock
from plant.model import Plant
from telemetry.clock import now_ms
from telemetry.sample import EdgeNode, Sample
from tests.integration.collector.conftest import PATIENCE_S, eventually, running_collector
from tests.integration.collector.scripted_edge import ScriptedEdge, scripted_edge
from tests.support.mosquitto import Mosquitto
from tests.support.processes import Child, child
from tests.unit.collector.small_plant import winder_path

NORTH = EdgeNode("north", "cells")


class Interrupted(DuckDbHistorian):
    """A real DuckDB file whose writes fail while it is `down`."""

    down = False

    @override
    async def write(self, blocks: Sequence[StationBlock]) -> None:
        if self.down:
            raise HistorianUnavailableError("the disk is gone", retry_after_s=0.05)
        await super().write(blocks)


@pytest.fixture
async def historian(tmp_path: Path) -> AsyncIterator[Interrupted]:
    store = Interrupted(tmp_path / "history.duckdb")
    await store.open()
    yield store
    await store.close()


async def values(historian: DuckDbHistorian) -> list[object]:
    series = await historian.series(winder_path(), "winder", "tension_n", 0, 2**42, points=100_000)
    return [sample.value for sample in series.samples]


async def test_nothing_is_acknowledged_while_the_store_is_down_and_everything_after(
    settings: CollectorSettings, plant: Plant, historian: Interrupted
) -> None:
    async with (
        running_collector(settings, plant, historian) as collector,
        scripted_edge(settings.mqtt, NORTH) as edge,
    ):
        await edge.be_born()
        historian.down = True
        for number in range(1, 6):
            await edge.send([Sample("tension_n", now_ms() + number, float(number))], number=number)
        live = collector.live.station("north", "cells", "winder-1")
        await eventually(lambda: shows(live.samples.get("tension_n"), 5.0), "the live picture goes on")
        await asyncio.sleep(0.3)
        assert edge.acknowledged == []
        historian.down = False
        await eventually(lambda: edge.acknowledged == [1, 2, 3, 4, 5], "all acknowledged")
    assert await values(historian) == [1.0, 2.0, 3.0, 4.0, 5.0]


def shows(sample: Sample | None, value: float) -> bool:
    return sample is not None and sample.value == value


async def test_broker_restart_ends_nothing(
    settings: CollectorSettings, plant: Plant, historian: Interrupted, own_mosquitto: Mosquitto
) -> None:
    async with running_collector(settings, plant, historian):
        await deliver(settings, "a", 1)
        await asyncio.to_thread(own_mosquitto.restart)
        async with asyncio.timeout(PATIENCE_S):
            while not await reached(settings, "b", 2):
                pass
    assert await values(historian) == [1.0, 2.0]


async def deliver(settings: CollectorSettings, incarnation: str, number: int) -> None:
    async with scripted_edge(settings.mqtt, NORTH, incarnation=incarnation) as edge:
        await edge.be_born()
        await edge.send([Sample("tension_n", number, float(number))], number=number)
        await eventually(lambda: edge.acknowledged == [number], f"{number} acknowledged")


async def reached(settings: CollectorSettings, incarnation: str, number: int) -> bool:
    """Send a batch, again and again as an agent does, and say whether it was acknowledged soon."""
    async with scripted_edge(settings.mqtt, NORTH, incarnation=incarnation) as edge:
        await edge.be_born()
        await edge.send([Sample("tension_n", number, float(number))], number=number)
        try:
            async with asyncio.timeout(1):
                while not edge.acknowledged:
                    edge.heard.clear()
                    await edge.heard.wait()
        except TimeoutError:
            return False
    return True


COLLECT = """
import asyncio, sys
from pathlib import Path
from collector.app import Collector, CollectorSettings
from historian.duckdb_store import DuckDbHistorian
from runtime.mqtt_session import MqttSettings
from tests.unit.collector.small_plant import small_plant

async def main(port: str, folder: str) -> None:
    historian = DuckDbHistorian(Path(folder) / "history.duckdb")
    await historian.open()
    settings = CollectorSettings(
        mqtt=MqttSettings(port=int(port)), dead_letter_path=Path(folder) / "dead-letters.sqlite"
    )
    await Collector(settings, small_plant(), historian).run()

asyncio.run(main(*sys.argv[1:]))
"""


async def test_killed_collector_has_lost_nothing_it_acknowledged_and_stores_nothing_twice(
    own_mosquitto: Mosquitto, tmp_path: Path
) -> None:
    folder = tmp_path / "collector"
    command = [sys.executable, "-c", COLLECT, str(own_mosquitto.port), str(folder)]
    folder.mkdir()
    with child(command, folder) as first:
        await asyncio.to_thread(first.wait_for_output, "listening")
        async with scripted_edge(own_mosquitto.settings, NORTH) as edge:
            await edge.be_born()
            acknowledged = await send_until_killed(edge, first)
    with child(command, folder) as second:
        await asyncio.to_thread(second.wait_for_output, "listening")
        async with scripted_edge(own_mosquitto.settings, NORTH, incarnation=edge.incarnation) as again:
            await again.be_born()
            await send(again, set(range(1, BATCHES + 1)) - acknowledged)
            await send(again, set(sorted(acknowledged)[-5:]))  # acknowledgements the kill may have cost
            await eventually(
                lambda: set(again.acknowledged) | acknowledged == set(range(1, BATCHES + 1)),
                "all acknowledged",
            )
    store = DuckDbHistorian(folder / "history.duckdb")
    await store.open()
    assert await values(store) == [float(number) for number in range(1, BATCHES + 1)]
    await store.close()


BATCHES = 300


async def send(edge: ScriptedEdge, numbers: set[int]) -> None:
    for number in sorted(numbers):
        await edge.send([Sample("tension_n", number * 1000, float(number))], number=number)


async def send_until_killed(edge: ScriptedEdge, collector: Child) -> set[int]:
    """Send half of the batches, kill the collector at the first acknowledgement, send the other half."""
    await send(edge, set(range(1, BATCHES // 2)))
    await eventually(lambda: bool(edge.acknowledged), "something acknowledged")
    collector.kill()
    acknowledged = set(edge.acknowledged)
    await send(edge, set(range(BATCHES // 2, BATCHES + 1)))
    return acknowledged
