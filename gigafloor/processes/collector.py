"""The collector as a process."""

from __future__ import annotations

from pathlib import Path

from collector.app import Collector
from collector.settings import CollectorSettings
from historian.open import opened
from plant.load import load_plant
from runtime.settings import load_settings


async def run_collector(settings_file: Path | None, plant_directory: Path | None) -> None:
    """Run the collector until cancelled."""
    settings = load_settings(CollectorSettings, settings_file)
    plant = load_plant(sites=settings.sites or None, directory=plant_directory)
    async with opened(settings.historian) as historian:
        await Collector(settings, plant, historian).run()
