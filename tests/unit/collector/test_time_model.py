"""Where the seconds of a minute go."""

from __future__ import annotations

import pytest

from collector.production.time_model import hold_ms, seconds_by_minute
from plant.model import PollClass
from plant.packml import PackmlState
from telemetry.quality import Quality
from telemetry.sample import Sample, Value

HOLD_MS = 30_000
RUNNING, HELD, STOPPED = PackmlState.EXECUTE.value, PackmlState.HELD.value, PackmlState.STOPPED.value


def state(at_s: float, value: Value, quality: Quality = Quality.GOOD) -> Sample:
    return Sample("state", round(at_s * 1000), value, quality)


def first_minute(*samples: Sample) -> dict[str, float]:
    return seconds_by_minute(samples, 0, 60_000, hold_ms=HOLD_MS)[0]


def test_nothing_read_is_unknown_time() -> None:
    assert first_minute() == {"unknown": 60.0}


def test_states_share_the_minute() -> None:
    assert first_minute(state(0, RUNNING), state(20, HELD), state(40, STOPPED)) == {
        "apt": 20.0,
        "adot": 20.0,
        "planned": 20.0,
    }


def test_state_before_the_minute_holds_into_it() -> None:
    assert first_minute(state(-10, RUNNING), state(15, HELD), state(40, HELD)) == {"apt": 15.0, "adot": 45.0}


def test_state_is_not_believed_for_longer_than_it_holds() -> None:
    assert first_minute(state(0, RUNNING)) == {"apt": 30.0, "unknown": 30.0}
    assert first_minute(state(-29, RUNNING)) == {"apt": 1.0, "unknown": 59.0}


def test_heartbeat_of_an_unchanged_state_keeps_it_known() -> None:
    assert first_minute(state(0, RUNNING), state(29, RUNNING), state(58, RUNNING)) == {"apt": 60.0}


def test_lost_station_is_unknown_from_the_moment_it_was_noticed() -> None:
    assert first_minute(state(0, RUNNING), state(10, None, Quality.STALE)) == {"apt": 10.0, "unknown": 50.0}


@pytest.mark.parametrize("value", [None, 0, 18, -1, 6.5, float("nan"), "6", True])
def test_what_is_no_packml_state_is_never_running(value: Value) -> None:
    assert first_minute(state(0, value)) == {"unknown": 60.0}


def test_uncertain_state_is_unknown_time() -> None:
    assert first_minute(state(0, RUNNING, Quality.UNCERTAIN)) == {"unknown": 60.0}


def test_state_crosses_minutes() -> None:
    both = seconds_by_minute([state(50, RUNNING), state(70, HELD)], 0, 120_000, hold_ms=HOLD_MS)
    assert both == {0: {"unknown": 50.0, "apt": 10.0}, 60_000: {"apt": 10.0, "adot": 30.0, "unknown": 20.0}}


def test_running_minute_has_the_seconds_it_has_had() -> None:
    minutes = seconds_by_minute([state(60, RUNNING)], 60_000, 72_500, hold_ms=HOLD_MS)
    assert minutes == {60_000: {"apt": 12.5}}


def test_number_read_back_as_a_float_is_the_same_state() -> None:
    assert first_minute(state(0, 6.0), state(30, 6.0)) == {"apt": 60.0}


def test_one_heartbeat_may_be_lost() -> None:
    assert hold_ms(PollClass(period_s=1.0, heartbeat_s=60.0)) == 121_500
