"""PackML machine states (ISA-TR88.00.02) and the ISO 22400 time each counts as."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class PackmlState(IntEnum):
    """State numbers as PackTags `StateCurrent` carries them."""

    CLEARING = 1
    STOPPED = 2
    STARTING = 3
    IDLE = 4
    SUSPENDED = 5
    EXECUTE = 6
    STOPPING = 7
    ABORTING = 8
    ABORTED = 9
    HOLDING = 10
    HELD = 11
    UNHOLDING = 12
    SUSPENDING = 13
    UNSUSPENDING = 14
    RESETTING = 15
    COMPLETING = 16
    COMPLETE = 17


class TimeClass(StrEnum):
    """Where a second goes in the ISO 22400 time model."""

    PRODUCTION = "apt"
    """Actual production time."""
    SETUP = "aust"
    """Actual unit set-up time."""
    DELAY = "adet"
    """Actual unit delay time: blocked, starved, waiting."""
    DOWN = "adot"
    """Actual unit down time: the machine itself."""
    PLANNED = "planned"
    UNKNOWN = "unknown"
    """Nothing was read: never counted as running."""


TIME_CLASSES: dict[PackmlState, TimeClass] = {
    PackmlState.EXECUTE: TimeClass.PRODUCTION,
    PackmlState.COMPLETING: TimeClass.PRODUCTION,
    PackmlState.STARTING: TimeClass.SETUP,
    PackmlState.RESETTING: TimeClass.SETUP,
    PackmlState.COMPLETE: TimeClass.DELAY,
    PackmlState.IDLE: TimeClass.DELAY,
    PackmlState.SUSPENDED: TimeClass.DELAY,
    PackmlState.SUSPENDING: TimeClass.DELAY,
    PackmlState.UNSUSPENDING: TimeClass.DELAY,
    PackmlState.HELD: TimeClass.DOWN,
    PackmlState.HOLDING: TimeClass.DOWN,
    PackmlState.UNHOLDING: TimeClass.DOWN,
    PackmlState.STOPPING: TimeClass.DOWN,
    PackmlState.ABORTING: TimeClass.DOWN,
    PackmlState.ABORTED: TimeClass.DOWN,
    PackmlState.CLEARING: TimeClass.DOWN,
    PackmlState.STOPPED: TimeClass.PLANNED,
}
"""Suspended is stopped from outside (blocked, starved), held from inside; a profile may differ."""


def time_class(state: int | None) -> TimeClass:
    """Return where time in the state goes; an unknown number is unknown time."""
    try:
        return TIME_CLASSES[PackmlState(state)] if state is not None else TimeClass.UNKNOWN
    except ValueError:
        return TimeClass.UNKNOWN
