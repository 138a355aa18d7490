"""A sensor's JSON message to samples, by the mapping in its profile (pure)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from edge_agent.exceptions import SensorError
from plant.model import Profile, Role, Signal
from telemetry.clock import to_ms
from telemetry.quality import Quality
from telemetry.sample import Sample, Scalar
from telemetry.scale import engineering

MOST_BYTES = 256 * 1024
EARLIEST_MS = 946_684_800_000
"""The year 2000: a clock before it was never set."""
FUTURE_TOLERANCE_MS = 300_000

Json = object


class SensorReading(NamedTuple):
    """What a message says, and what could not be used of it."""

    samples: list[Sample]
    problems: list[str]


def read_message(
    profile: Profile, signals: Iterable[Signal], payload: bytes, *, received_ms: int, retained: bool
) -> SensorReading:
    """Return the samples of these signals, which the message's topic carries.

    A value that cannot be used becomes a bad sample with a problem in words, and
    a field that is missing only a problem; the others stand. A retained message
    was sent some time ago: it counts only if it says when, and that is not too
    long ago.

    Raises:
        SensorError: nothing of the message can be used.
    """
    message = _parsed(payload)
    measured_ms, problem = _instant(profile, message, received_ms)
    if retained and (
        measured_ms is None
        or profile.sensor.timestamp_field is None
        or received_ms - measured_ms > profile.sensor.max_age_s * 1000
    ):
        raise SensorError("a retained message, which is old or does not say how old it is")
    problems = [] if problem is None else [problem]
    samples: list[Sample] = []
    for signal in signals:
        try:
            value = _value(signal, message)
        except KeyError:
            problems.append(f"'{signal.name}': the message has no field '{_field(signal)}'")
            continue
        except SensorError as error:
            problems.append(str(error))
            value = None
        if value is None or measured_ms is None:
            samples.append(Sample(signal.name, measured_ms or received_ms, None, Quality.BAD))
        else:
            samples.append(Sample(signal.name, measured_ms, value))
    return SensorReading(samples, problems)


def _parsed(payload: bytes) -> Mapping[str, Json]:
    if len(payload) > MOST_BYTES:
        raise SensorError(f"{len(payload)} bytes, more than {MOST_BYTES} are not read")
    try:
        message = json.loads(payload)
    except (ValueError, RecursionError) as error:
        raise SensorError(f"not JSON ({error}): {payload[:60]!r}") from None
    if not isinstance(message, dict):
        raise SensorError(f"a JSON object is expected, not {type(message).__name__}")
    return message


def _instant(
    profile: Profile, message: Mapping[str, Json], received_ms: int
) -> tuple[int | None, str | None]:
    """Return when the message was measured, or None and why that cannot be known."""
    field = profile.sensor.timestamp_field
    if field is None:
        return received_ms, None
    try:
        measured_ms = _milliseconds(_at(message, field), profile.sensor.timestamp_unit)
    except KeyError:
        return None, f"the message has no time in '{field}'"
    except (ValueError, TypeError, OverflowError):
        return None, f"'{field}' is no time in {profile.sensor.timestamp_unit}"
    if measured_ms < EARLIEST_MS:
        return None, f"'{field}' is before the year 2000: the sensor's clock is not set"
    if measured_ms > received_ms + FUTURE_TOLERANCE_MS:
        return None, f"'{field}' is {(measured_ms - received_ms) / 1000:.0f} s in the future"
    return measured_ms, None


def _milliseconds(value: Json, unit: str) -> int:
    if unit == "iso8601":
        if not isinstance(value, str):
            raise TypeError(value)
        instant = datetime.fromisoformat(value)
        return to_ms(instant if instant.tzinfo else instant.replace(tzinfo=UTC))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(value)
    return round(value * 1000 if unit == "s" else value)


def _value(signal: Signal, message: Mapping[str, Json]) -> Scalar | None:
    """Return the engineering value, None for JSON null.

    Raises:
        KeyError: the message does not have the field.
        SensorError: what it has is not usable.
    """
    raw = _at(message, _field(signal))
    if raw is None:
        return None
    if signal.role is Role.IDENTITY:
        if not isinstance(raw, str | int) or isinstance(raw, bool):
            raise SensorError(f"'{signal.name}': {_shown(raw)} is no text")
        return str(raw)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise SensorError(f"'{signal.name}': {_shown(raw)} is no number")
    scale, offset = (signal.mqtt.scale, signal.mqtt.offset) if signal.mqtt else (1.0, 0.0)
    try:
        value = engineering(float(raw), scale, offset)
    except OverflowError:
        value = math.inf
    low, high = signal.range or (-math.inf, math.inf)
    if not math.isfinite(value) or not low <= value <= high:
        raise SensorError(f"'{signal.name}': {_shown(raw)} is outside what the sensor can measure")
    return value


def _field(signal: Signal) -> str:
    return signal.mqtt.field if signal.mqtt else ""


def _at(message: Mapping[str, Json], path: str) -> Json:
    """Return what stands at a dotted path; a field whose own name has the dots wins.

    Raises:
        KeyError: there is nothing.
    """
    if path in message:
        return message[path]
    found: Json = message
    for step in path.split("."):
        if not isinstance(found, dict):
            raise KeyError(path)
        found = found[step]
    return found


def _shown(raw: Json) -> str:
    text = json.dumps(raw, default=str)
    return text if len(text) <= 40 else text[:37] + "..."
