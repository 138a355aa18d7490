"""A Modbus device that behaves as badly as a test asks, on a real socket and with bytes of its own."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace

from tests.support.ports import HOST, free_port


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for."""

    transaction: int
    unit: int
    function: int
    address: int
    count: int


Misbehave = Callable[["BadDevice", Request, asyncio.StreamWriter], bool]
"""Handles a request in its own way; False if it has none and the device should answer properly."""


@dataclass(slots=True)
class BadDevice:
    """Registers that hold their own address plus `base`, and ways to go wrong."""

    port: int
    base: int = 0
    misbehave: dict[int, Misbehave] = field(default_factory=dict)
    """By unit."""
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client until it goes."""
        self.connections += 1
        self.writers.append(writer)
        with contextlib.suppress(asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            while True:
                request = Request(*struct.unpack(">H4xBBHH", await reader.readexactly(12)))
                self.requests.append(request)
                misbehave = self.misbehave.get(request.unit)
                if misbehave is None or not misbehave(self, request, writer):
                    writer.write(frame(request, self.answer(request)))
        writer.close()

    def answer(self, request: Request) -> bytes:
        """Return the proper answer to a request for registers."""
        words = [(self.base + request.address + index) % 65536 for index in range(request.count)]
        return struct.pack(f">BB{len(words)}H", request.function, 2 * len(words), *words)

    def hang_up(self) -> None:
        """Close every connection."""
        for writer in self.writers:
            writer.close()
        self.writers.clear()


def frame(request: Request, pdu: bytes) -> bytes:
    """Return the answer in its envelope."""
    return struct.pack(">HHHB", request.transaction, 0, 1 + len(pdu), request.unit) + pdu


@contextlib.asynccontextmanager
async def bad_device(port: int | None = None) -> AsyncIterator[BadDevice]:
    """Run a device for the length of a block."""
    device = BadDevice(port or free_port())
    server = await asyncio.start_server(device.serve, HOST, device.port)
    try:
        yield device
    finally:
        server.close()
        device.hang_up()


def is_silent(_device: BadDevice, _request: Request, _writer: asyncio.StreamWriter) -> bool:
    """Never answer."""
    return True


def drops(_device: BadDevice, _request: Request, writer: asyncio.StreamWriter) -> bool:
    """Accept the connection, then close it at the first request."""
    writer.close()
    return True


def answers_garbage(_device: BadDevice, _request: Request, writer: asyncio.StreamWriter) -> bool:
    """Send bytes that are no Modbus."""
    writer.write(b"\xde\xad\xbe\xef" * 8)
    return True


def cuts_frames_short(device: BadDevice, request: Request, writer: asyncio.StreamWriter) -> bool:
    """Send half of the answer and nothing more."""
    data = frame(request, device.answer(request))
    writer.write(data[: len(data) // 2])
    return True


def answers_too_little(device: BadDevice, request: Request, writer: asyncio.StreamWriter) -> bool:
    """Send a proper frame with one register less than asked for."""
    writer.write(frame(request, device.answer(replace(request, count=request.count - 1))))
    return True


def answers_another_function(device: BadDevice, request: Request, writer: asyncio.StreamWriter) -> bool:
    """Answer as if another table had been asked for."""
    writer.write(frame(request, device.answer(replace(request, function=request.function % 4 + 1))))
    return True


def raises(code: int, *, only: Callable[[Request], bool] = lambda _: True) -> Misbehave:
    """Answer with an exception, always or to some requests."""

    def answer(_device: BadDevice, request: Request, writer: asyncio.StreamWriter) -> bool:
        if not only(request):
            return False
        writer.write(frame(request, bytes([request.function | 0x80, code])))
        return True

    return answer


def has_not(*addresses: int) -> Misbehave:
    """Refuse every request that touches one of the addresses, as real devices do."""
    return raises(2, only=lambda each: any(each.address <= a < each.address + each.count for a in addresses))


def answers_late_and_wrongly(delay_s: float, every: int) -> Misbehave:
    """Answer every n-th request only when the next has been sent, with values that betray it."""
    seen = 0

    def answer(_device: BadDevice, request: Request, writer: asyncio.StreamWriter) -> bool:
        nonlocal seen
        seen += 1
        if seen % every:
            return False
        words = struct.pack(
            f">BB{request.count}H", request.function, 2 * request.count, *[6666] * request.count
        )
        asyncio.get_running_loop().call_later(delay_s, writer.write, frame(request, words))
        return True

    return answer
