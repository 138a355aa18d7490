"""Settings of the edge agent."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from runtime.mqtt_session import MqttSettings
from runtime.settings import Settings


class EdgeSettings(Settings):
    """One agent reads one line and is one Sparkplug edge node."""

    site: str
    line: str
    mqtt: MqttSettings = MqttSettings()
    """Where hosts listen."""
    sensors: MqttSettings | None = None
    """The plant's local broker with the sensors' topics; None takes `mqtt`."""
    spool_path: Path = Path("spool.sqlite")
    spool_max_bytes: int = Field(default=2**30, ge=2**20)
    spool_max_age_s: float = Field(default=31 * 86400, ge=60)
    primary_host: str | None = "gigafloor"
    """Sparkplug host without which nothing is sent; None sends whether anyone listens or not."""
    acknowledged: bool = True
    """Whether the host says what is durable; False deletes what was published while it is online."""
    window: int = Field(default=1000, ge=1, le=100_000)
    """Batches sent and not yet acknowledged above which the backlog waits."""
    backlog_per_s: float = Field(default=400.0, gt=0, le=10_000)
    """Batches of backlog sent beside the live ones."""
    ack_timeout_s: float = Field(default=30.0, ge=1, le=3600)
    flush_s: float = Field(default=0.05, ge=0.01, le=10)
    """How long samples are collected before they are spooled and sent together."""
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """Loopback port for Prometheus; None serves none."""
    vitals_s: float = Field(default=10.0, ge=1, le=3600)
