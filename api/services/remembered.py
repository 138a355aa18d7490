"""An answer shared by all who ask within a moment: one query, however many screens are open."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Found = TypeVar("Found")

_MOST_KEYS = 2000


@dataclass(slots=True)
class _Slot(Generic[Found]):
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    fetched_s: float = float("-inf")
    found: list[Found] = field(default_factory=list)
    """Empty until there is an answer."""


class Remembered(Generic[Found]):
    """Keeps each answer for `keep_s` seconds; who asks meanwhile waits for the same query."""

    def __init__(self, keep_s: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._keep_s = keep_s
        self._monotonic = monotonic
        self._slots: dict[Hashable, _Slot[Found]] = {}

    async def get(self, key: Hashable, fetch: Callable[[], Awaitable[Found]]) -> Found:
        """Return the remembered answer, or fetch it; a failure is raised and not kept."""
        if len(self._slots) >= _MOST_KEYS:
            self._forget()
        slot = self._slots.setdefault(key, _Slot())
        async with slot.lock:
            if not slot.found or self._monotonic() - slot.fetched_s >= self._keep_s:
                slot.found = [await fetch()]
                slot.fetched_s = self._monotonic()
            return slot.found[0]

    def _forget(self) -> None:
        now_s = self._monotonic()
        self._slots = {
            key: slot
            for key, slot in self._slots.items()
            if slot.lock.locked() or now_s - slot.fetched_s < self._keep_s
        }
