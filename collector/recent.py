"""Which batch numbers were taken in lately, so that a repeat costs nothing (pure)."""

from __future__ import annotations

from telemetry.sample import BatchNumber


class RecentNumbers:
    """The last numbers that became durable, and those on their way there."""

    def __init__(self, most: int = 100_000) -> None:
        self._most = most
        self._durable: dict[BatchNumber, None] = {}
        """In the order they became durable."""
        self._on_the_way: set[BatchNumber] = set()

    def is_durable(self, number: BatchNumber) -> bool:
        """Return whether the batch is known to be durable; False also if it was long ago."""
        return number in self._durable

    def is_on_the_way(self, number: BatchNumber) -> bool:
        """Return whether the batch was taken in and is not durable yet."""
        return number in self._on_the_way

    def taken_in(self, number: BatchNumber) -> None:
        """Remember a batch that waits to be written."""
        self._on_the_way.add(number)

    def now_durable(self, number: BatchNumber) -> None:
        """Remember a batch as durable; the oldest is forgotten."""
        self._on_the_way.discard(number)
        self._durable[number] = None
        if len(self._durable) > self._most:
            del self._durable[next(iter(self._durable))]
