"""The historian the settings ask for."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from historian.ports import Historian
from historian.settings import HistorianSettings


def make_historian(settings: HistorianSettings) -> Historian:
    """Return a historian that is not open yet.

    Only the store that is asked for is loaded: each brings a heavy library.
    """
    if settings.kind == "duckdb":
        from historian.duckdb_store import DuckDbHistorian  # noqa: PLC0415

        return DuckDbHistorian(settings.path, memory_limit=settings.memory_limit)
    from historian.influx.store import InfluxHistorian  # noqa: PLC0415

    return InfluxHistorian(settings)


@contextlib.asynccontextmanager
async def opened(settings: HistorianSettings) -> AsyncIterator[Historian]:
    """Hold an open historian for the length of a block.

    Raises:
        HistorianUnavailableError: the store cannot be opened.
    """
    historian = make_historian(settings)
    await historian.open()
    try:
        yield historian
    finally:
        await historian.close()


__all__ = ["HistorianSettings", "make_historian", "opened"]
