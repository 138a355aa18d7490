"""The queue between the broker and the historian: bounded by values, taken in groups."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from collector.dead_letter import DeadLetter
from historian.ports import StationBlock
from telemetry.sample import BatchNumber, EdgeNode

PATIENCE_S = 0.5
"""How long the broker's messages may wait for room: the live picture waits with them."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """What is to be durable before a batch is acknowledged."""

    node: EdgeNode
    number: BatchNumber | None
    block: StationBlock | None
    letters: tuple[DeadLetter, ...] = ()
    values: int = 0

    @property
    def weight(self) -> int:
        """Share of the bound it takes: a batch without values takes room too."""
        return self.values + 1 + 10 * len(self.letters)


class Intake:
    """Holds what has arrived until it is durable."""

    def __init__(self, *, most_values: int, group_values: int, linger_s: float) -> None:
        self._most_values = most_values
        self._group_values = group_values
        self._linger_s = linger_s
        self._waiting: deque[Arrival] = deque()
        self._waiting_weight = 0
        self._in_hand: list[Arrival] = []
        self._in_hand_weight = 0
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._answering = True

    @property
    def values(self) -> int:
        """Values that wait or are being written."""
        return self._waiting_weight + self._in_hand_weight

    def set_answering(self, answers: bool) -> None:  # noqa: FBT001 - a callback with one meaning
        """Note whether the historian takes writes: only then waiting for room has a point."""
        self._answering = answers
        self._room.set()

    async def offer(self, arrival: Arrival) -> bool:
        """Take the arrival in; False if there is no room for it.

        A full queue makes the caller wait a little while the historian works,
        not at all while it does not answer: the edge sends again what was
        never acknowledged, and the live picture must go on.
        """
        if not self._fits(arrival) and not await self._wait_for_room(arrival):
            return False
        self._waiting.append(arrival)
        self._waiting_weight += arrival.weight
        self._arrived.set()
        return True

    async def group(self) -> list[Arrival]:
        """Return what to write together, at least one arrival; `done` must follow."""
        await self._arrived.wait()
        if self._waiting_weight < self._group_values:
            await asyncio.sleep(self._linger_s)
        while self._waiting and (not self._in_hand or self._in_hand_weight < self._group_values):
            arrival = self._waiting.popleft()
            self._in_hand.append(arrival)
            self._in_hand_weight += arrival.weight
            self._waiting_weight -= arrival.weight
        if not self._waiting:
            self._arrived.clear()
        return self._in_hand

    def done(self) -> None:
        """Forget the group in hand: it is durable."""
        self._in_hand = []
        self._in_hand_weight = 0
        self._room.set()

    def _fits(self, arrival: Arrival) -> bool:
        return not self.values or self.values + arrival.weight <= self._most_values

    async def _wait_for_room(self, arrival: Arrival) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while self._answering and not self._fits(arrival):
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            return False
        return self._fits(arrival)
