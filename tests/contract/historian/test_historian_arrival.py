"""Repeats and the order of arrival change no answer."""

from __future__ import annotations

import random
from dataclasses import replace

from historian.ports import (
    Historian,
    StationBlock,
)
from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import BatchNumber, Sample
from tests.support.historians import FOREVER, T0, another, read_all, result


async def test_repeat_changes_nothing(
    historian: Historian, path: StationPath, measurement: str, kind: str
) -> None:
    samples = [Sample("speed_m_min", T0 + n, n * 1.5) for n in range(5)]
    results = [result(kind, n, key=f"C{n}", ocv_v=3.3) for n in range(5)]
    block = StationBlock(path, measurement, samples, results, BatchNumber("a1b2", another()))
    for number in (block.number, block.number, None, BatchNumber("another", another())):
        await historian.write([replace(block, number=number)])
    assert await read_all(historian, block, "speed_m_min") == samples
    series = await historian.series(path, measurement, "speed_m_min", T0, T0 + 5, points=2)
    assert sum(bucket.good for bucket in series.buckets) == 5
    assert await historian.count_results(kind, *FOREVER) == {path: 5}
    assert len(await historian.results(kind, *FOREVER)) == 5


async def test_repeat_within_one_write_changes_nothing(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    block = StationBlock(path, measurement, [Sample("x", T0, 1.0), Sample("x", T0, 1.0)])
    await historian.write([block, block])
    assert await read_all(historian, block, "x") == [Sample("x", T0, 1.0)]


async def test_last_of_two_values_within_one_write_counts(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    block = StationBlock(path, measurement, [Sample("x", T0, 1.0), Sample("x", T0, 2.0)])
    await historian.write([block])
    assert await read_all(historian, block, "x") == [Sample("x", T0, 2.0)]
    await historian.write([block, replace(block, samples=[Sample("x", T0, 3.0)])])
    assert await read_all(historian, block, "x") == [Sample("x", T0, 3.0)]


async def test_last_written_of_two_values_at_one_instant_counts(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    block = StationBlock(path, measurement, [Sample("x", T0, 1.0), Sample("x", T0 + 1, 5.0)])
    await historian.write([block])
    await historian.write([replace(block, samples=[Sample("x", T0, 2.0)])])
    assert await read_all(historian, block, "x") == [Sample("x", T0, 2.0), Sample("x", T0 + 1, 5.0)]
    await historian.write([replace(block, samples=[Sample("x", T0, 3.0)])])
    assert (await read_all(historian, block, "x"))[0] == Sample("x", T0, 3.0)


async def test_any_order_of_arrival_gives_the_same_answers(
    historian: Historian, path: StationPath, other: StationPath, measurement: str, kind: str
) -> None:
    blocks = [
        StationBlock(
            path,
            measurement,
            [Sample("x", T0 + 1000 * n, n % 7 + 0.5, Quality.STALE if n % 11 == 3 else Quality.GOOD)],
            [result(kind, n, T0 + 1000 * n, f"C{n}", weight_g=n / 3)],
        )
        for n in range(60)
    ]
    shuffled = [replace(block, path=other) for block in blocks]
    random.Random(7).shuffle(shuffled)
    for some in (blocks, shuffled):
        for start in range(0, len(some), 7):
            await historian.write(some[start : start + 7])
    here = await historian.series(path, measurement, "x", T0, T0 + 60_000, points=10)
    there = await historian.series(other, measurement, "x", T0, T0 + 60_000, points=10)
    assert len(here.buckets) > 1
    assert replace(there, path=path) == here
    found = await historian.samples([path, other], measurement, ["x"], *FOREVER)
    assert found[path, "x"] == found[other, "x"]
    here_results = await historian.results(kind, *FOREVER, paths=[path])
    there_results = await historian.results(kind, *FOREVER, paths=[other])
    assert [one.result for one in here_results] == [one.result for one in there_results]
