"""Stations that only measure: dry room, power meter, gauges."""

from __future__ import annotations

import math

import numpy as np
from typing_extensions import override

from hardware_sim.equipment.equipment import Equipment, Surroundings
from hardware_sim.physics.humidity import frost_point_c, humidity_ratio_g_kg
from hardware_sim.physics.response import first_order

AIR_TAU_S = 180.0
"""The zones' air follows its supply that fast (domain/battery.md 3.2)."""
DOOR_OPEN_G_KG = 0.131
"""Humidity an open door drives the assembly zone to: -38 degC is passed after 3 min (fault F20)."""
DOOR_OPEN_PA = -8.0


class DryRoom(Equipment):
    """Air of a dry room; humidity is followed as a ratio, because dew points do not average."""

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._zones = {
            ref: humidity_ratio_g_kg(self.instruments.normal(ref))
            for ref in ("dr.dp_assembly_c", "dr.dp_fill_c")
            if self.instruments.indices(ref)
        }
        self._age_h = 0.0

    @override
    def follow_process(self, dt_s: float) -> None:
        show = self.instruments
        door_open = "F20" in self.faults
        for ref, ratio in self._zones.items():
            normal = humidity_ratio_g_kg(show.normal(ref))
            target = DOOR_OPEN_G_KG if door_open and ref == "dr.dp_assembly_c" else normal
            self._zones[ref] = first_order(ratio, target, AIR_TAU_S, dt_s)
            show.force(ref, frost_point_c(self._zones[ref]))
        show.aim("dr.over_pa", show.normal("dr.over_pa") + (DOOR_OPEN_PA if door_open else 0.0))
        usual = show.normal("dr.particles05")
        show.force("dr.particles05", usual + math.sqrt(usual) * float(self.chance.standard_normal()))
        persons = show.normal("dr.persons")
        show.force("dr.persons", float(np.rint(persons + 1.5 * math.sin(self._age_h * 2 * math.pi))))
        self._age_h += dt_s / 3600
