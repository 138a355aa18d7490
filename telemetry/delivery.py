"""Acknowledgement end to end: which batches the historian holds (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from telemetry.sample import BatchNumber

ACKNOWLEDGED = "Delivery/Acknowledged"
"""Metric a host writes (NCMD) to tell an edge node what is durable."""


def to_ranges(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return sorted, disjoint, inclusive ranges that cover exactly the numbers."""
    ranges: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1] = (ranges[-1][0], number)
        else:
            ranges.append((number, number))
    return ranges


def format_acknowledgement(batches: Iterable[BatchNumber]) -> list[str]:
    """Return one text per incarnation, for example `3f2a:1-57,60`."""
    by_incarnation: dict[str, list[int]] = {}
    for batch in batches:
        by_incarnation.setdefault(batch.incarnation, []).append(batch.number)
    return [
        f"{incarnation}:" + ",".join(_format_range(first, last) for first, last in to_ranges(numbers))
        for incarnation, numbers in by_incarnation.items()
    ]


def parse_acknowledgement(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the incarnation and the inclusive ranges.

    Raises:
        ValueError: the text is not an acknowledgement.
    """
    incarnation, colon, ranges = text.rpartition(":")
    if not (colon and incarnation and ranges):
        raise ValueError(f"not an acknowledgement: {text!r}")
    return incarnation, list(_parse_ranges(ranges))


def _format_range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def _parse_ranges(text: str) -> Iterator[tuple[int, int]]:
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if not (first.isdecimal() and (last.isdecimal() or not dash)):
            raise ValueError(f"not a range of batch numbers: {part!r}")
        low = int(first)
        high = int(last) if dash else low
        if low > high:
            raise ValueError(f"a range of batch numbers that goes backwards: {part!r}")
        yield low, high
