"""Process signals of a machine: true values with their dynamics, and what the instruments show."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from hardware_sim.physics.noise import WANDER_SHARE, last_digit, quantise, wander_step
from hardware_sim.physics.response import FirstOrderDeadTime
from plant.model import Limits, Profile, Role, Signal

Floats = npt.NDArray[np.float64]


def nominal(limits: Limits | None, span: tuple[float, float] | None = None) -> float:
    """Return where a value lies when all is well: its nominal, or the best guess from its limits."""
    if limits is not None:
        if limits.nominal is not None:
            return limits.nominal
        if limits.low is not None and limits.high is not None:
            return (limits.low + limits.high) / 2
        if limits.high is not None:
            return limits.high / 2
        if limits.low is not None:
            return limits.low * 2 if limits.low > 0 else 0.0
    return (span[0] + span[1]) / 2 if span is not None else 0.0


class Instruments:
    """All scalar process values of one station, stepped together.

    shown = process + white noise + bias, where process = true + wander:
    what the product feels is the process, what the screen tells is shown.
    """

    def __init__(self, profile: Profile, chance: np.random.Generator) -> None:
        signals = [signal for signal in profile.signals if _is_scalar_process(signal)]
        self.names = [signal.name for signal in signals]
        self._by_name = {name: index for index, name in enumerate(self.names)}
        self._by_ref: dict[str, list[int]] = {}
        for index, signal in enumerate(signals):
            if signal.ref is not None:
                self._by_ref.setdefault(signal.ref, []).append(index)
        self._chance = chance
        self._reading = chance.spawn(1)[0]
        """Noise of reading has its own generator, so that looking changes nothing."""
        self.nominal = np.array([nominal(signal.limits, signal.range) for signal in signals])
        noise = [signal.noise for signal in signals]
        self.sigma = np.array([each.sigma if each else 0.0 for each in noise])
        self._wander_sigma = np.array([_wander(signal) for signal in signals])
        self._wander_tau_s = np.array([each.wander_tau_s if each else 600.0 for each in noise])
        self._tau_s = np.array([signal.dynamics.tau_s if signal.dynamics else 0.0 for signal in signals])
        self._quantum = np.array([last_digit(sigma) for sigma in self.sigma])
        self._wander = self._wander_sigma * chance.standard_normal(len(signals))
        self._delayed = {
            index: FirstOrderDeadTime(
                float(self.nominal[index]),
                tau_s=signal.dynamics.tau_s,
                dead_time_s=signal.dynamics.dead_time_s,
            )
            for index, signal in enumerate(signals)
            if signal.dynamics is not None and signal.dynamics.dead_time_s > 0
        }
        self.target = self.nominal.copy()
        self.true = self.nominal.copy()
        self.bias = np.zeros(len(signals))
        self.noise_gain = np.ones(len(signals))
        self.shown = self.true.copy()

    def indices(self, ref: str) -> list[int]:
        """Return where the signals with that reference stand; several for `zone_c[1..8]`."""
        return self._by_ref.get(ref, [])

    def index(self, name: str) -> int | None:
        """Return where the signal of that name stands, if there is one."""
        return self._by_name.get(name)

    def aim(self, ref: str, value: float) -> None:
        """Set where the signals with that reference go, with their own dynamics."""
        for index in self._by_ref.get(ref, ()):
            self.target[index] = value

    def force(self, ref: str, value: float) -> None:
        """Set a true value at once, past its dynamics."""
        for index in self._by_ref.get(ref, ()):
            self.target[index] = self.true[index] = value

    def normal(self, ref: str, default: float = 0.0) -> float:
        """Return the nominal value of the first signal with that reference."""
        found = self._by_ref.get(ref)
        return float(self.nominal[found[0]]) if found else default

    def process(self, ref: str, default: float) -> float:
        """Return the process value, which the product feels, of the first signal with that reference."""
        found = self._by_ref.get(ref)
        return float(self.true[found[0]] + self._wander[found[0]]) if found else default

    def disturb(self, ref: str, *, bias: float = 0.0, noise_gain: float = 1.0) -> None:
        """Falsify what the instruments of that reference show."""
        for index in self._by_ref.get(ref, ()):
            self.bias[index] = bias
            self.noise_gain[index] = noise_gain

    def step(self, dt_s: float) -> None:
        """Advance the true values and their wander."""
        if not self.names:
            return
        keep = _keep(self._tau_s.tobytes(), dt_s)
        self.true = self.target + (self.true - self.target) * keep
        for index, response in self._delayed.items():
            self.true[index] = response.step(float(self.target[index]), dt_s)
        self._wander = wander_step(self._wander, self._wander_sigma, self._wander_tau_s, dt_s, self._chance)

    def read(self) -> Floats:
        """Return what the instruments show now; noise and last digit included."""
        white = self._reading.standard_normal(len(self.names)) * self.sigma * self.noise_gain
        self.shown = quantise(self.true + self._wander + white + self.bias, self._quantum)
        return self.shown


@lru_cache(maxsize=4096)
def _keep(tau_s: bytes, dt_s: float) -> Floats:
    taus = np.frombuffer(tau_s, dtype=np.float64)
    with np.errstate(divide="ignore"):
        result: Floats = np.where(taus > 0, np.exp(-dt_s / np.where(taus > 0, taus, 1.0)), 0.0)
    return result


def _is_scalar_process(signal: Signal) -> bool:
    if signal.role is not Role.PROCESS or signal.is_array:
        return False
    return signal.mqtt is not None or (signal.modbus is not None and signal.modbus.encoding.is_number)


def _wander(signal: Signal) -> float:
    if signal.noise is None:
        return 0.0
    given = signal.noise.wander_sigma
    return WANDER_SHARE * signal.noise.sigma if given is None else given
