"""Devices that misbehave: what they do to themselves, and that they do nothing to their neighbours."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from plant.model import Plant
from telemetry.quality import Quality
from tests.integration.edge_agent.bad_device import (
    BadDevice,
    Misbehave,
    answers_another_function,
    answers_garbage,
    answers_late_and_wrongly,
    answers_too_little,
    bad_device,
    cuts_frames_short,
    drops,
    has_not,
    is_silent,
    raises,
)
from tests.integration.edge_agent.reading import Watched, plant_of, polling, units_at, until

SIGNALS = [{"name": f"r_{address}", "modbus": {"address": address}} for address in range(100, 140)]


def machines(port: int, *units: int, **profile: Any) -> Plant:  # noqa: ANN401 - parts of a profile
    return plant_of({"signals": SIGNALS, **profile}, units_at(port, *units))


def polls_of(device: BadDevice, unit: int) -> int:
    return sum(request.unit == unit for request in device.requests)


def is_stale(station: Watched) -> bool:
    samples = [station.last(signal["name"]) for signal in SIGNALS]  # type: ignore[arg-type]
    return all(sample is not None and sample.quality is Quality.STALE and sample.value is None
               for sample in samples)  # fmt: skip


async def goes_on(device: BadDevice, unit: int) -> None:
    """Return once the unit has been polled five more times."""
    target = polls_of(device, unit) + 5
    await until(lambda: polls_of(device, unit) >= target)


@pytest.mark.parametrize(
    "misbehaviour",
    [is_silent, answers_garbage, cuts_frames_short, answers_too_little, answers_another_function, drops,
     raises(10), raises(11)],
)  # fmt: skip
async def test_a_unit_that_does_not_answer_is_stale_and_its_neighbour_goes_on(
    misbehaviour: Misbehave,
) -> None:
    async with bad_device() as device, polling(machines(device.port, 1, 2)) as (stations, _):
        dead, alive = stations["unit-1"], stations["unit-2"]
        await until(lambda: dead.state.connected and alive.state.connected)
        device.misbehave[1] = misbehaviour
        await until(lambda: not dead.state.connected)
        assert is_stale(dead)
        await goes_on(device, 2)
        assert alive.state.connected
        assert not any(sample.quality is not Quality.GOOD for sample in alive.samples)
        device.misbehave.clear()
        await until(lambda: dead.state.connected, within_s=15)
        sample = dead.last("r_100")
        assert sample is not None
        assert (sample.value, sample.quality) == (100, Quality.GOOD)


async def test_a_dead_unit_costs_its_neighbours_one_timeout_per_probe() -> None:
    async with bad_device() as device, polling(machines(device.port, 1, 2)) as (stations, _):
        device.misbehave[1] = is_silent
        await until(lambda: stations["unit-2"].state.connected)
        await asyncio.sleep(2.0)
        assert polls_of(device, 1) <= 2 + 3  # two to notice, then one a second at most
        assert polls_of(device, 2) >= 8


async def test_late_replies_are_never_taken_for_the_next_ones() -> None:
    async with bad_device() as device, polling(machines(device.port, 1)) as (stations, _):
        station = stations["unit-1"]
        await until(lambda: station.state.connected)
        device.misbehave[1] = answers_late_and_wrongly(0.25, every=3)
        await goes_on(device, 1)
        await goes_on(device, 1)
        station.collect()
        assert not [sample for sample in station.samples if sample.value == 6666]
        assert station.state.connected


@pytest.mark.parametrize("missing", [(100,), (139,), (117,), (103, 104, 131)])
async def test_refused_registers_are_isolated_and_the_rest_is_read(missing: tuple[int, ...]) -> None:
    async with bad_device() as device:
        device.misbehave[1] = has_not(*missing)
        async with polling(machines(device.port, 1)) as (stations, vitals):
            station = stations["unit-1"]
            await until(lambda: vitals.values()["modbus_isolated"] == len(missing))
            for address in range(100, 140):
                sample = station.last(f"r_{address}")
                assert sample is not None
                expected = (None, Quality.BAD) if address in missing else (address, Quality.GOOD)
                assert (sample.value, sample.quality) == expected
            before = len(device.requests)
            await goes_on(device, 1)
            asked = device.requests[before:]
            assert not any(
                request.address <= address < request.address + request.count
                for request in asked
                for address in missing
            )


async def test_a_hole_between_signals_is_avoided_without_a_bad_signal() -> None:
    signals = [{"name": f"r_{address}", "modbus": {"address": address}} for address in (100, 101, 106, 107)]
    async with bad_device() as device:
        device.misbehave[1] = has_not(103)
        async with polling(machines(device.port, 1, signals=signals)) as (stations, vitals):
            station = stations["unit-1"]
            await until(lambda: station.last("r_107"))
            station.collect()
            assert {sample.quality for sample in station.samples} == {Quality.GOOD}
            assert vitals.values()["modbus_isolated"] == 0
            assert station.state.reads()  # the class counts as read although the hole was not


async def test_a_device_that_refuses_everything_does_not_stop_its_neighbour() -> None:
    async with bad_device() as device:
        device.misbehave[1] = raises(1)
        async with polling(machines(device.port, 1, 2)) as (stations, vitals):
            await until(lambda: vitals.values()["modbus_isolated"] == len(SIGNALS))
            assert stations["unit-2"].state.connected


@pytest.mark.parametrize("code", [4, 5, 6])
async def test_a_busy_block_becomes_stale_and_comes_back(code: int) -> None:
    signals = [*SIGNALS, {"name": "other", "modbus": {"address": 500}}]
    async with bad_device() as device, polling(machines(device.port, 1, signals=signals)) as (stations, _):
        station = stations["unit-1"]
        await until(lambda: station.last("other"))
        device.misbehave[1] = raises(code, only=lambda request: request.address == 100)
        await until(lambda: is_stale(station))
        assert station.state.connected
        other = station.last("other")
        assert other is not None
        assert other.quality is Quality.GOOD
        device.misbehave.clear()
        await until(lambda: not is_stale(station), within_s=15)


async def test_a_block_that_is_never_answered_does_not_kill_its_unit() -> None:
    signals = [*SIGNALS, {"name": "other", "modbus": {"address": 500}}]

    def silent_block(_device: BadDevice, request: Any, _writer: Any) -> bool:  # noqa: ANN401
        return bool(request.address == 100)

    async with bad_device() as device, polling(machines(device.port, 1, signals=signals)) as (stations, _):
        station = stations["unit-1"]
        await until(lambda: station.last("other"))
        device.misbehave[1] = silent_block
        await until(lambda: is_stale(station))
        assert station.state.connected
        await goes_on(device, 1)
        other = station.last("other")
        assert other is not None
        assert other.quality is Quality.GOOD


async def test_a_device_that_accepts_and_drops_is_not_hammered() -> None:
    async with bad_device() as device:
        device.misbehave[1] = drops
        async with polling(machines(device.port, 1)):
            await asyncio.sleep(2.0)
        assert 2 <= device.connections <= 5


async def test_a_device_that_is_not_there_is_stale_and_found_when_it_comes() -> None:
    async with bad_device() as device:
        port = device.port
        async with polling(machines(port, 1, 2)) as (stations, _):
            await until(lambda: all(each.state.connected for each in stations.values()))
    async with polling(machines(port, 1, 2)) as (stations, vitals):
        await asyncio.sleep(0.5)
        assert vitals.values()["modbus_connects_total"] == 0
        async with bad_device(port):
            await until(lambda: all(each.state.connected for each in stations.values()))


async def test_a_connection_that_is_cut_is_made_again_without_a_death() -> None:
    async with bad_device() as device, polling(machines(device.port, 1)) as (stations, vitals):
        station = stations["unit-1"]
        await until(lambda: station.state.connected)
        device.hang_up()
        await until(lambda: vitals.values()["modbus_connects_total"] == 2)
        await goes_on(device, 1)
        station.collect()
        assert {sample.quality for sample in station.samples} == {Quality.GOOD}


async def test_only_reading_functions_ever_reach_the_wire() -> None:
    tables = [
        {"name": table, "modbus": {"table": table, "address": 3, "encoding": encoding}}
        for table, encoding in [
            ("coil", "bool"),
            ("discrete", "bool"),
            ("input", "uint16"),
            ("holding", "uint16"),
        ]
    ]
    async with bad_device() as device, polling(machines(device.port, 1, signals=tables)):
        await until(lambda: {request.function for request in device.requests} == {1, 2, 3, 4})
