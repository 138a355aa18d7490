"""The controller of a machine: what it shows of state, counts, alarms, values and results."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from hardware_sim.equipment.alarms import Alarms
from hardware_sim.equipment.instruments import Instruments
from hardware_sim.register_image import RegisterImage
from plant.model import Encoding, Profile, Role, Signal
from plant.packml import PackmlState
from telemetry.sample import Scalar

Floats = npt.NDArray[np.float64]

PRODUCTION_MODE = 1
"""PackML unit mode number of production."""

_USUALLY_TRUE = ("ok", "closed", "ready", "enabled", "healthy", "present")


class Plc:
    """Binds a profile's signals, by role and kind, to the registers and sensor values."""

    def __init__(self, profile: Profile, instruments: Instruments) -> None:
        self.profile = profile
        self.image = RegisterImage(profile)
        self.alarms = Alarms(
            {signal.name: signal.bits for signal in profile.signals if signal.role is Role.ALARM_WORD}
        )
        self.readings: dict[str, float] = {}
        """Values of MQTT sensors, by signal name."""
        self._instruments = instruments
        self._written: dict[str, int | str] = {}
        in_registers = {signal.name for signal in profile.signals if signal.modbus is not None}
        modbus = [(index, name) for index, name in enumerate(instruments.names) if name in in_registers]
        self._modbus_index = np.array([index for index, _ in modbus], dtype=np.intp)
        self._block = self.image.scalars([name for _, name in modbus])
        self._sensors = [(i, name) for i, name in enumerate(instruments.names) if name not in in_registers]
        self._state = profile.with_role(Role.STATE)
        self._good = profile.with_role(Role.GOOD_COUNT)
        self._reject = profile.with_role(Role.REJECT_COUNT)
        self._flags = [signal for signal in profile.signals if _is_flag(signal)]
        self._texts = [signal for signal in profile.signals if _is_text(signal)]
        mode = profile.with_role(Role.MODE)
        if mode is not None:
            self.image.write_number(mode.name, PRODUCTION_MODE)

    def show(self) -> None:
        """Write what the instruments and the alarm words say now."""
        shown = self._instruments.read()
        if len(self._modbus_index):
            self._block.write(shown[self._modbus_index])
        for index, name in self._sensors:
            self.readings[name] = float(shown[index])
        for name, word in self.alarms.words().items():
            if self._is_news(name, word):
                self.image.write_number(name, word)

    def show_state(self, state: PackmlState) -> None:
        """Write the PackML state, and the flags that follow from it."""
        if not self._is_news("PackML state", int(state)):
            return
        if self._state is not None and self._state.modbus is not None:
            self.image.write_number(self._state.name, int(state))
        for signal in self._flags:
            self.image.write_flag(signal.name, on=_flag(signal.name, state))

    def show_counts(self, good: float, reject: float) -> None:
        """Write the production counters; they wrap as the real ones do."""
        for signal, total in ((self._good, good), (self._reject, reject)):
            if signal is not None and signal.modbus is not None and self._is_news(signal.name, int(total)):
                self.image.write_count(signal.name, int(total))

    def show_identities(self, labels: Mapping[str, str]) -> None:
        """Write each identity text from the label its name contains, else from `product`."""
        for signal in self._texts:
            text = next(
                (text for word, text in labels.items() if word in signal.name), labels.get("product", "")
            )
            if self._is_news(signal.name, text):
                self.image.write_text(signal.name, text)

    def _is_news(self, name: str, value: int | str) -> bool:
        """Return whether a value differs from what was written last: encoding costs more than asking."""
        if self._written.get(name) == value:
            return False
        self._written[name] = value
        return True

    def result(self, kind: str, values: Mapping[str, Scalar]) -> int:
        """Put a result into its ring; return its number."""
        return self.image.rings[kind].append(values)


def _is_flag(signal: Signal) -> bool:
    return signal.modbus is not None and signal.modbus.encoding is Encoding.BOOL


def _is_text(signal: Signal) -> bool:
    return signal.modbus is not None and signal.modbus.encoding is Encoding.STRING


def _flag(name: str, state: PackmlState) -> bool:
    if "running" in name or "execut" in name:
        return state is PackmlState.EXECUTE
    if "fault" in name or "stopped" in name:
        return state in (PackmlState.HELD, PackmlState.ABORTED)
    return any(word in name for word in _USUALLY_TRUE)
