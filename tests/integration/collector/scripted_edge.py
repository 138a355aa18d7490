"""A Sparkplug edge node that does exactly what a test says, over a real broker."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence

from runtime.mqtt_session import MqttSession, MqttSettings, Will, connect
from runtime.service import background
from telemetry.clock import now_ms
from telemetry.delivery import ACKNOWLEDGED, parse_acknowledgement
from telemetry.sample import BatchNumber, EdgeNode, Result, Sample
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.payload import (
    BD_SEQ,
    REBIRTH,
    MetricBuilder,
    MetricDef,
    bd_seq_payload,
    frame,
    mark_historical,
    parse,
)
from telemetry.sparkplug.topics import MessageType, Topic

STATION = "winder-1"
METRICS = {
    "state": MetricDef("state", DataType.UINT16, 1),
    "good": MetricDef("good", DataType.UINT16, 2),
    "reject": MetricDef("reject", DataType.UINT16, 3),
    "tension_n": MetricDef("tension_n", DataType.FLOAT, 4),
    "speed_m_min": MetricDef("speed_m_min", DataType.FLOAT, 5),
    "recipe": MetricDef("recipe", DataType.STRING, 6),
    "Result/cell": MetricDef("Result/cell", DataType.DATASET, 7),
    "Read/process": MetricDef("Read/process", DataType.DATETIME, 8),
    "not_in_the_profile": MetricDef("not_in_the_profile", DataType.DOUBLE, 9),
}
_NODE_METRICS = (
    MetricDef(REBIRTH, DataType.BOOLEAN),
    MetricDef(ACKNOWLEDGED, DataType.STRING, 100),
    MetricDef("Vitals/spool_batches", DataType.INT64, 101),
)


class ScriptedEdge:
    """One line's edge node; remembers what it was told."""

    def __init__(self, session: MqttSession, node: EdgeNode, *, incarnation: str | None = None) -> None:
        self._session = session
        self.node = node
        self.incarnation = incarnation or secrets.token_hex(4)
        self.acknowledged: list[int] = []
        """Every number acknowledged, as often as it was."""
        self.rebirths_asked = 0
        self.heard = asyncio.Event()
        self._seq = 0

    async def be_born(self, stations: Sequence[str] = (STATION,)) -> None:
        """Send NBIRTH and the DBIRTH of each station."""
        self._seq = 0
        at_ms = now_ms()
        builder = MetricBuilder()
        builder.add(MetricDef(BD_SEQ, DataType.INT64), Sample(BD_SEQ, at_ms, 0), birth=True)
        for definition in _NODE_METRICS:
            builder.add(definition, Sample(definition.name, at_ms, None), birth=True)
        await self._send(MessageType.NBIRTH, builder.metrics())
        for station in stations:
            await self._send(MessageType.DBIRTH, _station_birth(at_ms), station)

    async def send(
        self,
        samples: Sequence[Sample] = (),
        *,
        number: int | None = None,
        results: Sequence[Result] = (),
        station: str = STATION,
        historical: bool = False,
    ) -> None:
        """Send one DDATA."""
        builder = MetricBuilder()
        for sample in samples:
            builder.add(METRICS[sample.signal], sample)
        if results:
            builder.add_results(METRICS["Result/cell"], results, now_ms())
        metrics = mark_historical(builder.metrics()) if historical else builder.metrics()
        await self._send(MessageType.DDATA, metrics, station, number)

    async def send_vitals(self, spool_batches: int, at_ms: int) -> None:
        """Send one NDATA."""
        builder = MetricBuilder()
        builder.add(_NODE_METRICS[2], Sample("Vitals/spool_batches", at_ms, spool_batches))
        await self._send(MessageType.NDATA, builder.metrics())

    async def send_raw(self, payload: bytes, station: str = STATION) -> None:
        """Send a DDATA of any bytes."""
        await self._session.publish(str(Topic(MessageType.DDATA, self.node, station)), payload)

    async def send_unknown_alias(self, number: int) -> None:
        """Send a DDATA with an alias that no birth declared."""
        builder = MetricBuilder()
        builder.add(MetricDef("whatever", DataType.DOUBLE, 999), Sample("whatever", now_ms(), 1.0))
        await self._send(MessageType.DDATA, builder.metrics(), STATION, number)

    def skip_a_sequence_number(self) -> None:
        """Behave as if a message had been lost."""
        self._seq = (self._seq + 1) % 256

    async def listen_forever(self) -> None:
        """Take commands."""
        async for message in self._session.messages():
            for metric in parse(message.payload).metrics:
                if metric.name == REBIRTH:
                    self.rebirths_asked += 1
                elif metric.alias == 100:
                    incarnation, ranges = parse_acknowledgement(metric.string_value)
                    assert incarnation == self.incarnation
                    self.acknowledged += [n for low, high in ranges for n in range(low, high + 1)]
                self.heard.set()

    async def _send(
        self, kind: MessageType, metrics: bytes, station: str | None = None, number: int | None = None
    ) -> None:
        batch = BatchNumber(self.incarnation, number) if number is not None else None
        payload = frame(metrics, at_ms=now_ms(), seq=self._seq, number=batch)
        self._seq = (self._seq + 1) % 256
        await self._session.publish(str(Topic(kind, self.node, station)), payload)


def _station_birth(at_ms: int) -> bytes:
    builder = MetricBuilder()
    for definition in METRICS.values():
        if definition.datatype is DataType.DATASET:
            builder.add_results(definition, (), at_ms, birth=True)
        else:
            builder.add(definition, Sample(definition.name, at_ms, None), birth=True)
    return builder.metrics()


@contextlib.asynccontextmanager
async def scripted_edge(
    settings: MqttSettings, node: EdgeNode, *, incarnation: str | None = None
) -> AsyncIterator[ScriptedEdge]:
    """Hold a session of an edge node that listens to its commands; births are the test's."""
    will = Will(str(Topic(MessageType.NDEATH, node)), bd_seq_payload(0, now_ms()))
    async with connect(settings, f"edge-{node.site}", will) as session:
        await session.subscribe([(str(Topic(MessageType.NCMD, node)), 1)])
        edge = ScriptedEdge(session, node, incarnation=incarnation)
        async with background("scripted edge", edge.listen_forever()):
            yield edge
