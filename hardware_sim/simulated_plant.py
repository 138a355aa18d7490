"""All stations of all sites, wired by the material that flows between them. No clock, no event loop."""

from __future__ import annotations

import zlib
from functools import partial
from typing import NamedTuple

import numpy as np

from hardware_sim.equipment.assembly import Filler, Housing, Stacker, TabWelder
from hardware_sim.equipment.calender import Calender
from hardware_sim.equipment.coater import Coater
from hardware_sim.equipment.equipment import Equipment, Surroundings, Truth
from hardware_sim.equipment.finishing import AgingRack, EndOfLineTester, FormationTower
from hardware_sim.equipment.generic import GenericMachine
from hardware_sim.equipment.machine import Machine
from hardware_sim.equipment.mixer import Mixer
from hardware_sim.equipment.notcher import PITCH_M, Notcher
from hardware_sim.equipment.residence import ResidenceMachine
from hardware_sim.equipment.sensors import DryRoom
from hardware_sim.equipment.slitter import Slitter
from hardware_sim.equipment.stage import LOT_SPREAD
from hardware_sim.exceptions import UnknownFaultError
from hardware_sim.faults import fault_for
from hardware_sim.line import Buffer, Inlet, Outlet, Store, Supply
from hardware_sim.material import Kind
from hardware_sim.other_lines import OtherLines
from hardware_sim.serials import Serials, line_prefixes
from hardware_sim.step_time import StepTime
from plant.model import PlacedStation, Plant, Role, Site, StationPath

MachineType = type[Machine]

MACHINES: dict[str, tuple[MachineType, Kind, Kind]] = {
    "mixer": (Mixer, Kind.SLURRY, Kind.SLURRY),
    "coater": (Coater, Kind.SLURRY, Kind.COATED),
    "calender": (Calender, Kind.COATED, Kind.CALENDERED),
    "slitter": (Slitter, Kind.CALENDERED, Kind.COIL),
    "notcher": (Notcher, Kind.COIL, Kind.SHEETS),
    "stacker": (Stacker, Kind.SHEETS, Kind.STACK),
    "tab-welder": (TabWelder, Kind.STACK, Kind.WELDED),
    "housing": (Housing, Kind.WELDED, Kind.HOUSED),
    "filler": (Filler, Kind.HOUSED, Kind.FILLED),
    "formation": (FormationTower, Kind.FILLED, Kind.FORMED),
    "aging": (AgingRack, Kind.FORMED, Kind.AGED),
    "eol": (EndOfLineTester, Kind.AGED, Kind.GRADED),
}
"""Profile measurement to machine, what it takes and what it makes."""

ALSO_FITS = frozenset({(Kind.FORMED, Kind.AGED)})
"""A line without aging racks hands formed cells to its tester."""
PER_LOT = {Kind.COATED: 3000.0, Kind.CALENDERED: 3000.0, Kind.COIL: 3000.0 / PITCH_M}
"""What a lot counts in the products of the machine that takes it."""
FILL_AT_START = 0.5
LONGEST_STEP_S = 1.0


