"""One process of the product each, from one settings file each."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from api.app import ApiSettings, Services, create_app, serve
from api.live_feed import LiveFeed
from collector.app import Collector
from collector.settings import CollectorSettings
from edge_agent.app import EdgeAgent
from edge_agent.settings import EdgeSettings
from gigafloor.errors import StartError
from hardware_sim.app import Simulator
from hardware_sim.settings import SimSettings
from historian.open import HistorianSettings, make_historian
from historian.ports import Historian
from plant.load import load_plant
from runtime.service import background
from runtime.settings import load_settings
from telemetry.clock import now_ms


async def run_sim(settings_file: Path | None, plant_directory: Path | None) -> None:
    """Run the simulator until cancelled."""
    settings = load_settings(SimSettings, settings_file)
    plant = load_plant(sites=settings.sites or None, directory=plant_directory)
    await Simulator(settings, plant, started_at_ms=now_ms()).run()


async def run_edge(settings_file: Path | None, plant_directory: Path | None) -> None:
    """Run the agent of one line until cancelled."""
    settings = load_settings(EdgeSettings, settings_file)
    plant = load_plant(sites=[settings.site], directory=plant_directory)
    await EdgeAgent(settings, plant).run()


async def run_collector(settings_file: Path | None, plant_directory: Path | None) -> None:
    """Run the collector until cancelled."""
    settings = load_settings(CollectorSettings, settings_file)
    plant = load_plant(sites=settings.sites or None, directory=plant_directory)
    async with _opened(settings.historian) as historian:
        await Collector(settings, plant, historian).run()


async def run_api(settings_file: Path | None, plant_directory: Path | None) -> None:
    """Run the API and the screens until cancelled, beside a collector that runs elsewhere."""
    settings = load_settings(ApiSettings, settings_file)
    plant = load_plant(sites=settings.sites or None, directory=plant_directory)
    if settings.historian.kind == "duckdb":
        raise StartError(
            "A DuckDB file belongs to one process, the collector. Set 'historian: {kind: influxdb, ...}' "
            "for an API of its own, or run everything in one with 'gigafloor demo'."
        )
    async with _opened(settings.historian) as historian:
        feed = LiveFeed(settings, plant)
        services = Services(
            plant=plant,
            reader=historian,
            live=feed.live,
            settings=settings,
            broker_connected=lambda: feed.is_connected,
        )
        async with background("live feed", feed.run()):
            await serve(create_app(services), host=settings.host, port=settings.port)


@contextlib.asynccontextmanager
async def _opened(settings: HistorianSettings) -> AsyncIterator[Historian]:
    historian = make_historian(settings)
    await historian.open()
    try:
        yield historian
    finally:
        await historian.close()
