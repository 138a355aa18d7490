"""Whatever order data arrives in, and however often, the production minutes come out the same."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.production.counters import increments
from collector.production.keep_figures import ProductionKeeper
from collector.production.late_minutes import LateMinutes
from collector.production.minute import MINUTE_MS, minute_of
from collector.production.station_figures import production_stations
from collector.vitals import CollectorVitals
from historian.ports import ProductionMinute, StationBlock
from runtime.vitals import Vitals
from telemetry.quality import Quality
from telemetry.sample import Sample
from tests.support.memory_historian import MemoryHistorian
from tests.unit.collector.small_plant import small_plant, winder_path

START_MS = 30_000_000 * MINUTE_MS
MINUTES = 40
STOP_MS = START_MS + MINUTES * MINUTE_MS
PLANT = small_plant().only("north")
STATIONS = production_stations(PLANT)
WINDER = STATIONS[winder_path()]

instants = st.integers(START_MS, STOP_MS - 1)
qualities = st.sampled_from([Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.BAD, Quality.STALE])
counter_samples = st.builds(
    Sample, st.sampled_from(["good", "reject"]), instants, st.integers(0, 65_535), qualities
)
state_samples = st.builds(Sample, st.just("state"), instants, st.integers(0, 18), qualities)


@st.composite
def histories(draw: st.DrawFn) -> list[Sample]:
    """Return samples of a station, one for each signal and instant."""
    samples = draw(st.lists(st.one_of(counter_samples, state_samples), max_size=40))
    return list({(sample.signal, sample.at_ms): sample for sample in samples}.values())


class Shift:
    """A collector's production side, with a clock the test moves."""

    def __init__(self, now_ms: int) -> None:
        self.now_ms = now_ms
        self.historian = MemoryHistorian()
        self._late = LateMinutes(Path(":memory:"))
        self.keeper = self._keeper()

    def restart(self) -> None:
        """Forget everything that is not on disk."""
        self.keeper = self._keeper()

    async def arrive(self, samples: Sequence[Sample]) -> None:
        """Store samples as one block."""
        block = StationBlock(winder_path(), "winder", samples)
        await self.historian.write([block])
        await self.keeper.stored([block])

    def close(self) -> None:
        self._late.close()

    def _keeper(self) -> ProductionKeeper:
        vitals = CollectorVitals(Vitals("collector"))
        return ProductionKeeper(
            STATIONS, self.historian, self._late, vitals, every_s=1.0, clock=lambda: self.now_ms
        )


async def _minutes_of(
    shift: Shift,
    arrivals: Sequence[Sequence[Sample]],
    refresh_after: frozenset[int],
    restart_after: frozenset[int],
) -> list[ProductionMinute]:
    await shift.keeper.catch_up()
    await shift.keeper.refresh()
    for index, samples in enumerate(arrivals):
        shift.now_ms = max(shift.now_ms, *(sample.at_ms for sample in samples))
        await shift.arrive(samples)
        if index in refresh_after:
            await shift.keeper.refresh()
        if index in restart_after:
            shift.restart()
            await shift.keeper.catch_up()
    shift.now_ms = STOP_MS
    while await shift.keeper.refresh():
        pass
    return await shift.historian.production(START_MS, STOP_MS, paths=[winder_path()])


def _expected(history: Sequence[Sample]) -> list[ProductionMinute]:
    by_signal = {
        name: [sample for sample in history if sample.signal == name] for name in ("good", "reject", "state")
    }
    return list(WINDER.minutes(by_signal, START_MS, STOP_MS, STOP_MS))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(history=histories(), data=st.data())
def test_any_order_with_repeats_refreshes_and_restarts_gives_identical_minutes(
    history: list[Sample], data: st.DataObject
) -> None:
    repeats = data.draw(st.lists(st.sampled_from(history))) if history else []
    samples = [*data.draw(st.permutations(history)), *repeats]
    size = data.draw(st.integers(1, 8))
    arrivals = [samples[first : first + size] for first in range(0, len(samples), size)]
    steps = st.frozensets(st.integers(0, max(0, len(arrivals) - 1)))
    began_ms = data.draw(st.sampled_from([START_MS, STOP_MS]), "all of it late, or as it happens")
    shift = Shift(began_ms)
    found = asyncio.run(_minutes_of(shift, arrivals, data.draw(steps), data.draw(steps)))
    shift.close()
    by_minute = {minute.start_ms: minute for minute in found}
    for expected in _expected(history):
        # Minutes before the first start that nothing ever touched are not written.
        untouched = ProductionMinute(expected.path, expected.start_ms, seconds={"unknown": 60.0})
        assert by_minute.get(expected.start_ms, untouched) == expected


@given(history=histories())
def test_minutes_add_up_to_all_increments_and_to_all_seconds(history: list[Sample]) -> None:
    minutes = _expected(history)
    for signal, counted in (("good", "good"), ("reject", "reject")):
        samples = [sample for sample in history if sample.signal == signal]
        total = sum(each.amount for each in increments(samples, WINDER.counters[signal]))
        assert sum(getattr(minute, counted) for minute in minutes) == total
    seconds = [sum((minute.seconds or {}).values()) for minute in minutes]
    assert seconds == pytest.approx([60.0] * MINUTES)


@given(before=st.integers(0, 1000), more=st.integers(0, 500), first=instants, second=instants)
def test_what_is_counted_across_minutes_belongs_to_the_later_sample(
    before: int, more: int, first: int, second: int
) -> None:
    early, late = min(first, second), max(first, second) + 1
    history = [Sample("good", early, before), Sample("good", late, before + more)]
    counted = {minute.start_ms: minute.good for minute in _expected(history) if minute.good}
    assert counted == ({minute_of(late): float(more)} if more and late < STOP_MS else {})
