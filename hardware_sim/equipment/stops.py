"""When a machine fails and how long it stands."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hardware_sim.equipment.stage import Stage

_REPAIR_SPREAD = 0.6
"""Sigma of the logarithm of repair times."""


class Stop(NamedTuple):
    """A stop of the machine itself."""

    reason: str
    lasts_s: float


class Stops:
    """Draws failures and micro-stops in running time."""

    def __init__(self, stage: Stage, chance: np.random.Generator) -> None:
        self._stage = stage
        self._chance = chance
        self.rate_factor = 1.0
        """Above 1 a fault makes micro-stops more frequent."""
        self._failure_in_s = float(chance.exponential(stage.mtbf_h * 3600))
        self._micro_in_s = self._draw_micro_s()

    @property
    def next_in_s(self) -> float:
        """Running time to the next stop."""
        return max(0.0, min(self._failure_in_s, self._micro_in_s / self.rate_factor))

    def run(self, dt_s: float) -> Stop | None:
        """Let the machine run; return the stop that is due at the end of `dt_s`, if one is."""
        self._failure_in_s -= dt_s
        self._micro_in_s -= dt_s * self.rate_factor
        if self._failure_in_s <= 1e-9:
            self._failure_in_s = float(self._chance.exponential(self._stage.mtbf_h * 3600))
            middle_s = self._stage.mttr_h * 3600 / math.exp(_REPAIR_SPREAD**2 / 2)
            return Stop("failure", float(middle_s * self._chance.lognormal(0.0, _REPAIR_SPREAD)))
        if self._micro_in_s <= 1e-9:
            self._micro_in_s = self._draw_micro_s()
            return Stop("micro-stop", 2.0 + float(self._chance.exponential(self._stage.micro_s - 2.0)))
        return None

    def _draw_micro_s(self) -> float:
        if self._stage.micro_per_h <= 0:
            return math.inf
        return float(self._chance.exponential(3600 / self._stage.micro_per_h))
