"""The agent as a Sparkplug edge node, seen by another MQTT library over a real broker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from plant.model import Plant
from telemetry.delivery import ACKNOWLEDGED
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.payload import BD_SEQ, REBIRTH, MetricDef
from tests.integration.edge_agent.bad_device import BadDevice, bad_device, is_silent
from tests.integration.edge_agent.paho_host import PahoHost, paho_host
from tests.integration.edge_agent.reading import plant_of, units_at, until
from tests.integration.edge_agent.running_agent import agent_process, running_agent, settings_for
from tests.support.mosquitto import Mosquitto

SIGNALS = [{"name": f"r_{address}", "modbus": {"address": address}} for address in (0, 1)]


@pytest.fixture
async def device() -> AsyncIterator[BadDevice]:
    async with bad_device() as machine:
        yield machine


@pytest.fixture
def host(own_mosquitto: Mosquitto) -> Iterator[PahoHost]:
    with paho_host(own_mosquitto.port) as listening:
        yield listening


@pytest.fixture
def plant(device: BadDevice) -> Plant:
    return plant_of({"signals": SIGNALS}, units_at(device.port, 1, 2))


def bd_seqs(host: PahoHost, kind: str) -> list[int]:
    return [
        metric.long_value
        for message in host.of(kind)
        for metric in message.payload.metrics
        if metric.name == BD_SEQ
    ]


def metrics_of(message: Any) -> dict[str, Any]:  # noqa: ANN401 - a protobuf message
    return {metric.name: metric for metric in message.payload.metrics}


async def test_births_declare_everything_with_name_alias_and_type(
    own_mosquitto: Mosquitto, host: PahoHost, plant: Plant, tmp_path: Path
) -> None:
    async with running_agent(settings_for(own_mosquitto.port, tmp_path), plant):
        await until(lambda: len(host.of("DBIRTH")) == 2)
    node, first, second = host.of("NBIRTH")[0], *host.of("DBIRTH")[:2]
    assert (node.payload.seq, first.payload.seq, second.payload.seq) == (0, 1, 2) or node.payload.seq == 0
    assert all(message.qos == 0 and not message.retain for message in (node, first, second))
    declared = metrics_of(node)
    assert {BD_SEQ, REBIRTH, ACKNOWLEDGED, "Vitals/spool_batches"} <= set(declared)
    assert not declared[REBIRTH].HasField("alias")
    assert declared[REBIRTH].boolean_value is False
    assert declared[ACKNOWLEDGED].is_null
    for message in (first, second):
        device_metrics = metrics_of(message)
        assert set(device_metrics) == {"r_0", "r_1", "Read/process"}
        assert all(metric.HasField("alias") and metric.datatype for metric in device_metrics.values())
        assert all(metric.HasField("timestamp") for metric in device_metrics.values())
    aliases = [metric.alias for each in (node, first, second) for metric in each.payload.metrics
               if metric.HasField("alias")]  # fmt: skip
    assert len(aliases) == len(set(aliases))


async def test_data_goes_by_alias_alone_and_the_sequence_has_no_gap(
    own_mosquitto: Mosquitto, host: PahoHost, plant: Plant, device: BadDevice, tmp_path: Path
) -> None:
    async with running_agent(settings_for(own_mosquitto.port, tmp_path), plant):
        for base in range(5):
            device.base = base * 10
            await until(lambda: device.base in host.values("unit-1", "r_0"))
        await until(lambda: host.of("NDATA"))
    messages = host.of("NBIRTH", "DBIRTH", "NDATA", "DDATA", "DDEATH")
    assert [message.payload.seq for message in messages] == [index % 256 for index in range(len(messages))]
    for message in host.of("NDATA", "DDATA"):
        assert not any(metric.name or metric.datatype for metric in message.payload.metrics)
    assert host.values("unit-1", "r_1")[-1] == 41


async def test_nothing_is_born_before_the_primary_host_is_there(
    own_mosquitto: Mosquitto, plant: Plant, tmp_path: Path
) -> None:
    with paho_host(own_mosquitto.port, online=False) as host:
        async with running_agent(settings_for(own_mosquitto.port, tmp_path), plant) as agent:
            await until(lambda: agent.vitals.values()["uplink_sessions_total"] == 1)
            await asyncio.sleep(0.3)
            assert host.seen == []
            host.say(online=True)
            await until(lambda: host.of("DBIRTH"))
            # What was read meanwhile was kept, and is not passed off as the present.
            await until(lambda: any(message.historical for message in host.of("DDATA") if message.number))


async def test_a_host_that_goes_ends_the_session_and_a_late_will_does_not(
    own_mosquitto: Mosquitto, host: PahoHost, plant: Plant, tmp_path: Path
) -> None:
    async with running_agent(settings_for(own_mosquitto.port, tmp_path), plant) as agent:
        await until(lambda: host.of("DBIRTH"))
        host.say(online=False, timestamp=1000)
        await asyncio.sleep(0.3)
        assert host.of("NDEATH") == []
        host.say(online=False)
        await until(lambda: host.of("NDEATH"))
        await until(lambda: agent.vitals.values()["uplink_sessions_total"] == 2)
        await asyncio.sleep(0.3)
        assert len(host.of("NBIRTH")) == 1
        host.say(online=True)
        await until(lambda: len(host.of("NBIRTH")) == 2)
    assert bd_seqs(host, "NBIRTH") == [0, 1]
    await until(lambda: bd_seqs(host, "NDEATH") == [0, 1])


async def test_a_rebirth_keeps_the_session_number_and_begins_the_sequence_anew(
    own_mosquitto: Mosquitto, host: PahoHost, plant: Plant, tmp_path: Path
) -> None:
    async with running_agent(settings_for(own_mosquitto.port, tmp_path), plant):
        await until(lambda: len(host.of("DBIRTH")) == 2)
        for _ in range(5):
            host.ask_rebirth()
        await until(lambda: len(host.of("NBIRTH")) == 2)
        await asyncio.sleep(0.3)
        assert len(host.of("NBIRTH")) == 2  # five requests at once do not make five births
    assert bd_seqs(host, "NBIRTH")[:2] == [0, 0]
    assert [message.payload.seq for message in host.of("NBIRTH")][:2] == [0, 0]


async def test_a_command_to_a_machine_is_refused_and_reaches_no_machine(
    own_mosquitto: Mosquitto, host: PahoHost, plant: Plant, device: BadDevice, tmp_path: Path
) -> None:
    async with running_agent(settings_for(own_mosquitto.port, tmp_path), plant) as agent:
        await until(lambda: host.of("DBIRTH"))
        host.command(MetricDef("r_0", DataType.UINT16), 7, device="unit-1")
        host.command(MetricDef("Node Control/Reboot", DataType.BOOLEAN), value=True)
        await until(lambda: agent.vitals.values()["commands_rejected_total"] == 2)
    assert {request.function for request in device.requests} == {3}


async def test_a_lost_station_says_so_dies_and_is_born_again(
    own_mosquitto: Mosquitto, host: PahoHost, plant: Plant, device: BadDevice, tmp_path: Path
) -> None:
    async with running_agent(settings_for(own_mosquitto.port, tmp_path), plant):
        await until(lambda: len(host.of("DBIRTH")) == 2)
        device.misbehave[1] = is_silent
        await until(lambda: host.of("DDEATH"))
        device.misbehave.clear()
        await until(lambda: len([m for m in host.of("DBIRTH") if m.device == "unit-1"]) >= 2, within_s=15)
    mine = [message for message in host.seen if message.device == "unit-1"]
    death = next(index for index, message in enumerate(mine) if message.kind == "DDEATH")
    assert host.values("unit-1", "r_0")[:2] == [0, None]
    stale = [
        message
        for message in mine[:death]
        if message.number and any(m.is_null for m in message.payload.metrics)
    ]
    assert len(stale) == 1
    assert [value.int_value for metric in stale[0].payload.metrics for value in metric.properties.values] == [
        500,
        500,
    ]
    assert not [message for message in host.of("DDEATH") if message.device == "unit-2"]


async def test_a_killed_agent_is_declared_dead_by_the_broker_and_counts_on(
    own_mosquitto: Mosquitto, host: PahoHost, plant: Plant, tmp_path: Path
) -> None:
    settings = settings_for(own_mosquitto.port, tmp_path)
    with agent_process(settings, plant, tmp_path) as process:
        await until(lambda: host.of("DBIRTH"), within_s=20)
        await asyncio.to_thread(process.kill)
        await until(lambda: host.of("NDEATH"))
    assert bd_seqs(host, "NDEATH") == bd_seqs(host, "NBIRTH") == [0]
    async with running_agent(settings, plant):
        await until(lambda: len(host.of("NBIRTH")) == 2)
    assert bd_seqs(host, "NBIRTH") == [0, 1]
