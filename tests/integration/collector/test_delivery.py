"""What a scripted edge node sends over a real broker is stored, and only then acknowledged."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from collector.app import Collector, CollectorSettings
from historian.ports import Historian
from plant.model import Plant
from telemetry.clock import now_ms
from telemetry.quality import Quality
from telemetry.sample import EdgeNode, Result, Sample
from tests.integration.collector.conftest import eventually, running_collector
from tests.integration.collector.scripted_edge import ScriptedEdge, scripted_edge
from tests.unit.collector.small_plant import winder_path

NORTH = EdgeNode("north", "cells")


@pytest.fixture
async def collector(
    settings: CollectorSettings, plant: Plant, historian: Historian
) -> AsyncIterator[Collector]:
    async with running_collector(settings, plant, historian) as running:
        yield running


@pytest.fixture
async def edge(collector: Collector, settings: CollectorSettings) -> AsyncIterator[ScriptedEdge]:
    del collector  # only that it listens
    async with scripted_edge(settings.mqtt, NORTH) as connected:
        await connected.be_born()
        yield connected


async def stored(historian: Historian, signal: str) -> list[Sample]:
    series = await historian.series(winder_path(), "winder", signal, 0, 2**42, points=100_000)
    return list(series.samples)


async def test_batch_is_stored_and_acknowledged(edge: ScriptedEdge, historian: Historian) -> None:
    at_ms = now_ms()
    samples = [
        Sample("tension_n", at_ms, 12.5),
        Sample("good", at_ms, 7),
        Sample("recipe", at_ms, "NMC-811"),
        Sample("speed_m_min", at_ms, None, Quality.STALE),
    ]
    result = Result("cell", at_ms, 1, "S-1", {"serial": "S-1", "mass_g": 46.5})

    await edge.send(samples, results=[result], number=1)
    await eventually(lambda: edge.acknowledged == [1], "batch 1 acknowledged")

    assert await stored(historian, "tension_n") == [Sample("tension_n", at_ms, 12.5)]
    assert await stored(historian, "recipe") == [Sample("recipe", at_ms, "NMC-811")]
    assert await stored(historian, "speed_m_min") == [Sample("speed_m_min", at_ms, None, Quality.STALE)]
    [cell] = await historian.results("cell", 0, 2**42)
    assert (cell.path, cell.result.key, cell.result.fields["mass_g"]) == (winder_path(), "S-1", 46.5)


async def test_repeats_are_acknowledged_again_and_stored_once(edge: ScriptedEdge, historian: Historian) -> None:
    at_ms = now_ms()
    for number in (1, 2, 1, 2, 1):
        await edge.send([Sample("tension_n", at_ms + number, float(number))], number=number)
    await eventually(lambda: {1, 2} <= set(edge.acknowledged), "both acknowledged")
    so_far = len(edge.acknowledged)

    await edge.send([Sample("tension_n", at_ms + 1, 1.0)], number=1)
    await eventually(lambda: edge.acknowledged[so_far:] == [1], "the repeat acknowledged")

    assert [sample.value for sample in await stored(historian, "tension_n")] == [1.0, 2.0]
