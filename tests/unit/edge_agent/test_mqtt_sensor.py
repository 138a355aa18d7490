"""Sensors that speak, err and fall silent."""

from __future__ import annotations

import json
from itertools import count

import pytest

from edge_agent.sources.mqtt_sensor import SensorStation
from edge_agent.station import StationState, metric_keys
from edge_agent.vitals import EdgeVitals
from plant.model import Plant
from runtime.mqtt_session import Message
from runtime.vitals import Vitals
from telemetry.sparkplug.payload import parse

NOW_MS = 1_700_000_000_000


class Gauge:
    """A sensor station and what it reports."""

    def __init__(self) -> None:
        profile = {
            "profile": "gauge", "measurement": "gauge", "title": "", "stage": "X",
            "sensor": {"max_age_s": 30},
            "poll_classes": {"process": {"period_s": 1, "heartbeat_s": 60}},
            "signals": [
                {"name": "dew_point_c", "title": "", "deadband": 0.5, "mqtt": {"field": "dew"}},
                {"name": "vibration_mm_s", "title": "", "mqtt": {"topic": "fan", "field": "rms"}},
            ],
        }  # fmt: skip
        station = {"station": "gauge-1", "title": "", "profile": "gauge", "mqtt": {"topic": "room/1"}}
        lines = [{"line": "l", "title": "", "stations": [station]}]
        site = {
            "site": "s",
            "enterprise": "",
            "title": "",
            "areas": [{"area": "a", "title": "", "lines": lines}],
        }
        (placed,) = Plant.model_validate({"sites": [site], "profiles": {"gauge": profile}}).stations()
        self.state = StationState(placed, dict(zip(metric_keys(placed), count(1), strict=False)), {})
        self.vitals = EdgeVitals(Vitals("edge"))
        self.sensor = SensorStation(self.state, self.vitals)

    def hear(self, topic: str, message: object, *, at_s: float = 0.0) -> None:
        payload = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.sensor.take(
            Message(topic, payload, retain=False), received_ms=NOW_MS + round(at_s * 1000), now_s=at_s
        )

    def reported(self) -> list[tuple[int, float | None]]:
        """Return alias and value of each metric since the last time."""
        entries, _ = self.state.collect(0)
        return [
            (metric.alias, None if metric.is_null else metric.double_value)
            for entry in entries
            for metric in parse(entry.metrics).metrics
        ]

    def rejects(self) -> float:
        return self.vitals.values()["sensor_rejects_total"]


@pytest.fixture
def gauge() -> Gauge:
    return Gauge()


def test_signals_of_a_station_may_come_on_several_topics(gauge: Gauge) -> None:
    assert set(gauge.sensor.topics) == {"room/1", "room/1/fan"}
    gauge.hear("room/1", {"dew": -45.0})
    gauge.hear("room/1/fan", {"rms": 1.5})
    assert gauge.reported() == [(1, -45.0), (2, 1.5)]
    assert gauge.state.connected


def test_a_change_below_the_deadband_is_not_reported_but_proves_life(gauge: Gauge) -> None:
    gauge.hear("room/1", {"dew": -45.0})
    gauge.reported()
    gauge.hear("room/1", {"dew": -45.2}, at_s=25)
    gauge.sensor.check_silence(now_s=50, at_ms=NOW_MS + 50_000)
    assert gauge.reported() == []
    assert gauge.state.connected


def test_garbage_is_counted_and_neither_a_value_nor_a_sign_of_life(gauge: Gauge) -> None:
    gauge.hear("room/1", {"dew": -45.0})
    for at_s in range(1, 40):
        gauge.hear("room/1", b"\xff{", at_s=at_s)
    assert gauge.rejects() == 39
    gauge.reported()
    gauge.sensor.check_silence(now_s=40, at_ms=NOW_MS + 40_000)
    assert gauge.reported() == [(1, None)]
    assert not gauge.state.connected


def test_one_silent_signal_is_stale_while_the_other_goes_on(gauge: Gauge) -> None:
    gauge.hear("room/1", {"dew": -45.0})
    gauge.hear("room/1/fan", {"rms": 1.5}, at_s=20)
    gauge.reported()
    gauge.sensor.check_silence(now_s=40, at_ms=NOW_MS + 40_000)
    assert gauge.reported() == [(1, None)]
    assert gauge.state.connected
    gauge.hear("room/1", {"dew": -45.0}, at_s=41)
    assert gauge.reported() == [(1, -45.0)]


def test_silence_is_said_once(gauge: Gauge) -> None:
    gauge.hear("room/1", {"dew": -45.0})
    gauge.reported()
    for now_s in range(31, 200):
        gauge.sensor.check_silence(now_s=now_s, at_ms=NOW_MS + now_s * 1000)
    assert gauge.reported() == [(1, None)]
