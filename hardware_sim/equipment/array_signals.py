"""Array signals: towers and gauge profiles."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from hardware_sim.equipment.instruments import nominal
from hardware_sim.register_image import RegisterImage
from plant.model import Profile, Signal

Floats = npt.NDArray[np.float64]


class ArraySignals:
    """Arrays of numbers; without a model of the machine they stay at their nominal value, with noise."""

    def __init__(self, profile: Profile, chance: np.random.Generator) -> None:
        self._chance = chance.spawn(1)[0]
        self._signals = [signal for signal in profile.signals if _is_number_array(signal)]
        self.values = {
            signal.name: np.full(_count(signal), nominal(signal.limits, signal.range))
            for signal in self._signals
        }

    def by_ref(self, ref: str) -> Floats | None:
        """Return the true values of the array with that reference, to be written to."""
        for signal in self._signals:
            if signal.ref == ref:
                return self.values[signal.name]
        return None

    def show(self, image: RegisterImage) -> None:
        """Write the arrays with their noise to the registers."""
        for signal in self._signals:
            true = self.values[signal.name]
            sigma = signal.noise.sigma if signal.noise is not None else 0.0
            image.write_array(signal.name, true + sigma * self._chance.standard_normal(len(true)))


def _is_number_array(signal: Signal) -> bool:
    return signal.is_array and signal.modbus is not None and signal.modbus.encoding.is_number


def _count(signal: Signal) -> int:
    return signal.modbus.count if signal.modbus is not None else 1
