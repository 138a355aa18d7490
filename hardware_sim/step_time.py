"""The step of simulated time and where it lies on the wall clock."""

from __future__ import annotations

from typing import NamedTuple


class StepTime(NamedTuple):
    """A step of physics and the wall-clock instants it spans."""

    dt_s: float
    """Seconds of physics."""
    start_ms: float
    stop_ms: float

    def at_ms(self, left_s: float) -> int:
        """Return the wall-clock instant at which `left_s` of the step remain."""
        return round(self.stop_ms - left_s / self.dt_s * (self.stop_ms - self.start_ms))
