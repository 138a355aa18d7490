"""Which intervals of time a trend is drawn in (pure)."""

from __future__ import annotations

import re
from itertools import chain
from typing import NamedTuple

_SECOND, _MINUTE, _HOUR, _DAY = 1_000, 60_000, 3_600_000, 86_400_000

WIDTHS_MS = tuple(
    chain(
        (1, 2, 5, 10, 20, 50, 100, 200, 500),
        (n * _SECOND for n in (1, 2, 5, 10, 15, 20, 30)),
        (n * _MINUTE for n in (1, 2, 3, 5, 10, 15, 20, 30)),
        (n * _HOUR for n in (1, 2, 3, 4, 6, 8, 12)),
        (n * _DAY for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 20_000)),
    )
)
"""Widths a person reads easily; from a minute up each is a whole number of minutes, as a rollup is."""

_ELEMENT = re.compile(r"(?P<signal>.+)\[(?P<index>\d{1,6})\]")


class Grid(NamedTuple):
    """Buckets of one width; one of them starts at `offset_ms`."""

    width_ms: int
    offset_ms: int

    def start_of(self, at_ms: int) -> int:
        """Return the start of the bucket the instant lies in."""
        return at_ms - (at_ms - self.offset_ms) % self.width_ms


def grid_for(start_ms: int, stop_ms: int, points: int) -> Grid:
    """Return the finest readable grid with at most `points` buckets in the range.

    Aligned to UTC, not to the range, so that a trend that moves with the clock
    does not flicker: a bucket holds the same samples in every picture.
    """
    for width_ms in WIDTHS_MS:
        if (stop_ms - 1) // width_ms - start_ms // width_ms < points:
            return Grid(width_ms, 0)
    width_ms = max(1, -(-(stop_ms - start_ms) // points))
    return Grid(width_ms, start_ms % width_ms)


def element_of(signal: str) -> tuple[str, int] | None:
    """Return array and index if the name asks for one element, as `name[3]` does."""
    match = _ELEMENT.fullmatch(signal)
    return (match["signal"], int(match["index"])) if match else None
