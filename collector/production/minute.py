"""Minutes as instants: the start of each, in milliseconds since 1970 UTC (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

MINUTE_MS = 60_000


def minute_of(at_ms: int) -> int:
    """Return the start of the minute an instant lies in."""
    return at_ms - at_ms % MINUTE_MS


def minutes_between(start_ms: int, stop_ms: int) -> range:
    """Return the starts of all minutes that overlap `start_ms` (inclusive) to `stop_ms` (exclusive)."""
    return range(minute_of(start_ms), stop_ms, MINUTE_MS)


def to_runs(minutes: Iterable[int], *, longest: int) -> Iterator[tuple[int, int]]:
    """Yield contiguous minutes as (start, stop), each of at most `longest` minutes, oldest first."""
    start = stop = None
    for minute in sorted(set(minutes)):
        if start is not None and stop is not None:
            if minute == stop and stop - start < longest * MINUTE_MS:
                stop += MINUTE_MS
                continue
            yield start, stop
        start, stop = minute, minute + MINUTE_MS
    if start is not None and stop is not None:
        yield start, stop
