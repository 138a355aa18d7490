"""A machine type of a user's own: cycles, counts and results without a model behind them."""

from __future__ import annotations

from typing_extensions import override

from hardware_sim.equipment.discrete import DiscreteMachine
from hardware_sim.material import Lot


class GenericMachine(DiscreteMachine):
    """Makes a product per cycle; every characteristic is its nominal value with noise."""

    @override
    def finish(self, lot: Lot) -> tuple[Lot, dict[str, float]]:
        return lot, {}
