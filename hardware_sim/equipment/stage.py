"""Numbers of each process stage: yields and stops (domain/battery.md 2), by profile measurement."""

from __future__ import annotations

from typing import NamedTuple

from plant.model import Maturity

LOT_SPREAD = {Maturity.MATURE: 0.6, Maturity.STABILISING: 0.8, Maturity.RAMP_UP: 1.4}
"""Spread from lot to lot against the reference plant's; an estimate."""


class Stage(NamedTuple):
    """How a stage runs."""

    yields: tuple[float, float, float]
    """Mature, stabilising, ramp-up."""
    mtbf_h: float
    """Mean running time between failures."""
    mttr_h: float
    """Mean time to repair."""
    micro_per_h: float = 0.0
    micro_s: float = 20.0
    rate_per_min: float = 12.0
    """Ideal rate where the site file gives none, in what the profile counts."""
    starting_s: float = 5.0
    restart_s: float = 3.0
    """Time from the end of a stop to production."""

    def yield_at(self, maturity: Maturity) -> float:
        """Return the share of good products."""
        return self.yields[(Maturity.MATURE, Maturity.STABILISING, Maturity.RAMP_UP).index(maturity)]


STAGES: dict[str, Stage] = {
    "mixer": Stage((0.998, 0.995, 0.970), 120, 1.5, rate_per_min=1 / 360, starting_s=20),
    "coater": Stage((0.985, 0.960, 0.860), 14, 0.7, 0.3, 60, 35, starting_s=75, restart_s=70),
    "calender": Stage((0.995, 0.985, 0.950), 24, 0.6, 0.2, 60, 60, starting_s=30, restart_s=20),
    "slitter": Stage((0.996, 0.988, 0.960), 16, 0.4, 0.5, 45, 100, starting_s=20, restart_s=15),
    "notcher": Stage((0.996, 0.985, 0.940), 5, 0.15, 3, 20, 800),
    "stacker": Stage((0.992, 0.975, 0.900), 1.5, 0.05, 5, 25),
    "tab-welder": Stage((0.997, 0.990, 0.960), 8, 0.2, 2, 20),
    "housing": Stage((0.997, 0.990, 0.960), 8, 0.2, 2, 20),
    "filler": Stage((0.997, 0.990, 0.960), 10, 0.3, 1, 30),
    "formation": Stage((0.992, 0.975, 0.900), 80, 1.0),
    "aging": Stage((0.997, 0.990, 0.960), 80, 1.0),
    "eol": Stage((0.995, 0.985, 0.940), 20, 0.3, 1, 20),
}
GENERIC = Stage((0.995, 0.985, 0.950), 10, 0.25, 1, 25)
"""For a machine type of a user's own."""


def stage_of(measurement: str) -> Stage:
    """Return the stage's numbers; a measurement unknown here gets average ones."""
    return STAGES.get(measurement, GENERIC)
