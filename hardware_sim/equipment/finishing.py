"""Cell finishing: formation, aging, end-of-line test; what was done to the cell shows here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from typing_extensions import override

from hardware_sim.equipment.assembly import scale_of
from hardware_sim.equipment.channels import Channels
from hardware_sim.equipment.discrete import DiscreteMachine
from hardware_sim.equipment.equipment import Surroundings
from hardware_sim.equipment.residence import ResidenceMachine
from hardware_sim.line import Inlet, Outlet
from hardware_sim.material import Kind, Lot
from hardware_sim.physics.sensitivity import (
    ac_resistance_mohm,
    capacity_ah,
    dc_resistance_mohm,
    first_efficiency_pct,
    self_discharge_mv_day,
    thickness_mm,
)

CELLS_PER_TRAY = 32
TRAY_CHANNELS = 64
SHARE_NOT_MODELLED = 0.2
"""Share of the tester's rejects that do not follow from how the cell was made; an estimate."""
AGING_COLUMNS, AGING_LEVELS, AGING_PLACES = 20, 12, 32


class FormationTower(ResidenceMachine):
    """First charge of many cells at once; the arrays show the channels of one double tray."""

    makes = Kind.FORMED
    residence_s = 20 * 3600.0

    def __init__(
        self, around: Surroundings, inlet: Inlet, outlet: Outlet, in_progress: Callable[[], Lot]
    ) -> None:
        super().__init__(around, inlet, outlet, in_progress)
        self._current = self.arrays.by_ref("form.current_a")
        self._voltage = self.arrays.by_ref("form.voltage_v")
        self._temperature = self.arrays.by_ref("form.cell_temp_c")
        self._scale = scale_of(self.ring(), "form.cap_in_ah", 206.0)
        count = next((len(each) for each in (self._voltage, self._current) if each is not None), 0)
        self._channels = Channels(count, 185.0 * self._scale, self.chance) if count else None
        if self._channels is not None:
            self._channels.scatter()
        self._tray = around.serials.next("T")

    @override
    def finish(self, lot: Lot) -> tuple[Lot, dict[str, float]]:
        if self.taken % CELLS_PER_TRAY == 0:
            self._tray = self.around.serials.next("T")
        efficiency_pct = first_efficiency_pct(lot.making, self.chance)
        charge_ah = 185.0 / 0.898 * lot.making.areal_cath_mg_cm2 / 24.66 * self._scale
        labels = lot.labels | {"tray": self._tray, "channel": self.taken % TRAY_CHANNELS + 1}
        return replace(lot, kind=Kind.FORMED, labels=labels), {
            "form.ce1_pct": efficiency_pct,
            "form.cap_in_ah": charge_ah * (1.0 + float(self.chance.normal(0.0, 0.002))),
        }

    @override
    def follow_process(self, dt_s: float) -> None:
        super().follow_process(dt_s)
        if self._channels is None:
            return
        ambient_c = self.instruments.process("form.ambient_c", 25.0)
        self._channels.advance(dt_s, ambient_c)
        for array, values in (
            (self._current, self._channels.current_a),
            (self._voltage, self._channels.voltage_v),
            (self._temperature, self._channels.temperature_c),
        ):
            if array is not None:
                array[:] = values

    @override
    def identities(self) -> dict[str, str]:
        return super().identities() | {"tray": self._tray}


class AgingRack(ResidenceMachine):
    """Cells rest for days; a soft short shows as self-discharge."""

    makes = Kind.AGED
    residence_s = (36 + 240) * 3600.0

    @override
    def finish(self, lot: Lot) -> tuple[Lot, dict[str, float]]:
        place = int(self.chance.integers(AGING_COLUMNS * AGING_LEVELS * AGING_PLACES))
        column, rest = divmod(place, AGING_LEVELS * AGING_PLACES)
        level, position = divmod(rest, AGING_PLACES)
        labels = lot.labels | {"rack_position": f"R{column + 1:02d}-{level + 1:02d}-{position + 1:02d}"}
        product = replace(lot, kind=Kind.AGED, labels=labels)
        return product, {"age.k_mv_day": self_discharge_mv_day(lot.making, self.chance)}

    @override
    def follow_process(self, dt_s: float) -> None:
        super().follow_process(dt_s)
        index = self.instruments.index("cells_in_racks")
        if index is not None:
            self.instruments.target[index] = self.in_machine


class EndOfLineTester(DiscreteMachine):
    """Measures capacity and resistance, which follow from how the cell was made."""

    makes = Kind.GRADED

    def __init__(self, around: Surroundings, inlet: Inlet, outlet: Outlet) -> None:
        super().__init__(around, inlet, outlet)
        ring = self.ring()
        self.good_share = 1.0 - (1.0 - self.good_share) * SHARE_NOT_MODELLED
        self._capacity = scale_of(ring, "eol.capacity_ah", 185.0)
        self._dcir = scale_of(ring, "eol.dcir_mohm", 0.65)
        self._acir = scale_of(ring, "eol.acir_mohm", 0.40)
        self._thickness = scale_of(ring, "eol.thick_mm", 27.0)

    @override
    def finish(self, lot: Lot) -> tuple[Lot, dict[str, float]]:
        making, chance = lot.making, self.chance
        index = self.instruments.index("test_temp_c")
        temperature_c = float(self.instruments.true[index]) if index is not None else 25.0
        return replace(lot, kind=Kind.GRADED), {
            "eol.capacity_ah": capacity_ah(making, 185.0 * self._capacity, chance),
            "eol.dcir_mohm": dc_resistance_mohm(making, chance) * self._dcir,
            "eol.acir_mohm": ac_resistance_mohm(making, temperature_c, chance) * self._acir,
            "eol.thick_mm": (thickness_mm(making) + float(chance.normal(0.0, 0.04))) * self._thickness,
        }

    @override
    def follow_process(self, dt_s: float) -> None:
        made = self.good + self.reject
        if made > 100:
            self.instruments.aim("eol.vision_ng", 100.0 * self.reject / made / 5.0)
