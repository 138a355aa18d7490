"""From the spool to the host: live batches at once, backlog beside them, again what was not acknowledged."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import structlog

from edge_agent.commands import Acknowledgement
from edge_agent.exceptions import NotOnlineError, SpoolUnavailableError
from edge_agent.spool.spool import Batch, Entry, Spool
from edge_agent.vitals import EdgeVitals
from telemetry.clock import now_ms
from telemetry.sample import BatchNumber

logger = structlog.get_logger(__name__)

STEP_S = 0.1


class Sender(Protocol):
    """The way to the host."""

    @property
    def online(self) -> bool:
        """Return whether there is a session."""

    @property
    def sessions(self) -> int:
        """Return the number of sessions so far; what was in flight in an earlier one may be lost."""

    async def send(self, batch: Batch, number: BatchNumber | None, *, historical: bool) -> None:
        """Publish a batch.

        Raises:
            NotOnlineError: there is no session.
        """


class _Flight(NamedTuple):
    device: str
    until_s: float
    """When an acknowledgement has to be there."""


class Forwarder:
    """Decides what is sent when; deletes only what a host says is durable."""

    def __init__(
        self,
        spool: Spool,
        sender: Sender,
        vitals: EdgeVitals,
        *,
        backlog_per_s: float,
        window: int,
        ack_timeout_s: float,
        acknowledged: bool = True,
    ) -> None:
        """Create it; `acknowledged=False` is for hosts that never do: sent then means delivered."""
        self._spool = spool
        self._sender = sender
        self._vitals = vitals
        self._backlog_per_s = backlog_per_s
        self._window = window
        self._ack_timeout_s = ack_timeout_s
        self._acknowledged = acknowledged
        self._in_flight: dict[int, _Flight] = {}
        self._flying: Counter[str] = Counter()
        self._position = 0
        """Batches up to here were sent, or are given up."""
        self._highest_sent = 0
        self._ceiling: int | None = None
        """Batches above are just being appended and will be sent as live."""
        self._session = 0
        self._incarnation = ""

    async def append(
        self, entries: Sequence[Entry], cursors: Mapping[tuple[str, str], bytes] | None = None
    ) -> None:
        """Keep entries, then send them if there is a session.

        Raises:
            SpoolUnavailableError: nothing of it is kept.
        """
        self._ceiling = self._spool.last_number
        try:
            batches = await self._spool.append(entries, cursors)
            self._notice_changes()
            if self._sender.online:
                for batch in batches:
                    self._take_off(batch)
        finally:
            self._ceiling = None
        if self._sender.online:
            await self._send(batches, historical=False)

    async def run_forever(self) -> None:
        """Send the backlog at its rate, and again what was not acknowledged in time."""
        allowance = 0.0
        while True:
            await asyncio.sleep(STEP_S)
            self._notice_changes()
            self._land_overdue()
            allowance = min(allowance + self._backlog_per_s * STEP_S, max(1.0, self._backlog_per_s))
            if self._sender.online and allowance >= 1:
                try:
                    allowance -= await self._send_backlog(int(allowance))
                except SpoolUnavailableError as error:
                    logger.warning("cannot read the backlog", reason=str(error))

    async def take_acknowledgement(self, acknowledgement: Acknowledgement) -> None:
        """Delete what a host says is durable, as far as it was sent to it."""
        if acknowledgement.incarnation != self._spool.incarnation:
            return
        ranges = [
            (first, min(last, self._highest_sent))
            for first, last in acknowledgement.ranges
            if first <= self._highest_sent
        ]
        await self._forget(ranges)
        self._vitals.acknowledged_at_s.set(now_ms() / 1000)

    def has_unsent(self, device: str) -> bool:
        """Return whether batches of the station still wait to be sent."""
        return self._spool.depth(device) > self._flying[device]

    def note_vitals(self, at_ms: int) -> None:
        """Put down how full the spool is."""
        stats = self._spool.stats()
        self._vitals.spool_batches.set(stats.batches)
        self._vitals.spool_bytes.set(stats.bytes)
        self._vitals.spool_dropped.set(stats.dropped)
        age_ms = 0 if stats.oldest_ms is None else at_ms - stats.oldest_ms
        self._vitals.spool_age_s.set(max(0, age_ms) / 1000)
        self._vitals.in_flight.set(len(self._in_flight))

    async def _send_backlog(self, limit: int) -> int:
        """Send the oldest batches that are not on their way; return how many."""
        room = min(limit, self._window - len(self._in_flight))
        ceiling = self._spool.last_number if self._ceiling is None else self._ceiling
        if room <= 0 or self._position >= ceiling:
            return 0
        began = (self._sender.sessions, self._spool.incarnation)
        found = [batch for batch in await self._spool.read(self._position, room) if batch.number <= ceiling]
        if (self._sender.sessions, self._spool.incarnation) != began:
            return 0
        if not found:
            self._position = ceiling
            return 0
        waiting = [batch for batch in found if batch.number not in self._in_flight]
        for batch in waiting:
            self._take_off(batch)
        self._position = max(self._position, found[-1].number)
        await self._send(waiting, historical=True)
        return len(waiting)

    async def _send(self, batches: Sequence[Batch], *, historical: bool) -> None:
        sent = []
        try:
            for batch in batches:
                number = BatchNumber(self._spool.incarnation, batch.number)
                self._highest_sent = max(self._highest_sent, batch.number)
                await self._sender.send(batch, number, historical=historical)
                sent.append((batch.number, batch.number))
        except NotOnlineError:
            for batch in batches[len(sent) :]:
                self._land(batch.number)
        if not self._acknowledged and sent:
            await self._forget(sent)

    async def _forget(self, ranges: Sequence[tuple[int, int]]) -> None:
        try:
            self._vitals.acknowledged.inc(await self._spool.acknowledge(ranges))
        except SpoolUnavailableError as error:
            logger.warning("cannot delete what was delivered: it will be sent again", reason=str(error))
            return
        for number in [each for each in self._in_flight if any(a <= each <= b for a, b in ranges)]:
            self._land(number, delivered=True)

    def _take_off(self, batch: Batch) -> None:
        until_s = asyncio.get_running_loop().time() + self._ack_timeout_s
        self._in_flight[batch.number] = _Flight(batch.device, until_s)
        self._flying[batch.device] += 1

    def _land(self, number: int, *, delivered: bool = False) -> None:
        flight = self._in_flight.pop(number, None)
        if flight is not None:
            self._flying[flight.device] -= 1
        if not delivered:
            self._position = min(self._position, number - 1)

    def _land_overdue(self) -> None:
        """Let what was not acknowledged in time be backlog again; the oldest take-off comes first."""
        now_s = asyncio.get_running_loop().time()
        overdue = []
        for number, flight in self._in_flight.items():
            if flight.until_s > now_s:
                break
            overdue.append(number)
        self._vitals.resent.inc(len(overdue))
        for number in overdue:
            self._land(number)

    def _notice_changes(self) -> None:
        """Begin from the oldest batch with a new session or a new spool file."""
        if (self._sender.sessions, self._spool.incarnation) == (self._session, self._incarnation):
            return
        if self._spool.incarnation != self._incarnation:
            self._highest_sent = 0
        self._session, self._incarnation = self._sender.sessions, self._spool.incarnation
        self._vitals.resent.inc(len(self._in_flight))
        self._in_flight.clear()
        self._flying.clear()
        self._position = 0
