"""The PackML states a machine goes through by itself, and how long each takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from plant.packml import PackmlState

S = PackmlState

NEXT: dict[PackmlState, PackmlState] = {
    S.CLEARING: S.STOPPED,
    S.STOPPED: S.RESETTING,
    S.RESETTING: S.IDLE,
    S.IDLE: S.STARTING,
    S.STARTING: S.EXECUTE,
    S.HOLDING: S.HELD,
    S.HELD: S.UNHOLDING,
    S.UNHOLDING: S.EXECUTE,
    S.SUSPENDING: S.SUSPENDED,
    S.SUSPENDED: S.UNSUSPENDING,
    S.UNSUSPENDING: S.EXECUTE,
    S.STOPPING: S.STOPPED,
    S.ABORTING: S.ABORTED,
    S.ABORTED: S.CLEARING,
    S.EXECUTE: S.COMPLETING,
    S.COMPLETING: S.COMPLETE,
    S.COMPLETE: S.RESETTING,
}
"""Where each state leads once its time is over."""

ENDLESS = frozenset({S.EXECUTE, S.SUSPENDED})
"""States that something else ends."""


@dataclass(slots=True)
class Sequence:
    """Current state, why, and the time left in it."""

    durations_s: dict[PackmlState, float]
    state: PackmlState = S.EXECUTE
    reason: str = ""
    """Why the machine does not run: failure, micro-stop, starved, blocked, a fault's id."""
    left_s: float = math.inf
    stands_s: float = 0.0
    """How long the machine will be held or aborted."""
    changes: list[tuple[float, PackmlState, str]] = field(default_factory=list)
    """(time left of the step, state, reason) since they were last taken."""

    def enter(self, state: PackmlState, left_of_step_s: float, *, for_s: float | None = None) -> None:
        """Go to a state, for the usual time or the one given."""
        usual_s = math.inf if state in ENDLESS else self.durations_s.get(state, 1.0)
        self.state = state
        self.left_s = usual_s if for_s is None else for_s
        if state is S.EXECUTE:
            self.reason = ""
        self.changes.append((left_of_step_s, state, self.reason))

    def pass_time(self, dt_s: float) -> float:
        """Let time pass in a state that ends by itself; return how much of `dt_s` is left."""
        used_s = min(dt_s, self.left_s)
        self.left_s -= used_s
        if self.left_s <= 1e-9:
            self.enter(NEXT[self.state], dt_s - used_s, for_s=self._stop_s())
        return dt_s - used_s

    def stop(self, reason: str, lasts_s: float, left_of_step_s: float, *, abort: bool = False) -> None:
        """Hold (or abort) for a failure that lasts that long once the machine stands."""
        self.reason = reason
        self.stands_s = lasts_s
        self.enter(S.ABORTING if abort else S.HOLDING, left_of_step_s)

    def suspend(self, reason: str, left_of_step_s: float) -> None:
        """Suspend because material or room is missing."""
        self.reason = reason
        self.enter(S.SUSPENDING, left_of_step_s)

    def _stop_s(self) -> float | None:
        return self.stands_s if NEXT[self.state] in (S.HELD, S.ABORTED) else None
