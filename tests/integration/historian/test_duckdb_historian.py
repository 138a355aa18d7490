"""The embedded historian and the file under it: killed, locked, spoiled."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from historian.duckdb_store import DuckDbHistorian
from historian.ports import HistorianUnavailableError, StationBlock
from plant.model import StationPath
from telemetry.sample import BatchNumber, Result, Sample
from tests.support.processes import Child, child

PATH = StationPath("douvrin", "electrode", "line-1", "coater-1")
FOREVER = (0, 4_000_000_000_000)

WRITES_FOR_EVER = """
import asyncio, itertools, sys
from historian.duckdb_store import DuckDbHistorian
from historian.ports import StationBlock
from plant.model import StationPath
from telemetry.sample import BatchNumber, Result, Sample

async def main():
    historian = DuckDbHistorian(sys.argv[1], compact_after_rows=300)
    path = StationPath("douvrin", "electrode", "line-1", "coater-1")
    await historian.open()
    for n in itertools.count():
        block = StationBlock(path, "coater", [Sample("x", 1000 * n + k, float(n)) for k in range(10)],
                             [Result("roll", n, n, f"R{n}", {"length_m": float(n)})], BatchNumber("a1", n))
        await historian.write([block])
        print("stored", n, flush=True)

asyncio.run(main())
"""


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Child]:
    with child([sys.executable, "-c", WRITES_FOR_EVER, tmp_path / "h.duckdb"], tmp_path) as running:
        running.wait_for_output("stored 100")
        yield running


async def test_what_write_returned_for_survives_a_kill(tmp_path: Path, writer: Child) -> None:
    writer.kill()
    promised = int(writer.output().split()[-1]) if writer.output().endswith("\n") else 100
    historian = DuckDbHistorian(tmp_path / "h.duckdb", compact_after_rows=300)
    await historian.open()
    found = (await historian.samples([PATH], "coater", ["x"], *FOREVER))[PATH, "x"]
    stored = len(found) // 10
    assert stored in (promised + 1, promised + 2)
    assert found == [Sample("x", 1000 * n + k, float(n)) for n in range(stored) for k in range(10)]
    assert await historian.count_results("roll", *FOREVER) == {PATH: stored}
    repeat = StationBlock(
        PATH,
        "coater",
        [Sample("x", 5, -1.0)],
        [Result("roll", 7, 7, "again", {})],
        BatchNumber("a1", promised),
    )
    await historian.write([repeat])
    assert (await historian.results("roll", *FOREVER, key="again")) == []
    await historian.close()


async def test_file_in_use_is_said_with_the_holder_and_the_remedy(tmp_path: Path, writer: Child) -> None:
    historian = DuckDbHistorian(tmp_path / "h.duckdb")
    with pytest.raises(HistorianUnavailableError, match="in use by another process") as refused:
        await historian.open()
    assert f"PID {writer.pid}" in str(refused.value)
    assert "give this one another file" in str(refused.value)
    health = await historian.health()
    assert not health.ok
    writer.kill()
    await historian.open()
    assert (await historian.health()).ok
    await historian.close()


async def test_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "notes.duckdb"
    path.write_text("shopping list\n" * 1000, encoding="utf-8")
    historian = DuckDbHistorian(path)
    with pytest.raises(HistorianUnavailableError, match=r"notes\.duckdb"):
        await historian.open()
    await historian.close()


async def test_reopened_file_still_knows_its_batches_series_and_fields(tmp_path: Path) -> None:
    block = StationBlock(
        PATH,
        "coater",
        [Sample("x", 1, 1.0)],
        [Result("roll", 1, 1, "R1", {"OCV": 1.0, "ocv": 2.0})],
        BatchNumber("a1", 5),
    )
    for _ in range(3):
        historian = DuckDbHistorian(tmp_path / "deep" / "er" / "h.duckdb")
        await historian.open()
        await historian.open()
        await historian.write([block, StationBlock(PATH, "coater", [Sample("x", 2, 2.0)])])
        [found] = await historian.results("roll", *FOREVER)
        assert dict(found.result.fields) == {"OCV": 1.0, "ocv": 2.0}
        assert len((await historian.samples([PATH], "coater", ["x"], *FOREVER))[PATH, "x"]) == 2
        await historian.close()


async def test_reads_and_writes_go_on_beside_each_other(tmp_path: Path) -> None:
    historian = DuckDbHistorian(tmp_path / "h.duckdb", compact_after_rows=500)
    await historian.open()

    async def write() -> None:
        for n in range(60):
            samples = [Sample("x", 100 * n + k, float(k)) for k in range(100)]
            await historian.write([StationBlock(PATH, "coater", samples, (), BatchNumber("a1", n))])

    async def read() -> list[int]:
        counts = []
        for _ in range(60):
            series = await historian.series(PATH, "coater", "x", 0, 6000, points=10)
            counts.append(sum(bucket.good for bucket in series.buckets))
        return counts

    _, counts, _ = await asyncio.gather(write(), read(), read())
    assert counts == sorted(counts)
    assert all(count % 100 == 0 for count in counts)
    series = await historian.series(PATH, "coater", "x", 0, 6000, points=10)
    assert sum(bucket.good for bucket in series.buckets) == 6000
    await historian.close()


async def test_file_does_not_grow_with_compactions(tmp_path: Path) -> None:
    path = tmp_path / "h.duckdb"
    historian = DuckDbHistorian(path, compact_after_rows=1)
    await historian.open()
    samples = [Sample(f"x{k}", 1000, float(k)) for k in range(2000)]
    sizes = []
    for _ in range(30):
        await historian.write([StationBlock(PATH, "coater", samples)])
    await historian.close()
    sizes.append(path.stat().st_size)
    historian = DuckDbHistorian(path, compact_after_rows=1)
    for _ in range(60):
        await historian.write([StationBlock(PATH, "coater", samples)])
    await historian.close()
    sizes.append(path.stat().st_size)
    assert sizes[1] <= 2 * sizes[0]


async def test_recent_and_sorted_samples_answer_as_one(tmp_path: Path) -> None:
    historian = DuckDbHistorian(tmp_path / "h.duckdb", compact_after_rows=5)
    sorted_ones = [Sample("x", 10 * n, float(n)) for n in range(5)]
    recent = [Sample("x", 20, -7.0), Sample("x", 25, 2.5)]
    await historian.write([StationBlock(PATH, "coater", sorted_ones)])
    await historian.write([StationBlock(PATH, "coater", recent)])
    expected = [*sorted_ones[:2], *recent, *sorted_ones[3:]]
    found = await historian.samples([PATH], "coater", ["x"], *FOREVER)
    assert found[PATH, "x"] == expected
    drawn = await historian.series(PATH, "coater", "x", 0, 50, points=3)
    assert [(b.start_ms, b.minimum, b.maximum, b.good) for b in drawn.buckets] == [
        (0, 0.0, 1.0, 2),
        (20, -7.0, 3.0, 3),
        (40, 4.0, 4.0, 1),
    ]
    assert (await historian.last([PATH], "coater", ["x"]))[PATH, "x"] == sorted_ones[4]
    before = await historian.samples([PATH], "coater", ["x"], 21, 22)
    assert before[PATH, "x"] == [recent[0]]
    await historian.close()
