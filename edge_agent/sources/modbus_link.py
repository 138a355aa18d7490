"""One Modbus TCP connection: the only place that knows the Modbus library. It can only read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import numpy as np
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from edge_agent.exceptions import BusyError, LinkLostError, NoReplyError, RefusedError
from edge_agent.sources.read_plan import ReadRequest
from plant.model import Table
from telemetry.registers import Words

EXCEPTIONS = {
    1: "illegal function",
    2: "illegal data address",
    3: "illegal data value",
    4: "server device failure",
    5: "acknowledge, still processing",
    6: "server device busy",
    8: "memory parity error",
    10: "gateway path unavailable",
    11: "gateway target failed to respond",
}
_REFUSALS = {1, 2, 3}
_GATEWAY_SILENCES = {10, 11}
_FUNCTION_CODES = {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}
_BUFFER_BYTES = 8192
"""The library keeps one frame and would throw away a reply that comes together with a late one."""
_LIBRARY_TIMEOUT_S = 3600.0
"""Timeouts are ours, because each unit has its own."""


class ModbusLink:
    """Connects, reads, closes; never writes and never retries."""

    def __init__(self, host: str, port: int, connect_timeout_s: float) -> None:
        self.name = f"{host}:{port}"
        self._host, self._port = host, port
        self._connect_timeout_s = connect_timeout_s
        self._client = self._new_client()
        self._reading = False

    @property
    def is_connected(self) -> bool:
        """Return whether requests can be sent."""
        return self._client.connected

    async def connect(self) -> None:
        """Connect, unless connected.

        Raises:
            LinkLostError: nothing accepts the connection.
        """
        if self._client.connected:
            return
        # A used client could be closed late by what is left of its last connection.
        self._client = self._new_client()
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                connected = await self._client.connect()
        except (TimeoutError, OSError) as error:
            self.close()
            raise LinkLostError(f"{self.name} does not accept a connection: {error or 'timeout'}") from error
        _raise_if_cancelled()
        if not connected:
            self.close()
            raise LinkLostError(f"{self.name} does not accept a connection")

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    async def read(self, unit: int, request: ReadRequest, timeout_s: float) -> Words:
        """Return the registers, or bits as words of 0 and 1, that the request asks for.

        Raises:
            RefusedError: the device answers that it never will.
            BusyError: the device or its gateway cannot answer now.
            NoReplyError: no reply in time, or one that does not fit the request.
            LinkLostError: the connection broke, or cannot be trusted any more.
        """
        self._reading = True
        try:
            async with asyncio.timeout(timeout_s):
                reply = await self._function(request.table)(request.address, request.count, unit)
        except TimeoutError:
            raise self._silence(unit, request, timeout_s) from None
        except (ModbusException, OSError) as error:
            raise LinkLostError(f"{self.name} closed the connection: {error}") from error
        finally:
            self._reading = False
        _raise_if_cancelled()
        return _words(reply, f"{self.name} unit {unit}, {_described(request)}", request)

    def _function(self, table: Table) -> Callable[[int, int, int], Awaitable[ModbusPDU]]:
        client = self._client
        match table:
            case Table.COIL:
                return lambda address, count, unit: client.read_coils(address, count=count, device_id=unit)
            case Table.DISCRETE:
                return lambda address, count, unit: client.read_discrete_inputs(
                    address, count=count, device_id=unit
                )
            case Table.HOLDING:
                return lambda address, count, unit: client.read_holding_registers(
                    address, count=count, device_id=unit
                )
            case Table.INPUT:
                return lambda address, count, unit: client.read_input_registers(
                    address, count=count, device_id=unit
                )

    def _silence(self, unit: int, request: ReadRequest, timeout_s: float) -> NoReplyError | LinkLostError:
        what = f"{self.name} unit {unit}, {_described(request)}"
        if self._client.ctx.recv_buffer:
            # The rest of the frame may come at any time and would be taken for the next one's start.
            self.close()
            return LinkLostError(f"{what}: an incomplete or unreadable frame")
        return NoReplyError(f"{what}: no reply within {timeout_s:g} s")

    def _new_client(self) -> AsyncModbusTcpClient:
        def connection_changed(connected: bool) -> None:  # noqa: FBT001 - the library's callback
            """Let a read that waits fail at once, instead of after its timeout."""
            waiting = client.ctx.response_future
            if not connected and self._reading and client is self._client and not waiting.done():
                waiting.set_exception(ConnectionResetError("by the other side"))

        client = AsyncModbusTcpClient(
            self._host,
            port=self._port,
            timeout=_LIBRARY_TIMEOUT_S,
            retries=0,
            reconnect_delay=0,
            trace_connect=connection_changed,
        )
        client.ctx.max_buffer_size = _BUFFER_BYTES
        return client


def _raise_if_cancelled() -> None:
    """Raise what the library swallowed.

    It waits with `asyncio.wait_for`, which up to Python 3.11 forgets that it was
    cancelled if the reply comes in the same turn of the loop (python/cpython#86296).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _described(request: ReadRequest) -> str:
    return f"{request.table} {request.address} to {request.stop - 1}"


def _words(reply: ModbusPDU, what: str, request: ReadRequest) -> Words:
    if reply.isError():
        code = int(getattr(reply, "exception_code", 0))
        reason = f"{what}: exception {code} ({EXCEPTIONS.get(code, 'unknown')})"
        if code in _GATEWAY_SILENCES:
            raise NoReplyError(reason)
        raise RefusedError(reason, code) if code in _REFUSALS else BusyError(reason, code)
    values: Sequence[int] = reply.bits[: request.count] if request.table.is_bits else reply.registers
    if reply.function_code != _FUNCTION_CODES[request.table]:
        raise NoReplyError(f"{what}: a reply to function {reply.function_code}, which was not asked for")
    if len(values) != request.count:
        raise NoReplyError(f"{what}: {len(values)} values came instead of {request.count}")
    return np.asarray(values, np.uint16)
