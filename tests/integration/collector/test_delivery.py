"""What a scripted edge node sends over a real broker is stored, and only then acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from collector.app import Collector, CollectorSettings
from collector.dead_letter import DeadLetter, DeadLetterStore, Kind
from historian.ports import Historian
from plant.model import Plant, StationPath
from telemetry.clock import now_ms
from telemetry.quality import Quality
from telemetry.sample import EdgeNode, Result, Sample
from tests.integration.collector.conftest import PATIENCE_S, eventually, running_collector
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


def dead_letters_of(settings: CollectorSettings) -> list[DeadLetter]:
    store = DeadLetterStore(settings.dead_letter_path)
    letters = store.list()
    store.close()
    return letters


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


async def test_repeats_are_acknowledged_again_and_stored_once(
    edge: ScriptedEdge, historian: Historian
) -> None:
    at_ms = now_ms()
    for number in (1, 2, 1, 2, 1):
        await edge.send([Sample("tension_n", at_ms + number, float(number))], number=number)
    await eventually(lambda: {1, 2} <= set(edge.acknowledged), "both acknowledged")
    so_far = len(edge.acknowledged)

    await edge.send([Sample("tension_n", at_ms + 1, 1.0)], number=1)
    await eventually(lambda: edge.acknowledged[so_far:] == [1], "the repeat acknowledged")

    assert [sample.value for sample in await stored(historian, "tension_n")] == [1.0, 2.0]


async def test_historical_data_is_stored_and_never_the_current_value(
    edge: ScriptedEdge, historian: Historian, collector: Collector
) -> None:
    at_ms = now_ms()
    await edge.send([Sample("tension_n", at_ms, 2.0)], number=2)
    await edge.send([Sample("tension_n", at_ms - 60_000, 1.0)], number=1, historical=True)
    await eventually(lambda: sorted(edge.acknowledged) == [1, 2], "both acknowledged")
    assert [sample.value for sample in await stored(historian, "tension_n")] == [1.0, 2.0]
    assert collector.live.station("north", "cells", "winder-1").samples["tension_n"].value == 2.0


async def test_sequence_gap_asks_for_one_rebirth_and_loses_nothing(
    edge: ScriptedEdge, historian: Historian
) -> None:
    for number in (1, 2, 3):
        edge.skip_a_sequence_number()
        await edge.send([Sample("tension_n", now_ms() + number, float(number))], number=number)
    await eventually(lambda: edge.acknowledged == [1, 2, 3], "all acknowledged")
    assert edge.rebirths_asked == 1
    assert len(await stored(historian, "tension_n")) == 3


async def test_unknown_alias_asks_for_a_rebirth_and_is_not_acknowledged(
    edge: ScriptedEdge, historian: Historian
) -> None:
    await edge.send_unknown_alias(number=1)
    await edge.send([Sample("tension_n", now_ms(), 2.0)], number=2)
    await eventually(lambda: edge.acknowledged == [2], "the good batch acknowledged")
    await eventually(lambda: edge.rebirths_asked == 1, "a rebirth asked for")
    assert len(await stored(historian, "tension_n")) == 1


async def test_garbage_between_good_messages_is_kept_and_stops_nothing(
    edge: ScriptedEdge, historian: Historian, settings: CollectorSettings
) -> None:
    at_ms = now_ms()
    await edge.send([Sample("tension_n", at_ms, 1.0)], number=1)
    await edge.send_raw(b"\xff\xfe this is no payload")
    await edge.send([Sample("not_in_the_profile", at_ms, 1.0)], number=2)
    await edge.send([Sample("tension_n", at_ms + 1, 2.0)], number=3)
    await eventually(lambda: edge.acknowledged == [1, 2, 3], "the good batches acknowledged")
    assert [sample.value for sample in await stored(historian, "tension_n")] == [1.0, 2.0]
    letters = await asyncio.to_thread(dead_letters_of, settings)
    assert [letter.kind for letter in letters] == [Kind.UNDECODABLE, Kind.UNKNOWN_SIGNAL]
    assert letters[0].body == b"\xff\xfe this is no payload"


async def test_station_the_plant_has_not_is_put_aside_and_acknowledged(
    edge: ScriptedEdge, settings: CollectorSettings
) -> None:
    await edge.be_born(stations=("winder-9",))
    await edge.send([Sample("tension_n", now_ms(), 1.0)], number=1, station="winder-9")
    await eventually(lambda: edge.acknowledged == [1], "acknowledged")
    [letter] = await asyncio.to_thread(dead_letters_of, settings)
    assert (letter.kind, letter.station) == (Kind.UNKNOWN_STATION, "winder-9")


async def test_vitals_of_the_node_are_stored(edge: ScriptedEdge, historian: Historian) -> None:
    at_ms = now_ms()
    agent = StationPath("north", "assembly", "cells", "agent")
    await edge.send_vitals(42, at_ms)
    await edge.send([Sample("tension_n", at_ms, 1.0)], number=1)
    await eventually(lambda: edge.acknowledged == [1], "what came after them acknowledged")
    found = await historian.last([agent], "vitals", ["spool_batches"])
    assert found == {(agent, "spool_batches"): Sample("spool_batches", at_ms, 42)}


async def test_two_sites_are_kept_apart(
    edge: ScriptedEdge, historian: Historian, settings: CollectorSettings
) -> None:
    at_ms = now_ms()
    async with scripted_edge(settings.mqtt, EdgeNode("south", "cells")) as south:
        await south.be_born()
        await edge.send([Sample("tension_n", at_ms, 1.0)], number=1)
        await south.send([Sample("tension_n", at_ms, 2.0)], number=1)
        await eventually(lambda: edge.acknowledged == [1] == south.acknowledged, "both acknowledged")
    paths = [winder_path("north"), winder_path("south")]
    found = await historian.last(paths, "winder", ["tension_n"])
    assert [found[path, "tension_n"].value for path in paths] == [1.0, 2.0]


async def test_production_minutes_follow_the_counters(edge: ScriptedEdge, historian: Historian) -> None:
    at_ms = now_ms()
    for number, count in enumerate((65_530, 65_535, 3), start=1):
        await edge.send([Sample("good", at_ms + number, count)], number=number)
    await eventually(lambda: len(edge.acknowledged) == 3, "all acknowledged")
    async with asyncio.timeout(PATIENCE_S):
        while True:
            minutes = await historian.production(at_ms - 60_000, at_ms + 60_000, paths=[winder_path()])
            if sum(minute.good for minute in minutes) == 9:
                return
            await asyncio.sleep(0.02)
