from __future__ import annotations

from api.services.changes import Viewer
from telemetry.live import LivePicture, LiveStation
from telemetry.sample import Sample
from tests.unit.api.conftest import NOW_MS


def arrive(live: LivePicture, station: LiveStation, *samples: Sample) -> None:
    station.samples.update((sample.signal, sample) for sample in samples)
    live.revision += 1
    station.revision = live.revision


def test_viewer_is_first_told_everything(live: LivePicture, filler: LiveStation) -> None:
    arrive(live, filler, Sample("state", NOW_MS, 6), Sample("evacuation_mbar", NOW_MS, 5.0))
    (change,) = Viewer([filler]).changes(live, NOW_MS, recheck=False)
    assert change.state == "execute"
    assert set(change.values) == {"state", "evacuation_mbar"}


def test_only_what_changed_is_told_again(live: LivePicture, filler: LiveStation) -> None:
    viewer = Viewer([filler])
    arrive(live, filler, Sample("state", NOW_MS, 6), Sample("evacuation_mbar", NOW_MS, 5.0))
    viewer.changes(live, NOW_MS, recheck=False)
    arrive(live, filler, Sample("evacuation_mbar", NOW_MS + 100, 5.1))
    (change,) = viewer.changes(live, NOW_MS + 100, recheck=False)
    assert {name: value.value for name, value in change.values.items()} == {"evacuation_mbar": 5.1}


def test_nothing_new_is_nothing_told(live: LivePicture, filler: LiveStation) -> None:
    viewer = Viewer([filler])
    arrive(live, filler, Sample("state", NOW_MS, 6))
    viewer.changes(live, NOW_MS, recheck=False)
    assert not viewer.changes(live, NOW_MS, recheck=False)
    assert not viewer.changes(live, NOW_MS, recheck=True)


def test_value_that_goes_stale_is_told_without_an_arrival(live: LivePicture, filler: LiveStation) -> None:
    viewer = Viewer([filler])
    arrive(live, filler, Sample("state", NOW_MS, 6))
    viewer.changes(live, NOW_MS, recheck=False)
    (change,) = viewer.changes(live, NOW_MS + 10_000, recheck=True)
    assert change.values["state"].quality == "stale"
    assert (change.online, change.state) == (False, None)


def test_viewers_do_not_share_what_they_were_told(live: LivePicture, filler: LiveStation) -> None:
    arrive(live, filler, Sample("state", NOW_MS, 6))
    assert Viewer([filler]).changes(live, NOW_MS, recheck=False)
    assert Viewer([filler]).changes(live, NOW_MS, recheck=False)


def test_viewer_of_one_signal_is_not_told_of_others(live: LivePicture, filler: LiveStation) -> None:
    viewer = Viewer([filler], frozenset({"evacuation_mbar"}))
    arrive(live, filler, Sample("good_count", NOW_MS, 7), Sample("evacuation_mbar", NOW_MS, 5.0))
    (change,) = viewer.changes(live, NOW_MS, recheck=False)
    assert set(change.values) == {"evacuation_mbar"}


def test_changes_within_the_pause_come_together_and_none_is_forgotten(
    live: LivePicture, filler: LiveStation
) -> None:
    viewer = Viewer([filler], pause_ms=100)
    arrive(live, filler, Sample("evacuation_mbar", NOW_MS, 5.0))
    assert viewer.changes(live, NOW_MS, recheck=False), "a first change does not wait"
    arrive(live, filler, Sample("evacuation_mbar", NOW_MS + 10, 5.1))
    assert not viewer.changes(live, NOW_MS + 20, recheck=False)
    arrive(live, filler, Sample("state", NOW_MS + 30, 6))
    assert not viewer.changes(live, NOW_MS + 40, recheck=False)
    (change,) = viewer.changes(live, NOW_MS + 100, recheck=False)
    assert {name: value.value for name, value in change.values.items()} == {
        "evacuation_mbar": 5.1,
        "state": 6,
    }
    assert not viewer.changes(live, NOW_MS + 300, recheck=False)
