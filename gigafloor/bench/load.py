"""An edge node that sends as fast as it is acknowledged, for measuring a collector."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

import numpy as np

from runtime.mqtt_session import MqttSession, MqttSettings, connect
from runtime.service import background
from telemetry.clock import now_ms
from telemetry.delivery import ACKNOWLEDGED, parse_acknowledgement
from telemetry.sample import BatchNumber, EdgeNode, Sample
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.payload import (
    BD_SEQ,
    REBIRTH,
    MetricBuilder,
    MetricDef,
    frame,
    parse,
)
from telemetry.sparkplug.topics import MessageType, Topic

_ACKNOWLEDGED = MetricDef(ACKNOWLEDGED, DataType.STRING, 1)
_FIRST_ALIAS = 10

MakeMetrics = Callable[[int], bytes]
"""Makes the serialised metrics of a batch taken at that instant (ms)."""


class Load:
    """Keeps a window of batches in flight and counts what is acknowledged."""

    def __init__(
        self, node: EdgeNode, station: str, metrics: list[MetricDef], make: MakeMetrics, window: int
    ) -> None:
        self._node = node
        self._station = station
        self._metrics = metrics
        self._make = make
        self._incarnation = secrets.token_hex(6)
        self._room = asyncio.Semaphore(window)
        self._in_flight: set[int] = set()
        self._seq = 0
        self.acknowledged = 0

    async def run(self, settings: MqttSettings, seconds: float, warm_up_s: float) -> float:
        """Send for a while; return the batches acknowledged per second after the warm-up."""
        async with connect(settings, "bench-load") as session:
            await session.subscribe([(str(Topic(MessageType.NCMD, self._node)), 1)])
            await self._give_birth(session)
            async with (
                background("acknowledgements", self._take_commands(session)),
                background("load", self._send(session)),
            ):
                await asyncio.sleep(warm_up_s)
                before, began_s = self.acknowledged, time.monotonic()
                await asyncio.sleep(seconds)
                return (self.acknowledged - before) / (time.monotonic() - began_s)

    async def _give_birth(self, session: MqttSession) -> None:
        at_ms = now_ms()
        node = MetricBuilder()
        node.add(MetricDef(BD_SEQ, DataType.INT64), Sample(BD_SEQ, at_ms, 0), birth=True)
        node.add(MetricDef(REBIRTH, DataType.BOOLEAN), Sample(REBIRTH, at_ms, value=False), birth=True)
        node.add(_ACKNOWLEDGED, Sample(ACKNOWLEDGED, at_ms, ""), birth=True)
        self._seq = 0
        await session.publish(str(Topic(MessageType.NBIRTH, self._node)), self._framed(node.metrics()))
        device = MetricBuilder()
        for metric in self._metrics:
            device.add(metric, Sample(metric.name, at_ms, None), birth=True)
        await session.publish(
            str(Topic(MessageType.DBIRTH, self._node, self._station)), self._framed(device.metrics())
        )

    async def _send(self, session: MqttSession) -> None:
        topic = str(Topic(MessageType.DDATA, self._node, self._station))
        first_ms = now_ms() - 86_400_000
        number = 0
        while True:
            await self._room.acquire()
            number += 1
            self._in_flight.add(number)
            metrics = self._make(first_ms + 10 * number)
            await session.publish(topic, self._framed(metrics, BatchNumber(self._incarnation, number)))

    async def _take_commands(self, session: MqttSession) -> None:
        async for message in session.messages():
            for metric in parse(message.payload).metrics:
                if metric.alias == _ACKNOWLEDGED.alias:
                    self._release(metric.string_value)
                elif metric.name == REBIRTH:
                    await self._give_birth(session)

    def _release(self, text: str) -> None:
        _, ranges = parse_acknowledgement(text)
        for first, last in ranges:
            for number in range(first, last + 1):
                if number in self._in_flight:
                    self._in_flight.discard(number)
                    self.acknowledged += 1
                    self._room.release()

    def _framed(self, metrics: bytes, number: BatchNumber | None = None) -> bytes:
        payload = frame(metrics, at_ms=now_ms(), seq=self._seq, number=number)
        self._seq = (self._seq + 1) % 256
        return payload


def scalar_load(count: int) -> tuple[list[MetricDef], MakeMetrics]:
    """Return `count` changing numbers; the same bytes but for their time."""
    metrics = [MetricDef(f"value_{index}", DataType.DOUBLE, _FIRST_ALIAS + index) for index in range(count)]
    chance = np.random.default_rng(1)
    placeholder_ms = 1 << 41  # as many varint bytes as any instant of this half of the century
    builder = MetricBuilder()
    for metric in metrics:
        builder.add(metric, Sample(metric.name, placeholder_ms, float(chance.normal())))
    template = builder.metrics()
    placeholder = _varint(placeholder_ms)

    def make(at_ms: int) -> bytes:
        return template.replace(placeholder, _varint(at_ms))

    return metrics, make


def array_load(count: int, elements: int) -> tuple[list[MetricDef], MakeMetrics]:
    """Return `count` arrays of so many numbers."""
    metrics = [
        MetricDef(f"profile_{index}", DataType.FLOAT_ARRAY, _FIRST_ALIAS + index) for index in range(count)
    ]
    values = np.random.default_rng(1).normal(size=elements)

    def make(at_ms: int) -> bytes:
        builder = MetricBuilder()
        for metric in metrics:
            builder.add(metric, Sample(metric.name, at_ms, values))
        return builder.metrics()

    return metrics, make


def _varint(number: int) -> bytes:
    """Return the protobuf encoding of an unsigned integer."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
