"""The live picture: a value is believed only as long as it was really read."""

from __future__ import annotations

import pytest

from plant.packml import PackmlState
from telemetry.live import GRACE_MS, LivePicture, LiveStation, believable, read_at_ms
from telemetry.quality import Quality
from telemetry.sample import DeviceBatch, EdgeNode, Result, Sample
from telemetry.sparkplug.host import Data, DeviceBorn, DeviceDied, NodeBorn, NodeDied, RebirthWanted
from tests.support.small_plant import MACHINE, MAX_AGE_S, NODE, POLL_S, SENSOR, SLOW_S, small_plant

T0 = 1_700_000_000_000


@pytest.fixture
def picture() -> LivePicture:
    """Return the picture with both stations born at T0, each with its values."""
    picture = LivePicture(small_plant())
    picture.apply(NodeBorn(NODE, T0, {}))
    machine = [Sample("overhang_mm", T0, 1.0), Sample("energy_kwh", T0, 5), Sample("Read/process", T0, T0)]
    picture.apply(DeviceBorn(DeviceBatch(NODE, MACHINE, machine), T0))
    picture.apply(DeviceBorn(DeviceBatch(NODE, SENSOR, [Sample("vibration_mm_s", T0, 0.4)]), T0))
    return picture


def station(picture: LivePicture, name: str = MACHINE) -> LiveStation:
    """Return the station of that name."""
    return picture.station(*NODE, name)


def data(*samples: Sample, station: str = MACHINE, historical: bool = False) -> Data:
    """Return live data of a station."""
    return Data(DeviceBatch(NODE, station, list(samples), historical=historical))


def quality_at(picture: LivePicture, at_ms: float, signal: str = "overhang_mm") -> Quality:
    """Return the quality an operator sees."""
    name = SENSOR if signal == "vibration_mm_s" else MACHINE
    sample = believable(station(picture, name), signal, round(at_ms))
    assert sample is not None
    return sample.quality


def test_value_is_good_until_three_polls_and_the_grace_are_over(picture: LivePicture) -> None:
    last_good_ms = T0 + 3 * POLL_S * 1000 + GRACE_MS
    assert quality_at(picture, last_good_ms) is Quality.GOOD
    assert quality_at(picture, last_good_ms + 1) is Quality.STALE


def test_dead_machine_is_grey_within_five_seconds_at_a_poll_period_of_one(picture: LivePicture) -> None:
    assert quality_at(picture, T0 + 5000) is Quality.STALE


def test_slowly_polled_value_may_be_older(picture: LivePicture) -> None:
    assert quality_at(picture, T0 + 3 * SLOW_S * 1000, "energy_kwh") is Quality.GOOD
    assert quality_at(picture, T0 + 4 * SLOW_S * 1000, "energy_kwh") is Quality.STALE


def test_unchanged_value_stays_good_as_long_as_its_class_is_read(picture: LivePicture) -> None:
    later = T0 + 60_000
    picture.apply(data(Sample("Read/process", later, later)))
    assert quality_at(picture, later + 1000) is Quality.GOOD
    assert read_at_ms(station(picture), "overhang_mm") == later
    sample = believable(station(picture), "overhang_mm", later)
    assert sample is not None
    assert sample.at_ms == T0  # when it was measured does not become younger


def test_reading_one_poll_class_says_nothing_of_another(picture: LivePicture) -> None:
    later = T0 + 60_000
    picture.apply(data(Sample("Read/process", later, later)))
    assert quality_at(picture, later, "energy_kwh") is Quality.STALE


def test_sensor_is_judged_by_its_own_silence(picture: LivePicture) -> None:
    assert quality_at(picture, T0 + MAX_AGE_S * 1000, "vibration_mm_s") is Quality.GOOD
    later = T0 + MAX_AGE_S * 1000 + GRACE_MS + 1
    assert quality_at(picture, later, "vibration_mm_s") is Quality.STALE


def test_dead_station_is_stale_at_once_and_keeps_its_last_value(picture: LivePicture) -> None:
    picture.apply(DeviceDied(NODE, MACHINE, T0 + 100))
    sample = believable(station(picture), "overhang_mm", T0 + 100)
    assert sample == Sample("overhang_mm", T0, 1.0, Quality.STALE)
    assert station(picture).since_ms == T0 + 100
    assert station(picture, SENSOR).online


def test_dead_node_takes_all_its_stations_with_it(picture: LivePicture) -> None:
    picture.apply(NodeDied(NODE, T0 + 100))
    assert [live.online for live in picture.stations.values()] == [False, False]


def test_born_node_leaves_its_stations_stale_until_their_own_birth(picture: LivePicture) -> None:
    picture.apply(NodeBorn(NODE, T0 + 100, {}))
    assert quality_at(picture, T0 + 100) is Quality.STALE
    picture.apply(DeviceBorn(DeviceBatch(NODE, MACHINE, [Sample("overhang_mm", T0 + 200, 2.0)]), T0 + 200))
    assert quality_at(picture, T0 + 200) is Quality.GOOD


def test_backlog_never_becomes_the_current_value(picture: LivePicture) -> None:
    revision = picture.revision
    assert picture.apply(data(Sample("overhang_mm", T0 + 500, 9.0), historical=True)) is None
    assert station(picture).samples["overhang_mm"].value == 1.0
    assert picture.revision == revision


def test_older_sample_that_arrives_late_does_not_replace_a_newer_one(picture: LivePicture) -> None:
    picture.apply(data(Sample("overhang_mm", T0 + 500, 2.0)))
    picture.apply(data(Sample("overhang_mm", T0 + 400, 3.0)))
    assert station(picture).samples["overhang_mm"].value == 2.0


def test_same_result_twice_is_one_result_and_two_in_one_millisecond_are_two(picture: LivePicture) -> None:
    one, two = (Result("cell", T0, number, f"A{number}", {}) for number in (1, 2))
    picture.apply(Data(DeviceBatch(NODE, MACHINE, results=[one])))
    picture.apply(Data(DeviceBatch(NODE, MACHINE, results=[one, two])))
    assert [result.key for result in station(picture).results] == ["A1", "A2"]


def test_same_result_twice_in_one_message_is_one_result(picture: LivePicture) -> None:
    result = Result("cell", T0, 1, "A1", {})
    picture.apply(Data(DeviceBatch(NODE, MACHINE, results=[result, result])))
    assert len(station(picture).results) == 1


def test_vitals_of_the_node_are_kept_apart_from_stations(picture: LivePicture) -> None:
    picture.apply(Data(DeviceBatch(NODE, "", [Sample("Vitals/spool_batches", T0, 3)])))
    assert picture.nodes[NODE]["Vitals/spool_batches"].value == 3


def test_unknown_station_is_ignored(picture: LivePicture) -> None:
    assert picture.apply(data(Sample("x", T0, 1.0), station="stranger-9")) is None
    assert picture.apply(DeviceDied(EdgeNode("no", "where"), MACHINE, T0)) is None
    assert picture.apply(RebirthWanted(NODE, "gap")) is None


def test_revision_counts_changes_of_a_station(picture: LivePicture) -> None:
    before = picture.revision
    changed = picture.apply(data(Sample("overhang_mm", T0 + 1, int(PackmlState.EXECUTE))))
    assert changed is station(picture)
    assert station(picture).revision == picture.revision == before + 1


def test_signal_never_seen_has_no_value(picture: LivePicture) -> None:
    assert believable(station(picture), "nothing", T0) is None
    assert read_at_ms(station(picture), "nothing") is None
