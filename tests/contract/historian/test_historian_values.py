"""Every kind of value comes back as it was, or as no value."""

from __future__ import annotations

import numpy as np
import pytest

from historian.ports import (
    Historian,
    StationBlock,
)
from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import Sample, Value
from tests.support.historians import T0, read_all


@pytest.mark.parametrize(
    ("value", "back"),
    [
        (1.5, 1.5),
        (-1e-300, -1e-300),
        (1.7976931348623157e308, 1.7976931348623157e308),
        (0.1 + 0.2, 0.1 + 0.2),
        (7, 7.0),
        (2**53, 2.0**53),
        (True, 1.0),
        (False, 0.0),
        ("R-104", "R-104"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("quality", [Quality.GOOD, Quality.UNCERTAIN, Quality.BAD, Quality.STALE])
async def test_every_type_comes_back_with_its_quality(
    historian: Historian, path: StationPath, measurement: str, value: Value, back: Value, quality: Quality
) -> None:
    block = StationBlock(path, measurement, [Sample("signal", T0, value, quality)])
    await historian.write([block])
    assert await read_all(historian, block, "signal") == [Sample("signal", T0, back, quality)]
    found = await historian.last([path], measurement, ["signal"])
    assert found == {(path, "signal"): Sample("signal", T0, back, quality)}
    assert type(found[path, "signal"].value) is type(back)


@pytest.mark.parametrize("quality", [Quality.BAD, Quality.STALE, Quality.UNCERTAIN])
async def test_lost_value_comes_back_as_a_sample_without_value(
    historian: Historian, path: StationPath, measurement: str, quality: Quality
) -> None:
    block = StationBlock(path, measurement, [Sample("dew_point_c", T0, None, quality)])
    await historian.write([block])
    assert await read_all(historian, block, "dew_point_c") == [Sample("dew_point_c", T0, None, quality)]


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), -float("inf"), 10**400])
async def test_good_sample_without_a_usable_value_is_stored_as_bad(
    historian: Historian, path: StationPath, measurement: str, value: Value
) -> None:
    block = StationBlock(path, measurement, [Sample("x", T0, value), Sample("y", T0, 1.0)])
    await historian.write([block])
    assert await read_all(historian, block, "x") == [Sample("x", T0, None, Quality.BAD)]
    assert await read_all(historian, block, "y") == [Sample("y", T0, 1.0)]


async def test_array_comes_back_whole_and_by_element(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    items = np.array([3.31, np.nan, 3.32, 3.33])
    lost = Sample("voltage_v", T0 + 2, None, Quality.STALE)
    block = StationBlock(
        path,
        measurement,
        [
            Sample("voltage_v", T0, items),
            Sample("voltage_v", T0 + 1, items + 1, Quality.UNCERTAIN),
            lost,
            Sample("other_v", T0 + 1, 1.0),
        ],
    )
    await historian.write([block])
    first, second, third = await read_all(historian, block, "voltage_v")
    np.testing.assert_array_equal(np.asarray(first.value), items)
    np.testing.assert_array_equal(np.asarray(second.value), items + 1)
    assert (first.quality, second.quality, third) == (Quality.GOOD, Quality.UNCERTAIN, lost)
    element = await historian.series(path, measurement, "voltage_v[2]", T0, T0 + 10, points=10)
    assert element.samples == [
        Sample("voltage_v[2]", T0, 3.32),
        Sample("voltage_v[2]", T0 + 1, 4.32, Quality.UNCERTAIN),
        Sample("voltage_v[2]", T0 + 2, None, Quality.STALE),
    ]


async def test_element_without_a_value_is_no_sample(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    samples = [Sample("voltage_v", T0 + n, np.array([1.0, np.nan if n % 2 else 2.0])) for n in range(6)]
    await historian.write([StationBlock(path, measurement, samples)])
    series = await historian.series(path, measurement, "voltage_v[1]", T0, T0 + 10, points=10)
    assert [sample.at_ms - T0 for sample in series.samples] == [0, 2, 4]
    beyond = await historian.series(path, measurement, "voltage_v[9]", T0, T0 + 10, points=10)
    assert not beyond.samples
    assert not beyond.buckets


async def test_array_of_which_nothing_is_usable_is_stored_as_bad(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    block = StationBlock(path, measurement, [Sample("voltage_v", T0, np.full(3, np.nan))])
    await historian.write([block])
    assert await read_all(historian, block, "voltage_v") == [Sample("voltage_v", T0, None, Quality.BAD)]


async def test_signals_named_as_something_else_keep_apart(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    names = ("flow", "flow_q", "flow_q_q", "time", "site", "line", "value", "series", "at_ms", "quality")
    samples = [Sample(name, T0, float(n), Quality.UNCERTAIN) for n, name in enumerate(names)]
    await historian.write([StationBlock(path, measurement, samples)])
    found = await historian.last([path], measurement, names)
    assert list(found.values()) == samples
