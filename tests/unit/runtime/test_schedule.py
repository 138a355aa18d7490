"""Polling in virtual time: hours of it in milliseconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

import async_solipsism

from runtime.schedule import ticks

Poll = tuple[float, int]
"""When a poll began, and how many ticks were missed before it."""


def polls(
    period_s: float, count: int, takes_s: Callable[[int], float] = lambda _: 0.0, phase_s: float = 0.0
) -> list[Poll]:
    """Return the first polls of a schedule, on a loop whose clock jumps to the next event."""

    async def poll() -> list[Poll]:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        seen: list[Poll] = []
        async with aclosing(ticks(period_s, phase_s=phase_s)) as schedule:
            async for missed in schedule:
                seen.append((round(loop.time() - began_s, 6), missed))
                if len(seen) == count:
                    break
                await asyncio.sleep(takes_s(len(seen)))
        return seen

    with asyncio.Runner(loop_factory=async_solipsism.EventLoop) as runner:
        return runner.run(poll())


def test_polls_do_not_drift_however_long_each_takes() -> None:
    seen = polls(1.0, 3600, takes_s=lambda number: 0.1 + 0.2 * (number % 3))
    assert seen == [(float(second), 0) for second in range(3600)]


def test_phase_staggers_schedules_of_one_period() -> None:
    assert [at_s for at_s, _ in polls(1.0, 3, phase_s=0.25)] == [0.25, 1.25, 2.25]


def test_missed_ticks_are_counted_and_never_replayed() -> None:
    seen = polls(1.0, 5, takes_s=lambda number: 3.5 if number == 2 else 0.1)
    assert seen == [(0.0, 0), (1.0, 0), (4.5, 2), (5.0, 0), (6.0, 0)]


def test_poll_that_takes_exactly_its_period_misses_nothing() -> None:
    assert [at_s for at_s, _ in polls(1.0, 4, takes_s=lambda _: 1.0)] == [0.0, 1.0, 2.0, 3.0]
