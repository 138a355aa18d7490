"""Slitting: one calendered roll in, a coil per lane out; the blades wear."""

from __future__ import annotations

from dataclasses import replace

from typing_extensions import override

from hardware_sim.equipment.continuous import ContinuousMachine
from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Kind, Lot

LANES = 3
BLADE_LIFE_KM = 250.0
BURR_UM_PER_10_KM = 0.25


class Slitter(ContinuousMachine):
    """Cuts a roll into lanes; burr grows with the blades' way and falls back when they are changed."""

    start_scrap = (5.0, 15.0)
    one_to_one = True

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self._side = "anod" if self.instruments.indices("slit.burr_anod_um") else "cath"
        self._blade_km = float(self.chance.uniform(0.0, 0.8 * BLADE_LIFE_KM))
        self._coils: list[str] = []
        self._roll = ""

    @override
    def per_input(self, lot: Lot) -> float:
        return 1.0

    @override
    def begin_lot(self, source: Lot) -> None:
        self._coils = [self.around.serials.next("L") for _ in range(LANES)]
        self._roll = source.key
        if self._blade_km >= BLADE_LIFE_KM:
            self._blade_km = 0.0

    @override
    def track(self, good: float, scrap: float) -> None:
        self._blade_km += (good + scrap) / 1000.0

    @override
    def finish_lot(self, source: Lot, left_s: float) -> list[Lot]:
        lots = [self._coil(lane, key, source) for lane, key in enumerate(self._coils, start=1)]
        ring = self.ring()
        values = {"slit.blade_km": self._blade_km}
        return [
            lot for lot in lots if ring is None or self.report(ring, lot, dict(values), left_s, reject=0.0)
        ]

    def _coil(self, lane: int, key: str, source: Lot) -> Lot:
        labels = dict(source.labels) | {
            "coil": key,
            "roll": source.key,
            "lane": lane,
            "first_m": 0.0,
            "last_m": source.amount,
            "length_m": self.made,
        }
        making = replace(source.making, burr_um=self._burr_um() + float(self.chance.normal(0.0, 0.3)))
        return Lot(Kind.COIL, key, self.made, making, labels)

    def _burr_um(self) -> float:
        fresh = self.instruments.normal(f"slit.burr_{self._side}_um", 6.0) - BURR_UM_PER_10_KM * 12.5
        return fresh + BURR_UM_PER_10_KM * self._blade_km / 10.0

    @override
    def follow_process(self, dt_s: float) -> None:
        super().follow_process(dt_s)
        show = self.instruments
        show.force("slit.speed", show.normal("slit.speed") * self.speed_share)
        show.force(f"slit.burr_{self._side}_um", self._burr_um())

    @override
    def identities(self) -> dict[str, str]:
        coil = self._coils[0] if self._coils else ""
        return super().identities() | {"roll": self._roll, "coil": coil, "product": coil}
