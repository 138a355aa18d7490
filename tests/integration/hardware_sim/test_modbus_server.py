"""Independent clients read the simulated PLCs; nobody writes to them."""

from __future__ import annotations

import asyncio
import re
import struct

import numpy as np
import pytest
from pymodbus.client import AsyncModbusTcpClient

from hardware_sim.exceptions import PortUnavailableError
from hardware_sim.servers.modbus import LinkFault, ModbusPort
from plant.model import Encoding, Plant, StationPath
from plant.packml import PackmlState
from telemetry.registers import decode_numbers
from tests.integration.hardware_sim.conftest import Start
from tests.support.parts import program

COATER = StationPath("acc-douvrin", "electrode", "electrode-1", "coater-1")
CALENDER = COATER._replace(station="calender-1")
FORMATION = StationPath("acc-douvrin", "finishing", "finishing-1", "formation-1")


def port_of(plant: Plant, path: StationPath) -> int:
    for placed in plant.stations():
        if placed.path == path and placed.station.modbus is not None:
            return placed.station.modbus.port
    raise KeyError(path)


async def client_of(plant: Plant, path: StationPath, timeout_s: float = 3.0) -> AsyncModbusTcpClient:
    client = AsyncModbusTcpClient("127.0.0.1", port=port_of(plant, path), timeout=timeout_s, retries=0)
    assert await client.connect()
    return client


async def mbpoll(*arguments: str) -> str:
    process = await asyncio.create_subprocess_exec(
        program("mbpoll"),
        "-m",
        "tcp",
        "-1",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return output.decode()


async def test_mbpoll_reads_a_float_and_an_integer(plant: Plant, start: Start) -> None:
    async with start():
        port = str(port_of(plant, COATER))
        speed = await mbpoll("-a", "1", "-p", port, "-t", "3:float", "-r", "1", "127.0.0.1")
        state = await mbpoll("-a", "1", "-p", port, "-t", "4", "-r", "1", "127.0.0.1")
    found = re.search(r"\[1\]:\s+([\d.]+)", speed)
    assert found is not None, speed
    assert float(found.group(1)) == pytest.approx(35, abs=1)
    assert re.search(rf"\[1\]:\s+{int(PackmlState.EXECUTE)}\s", state), state


async def test_block_of_the_greatest_size_is_read_at_once(plant: Plant, start: Start) -> None:
    async with start():
        client = await client_of(plant, FORMATION)
        answer = await client.read_input_registers(128, count=124, device_id=1)
        client.close()
    order = plant.profiles["formation-tower"].modbus.word_order
    volts = decode_numbers(np.array(answer.registers, dtype=np.uint16), Encoding.FLOAT32, order)
    assert len(volts) == 62
    assert all(2.0 < volt < 4.3 for volt in volts)


async def test_bits_are_read(plant: Plant, start: Start) -> None:
    async with start():
        client = await client_of(plant, CALENDER)
        answer = await client.read_discrete_inputs(0, count=2, device_id=1)
        client.close()
    assert not answer.isError()
    assert answer.bits[:2] == [True, True]


async def test_register_nobody_described_is_an_illegal_address(plant: Plant, start: Start) -> None:
    async with start():
        client = await client_of(plant, COATER)
        answer = await client.read_holding_registers(9000, count=1, device_id=1)
        client.close()
    assert answer.exception_code == 2


async def test_too_long_a_request_for_this_device_is_refused(plant: Plant, start: Start) -> None:
    async with start():
        client = await client_of(plant, CALENDER)
        answer = await client.read_holding_registers(100, count=61, device_id=1)
        client.close()
    assert answer.exception_code == 3


async def test_every_write_is_refused_and_changes_nothing(plant: Plant, start: Start) -> None:
    async with start():
        client = await client_of(plant, COATER)
        before = await client.read_holding_registers(1, count=1, device_id=1)
        answers = [
            await client.write_register(1, 7, device_id=1),
            await client.write_registers(1, [7], device_id=1),
            await client.write_coil(0, value=True, device_id=1),
            await client.write_coils(0, [True], device_id=1),
            await client.mask_write_register(address=1, device_id=1),
            await client.readwrite_registers(
                read_address=1, read_count=1, address=1, values=[7], device_id=1
            ),
        ]
        after = await client.read_holding_registers(1, count=1, device_id=1)
        client.close()
    assert [answer.exception_code for answer in answers] == [1] * 6
    assert after.registers == before.registers


async def test_unit_behind_the_port_that_is_not_there_is_reported_by_the_gateway(
    plant: Plant, start: Start
) -> None:
    async with start():
        client = await client_of(plant, COATER)
        answer = await client.read_holding_registers(0, count=1, device_id=77)
        client.close()
    assert answer.exception_code == 11


async def test_requests_that_arrive_together_and_in_halves_are_all_answered(
    plant: Plant, start: Start
) -> None:
    def request(number: int) -> bytes:
        return struct.pack(">HHHBBHH", number, 0, 6, 1, 3, 0, 2)

    async with start():
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(plant, COATER))
        writer.write(request(1) + request(2) + request(3)[:5])
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(request(3)[5:])
        async with asyncio.timeout(5):
            answers = [await reader.readexactly(13) for _ in range(3)]
        writer.close()
        await writer.wait_closed()
    assert [struct.unpack(">H", answer[:2])[0] for answer in answers] == [1, 2, 3]


