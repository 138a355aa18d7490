"""Where each minute's seconds went, from the samples of a machine's state (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from collector.production.minute import MINUTE_MS, minutes_between
from plant.model import PollClass
from plant.packml import TimeClass, time_class
from telemetry.sample import Sample

GRACE_MS = 1500
"""For the way from the register to here."""


class Span(NamedTuple):
    """A stretch of time of one class."""

    start_ms: int
    stop_ms: int
    time_class: TimeClass


def hold_ms(poll: PollClass) -> int:
    """Return how long a state may be believed without a further sample.

    An unchanged state is sent again every heartbeat; one may be lost.
    """
    return round(poll.heartbeat_s * 2000) + GRACE_MS


def seconds_by_minute(
    samples: Iterable[Sample], start_ms: int, stop_ms: int, *, hold_ms: int
) -> dict[int, dict[str, float]]:
    """Return the seconds of each time class for every minute from `start_ms` to `stop_ms`.

    Samples come in any order, with repeats, and should include the last one
    before the start. Time for which no state is known is unknown time. Every
    minute adds up to 60 s, one that `stop_ms` cuts to what it has of it.
    """
    totals: dict[int, dict[TimeClass, int]] = {minute: {} for minute in minutes_between(start_ms, stop_ms)}
    for span in spans(samples, start_ms, stop_ms, hold_ms=hold_ms):
        for minute in minutes_between(span.start_ms, span.stop_ms):
            inside_ms = min(span.stop_ms, minute + MINUTE_MS) - max(span.start_ms, minute)
            sums = totals[minute]
            sums[span.time_class] = sums.get(span.time_class, 0) + inside_ms
    return {minute: {each.value: ms / 1000 for each, ms in sums.items()} for minute, sums in totals.items()}


def spans(samples: Iterable[Sample], start_ms: int, stop_ms: int, *, hold_ms: int) -> Iterator[Span]:
    """Yield adjoining stretches that cover exactly `start_ms` to `stop_ms`."""
    ordered = sorted({sample.at_ms: class_of(sample) for sample in samples}.items())
    known_until_ms = start_ms
    for index, (at_ms, state_class) in enumerate(ordered):
        next_ms = ordered[index + 1][0] if index + 1 < len(ordered) else stop_ms
        begin_ms = max(at_ms, start_ms)
        end_ms = min(next_ms, at_ms + hold_ms, stop_ms)
        if begin_ms >= end_ms:
            continue
        if begin_ms > known_until_ms:
            yield Span(known_until_ms, begin_ms, TimeClass.UNKNOWN)
        yield Span(begin_ms, end_ms, state_class)
        known_until_ms = end_ms
    if known_until_ms < stop_ms:
        yield Span(known_until_ms, stop_ms, TimeClass.UNKNOWN)


def class_of(sample: Sample) -> TimeClass:
    """Return where time goes while this sample is the last one."""
    value = sample.value
    if not sample.quality.usable or not isinstance(value, int | float) or isinstance(value, bool):
        return TimeClass.UNKNOWN
    return time_class(int(value)) if value == value // 1 else TimeClass.UNKNOWN
