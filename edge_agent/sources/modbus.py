"""One task per Modbus connection: several units and poll classes share it, one request at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from edge_agent.exceptions import LinkLostError, UnitLostError
from edge_agent.sources.circuit_breaker import CircuitBreaker
from edge_agent.sources.modbus_link import ModbusLink
from edge_agent.sources.modbus_unit import ModbusUnit
from edge_agent.vitals import EdgeVitals
from runtime.schedule import next_tick

logger = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Job:
    """One poll class of one unit."""

    unit: ModbusUnit
    poll: str
    period_s: float
    due_s: float


class ModbusConnection:
    """Polls every unit behind one address, each on its own schedule."""

    def __init__(
        self,
        link: ModbusLink,
        units: Sequence[ModbusUnit],
        vitals: EdgeVitals,
        *,
        stagger: float = 0.0,
    ) -> None:
        """Create it; `stagger` (0 to 1) shifts the schedules against those of other connections."""
        self._link = link
        self._units = units
        self._vitals = vitals
        self._stagger = stagger
        self._link_breaker = CircuitBreaker(threshold=1)
        self._jobs: list[_Job] = []

    async def run_forever(self) -> None:
        """Poll until cancelled; what fails is marked stale and tried again."""
        self._jobs = self._staggered(asyncio.get_running_loop().time())
        try:
            while self._jobs:
                job = min(self._jobs, key=lambda each: each.due_s)
                await self._wait_for(job)
                await self._run(job)
                _raise_if_cancelled()
                self._schedule_next(job)
        finally:
            self._link.close()

    def _staggered(self, now_s: float) -> list[_Job]:
        """Return the jobs, spread over their periods so that they do not come in a burst."""
        pairs = [(unit, poll) for unit in self._units for poll in unit.polls]
        jobs = []
        for index, (unit, poll) in enumerate(pairs):
            period_s = unit.station.placed.profile.poll_classes[poll].period_s
            phase = (index + self._stagger) / len(pairs)
            jobs.append(_Job(unit, poll, period_s, now_s + phase * min(period_s, 1.0)))
        return jobs

    async def _wait_for(self, job: _Job) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, job.due_s - loop.time()))
        self._vitals.poll_lag_s.set(max(0.0, loop.time() - job.due_s))

    def _schedule_next(self, job: _Job) -> None:
        was_due_s = job.due_s
        job.due_s = next_tick(was_due_s, asyncio.get_running_loop().time(), job.period_s)
        self._vitals.missed_ticks.inc(max(0, round((job.due_s - was_due_s) / job.period_s) - 1))

    async def _run(self, job: _Job) -> None:
        unit = job.unit
        was_connected = unit.station.connected
        try:
            if unit.breaker.allows(asyncio.get_running_loop().time()) and await self._is_connected():
                await unit.poll(self._link, job.poll)
        except UnitLostError as error:
            unit.lose(str(error))
            if all(each.breaker.is_open for each in self._units):
                self._link.close()  # the other side may have forgotten the connection
        except LinkLostError as error:
            logger.info("connection lost", connection=self._link.name, reason=str(error))
            for each in self._units:
                each.look_again()
            unit.failed()
            if unit.breaker.is_open:
                unit.lose(str(error))
        else:
            if unit.station.connected:
                self._link_breaker.succeeded()
            if unit.station.connected and not was_connected:
                self._hasten(unit, job)

    async def _is_connected(self) -> bool:
        """Return whether there is a connection, after trying to make one if that is due."""
        if self._link.is_connected:
            return True
        loop = asyncio.get_running_loop()
        if not self._link_breaker.allows(loop.time()):
            return False
        try:
            await self._link.connect()
        except LinkLostError as error:
            self._link_breaker.failed(loop.time())
            for unit in self._units:
                unit.lose(str(error))
            return False
        self._vitals.reconnects.inc()
        return True

    def _hasten(self, unit: ModbusUnit, done: _Job) -> None:
        """Read the other classes of a station that came back without waiting for their next tick."""
        for job in self._jobs:
            if job.unit is unit and job is not done:
                job.due_s = min(job.due_s, asyncio.get_running_loop().time())


def _raise_if_cancelled() -> None:
    """Honour a cancellation that got lost on the way.

    Before Python 3.12 `asyncio.wait_for`, which the Modbus library uses, drops
    one that comes in the same turn of the loop as the reply (cpython#86296).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
