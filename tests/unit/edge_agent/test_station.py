"""What a station declares, reports and remembers."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest

from edge_agent.sources.result_ring import RingCursor
from edge_agent.spool.spool import BatchClass
from edge_agent.station import RetiredStation, StationState, metric_keys
from plant.load import load_plant
from plant.model import PlacedStation
from telemetry.quality import Quality
from telemetry.sample import Result
from telemetry.sparkplug.datatype import DataType
from telemetry.sparkplug.payload import MetricDef, declared, parse, quality_of, results_of
from tests.support.small_plant import small_plant

NOW_MS = 1_700_000_000_000


def state_of(placed: PlacedStation) -> StationState:
    return StationState(placed, dict(zip(metric_keys(placed), count(1), strict=False)), {})


@pytest.fixture
def station() -> StationState:
    return state_of(next(iter(small_plant().stations())))


def read(station: StationState, poll: str, words: list[int], at_ms: int) -> None:
    image = station.image(poll)
    image.begin()
    image.store(0, np.asarray(words, np.uint16), at_ms)
    station.took_poll(poll)


def test_every_packaged_station_can_be_read_and_born() -> None:
    for placed in load_plant().stations():
        station = state_of(placed)
        metrics = parse(station.birth(NOW_MS)).metrics
        assert [declared(metric) for metric in metrics] == list(station.definitions.values())
        assert all(metric.is_null for metric in metrics)


def test_a_poll_reports_once_and_counts_as_read_every_time(station: StationState) -> None:
    read(station, "slow", [7], NOW_MS)
    ((entry,), _) = station.collect(NOW_MS)
    assert entry.batch_class is BatchClass.LIVE
    assert [metric.int_value for metric in parse(entry.metrics).metrics] == [7]
    assert [metric.long_value for metric in parse(station.reads()).metrics] == [NOW_MS]
    read(station, "slow", [7], NOW_MS + 1000)
    assert station.collect(NOW_MS) == ([], {})
    assert [metric.long_value for metric in parse(station.reads()).metrics] == [NOW_MS + 1000]
    assert station.reads() == b""


def test_a_lost_station_has_no_values_but_the_instant_of_the_loss(station: StationState) -> None:
    read(station, "slow", [7], NOW_MS)
    station.collect(NOW_MS)
    station.lose(NOW_MS + 5)
    ((entry,), _) = station.collect(NOW_MS)
    metrics = parse(entry.metrics).metrics
    assert len(metrics) == 2
    assert {(metric.is_null, metric.timestamp, quality_of(metric)) for metric in metrics} == {
        (True, NOW_MS + 5, Quality.STALE)
    }


def test_a_birth_holds_what_was_last_reported(station: StationState) -> None:
    read(station, "slow", [7], NOW_MS)
    current = {metric.name: metric for metric in parse(station.birth(NOW_MS + 10)).metrics}
    assert (current["energy_kwh"].int_value, current["energy_kwh"].timestamp) == (7, NOW_MS)
    assert current["overhang_mm"].is_null
    assert current["Read/slow"].long_value == NOW_MS


def test_results_travel_with_their_cursor_in_a_class_of_their_own() -> None:
    placed = next(each for each in load_plant().stations() if each.profile.result_rings)
    station = state_of(placed)
    kind = placed.profile.result_rings[0].kind
    result = Result(kind, NOW_MS, 5, "A5", {"grade": 0})
    station.took_results(kind, [result], RingCursor(5, b"1234"), NOW_MS)
    ((entry,), cursors) = station.collect(NOW_MS)
    assert entry.batch_class is BatchClass.RESULT
    assert results_of(kind, parse(entry.metrics).metrics[0]) == [result]
    assert cursors == {(station.name, kind): RingCursor(5, b"1234").to_bytes()}
    station.took_results(kind, [], RingCursor(5, b"1234", waits=1), NOW_MS)
    assert station.collect(NOW_MS) == ([], {})


def test_a_retired_station_declares_what_its_batches_use() -> None:
    definitions = [MetricDef("speed", DataType.FLOAT, 7), MetricDef("Result/cell", DataType.DATASET, 8)]
    metrics = parse(RetiredStation(definitions).birth(NOW_MS)).metrics
    assert [declared(metric) for metric in metrics] == definitions
    assert all(metric.is_null for metric in metrics)
