"""When a silent unit, or a silent block of one, is asked again (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.backoff import RetryDelays, full_jitter

FIRST_DELAY_S = 2.0
MOST_DELAY_S = 60.0
LEAST_DELAY_S = 1.0


def probe_delays() -> Iterator[float]:
    """Yield jittered delays, none too short: a probe of a dead unit costs its neighbours a timeout."""
    return (max(LEAST_DELAY_S, delay_s) for delay_s in full_jitter(FIRST_DELAY_S, MOST_DELAY_S))


class CircuitBreaker:
    """Counts failures in a row; open means "do not ask yet".

    Only a good reading closes it: a device that accepts connections and then
    drops them is not hammered.
    """

    def __init__(self, *, threshold: int = 2, delays: RetryDelays = probe_delays) -> None:
        self._threshold = threshold
        self._new_delays = delays
        self._delays = delays()
        self._retry_at_s = 0.0
        self.failures = 0

    @property
    def is_open(self) -> bool:
        """Return whether the threshold is reached; a probe may be due nevertheless."""
        return self.failures >= self._threshold

    def allows(self, now_s: float) -> bool:
        """Return whether a request may be sent now."""
        return not self.is_open or now_s >= self._retry_at_s

    def succeeded(self) -> None:
        """Take note of a good reading."""
        if self.failures:
            self.failures = 0
            self._delays = self._new_delays()

    def failed(self, now_s: float) -> None:
        """Take note of a failure; from the threshold on, each one waits longer."""
        self.failures += 1
        if self.is_open:
            self._retry_at_s = now_s + next(self._delays)
