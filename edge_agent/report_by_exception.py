"""Which values are worth reporting: changed, of another quality, or silent for too long (pure)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from telemetry.quality import Quality
from telemetry.sample import FloatArray, Sample, Value

ROUNDING = 1e-9
"""A change of exactly one deadband is reported, although 0.3 - 0.2 is a little below 0.1."""
NEVER_MS = -(2**62)


class BlockReporter:
    """Remembers what was last reported of a block of signals.

    The first heartbeats are spread over the heartbeat time, so that a machine
    at rest does not report everything in one message.
    """

    def __init__(self, deadband: FloatArray, heartbeat_ms: int, dtype: npt.DTypeLike) -> None:
        size = len(deadband)
        self._deadband = deadband * (1 - ROUNDING)
        self._heartbeat_ms = heartbeat_ms
        self._spread_ms = np.arange(size, dtype=np.int64) * heartbeat_ms // max(size, 1)
        self._exact = not deadband.any()
        self.values: npt.NDArray[Any] = np.zeros(size, dtype)
        self.quality = np.full(size, -1, np.int16)
        self.at_ms = np.zeros(size, np.int64)
        self._reported_ms = np.full(size, NEVER_MS, np.int64)

    def report(
        self, values: npt.NDArray[Any], quality: npt.NDArray[np.int16], at_ms: npt.NDArray[np.int64]
    ) -> npt.NDArray[np.intp]:
        """Return the rows to report now, and remember them as reported.

        A negative quality means that nothing is known of the row now.
        """
        good = quality == Quality.GOOD
        moved = values != self.values
        if not self._exact:
            with np.errstate(invalid="ignore", over="ignore"):
                distance = np.abs(values.astype(np.float64) - self.values.astype(np.float64))
                moved &= distance >= self._deadband
        silent_ms = at_ms - self._reported_ms
        due = (quality != self.quality) | (good & moved)
        # A clock that was put back must not silence the heartbeat until it has caught up.
        due |= (silent_ms >= self._heartbeat_ms) | (silent_ms < -self._heartbeat_ms)
        rows = np.flatnonzero(due & (quality >= 0))
        self._remember(rows, values, quality, at_ms)
        return rows

    def _remember(
        self,
        rows: npt.NDArray[np.intp],
        values: npt.NDArray[Any],
        quality: npt.NDArray[np.int16],
        at_ms: npt.NDArray[np.int64],
    ) -> None:
        first = self._reported_ms[rows] == NEVER_MS
        self._reported_ms[rows] = at_ms[rows] - np.where(first, self._spread_ms[rows], 0)
        self.values[rows] = values[rows]
        self.quality[rows] = quality[rows]
        self.at_ms[rows] = at_ms[rows]


def is_due(last: Sample | None, new: Sample, *, deadband: float, heartbeat_ms: int) -> bool:
    """Return whether one sample is worth reporting after the last reported one."""
    if last is None or new.quality is not last.quality:
        return True
    silent_ms = new.at_ms - last.at_ms
    if silent_ms >= heartbeat_ms or silent_ms < -heartbeat_ms:
        return True
    return new.value is not None and _moved(last.value, new.value, deadband)


def _moved(last: Value, new: Value, deadband: float) -> bool:
    if isinstance(new, np.ndarray) and isinstance(last, np.ndarray):
        if new.shape != last.shape or (np.isnan(new) != np.isnan(last)).any():
            return True
        with np.errstate(invalid="ignore"):
            distance = np.abs(new - last)
        return bool(((distance > 0) & (distance >= deadband * (1 - ROUNDING))).any())
    if deadband and isinstance(new, float | int) and isinstance(last, float | int):
        return new != last and abs(new - last) >= deadband * (1 - ROUNDING)
    return bool(new != last)
