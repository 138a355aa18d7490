"""Material from the lines that are not simulated, and work in progress at the start."""

from __future__ import annotations

import numpy as np

from hardware_sim.equipment.assembly import other_lines_making
from hardware_sim.material import Kind, Lot
from hardware_sim.serials import Serials
from telemetry.sample import Scalar

_LETTERS = {Kind.SLURRY: "B", Kind.COATED: "R", Kind.CALENDERED: "R", Kind.COIL: "L", Kind.STACK: "K"}
_AMOUNTS = {Kind.SLURRY: 2760.0, Kind.COATED: 3000.0, Kind.CALENDERED: 3000.0, Kind.COIL: 3000.0}
"""kg of a batch, metres of a roll or coil; everything else counts one."""
_HAS_SERIAL = frozenset({Kind.WELDED, Kind.HOUSED, Kind.FILLED, Kind.FORMED, Kind.AGED})
_HAS_TRAY = frozenset({Kind.FORMED, Kind.AGED})
_CELLS_PER_COIL = 476
_CELL_M = 6.3
"""Metres of a 0.30 m lane in one cell."""
_CELLS_PER_TRAY = 32


class OtherLines:
    """Makes lots of any kind as the plant's other lines would."""

    def __init__(self, chance: np.random.Generator, serials: Serials, spread: float) -> None:
        self._chance, self._serials, self._spread = chance, serials, spread
        self._coil = self._tray = ""
        self._made = 0

    def make(self, kind: Kind) -> Lot:
        """Return a new lot."""
        making = other_lines_making(self._chance, self._spread)
        if kind in _AMOUNTS:
            key = self._serials.next(_LETTERS[kind])
            word = {"B": "batch", "R": "roll", "L": "coil"}[_LETTERS[kind]]
            return Lot(kind, key, _AMOUNTS[kind], making, {word: key})
        labels = self._electrode()
        if kind is Kind.SHEETS:
            return Lot(kind, str(labels["cathode_coil"]), 65.0, making, labels)
        labels["stack"] = key = self._serials.next("K")
        if kind in _HAS_SERIAL:
            labels["serial"] = key = self._serials.next("C")
        if kind in _HAS_TRAY:
            labels["tray"] = self._tray
        return Lot(kind, key, 1.0, making, labels)

    def _electrode(self) -> dict[str, Scalar]:
        position = self._made % _CELLS_PER_COIL
        if self._made % _CELLS_PER_TRAY == 0:
            self._tray = self._serials.next("T")
        if position == 0:
            self._coil = self._serials.next("L")
        self._made += 1
        return {
            "cathode_coil": self._coil,
            "cathode_from_m": position * _CELL_M,
            "cathode_to_m": (position + 1) * _CELL_M,
        }
