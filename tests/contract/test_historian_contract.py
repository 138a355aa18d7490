"""What every historian promises, whatever is behind it."""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from historian.duckdb_store import DuckDbHistorian
from historian.open import make_historian
from historian.ports import (
    Bucket,
    Historian,
    HistorianUnavailableError,
    ProductionMinute,
    RejectedPoint,
    RejectedPointsError,
    StationBlock,
    StoredResult,
)
from historian.settings import HistorianSettings
from plant.model import StationPath
from telemetry.quality import Quality
from telemetry.sample import BatchNumber, Result, Sample, Scalar, Value
from tests.support.influx import Influx, Influx1, Influx2, influx_server

KINDS = ("duckdb", "duckdb-sorted", "influxdb-1.8", "influxdb-2")
_SERVERS: dict[str, type[Influx]] = {"influxdb-1.8": Influx1, "influxdb-2": Influx2}
_numbers = itertools.count(1)

T0 = 1_760_000_000_000
FOREVER = (0, 4_000_000_000_000)


@pytest.fixture(scope="module")
def settings(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[HistorianSettings]:
    kind: str = request.param
    folder = tmp_path_factory.mktemp(kind)
    if kind in _SERVERS:
        with influx_server(_SERVERS[kind], folder) as server:
            yield server.prepared()
    else:
        yield HistorianSettings(path=folder / f"{kind}.duckdb")


@pytest.fixture
async def historian(settings: HistorianSettings) -> AsyncIterator[Historian]:
    if settings.path.stem == "duckdb-sorted":
        store: Historian = DuckDbHistorian(settings.path, compact_after_rows=1)
    else:
        store = make_historian(settings)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
def measurement() -> str:
    return f"coater-{next(_numbers)}"


@pytest.fixture
def path() -> StationPath:
    return StationPath("douvrin", "electrode", "line-1", f"coater-{next(_numbers)}")


@pytest.fixture
def other() -> StationPath:
    return StationPath("douai", "electrode", "line-2", f"coater-{next(_numbers)}")


@pytest.fixture
def kind() -> str:
    return f"cell-{next(_numbers)}"


pytestmark = pytest.mark.parametrize("settings", KINDS, indirect=True)


async def read_all(historian: Historian, block: StationBlock, signal: str) -> list[Sample]:
    found = await historian.samples([block.path], block.measurement, [signal], *FOREVER)
    return found[block.path, signal]


async def refused_of(historian: Historian, blocks: Sequence[StationBlock]) -> Sequence[RejectedPoint]:
    """Write, and return what the store refused."""
    try:
        await historian.write(blocks)
    except RejectedPointsError as error:
        return error.points
    return ()


def result(kind: str, number: int, at_ms: int = T0, key: str = "C1", **fields: float | str | None) -> Result:
    return Result(kind, at_ms, number, key, fields)


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


async def test_repeat_changes_nothing(
    historian: Historian, path: StationPath, measurement: str, kind: str
) -> None:
    samples = [Sample("speed_m_min", T0 + n, n * 1.5) for n in range(5)]
    results = [result(kind, n, key=f"C{n}", ocv_v=3.3) for n in range(5)]
    block = StationBlock(path, measurement, samples, results, BatchNumber("a1b2", next(_numbers)))
    for number in (block.number, block.number, None, BatchNumber("another", next(_numbers))):
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


async def test_results_are_found_by_station_product_and_time(
    historian: Historian, path: StationPath, other: StationPath, kind: str
) -> None:
    mine = [result(kind, n, T0 + n, f"C{n}", weight_g=n + 0.5, grade=0.0) for n in range(10)]
    theirs = [result(kind, n, T0 + n, f"D{n}", weight_g=n + 0.25) for n in range(5)]
    await historian.write(
        [StationBlock(path, "assembly", results=mine), StationBlock(other, "assembly", results=theirs)]
    )
    assert await historian.results(kind, *FOREVER, paths=[path], newest_first=False) == [
        StoredResult(path, each) for each in mine
    ]
    assert await historian.results(kind, T0 + 2, T0 + 4, paths=[path]) == [
        StoredResult(path, mine[3]),
        StoredResult(path, mine[2]),
    ]
    assert await historian.results(kind, *FOREVER, key="D3") == [StoredResult(other, theirs[3])]
    assert await historian.results(kind, *FOREVER, key="D3", paths=[path]) == []
    assert await historian.results(kind, *FOREVER, paths=[]) == []
    newest = await historian.results(kind, *FOREVER, limit=3)
    assert [one.result.number for one in newest] == [9, 8, 7]
    oldest = await historian.results(kind, *FOREVER, limit=2, newest_first=False)
    assert [one.result.number for one in oldest] == [0, 0]
    assert len(await historian.results(kind, *FOREVER)) == 15
    assert await historian.count_results(kind, *FOREVER) == {path: 10, other: 5}
    assert await historian.count_results(kind, T0 + 3, T0 + 8, paths=[other]) == {other: 2}


async def test_two_results_of_one_millisecond_stay_two(
    historian: Historian, path: StationPath, kind: str
) -> None:
    pair = [result(kind, 41, key="C41", grade=0.0), result(kind, 42, key="C42", grade=3.0)]
    await historian.write([StationBlock(path, "assembly", results=pair)])
    await historian.write([StationBlock(path, "assembly", results=pair[:1])])
    found = await historian.results(kind, *FOREVER, newest_first=False)
    assert [one.result for one in found] == pair


async def test_result_keeps_numbers_and_texts_and_forgets_fields_without_value(
    historian: Historian, path: StationPath, kind: str
) -> None:
    fields: dict[str, Scalar | None] = {
        "ocv_v": 3.3,
        "tool": "A-7",
        "pressed": True,
        "layers": 40,
        "missing": None,
        "broken": float("nan"),
    }
    await historian.write([StationBlock(path, "assembly", results=[Result(kind, T0, 1, "C1", fields)])])
    await historian.write([StationBlock(path, "assembly", results=[result(kind, 2, T0 + 1, late_g=5.0)])])
    found = await historian.results(kind, *FOREVER, newest_first=False)
    assert [dict(one.result.fields) for one in found] == [
        {"ocv_v": 3.3, "tool": "A-7", "pressed": 1.0, "layers": 40.0},
        {"late_g": 5.0},
    ]


async def test_fields_named_as_our_own_columns_keep_apart(
    historian: Historian, path: StationPath, kind: str
) -> None:
    fields: dict[str, Scalar | None] = {
        "number": 7.0,
        "key": "inner",
        "station": "west",
        "time": 4.0,
        "at_ms": 5.0,
        "OCV": 1.0,
        "ocv": 2.0,
    }
    await historian.write([StationBlock(path, "assembly", results=[Result(kind, T0, 1, "C1", fields)])])
    [found] = await historian.results(kind, *FOREVER)
    assert (found.result.number, found.result.key, dict(found.result.fields)) == (1, "C1", fields)


async def test_signals_named_as_something_else_keep_apart(
    historian: Historian, path: StationPath, measurement: str
) -> None:
    names = ("flow", "flow_q", "flow_q_q", "time", "site", "line", "value", "series", "at_ms", "quality")
    samples = [Sample(name, T0, float(n), Quality.UNCERTAIN) for n, name in enumerate(names)]
    await historian.write([StationBlock(path, measurement, samples)])
    found = await historian.last([path], measurement, names)
    assert list(found.values()) == samples


async def test_production_minutes_are_replaced_and_come_in_order(
    historian: Historian, path: StationPath, other: StationPath
) -> None:
    minutes = [
        ProductionMinute(path, T0 + 60_000, 12.0, 1.0, {"apt": 50.0, "adot": 10.0}),
        ProductionMinute(path, T0, 11.0, 0.0, {"apt": 60.0}),
        ProductionMinute(other, T0, 0.5, 0.25, {"unknown": 60.0}),
        ProductionMinute(other, T0 + 60_000, 0.0, 0.0, None),
    ]
    await historian.write_production(minutes)
    again = ProductionMinute(path, T0 + 60_000, 13.0, 0.0, {"adet": 60.0})
    await historian.write_production([again])
    await historian.write_production([again])
    both = [path, other]
    assert await historian.production(T0, T0 + 120_000, paths=both) == sorted(
        [again, *minutes[1:]], key=lambda minute: (minute.path, minute.start_ms)
    )
    assert await historian.production(T0, T0 + 60_000, paths=[path]) == [minutes[1]]
    assert await historian.production(T0, T0 + 60_000, paths=[]) == []


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


HOSTILE = (
    "a b", "a,b=c d", 'say "x"', "it's", "'; DROP MEASUREMENT m; --", '"); DROP TABLE sample; --',
    "température", "辊速", "💧", "%s {} $1", "x::field", "1", "a[b]", "/.*/", "select",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_names_come_back(historian: Historian, name: str, measurement: str, kind: str) -> None:
    path = StationPath(name, name, name, f"{name}{next(_numbers)}")
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
