"""Nothing lost and nothing twice, whoever fails between the machine and the host."""

from __future__ import annotations

import asyncio
import struct
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from edge_agent.app import EdgeAgent
from plant.model import Plant
from tests.integration.edge_agent.bad_device import BadDevice, Request, bad_device
from tests.integration.edge_agent.paho_host import PahoHost, paho_host
from tests.integration.edge_agent.reading import plant_of, units_at, until
from tests.integration.edge_agent.running_agent import agent_process, running_agent, settings_for
from tests.support.mosquitto import Mosquitto

SLOTS, STRIDE, FIRST_SLOT = 64, 6, 100
RING = {
    "kind": "cell", "poll": "process", "head": 10, "first_slot": FIRST_SLOT, "slots": SLOTS, "stride": STRIDE,
    "key_field": "serial", "fields": [{"name": "serial", "at": 2, "encoding": "uint32"}],
}  # fmt: skip


class CellMachine:
    """A machine that makes cells into a ring, and a counter that follows."""

    def __init__(self, device: BadDevice) -> None:
        self.port = device.port
        self.made = 0
        self._memory: dict[int, int] = defaultdict(int)
        device.misbehave[1] = self._answer

    def make(self) -> None:
        self.made += 1
        slot = FIRST_SLOT + (self.made - 1) % SLOTS * STRIDE
        self._memory.update({
            slot: self.made >> 16, slot + 1: self.made & 0xFFFF,
            slot + 3: 1000 + self.made, 10: self.made >> 16, 11: self.made & 0xFFFF, 0: self.made,
        })  # fmt: skip

    def _answer(self, _device: BadDevice, request: Request, writer: asyncio.StreamWriter) -> bool:
        words = [self._memory[request.address + index] for index in range(request.count)]
        pdu = struct.pack(f">BB{len(words)}H", request.function, 2 * len(words), *words)
        writer.write(struct.pack(">HHHB", request.transaction, 0, 1 + len(pdu), request.unit) + pdu)
        return True


@pytest.fixture
async def machine() -> AsyncIterator[CellMachine]:
    async with bad_device() as device:
        yield CellMachine(device)


@pytest.fixture
def plant(machine: CellMachine) -> Plant:
    signals = [{"name": "good_count", "modbus": {"address": 0}}]
    return plant_of({"signals": signals, "result_rings": [RING]}, units_at(machine.port, 1))


def cells(host: PahoHost) -> dict[str, set[str]]:
    """Return the batches in which each cell came; a batch may come twice, a cell in two batches never."""
    found: dict[str, set[str]] = defaultdict(set)
    for message in host.of("DDATA"):
        for metric in message.payload.metrics:
            for row in metric.dataset_value.rows:
                found[row.elements[2].string_value].add(message.payload.uuid)
    return found


def expected(machine: CellMachine) -> list[str]:
    return [str(1000 + number) for number in range(1, machine.made + 1)]


async def make_for(machine: CellMachine, count: int) -> None:
    for _ in range(count):
        machine.make()
        await asyncio.sleep(0.03)


async def until_all_arrived(machine: CellMachine, host: PahoHost) -> None:
    await until(lambda: sorted(cells(host)) == expected(machine), within_s=20)
    assert {len(batches) for batches in cells(host).values()} == {1}


def kept(agent: EdgeAgent) -> float:
    return agent.vitals.values()["spool_batches"]


async def test_what_is_acknowledged_is_deleted_and_nothing_else(
    own_mosquitto: Mosquitto, machine: CellMachine, plant: Plant, tmp_path: Path
) -> None:
    with paho_host(own_mosquitto.port) as host:
        host.acknowledges = False
        async with running_agent(settings_for(own_mosquitto.port, tmp_path), plant) as agent:
            await make_for(machine, 10)
            await until_all_arrived(machine, host)
            await until(lambda: kept(agent) > 0)
            first = [message for message in host.of("DDATA") if message.number]
            assert not all(message.historical for message in first)
            await until(lambda: agent.vitals.values()["resent_total"] >= kept(agent))
            again = [message for message in host.of("DDATA") if message.number][len(first) :]
            assert all(message.historical for message in again)
            host.acknowledges = True
            await until(lambda: kept(agent) == 0)
            sent = len([message for message in host.of("DDATA") if message.number])
            await asyncio.sleep(1.5)
            assert len([message for message in host.of("DDATA") if message.number]) == sent


