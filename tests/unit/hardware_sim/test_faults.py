"""Injected faults show in the signals and in the product, and are written down."""

from __future__ import annotations

import numpy as np
import pytest

from hardware_sim.equipment.coater import Coater
from hardware_sim.equipment.machine import Machine
from hardware_sim.exceptions import UnknownFaultError
from plant.model import Plant, StationPath
from plant.packml import PackmlState
from tests.unit.hardware_sim.stepped_plant import Run, number, only_line

COATER = StationPath("acc-douvrin", "electrode", "electrode-1", "coater-1")
STACKER = StationPath("acc-douvrin", "assembly", "assembly-1", "stacker-1")
FILLER = StationPath("acc-douvrin", "assembly", "assembly-1", "filler-1")
DRY_ROOM = StationPath("acc-douvrin", "utilities", "utilities-1", "dry-room-1")


def inject(run: Run, fault: str, path: StationPath, lasts_s: float) -> None:
    run.plant.inject(fault, path, lasts_s, round(run.now_ms))


def shown(run: Run, path: StationPath, name: str) -> float:
    instruments = run.plant.stations[path].instruments
    index = instruments.index(name)
    assert index is not None
    return float(instruments.read()[index])


def alarms(run: Run, path: StationPath) -> set[str]:
    equipment = run.plant.stations[path]
    bits = {
        (each.name, bit): alarm.text for each in equipment.profile.signals for bit, alarm in each.bits.items()
    }
    return {bits[place] for place in equipment.plc.alarms.active}


def test_web_break_stops_the_coater_with_its_alarm_and_scraps_the_start(electrode: Plant) -> None:
    run = Run(electrode)
    run.go(60)
    coater = run.plant.stations[COATER]
    assert isinstance(coater, Coater)
    inject(run, "F09", COATER, 300)
    run.go(60)
    assert coater.sequence.state is PackmlState.ABORTED
    assert "Web break" in alarms(run, COATER)
    assert shown(run, COATER, "web_speed_m_min") == pytest.approx(0, abs=0.5)
    assert shown(run, COATER, "web_tension_n_m") == pytest.approx(0, abs=15)
    before_m = coater.reject
    run.go(900)
    assert coater.running
    assert coater.reject - before_m >= 30
    assert "Web break" not in alarms(run, COATER)


def test_zones_overshoot_while_the_web_stands(electrode: Plant) -> None:
    run = Run(electrode)
    inject(run, "F09", COATER, 1800)
    run.go(1200)
    assert shown(run, COATER, "zone_4_temp_c") == pytest.approx(131, abs=2)


def test_clogged_die_raises_pressure_and_scrap(electrode: Plant) -> None:
    run = Run(electrode)
    inject(run, "F05", COATER, 7200)
    run.go(7000)
    coater = run.plant.stations[COATER]
    assert isinstance(coater, Coater)
    assert coater.instruments.process("coat.die_press_bar", 0) == pytest.approx(
        2.2 + 0.1 * 7000 / 3600, abs=0.05
    )
    assert coater.reject / (coater.good + coater.reject) > 0.08
    assert "Slurry pressure high" in alarms(run, COATER)


def test_drifting_gauge_moves_the_product_while_the_screen_shows_the_setpoint(electrode: Plant) -> None:
    run = Run(electrode)
    coater = run.plant.stations[COATER]
    nominal = coater.instruments.normal("coat.areal_cath_s1")
    coater._sigma = 0.0  # type: ignore[attr-defined]
    inject(run, "F08", COATER, 5 * 3600)
    for _ in range(80):
        run.go(100)
        if not coater.running:  # type: ignore[attr-defined]
            coater.sequence.left_s = 0.0  # type: ignore[attr-defined]
    true = coater.instruments.process("coat.areal_cath_s1", nominal)
    read = float(np.mean([shown(run, COATER, "coat_weight_s1_mg_cm2") for _ in range(200)]))
    assert true < nominal * 0.98
    assert read == pytest.approx(nominal, abs=0.35)


def test_worn_vacuum_cups_lose_vacuum_and_misplace_sheets(assembly: Plant) -> None:
    worn, sound = Run(assembly), Run(assembly)
    inject(worn, "F23", STACKER, 7200)
    worn.go(3600)
    sound.go(3600)
    spread = {
        run: float(np.std([number(result, "align_x_mm") for result in run.results(STACKER)]))
        for run in (worn, sound)
    }
    assert spread[worn] > 1.5 * spread[sound]
    assert "Vacuum low" in alarms(worn, STACKER)


def test_one_dripping_head_spreads_only_its_own_cells(assembly: Plant) -> None:
    run = Run(assembly)
    inject(run, "F30", FILLER, 1e6)
    run.go(3 * 3600)
    by_head: dict[int, list[float]] = {}
    for result in run.results(FILLER):
        by_head.setdefault(round(number(result, "head")), []).append(number(result, "electrolyte_g"))
    spreads = sorted(float(np.std(masses)) for masses in by_head.values())
    assert len(spreads) == 32
    assert spreads[-1] > 1.4 * spreads[-2]


def test_open_door_drives_the_dew_point_up_in_three_minutes_and_only_there(described: Plant) -> None:
    run = Run(only_line(described, "utilities-1"))
    run.go(60)
    filling_c = run.plant.stations[DRY_ROOM].instruments.process("dr.dp_fill_c", 0)
    inject(run, "F20", DRY_ROOM, 180)
    run.go(179)
    room = run.plant.stations[DRY_ROOM].instruments
    assert room.process("dr.dp_assembly_c", 0) == pytest.approx(-38, abs=1.2)
    assert room.process("dr.over_pa", 0) == pytest.approx(7, abs=2.5)
    assert room.process("dr.dp_fill_c", 0) == pytest.approx(filling_c, abs=1.5)
    run.go(1800)
    assert room.process("dr.dp_assembly_c", 0) == pytest.approx(-45, abs=1.2)


def test_start_and_end_of_a_fault_are_written_down(assembly: Plant) -> None:
    run = Run(assembly)
    inject(run, "F23", STACKER, 10)
    run.go(20)
    assert [(row[5], row[6]) for row in run.truth.rows["faults"]] == [("F23", True), ("F23", False)]


@pytest.mark.parametrize(
    ("fault", "path", "says"),
    [
        ("F99", STACKER, "there is no fault 'F99'"),
        ("F09", STACKER, "web break"),
        ("F23", STACKER._replace(station="nowhere"), "there is no station"),
    ],
)
def test_impossible_fault_is_refused_with_a_sentence(
    assembly: Plant, fault: str, path: StationPath, says: str
) -> None:
    run = Run(assembly)
    with pytest.raises(UnknownFaultError, match=says):
        inject(run, fault, path, 10)
    run.go(5)
    assert isinstance(run.plant.stations[STACKER], Machine)
