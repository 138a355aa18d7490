"""One Modbus connection: what it answers, and how it ends."""

from __future__ import annotations

import asyncio

import pytest
from pymodbus.pdu.register_message import ReadHoldingRegistersResponse

from edge_agent.exceptions import BusyError, LinkLostError, NoReplyError, RefusedError
from edge_agent.sources.modbus_link import ModbusLink
from edge_agent.sources.read_plan import Extent, ReadRequest
from plant.model import Table
from tests.integration.edge_agent.bad_device import bad_device, drops, is_silent, raises
from tests.integration.edge_agent.reading import until
from tests.support.ports import HOST, free_port

REQUEST = ReadRequest("process", Table.HOLDING, 7, 3, (Extent(7, 10),))


async def test_registers_come_back_in_order() -> None:
    async with bad_device() as device:
        link = ModbusLink(HOST, device.port, 1.0)
        await link.connect()
        assert (await link.read(1, REQUEST, 1.0)).tolist() == [7, 8, 9]
        link.close()


@pytest.mark.parametrize(
    ("code", "error"),
    [(1, RefusedError), (2, RefusedError), (3, RefusedError), (4, BusyError), (5, BusyError), (6, BusyError),
     (8, BusyError), (10, NoReplyError), (11, NoReplyError), (99, BusyError)],
)  # fmt: skip
async def test_each_exception_says_what_can_be_done(code: int, error: type[Exception]) -> None:
    async with bad_device() as device:
        device.misbehave[1] = raises(code)
        link = ModbusLink(HOST, device.port, 1.0)
        await link.connect()
        with pytest.raises(error, match=f"unit 1, holding 7 to 9: exception {code}"):
            await link.read(1, REQUEST, 1.0)
        assert link.is_connected
        link.close()


async def test_silence_ends_with_the_units_own_timeout() -> None:
    async with bad_device() as device:
        device.misbehave[1] = is_silent
        link = ModbusLink(HOST, device.port, 1.0)
        await link.connect()
        with pytest.raises(NoReplyError, match=r"no reply within 0\.05 s"):
            await link.read(1, REQUEST, 0.05)
        assert (await link.read(2, REQUEST, 1.0)).tolist() == [7, 8, 9]
        link.close()


async def test_a_connection_that_is_closed_under_a_request_is_noticed_at_once() -> None:
    async with bad_device() as device:
        device.misbehave[1] = drops
        link = ModbusLink(HOST, device.port, 1.0)
        await link.connect()
        async with asyncio.timeout(10):
            with pytest.raises(LinkLostError):
                await link.read(1, REQUEST, 60.0)
        link.close()


async def test_nobody_there_is_said_in_words() -> None:
    link = ModbusLink(HOST, free_port(), 1.0)
    with pytest.raises(LinkLostError, match="does not accept a connection"):
        await link.connect()


@pytest.mark.parametrize("turns", range(3))
async def test_a_cancellation_in_the_moment_of_the_reply_is_not_lost(turns: int) -> None:
    async with bad_device() as device:
        device.misbehave[1] = is_silent
        link = ModbusLink(HOST, device.port, 1.0)
        await link.connect()
        reading = asyncio.create_task(link.read(1, REQUEST, 5.0))
        await until(lambda: device.requests)
        reply = ReadHoldingRegistersResponse(registers=[7, 8, 9])
        reply.dev_id = 1
        link._client.ctx.response_future.set_result(reply)
        for _ in range(turns):
            await asyncio.sleep(0)
        in_time = reading.cancel()
        await asyncio.wait({reading})
        assert reading.cancelled() is in_time
        link.close()
