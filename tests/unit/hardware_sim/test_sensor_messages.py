"""Sensors say what their profile maps, the way it maps it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hardware_sim.servers.mqtt_sensor import Sensor, message, publications
from plant.model import MqttField, Plant, PollClass, Profile, SensorDialect, Signal

SIGNALS = (
    Signal(name="temp_c", title="T", mqtt=MqttField(field="air.temp", scale=0.1)),
    Signal(name="dew_c", title="D", mqtt=MqttField(field="air.dew")),
)


def parsed(dialect: SensorDialect, readings: dict[str, float]) -> dict[str, Any]:
    document = json.loads(message(SIGNALS, readings, dialect, 1_795_400_000_500))
    assert isinstance(document, dict)
    return document


def test_values_lie_under_their_dotted_path_in_the_sensors_own_scale() -> None:
    assert parsed(SensorDialect(), {"temp_c": 21.5, "dew_c": -45.0}) == {"air": {"temp": 215.0, "dew": -45.0}}


def test_value_that_is_not_known_yet_is_left_out() -> None:
    assert parsed(SensorDialect(), {"dew_c": -45.0}) == {"air": {"dew": -45.0}}


@pytest.mark.parametrize(
    ("unit", "time"),
    [("ms", 1_795_400_000_500), ("s", 1_795_400_000.5), ("iso8601", "2026-11-23T02:13:20.500Z")],
)
def test_time_is_told_in_the_unit_of_the_profile(unit: str, time: object) -> None:
    dialect = SensorDialect(timestamp_field="meta.time", timestamp_unit=unit)
    assert parsed(dialect, {})["meta"]["time"] == time


def test_a_message_per_topic_comes_as_often_as_its_fastest_signal() -> None:
    profile = Profile(
        profile="p", measurement="m", title="P", stage="DR",
        poll_classes={"process": PollClass(period_s=1), "slow": PollClass(period_s=10)},
        signals=(
            Signal(name="a", title="A", mqtt=MqttField(topic="air", field="a"), poll="slow"),
            Signal(name="b", title="B", mqtt=MqttField(topic="air", field="b")),
            Signal(name="c", title="C", mqtt=MqttField(field="c"), poll="slow"),
        ),
    )  # fmt: skip
    sent = {each.topic: each.period_s for each in publications(Sensor("s", "site/room", profile, {}))}
    assert sent == {"site/room/air": 1, "site/room": 10}


def test_every_packaged_sensor_signal_is_published(described: Plant) -> None:
    for placed in described.stations():
        if placed.station.mqtt is not None:
            sensor = Sensor(str(placed.path), placed.station.mqtt.topic, placed.profile, {})
            sent = {signal.name for each in publications(sensor) for signal in each.signals}
            assert sent == {signal.name for signal in placed.profile.signals if signal.mqtt is not None}
