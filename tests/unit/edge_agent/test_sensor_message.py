"""MQTT sensors say strange things; none of it stops the rest."""

from __future__ import annotations

import json

import pytest

from edge_agent.exceptions import SensorError
from edge_agent.sources.sensor_message import MOST_BYTES, SensorReading, read_message
from plant.model import Profile
from telemetry.quality import Quality
from telemetry.sample import Sample

NOW_MS = 1_700_000_000_000


def profile(timestamp_field: str | None = None, unit: str = "iso8601") -> Profile:
    return Profile.model_validate({
        "profile": "dew", "measurement": "room", "title": "", "stage": "X",
        "sensor": {"timestamp_field": timestamp_field, "timestamp_unit": unit, "max_age_s": 30},
        "poll_classes": {"process": {"period_s": 1}},
        "signals": [
            {"name": "dew_point_c", "title": "", "range": [-100, 30], "mqtt": {"field": "r.dew"}},
            {"name": "rh_pct", "title": "", "mqtt": {"field": "r.rh", "scale": 100}},
            {"name": "serial", "title": "", "role": "identity", "mqtt": {"field": "id"}},
        ],
    })  # fmt: skip


def read(message: object, described: Profile | None = None, *, retained: bool = False) -> SensorReading:
    payload = message if isinstance(message, bytes) else json.dumps(message).encode()
    described = described or profile()
    return read_message(described, described.signals, payload, received_ms=NOW_MS, retained=retained)


def test_a_message_gives_a_sample_per_signal() -> None:
    samples, problems = read({"r": {"dew": -45.5, "rh": 0.25}, "id": "S7"})
    assert problems == []
    assert samples == [
        Sample("dew_point_c", NOW_MS, -45.5), Sample("rh_pct", NOW_MS, 25.0), Sample("serial", NOW_MS, "S7"),
    ]  # fmt: skip


def test_a_field_whose_name_has_dots_is_found() -> None:
    assert read({"r.dew": -40.0}).samples == [Sample("dew_point_c", NOW_MS, -40.0)]


@pytest.mark.parametrize(
    "value", ["-45.5", "NaN", True, [], {}, 1e999, -1e999, float("nan"), 31, 10**400, "x" * 1000]
)
def test_a_value_of_the_wrong_kind_is_bad_and_leaves_the_others(value: object) -> None:
    samples, problems = read({"r": {"dew": value, "rh": 0.5}})
    assert samples == [Sample("dew_point_c", NOW_MS, None, Quality.BAD), Sample("rh_pct", NOW_MS, 50.0)]
    assert len(problems[0]) < 150
    assert problems[0].startswith("'dew_point_c':")


def test_null_is_a_sensor_that_says_it_has_no_value() -> None:
    samples, problems = read({"r": {"dew": None, "rh": 0.5}, "id": "S7"})
    assert samples[0] == Sample("dew_point_c", NOW_MS, None, Quality.BAD)
    assert problems == []


def test_a_missing_field_is_said_and_leaves_the_others() -> None:
    samples, problems = read({"r": {"rh": 0.5}})
    assert [sample.signal for sample in samples] == ["rh_pct"]
    assert "has no field 'r.dew'" in problems[0]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"garbage",
        b"{",
        b"[1,2]",
        b"12",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{" + b" " * MOST_BYTES + b"}",
    ],
)
def test_what_is_no_json_object_is_refused_whole(payload: bytes) -> None:
    with pytest.raises(SensorError):
        read(payload)


@pytest.mark.parametrize(
    ("unit", "value"),
    [("iso8601", "2023-11-14T22:13:10Z"), ("iso8601", "2023-11-14T23:13:10+01:00"),
     ("iso8601", "2023-11-14T22:13:10"), ("s", 1_699_999_990), ("ms", NOW_MS - 10_000)],
)  # fmt: skip
def test_the_sensors_own_time_is_the_samples(unit: str, value: object) -> None:
    samples, problems = read({"r": {"dew": -45.5, "rh": 0}, "id": "a", "t": value}, profile("t", unit))
    assert problems == []
    assert samples[0].at_ms == NOW_MS - 10_000


@pytest.mark.parametrize(
    ("unit", "value"),
    [("s", 0), ("s", 12.5), ("ms", NOW_MS + 400_000), ("ms", 1e300), ("ms", "now"), ("ms", True),
     ("iso8601", 7), ("iso8601", "yesterday"), ("iso8601", "1970-01-01T00:00:12Z"), ("s", float("nan"))],
)  # fmt: skip
def test_a_time_that_cannot_be_makes_the_values_bad(unit: str, value: object) -> None:
    samples, problems = read({"r": {"dew": -45.5, "rh": 0.5}, "id": "S7", "t": value}, profile("t", unit))
    assert {(sample.at_ms, sample.value, sample.quality) for sample in samples} == {
        (NOW_MS, None, Quality.BAD)
    }
    assert "'t'" in problems[0]


def test_a_clock_a_little_fast_is_tolerated() -> None:
    samples, problems = read(
        {"r": {"dew": -45.5, "rh": 0.5}, "id": "S7", "t": NOW_MS + 299_000}, profile("t", "ms")
    )
    assert problems == []
    assert samples[0].value == -45.5


@pytest.mark.parametrize("described", [profile(), profile("t", "ms")])
def test_an_old_retained_message_never_looks_fresh(described: Profile) -> None:
    with pytest.raises(SensorError, match="retained"):
        read({"r": {"dew": -45.5}, "t": NOW_MS - 31_000}, described, retained=True)


def test_a_retained_message_that_says_it_is_recent_counts() -> None:
    described = profile("t", "ms")
    samples, _ = read({"r": {"dew": -45.5}, "t": NOW_MS - 5_000}, described, retained=True)
    assert samples[0] == Sample("dew_point_c", NOW_MS - 5_000, -45.5)
