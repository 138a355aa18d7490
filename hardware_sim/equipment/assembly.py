"""Cell assembly: stacking, tab welding, housing, filling; each leaves its mark on the cell."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from typing_extensions import override

from hardware_sim.equipment.discrete import DiscreteMachine
from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Kind, Lot
from hardware_sim.physics.sensitivity import Making
from plant.model import ResultRing
from telemetry.sample import Scalar

HEADS = 32
"""Filling heads of the rotary filler."""
CELLS_PER_ANODE_COIL = 480
CELLS_PER_LOT = 2000
"""Cells per lot of cans, film or electrolyte."""


def scale_of(ring: ResultRing | None, ref: str, reference: float) -> float:
    """Return how a product's own nominal value compares with the reference design's."""
    for field in ring.fields if ring is not None else ():
        if field.ref == ref and field.limits is not None and field.limits.nominal is not None:
            return field.limits.nominal / reference
    return 1.0


class Stacker(DiscreteMachine):
    """Folds sheets and separator into a stack; worn vacuum cups misplace sheets."""

    makes = Kind.STACK

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self._anode_coil = around.serials.next("A")

    @override
    def finish(self, lot: Lot) -> tuple[Lot, dict[str, float]]:
        if self.taken % CELLS_PER_ANODE_COIL == 0:
            self._anode_coil = self.around.serials.next("A")
        spread = self.spread * (2.0 if "F23" in self.faults else 1.0)
        making = replace(lot.making, overhang_mm=float(self.chance.normal(1.0, 0.10 * spread)))
        key = self.around.serials.next("K")
        labels = dict(lot.labels) | {"stack": key, "anode_coil": self._anode_coil}
        product = Lot(Kind.STACK, key, 1.0, making, labels)
        sheets = 132 if self.chance.random() < 131 / 20_000 else 131
        thickness = 24.6 + 65 * (making.thick_cath_um - 167.2) / 1000 + (0.18 if sheets == 132 else 0.0)
        return product, {
            "stack.align_x_mm": float(self.chance.normal(0.0, 0.06 * spread)),
            "stack.align_y_mm": float(self.chance.normal(0.0, 0.06 * spread)),
            "stack.overhang_mm": making.overhang_mm,
            "stack.sheets": sheets,
            "stack.thick_mm": thickness + float(self.chance.normal(0.0, 0.03)),
        }

    @override
    def follow_process(self, dt_s: float) -> None:
        age_s = self.fault_age_s("F23")
        show = self.instruments
        normal = show.normal("stack.grip_kpa", -60.0)
        worn = 0.0 if age_s is None else 15.0 * min(1.0, age_s / 120.0)
        show.aim("stack.grip_kpa", normal + worn if self.running else -5.0)
        show.aim("stack.s_per_sheet", show.normal("stack.s_per_sheet") / self.speed_share)
        self.stops.rate_factor = 1.0 if age_s is None else 4.0


class TabWelder(DiscreteMachine):
    """Welds foils to tabs and gives the cell its serial number; the horn wears."""

    makes = Kind.WELDED

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self._horn_welds = int(self.chance.integers(0, 40_000))

    @override
    def finish(self, lot: Lot) -> tuple[Lot, dict[str, float]]:
        self._horn_welds = (self._horn_welds + 1) % 80_000
        is_cold = self.chance.random() < 1 / 3000
        wear = 0.10 * self._horn_welds / 80_000
        resistance = float(self.chance.normal(43.0, 2.5)) * (1.0 + wear + (0.4 if is_cold else 0.0))
        key = self.around.serials.next("C")
        making = replace(lot.making, weld_uohm=resistance)
        product = Lot(Kind.WELDED, key, 1.0, making, dict(lot.labels) | {"serial": key})
        return product, {
            "usw.r_uohm": resistance,
            "usw.time_ms": float(self.chance.normal(330.0, 6.0)) + 0.5 * self._horn_welds / 1000,
        }

    @override
    def follow_process(self, dt_s: float) -> None:
        show = self.instruments
        show.force("laser.power_kw", show.normal("laser.power_kw") if self.running else 0.0)
        for name in show.names:
            index = show.index(name)
            if index is not None and name == "horn_welds":
                show.target[index] = self._horn_welds


class Housing(DiscreteMachine):
    """Puts the stack into its can or pouch and closes it."""

    makes = Kind.HOUSED

    @override
    def finish(self, lot: Lot) -> tuple[Lot, dict[str, float]]:
        number = int(self.taken // CELLS_PER_LOT) + 1
        parts: dict[str, Scalar] = {"can_lot": f"CAN-{number:05d}", "film_lot": f"FILM-{number:05d}"}
        thick = max(0.0, (lot.making.thick_cath_um - 168.2) * 20.0)
        product = replace(lot, kind=Kind.HOUSED, labels=lot.labels | parts)
        return product, {"case.insert_n": float(self.chance.normal(180.0, 15.0)) + thick}


class Filler(DiscreteMachine):
    """Weighs electrolyte into the cell; each of its heads has its own bias."""

    makes = Kind.FILLED

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        self._bias_g = self.chance.normal(0.0, 0.3, HEADS)
        self._dripping = int(self.chance.integers(HEADS))
        self._scale = scale_of(self.ring(), "fill.mass_g", 240.5)

    @override
    def finish(self, lot: Lot) -> tuple[Lot, dict[str, float]]:
        head = self.taken % HEADS
        sigma = 0.7 * (3.0 if "F30" in self.faults and head == self._dripping else 1.0)
        fill_g = float(240.5 + self._bias_g[head] + self.chance.normal(0.0, sigma))
        drum = int(self.taken // CELLS_PER_LOT) + 1
        labels = lot.labels | {"head": head + 1, "electrolyte_lot": f"ELY-{drum:05d}"}
        product = replace(lot, kind=Kind.FILLED, making=replace(lot.making, fill_g=fill_g), labels=labels)
        return product, {"fill.mass_g": fill_g * self._scale}


def other_lines_making(chance: np.random.Generator, spread: float) -> Making:
    """Return how material from the plant's other lines was made: the reference, with its spread."""
    areal = float(chance.normal(24.66, 0.12 * spread))
    thickness = float(chance.normal(167.2, 0.3 * spread))
    return Making(
        areal_cath_mg_cm2=areal,
        thick_cath_um=thickness,
        density_cath_g_cm3=3.26 * areal / 24.66 * (167.2 - 16.0) / (thickness - 16.0),
        burr_um=float(chance.uniform(4.0, 8.0)),
        overhang_mm=float(chance.normal(1.0, 0.1 * spread)),
        weld_uohm=float(chance.normal(45.0, 2.5 * spread)),
        fill_g=float(chance.normal(240.5, 0.7 * spread)),
    )
