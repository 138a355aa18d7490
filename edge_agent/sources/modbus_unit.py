"""One Modbus unit: polls its classes and rings, isolates what it refuses, notices when it is dead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import repeat

import structlog

from edge_agent.exceptions import BusyError, NoReplyError, RefusedError, UnitLostError
from edge_agent.sources.circuit_breaker import CircuitBreaker
from edge_agent.sources.modbus_link import ModbusLink
from edge_agent.sources.read_plan import ReadRequest, halves, plan_head, plan_slots, signals_in
from edge_agent.sources.result_ring import (
    Slots,
    decode_results,
    number_of,
    slots_in,
    slots_wanted,
    take,
)
from edge_agent.station import StationState
from edge_agent.vitals import EdgeVitals
from plant.model import ModbusAddress, ResultRing
from telemetry.clock import now_ms
from telemetry.quality import Quality
from telemetry.registers import Words

logger = structlog.get_logger(__name__)

REFUSED_RETRY_S = 600.0
"""A register that does not exist appears only with a new program in the PLC."""
MOST_SPLITS_PER_POLL = 32
"""Extra requests in one poll to find what a device refuses; the rest of the search waits."""


@dataclass(slots=True, eq=False)
class _Read:
    """A request of the plan, or what is left of one after a refusal."""

    request: ReadRequest
    position: int = 0
    """Where its registers go in the image of its poll class."""
    breaker: CircuitBreaker = field(default_factory=CircuitBreaker)
    quality: Quality = Quality.STALE
    """What its values are while the breaker is open."""

    def split(self) -> list[_Read]:
        """Return the read in halves; empty if it is for a single value."""
        pieces = halves(self.request) or ()
        return [_Read(each, self.position + each.address - self.request.address) for each in pieces]


class ModbusUnit:
    """Polls one station over a connection it shares with others."""

    def __init__(self, station: StationState, address: ModbusAddress, vitals: EdgeVitals) -> None:
        self.station = station
        self.breaker = CircuitBreaker()
        self._unit = address.unit
        self._profile = station.placed.profile
        self._vitals = vitals
        self._reads: dict[str, list[_Read]] = {}
        self._heads: dict[str, _Read] = {}
        self._first_look: set[str] = set()
        self._known_good: ReadRequest | None = None
        self._answered = False
        self._isolated_told = 0
        self._free_at_s = 0.0
        self._start_anew()

    @property
    def polls(self) -> list[str]:
        """Return the poll classes the unit has something to read for."""
        with_rings = {ring.poll for ring in self._profile.result_rings}
        return [poll for poll in self._profile.poll_classes if poll in self._reads or poll in with_rings]

    @property
    def isolated(self) -> int:
        """Return how many reads are refused or silent."""
        reads = [read for reads in self._reads.values() for read in reads]
        return sum(read.breaker.is_open for read in (*reads, *self._heads.values()))

    async def poll(self, link: ModbusLink, poll: str) -> None:
        """Read one class and its rings; does nothing while the unit's breaker is open.

        Raises:
            UnitLostError: the unit does not answer.
            LinkLostError: the connection is gone.
        """
        if not self.breaker.allows(_now_s()):
            return
        self._answered = False
        if poll in self._reads:
            await self._poll_signals(link, poll)
        for ring in self._profile.result_rings:
            if ring.poll == poll:
                await self._poll_ring(link, ring)
        self._tell_isolated()
        if self._answered and not self.station.connected:
            logger.info("station answers", station=self.station.name, unit=self._unit, connection=link.name)
            self.station.connected = True

    def failed(self) -> None:
        """Count a failure against the unit."""
        self._vitals.request_failures.inc()
        self.breaker.failed(_now_s())

    def look_again(self) -> None:
        """Look at the rings' last slots: whoever cut the connection may have restarted the PLC."""
        self._first_look = set(self._heads)

    def lose(self, reason: str) -> None:
        """Take note that the unit is gone: its values are stale, and what it refused is tried anew."""
        if self.station.connected:
            logger.warning("station lost", station=self.station.name, unit=self._unit, reason=reason)
            self.station.lose(now_ms())
            self._start_anew()

    def _start_anew(self) -> None:
        self._known_good = None
        self._reads = {
            poll: [
                _Read(request, self.station.image(poll).position(request.table, request.address))
                for request in requests
            ]
            for poll, requests in self.station.requests.items()
        }
        self._heads = {ring.kind: _Read(plan_head(ring)) for ring in self._profile.result_rings}
        self._first_look = set(self._heads)
        self._tell_isolated()

    def _tell_isolated(self) -> None:
        isolated = self.isolated
        self._vitals.reads_isolated.inc(isolated - self._isolated_told)
        self._isolated_told = isolated

    async def _poll_signals(self, link: ModbusLink, poll: str) -> None:
        image = self.station.image(poll)
        image.begin()
        reads = self._reads[poll]
        index = splits = 0
        while index < len(reads):
            read = reads[index]
            try:
                words = await self._attempt(link, read)
            except RefusedError:
                reads[index : index + 1] = pieces = read.split()
                splits += 1
                index += len(pieces) if splits > MOST_SPLITS_PER_POLL else 0
                continue
            index += 1
            if words is not None:
                image.store(read.position, words, now_ms())
            elif read.breaker.is_open:
                image.mark(read.position, read.request.count, read.quality, now_ms())
        self.station.took_poll(poll)

    async def _poll_ring(self, link: ModbusLink, ring: ResultRing) -> None:
        read = self._heads[ring.kind]
        words = await self._attempt(link, read)
        if words is None:
            return
        order = self._profile.modbus.word_order
        cursor = self.station.cursors[ring.kind]
        head = number_of(words, order)
        wanted = slots_wanted(ring, cursor, head, first_look=ring.kind in self._first_look)
        slots = await self._slots(link, ring, wanted, read)
        if slots is None:
            return
        self._first_look.discard(ring.kind)
        read_at_ms = now_ms()
        self.station.took_ring(ring.poll, read_at_ms)
        outcome = take(ring, order, cursor, head, slots)
        results = decode_results(self._profile, ring, outcome.taken, read_at_ms)
        self.station.took_results(ring.kind, results, outcome.cursor, read_at_ms)
        self._vitals.results.inc(len(results))
        if outcome.missed:
            self._vitals.results_missed.inc(outcome.missed)
            logger.error("results were overwritten before they could be read: poll the ring more often",
                         station=self.station.name, ring=ring.kind, missed=outcome.missed)  # fmt: skip
        if outcome.restarted:
            self._vitals.ring_restarts.inc()
            logger.warning(
                "the PLC counts results anew", station=self.station.name, ring=ring.kind, head=head
            )

    async def _slots(
        self, link: ModbusLink, ring: ResultRing, wanted: list[int], read: _Read
    ) -> Slots | None:
        """Return the slots, or None if one cannot be read now."""
        slots: dict[int, Words] = {}
        for request in plan_slots(ring, self._profile.modbus, wanted):
            try:
                slots.update(slots_in(ring, request, await self._ask(link, request)))
            except RefusedError as error:
                self._isolate(read, error, f"ring {ring.kind}")
                return None
            except (BusyError, NoReplyError):
                return None
        return slots

    async def _attempt(self, link: ModbusLink, read: _Read) -> Words | None:
        """Return what the read answers, or None if there is no answer now.

        Raises:
            RefusedError: the device refuses it, and it can be split.
            UnitLostError: the unit is dead.
            LinkLostError: the connection is gone.
        """
        if not read.breaker.allows(_now_s()):
            return None
        try:
            words = await self._ask(link, read.request)
        except RefusedError as error:
            if halves(read.request) is not None:
                raise
            self._isolate(read, error, ", ".join(signals_in(self._profile, read.request)))
            return None
        except BusyError as error:
            self._postpone(read, error)
            return None
        except NoReplyError as error:
            await self._probe(link, read)
            self._postpone(read, error)
            return None
        if read.breaker.failures:
            read.breaker, read.quality = CircuitBreaker(), Quality.STALE
        self._known_good = read.request
        return words

    async def _probe(self, link: ModbusLink, read: _Read) -> None:
        """Find out at once whether the whole unit is silent or this read only."""
        try:
            await self._ask(link, self._known_good or read.request)
        except (BusyError, RefusedError):
            self.breaker.succeeded()  # an answer, if not a welcome one

    async def _ask(self, link: ModbusLink, request: ReadRequest) -> Words:
        """Send one request; count what comes of it."""
        dialect = self._profile.modbus
        if dialect.pause_between_requests_s:
            await asyncio.sleep(max(0.0, self._free_at_s - _now_s()))
        self._vitals.requests.inc()
        try:
            words = await link.read(self._unit, request, dialect.timeout_s)
        except NoReplyError as error:
            self.failed()
            if self.breaker.is_open:
                raise UnitLostError(str(error)) from error
            raise
        except (RefusedError, BusyError):
            self._vitals.request_failures.inc()
            raise
        finally:
            self._free_at_s = _now_s() + dialect.pause_between_requests_s
        self.breaker.succeeded()
        self._answered = True
        return words

    def _isolate(self, read: _Read, error: RefusedError, what: str) -> None:
        if not read.breaker.is_open:
            logger.error("the device refuses a read: correct the profile, the rest goes on",
                         station=self.station.name, what=what, reason=str(error))  # fmt: skip
        read.breaker, read.quality = CircuitBreaker(threshold=1, delays=_refused_delays), Quality.BAD
        read.breaker.failed(_now_s())

    def _postpone(self, read: _Read, error: BusyError | NoReplyError) -> None:
        was_open = read.breaker.is_open
        read.breaker.failed(_now_s())
        if read.breaker.is_open and not was_open:
            logger.warning("a read is not answered: its signals are stale, the rest goes on",
                           station=self.station.name, reason=str(error))  # fmt: skip


def _now_s() -> float:
    return asyncio.get_running_loop().time()


def _refused_delays() -> Iterator[float]:
    return repeat(REFUSED_RETRY_S)
