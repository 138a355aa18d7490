"""A small plant of the packaged profiles, and a truth that only remembers."""

from __future__ import annotations

import json

from hardware_sim.simulated_plant import SimulatedPlant
from hardware_sim.truth import TruthLog
from plant.model import Plant, StationPath
from telemetry.sample import Result

STARTED_AT_MS = 1_795_400_000_000


def number(result: Result, name: str) -> float:
    """Return a field that must be a number."""
    value = result.fields[name]
    assert isinstance(value, int | float)
    return value


def only_line(plant: Plant, line: str, site: str = "acc-douvrin") -> Plant:
    """Return the plant reduced to one line of a site."""
    described = plant.site(site)
    areas = [
        area.model_copy(update={"lines": lines})
        for area in described.areas
        if (lines := tuple(each for each in area.lines if each.line == line))
    ]
    return Plant(sites=(described.model_copy(update={"areas": tuple(areas)}),), profiles=plant.profiles)


class Run:
    """A plant that is stepped without a clock."""

    def __init__(self, plant: Plant, seed: int = 1) -> None:
        self.truth = TruthLog()
        self.now_ms = float(STARTED_AT_MS)
        self.plant = SimulatedPlant(plant, self.truth, seed=seed, started_at_ms=STARTED_AT_MS)
        self.buffers_at_start = {path: len(buffer.lots) for path, buffer in self.plant.buffers.items()}

    def go(self, seconds: float, step_s: float = 1.0) -> None:
        for _ in range(round(seconds / step_s)):
            self.plant.advance(step_s, self.now_ms, self.now_ms + 1000 * step_s)
            self.now_ms += 1000 * step_s

    def results(self, path: StationPath) -> list[Result]:
        """Return what a station has made, from the truth."""
        return [
            Result(str(row[4]), int(row[7]), int(row[5]), str(row[6]), json.loads(row[9]))
            for row in self.truth.rows["results"]
            if StationPath(*row[:4]) == path
        ]
