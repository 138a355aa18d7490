"""Questions about results and production, as SQL. Blocks: for a reader's thread."""

# ruff: noqa: S608 - only whole numbers and quoted names are put into SQL

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import duckdb

from historian.duckdb_store.catalog import Catalog
from historian.duckdb_store.result_tables import FieldColumn, ResultTable
from historian.duckdb_store.schema import RESULT_COLUMNS, quoted
from historian.ports import ProductionMinute, StoredResult
from plant.model import StationPath
from telemetry.sample import Result, Scalar


class Range(NamedTuple):
    """Which rows are asked for."""

    start_ms: int
    stop_ms: int
    stations: Sequence[int] | None = None
    """None asks for all."""

    def condition(self, instant: str) -> str:
        """Return the condition in SQL; numbers only, so nothing needs quoting."""
        inside = f"{instant} >= {int(self.start_ms)} AND {instant} < {int(self.stop_ms)}"
        if self.stations is None:
            return inside
        return f"{inside} AND station IN ({', '.join(map(str, self.stations))})" if self.stations else "false"


def results(
    connection: duckdb.DuckDBPyConnection,
    catalog: Catalog,
    table: ResultTable,
    asked: Range,
    *,
    key: str | None,
    limit: int,
    newest_first: bool,
) -> list[StoredResult]:
    """Return results of a kind, each once: of repeats the one written last."""
    fields = list(table.columns.items())
    columns = ", ".join(quoted(name) for name in (*RESULT_COLUMNS, *(column.name for _, column in fields)))
    order = "DESC" if newest_first else "ASC"
    rows = connection.execute(
        f"SELECT {columns} FROM {quoted(table.name)}"
        f" WHERE {asked.condition('at_ms')} AND (?::VARCHAR IS NULL OR key = ?)"
        " QUALIFY row_number() OVER (PARTITION BY station, at_ms, number ORDER BY rowid DESC) = 1"
        f" ORDER BY at_ms {order}, number {order}, station {order} LIMIT ?",
        [key, key, limit],
    ).fetchall()
    return [
        StoredResult(
            catalog.path(station), Result(table.kind, at_ms, number, product, _present(fields, values))
        )
        for station, at_ms, number, product, *values in rows
    ]


def count_results(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, table: ResultTable, asked: Range
) -> dict[StationPath, int]:
    """Return how many distinct results each station has in the range."""
    rows = connection.execute(
        f"SELECT station, count(DISTINCT row(at_ms, number)) FROM {quoted(table.name)}"
        f" WHERE {asked.condition('at_ms')} GROUP BY station ORDER BY station"
    ).fetchall()
    return {catalog.path(station): count for station, count in rows}


def production(
    connection: duckdb.DuckDBPyConnection, catalog: Catalog, asked: Range
) -> list[ProductionMinute]:
    """Return production minutes in order of station and time."""
    rows = connection.execute(
        f"SELECT station, start_ms, good, reject, seconds FROM production WHERE {asked.condition('start_ms')}"
    ).fetchall()
    minutes = (
        ProductionMinute(catalog.path(station), start_ms, good, reject, seconds or None)
        for station, start_ms, good, reject, seconds in rows
    )
    return sorted(minutes, key=lambda minute: (minute.path, minute.start_ms))


def _present(
    fields: Sequence[tuple[str, FieldColumn]], values: Sequence[float | str | None]
) -> dict[str, Scalar | None]:
    return {name: value for (name, _), value in zip(fields, values, strict=True) if value is not None}
