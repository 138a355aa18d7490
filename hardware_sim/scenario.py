"""Planned faults: which are due when."""

from __future__ import annotations

from collections.abc import Sequence

from hardware_sim.settings import PlannedFault
from plant.model import StationPath


class Scenario:
    """Hands out planned faults when their time has come."""

    def __init__(self, planned: Sequence[PlannedFault]) -> None:
        self._coming = sorted(planned, key=lambda each: each.after_s)

    def due(self, elapsed_s: float) -> list[PlannedFault]:
        """Return the faults that begin by now and were not handed out before."""
        due = [each for each in self._coming if each.after_s <= elapsed_s]
        self._coming = self._coming[len(due) :]
        return due


def station_path(text: str) -> StationPath:
    """Return the path written as site/area/line/station."""
    return StationPath(*text.split("/"))
