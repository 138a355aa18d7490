"""Slot-die coating and drying: slurry in, mother rolls out."""

from __future__ import annotations

import math

from typing_extensions import override

from hardware_sim.equipment.continuous import ContinuousMachine, Mean
from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Kind, Lot
from hardware_sim.physics.response import first_order
from hardware_sim.physics.sensitivity import Making
from telemetry.sample import Scalar

KG_PER_M = 0.7046
"""Both sides, 352 g/m2 wet, 1.0 m wide."""
ROLL_M = 3000.0
BATCH_SHARE, ROLL_SHARE = 0.60, 0.25
"""Shares of the coat weight's variance between batches and between rolls (domain/battery.md 5.3)."""
GAUGE_DRIFT_PCT_PER_H = 1.5
"""How fast the gauge drifts in fault F08."""
CONTROL_TAU_S = 300.0
"""The coat weight control follows its gauge that fast."""
OVERSHOOT_K = 6.0
"""Zones overheat by that when the web stands."""


class Coater(ContinuousMachine):
    """Makes coated rolls; coat weight varies by batch, by roll, and with its gauge."""

    start_scrap = (30.0, 80.0)

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self._side = "anod" if self.instruments.indices("coat.areal_anod_s1") else "cath"
        self._areal_ref = f"coat.areal_{self._side}_s1"
        self._nominal = self.instruments.normal(self._areal_ref, 24.66)
        self._sigma = 0.12 / 24.66 * self._nominal * self.spread
        self._batch_effect = self._roll_effect = 0.0
        self._correction = 0.0
        self._mean = Mean()
        self._roll = around.serials.next("R")
        self._batch = ""
        self._zones = [
            ref
            for number in range(1, 21)
            if self.instruments.indices(ref := f"dry.zone_c_{self._side}[{number}]")
        ]

    @override
    def per_input(self, lot: Lot) -> float:
        return 1.0 / KG_PER_M

    @override
    def wanted(self) -> float:
        return ROLL_M

    @override
    def begin_input(self, lot: Lot) -> None:
        self._batch = lot.key
        self._batch_effect = self._sigma * math.sqrt(BATCH_SHARE) * float(self.chance.standard_normal())

    @override
    def begin_lot(self, source: Lot) -> None:
        self._roll_effect = self._sigma * math.sqrt(ROLL_SHARE) * float(self.chance.standard_normal())

    @override
    def track(self, good: float, scrap: float) -> None:
        self._mean.add(self.instruments.process(self._areal_ref, self._nominal), good + scrap)

    @override
    def finish_lot(self, source: Lot, left_s: float) -> list[Lot]:
        areal = self._mean.take(self._nominal)
        making = Making(areal_cath_mg_cm2=24.66 * areal / self._nominal)
        labels: dict[str, Scalar] = {
            "roll": self._roll,
            "batch": self._batch,
            "length_m": self.made,
            "coat_weight_mean_mg_cm2": areal,
        }
        lot = Lot(Kind.COATED, self._roll, self.made, making, labels)
        self._roll = self.around.serials.next("R")
        ring = self.ring()
        good = ring is None or self.report(ring, lot, {}, left_s, reject=0.0)
        return [lot] if good else []

    @override
    def follow_process(self, dt_s: float) -> None:
        super().follow_process(dt_s)
        show, share = self.instruments, self.speed_share
        show.force(f"coat.speed_{self._side}", show.normal(f"coat.speed_{self._side}") * share)
        for ref in (f"coat.pump_flow_{self._side}", "dry.nmp_evap_kgh"):
            show.aim(ref, show.normal(ref) * share)
        show.aim(f"coat.wet_thick_{self._side}_um", self._wet_thickness() if share > 0 else 0.0)
        show.force(f"coat.tension_{self._side}", self._tension())
        for ref in self._zones:
            show.aim(ref, show.normal(ref) + (0.0 if share > 0 else OVERSHOOT_K))
        self._follow_gauge(dt_s)
        self._follow_die()

    def _wet_thickness(self) -> float:
        ref = f"coat.wet_thick_{self._side}_um"
        return self.instruments.normal(ref) * self._areal_setpoint() / self._nominal

    def _areal_setpoint(self) -> float:
        return self._nominal + self._batch_effect + self._roll_effect - self._correction

    def _tension(self) -> float:
        normal = self.instruments.normal(f"coat.tension_{self._side}")
        return 0.0 if "F09" in self.faults else normal

    def _follow_gauge(self, dt_s: float) -> None:
        age_s = self.fault_age_s("F08")
        drift = 0.0 if age_s is None else self._nominal * GAUGE_DRIFT_PCT_PER_H / 100 * age_s / 3600
        self._correction = first_order(self._correction, drift, CONTROL_TAU_S, dt_s)
        self.instruments.disturb(self._areal_ref, bias=drift)
        self.instruments.aim(self._areal_ref, self._areal_setpoint())

    def _follow_die(self) -> None:
        age_s = self.fault_age_s("F05")
        normal = self.instruments.normal("coat.die_press_bar")
        if age_s is None:
            self.scrap.good_share = self.good_share
            self.instruments.disturb("coat.die_press_bar")
            self.instruments.aim("coat.die_press_bar", normal * (1.0 if self.running else 0.4))
            return
        self.scrap.good_share = self.good_share * 0.9
        self.instruments.disturb("coat.die_press_bar", noise_gain=1.0 + min(4.0, age_s / 300))
        self.instruments.aim("coat.die_press_bar", normal + 0.1 * age_s / 3600)

    @override
    def identities(self) -> dict[str, str]:
        return super().identities() | {"batch": self._batch, "roll": self._roll, "product": self._roll}
