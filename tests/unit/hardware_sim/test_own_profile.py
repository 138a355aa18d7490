"""A machine type the simulator has never heard of is alive at once."""

from __future__ import annotations

import pytest

from hardware_sim.equipment.generic import GenericMachine
from hardware_sim.equipment.machine import Machine
from plant.model import Plant, StationPath, Table
from plant.packml import PackmlState
from telemetry.registers import decode_text
from tests.unit.hardware_sim.stepped_plant import Run, number

PATH = StationPath("site-1", "area-1", "line-1", "laser-1")
PROFILE = {
    "profile": "marker", "measurement": "marker", "title": "Laser marker", "stage": "MARK",
    "poll_classes": {"process": {"period_s": 1}},
    "signals": [
        {"name": "state", "title": "State", "role": "state", "poll": "process", "modbus": {"address": 0}},
        {"name": "good_count", "title": "Good", "role": "good_count",
         "modbus": {"address": 1, "encoding": "uint32"}},
        {"name": "power_w", "title": "Power", "modbus": {"address": 3, "encoding": "float32"},
         "limits": {"nominal": 40}, "noise": {"sigma": 0.5}},
        {"name": "profile_um", "title": "Profile", "modbus": {"address": 10, "encoding": "int16", "count": 8},
         "limits": {"low": 10, "high": 20}},
        {"name": "cell", "title": "Cell", "role": "identity",
         "modbus": {"address": 30, "encoding": "string", "length": 8}},
    ],
    "result_rings": [
        {"kind": "mark", "poll": "process", "head": 100, "first_slot": 110, "slots": 4, "stride": 20,
         "key_field": "serial",
         "fields": [
             {"name": "serial", "at": 2, "encoding": "string", "length": 8},
             {"name": "contrast_pct", "at": 10, "encoding": "uint16", "scale": 0.1,
              "limits": {"nominal": 80, "low": 70}, "noise": {"sigma": 2}},
         ]},
    ],
}  # fmt: skip


@pytest.fixture
def marker() -> Run:
    station = {
        "station": "laser-1",
        "title": "Laser 1",
        "profile": "marker",
        "modbus": {},
        "ideal_rate_per_min": 30,
    }
    line = {"line": "line-1", "title": "Line 1", "stations": [station]}
    site = {
        "site": "site-1",
        "enterprise": "E",
        "title": "T",
        "areas": [{"area": "area-1", "title": "A", "lines": [line]}],
    }
    return Run(Plant.model_validate({"sites": [site], "profiles": {"marker": PROFILE}}))


def test_unknown_machine_makes_results_at_its_ideal_rate(marker: Run) -> None:
    marker.go(600)
    machine = marker.plant.stations[PATH]
    assert isinstance(machine, GenericMachine)
    assert len(marker.results(PATH)) == pytest.approx(300 * 0.98, rel=0.1)


def test_unknown_machine_shows_state_count_values_and_what_is_in_it(marker: Run) -> None:
    marker.go(60)
    machine = marker.plant.stations[PATH]
    assert isinstance(machine, Machine)
    machine.show()
    words = machine.plc.image.words[Table.HOLDING]
    assert words[0] == PackmlState.EXECUTE
    assert words[2] == int(machine.good)
    assert all(10 <= word <= 20 for word in words[10:18])
    assert len(decode_text(words[30:38], machine.profile.modbus.word_order)) == 16


def test_unknown_characteristic_varies_about_its_nominal_value(marker: Run) -> None:
    marker.go(600)
    values = [number(result, "contrast_pct") for result in marker.results(PATH)]
    assert sum(values) / len(values) == pytest.approx(80, abs=1)
    assert len(set(values)) > 100
