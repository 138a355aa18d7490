"""A Sparkplug B host application's session: subscribe, STATE, decode, ask for rebirths.

The collector is the primary host (it publishes STATE and acknowledges); the
API only listens. Both get the same events.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import structlog

from runtime.backoff import RetryDelays, full_jitter
from runtime.mqtt_session import Message, MqttSession, MqttSettings, MqttUnavailableError, Will, connect
from telemetry.clock import now_ms
from telemetry.sample import EdgeNode, Scalar
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.host import Event, HostView, RebirthWanted
from telemetry.sparkplug.payload import REBIRTH, MetricDef, command_payload
from telemetry.sparkplug.topics import NAMESPACE, MessageType, Topic, TopicError, state_topic

logger = structlog.get_logger(__name__)

REBIRTH_PAUSE_S = 5.0
"""Least time between two rebirth requests to one edge node."""

_REBIRTH = MetricDef(REBIRTH, DataType.BOOLEAN)

TakeEvents = Callable[[EdgeNode, Sequence[Event]], Awaitable[None]]


class SparkplugHost:
    """Keeps one session with the broker and hands on what arrives."""

    def __init__(
        self,
        settings: MqttSettings,
        *,
        host_id: str,
        sites: Sequence[str],
        primary: bool,
        take: TakeEvents,
        retry_delays: RetryDelays = full_jitter,
    ) -> None:
        self._settings = settings
        self._host_id = host_id
        self._sites = tuple(sites)
        self._primary = primary
        self._take = take
        self._retry_delays = retry_delays
        self._view = HostView()
        self._session: MqttSession | None = None
        self._connected_ms = 0
        self._asked_at_s: dict[EdgeNode, float] = {}
        self.ignored = 0
        """Messages on topics that are not Sparkplug's."""

    @property
    def is_connected(self) -> bool:
        """Whether there is a session with the broker now."""
        return self._session is not None

    async def run_forever(self, ready: asyncio.Event | None = None) -> None:
        """Stay connected; a lost session is begun again after a growing pause.

        `ready` is set whenever a session has its subscriptions.
        """
        delays = self._retry_delays()
        while True:
            try:
                # Closed here and not by the garbage collector: a clean end says online:false first.
                async with contextlib.aclosing(self._messages(ready)) as messages:
                    async for message in messages:
                        delays = self._retry_delays()  # only a message proves that the link works
                        await self._handle(message)
            except MqttUnavailableError as error:
                delay_s = next(delays)
                logger.warning("lost the broker", host=self._settings.host, port=self._settings.port,
                               retry_in_s=round(delay_s, 1), reason=str(error))  # fmt: skip
                await asyncio.sleep(delay_s)

    async def command(self, node: EdgeNode, name: str, value: Scalar) -> bool:
        """Write a metric of an edge node; False if it is not declared or the link is down."""
        definition = self._view.definition(node, name)
        if definition is None:
            return False
        return await self._publish(node, definition, value)

    async def _messages(self, ready: asyncio.Event | None) -> AsyncGenerator[Message, None]:
        connected_ms = now_ms()
        will = Will(state_topic(self._host_id), _state(connected_ms, online=False), qos=1, retain=True)
        async with connect(self._settings, self._host_id, will if self._primary else None) as session:
            filters = [(f"{NAMESPACE}/{site}/#", 1) for site in self._sites]
            if self._primary:
                filters.append((state_topic(self._host_id), 1))
            await session.subscribe(filters)
            if self._primary:
                await session.publish(
                    state_topic(self._host_id), _state(connected_ms, online=True), qos=1, retain=True
                )
            self._session = session
            self._connected_ms = connected_ms
            if ready is not None:
                ready.set()
            logger.info("listening", host=self._settings.host, port=self._settings.port, sites=self._sites)
            try:
                async for message in session.messages():
                    yield message
            finally:
                self._session = None
                if self._primary:
                    with contextlib.suppress(MqttUnavailableError):
                        await session.publish(
                            state_topic(self._host_id), _state(now_ms(), online=False), qos=1, retain=True
                        )

    async def _handle(self, message: Message) -> None:
        if message.topic == state_topic(self._host_id):
            await self._answer_own_state(message)
            return
        try:
            topic = Topic.parse(message.topic)
        except TopicError as error:
            self.ignored += 1
            logger.info("ignored a message", reason=str(error))
            return
        events = self._view.handle(topic, message.payload, now_ms())
        if events:
            await self._take(topic.node, events)
        for event in events:
            if isinstance(event, RebirthWanted):
                await self._ask_rebirth(event)

    async def _answer_own_state(self, message: Message) -> None:
        """Contradict a late will of an earlier session of ours."""
        with contextlib.suppress(ValueError, AttributeError):
            if json.loads(message.payload).get("online") is False and self._session is not None:
                topic = state_topic(self._host_id)
                await self._session.publish(
                    topic, _state(self._connected_ms, online=True), qos=1, retain=True
                )

    async def _ask_rebirth(self, wanted: RebirthWanted) -> None:
        now_s = time.monotonic()
        if now_s - self._asked_at_s.get(wanted.node, -REBIRTH_PAUSE_S) < REBIRTH_PAUSE_S:
            return
        self._asked_at_s[wanted.node] = now_s
        logger.info("asking for a rebirth", node=str(wanted.node), reason=wanted.reason)
        await self._publish(wanted.node, _REBIRTH, value=True)

    async def _publish(self, node: EdgeNode, definition: MetricDef, value: Scalar) -> bool:
        if self._session is None:
            return False
        payload = command_payload([(definition, value)], now_ms())
        try:
            await self._session.publish(str(Topic(MessageType.NCMD, node)), payload)
        except MqttUnavailableError:
            return False
        return True


def _state(at_ms: int, *, online: bool) -> bytes:
    return json.dumps({"online": online, "timestamp": at_ms}).encode()
