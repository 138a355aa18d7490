"""When polls are due: aligned, drift-free, never replayed in a burst."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

Monotonic = Callable[[], float]


def next_tick(scheduled_s: float, now_s: float, period_s: float) -> float:
    """Return the first multiple of the period after now, counted from `scheduled_s`.

    Missed ticks are skipped, never replayed, so a slow device cannot flood its
    own bus while catching up.
    """
    if now_s < scheduled_s:
        return scheduled_s
    missed = (now_s - scheduled_s) // period_s
    tick_s = scheduled_s + (missed + 1) * period_s
    # 1.0 // 0.05 is 19 in floating point: a tick that is due now would be due again.
    return tick_s if tick_s > now_s else tick_s + period_s


async def ticks(period_s: float, *, phase_s: float = 0.0) -> AsyncGenerator[int, None]:
    """Yield at every tick how many ticks before it were missed.

    The phase staggers several schedules of one period.
    """
    loop = asyncio.get_running_loop()
    due_s = loop.time() + phase_s
    while True:
        await asyncio.sleep(max(0.0, due_s - loop.time()))
        was_due_s = due_s
        due_s = next_tick(due_s, loop.time(), period_s)
        yield max(0, round((due_s - was_due_s) / period_s) - 1)
