"""Machines that work on one product after the other, one per cycle."""

from __future__ import annotations

from dataclasses import replace

from typing_extensions import override

from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.equipment.machine import Machine
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Kind, Lot

_EPSILON_S = 1e-9
CYCLE_SPREAD = 0.02
"""Relative spread of the cycle time; an estimate."""


class DiscreteMachine(Machine):
    """Takes a lot, works for a cycle, inspects it, passes it on or rejects it."""

    makes = Kind.HOUSED
    speed_share = 0.98
    """Usual speed against the ideal cycle."""

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self.lot: Lot | None = None
        self.taken = 0
        self._cycle_left_s = 0.0
        self.last_key = ""
        self._first_cycle_share = float(self.chance.random())
        """The machine is in the middle of a cycle at the start."""

    def finish(self, lot: Lot) -> tuple[Lot, dict[str, float]]:
        """Return the product made of the lot, and its true characteristics by reference."""
        return replace(lot, kind=self.makes), {}

    @override
    def hindrance(self, lots: int) -> str | None:
        if self.lot is not None:
            is_done = self._cycle_left_s <= _EPSILON_S
            return "blocked" if is_done and not self.outlet.has_room(lots) else None
        return None if self.inlet.ready(lots) else "starved"

    @override
    def produce(self, dt_s: float, left_s: float) -> float:
        used_s = 0.0
        while dt_s - used_s > _EPSILON_S:
            if self.lot is None and not self._begin():
                break
            part_s = min(dt_s - used_s, self._cycle_left_s)
            used_s += part_s
            self._cycle_left_s -= part_s
            if self._cycle_left_s <= _EPSILON_S:
                if not self.outlet.has_room():
                    break
                self._pass_on(left_s - used_s)
        return used_s

    def next_lot(self) -> Lot | None:
        """Return the lot to work on next, None if there is none."""
        return self.inlet.take() if self.inlet.ready() else None

    def _begin(self) -> bool:
        self.lot = self.next_lot()
        if self.lot is None:
            return False
        self.taken += 1
        usual_s = 1.0 / (self.ideal_per_s * self.speed_share)
        share, self._first_cycle_share = self._first_cycle_share, 1.0
        self._cycle_left_s = (
            share * usual_s * max(0.5, 1.0 + CYCLE_SPREAD * float(self.chance.standard_normal()))
        )
        return True

    def _pass_on(self, left_s: float) -> None:
        if self.lot is None:
            return
        product, values = self.finish(self.lot)
        self.lot = None
        self.last_key = product.key
        ring = self.ring()
        chance_of_reject = 1.0 - self.good_share
        if ring is None:
            good = bool(self.chance.random() >= chance_of_reject)
        else:
            good = self.report(ring, product, values, left_s, reject=chance_of_reject)
        if good:
            self.good += 1
            self.outlet.put(product)
        else:
            self.reject += 1

    @override
    def identities(self) -> dict[str, str]:
        lot = self.lot
        labels = {word: str(label) for word, label in lot.labels.items()} if lot is not None else {}
        return super().identities() | labels | {"product": lot.key if lot is not None else self.last_key}
