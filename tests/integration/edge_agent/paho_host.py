"""A Sparkplug host made with paho, another MQTT library than ours: it sees all and does what a test says."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from telemetry.delivery import ACKNOWLEDGED
from telemetry.sample import BatchNumber, Scalar
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.payload import REBIRTH, MetricDef, command_payload, parse
from tests.support.ports import HOST

SITE, LINE = "site-1", "line-1"
HOST_ID = "gigafloor"


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as the broker delivered it."""

    kind: str
    device: str
    payload: Any
    qos: int
    retain: bool

    @property
    def number(self) -> int | None:
        """Return the batch number, if it has one."""
        batch = BatchNumber.parse(self.payload.uuid)
        return None if batch is None else batch.number

    @property
    def historical(self) -> bool:
        """Return whether all of it is flagged as historical."""
        return all(metric.is_historical for metric in self.payload.metrics)


@dataclass(slots=True)
class PahoHost:
    """Every Sparkplug message so far, and the means to answer."""

    client: paho.Client
    seen: list[Seen] = field(default_factory=list)
    acknowledges: bool = True
    aliases: dict[int, str] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[Seen]:
        """Return the messages of these kinds, in order."""
        return [message for message in self.seen if message.kind in kinds]

    def say(self, *, online: bool, timestamp: int | None = None) -> None:
        """Publish STATE."""
        at_ms = time.time_ns() // 1_000_000 if timestamp is None else timestamp
        state = json.dumps({"online": online, "timestamp": at_ms})
        self.client.publish(f"spBv1.0/STATE/{HOST_ID}", state, qos=1, retain=True).wait_for_publish(5)

    def command(self, definition: MetricDef, value: Scalar, *, device: str | None = None) -> None:
        """Write a metric of the node, or of a device."""
        kind, end = ("NCMD", "") if device is None else ("DCMD", f"/{device}")
        payload = command_payload([(definition, value)], 0)
        self.client.publish(f"spBv1.0/{SITE}/{kind}/{LINE}{end}", payload)

    def ask_rebirth(self) -> None:
        """Request a rebirth."""
        self.command(MetricDef(REBIRTH, DataType.BOOLEAN), value=True)

    def acknowledge(self, message: Seen) -> None:
        """Say that a batch is durable."""
        alias = next(alias for alias, name in self.aliases.items() if name == ACKNOWLEDGED)
        text = message.payload.uuid
        self.command(MetricDef(ACKNOWLEDGED, DataType.STRING, alias), text)

    def take(self, topic: str, message: paho.MQTTMessage) -> None:
        """Keep a message; acknowledge it if that is wanted."""
        if "/STATE/" in topic or "CMD/" in topic:
            return
        _, _, kind, *names = topic.split("/")
        seen = Seen(
            kind,
            names[1] if len(names) > 1 else "",
            parse(bytes(message.payload)),
            message.qos,
            message.retain,
        )
        if kind in ("NBIRTH", "DBIRTH"):
            self.aliases.update((each.alias, each.name) for each in seen.payload.metrics if each.alias)
        self.seen.append(seen)
        if self.acknowledges and seen.number is not None:
            self.acknowledge(seen)

    def values(self, device: str, name: str) -> list[Any]:
        """Return every value a metric has had in data messages; None for null."""
        return [
            None if metric.is_null else getattr(metric, metric.WhichOneof("value"))
            for message in self.of("DDATA")
            if message.device == device
            for metric in message.payload.metrics
            if self.aliases.get(metric.alias) == name
        ]


@contextlib.contextmanager
def paho_host(port: int, *, online: bool = True) -> Iterator[PahoHost]:
    """Listen to everything for the length of a block."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.reconnect_delay_set(1, 1)
    host = PahoHost(client)
    client.on_connect = _subscribe
    client.on_message = lambda _client, _data, message: host.take(message.topic, message)
    client.connect(HOST, port)
    client.loop_start()
    if online:
        host.say(online=True)
    try:
        yield host
    finally:
        client.disconnect()
        client.loop_stop()


_subscribe: Callable[..., None] = lambda client, *_: client.subscribe("spBv1.0/#", qos=1)  # noqa: E731
