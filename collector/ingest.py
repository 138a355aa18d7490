"""Takes host events in: shows them at once, and queues what is to become durable."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from collector.acknowledge import Acknowledger
from collector.dead_letter import DeadLetter, Kind
from collector.intake import Arrival, Intake
from collector.placing import PlantPlaces
from collector.recent import RecentNumbers
from collector.vitals import CollectorVitals
from telemetry.clock import now_ms
from telemetry.live import LivePicture
from telemetry.sample import DeviceBatch, EdgeNode
from telemetry.sparkplug.host import Data, Event, RebirthWanted, Rejected

logger = structlog.get_logger(__name__)


class Ingest:
    """The collector's end of the broker."""

    def __init__(
        self,
        places: PlantPlaces,
        live: LivePicture,
        intake: Intake,
        acknowledger: Acknowledger,
        recent: RecentNumbers,
        vitals: CollectorVitals,
    ) -> None:
        self._places = places
        self._live = live
        self._intake = intake
        self._acknowledger = acknowledger
        self._recent = recent
        self._vitals = vitals
        self._refusing = False

    async def take(self, node: EdgeNode, events: Sequence[Event]) -> None:
        """Apply one message's events to the live picture, then queue its data."""
        for event in events:
            self._live.apply(event)
        letters = tuple(_letter(event) for event in events if isinstance(event, Rejected))
        data = [event.batch for event in events if isinstance(event, Data)]
        for batch in data:
            await self._take_batch(batch, letters)
            letters = ()
        if letters:
            await self._offer(Arrival(node, None, None, letters))
        self._vitals.rebirths_wanted.inc(sum(isinstance(event, RebirthWanted) for event in events))

    async def _take_batch(self, batch: DeviceBatch, letters: tuple[DeadLetter, ...]) -> None:
        number = batch.number
        if number is not None and self._recent.is_durable(number):
            self._vitals.batches_repeated.inc()
            self._acknowledger.note(batch.node, number)
            return
        if number is not None and self._recent.is_on_the_way(number):
            self._vitals.batches_repeated.inc()
            return
        placed = self._places.place(batch, now_ms())
        arrival = Arrival(batch.node, number, placed.block, letters + placed.letters, placed.values)
        if number is None and arrival.block is None and not arrival.letters:
            return  # only says that something was read
        if await self._offer(arrival) and number is not None:
            self._recent.taken_in(number)

    async def _offer(self, arrival: Arrival) -> bool:
        accepted = await self._intake.offer(arrival)
        self._vitals.queued_values.set(self._intake.values)
        if accepted:
            self._vitals.batches_taken_in.inc()
        elif arrival.number is not None:
            self._vitals.batches_not_accepted.inc()
        else:
            self._vitals.unnumbered_lost.inc()
        if accepted == self._refusing:
            self._refusing = not accepted
            if self._refusing:
                logger.warning("the queue is full: batches wait at the edge", values=self._intake.values)
            else:
                logger.info("there is room again", values=self._intake.values)
        return accepted


def _letter(rejected: Rejected) -> DeadLetter:
    return DeadLetter(
        now_ms(), rejected.node, rejected.station, Kind.UNDECODABLE, rejected.reason, rejected.message
    )
