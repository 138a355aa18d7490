"""A running simulator on free ports."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from hardware_sim.app import Simulator
from hardware_sim.settings import SimSettings
from plant.load import load_plant
from plant.model import Plant
from telemetry.clock import now_ms
from tests.support.mosquitto import Mosquitto
from tests.support.ports import free_port

Start = Callable[..., AbstractAsyncContextManager[Simulator]]


def on_free_ports(plant: Plant) -> Plant:
    """Return the plant with every Modbus port replaced, those that are shared by one."""
    ports: dict[int, int] = {}
    document = plant.model_dump()
    for site in document["sites"]:
        stations = [each for area in site["areas"] for line in area["lines"] for each in line["stations"]]
        for station in stations:
            if station["modbus"] is not None:
                port = station["modbus"]["port"]
                station["modbus"]["port"] = ports.setdefault(port, free_port())
    return Plant.model_validate(document)


@pytest.fixture
def plant() -> Plant:
    return on_free_ports(load_plant(sites=["acc-douvrin"]))


@pytest.fixture
def start(plant: Plant, mosquitto: Mosquitto, tmp_path: Path) -> Start:
    """Return what runs a simulator for the length of a block."""

    @contextlib.asynccontextmanager
    async def running(**settings: object) -> AsyncIterator[Simulator]:
        given = {"mqtt": mosquitto.settings, "truth_dir": tmp_path / "truth"} | settings
        simulator = Simulator(SimSettings.model_validate(given), plant, started_at_ms=now_ms())
        ready = asyncio.Event()
        task = asyncio.create_task(simulator.run(ready))
        try:
            waiting = asyncio.create_task(ready.wait())
            await asyncio.wait({task, waiting}, timeout=20, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            if task.done():
                await task
            assert ready.is_set()
            yield simulator
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    return running