async def test_dead_unit_does_not_silence_the_other_behind_its_port(plant: Plant, start: Start) -> None:
    async with start() as simulator:
        simulator.units[CALENDER].fault = LinkFault.DEAD
        client = await client_of(plant, CALENDER)
        slitter = await client.read_holding_registers(0, count=1, device_id=2)
        with pytest.raises(Exception, match="No response"):
            await asyncio.wait_for(_read_or_raise(plant), 5)
        simulator.units[CALENDER].fault = LinkFault.NONE
        back = await client.read_holding_registers(100, count=1, device_id=1)
        client.close()
    assert not slitter.isError()
    assert not back.isError()


async def _read_or_raise(plant: Plant) -> None:
    client = await client_of(plant, CALENDER, timeout_s=0.3)
    try:
        await client.read_holding_registers(100, count=1, device_id=1)
    finally:
        client.close()


async def test_late_answer_carries_the_number_of_its_own_request(plant: Plant, start: Start) -> None:
    async with start() as simulator:
        unit = simulator.units[COATER]
        unit.fault, unit.delay_s = LinkFault.SLOW, 0.3
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(plant, COATER))
        writer.write(struct.pack(">HHHBBHH", 41, 0, 6, 1, 3, 0, 1))
        await asyncio.sleep(0.1)
        unit.fault = LinkFault.NONE
        writer.write(struct.pack(">HHHBBHH", 42, 0, 6, 1, 3, 0, 2))
        async with asyncio.timeout(5):
            first, second = await reader.readexactly(13), await reader.readexactly(11)
        writer.close()
        await writer.wait_closed()
    assert struct.unpack(">H", first[:2])[0] == 42
    assert struct.unpack(">H", second[:2])[0] == 41


async def test_plc_without_power_refuses_and_comes_back(plant: Plant, start: Start) -> None:
    async with start() as simulator:
        port = simulator.servers["127.0.0.1", port_of(plant, COATER)]
        client = await client_of(plant, COATER)
        await port.stop()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port.port)
        client.close()
        await port.start()
        again = await client_of(plant, COATER)
        answer = await again.read_holding_registers(0, count=1, device_id=1)
        again.close()
    assert not answer.isError()


async def test_failing_plc_answers_device_failure(plant: Plant, start: Start) -> None:
    async with start() as simulator:
        simulator.units[COATER].fault = LinkFault.EXCEPTION
        client = await client_of(plant, COATER)
        answer = await client.read_holding_registers(0, count=1, device_id=1)
        client.close()
    assert answer.exception_code == 4


async def test_taken_port_is_named_with_its_station(plant: Plant, start: Start) -> None:
    port = port_of(plant, COATER)
    blocker = ModbusPort("127.0.0.1", port)
    await blocker.start()
    try:
        with pytest.raises(PortUnavailableError, match=f"127.0.0.1:{port} for station {COATER}"):
            async with start():
                pass
    finally:
        await blocker.stop()
