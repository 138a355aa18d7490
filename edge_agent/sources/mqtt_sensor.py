"""MQTT sensors: reads the plant's local topics, notices silence."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

import structlog

from edge_agent.exceptions import SensorError
from edge_agent.sources.sensor_message import read_message
from edge_agent.station import StationState
from edge_agent.vitals import EdgeVitals
from plant.model import Signal
from runtime.backoff import full_jitter
from runtime.mqtt_session import Message, MqttSettings, MqttUnavailableError, connect
from telemetry.clock import now_ms
from telemetry.quality import Quality
from telemetry.sample import Sample

logger = structlog.get_logger(__name__)

SILENCE_CHECK_S = 1.0
LOGGED_EVERY_S = 60.0
"""A sensor that is wrong is wrong in every message; the count is a vital."""


class SensorStation:
    """One station's sensor signals: which topic carries which, and when each was last heard."""

    def __init__(self, station: StationState, vitals: EdgeVitals) -> None:
        self.station = station
        self._vitals = vitals
        self._only_sensor = station.placed.station.modbus is None
        self._heard_s: dict[str, float] = {}
        self._logged_s = float("-inf")
        self.topics: dict[str, list[Signal]] = {}
        address = station.placed.station.mqtt
        for signal in station.placed.profile.signals:
            if signal.mqtt is not None and address is not None:
                topic = "/".join(part for part in (address.topic, signal.mqtt.topic) if part)
                self.topics.setdefault(topic, []).append(signal)

    def take(self, message: Message, *, received_ms: int, now_s: float) -> None:
        """Take in a message on one of the topics."""
        self._vitals.sensor_messages.inc()
        try:
            reading = read_message(
                self.station.placed.profile,
                self.topics[message.topic],
                message.payload,
                received_ms=received_ms,
                retained=message.retain,
            )
        except SensorError as error:
            self._reject(message.topic, [str(error)], now_s)
            return
        if reading.problems:
            self._reject(message.topic, reading.problems, now_s)
        for sample in reading.samples:
            self._heard_s[sample.signal] = now_s
        self.station.took_samples(reading.samples)
        if self._only_sensor and reading.samples and not self.station.connected:
            self.station.connected = True
            logger.info("sensor heard", station=self.station.name)

    def check_silence(self, *, now_s: float, at_ms: int) -> None:
        """Report as stale what was not heard for too long."""
        max_age_s = self.station.placed.profile.sensor.max_age_s
        silent = [signal for signal, heard_s in self._heard_s.items() if now_s - heard_s > max_age_s]
        for signal in silent:
            del self._heard_s[signal]
        self.station.took_samples(Sample(signal, at_ms, None, Quality.STALE) for signal in silent)
        if silent and self._only_sensor and not self._heard_s:
            self.station.connected = False
            logger.warning("sensor silent", station=self.station.name, for_s=max_age_s)

    def _reject(self, topic: str, problems: Sequence[str], now_s: float) -> None:
        self._vitals.sensor_rejects.inc(len(problems))
        if now_s - self._logged_s >= LOGGED_EVERY_S:
            self._logged_s = now_s
            logger.warning("a sensor's message is not usable as it is", station=self.station.name,
                           topic=topic, problems=list(problems[:5]))  # fmt: skip


class SensorListener:
    """One connection to the plant's local broker for all sensors of the line."""

    def __init__(self, mqtt: MqttSettings, name: str, sensors: Iterable[SensorStation]) -> None:
        self._mqtt = mqtt
        self._name = name
        self._sensors = list(sensors)
        self._by_topic: dict[str, list[SensorStation]] = {}
        for sensor in self._sensors:
            for topic in sensor.topics:
                self._by_topic.setdefault(topic, []).append(sensor)

    async def run_forever(self) -> None:
        """Listen until cancelled; a lost broker is found again, and meanwhile the sensors fall silent."""
        delays = full_jitter()
        while True:
            try:
                async with connect(self._mqtt, self._name) as session:
                    await session.subscribe([(topic, 1) for topic in self._by_topic])
                    async for message in session.messages():
                        delays = full_jitter()
                        self._dispatch(message)
            except MqttUnavailableError as error:
                delay_s = next(delays)
                logger.warning("no broker for the sensors", host=self._mqtt.host, port=self._mqtt.port,
                               retry_in_s=round(delay_s, 1), reason=str(error))  # fmt: skip
                await asyncio.sleep(delay_s)

    async def watch_forever(self) -> None:
        """Notice sensors that fall silent."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SILENCE_CHECK_S)
            for sensor in self._sensors:
                sensor.check_silence(now_s=loop.time(), at_ms=now_ms())

    def _dispatch(self, message: Message) -> None:
        now_s = asyncio.get_running_loop().time()
        for sensor in self._by_topic.get(message.topic, ()):
            sensor.take(message, received_ms=now_ms(), now_s=now_s)
