"""The historians the contract holds for; tests share a store and keep apart by names."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from historian.duckdb_store import DuckDbHistorian
from historian.open import make_historian
from historian.ports import Historian
from historian.settings import HistorianSettings
from plant.model import StationPath
from tests.support.historians import another
from tests.support.influx import Influx, Influx1, Influx2, influx_server

_SORTED = "duckdb-sorted"
"""DuckDB again, each write compacted at once, so that what is read is what was sorted."""
_SERVERS: dict[str, type[Influx]] = {"influxdb-1.8": Influx1, "influxdb-2": Influx2}


@pytest.fixture(scope="session", params=["duckdb", _SORTED, *_SERVERS])
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HistorianSettings]:
    """Run the store and return how to reach it."""
    kind: str = request.param
    folder = tmp_path_factory.mktemp(kind)
    if kind in _SERVERS:
        with influx_server(_SERVERS[kind], folder) as server:
            yield server.prepared()
    else:
        yield HistorianSettings(path=folder / f"{kind}.duckdb")


@pytest.fixture
async def historian(settings: HistorianSettings) -> AsyncIterator[Historian]:
    """Return the store, open."""
    is_sorted = settings.path.stem == _SORTED
    store = DuckDbHistorian(settings.path, compact_after_rows=1) if is_sorted else make_historian(settings)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def measurement() -> str:
    """Return a measurement no other test writes to."""
    return f"coater-{another()}"


@pytest.fixture
def path() -> StationPath:
    """Return a station no other test writes to."""
    return StationPath("douvrin", "electrode", "line-1", f"coater-{another()}")


@pytest.fixture
def other() -> StationPath:
    """Return a station of another site."""
    return StationPath("douai", "electrode", "line-2", f"coater-{another()}")


@pytest.fixture
def kind() -> str:
    """Return a kind of result no other test writes."""
    return f"cell-{another()}"
