"""The historian the settings ask for."""

from __future__ import annotations

from historian.duckdb_store import DuckDbHistorian
from historian.influx.store import InfluxHistorian
from historian.ports import Historian
from historian.settings import HistorianSettings


def make_historian(settings: HistorianSettings) -> Historian:
    """Return a historian that is not open yet."""
    if settings.kind == "duckdb":
        return DuckDbHistorian(settings.path, memory_limit=settings.memory_limit)
    return InfluxHistorian(settings)


__all__ = ["HistorianSettings", "make_historian"]
