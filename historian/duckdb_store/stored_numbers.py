"""Which numbered batches are stored (pure)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from telemetry.delivery import to_ranges
from telemetry.sample import BatchNumber

BatchRange = tuple[str, int, int]
"""Incarnation, first and last number, both inclusive."""


class StoredNumbers:
    """A set of batch numbers, as ranges: a spool counts up, so that they are few."""

    def __init__(self, ranges: Iterable[BatchRange] = ()) -> None:
        self._ranges: dict[str, list[tuple[int, int]]] = {}
        for incarnation, first, last in sorted(ranges):
            self._add(incarnation, first, last)

    def __contains__(self, number: BatchNumber) -> bool:
        ranges = self._ranges.get(number.incarnation, [])
        place = bisect_right(ranges, (number.number, _BEYOND)) - 1
        return place >= 0 and number.number <= ranges[place][1]

    def __iter__(self) -> Iterator[BatchRange]:
        for incarnation, ranges in self._ranges.items():
            for first, last in ranges:
                yield incarnation, first, last

    def add(self, ranges: Iterable[BatchRange]) -> None:
        """Add ranges, joining those that touch."""
        for incarnation, first, last in ranges:
            self._add(incarnation, first, last)

    def _add(self, incarnation: str, first: int, last: int) -> None:
        ranges = self._ranges.setdefault(incarnation, [])
        low = bisect_right(ranges, (first, -1))
        if low and ranges[low - 1][1] >= first - 1:
            low -= 1
        high = low
        while high < len(ranges) and ranges[high][0] <= last + 1:
            first = min(first, ranges[high][0])
            last = max(last, ranges[high][1])
            high += 1
        ranges[low:high] = [(first, last)]


_BEYOND = 1 << 63


def ranges_of(numbers: Iterable[BatchNumber]) -> list[BatchRange]:
    """Return the numbers as ranges."""
    by_incarnation: dict[str, list[int]] = {}
    for number in numbers:
        by_incarnation.setdefault(number.incarnation, []).append(number.number)
    return [
        (incarnation, first, last)
        for incarnation, each in by_incarnation.items()
        for first, last in to_ranges(each)
    ]
