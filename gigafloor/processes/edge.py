"""The agent of one line as a process."""

from __future__ import annotations

from pathlib import Path

from edge_agent.app import EdgeAgent
from edge_agent.settings import EdgeSettings
from plant.load import load_plant
from runtime.settings import load_settings


async def run_edge(settings_file: Path | None, plant_directory: Path | None) -> None:
    """Run the agent of one line until cancelled."""
    settings = load_settings(EdgeSettings, settings_file)
    plant = load_plant(sites=[settings.site], directory=plant_directory)
    await EdgeAgent(settings, plant).run()
