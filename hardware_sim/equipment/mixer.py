"""Slurry mixing: one batch after the other, by a recipe of steps."""

from __future__ import annotations

import math
from typing import NamedTuple

from typing_extensions import override

from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.equipment.machine import Machine
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Kind, Lot
from hardware_sim.physics.response import ramp
from plant.packml import PackmlState
from telemetry.sample import Scalar

BATCH_KG = 2760.0
"""1.2 m3 at 2.30 g/cm3."""
BEGINS_AT = 0.97
"""Share of the batch in the vessel that is done at the start, so that a result is soon there."""
_EPSILON_S = 1e-9


class _Phase(NamedTuple):
    until: float
    """Share of the batch time at which the phase ends."""
    planet_rpm: float
    disperser_rpm: float
    vacuum: bool
    powder: bool


PHASES = (
    _Phase(0.10, 10, 300, vacuum=False, powder=True),
    _Phase(0.30, 25, 800, vacuum=False, powder=True),
    _Phase(0.75, 25, 1500, vacuum=True, powder=False),
    _Phase(0.92, 40, 1500, vacuum=True, powder=False),
    _Phase(1.00, 10, 300, vacuum=False, powder=False),
)
"""Dosing, kneading, high shear, let-down, discharge; shares are estimates."""


class Mixer(Machine):
    """Mixes a batch per cycle and hands the slurry to the tanks of the coaters."""

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self._batch_s = self._draw_batch_s()
        self._done_s = BEGINS_AT * self._batch_s
        self._phase_s = 0.0
        self._phase = PHASES[-1]
        self._rpm = {"mix.planet_rpm": 0.0, "mix.disperser_rpm": 0.0}
        self._filter_bar = 0.6
        self.batch = around.serials.next("B")

    @override
    def hindrance(self, lots: int) -> str | None:
        return None if self.outlet.has_room(lots) else "blocked"

    @override
    def produce(self, dt_s: float, left_s: float) -> float:
        used_s = min(dt_s, self._batch_s - self._done_s)
        self._done_s += used_s
        if self._batch_s - self._done_s <= _EPSILON_S:
            self._finish(left_s - used_s)
        return max(used_s, _EPSILON_S * 2)

    def _finish(self, left_s: float) -> None:
        labels: dict[str, Scalar] = {
            "batch": self.batch,
            "raw_lot": f"NMC-{self.batch[-5:-1]}",
            "mass_kg": BATCH_KG,
        }
        lot = Lot(Kind.SLURRY, self.batch, BATCH_KG, labels=labels)
        ring = self.ring()
        values = {"mix.batch_time_min": self._batch_s / 60.0}
        good = ring is None or self.report(ring, lot, values, left_s, reject=1.0 - self.good_share)
        if good:
            self.good += 1
            self.outlet.put(lot)
        else:
            self.reject += 1
        self.batch = self.around.serials.next("B")
        self._batch_s, self._done_s = self._draw_batch_s(), 0.0
        self.sequence.enter(PackmlState.COMPLETING, left_s)

    def _draw_batch_s(self) -> float:
        usual_s = 1.0 / self.ideal_per_s
        return max(0.5 * usual_s, usual_s * (1.0 + 8.0 / 360.0 * float(self.chance.standard_normal())))

    @override
    def follow_process(self, dt_s: float) -> None:
        share = self._done_s / self._batch_s
        phase = next(phase for phase in PHASES if share < phase.until or phase is PHASES[-1])
        self._phase_s = self._phase_s + dt_s if phase is self._phase else 0.0
        self._phase = phase
        turning = phase if self.running else PHASES[0]._replace(planet_rpm=0, disperser_rpm=0)
        self._turn("mix.planet_rpm", turning.planet_rpm, 1.0, dt_s)
        self._turn("mix.disperser_rpm", turning.disperser_rpm, 25.0, dt_s)
        show = self.instruments
        torque = show.normal("mix.torque_pct", 55.0) + 30.0 * math.exp(-self._done_s / 1500.0)
        torque += 10.0 * math.exp(-self._phase_s / 300.0) if phase.powder else 0.0
        torque = torque if self._rpm["mix.planet_rpm"] > 1 else 0.0
        show.aim("mix.torque_pct", torque)
        show.aim("mix.power_kw", 90.0 * torque / 55.0 * self._rpm["mix.planet_rpm"] / 25.0)
        show.aim("mix.vacuum_mbar", show.normal("mix.vacuum_mbar", 30.0) if phase.vacuum else 1000.0)
        heating = self._phase_s / 1800 * 0.5 if phase.disperser_rpm > 1000 else 0.0
        show.aim("mix.slurry_temp_c", show.normal("mix.slurry_temp_c", 28.0) + min(2.0, heating))
        self._filter_bar = 0.6 if self._filter_bar > 1.9 else self._filter_bar + 0.15 * dt_s / 3600
        show.aim("mix.filter_dp_bar", self._filter_bar)
        index = show.index("step_time_s")
        if index is not None:
            show.target[index] = self._phase_s

    def _turn(self, ref: str, target: float, rpm_per_s: float, dt_s: float) -> None:
        self._rpm[ref] = ramp(self._rpm[ref], target, rpm_per_s, dt_s)
        self.instruments.force(ref, self._rpm[ref])

    @override
    def identities(self) -> dict[str, str]:
        return super().identities() | {"batch": self.batch, "product": self.batch}
