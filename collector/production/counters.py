"""How much a raw PLC counter counted, through rollovers, resets and gaps (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from plant.model import Encoding, Signal
from telemetry.sample import Sample

ROLLOVER_PART = 1 / 8
"""With no ideal rate known: how near the counter's ends both values of a rollover must be together."""
RATE_MARGIN = 3.0
"""A rollover may have counted this many times what the ideal rate allows: counts come in bursts."""
LEAST_MARGIN = 20.0
"""Counts always allowed across a rollover, so that two quick reads are not called a reset."""

_INTEGER_BITS = {
    Encoding.INT16: 16, Encoding.UINT16: 16, Encoding.INT32: 32,
    Encoding.UINT32: 32, Encoding.INT64: 64, Encoding.UINT64: 64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RawCounter:
    """What must be known of a counter to read its increments."""

    bits: int | None = None
    """Width at which it rolls over; None for one that never does (float, or no register)."""
    signed: bool = False
    scale: float = 1.0
    offset: float = 0.0
    ideal_rate_per_min: float | None = None
    """In what the counter counts; tells a rollover from a reset near the top."""


class Increment(NamedTuple):
    """What was counted between the sample before and the one at this instant."""

    at_ms: int
    amount: float


def counter_of(signal: Signal, ideal_rate_per_min: float | None = None) -> RawCounter:
    """Return how the signal counts, by the encoding of its register."""
    register = signal.modbus
    if register is None:
        return RawCounter(ideal_rate_per_min=ideal_rate_per_min)
    return RawCounter(
        bits=_INTEGER_BITS.get(register.encoding),
        signed=register.encoding in (Encoding.INT16, Encoding.INT32, Encoding.INT64),
        scale=register.scale,
        offset=register.offset,
        ideal_rate_per_min=ideal_rate_per_min,
    )


def increments(samples: Iterable[Sample], counter: RawCounter) -> list[Increment]:
    """Return what was counted up to each good sample, in order of time.

    Samples come in any order, with repeats. The first good one is only a
    beginning. A sample that is not good is a gap: what was counted meanwhile
    belongs to the first good sample after it.
    """
    good = sorted(
        {sample.at_ms: value for sample in samples if (value := count_in(sample)) is not None}.items()
    )
    return [
        Increment(at_ms, _step(before, value, at_ms - before_ms, counter))
        for (before_ms, before), (at_ms, value) in pairwise(good)
    ]


def count_in(sample: Sample) -> float | None:
    """Return the counter's value, None if the sample holds none that can be trusted."""
    value = sample.value
    if not sample.quality.usable or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def _step(before: float, after: float, elapsed_ms: int, counter: RawCounter) -> float:
    """Return the counts from one value to the next; a decrease is a rollover or a reset to about 0."""
    raw_before, raw_after = _raw(before, counter), _raw(after, counter)
    if raw_after >= raw_before:
        return (raw_after - raw_before) * counter.scale
    rolled = _rolled_over(raw_before, raw_after, counter)
    if rolled is not None and rolled <= _most_counts(elapsed_ms, counter):
        return rolled * counter.scale
    return max(raw_after, 0.0) * counter.scale


def _raw(value: float, counter: RawCounter) -> float:
    raw = (value - counter.offset) / counter.scale
    return float(round(raw)) if counter.bits is not None else raw


def _rolled_over(before: float, after: float, counter: RawCounter) -> float | None:
    """Return the counts if the counter went over its top; None if it has no top.

    A signed register goes on at its most negative value, or, in a PLC that
    avoids negative counts, at 0.
    """
    if counter.bits is None:
        return None
    half = 2.0 ** (counter.bits - 1)
    span = half if counter.signed and after >= 0 else 2.0 * half
    rolled = span - before + after
    return rolled if rolled > 0 else None


def _most_counts(elapsed_ms: int, counter: RawCounter) -> float:
    if counter.ideal_rate_per_min is None:
        return ROLLOVER_PART * 2.0 ** (counter.bits or 0)
    ideal = counter.ideal_rate_per_min * elapsed_ms / 60_000 / abs(counter.scale)
    return LEAST_MARGIN + RATE_MARGIN * ideal