async def test_a_broker_that_is_down_for_a_while_costs_nothing(
    own_mosquitto: Mosquitto, machine: CellMachine, plant: Plant, tmp_path: Path
) -> None:
    with paho_host(own_mosquitto.port) as host:
        async with running_agent(settings_for(own_mosquitto.port, tmp_path), plant):
            await make_for(machine, 10)
            await until_all_arrived(machine, host)
            await asyncio.to_thread(own_mosquitto.kill)
            await make_for(machine, 40)
            before = len(host.seen)
            await asyncio.to_thread(own_mosquitto.start)
            await until(host.client.is_connected, within_s=20)
            host.say(online=True)
            await until_all_arrived(machine, host)
            backlog = [message for message in host.seen[before:] if message.number and message.historical]
            numbers = [message.number for message in backlog]
            assert len(backlog) > 5
            assert numbers == sorted(numbers, key=lambda number: number or 0)


async def test_an_agent_killed_again_and_again_reports_each_cell_once(
    own_mosquitto: Mosquitto, machine: CellMachine, plant: Plant, tmp_path: Path
) -> None:
    settings = settings_for(own_mosquitto.port, tmp_path)
    with paho_host(own_mosquitto.port) as host:
        for moment_s in (0.0, 0.05, 0.15):
            with agent_process(settings, plant, tmp_path) as process:
                await make_for(machine, 5)
                await until(lambda: len(cells(host)) == machine.made, within_s=30)
                await make_for(machine, 5)
                await asyncio.sleep(moment_s)
                await asyncio.to_thread(process.kill)
            await make_for(machine, 5)
        async with running_agent(settings, plant):
            await until_all_arrived(machine, host)


async def test_a_host_that_never_acknowledges_is_served_by_the_primary_host_rules(
    own_mosquitto: Mosquitto, machine: CellMachine, plant: Plant, tmp_path: Path
) -> None:
    with paho_host(own_mosquitto.port) as host:
        host.acknowledges = False
        settings = settings_for(own_mosquitto.port, tmp_path, acknowledged=False)
        async with running_agent(settings, plant) as agent:
            await make_for(machine, 10)
            await until_all_arrived(machine, host)
            host.say(online=False)
            await until(lambda: host.of("NDEATH"))
            await make_for(machine, 10)
            await until(lambda: kept(agent) > 0)
            host.say(online=True)
            await until_all_arrived(machine, host)
            await until(lambda: kept(agent) == 0)


async def test_batches_of_a_station_that_is_no_longer_described_are_still_delivered(
    own_mosquitto: Mosquitto, machine: CellMachine, plant: Plant, tmp_path: Path
) -> None:
    settings = settings_for(own_mosquitto.port, tmp_path)
    with paho_host(own_mosquitto.port, online=False) as host:
        async with running_agent(settings, plant) as agent:
            await make_for(machine, 10)
            await until(lambda: kept(agent) > 0)
        other: dict[str, Any] = {"signals": [{"name": "speed", "modbus": {"address": 0}}]}
        changed = plant_of(other, [{**units_at(machine.port, 1)[0], "station": "another"}])
        host.say(online=True)
        async with running_agent(settings, changed) as agent:
            await until(lambda: len(cells(host)) == 10)
            await until(lambda: agent.vitals.values()["acknowledged_total"] >= 2)
            await until(lambda: [message for message in host.of("DDEATH") if message.device == "unit-1"])
