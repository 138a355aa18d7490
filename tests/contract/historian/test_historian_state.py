"""Empty, healthy, closed."""

from __future__ import annotations

import pytest

from historian.ports import (
    Historian,
    HistorianUnavailableError,
    StationBlock,
)
from plant.model import StationPath
from telemetry.sample import Sample
from tests.support.historians import FOREVER, T0


async def test_nothing_stored_gives_empty_answers(
    historian: Historian, path: StationPath, measurement: str, kind: str
) -> None:
    series = await historian.series(path, measurement, "x", T0, T0 + 10, points=5)
    assert (series.samples or series.buckets, series.bucket_ms) == ((), 0)
    assert await historian.samples([path], measurement, ["x"], *FOREVER) == {(path, "x"): []}
    assert await historian.samples([], measurement, ["x"], *FOREVER) == {}
    assert await historian.last([path], measurement, ["x"]) == {}
    assert await historian.last([], measurement, []) == {}
    assert await historian.results(kind, *FOREVER) == []
    assert await historian.count_results(kind, *FOREVER) == {}
    assert await historian.production(*FOREVER, paths=[path]) == []
    await historian.write([])
    await historian.write([StationBlock(path, measurement)])
    await historian.write_production([])


async def test_healthy_store_says_so(historian: Historian) -> None:
    health = await historian.health()
    assert (health.ok, health.message) == (True, "ready")


async def test_closed_store_is_unavailable(historian: Historian, path: StationPath, measurement: str) -> None:
    await historian.close()
    await historian.close()
    with pytest.raises(HistorianUnavailableError):
        await historian.write([StationBlock(path, measurement, [Sample("x", T0, 1.0)])])
    with pytest.raises(HistorianUnavailableError):
        await historian.last([path], measurement, ["x"])
    with pytest.raises(HistorianUnavailableError):
        await historian.results("cell", *FOREVER)
    assert not (await historian.health()).ok
