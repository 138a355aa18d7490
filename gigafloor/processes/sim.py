"""The simulator as a process."""

from __future__ import annotations

from pathlib import Path

from hardware_sim.app import Simulator
from hardware_sim.settings import SimSettings
from plant.load import load_plant
from runtime.settings import load_settings
from telemetry.clock import now_ms


async def run_sim(settings_file: Path | None, plant_directory: Path | None) -> None:
    """Run the simulator until cancelled."""
    settings = load_settings(SimSettings, settings_file)
    plant = load_plant(sites=settings.sites or None, directory=plant_directory)
    await Simulator(settings, plant, started_at_ms=now_ms()).run()
