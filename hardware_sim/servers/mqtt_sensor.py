"""MQTT sensors: JSON messages by a profile's mapping, sent for ever."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import structlog

from plant.model import Profile, SensorDialect, Signal
from runtime.backoff import RetryDelays
from runtime.mqtt_session import MqttSession, MqttSettings, MqttUnavailableError, connect
from runtime.schedule import ticks
from telemetry.clock import at

logger = structlog.get_logger(__name__)

Json = dict[str, object]
WallClock = Callable[[], int]


class Publication(NamedTuple):
    """Signals that travel in one message."""

    topic: str
    period_s: float
    signals: tuple[Signal, ...]


@dataclass(slots=True)
class Sensor:
    """A station that publishes."""

    station: str
    topic: str
    profile: Profile
    readings: Mapping[str, float]
    """Values now, by signal name; updated by the simulation."""
    silent: bool = False
    """A dead sensor: sends nothing."""


def publications(sensor: Sensor) -> list[Publication]:
    """Return the messages a sensor sends: one per topic, at the period of its fastest signal."""
    by_topic: dict[str, list[Signal]] = defaultdict(list)
    for signal in sensor.profile.signals:
        if signal.mqtt is not None:
            by_topic[signal.mqtt.topic].append(signal)
    return [
        Publication(
            f"{sensor.topic}/{below}" if below else sensor.topic,
            min(sensor.profile.poll_classes[signal.poll].period_s for signal in signals),
            tuple(signals),
        )
        for below, signals in by_topic.items()
    ]


def message(
    signals: tuple[Signal, ...], readings: Mapping[str, float], dialect: SensorDialect, now_ms: int
) -> bytes:
    """Return the JSON text of a message."""
    document: Json = {}
    if dialect.timestamp_field is not None:
        _put(document, dialect.timestamp_field, _timestamp(now_ms, dialect.timestamp_unit))
    for signal in signals:
        value = readings.get(signal.name)
        if signal.mqtt is not None and value is not None:
            raw = (value - signal.mqtt.offset) / signal.mqtt.scale
            _put(document, signal.mqtt.field, round(raw, 9))
    return json.dumps(document).encode()


def _put(document: Json, dotted: str, value: object) -> None:
    *parents, name = dotted.split(".")
    for parent in parents:
        below = document.setdefault(parent, {})
        if not isinstance(below, dict):
            return
        document = below
    document[name] = value


def _timestamp(now_ms: int, unit: str) -> float | int | str:
    if unit == "ms":
        return now_ms
    if unit == "s":
        return now_ms / 1000
    return at(now_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def publish_forever(
    settings: MqttSettings, sensors: list[Sensor], now_ms: WallClock, retry_delays: RetryDelays
) -> None:
    """Publish all sensors over one session; connect again whenever it is lost."""
    delays = retry_delays()
    while True:
        try:
            async with connect(settings, "gigafloor-sim") as session:
                logger.info("sensors connected", host=settings.host, port=settings.port, sensors=len(sensors))
                delays = retry_delays()
                await _publish_all(session, sensors, now_ms)
        except* MqttUnavailableError as group:
            wait_s = next(delays)
            reason = str(group.exceptions[0])
            logger.warning("sensors cannot publish, will try again", reason=reason, wait_s=round(wait_s, 1))
            await asyncio.sleep(wait_s)


async def _publish_all(session: MqttSession, sensors: list[Sensor], now_ms: WallClock) -> None:
    async with asyncio.TaskGroup() as tasks:
        for index, sensor in enumerate(sensors):
            for publication in publications(sensor):
                task = _publish_one(session, sensor, publication, now_ms, phase_s=0.1 * (index % 10))
                tasks.create_task(task, name=f"sensor {publication.topic}")


async def _publish_one(
    session: MqttSession, sensor: Sensor, publication: Publication, now_ms: WallClock, *, phase_s: float
) -> None:
    async with contextlib.aclosing(ticks(publication.period_s, phase_s=phase_s)) as due:
        async for _ in due:
            if not sensor.silent:
                text = message(publication.signals, sensor.readings, sensor.profile.sensor, now_ms())
                await session.publish(publication.topic, text)
