"""A machine with a PackML state: runs, stops, waits for material and for room."""

from __future__ import annotations

from abc import abstractmethod

from typing_extensions import override

from hardware_sim.equipment.equipment import Equipment, Surroundings
from hardware_sim.equipment.inspection import inspect
from hardware_sim.equipment.packml import Sequence
from hardware_sim.equipment.stage import LOT_SPREAD, stage_of
from hardware_sim.equipment.stops import Stop, Stops
from hardware_sim.faults import Fault
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Lot
from hardware_sim.step_time import StepTime
from plant.model import ResultRing
from plant.packml import PackmlState
from telemetry.sample import Result

_EPSILON_S = 1e-9
PATIENCE_S = 5.0
"""Waiting this long for material or room, a machine goes to Suspended; shorter waits are a loss of speed."""
RESUME_LOTS = 2
"""So many lots (or as much room) end a wait, so that a line does not stutter."""
COUNTS_EVERY_S = 10.0


class Machine(Equipment):
    """What all producing machines share; how they produce is for the subclasses."""

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around)
        self.inlet, self.outlet = inlet, outlet
        self.stage = stage_of(self.profile.measurement)
        self.ideal_per_s = (around.placed.station.ideal_rate_per_min or self.stage.rate_per_min) / 60.0
        self.good_share = self.stage.yield_at(around.maturity)
        self.spread = LOT_SPREAD[around.maturity]
        self.stops = Stops(self.stage, self.chance)
        self.sequence = Sequence(
            {PackmlState.STARTING: self.stage.starting_s, PackmlState.UNHOLDING: self.stage.restart_s}
        )
        self.good = 0.0
        self.reject = 0.0
        self.rings: dict[str, ResultRing] = {ring.kind: ring for ring in self.profile.result_rings}
        self._waited_s = 0.0
        self._time = StepTime(1.0, 0.0, 0.0)
        self._counted_s = 0.0
        self.plc.show_state(self.sequence.state)

    @property
    def running(self) -> bool:
        """Whether the machine is in Execute."""
        return self.sequence.state is PackmlState.EXECUTE

    @abstractmethod
    def hindrance(self, lots: int) -> str | None:
        """Return `starved` or `blocked` if work needs as many lots (or as much room) and has not."""

    @abstractmethod
    def produce(self, dt_s: float, left_s: float) -> float:
        """Work for `dt_s`, which begins `left_s` before the end of the step; return the time really used."""

    def identities(self) -> dict[str, str]:
        """Return the texts the controller shows, by a word of the signal's name."""
        return {"recipe": self.profile.profile.upper()}

    @override
    def run(self, time: StepTime) -> None:
        self._time = time
        left_s = time.dt_s
        while left_s > _EPSILON_S:
            if self.running:
                left_s = self._execute(left_s)
            elif self.sequence.state is PackmlState.SUSPENDED:
                if self.hindrance(RESUME_LOTS) is not None:
                    break
                self.sequence.enter(PackmlState.UNSUSPENDING, left_s)
            else:
                left_s = self.sequence.pass_time(left_s)
        self._note(time)

    def _execute(self, left_s: float) -> float:
        hindrance = self.hindrance(1)
        if hindrance is not None:
            return self._wait(hindrance, left_s)
        used_s = self.produce(min(left_s, self.stops.next_in_s), left_s)
        if used_s > _EPSILON_S:
            self._waited_s = 0.0
        stop = self.stops.run(used_s)
        if stop is not None:
            self._stand(stop, left_s - used_s)
        elif used_s <= _EPSILON_S:
            return self._wait(self.hindrance(1) or "starved", left_s)
        return left_s - used_s

    def _wait(self, hindrance: str, left_s: float) -> float:
        used_s = min(left_s, PATIENCE_S - self._waited_s)
        self._waited_s += used_s
        if self._waited_s >= PATIENCE_S - _EPSILON_S:
            self._waited_s = 0.0
            self.sequence.suspend(hindrance, left_s - used_s)
        return left_s - used_s

    def _stand(self, stop: Stop, left_s: float) -> None:
        place = self.plc.alarms.draw(self.chance, serious=stop.reason == "failure")
        if place is not None:
            self.plc.alarms.begin(place, "stop")
        self.sequence.stop(stop.reason, stop.lasts_s, left_s)

    @override
    def begin_fault(self, fault_id: str, fault: Fault, lasts_s: float, at_ms: int) -> None:
        super().begin_fault(fault_id, fault, lasts_s, at_ms)
        if fault.aborts:
            self.sequence.stop(fault_id, lasts_s, 0.0, abort=True)

    def _note(self, time: StepTime) -> None:
        """Tell controller and truth what has changed."""
        for left_s, state, reason in self.sequence.changes:
            self.around.truth.state(self.path, time.at_ms(left_s), state, reason)
            if state in (PackmlState.UNHOLDING, PackmlState.CLEARING):
                self.plc.alarms.end("stop")
        changed = bool(self.sequence.changes)
        self.sequence.changes.clear()
        self._counted_s += time.dt_s
        if changed or self._counted_s >= COUNTS_EVERY_S:
            self._counted_s = 0.0
            self.around.truth.counts(self.path, time.at_ms(0), self.good, self.reject)

    @override
    def show(self) -> None:
        super().show()
        self.plc.show_state(self.sequence.state)
        self.plc.show_counts(self.good, self.reject)
        self.plc.show_identities(self.identities())

    def report(
        self, ring: ResultRing, lot: Lot, values: dict[str, float], left_s: float, *, reject: float
    ) -> bool:
        """Inspect a product, put it into its ring; return whether it is good.

        `values` are its true characteristics by reference, `reject` the chance
        that it fails for a reason no model here knows.
        """
        at_ms = self._time.at_ms(left_s)
        fields, good = inspect(ring, lot, values, at_ms, reject=reject, chance=self.chance)
        number = self.plc.result(ring.kind, fields)
        key = str(fields[ring.key_field])
        self.around.truth.result(self.path, Result(ring.kind, at_ms, number, key, fields), good=good)
        return good

    def ring(self) -> ResultRing | None:
        """Return the machine's first ring."""
        return next(iter(self.rings.values()), None)
