"""A spool that is gone with the process: what the disk costs is measured against it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence

from typing_extensions import override

from edge_agent.spool.spool import EXPIRY_PERIOD_MS, Batch, BatchClass, Entry, Spool, SpoolStats


class MemorySpool(Spool):
    """Keeps batches in a dictionary."""

    def __init__(self, *, max_bytes: int = 2**30, max_age_ms: int = 2**62) -> None:
        self._incarnation = secrets.token_hex(4)
        self._max_bytes = max_bytes
        self._max_age_ms = max_age_ms
        self._batches: dict[int, Batch] = {}
        self._depths: Counter[str] = Counter()
        self._bytes = 0
        self._last = 0
        self._dropped = 0
        self._expired_ms = 0

    @property
    @override
    def incarnation(self) -> str:
        """Return the random id of this spool."""
        return self._incarnation

    @override
    async def append(
        self, entries: Sequence[Entry], cursors: Mapping[tuple[str, str], bytes] | None = None
    ) -> list[Batch]:
        added = []
        for entry in entries:
            self._last += 1
            batch = Batch(self._last, *entry)
            self._batches[batch.number] = batch
            self._depths[batch.device] += 1
            self._bytes += len(batch.metrics)
            added.append(batch)
        self._make_room(max((entry.created_ms for entry in entries), default=0))
        return added

    @override
    async def read(self, after: int, limit: int) -> list[Batch]:
        return [batch for number, batch in self._batches.items() if number > after][:limit]

    @property
    @override
    def last_number(self) -> int:
        return self._last

    @override
    async def acknowledge(self, ranges: Sequence[tuple[int, int]]) -> int:
        known = [number for number in self._batches if any(first <= number <= last for first, last in ranges)]
        return sum(self._remove(number) for number in known)

    @override
    def stats(self) -> SpoolStats:
        oldest = min((batch.created_ms for batch in self._batches.values()), default=None)
        return SpoolStats(len(self._batches), self._bytes, oldest, self._dropped)

    @override
    def depth(self, device: str) -> int:
        return self._depths[device]

    def _make_room(self, now_ms: int) -> None:
        if now_ms - self._expired_ms >= EXPIRY_PERIOD_MS:
            self._expired_ms = now_ms
            too_old = now_ms - self._max_age_ms
            for number in [each.number for each in self._batches.values() if each.created_ms < too_old]:
                self._dropped += self._remove(number)
        for batch_class in BatchClass:
            for batch in [each for each in self._batches.values() if each.batch_class is batch_class]:
                if self._bytes <= self._max_bytes:
                    return
                self._dropped += self._remove(batch.number)

    def _remove(self, number: int) -> bool:
        batch = self._batches.pop(number, None)
        if batch is None:
            return False
        self._depths[batch.device] -= 1
        self._bytes -= len(batch.metrics)
        return True
