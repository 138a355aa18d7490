"""What every simulated station has: instruments, a controller, faults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from hardware_sim.equipment.array_signals import ArraySignals
from hardware_sim.equipment.instruments import Instruments
from hardware_sim.equipment.plc import Plc
from hardware_sim.faults import ActiveFault, Fault
from hardware_sim.serials import Serials
from hardware_sim.step_time import StepTime
from plant.model import Maturity, PlacedStation, StationPath
from plant.packml import PackmlState
from telemetry.sample import Result


class Truth(Protocol):
    """Where machines write down what really happened."""

    def result(self, path: StationPath, result: Result, *, good: bool) -> None:
        """Note a finished product."""

    def state(self, path: StationPath, at_ms: int, state: PackmlState, reason: str) -> None:
        """Note a change of state."""

    def counts(self, path: StationPath, at_ms: int, good: float, reject: float) -> None:
        """Note the totals since the start."""

    def fault(self, path: StationPath, at_ms: int, fault: str, *, begins: bool) -> None:
        """Note the start or end of a fault."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a station needs to know beside its profile."""

    placed: PlacedStation
    maturity: Maturity
    serials: Serials
    chance: np.random.Generator
    truth: Truth


class Equipment:
    """A station without a state of its own: sensors; machines derive from it."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.path = around.placed.path
        self.profile = around.placed.profile
        self.chance = around.chance
        self.instruments = Instruments(self.profile, self.chance)
        self.arrays = ArraySignals(self.profile, self.chance)
        self.plc = Plc(self.profile, self.instruments)
        self.faults: dict[str, ActiveFault] = {}

    def step(self, time: StepTime) -> None:
        """Advance by one step."""
        self._age_faults(time)
        self.run(time)
        self.follow_process(time.dt_s)
        self.instruments.step(time.dt_s)
        self.plc.alarms.step(time.dt_s)

    def show(self) -> None:
        """Write everything to registers and sensor values."""
        self.plc.show()
        self.arrays.show(self.plc.image)

    def run(self, time: StepTime) -> None:
        """Do the station's work; sensors have none."""

    def follow_process(self, dt_s: float) -> None:
        """Set where the process values go now; a plain sensor stays at its nominal values."""

    def fault_age_s(self, fault_id: str) -> float | None:
        """Return how long a fault has been on, None if it is not."""
        active = self.faults.get(fault_id)
        return active.age_s if active is not None else None

    def begin_fault(self, fault_id: str, fault: Fault, lasts_s: float, at_ms: int) -> None:
        """Turn a fault on; a fault that is on already lasts longer."""
        if fault_id not in self.faults:
            self.around.truth.fault(self.path, at_ms, fault_id, begins=True)
            place = self.plc.alarms.find(fault.alarm)
            if place is not None:
                self.plc.alarms.begin(place, fault_id)
        self.faults[fault_id] = ActiveFault(fault, lasts_s)

    def _age_faults(self, time: StepTime) -> None:
        for fault_id, active in list(self.faults.items()):
            active.age_s += time.dt_s
            active.left_s -= time.dt_s
            if active.left_s <= 0:
                del self.faults[fault_id]
                self.plc.alarms.end(fault_id)
                self.around.truth.fault(self.path, time.at_ms(0), fault_id, begins=False)
