"""Formation channels: a step recipe on many cells at once (domain/battery.md 6)."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hardware_sim.physics.cell import (
    RESISTANCE_OHM,
    charge_step,
    open_circuit_v,
    temperature_step,
)

Floats = npt.NDArray[np.float64]


class Step(IntEnum):
    """Steps of the recipe, in order."""

    CONTACT_CHECK = 0
    LEAK_CHECK = 1
    REST = 2
    CHARGE_005C = 3
    CHARGE_01C = 4
    CHARGE_033C = 5
    CONSTANT_VOLTAGE = 6
    REST_AFTER_CHARGE = 7
    DISCHARGE = 8
    CHARGE_TO_SHIP = 9
    CHANGE_TRAY = 10


C_RATES = np.array([0.0, 0.0, 0.0, 0.05, 0.1, 0.33, 0.33, 0.0, -0.33, 0.2, 0.0])
LASTS_S = np.array([30.0, 120.0, 600.0, np.inf, np.inf, np.inf, 3600.0, 1800.0, np.inf, np.inf, 300.0])
"""Longest time of a step; the others end at a voltage or a charge."""
UPPER_V, LOWER_V = 4.20, 2.80
STOP_V = np.array([np.inf, np.inf, np.inf, 3.0, 3.6, UPPER_V, np.inf, np.inf, np.inf, np.inf, np.inf])
CUT_OFF_C_RATE = 0.05
CV_TAU_S = 1500.0
"""Decay of the current at constant voltage; an estimate."""
SHIP_SOC = 0.80
SOC_AT_START = 0.005
RELAX_TAU_S = np.array([[300.0], [2400.0]])
RELAX_OHM = np.array([[0.35e-3], [0.25e-3]])
"""Slow overpotentials with 5 and 40 min (domain/battery.md 3.3); resistances are estimates."""
LONGEST_STEP_S = 10.0
SHORTEST_STEP_S = 1.0


class Run(NamedTuple):
    """Where cells are in the recipe, one column each."""

    step: npt.NDArray[np.int64]
    in_step_s: Floats
    soc: Floats
    temperature_c: Floats
    relax_v: Floats


class Channels:
    """Cells on the channels of a tray, each somewhere in the recipe."""

    def __init__(self, count: int, capacity_ah: float, chance: np.random.Generator) -> None:
        self._chance = chance
        self._design_ah = capacity_ah
        self._capacity_ah = capacity_ah * (1.0 + 0.0045 * chance.standard_normal(count))
        self._resistance = RESISTANCE_OHM * 185.0 / capacity_ah * (1.0 + 0.02 * chance.standard_normal(count))
        self.step = np.zeros(count, dtype=np.int64)
        self._in_step_s = np.zeros(count)
        self.soc = np.full(count, SOC_AT_START)
        self._relax_v = np.zeros((len(RELAX_TAU_S), count))
        self.temperature_c = np.full(count, 25.0)
        self.current_a = np.zeros(count)
        self.voltage_v = np.zeros(count)
        self._waiting_s = 0.0
        self._substep(0.0, 25.0)

    def scatter(self) -> None:
        """Put every channel somewhere else in the recipe, as in a tower that has run for days."""
        run = reference_run()
        at = self._chance.integers(len(run.step), size=len(self.step))
        self.step = run.step[at]
        self._in_step_s = run.in_step_s[at]
        self.soc = run.soc[at]
        self.temperature_c = run.temperature_c[at]
        self._relax_v = run.relax_v[:, at]
        self._substep(0.0, 25.0)

    def snapshot(self) -> Run:
        """Return where the channels are."""
        return Run(self.step, self._in_step_s, self.soc, self.temperature_c, self._relax_v)

    def advance(self, dt_s: float, ambient_c: float) -> None:
        """Let time pass; steps shorter than a second are put together."""
        self._waiting_s += dt_s
        while self._waiting_s >= SHORTEST_STEP_S:
            part_s = min(self._waiting_s, LONGEST_STEP_S)
            self._substep(part_s, ambient_c)
            self._waiting_s -= part_s

    def _substep(self, dt_s: float, ambient_c: float) -> None:
        self.current_a = self._commanded()
        self.soc = charge_step(self.soc, self.current_a, self._capacity_ah, dt_s)
        keep = np.exp(-dt_s / RELAX_TAU_S)
        steady = RELAX_OHM * 185.0 / self._design_ah * self.current_a
        self._relax_v = steady + (self._relax_v - steady) * keep
        self.temperature_c = temperature_step(
            self.temperature_c, ambient_c + 2.0, self.current_a, dt_s, resistance_ohm=self._resistance
        )
        ocv = open_circuit_v(np.clip(self.soc, 0.0, 1.0))
        self.voltage_v = ocv + self.current_a * self._resistance + self._relax_v.sum(axis=0)
        self.voltage_v = np.where(
            self.step == Step.CONSTANT_VOLTAGE, np.minimum(self.voltage_v, UPPER_V), self.voltage_v
        )
        self._in_step_s += dt_s
        self._go_on()

    def _commanded(self) -> Floats:
        rate = C_RATES[self.step]
        decay = np.where(self.step == Step.CONSTANT_VOLTAGE, np.exp(-self._in_step_s / CV_TAU_S), 1.0)
        result: Floats = rate * decay * self._design_ah
        return result

    def _go_on(self) -> None:
        over = self._in_step_s >= LASTS_S[self.step]
        over |= self.voltage_v >= STOP_V[self.step]
        over |= (self.step == Step.CONSTANT_VOLTAGE) & (
            np.abs(self.current_a) <= CUT_OFF_C_RATE * self._design_ah
        )
        over |= (self.step == Step.DISCHARGE) & (self.voltage_v <= LOWER_V)
        over |= (self.step == Step.CHARGE_TO_SHIP) & (self.soc >= SHIP_SOC)
        if not over.any():
            return
        new = over & (self.step == Step.CHANGE_TRAY)
        self.step = np.where(over, (self.step + 1) % len(Step), self.step)
        self._in_step_s = np.where(over, 0.0, self._in_step_s)
        if new.any():
            self._insert(new)

    def _insert(self, where: npt.NDArray[np.bool_]) -> None:
        """Put fresh cells on channels."""
        count = int(where.sum())
        self._capacity_ah[where] = self._design_ah * (1.0 + 0.0045 * self._chance.standard_normal(count))
        self.soc[where] = SOC_AT_START
        self._relax_v[:, where] = 0.0
        self.temperature_c[where] = 25.0


@lru_cache(maxsize=1)
def reference_run() -> Run:
    """Return where a cell of the reference design is every 30 s of its recipe."""
    cell = Channels(1, 185.0, np.random.default_rng(0))
    seen = [cell.snapshot()]
    while cell.step[0] != Step.CHANGE_TRAY:
        cell.advance(30.0, 25.0)
        seen.append(cell.snapshot())
    return Run(*(np.concatenate(parts, axis=-1) for parts in zip(*seen, strict=True)))
