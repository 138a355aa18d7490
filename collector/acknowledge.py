"""Tells edge nodes which of their batches are durable, a few times a second."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from collector.vitals import CollectorVitals
from telemetry.clock import now_ms
from telemetry.delivery import ACKNOWLEDGED, format_acknowledgement
from telemetry.sample import BatchNumber, EdgeNode, Scalar

Command = Callable[[EdgeNode, str, Scalar], Awaitable[bool]]
"""Writes a metric of an edge node; False if it was not sent."""


class Acknowledger:
    """Gathers numbers and sends them as ranges, one message per node and incarnation.

    An acknowledgement that gets lost is no loss: the edge sends the batch
    again, and it is acknowledged again.
    """

    def __init__(self, vitals: CollectorVitals, *, every_s: float) -> None:
        self._vitals = vitals
        self._every_s = every_s
        self._gathered: dict[EdgeNode, set[BatchNumber]] = {}
        self._something = asyncio.Event()

    def note(self, node: EdgeNode, number: BatchNumber) -> None:
        """Remember to acknowledge a batch that is durable."""
        self._gathered.setdefault(node, set()).add(number)
        self._something.set()

    async def run_forever(self, command: Command) -> None:
        """Send what was gathered, at most every `every_s` seconds."""
        while True:
            await self._something.wait()
            await asyncio.sleep(self._every_s)
            await self.flush(command)

    async def flush(self, command: Command) -> None:
        """Send what was gathered so far."""
        gathered, self._gathered = self._gathered, {}
        self._something.clear()
        for node, numbers in gathered.items():
            texts = format_acknowledgement(numbers)
            if all([await command(node, ACKNOWLEDGED, text) for text in texts]):
                self._vitals.batches_acknowledged.inc(len(numbers))
                self._vitals.last_acknowledgement_at_s.set(now_ms() / 1000)
