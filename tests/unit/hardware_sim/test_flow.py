"""Machines run, stop and wait; material is conserved."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from hardware_sim.equipment.continuous import ContinuousMachine
from hardware_sim.equipment.discrete import DiscreteMachine
from hardware_sim.equipment.machine import Machine
from hardware_sim.equipment.residence import ResidenceMachine
from hardware_sim.equipment.stage import Stage
from hardware_sim.equipment.stops import Stops
from hardware_sim.line import Buffer, Store, Supply
from hardware_sim.material import Kind, Lot
from plant.model import Maturity, Plant, StationPath
from plant.packml import PackmlState
from tests.unit.hardware_sim.stepped_plant import Run, number, only_line

ELECTRODE = ("acc-douvrin", "electrode", "electrode-1")
ASSEMBLY = ("acc-douvrin", "assembly", "assembly-1")
FINISHING = ("acc-douvrin", "finishing", "finishing-1")
WELDER = StationPath(*ASSEMBLY, "welder-1")
HOUSING = StationPath(*ASSEMBLY, "housing-1")
STACKER = StationPath(*ASSEMBLY, "stacker-1")


def machine(run: Run, path: StationPath) -> Machine:
    equipment = run.plant.stations[path]
    assert isinstance(equipment, Machine)
    return equipment


def hold(run: Run, path: StationPath, seconds: float) -> None:
    machine(run, path).sequence.stop("failure", seconds, 0.0)


def test_every_machine_of_a_started_plant_produces_within_minutes(run: Run) -> None:
    run.go(900)
    for path, equipment in run.plant.stations.items():
        if isinstance(equipment, Machine) and path.station != "mixer-1":
            assert equipment.good > 0, path


def test_results_of_hour_long_steps_come_at_line_rate_from_the_start(finishing: Plant) -> None:
    run = Run(finishing)
    run.go(1800)
    for station in ("formation-1", "aging-1"):
        tower = machine(run, StationPath(*FINISHING, station))
        assert tower.good + tower.reject == pytest.approx(30 * 12 * 0.98, rel=0.05)


def test_held_machine_starves_the_next_and_blocks_the_one_before(assembly: Plant) -> None:
    run = Run(assembly)
    run.go(60)
    hold(run, WELDER, 3600)
    run.go(1200)
    assert machine(run, HOUSING).sequence.state is PackmlState.SUSPENDED
    assert machine(run, HOUSING).sequence.reason == "starved"
    assert machine(run, STACKER).sequence.state is PackmlState.SUSPENDED
    assert machine(run, STACKER).sequence.reason == "blocked"


def test_line_recovers_after_a_long_stop(assembly: Plant) -> None:
    run = Run(assembly)
    hold(run, WELDER, 1200)
    run.go(1500)
    before = machine(run, HOUSING).good
    run.go(600)
    assert machine(run, HOUSING).good > before + 60


def test_stop_passes_through_the_packml_states_in_order(assembly: Plant) -> None:
    run = Run(assembly)
    run.go(5)
    hold(run, HOUSING, 20)
    run.go(60, step_s=0.5)
    states = [PackmlState(row[5]).name for row in run.truth.rows["states"] if row[3] == "housing-1"]
    assert states[:4] == ["HOLDING", "HELD", "UNHOLDING", "EXECUTE"]


def test_alarm_of_a_stop_stays_until_the_operator_resets_it(assembly: Plant) -> None:
    run = Run(assembly)
    stacker = machine(run, STACKER)
    stacker.stops = Stops(Stage((1, 1, 1), mtbf_h=1e-6, mttr_h=0.01), np.random.default_rng(0))
    run.go(1)
    stacker.stops = Stops(Stage((1, 1, 1), mtbf_h=1e6, mttr_h=0.01), np.random.default_rng(0))
    assert stacker.sequence.reason == "failure"
    assert stacker.plc.alarms.active
    while not stacker.running:
        assert stacker.plc.alarms.active, "reset before the machine ran again"
        run.go(1)
    run.go(10)
    assert not stacker.plc.alarms.active


def test_no_metre_of_web_is_lost_or_made_from_nothing(electrode: Plant) -> None:
    run = Run(electrode)
    run.go(4 * 3600)
    for station in ("coater-1", "calender-1", "slitter-1"):
        web = machine(run, StationPath(*ELECTRODE, station))
        assert isinstance(web, ContinuousMachine)
        source = web.input or Lot(Kind.SLURRY, "", 0)
        factor = web.per_input(source)
        assert web.consumed > 0
        assert web.good + web.reject == pytest.approx(web.consumed * factor, rel=1e-9)


def test_rolls_leave_with_every_good_metre_that_went_in(electrode: Plant) -> None:
    run = Run(electrode)
    path = StationPath(*ELECTRODE, "coater-1")
    run.go(4 * 3600)
    coater = machine(run, path)
    assert isinstance(coater, ContinuousMachine)
    finished_m = sum(number(result, "length_m") for result in run.results(path))
    assert finished_m + coater.made == pytest.approx(coater.good, rel=1e-9)


def test_no_cell_is_lost_between_machines(assembly: Plant) -> None:
    run = Run(assembly)
    run.go(2 * 3600)
    for name in ("welder-1", "housing-1", "filler-1"):
        path = StationPath(*ASSEMBLY, name)
        this = machine(run, path)
        assert isinstance(this, DiscreteMachine)
        assert this.taken == this.good + this.reject + (this.lot is not None)
    # what one put out is in the buffer, in the next machine, or beyond it
    housing = machine(run, HOUSING)
    assert isinstance(housing, DiscreteMachine)
    buffer = run.plant.buffers[HOUSING]
    assert machine(run, WELDER).good + run.buffers_at_start[HOUSING] == housing.taken + len(buffer.lots)


def test_no_cell_is_lost_in_formation(finishing: Plant) -> None:
    run = Run(finishing)
    run.go(3600)
    tower = machine(run, StationPath(*FINISHING, "formation-1"))
    assert isinstance(tower, ResidenceMachine)
    out = tower.good + tower.reject
    assert tower.capacity + tower.entered == out + tower.in_machine


def test_cell_keeps_its_serial_from_welding_to_filling(assembly: Plant) -> None:
    run = Run(assembly)
    run.go(3600)
    welded = {result.key for result in run.results(WELDER)}
    filled = [result.key for result in run.results(StationPath(*ASSEMBLY, "filler-1"))]
    assert len(welded & set(filled)) > 100
    assert len(filled) == len(set(filled))


def test_cell_knows_the_coil_and_the_metres_it_was_made_of(assembly: Plant) -> None:
    run = Run(assembly)
    run.go(600)
    results = run.results(STACKER)
    for before, after in pairwise(results):
        assert number(before, "cathode_to_m") > number(before, "cathode_from_m")
        if before.fields["cathode_coil"] == after.fields["cathode_coil"]:
            assert number(after, "cathode_from_m") >= number(before, "cathode_to_m") - 1e-6


def test_scrap_follows_the_maturity_of_the_plant(described: Plant) -> None:
    aesc = only_line(described, "assembly-1", "aesc-douai")
    rejects = {}
    for maturity in Maturity:
        site = aesc.sites[0].model_copy(update={"maturity": maturity})
        run = Run(Plant(sites=(site,), profiles=aesc.profiles))
        run.go(2 * 3600)
        stacker = machine(run, StationPath("aesc-douai", "assembly", "assembly-1", "stacker-1"))
        rejects[maturity] = stacker.reject / (stacker.good + stacker.reject)
    assert rejects[Maturity.MATURE] < rejects[Maturity.STABILISING] < rejects[Maturity.RAMP_UP]


def test_same_seed_gives_the_same_plant_however_often_it_is_looked_at(described: Plant) -> None:
    one, other = Run(described, seed=7), Run(described, seed=7)
    one.go(120)
    for _ in range(120):
        other.go(1)
        for equipment in other.plant.stations.values():
            equipment.show()
    assert one.truth.rows == other.truth.rows


def test_other_seed_gives_another_plant(described: Plant) -> None:
    one, other = Run(described, seed=7), Run(described, seed=8)
    one.go(60)
    other.go(60)
    assert one.truth.rows != other.truth.rows


def test_another_site_changes_nothing_here(described: Plant) -> None:
    alone, beside = Run(described.only("acc-douvrin")), Run(described)
    alone.go(120)
    beside.go(120)
    here = [row for row in beside.truth.rows["results"] if row[0] == "acc-douvrin"]
    assert alone.truth.rows["results"] == here


def test_long_step_makes_about_as_much_as_short_ones(assembly: Plant) -> None:
    short, long = Run(assembly), Run(assembly)
    short.go(300, step_s=0.25)
    long.go(300, step_s=30)
    for path, equipment in short.plant.stations.items():
        if isinstance(equipment, DiscreteMachine):
            made = equipment.good + equipment.reject
            other = machine(long, path)
            assert other.good + other.reject == pytest.approx(made, abs=20), path


def test_buffer_is_first_in_first_out_and_full_at_its_capacity() -> None:
    buffer = Buffer(6000, per_lot=3000)
    assert not buffer.ready()
    for key in ("a", "b"):
        assert buffer.has_room()
        buffer.put(Lot(Kind.COATED, key, 3000))
    assert not buffer.has_room()
    assert buffer.ready(5), "a full buffer must let the next machine start"
    assert [buffer.take().key, buffer.take().key] == ["a", "b"]


def test_supply_gives_our_own_lots_first_and_then_the_other_lines() -> None:
    store = Store(Kind.COIL)
    supply = Supply(store, lambda: Lot(Kind.COIL, "theirs", 1))
    store.put(Lot(Kind.COIL, "ours", 1))
    assert [supply.take().key, supply.take().key] == ["ours", "theirs"]
