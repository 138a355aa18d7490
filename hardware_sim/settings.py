"""Settings of the simulator."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from runtime.mqtt_session import MqttSettings
from runtime.settings import Settings


class PlannedFault(BaseModel):
    """A fault that comes by itself after the start."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: str
    """Id in the catalogue, for example F09."""
    station: str = Field(pattern=r"^[^/]+/[^/]+/[^/]+/[^/]+$")
    """Path as site/area/line/station."""
    after_s: float = Field(ge=0)
    """Seconds of physics after the start."""
    lasts_s: float = Field(gt=0)


class SimSettings(Settings):
    """How the simulated plant runs."""

    sites: tuple[str, ...] = ()
    """Sites to simulate; none given: all."""
    seed: int = Field(default=1, ge=0)
    """Same seed, same plant, same history."""
    speed: float = Field(default=1.0, gt=0, le=1000)
    """Seconds of physics per second; the machines are simply that much faster."""
    step_s: float = Field(default=0.1, ge=0.1, le=1.0)
    """Wall-clock time between steps."""
    mqtt: MqttSettings = MqttSettings()
    """Broker the sensors publish to."""
    truth_dir: Path | None = None
    """Where to write what really happened; None: nowhere."""
    truth_flush_s: float = Field(default=5.0, gt=0)
    faults: tuple[PlannedFault, ...] = ()