class SimulatedPlant:
    """The plant as it runs; `step` advances everything."""

    def __init__(self, plant: Plant, truth: Truth, *, seed: int, started_at_ms: int) -> None:
        self.stations: dict[StationPath, Equipment] = {}
        self.buffers: dict[StationPath, Buffer] = {}
        """The buffer in front of a station, where it has one."""
        self._truth = truth
        self._seed = seed
        self._prefixes = line_prefixes(plant)
        self._started_at_ms = started_at_ms
        self._stores: dict[tuple[str, Kind], Store] = {}
        for site in plant.sites:
            self._build_site(plant, site)

    def step(self, dt_s: float, start_ms: float, stop_ms: float) -> None:
        """Advance and show the outcome in registers and sensor values."""
        self.advance(dt_s, start_ms, stop_ms)
        for equipment in self.stations.values():
            equipment.show()

    def advance(self, dt_s: float, start_ms: float, stop_ms: float) -> None:
        """Advance by `dt_s` of physics, which lies between two wall-clock instants.

        Long steps are cut, so that material does not skip a machine.
        """
        parts = max(1, round(np.ceil(dt_s / LONGEST_STEP_S - 1e-9)))
        for part in range(parts):
            begin = start_ms + (stop_ms - start_ms) * part / parts
            end = start_ms + (stop_ms - start_ms) * (part + 1) / parts
            time = StepTime(dt_s / parts, begin, end)
            for equipment in self.stations.values():
                equipment.step(time)

    def inject(self, fault_id: str, path: StationPath, lasts_s: float, at_ms: int) -> None:
        """Turn on a fault of a station for some seconds of physics.

        Raises:
            UnknownFaultError: no such fault or station, or the machine cannot have it.
        """
        equipment = self.stations.get(path)
        if equipment is None:
            raise UnknownFaultError(f"there is no station {path}; check its site, area, line and station")
        fault = fault_for(fault_id, equipment.profile.measurement)
        equipment.begin_fault(fault_id, fault, lasts_s, at_ms)

    def _build_site(self, plant: Plant, site: Site) -> None:
        for area in site.areas:
            for line in area.lines:
                serials = Serials(self._prefixes[site.site, line.line], self._started_at_ms)
                flow: _Flow | None = None
                placed = list(plant.stations(site=site.site, line=line.line))
                flows = [each for each in placed if _moves_material(each)]
                for each in placed:
                    around = Surroundings(each, site.maturity, serials, self._chance(each.path), self._truth)
                    if each not in flows:
                        self.stations[each.path] = _sensor(around)
                        continue
                    following = next(iter(flows[flows.index(each) + 1 :]), None)
                    flow = self._add_machine(around, flow, following)

    def _add_machine(
        self, around: Surroundings, before: _Flow | None, following: PlacedStation | None
    ) -> _Flow:
        path, profile = around.placed.path, around.placed.profile
        passed_on = before.kind if before is not None else Kind.HOUSED
        machine, takes, makes = MACHINES.get(profile.measurement, (GenericMachine, passed_on, passed_on))
        other_lines = OtherLines(self._chance(path, 1), around.serials, LOT_SPREAD[around.maturity])
        inlet: Inlet
        if before is not None and before.buffer is not None:
            inlet = self.buffers[path] = before.buffer
            for _ in range(before.buffer.lots_for(FILL_AT_START)):
                before.buffer.put(other_lines.make(takes))
        else:
            inlet = Supply(self._store(path.site, takes), partial(other_lines.make, takes))
        buffer = _buffer_for(makes, following)
        outlet: Outlet = buffer if buffer is not None else self._store(path.site, makes)
        if issubclass(machine, ResidenceMachine):
            in_progress = partial(other_lines.make, takes)
            self.stations[path] = machine(around, inlet, outlet, in_progress)
        else:
            self.stations[path] = machine(around, inlet, outlet)
        return _Flow(makes, buffer)

    def _store(self, site: str, kind: Kind) -> Store:
        return self._stores.setdefault((site, kind), Store(kind))

    def _chance(self, path: StationPath, stream: int = 0) -> np.random.Generator:
        """Return a generator of the station's own: another station more or less changes nothing here."""
        return np.random.default_rng([self._seed, zlib.crc32(str(path).encode()), stream])


class _Flow(NamedTuple):
    """What leaves a machine, and into which buffer."""

    kind: Kind
    buffer: Buffer | None


def _moves_material(placed: PlacedStation) -> bool:
    profile = placed.profile
    return (
        profile.measurement in MACHINES
        or bool(profile.result_rings)
        or profile.with_role(Role.STATE) is not None
    )


def _sensor(around: Surroundings) -> Equipment:
    is_dry_room = around.placed.profile.measurement == "dry-room"
    return DryRoom(around) if is_dry_room else Equipment(around)


def _buffer_for(makes: Kind, following: PlacedStation | None) -> Buffer | None:
    """Return the buffer in front of the next machine, if it takes what this one makes.

    Slurry goes to a tank that all mixers of the plant fill, not into a buffer
    of one pair of machines.
    """
    if following is None or following.station.buffer_before is None or makes is Kind.SLURRY:
        return None
    known = MACHINES.get(following.profile.measurement)
    if known is not None and known[1] is not makes and (makes, known[1]) not in ALSO_FITS:
        return None
    return Buffer(following.station.buffer_before, per_lot=PER_LOT.get(makes, 1.0))
