from __future__ import annotations

import pytest

from api.services.status import (
    active_alarms,
    believed,
    contact,
    knows_alarms,
    newest_read_ms,
    station_status,
    violated_limit,
)
from plant.model import Limits
from plant.packml import TimeClass
from telemetry.live import LivePicture, LiveStation
from telemetry.quality import Quality
from telemetry.sample import Sample
from tests.unit.api.conftest import NOW_MS


def test_machine_that_is_read_answers(filler: LiveStation) -> None:
    assert contact(filler, NOW_MS) == (True, NOW_MS - 300)


def test_silent_machine_is_dead_within_five_seconds(filler: LiveStation) -> None:
    filler.samples["state"] = Sample("state", NOW_MS - 300, 6)
    status = station_status(filler, NOW_MS + 4700)
    assert not status.contact.alive
    assert status.contact.last_read_ms == NOW_MS - 300
    assert (status.state, status.time) == (None, TimeClass.UNKNOWN)


def test_slow_value_is_not_believed_longer_than_its_machine(filler: LiveStation) -> None:
    filler.samples["electrolyte_hf_ppm"] = Sample("electrolyte_hf_ppm", NOW_MS, 20.0)
    fresh = believed(filler, "electrolyte_hf_ppm", NOW_MS)
    silent = believed(filler, "electrolyte_hf_ppm", NOW_MS + 5000)
    assert fresh is not None
    assert fresh.quality is Quality.GOOD
    assert silent is not None
    assert (silent.quality, silent.value) == (Quality.STALE, 20.0)


def test_machine_declared_dead_is_dead_at_once(filler: LiveStation) -> None:
    filler.online = False
    assert not contact(filler, NOW_MS).alive


def test_noticing_a_loss_is_no_read(filler: LiveStation) -> None:
    filler.online = False
    filler.samples["state"] = Sample("state", NOW_MS + 2000, None, Quality.STALE)
    assert contact(filler, NOW_MS + 2000).last_read_ms == NOW_MS - 300


def test_machine_never_seen_has_no_last_read(live: LivePicture) -> None:
    station = live.station("acc-douvrin", "assembly-1", "welder-1")
    assert contact(station, NOW_MS) == (False, None)
    assert newest_read_ms([station], NOW_MS) is None


def test_state_number_no_standard_knows_is_unknown_time(filler: LiveStation) -> None:
    filler.samples["state"] = Sample("state", NOW_MS, 99)
    status = station_status(filler, NOW_MS)
    assert (status.state, status.time) == (99, TimeClass.UNKNOWN)


def test_alarm_bits_have_text_and_the_most_urgent_comes_first(filler: LiveStation) -> None:
    filler.samples["alarm_word"] = Sample("alarm_word", NOW_MS, 0b100001)
    texts = [alarm.meaning.text for alarm in active_alarms(filler, NOW_MS)]
    assert texts == ["Emergency stop", "Scale deviates"]


def test_bit_without_a_meaning_is_still_shown(filler: LiveStation) -> None:
    filler.samples["alarm_word"] = Sample("alarm_word", NOW_MS, 1 << 15)
    assert [alarm.meaning.text for alarm in active_alarms(filler, NOW_MS)] == [
        "Alarms of the machine, bit 15"
    ]


def test_alarms_of_a_silent_machine_are_unknown_rather_than_none(filler: LiveStation) -> None:
    filler.samples["alarm_word"] = Sample("alarm_word", NOW_MS, 0)
    assert knows_alarms(filler, NOW_MS)
    filler.online = False
    assert not knows_alarms(filler, NOW_MS)
    assert not active_alarms(filler, NOW_MS)


@pytest.mark.parametrize(
    ("value", "beyond"),
    [
        (5.0, None),
        (10.0, None),
        (10.1, "high"),
        (13.0, "high_high"),
        (-1.0, "low"),
        (True, None),
        ("x", None),
    ],
)
def test_value_beyond_a_limit_names_the_outermost(value: float | bool | str, beyond: str | None) -> None:
    assert violated_limit(value, Limits(low=0, high=10, high_high=12)) == beyond
