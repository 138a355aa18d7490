"""The line's Sparkplug B edge node: sessions, births, data, deaths."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Protocol

import structlog

from edge_agent.commands import Acknowledgement, Rebirth, commands_in
from edge_agent.exceptions import NotOnlineError
from edge_agent.node_metrics import NodeMetrics
from edge_agent.primary_host import PrimaryHost
from edge_agent.spool.spool import Batch, NodeMemory
from runtime.backoff import RetryDelays, full_jitter
from runtime.mqtt_session import Message, MqttSession, MqttSettings, MqttUnavailableError, Will, connect
from telemetry.clock import now_ms
from telemetry.sample import BatchNumber, EdgeNode, Sample
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.payload import (
    BD_SEQ,
    REBIRTH,
    MetricBuilder,
    MetricDef,
    bd_seq_payload,
    frame,
    mark_historical,
)
from telemetry.sparkplug.topics import MessageType, Topic, state_topic

logger = structlog.get_logger(__name__)

BIRTH_PAUSE_S = 2.0
"""Least time between two births in a session, however often a host asks."""
GOODBYE_S = 1.0

Acknowledged = Callable[[Acknowledgement], Awaitable[None]]


class Device(Protocol):
    """What the uplink has to know of a station."""

    @property
    def connected(self) -> bool:
        """Return whether its values are being read."""

    def birth(self, at_ms: int) -> bytes:
        """Return the metrics of its DBIRTH."""


class Uplink:
    """Keeps one Sparkplug session; publishing needs one, everything else does without."""

    def __init__(
        self,
        mqtt: MqttSettings,
        node: EdgeNode,
        devices: Mapping[str, Device],
        metrics: NodeMetrics,
        memory: NodeMemory,
        *,
        primary_host: str | None,
        retry_delays: RetryDelays = full_jitter,
    ) -> None:
        self._mqtt = mqtt
        self._node = node
        self._devices = devices
        self._metrics = metrics
        self._memory = memory
        self._vitals = metrics.vitals
        self._primary_host = primary_host
        self._retry_delays = retry_delays
        self._delays = retry_delays()
        self._lock = asyncio.Lock()
        self._session: MqttSession | None = None
        self._bd_seq = 0
        self._seq = 0
        self._born: set[str] = set()
        self._born_at_s = float("-inf")
        self._host = PrimaryHost()
        self.sessions = 0
        """Births of the node with a new MQTT connection: what was in flight before is not any more."""

    @property
    def online(self) -> bool:
        """Return whether the node is born, so that data may be published."""
        return self._session is not None

    async def run_forever(self, acknowledged: Acknowledged) -> None:
        """Keep a session with the broker; hand on what the host acknowledges."""
        while True:
            try:
                await self._connect_once(acknowledged)
            except MqttUnavailableError as error:
                delay_s = next(self._delays)
                logger.warning("no broker", host=self._mqtt.host, port=self._mqtt.port,
                               retry_in_s=round(delay_s, 1), reason=str(error))  # fmt: skip
                await asyncio.sleep(delay_s)

    async def send(self, batch: Batch, number: BatchNumber | None, *, historical: bool) -> None:
        """Publish a batch; a station that is not born is born first.

        Raises:
            NotOnlineError: there is no session, or it broke.
        """
        metrics = mark_historical(batch.metrics) if historical else batch.metrics
        async with self._in_session() as session:
            if batch.device not in self._born:
                await self._bear(session, batch.device)
            await self._publish(session, MessageType.DDATA, metrics, batch.device, number)

    async def send_unnumbered(self, metrics: Mapping[str, bytes]) -> None:
        """Publish metrics of born stations that nobody has to acknowledge.

        Raises:
            NotOnlineError: there is no session, or it broke.
        """
        async with self._in_session() as session:
            for device, data in metrics.items():
                if data and device in self._born:
                    await self._publish(session, MessageType.DDATA, data, device)

    async def send_node_metrics(self) -> None:
        """Publish the node's own metrics.

        Raises:
            NotOnlineError: there is no session, or it broke.
        """
        async with self._in_session() as session:
            builder = MetricBuilder()
            for sample in self._metrics.vital_samples(now_ms()):
                builder.add(self._metrics.definition(sample.signal), sample)
            await self._publish(session, MessageType.NDATA, builder.metrics())

    async def reconcile(self, keep: Callable[[str], bool]) -> None:
        """Bear stations that answer again; let lost ones die, unless there is a reason to keep them.

        Raises:
            NotOnlineError: there is no session, or it broke.
        """
        for name, device in self._devices.items():
            if device.connected == (name in self._born) or (name in self._born and keep(name)):
                continue
            async with self._in_session() as session:
                if device.connected:
                    await self._bear(session, name)
                else:
                    await self._publish(session, MessageType.DDEATH, b"", name)
                    self._born.discard(name)

    async def _connect_once(self, acknowledged: Acknowledged) -> None:
        """Hold one MQTT connection until it breaks or the primary host goes."""
        self._bd_seq = await self._memory.next_bd_seq()
        death = str(Topic(MessageType.NDEATH, self._node))
        will = Will(death, bd_seq_payload(self._bd_seq, now_ms()), qos=1)
        self._host = PrimaryHost()
        async with connect(self._mqtt, f"edge-{self._node.site}-{self._node.line}", will) as session:
            self._vitals.sessions.inc()
            try:
                await self._serve(session, acknowledged)
            finally:
                was_online, self._session = self.online, None
                if was_online:
                    with contextlib.suppress(MqttUnavailableError, TimeoutError):
                        async with asyncio.timeout(GOODBYE_S):
                            await session.publish(death, bd_seq_payload(self._bd_seq, now_ms()), qos=1)

    async def _serve(self, session: MqttSession, acknowledged: Acknowledged) -> None:
        command_topic = str(Topic(MessageType.NCMD, self._node))
        filters = [(command_topic, 1), (f"{Topic(MessageType.DCMD, self._node, '+')}", 1)]
        if self._primary_host is not None:
            filters.append((state_topic(self._primary_host), 1))
        await session.subscribe(filters)
        if self._primary_host is None:
            await self._begin(session)
        async for message in session.messages():
            if message.topic == command_topic:
                await self._obey(session, message, acknowledged)
            elif self._primary_host is not None and message.topic == state_topic(self._primary_host):
                if not await self._follow_host(session, message):
                    return
            else:
                self._vitals.commands_rejected.inc()
                logger.warning("rejected a command: this node only reads machines", topic=message.topic)

    async def _follow_host(self, session: MqttSession, message: Message) -> bool:
        """Begin when the primary host is there; return False when it has gone."""
        try:
            self._host.heard(message.payload)
        except ValueError as error:
            logger.warning("ignored a message of the primary host", reason=str(error))
            return True
        if self._host.is_online and not self.online:
            await self._begin(session)
        elif not self._host.is_online and self.online:
            logger.warning("the primary host is offline", host_id=self._primary_host)
            return False
        return True

    async def _obey(self, session: MqttSession, message: Message, acknowledged: Acknowledged) -> None:
        for command in commands_in(message.payload, self._metrics.names):
            match command:
                case Rebirth():
                    if self.online:
                        await self._births(session)
                case Acknowledgement():
                    await acknowledged(command)
                case _:
                    self._vitals.commands_rejected.inc()
                    logger.warning("rejected a command", reason=command.reason)

    async def _begin(self, session: MqttSession) -> None:
        self._born_at_s = float("-inf")
        await self._births(session)
        self._session = session
        self.sessions += 1
        self._delays = self._retry_delays()  # only a birth proves that broker and host are well
        logger.info("born", node=str(self._node), bd_seq=self._bd_seq, stations=len(self._born))

    async def _births(self, session: MqttSession) -> None:
        """Publish NBIRTH and the DBIRTH of every station that answers; no data in between."""
        async with self._lock:
            now_s = asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, self._born_at_s + BIRTH_PAUSE_S - now_s))
            self._born_at_s = asyncio.get_running_loop().time()
            self._vitals.births.inc()
            self._seq = 0
            self._born.clear()
            await self._publish(session, MessageType.NBIRTH, self._node_birth(now_ms()))
            for name, device in self._devices.items():
                if device.connected:
                    await self._bear(session, name)

    def _node_birth(self, at_ms: int) -> bytes:
        builder = MetricBuilder()
        builder.add(MetricDef(BD_SEQ, DataType.INT64), Sample(BD_SEQ, at_ms, self._bd_seq), birth=True)
        rebirth = MetricDef(REBIRTH, DataType.BOOLEAN)
        builder.add(rebirth, Sample(REBIRTH, at_ms, value=False), birth=True)
        for sample in self._metrics.samples(at_ms):
            builder.add(self._metrics.definition(sample.signal), sample, birth=True)
        return builder.metrics()

    async def _bear(self, session: MqttSession, device: str) -> None:
        at_ms = now_ms()
        await self._publish(session, MessageType.DBIRTH, self._devices[device].birth(at_ms), device)
        self._born.add(device)

    async def _publish(
        self,
        session: MqttSession,
        kind: MessageType,
        metrics: bytes,
        device: str | None = None,
        number: BatchNumber | None = None,
    ) -> None:
        """Publish with the next sequence number; callers hold the lock, so that none is out of turn."""
        payload = frame(metrics, at_ms=now_ms(), seq=self._seq, number=number)
        self._seq = (self._seq + 1) % 256
        await session.publish(str(Topic(kind, self._node, device)), payload)

    @contextlib.asynccontextmanager
    async def _in_session(self) -> AsyncIterator[MqttSession]:
        async with self._lock:
            if self._session is None:
                raise NotOnlineError("no session with a host")
            try:
                yield self._session
            except MqttUnavailableError as error:
                raise NotOnlineError(str(error)) from error
