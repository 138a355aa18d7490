"""API and screens as a process, beside a collector that runs elsewhere."""

from __future__ import annotations

from pathlib import Path

from api.app import ApiSettings, Services, create_app, serve
from api.live_feed import LiveFeed
from gigafloor.errors import StartError
from historian.open import opened
from plant.load import load_plant
from runtime.service import background
from runtime.settings import load_settings


async def run_api(settings_file: Path | None, plant_directory: Path | None) -> None:
    """Run the API and the screens until cancelled.

    Raises:
        StartError: the settings name a historian that only the collector can open.
    """
    settings = load_settings(ApiSettings, settings_file)
    plant = load_plant(sites=settings.sites or None, directory=plant_directory)
    if settings.historian.kind == "duckdb":
        raise StartError(
            "A DuckDB file belongs to one process, the collector. Set 'historian: {kind: influxdb, ...}' "
            "for an API of its own, or run everything in one with 'gigafloor demo'."
        )
    async with opened(settings.historian) as historian:
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
