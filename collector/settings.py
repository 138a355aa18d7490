"""What the collector is told when it starts."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from historian.settings import HistorianSettings
from runtime.mqtt_session import MqttSettings
from runtime.settings import Settings


class CollectorSettings(Settings):
    """Where the collector listens and writes, and how much it holds in memory."""

    sites: tuple[str, ...] = ()
    """Ids of the sites to collect; none means all of the plant description."""
    host_id: str = Field(default="gigafloor", pattern=r"^[^+#/]+$")
    """Sparkplug host application id; edge agents wait for this one's STATE."""
    mqtt: MqttSettings = MqttSettings()
    historian: HistorianSettings = HistorianSettings()
    dead_letter_path: Path = Path("data/dead-letters.sqlite")
    """SQLite file for what cannot be understood or written, and for production minutes to compute again."""
    most_dead_letters: int = Field(default=10_000, ge=10)
    queue_values: int = Field(default=500_000, ge=1_000)
    """Values held in memory until they are durable; beyond it batches stay at the edge."""
    group_values: int = Field(default=25_000, ge=100)
    """Values written together."""
    linger_s: float = Field(default=0.05, ge=0.0, le=1.0)
    """How long the first value of a group waits for others."""
    acknowledge_every_s: float = Field(default=0.1, ge=0.01, le=5.0)
    production_every_s: float = Field(default=2.0, ge=0.1, le=60.0)
    """Pause between two updates of the running minute's production figures."""
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    """Loopback port for Prometheus; None where another part of the process serves `/metrics`."""
