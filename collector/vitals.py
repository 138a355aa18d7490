"""What the collector says of itself."""

from __future__ import annotations

from collections.abc import Iterable

from collector.dead_letter import DeadLetter
from runtime.vitals import Vitals


class CollectorVitals:
    """The collector's counters and gauges, by what they mean."""

    def __init__(self, vitals: Vitals) -> None:
        self.batches_taken_in = vitals.counter("batches_taken_in", "Batches accepted from the broker")
        self.batches_repeated = vitals.counter(
            "batches_repeated", "Batches that had been taken in before: acknowledged again, not written again"
        )
        self.batches_not_accepted = vitals.counter(
            "batches_not_accepted", "Batches refused for want of room; the edge sends them again"
        )
        self.unnumbered_lost = vitals.counter(
            "unnumbered_batches_lost",
            "Batches without a number refused for want of room; nobody sends them again",
        )
        self.values_written = vitals.counter("values_written", "Values that became durable")
        self.batches_written = vitals.counter("batches_written", "Batches that became durable")
        self.writes_failed = vitals.counter("writes_failed", "Writes to be tried again")
        self.write_s = vitals.histogram(
            "write_seconds",
            "Time one write to the historian took",
            (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
        )
        self.queued_values = vitals.gauge("queued_values", "Values that are not durable yet")
        self.last_write_at_s = vitals.gauge("last_write_timestamp_seconds", "When a write last succeeded")
        self.last_acknowledgement_at_s = vitals.gauge(
            "last_acknowledgement_timestamp_seconds", "When an acknowledgement was last sent"
        )
        self.batches_acknowledged = vitals.counter(
            "batches_acknowledged", "Batches whose acknowledgement the broker took"
        )
        self.historian_answers = vitals.gauge("historian_answers", "1 while the historian takes writes")
        self.historian_answers.set(1)
        self.rebirths_wanted = vitals.counter(
            "rebirths_wanted", "Messages that showed a lost or unknown part of an edge node's session"
        )
        self.dead_letters = vitals.counter("dead_letters", "What was put aside, by why", ("kind",))
        self.production_minutes = vitals.counter(
            "production_minutes_written", "Station minutes whose production figures were computed"
        )

    def put_aside(self, letters: Iterable[DeadLetter]) -> None:
        """Count dead letters by their kind."""
        for letter in letters:
            self.dead_letters.labels(letter.kind.value).inc()
