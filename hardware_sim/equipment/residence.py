"""Machines in which products stay for hours: formation towers, aging racks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from typing_extensions import override

from hardware_sim.equipment.discrete import DiscreteMachine
from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Lot

_EPSILON_S = 1e-9


class ResidenceMachine(DiscreteMachine):
    """Full of work in progress from the start, so that results come at line rate at once."""

    residence_s = 3600.0

    def __init__(
        self, around: Surroundings, inlet: Inlet, outlet: Outlet, in_progress: Callable[[], Lot]
    ) -> None:
        super().__init__(around, inlet, outlet)
        self._in_progress = in_progress
        self.capacity = max(1, round(self.ideal_per_s * self.residence_s))
        self.prefilled = self.capacity
        """Products that were inside at the start and have not come out; each is made up when it does."""
        self.inside: deque[tuple[float, Lot]] = deque()
        """(due, lot) of what came in since, oldest first."""
        self.elapsed_s = 0.0
        self.entered = 0

    @property
    def in_machine(self) -> int:
        """Products inside."""
        return self.prefilled + len(self.inside) + (self.lot is not None)

    @override
    def hindrance(self, lots: int) -> str | None:
        if self.lot is not None:
            return super().hindrance(lots)
        return None if self._is_one_due() else "starved"

    @override
    def next_lot(self) -> Lot | None:
        self._admit()
        if not self._is_one_due():
            return None
        if self.prefilled > 0:
            self.prefilled -= 1
            return self._in_progress()
        return self.inside.popleft()[1]

    @override
    def follow_process(self, dt_s: float) -> None:
        self.elapsed_s += dt_s
        self._admit()

    def _is_one_due(self) -> bool:
        return self.prefilled > 0 or (bool(self.inside) and self.inside[0][0] <= self.elapsed_s + _EPSILON_S)

    def _admit(self) -> None:
        while self.in_machine < self.capacity and self.inlet.ready():
            self.inside.append((self.elapsed_s + self.residence_s, self.inlet.take()))
            self.entered += 1
