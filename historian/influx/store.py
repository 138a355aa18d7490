"""The historian in InfluxDB."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from typing_extensions import override

from historian.acceptance import acceptable
from historian.grid import grid_for
from historian.influx import influxql, result_reader
from historian.influx.connection import Connection
from historian.influx.line_protocol import PRODUCTION, fragments, lines, production_line, unwritable
from historian.influx.rejection import PointsRefusedError, store_all_but
from historian.influx.sample_reader import LAST, Most, SampleReader
from historian.ports import (
    Health,
    Historian,
    HistorianUnavailableError,
    ProductionMinute,
    RejectedPointsError,
    Series,
    StationBlock,
    StoredResult,
)
from historian.settings import HistorianSettings
from plant.model import StationPath
from telemetry.sample import Sample

_REQUEST_CHARACTERS = 4_000_000
"""InfluxDB 1.8 takes 25 MB; a smaller request is retried sooner."""


class InfluxHistorian(Historian):
    """A historian for a plant: InfluxDB 1.8 or 2.

    The batch number is not needed: a repeated point overwrites itself.
    """

    def __init__(self, settings: HistorianSettings) -> None:
        self._settings = settings
        self._connection = Connection(settings)
        self._samples = SampleReader(self._connection)

    @override
    async def open(self) -> None:
        await self._connection.ping()

    @override
    async def close(self) -> None:
        await self._connection.close()

    @override
    async def health(self) -> Health:
        try:
            version = await self._connection.ping()
        except HistorianUnavailableError as error:
            return Health(ok=False, message=str(error), details={})
        return Health(ok=True, message="ready", details={"version": version})

    @override
    async def write(self, blocks: Sequence[StationBlock]) -> None:
        accepted, refused = acceptable(blocks)
        refused += unwritable(accepted)
        try:
            await self._write(lines(accepted))
        except PointsRefusedError:
            refused += await store_all_but(self._connection.write, list(fragments(accepted)))
        if refused:
            raise RejectedPointsError(refused)

    @override
    async def write_production(self, minutes: Sequence[ProductionMinute]) -> None:
        try:
            await self._write(line for minute in minutes if (line := production_line(minute)) is not None)
        except PointsRefusedError as error:
            raise HistorianUnavailableError(f"production minutes are refused: {error}") from error

    @override
    async def series(
        self, path: StationPath, measurement: str, signal: str, start_ms: int, stop_ms: int, *, points: int
    ) -> Series:
        found = await self._samples.wanted(measurement, [signal])
        if not found or start_ms >= stop_ms:
            return Series(path, signal, start_ms, stop_ms, 0)
        where = [influxql.of_paths([path]), influxql.in_range(start_ms, stop_ms)]
        [raw] = await self._samples.samples(found, measurement, where, most=Most(points + 1))
        samples = raw.get(path, [])
        if len(samples) <= points:
            return Series(path, signal, start_ms, stop_ms, 0, samples=samples)
        grid = grid_for(start_ms, stop_ms, points)
        buckets = await self._samples.buckets(found[0], measurement, where, grid)
        return Series(path, signal, start_ms, stop_ms, grid.width_ms, buckets=buckets)

    @override
    async def samples(
        self,
        paths: Sequence[StationPath],
        measurement: str,
        signals: Sequence[str],
        start_ms: int,
        stop_ms: int,
    ) -> dict[tuple[StationPath, str], list[Sample]]:
        answer: dict[tuple[StationPath, str], list[Sample]] = {
            (path, signal): [] for path in paths for signal in signals
        }
        found = await self._samples.wanted(measurement, signals) if paths else []
        where = influxql.of_paths(paths)
        before = [where, f"time < {int(start_ms)}ms"]
        inside = [where, influxql.in_range(start_ms, stop_ms)]
        firsts = await self._samples.samples(found, measurement, before, most=LAST)
        others = await self._samples.samples(found, measurement, inside)
        for wanted, first, rest in zip(found, firsts, others, strict=True):
            for path in paths:
                answer[path, wanted.signal] = [*first.get(path, ()), *rest.get(path, ())]
        return answer

    @override
    async def last(
        self, paths: Sequence[StationPath], measurement: str, signals: Sequence[str]
    ) -> dict[tuple[StationPath, str], Sample]:
        found = await self._samples.wanted(measurement, signals) if paths else []
        where = [influxql.of_paths(paths)]
        newest = await self._samples.samples(found, measurement, where, most=LAST)
        return {
            (path, wanted.signal): samples[0]
            for wanted, by_path in zip(found, newest, strict=True)
            for path, samples in by_path.items()
        }

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
        if paths is not None and not paths:
            return []
        where = _where(start_ms, stop_ms, paths)
        if key is not None:
            where.append(influxql.equals("key", key))
        query = influxql.select(
            result_reader.RESULT_COLUMNS, kind, where, newest_first=newest_first, limit=limit
        )
        [rows] = await self._connection.query([query], epoch="ns")
        found = result_reader.results(kind, rows)
        return sorted(found, key=_in_order, reverse=newest_first)

    @override
    async def count_results(
        self, kind: str, start_ms: int, stop_ms: int, *, paths: Sequence[StationPath] | None = None
    ) -> dict[StationPath, int]:
        if paths is not None and not paths:
            return {}
        where = _where(start_ms, stop_ms, paths)
        query = influxql.select(['count("number"::field)'], kind, where, by_station=True)
        [rows] = await self._connection.query([query])
        return result_reader.counts(rows)

    @override
    async def production(
        self, start_ms: int, stop_ms: int, *, paths: Sequence[StationPath] | None = None
    ) -> list[ProductionMinute]:
        if paths is not None and not paths:
            return []
        where = _where(start_ms, stop_ms, paths)
        query = influxql.select(result_reader.PRODUCTION_COLUMNS, PRODUCTION, where)
        [rows] = await self._connection.query([query])
        return result_reader.production(rows)

    async def _write(self, all_lines: Iterable[str]) -> None:
        for request in _requests(all_lines):
            await self._connection.write(request)


def _requests(all_lines: Iterable[str]) -> Iterator[list[str]]:
    """Yield the lines in requests of a bounded size."""
    request: list[str] = []
    size = 0
    for line in all_lines:
        request.append(line)
        size += len(line)
        if size >= _REQUEST_CHARACTERS:
            yield request
            request, size = [], 0
    if request:
        yield request


def _where(start_ms: int, stop_ms: int, paths: Sequence[StationPath] | None) -> list[str]:
    where = [influxql.in_range(start_ms, stop_ms)]
    return where if paths is None else [influxql.of_paths(paths), *where]


def _in_order(stored: StoredResult) -> tuple[int, int, StationPath]:
    return stored.result.at_ms, stored.result.number, stored.path
