"""How a quantity follows its setpoint: first order, dead time, ramp. Exact for any step."""

from __future__ import annotations

import math
from collections import deque


def first_order(value: float, target: float, tau_s: float, dt_s: float) -> float:
    """Return the value after `dt_s` on its way to a constant target.

    Solution of `tau y' = u - y`; two half steps give the same as one.
    """
    if tau_s <= 0:
        return target
    return target + (value - target) * math.exp(-dt_s / tau_s)


def ramp(value: float, target: float, rate_per_s: float, dt_s: float) -> float:
    """Return the value after `dt_s` at a limited rate of change."""
    step = rate_per_s * dt_s
    return min(target, value + step) if target >= value else max(target, value - step)


class DeadTime:
    """A pure transport delay of a piecewise constant input."""

    def __init__(self, dead_time_s: float, value: float) -> None:
        self._dead_time_s = dead_time_s
        self._now_s = 0.0
        self._out = value
        self._coming: deque[tuple[float, float]] = deque()
        self._last_in = value

    def put(self, value: float) -> None:
        """Set the input from now on."""
        if value != self._last_in:
            self._last_in = value
            self._coming.append((self._now_s + self._dead_time_s, value))

    def advance(self, dt_s: float) -> list[tuple[float, float]]:
        """Return the constant pieces of the output in the next `dt_s` as (duration, value)."""
        end_s = self._now_s + dt_s
        pieces: list[tuple[float, float]] = []
        while self._coming and self._coming[0][0] <= end_s:
            due_s, value = self._coming.popleft()
            if due_s > self._now_s:
                pieces.append((due_s - self._now_s, self._out))
                self._now_s = due_s
            self._out = value
        if end_s > self._now_s:
            pieces.append((end_s - self._now_s, self._out))
        self._now_s = end_s
        return pieces


class FirstOrderDeadTime:
    """First order plus dead time (FOPDT), exact for a piecewise constant input."""

    def __init__(self, value: float, *, tau_s: float, dead_time_s: float) -> None:
        self.value = value
        self._tau_s = tau_s
        self._delay = DeadTime(dead_time_s, value)

    def step(self, target: float, dt_s: float) -> float:
        """Advance with the input at `target`; return the new value."""
        self._delay.put(target)
        for duration_s, delayed in self._delay.advance(dt_s):
            self.value = first_order(self.value, delayed, self._tau_s, duration_s)
        return self.value


def run_up(speed: float, target: float, rate_per_s: float, dt_s: float) -> tuple[float, float]:
    """Return the speed after `dt_s` at a limited acceleration, and the way covered in it."""
    to_target_s = abs(target - speed) / rate_per_s
    ramping_s = min(dt_s, to_target_s)
    reached = ramp(speed, target, rate_per_s, ramping_s)
    return reached, (speed + reached) / 2 * ramping_s + reached * (dt_s - ramping_s)
