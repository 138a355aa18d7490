"""What cannot be stored is named, and stops nothing else; what is hostile comes back."""

from __future__ import annotations

import pytest

from historian.ports import (
    Historian,
    RejectedPointsError,
    StationBlock,
    StoredResult,
)
from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import Result, Sample
from tests.support.historians import FOREVER, T0, another, read_all, refused_of, result

HOSTILE = (
    "a b", "a,b=c d", 'say "x"', "it's", "'; DROP MEASUREMENT m; --", '"); DROP TABLE sample; --',
    "température", "辊速", "💧", "%s {} $1", "x::field", "1", "a[b]", "/.*/", "select",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_come_back(historian: Historian, name: str, measurement: str, kind: str) -> None:
    path = StationPath(name, name, name, f"{name}{another()}")
    block = StationBlock(
        path,
        f"{name}-{measurement}",
        [Sample(name, T0, 1.0), Sample(name, T0 + 1, None, Quality.STALE)],
        [Result(f"{name}-{kind}", T0, 1, name, {name: name})],
    )
    await historian.write([block])
    assert await read_all(historian, block, name) == list(block.samples)
    assert await historian.last([path], block.measurement, [name]) == {(path, name): block.samples[1]}
    series = await historian.series(path, block.measurement, name, T0, T0 + 2, points=1)
    assert [(bucket.good, bucket.not_good) for bucket in series.buckets] == [(1, 1)]
    found = await historian.results(f"{name}-{kind}", *FOREVER, key=name, paths=[path])
    assert found == [StoredResult(path, block.results[0])]


@pytest.mark.parametrize(
    "text",
    [*HOSTILE, "two\nlines", "back\\slash", "end\\", "tab\t.*", "\r\n", "nul\0", '\\"', " ", "a" * 5000],
)
async def test_hostile_texts_come_back(
    historian: Historian, path: StationPath, measurement: str, kind: str, text: str
) -> None:
    block = StationBlock(
        path, measurement, [Sample("recipe", T0, text)], [Result(kind, T0, 1, text, {"note": text})]
    )
    await historian.write([block])
    assert await read_all(historian, block, "recipe") == list(block.samples)
    assert await historian.results(kind, *FOREVER, key=text) == [StoredResult(path, block.results[0])]


@pytest.mark.parametrize("name", ["back\\slash", "two\nlines", "nul\0", "end\\", "#comment"])
async def test_name_a_store_cannot_keep_is_refused_by_name(
    historian: Historian, path: StationPath, measurement: str, name: str
) -> None:
    block = StationBlock(path, measurement, [Sample("x", T0, 1.0), Sample(name, T0, 2.0)])
    refused = await refused_of(historian, [block])
    if refused:
        assert [(point.path, point.what) for point in refused] == [(path, name)]
    else:
        assert await read_all(historian, block, name) == [Sample(name, T0, 2.0)]
    assert await read_all(historian, block, "x") == [Sample("x", T0, 1.0)]


async def test_point_beyond_time_is_named_and_all_others_are_stored(
    historian: Historian, path: StationPath, measurement: str, kind: str
) -> None:
    far = 10**16
    block = StationBlock(
        path,
        measurement,
        [Sample("x", T0, 1.0), Sample("x", far, 2.0), Sample("y", -far, 3.0)],
        [result(kind, 1, far, "C1"), result(kind, 2, T0, "C2")],
    )
    with pytest.raises(RejectedPointsError) as refused:
        await historian.write([block])
    assert sorted((point.what, point.at_ms) for point in refused.value.points) == [
        (f"{kind} C1", far),
        ("x", far),
        ("y", -far),
    ]
    assert await read_all(historian, block, "x") == [Sample("x", T0, 1.0)]
    assert await historian.count_results(kind, *FOREVER) == {path: 1}


async def test_field_of_a_result_that_changes_its_type_is_named_and_the_rest_is_stored(
    historian: Historian, path: StationPath, measurement: str, kind: str
) -> None:
    await historian.write([StationBlock(path, measurement, results=[result(kind, 1, ocv_v=3.3)])])
    results = [result(kind, n, T0 + n, f"C{n}", ocv_v="?" if n == 3 else 3.3, tool="A") for n in range(2, 6)]
    block = StationBlock(path, measurement, [Sample("x", T0, 1.0)], results)
    with pytest.raises(RejectedPointsError) as refused:
        await historian.write([block])
    [point] = refused.value.points
    assert (point.path, point.what, point.at_ms) == (path, f"{kind} C3", T0 + 3)
    assert "ocv_v" in point.reason
    found = await historian.results(kind, *FOREVER, newest_first=False)
    assert [dict(one.result.fields) for one in found] == [
        {"ocv_v": 3.3},
        {"ocv_v": 3.3, "tool": "A"},
        {"tool": "A"},
        {"ocv_v": 3.3, "tool": "A"},
        {"ocv_v": 3.3, "tool": "A"},
    ]
    assert await read_all(historian, block, "x") == [Sample("x", T0, 1.0)]


async def test_signal_that_changes_its_type_stops_nothing_else(
    historian: Historian, path: StationPath, other: StationPath, measurement: str
) -> None:
    await historian.write([StationBlock(path, measurement, [Sample("x", T0, 1.0)])])
    mixed = StationBlock(path, measurement, [Sample("x", T0 + 1, "?"), Sample("y", T0 + 1, 2.0)])
    fine = StationBlock(other, measurement, [Sample("x", T0 + n, float(n)) for n in range(100)])
    refused = await refused_of(historian, [mixed, fine])
    if refused:
        assert [(point.path, point.what, point.at_ms) for point in refused] == [(path, "x", T0 + 1)]
    else:
        assert len(await read_all(historian, mixed, "x")) == 2
    assert await read_all(historian, mixed, "y") == [Sample("y", T0 + 1, 2.0)]
    assert await read_all(historian, fine, "x") == list(fine.samples)
