"""Laser notching: a coil in, magazines of single sheets out."""

from __future__ import annotations

from typing_extensions import override

from hardware_sim.equipment.continuous import ContinuousMachine
from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Kind, Lot

PITCH_M = 0.098
SHEETS_PER_CELL = 65
"""Cathode sheets; the 66 anode sheets come from another notcher."""


class Notcher(ContinuousMachine):
    """Counts sheets; a magazine holds the cathode sheets of one cell."""

    scrap_length = 3.0

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self._coil = ""
        self._begins_m = 0.0

    @override
    def per_input(self, lot: Lot) -> float:
        return 1.0 / PITCH_M

    @override
    def wanted(self) -> float:
        return float(SHEETS_PER_CELL)

    @override
    def begin_lot(self, source: Lot) -> None:
        self._coil = source.key
        self._begins_m = source.amount - self.input_left

    @override
    def finish_lot(self, source: Lot, left_s: float) -> list[Lot]:
        labels = dict(source.labels) | {
            "cathode_coil": source.key,
            "cathode_from_m": self._begins_m,
            "cathode_to_m": source.amount - self.input_left,
        }
        return [Lot(Kind.SHEETS, source.key, self.made, source.making, labels)]

    @override
    def follow_process(self, dt_s: float) -> None:
        super().follow_process(dt_s)
        show, share = self.instruments, self.speed_share
        show.force("notch.speed", show.normal("notch.speed") * share)
        show.force("notch.laser_w", show.normal("notch.laser_w") if share > 0 else 0.0)
        made = self.good + self.reject
        show.aim("notch.reject_pct", 100.0 * self.reject / made if made > 1000 else 0.4)

    @override
    def identities(self) -> dict[str, str]:
        return super().identities() | {"coil": self._coil, "product": self._coil}
