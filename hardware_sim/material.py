"""What moves through the plant: batches, rolls, coils, sheets, cells."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hardware_sim.physics.sensitivity import Making
from telemetry.sample import Scalar


class Kind(StrEnum):
    """What a piece of material is; a machine takes one kind and makes another."""

    SLURRY = "slurry"
    COATED = "coated"
    CALENDERED = "calendered"
    COIL = "coil"
    SHEETS = "sheets"
    STACK = "stack"
    WELDED = "welded"
    HOUSED = "housed"
    FILLED = "filled"
    FORMED = "formed"
    AGED = "aged"
    GRADED = "graded"


@dataclass(slots=True)
class Lot:
    """A piece of material with its id, how much it is, and how it came to be."""

    kind: Kind
    key: str
    amount: float
    """kg of slurry, m of web, sheets, or 1 cell."""
    making: Making = field(default_factory=Making)
    """True values of the process so far; a cell takes over its electrode's."""
    labels: dict[str, Scalar] = field(default_factory=dict)
    """Genealogy by the names of result fields: `batch`, `roll`, `coil`, `lane`, `stack`, `tray`..."""
