"""The historian in one DuckDB file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
from typing_extensions import override

from historian.duckdb_store import result_queries, sample_queries
from historian.duckdb_store.compaction import COMPACT_AFTER_ROWS
from historian.duckdb_store.database import Database
from historian.duckdb_store.result_queries import Range
from historian.duckdb_store.sample_queries import Wanted
from historian.duckdb_store.writing import Writer
from historian.grid import element_of, grid_for
from historian.ports import (
    Health,
    Historian,
    HistorianUnavailableError,
    ProductionMinute,
    Series,
    StationBlock,
    StoredResult,
)
from plant.model import StationPath
from telemetry.sample import Sample


class DuckDbHistorian(Historian):
    """A historian for one machine and one process; `:memory:` as path keeps nothing."""

    def __init__(
        self,
        path: Path | str,
        *,
        memory_limit: str = "256MB",
        threads: int = 2,
        compact_after_rows: int = COMPACT_AFTER_ROWS,
    ) -> None:
        self._path = str(path)
        self._database = Database(
            self._path, memory_limit=memory_limit, threads=threads, compact_after_rows=compact_after_rows
        )

    @override
    async def open(self) -> None:
        await self._database.open()

    @override
    async def close(self) -> None:
        await self._database.close()

    @override
    async def health(self) -> Health:
        try:
            newest_ms = await self._database.read(lambda cursor, _: sample_queries.newest_ms(cursor))
        except HistorianUnavailableError as error:
            return Health(ok=False, message=str(error), details={})
        return Health(ok=True, message="ready", details={"newest_at_ms": newest_ms})

    @override
    async def write(self, blocks: Sequence[StationBlock]) -> None:
        await self._database.write(lambda writer: writer.write(blocks))

    @override
    async def write_production(self, minutes: Sequence[ProductionMinute]) -> None:
        if minutes:
            await self._database.write(lambda writer: writer.write_production(minutes))

    @override
    async def series(
        self, path: StationPath, measurement: str, signal: str, start_ms: int, stop_ms: int, *, points: int
    ) -> Series:
        grid = grid_for(start_ms, stop_ms, points)

        def read(cursor: duckdb.DuckDBPyConnection, writer: Writer) -> Series:
            wanted = _wanted(writer, path, measurement, signal)
            if wanted is None or start_ms >= stop_ms:
                return Series(path, signal, start_ms, stop_ms, 0)
            buckets = sample_queries.buckets(cursor, wanted, start_ms, stop_ms, grid)
            if sum(bucket.good + bucket.not_good for bucket in buckets) > points:
                return Series(path, signal, start_ms, stop_ms, grid.width_ms, buckets=buckets)
            raw = sample_queries.samples(cursor, [wanted], start_ms, stop_ms)[wanted]
            return Series(path, signal, start_ms, stop_ms, 0, samples=raw)

        return await self._database.read(read)

    @override
    async def samples(
        self,
        paths: Sequence[StationPath],
        measurement: str,
        signals: Sequence[str],
        start_ms: int,
        stop_ms: int,
    ) -> dict[tuple[StationPath, str], list[Sample]]:
        def read(
            cursor: duckdb.DuckDBPyConnection, writer: Writer
        ) -> dict[tuple[StationPath, str], list[Sample]]:
            asked = _all_wanted(writer, paths, measurement, signals)
            before = sample_queries.last_before(cursor, asked.values(), start_ms)
            inside = sample_queries.samples(cursor, list(asked.values()), start_ms, stop_ms)
            return {
                (path, signal): _joined(before, inside, asked.get((path, signal)))
                for path in paths
                for signal in signals
            }

        return await self._database.read(read)

    @override
    async def last(
        self, paths: Sequence[StationPath], measurement: str, signals: Sequence[str]
    ) -> dict[tuple[StationPath, str], Sample]:
        def read(cursor: duckdb.DuckDBPyConnection, writer: Writer) -> dict[tuple[StationPath, str], Sample]:
            asked = _all_wanted(writer, paths, measurement, signals)
            found = sample_queries.last_before(cursor, asked.values(), sample_queries.newest_ms(cursor) + 1)
            return {place: found[wanted] for place, wanted in asked.items() if wanted in found}

        return await self._database.read(read)

    @override
    async def results(
        self,
        kind: str,
        start_ms: int,
        stop_ms: int,
        *,
        paths: Sequence[StationPath] | None = None,
        key: str | None = None,
        limit: int = 1000,
        newest_first: bool = True,
    ) -> list[StoredResult]:
        def read(cursor: duckdb.DuckDBPyConnection, writer: Writer) -> list[StoredResult]:
            table = writer.results.find(kind)
            if table is None:
                return []
            asked = _range(writer, start_ms, stop_ms, paths)
            return result_queries.results(
                cursor, writer.catalog, table, asked, key=key, limit=limit, newest_first=newest_first
            )

        return await self._database.read(read)

    @override
    async def count_results(
        self, kind: str, start_ms: int, stop_ms: int, *, paths: Sequence[StationPath] | None = None
    ) -> dict[StationPath, int]:
        def read(cursor: duckdb.DuckDBPyConnection, writer: Writer) -> dict[StationPath, int]:
            table = writer.results.find(kind)
            if table is None:
                return {}
            return result_queries.count_results(
                cursor, writer.catalog, table, _range(writer, start_ms, stop_ms, paths)
            )

        return await self._database.read(read)

    @override
    async def production(
        self, start_ms: int, stop_ms: int, *, paths: Sequence[StationPath] | None = None
    ) -> list[ProductionMinute]:
        def read(cursor: duckdb.DuckDBPyConnection, writer: Writer) -> list[ProductionMinute]:
            return result_queries.production(cursor, writer.catalog, _range(writer, start_ms, stop_ms, paths))

        return await self._database.read(read)


def _wanted(writer: Writer, path: StationPath, measurement: str, signal: str) -> Wanted | None:
    number = writer.catalog.find_series(path, measurement, signal)
    if number is not None:
        return Wanted(number, signal)
    element = element_of(signal)
    number = writer.catalog.find_series(path, measurement, element[0]) if element else None
    return Wanted(number, signal, element[1]) if element and number is not None else None


def _all_wanted(
    writer: Writer, paths: Sequence[StationPath], measurement: str, signals: Sequence[str]
) -> dict[tuple[StationPath, str], Wanted]:
    asked = {
        (path, signal): _wanted(writer, path, measurement, signal) for path in paths for signal in signals
    }
    return {place: wanted for place, wanted in asked.items() if wanted is not None}


def _joined(
    before: dict[Wanted, Sample], inside: dict[Wanted, list[Sample]], wanted: Wanted | None
) -> list[Sample]:
    if wanted is None:
        return []
    first = before.get(wanted)
    return inside[wanted] if first is None else [first, *inside[wanted]]


def _range(writer: Writer, start_ms: int, stop_ms: int, paths: Sequence[StationPath] | None) -> Range:
    if paths is None:
        return Range(start_ms, stop_ms)
    numbers = (writer.catalog.find_station(path) for path in paths)
    return Range(start_ms, stop_ms, [number for number in numbers if number is not None])
