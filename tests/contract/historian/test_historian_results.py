"""Results and production."""

from __future__ import annotations

from historian.ports import (
    Historian,
    ProductionMinute,
    StationBlock,
    StoredResult,
)
from plant.model import StationPath
from telemetry.sample import Result, Scalar
from tests.support.historians import FOREVER, T0, result


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
