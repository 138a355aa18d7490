"""A machine's state over time, from its stored state samples (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from plant.model import PlacedStation, Role
from telemetry.quality import Quality
from telemetry.sample import Sample

GRACE_MS = 5000
"""For the way from the register to the store."""


class Segment(NamedTuple):
    """A time in one PackML state; None where nothing is known."""

    start_ms: int
    stop_ms: int
    state: int | None


def hold_ms(placed: PlacedStation) -> int:
    """Return how long a state sample speaks for the time after it: two heartbeats."""
    signal = placed.profile.with_role(Role.STATE)
    heartbeat_s = placed.profile.poll_classes[signal.poll].heartbeat_s if signal else 60.0
    return round(heartbeat_s * 2000) + GRACE_MS


def segments(samples: Sequence[Sample], start_ms: int, stop_ms: int, *, hold_ms: int) -> list[Segment]:
    """Return the range without holes: known states, and unknown in between."""
    found: list[Segment] = []
    known_to_ms = start_ms
    for index, sample in enumerate(samples):
        next_ms = samples[index + 1].at_ms if index + 1 < len(samples) else stop_ms
        begin = max(sample.at_ms, start_ms)
        end = min(next_ms, sample.at_ms + hold_ms, stop_ms)
        if end <= begin:
            continue
        found.append(Segment(known_to_ms, begin, None))
        found.append(Segment(begin, end, state_of(sample)))
        known_to_ms = end
    found.append(Segment(known_to_ms, stop_ms, None))
    return _merged(segment for segment in found if segment.stop_ms > segment.start_ms)


def state_of(sample: Sample | None) -> int | None:
    """Return the PackML state number a sample carries, if it may be believed."""
    if sample is None or sample.quality is not Quality.GOOD:
        return None
    if isinstance(sample.value, bool) or not isinstance(sample.value, int | float):
        return None
    return int(sample.value)


def _merged(each: Iterable[Segment]) -> list[Segment]:
    merged: list[Segment] = []
    for segment in each:
        if merged and merged[-1].state == segment.state and merged[-1].stop_ms == segment.start_ms:
            merged[-1] = merged[-1]._replace(stop_ms=segment.stop_ms)
        else:
            merged.append(segment)
    return merged
