from __future__ import annotations

import pytest

from plant.load import load_plant
from plant.model import Plant
from telemetry.live import LivePicture, LiveStation

NOW_MS = 1_790_000_000_000


@pytest.fixture(scope="session")
def plant() -> Plant:
    return load_plant(sites=["acc-douvrin"])


@pytest.fixture
def live(plant: Plant) -> LivePicture:
    return LivePicture(plant)


@pytest.fixture
def filler(live: LivePicture) -> LiveStation:
    """A station that was read a moment before NOW_MS, but has no sample yet."""
    station = live.station("acc-douvrin", "assembly-1", "filler-1")
    station.online = True
    station.read_at_ms = dict.fromkeys(station.placed.profile.poll_classes, NOW_MS - 300)
    return station
