"""Trends, the last sample, and samples with the one before them."""

from __future__ import annotations

import numpy as np
import pytest

from historian.ports import (
    Bucket,
    Historian,
    StationBlock,
)
from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import Sample
from tests.support.historians import T0


async def test_few_samples_come_back_raw_and_many_as_buckets(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    samples = [Sample("x", T0 + 100 * n, float(n)) for n in range(50)]
    await historian.write([StationBlock(path, measurement, samples)])
    raw = await historian.series(path, measurement, "x", T0, T0 + 5000, points=50)
    assert (raw.bucket_ms, raw.samples, raw.buckets) == (0, samples, ())
    drawn = await historian.series(path, measurement, "x", T0, T0 + 5000, points=49)
    assert drawn.bucket_ms > 0
    assert not drawn.samples
    assert len(drawn.buckets) <= 49


async def test_bucket_is_the_envelope_of_its_good_samples(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    samples = [
        Sample("x", T0, 4.0),
        Sample("x", T0 + 100, -2.0),
        Sample("x", T0 + 200, 1000.0, Quality.UNCERTAIN),
        Sample("x", T0 + 300, 1.0),
        Sample("x", T0 + 400, -1000.0, Quality.STALE),
        Sample("x", T0 + 1000, None, Quality.BAD),
        Sample("x", T0 + 3000, 7.0),
    ]
    await historian.write([StationBlock(path, measurement, samples)])
    series = await historian.series(path, measurement, "x", T0, T0 + 4000, points=4)
    assert series.bucket_ms == 1000
    assert list(series.buckets) == [
        Bucket(T0, -2.0, 4.0, 1.0, 1.0, 3, 2),
        Bucket(T0 + 1000, None, None, None, None, 0, 1),
        Bucket(T0 + 3000, 7.0, 7.0, 7.0, 7.0, 1, 0),
    ]


@pytest.mark.parametrize(
    ("start", "length", "points"), [(0, 999, 1), (333, 1, 1), (7, 998, 3), (500, 60_000, 2)]
)
async def test_series_counts_every_sample_of_its_range_once(
    historian: Historian, path: StationPath, measurement: str, start: int, length: int, points: int
) -> None:
    samples = [Sample("x", T0 + n, float(n)) for n in range(0, 1000, 3)]
    await historian.write([StationBlock(path, measurement, samples)])
    low, high = T0 + start, T0 + start + length
    series = await historian.series(path, measurement, "x", low, high, points=points)
    expected = [sample for sample in samples if low <= sample.at_ms < high]
    assert sum(bucket.good for bucket in series.buckets) + len(series.samples) == len(expected)
    assert len(series.buckets) <= points
    for bucket in series.buckets:
        inside = [s for s in expected if bucket.start_ms <= s.at_ms < bucket.start_ms + series.bucket_ms]
        assert (bucket.minimum, bucket.maximum) == (inside[0].value, inside[-1].value)


async def test_series_that_is_not_a_number_is_counted(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    samples = [Sample("roll", T0 + n, f"R{n}", Quality.STALE if n == 3 else Quality.GOOD) for n in range(20)]
    samples += [Sample("profile_um", T0 + n, np.array([1.0, 2.0])) for n in range(20)]
    await historian.write([StationBlock(path, measurement, samples)])
    texts = await historian.series(path, measurement, "roll", T0, T0 + 20, points=2)
    arrays = await historian.series(path, measurement, "profile_um", T0, T0 + 20, points=2)
    assert [(b.good, b.not_good, b.minimum, b.last) for b in texts.buckets] == [
        (9, 1, None, None),
        (10, 0, None, None),
    ]
    assert [(b.good, b.not_good, b.mean) for b in arrays.buckets] == [(10, 0, None), (10, 0, None)]


async def test_samples_begin_with_the_last_one_before_the_range(
    historian: Historian, path: StationPath, other: StationPath, measurement: str
) -> None:
    long_ago = T0 - 400 * 86_400_000
    mine = [Sample("x", at_ms, 1.0) for at_ms in (long_ago - 5, long_ago, T0, T0 + 9)]
    await historian.write(
        [
            StationBlock(path, measurement, [*mine, Sample("y", T0 - 1, "a"), Sample("z", T0 + 10, 1.0)]),
            StationBlock(other, measurement, [Sample("x", T0 - 1, 5.0), Sample("x", T0 + 5, 6.0)]),
        ]
    )
    found = await historian.samples([path, other], measurement, ["x", "y", "z", "never"], T0, T0 + 10)
    assert found == {
        (path, "x"): mine[1:],
        (path, "y"): [Sample("y", T0 - 1, "a")],
        (path, "z"): [],
        (path, "never"): [],
        (other, "x"): [Sample("x", T0 - 1, 5.0), Sample("x", T0 + 5, 6.0)],
        (other, "y"): [],
        (other, "z"): [],
        (other, "never"): [],
    }


async def test_last_is_by_time_and_not_by_arrival(
    historian: Historian, path: StationPath, other: StationPath, measurement: str
) -> None:
    lost = Sample("x", T0 + 5, None, Quality.STALE)
    await historian.write([StationBlock(path, measurement, [lost, Sample("old", T0 - 10**10, 3.0)])])
    await historian.write([StationBlock(path, measurement, [Sample("x", T0, 1.0)])])
    found = await historian.last([path, other], measurement, ["x", "old", "never"])
    assert found == {(path, "x"): lost, (path, "old"): Sample("old", T0 - 10**10, 3.0)}
