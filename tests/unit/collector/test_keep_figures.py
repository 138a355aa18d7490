"""Production minutes follow what is stored: late data, outages, restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.production.keep_figures import ProductionKeeper
from collector.production.late_minutes import LateMinutes
from collector.production.minute import MINUTE_MS
from collector.production.station_figures import production_stations
from collector.vitals import CollectorVitals
from historian.ports import HistorianUnavailableError, StationBlock
from plant.packml import PackmlState
from runtime.vitals import Vitals
from telemetry.quality import Quality
from telemetry.sample import Sample, Value
from tests.support.memory_historian import MemoryHistorian
from tests.unit.collector.small_plant import small_plant, winder_path

ZERO_MS = 30_000_000 * MINUTE_MS
STATIONS = production_stations(small_plant())


def at(minute: float) -> int:
    return ZERO_MS + round(minute * MINUTE_MS)


def good(minute: float, value: Value, quality: Quality = Quality.GOOD) -> Sample:
    return Sample("good", at(minute), value, quality)


class Shift:
    """A keeper, its store, and a clock in minutes."""

    def __init__(self, late: LateMinutes) -> None:
        self.historian = MemoryHistorian()
        self.late = late
        self.now = 0.0
        self.restart()

    def restart(self) -> None:
        self.keeper = ProductionKeeper(
            STATIONS,
            self.historian,
            self.late,
            CollectorVitals(Vitals("collector")),
            every_s=1.0,
            clock=lambda: at(self.now),
        )

    async def arrive(self, *samples: Sample) -> None:
        block = StationBlock(winder_path(), "winder", samples)
        await self.historian.write([block])
        await self.keeper.stored([block])

    async def refresh(self, now: float) -> None:
        self.now = now
        while await self.keeper.refresh():
            pass

    def counted(self) -> dict[int, float]:
        return {
            (at_ms - ZERO_MS) // MINUTE_MS: minute.good
            for (path, at_ms), minute in self.historian.minutes.items()
            if path == winder_path() and minute.good
        }


@pytest.fixture
def shift() -> Iterator[Shift]:
    late = LateMinutes(Path(":memory:"))
    yield Shift(late)
    late.close()


async def test_counts_belong_to_the_minute_of_the_later_sample(shift: Shift) -> None:
    await shift.arrive(good(0.1, 10), good(0.9, 12), good(1.2, 15))
    await shift.refresh(1.5)
    assert shift.counted() == {0: 2, 1: 3}


async def test_late_sample_corrects_the_next_count_hours_later(shift: Shift) -> None:
    await shift.arrive(good(0.1, 10), good(300.5, 50))
    await shift.refresh(301)
    assert shift.counted() == {300: 40}
    await shift.refresh(400)
    await shift.arrive(good(60.5, 30))
    await shift.refresh(400)
    assert shift.counted() == {60: 20, 300: 20}


async def test_counts_made_while_nothing_was_read_are_not_lost(shift: Shift) -> None:
    await shift.arrive(good(0.1, 10), *(good(minute, None, Quality.STALE) for minute in range(1, 200)))
    await shift.refresh(199)
    await shift.arrive(good(200.5, 70))
    await shift.refresh(201)
    assert shift.counted() == {200: 60}


async def test_running_minute_has_the_seconds_so_far_and_is_finished_later(shift: Shift) -> None:
    await shift.arrive(Sample("state", at(0), PackmlState.EXECUTE.value))
    await shift.refresh(0.25)
    assert shift.historian.minutes[winder_path(), at(0)].seconds == {"apt": 15.0}
    await shift.arrive(Sample("state", at(0.5), PackmlState.HELD.value))
    await shift.refresh(1.1)
    assert shift.historian.minutes[winder_path(), at(0)].seconds == {"apt": 30.0, "adot": 30.0}


async def test_every_station_has_its_minute_even_if_nothing_arrives(shift: Shift) -> None:
    await shift.refresh(0.5)
    await shift.refresh(2.5)
    minutes = await shift.historian.production(at(0), at(2))
    assert {(minute.path, minute.start_ms) for minute in minutes} == {
        (winder_path(site), at(number)) for site in ("north", "south") for number in (0, 1)
    }
    assert all(minute.seconds == {"unknown": 60.0} for minute in minutes)


async def test_start_computes_the_last_minutes_again(shift: Shift) -> None:
    await shift.keeper.catch_up()
    await shift.refresh(100)
    await shift.arrive(good(97.5, 1), good(99.5, 8))
    shift.restart()  # before anything was computed
    shift.now = 110
    await shift.keeper.catch_up()
    await shift.refresh(110)
    assert shift.counted() == {99: 7}


async def test_start_fills_the_time_the_collector_was_away(shift: Shift) -> None:
    await shift.refresh(0.5)
    shift.restart()
    shift.now = 3000
    await shift.keeper.catch_up()
    await shift.refresh(3000)
    minutes = await shift.historian.production(at(0), at(3000), paths=[winder_path()])
    assert [minute.start_ms for minute in minutes if minute.start_ms >= at(0)] == [at(n) for n in range(3000)]


async def test_restart_forgets_no_late_minute(shift: Shift) -> None:
    await shift.refresh(500)
    await shift.arrive(good(100.5, 1), good(101.5, 4))
    shift.restart()
    await shift.keeper.catch_up()
    await shift.refresh(501)
    assert shift.counted() == {101: 3}
    assert await asyncio.to_thread(shift.late.all) == {}


async def test_minutes_wait_while_the_store_is_down(shift: Shift) -> None:
    await shift.refresh(500)
    await shift.arrive(good(100.5, 1), good(101.5, 4))
    shift.historian.down = True
    with pytest.raises(HistorianUnavailableError):
        await shift.refresh(500.5)
    shift.historian.down = False
    await shift.refresh(500.6)
    assert shift.counted() == {101: 3}


async def test_samples_that_make_no_figures_touch_nothing(shift: Shift) -> None:
    await shift.refresh(500)
    await shift.arrive(Sample("tension_n", at(100), 5.0))
    assert await asyncio.to_thread(shift.late.all) == {}
