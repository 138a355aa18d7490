"""Takes groups from the queue, makes them durable, and only then acknowledges them."""

from __future__ import annotations

from collections.abc import Iterable

from collector.acknowledge import Acknowledger
from collector.durable import DurableStore
from collector.intake import Arrival, Intake
from collector.recent import RecentNumbers
from collector.vitals import CollectorVitals
from telemetry.clock import now_ms


class GroupWriter:
    """The collector's end of the historian."""

    def __init__(
        self,
        intake: Intake,
        store: DurableStore,
        acknowledger: Acknowledger,
        recent: RecentNumbers,
        vitals: CollectorVitals,
    ) -> None:
        self._intake = intake
        self._store = store
        self._acknowledger = acknowledger
        self._recent = recent
        self._vitals = vitals

    async def run_forever(self) -> None:
        """Write group after group; one that cannot be written now is tried until it can."""
        while True:
            await self.write_group()

    async def write_group(self) -> None:
        """Wait for a group, make it durable, have it acknowledged."""
        group = await self._intake.group()
        blocks = [arrival.block for arrival in group if arrival.block is not None]
        await self._store.keep(blocks, [letter for arrival in group for letter in arrival.letters])
        self._intake.done()
        self._note(group)

    def _note(self, group: Iterable[Arrival]) -> None:
        for arrival in group:
            self._vitals.batches_written.inc()
            self._vitals.values_written.inc(arrival.values)
            if arrival.number is not None:
                self._recent.now_durable(arrival.number)
                self._acknowledger.note(arrival.node, arrival.number)
        self._vitals.queued_values.set(self._intake.values)
        self._vitals.last_write_at_s.set(now_ms() / 1000)
