"""What the agent says of itself, as Prometheus metrics and as `Vitals/<name>` of the node."""

from __future__ import annotations

from runtime.vitals import Vitals


class EdgeVitals:
    """The agent's counters and gauges."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals
        self.served = vitals.served
        self.requests = vitals.counter("modbus_requests", "Modbus requests sent")
        self.request_failures = vitals.counter("modbus_failures", "Modbus requests without a usable answer")
        self.reads_isolated = vitals.gauge(
            "modbus_isolated", "Reads refused or silent while their unit answers"
        )
        self.reconnects = vitals.counter("modbus_connects", "Modbus connections made")
        self.missed_ticks = vitals.counter(
            "missed_ticks", "Polls skipped because the one before took too long"
        )
        self.poll_lag_s = vitals.gauge("poll_lag_s", "How late the last poll began")
        self.stations = vitals.gauge("stations", "Stations of the line")
        self.stations_lost = vitals.gauge("stations_lost", "Stations that do not answer")
        self.station_up = vitals.gauge("station_up", "Whether the station answers", ("station",))
        self.results = vitals.counter("results", "Results taken from rings")
        self.results_missed = vitals.counter("results_missed", "Results overwritten before they were read")
        self.ring_restarts = vitals.counter("ring_restarts", "Rings whose PLC began to count anew")
        self.sensor_messages = vitals.counter("sensor_messages", "Messages of MQTT sensors")
        self.sensor_rejects = vitals.counter("sensor_rejects", "Sensor messages or values not usable")
        self.spool_batches = vitals.gauge("spool_batches", "Batches kept until acknowledged")
        self.spool_bytes = vitals.gauge("spool_bytes", "Bytes of these batches")
        self.spool_age_s = vitals.gauge("spool_age_s", "Age of the oldest batch kept")
        self.spool_dropped = vitals.gauge("spool_dropped", "Batches given up for want of room, ever")
        self.spool_failures = vitals.counter("spool_failures", "Writes the spool's disk refused")
        self.unsaved_dropped = vitals.counter("unsaved_dropped", "Entries lost while the disk refused")
        self.in_flight = vitals.gauge("in_flight", "Batches sent and not yet acknowledged")
        self.resent = vitals.counter("resent", "Batches sent again")
        self.acknowledged = vitals.counter("acknowledged", "Batches acknowledged")
        self.acknowledged_at_s = vitals.gauge(
            "acknowledged_at_s", "Time of the last acknowledgement, since 1970"
        )
        self.sessions = vitals.counter("uplink_sessions", "Connections to the broker")
        self.births = vitals.counter("births", "NBIRTH messages")
        self.commands_rejected = vitals.counter("commands_rejected", "Commands refused or not understood")

    def values(self) -> dict[str, float]:
        """Return every value without labels, by name."""
        return self._vitals.values()
