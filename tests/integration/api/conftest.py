"""A real app on a real DuckDB file: the assembly line of Douvrin, twenty minutes of known history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from fastapi import FastAPI

from api.app import Services, create_app
from historian.duckdb_store import DuckDbHistorian
from historian.ports import ProductionMinute, StationBlock
from plant.load import load_plant
from plant.model import Plant, StationPath
from telemetry.clock import now_ms
from telemetry.live import LivePicture
from telemetry.quality import Quality
from telemetry.sample import Result, Sample

MINUTE_MS = 60_000
FILLER = StationPath("acc-douvrin", "assembly", "assembly-1", "filler-1")


class House(NamedTuple):
    """An app and what it works with."""

    app: FastAPI
    client: httpx.AsyncClient
    live: LivePicture
    historian: DuckDbHistorian
    start_ms: int
    """Where the known history begins, a whole minute twenty minutes ago."""


@pytest.fixture(scope="session")
def plant() -> Plant:
    return load_plant(sites=["acc-douvrin"])


@pytest.fixture
async def house(tmp_path: Path, plant: Plant) -> AsyncIterator[House]:
    historian = DuckDbHistorian(tmp_path / "history.duckdb")
    await historian.open()
    start_ms = now_ms() // MINUTE_MS * MINUTE_MS - 20 * MINUTE_MS
    await historian.write([StationBlock(FILLER, "filler", _samples(start_ms), _results(start_ms))])
    await historian.write_production(_minutes(start_ms))
    live = LivePicture(plant)
    revive(live)
    app = create_app(Services(plant=plant, reader=historian, live=live), screens=False)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        yield House(app, client, live, historian, start_ms)
    await historian.close()


def revive(live: LivePicture) -> None:
    """Let the filler be read now: running, one value good and one bad."""
    at_ms = now_ms()
    filler = live.station("acc-douvrin", "assembly-1", "filler-1")
    filler.online = True
    filler.read_at_ms = dict.fromkeys(filler.placed.profile.poll_classes, at_ms)
    for sample in (
        Sample("state", at_ms, 6),
        Sample("alarm_word", at_ms, 0b100),
        Sample("evacuation_mbar", at_ms, 11.5),
        Sample("electrolyte_temp_c", at_ms, None, Quality.BAD),
    ):
        filler.samples[sample.signal] = sample
    live.revision += 1
    filler.revision = live.revision


def _samples(start_ms: int) -> list[Sample]:
    return [
        Sample("evacuation_mbar", start_ms + second * 1000, 5 + second % 10 / 10) for second in range(1200)
    ] + [Sample("nitrogen_pressure_bar", start_ms, None, Quality.BAD)]


def _results(start_ms: int) -> list[Result]:
    return [
        Result(
            "cell",
            start_ms + number * 5000,
            number,
            f"SERIAL-{number:04d}",
            {"grade": 0, "electrolyte_g": 240.5},
        )
        for number in range(1, 201)
    ]


def _minutes(start_ms: int) -> list[ProductionMinute]:
    return [
        ProductionMinute(FILLER, start_ms + index * MINUTE_MS, 11.0, 1.0, {"apt": 48.0, "adot": 12.0})
        for index in range(20)
    ]
