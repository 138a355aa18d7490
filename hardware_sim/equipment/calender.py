"""Calendering: coated rolls in, rolls of the right density out, a little longer."""

from __future__ import annotations

from typing_extensions import override

from hardware_sim.equipment.continuous import ContinuousMachine, Mean
from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Kind, Lot


class Calender(ContinuousMachine):
    """One roll in gives one roll out; coat weight carries through to thickness and density."""

    start_scrap = (5.0, 20.0)
    one_to_one = True

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self._side = "anod" if self.instruments.indices("cal.thick_anod_um") else "cath"
        self._thickness, self._elongation = Mean(), Mean()
        self._roll = ""

    @override
    def per_input(self, lot: Lot) -> float:
        return 1.0 + self.instruments.normal("cal.elong_pct", 1.0) / 100.0

    @override
    def begin_lot(self, source: Lot) -> None:
        self._roll = self.around.serials.next("R")

    @override
    def track(self, good: float, scrap: float) -> None:
        self._thickness.add(self.instruments.process(f"cal.thick_{self._side}_um", 167.2), good + scrap)
        self._elongation.add(self.instruments.process("cal.elong_pct", 1.0), good + scrap)

    @override
    def finish_lot(self, source: Lot, left_s: float) -> list[Lot]:
        thickness = self._thickness.take(self.instruments.normal(f"cal.thick_{self._side}_um", 167.2))
        labels = dict(source.labels) | {
            "roll": self._roll,
            "parent_roll": source.key,
            "length_m": self.made,
            "thickness_mean_um": thickness,
            "elongation_mean_pct": self._elongation.take(1.0),
        }
        making = source.making
        making.thick_cath_um = thickness
        making.density_cath_g_cm3 = self._density(thickness, making.areal_cath_mg_cm2)
        lot = Lot(Kind.CALENDERED, self._roll, self.made, making, labels)
        ring = self.ring()
        good = ring is None or self.report(ring, lot, {}, left_s, reject=0.0)
        return [lot] if good else []

    @override
    def follow_process(self, dt_s: float) -> None:
        super().follow_process(dt_s)
        show, share = self.instruments, self.speed_share
        show.force("cal.speed", show.normal("cal.speed") * share)
        show.force("cal.tension", 0.0 if "F09" in self.faults else show.normal("cal.tension"))
        load = f"cal.line_load_{self._side}"
        show.aim(load, show.normal(load) if share > 0 else 0.0)
        if self.input is not None:
            areal = self.input.making.areal_cath_mg_cm2
            show.aim(f"cal.density_{self._side}", self._density(167.2, areal))

    def _density(self, thickness_um: float, areal_mg_cm2: float) -> float:
        """Return the coating's density from coat weight per side and total thickness."""
        return 3.26 * areal_mg_cm2 / 24.66 * (167.2 - 16.0) / (thickness_um - 16.0)

    @override
    def identities(self) -> dict[str, str]:
        return super().identities() | {"roll": self._roll, "product": self._roll}
