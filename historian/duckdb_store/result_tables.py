"""One table for each kind of result, with a column for each field met so far."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from historian.acceptance import name_of
from historian.duckdb_store.arrow import insert_by_name
from historian.duckdb_store.catalog import Catalog
from historian.duckdb_store.columns import number_of
from historian.duckdb_store.schema import RESULT_COLUMNS, free_name, quoted
from historian.ports import RejectedPoint, StationBlock
from plant.model import StationPath
from telemetry.sample import Result, Scalar


class FieldColumn(NamedTuple):
    """Where a field is kept: SQL sees no difference between `OCV` and `ocv`, we do."""

    name: str
    is_text: bool


@dataclass(frozen=True, slots=True)
class ResultTable:
    """The table of one kind."""

    kind: str
    name: str
    columns: dict[str, FieldColumn] = field(default_factory=dict)
    """By field."""


class PlacedResult(NamedTuple):
    """A result and the station it comes from."""

    path: StationPath
    result: Result


class ResultTables:
    """The tables of results; the writer's thread extends them, readers look them up."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._tables: dict[str, ResultTable] = {}
        for kind, name in connection.execute("FROM result_kind").fetchall():
            self._tables[kind] = ResultTable(kind, name)
        for kind, each, name, is_text in connection.execute("FROM result_field").fetchall():
            self._tables[kind].columns[each] = FieldColumn(name, is_text)

    def find(self, kind: str) -> ResultTable | None:
        """Return the table of a kind, None if no result of it was ever written."""
        return self._tables.get(kind)

    def insert(
        self, connection: duckdb.DuckDBPyConnection, blocks: Iterable[StationBlock], catalog: Catalog
    ) -> list[RejectedPoint]:
        """Store the results as part of the connection's transaction, return what does not fit."""
        by_kind: dict[str, list[PlacedResult]] = {}
        for block in blocks:
            for result in block.results:
                by_kind.setdefault(result.kind, []).append(PlacedResult(block.path, result))
        refused: list[RejectedPoint] = []
        for kind, placed in by_kind.items():
            table = self._tables.get(kind) or self._make(connection, kind)
            columns = _identity_columns(placed, catalog)
            for each in dict.fromkeys(name for one in placed for name in one.result.fields):
                values = [one.result.fields.get(each) for one in placed]
                column = table.columns.get(each) or self._extend(connection, table, each, values)
                if column is not None:
                    columns[column.name] = _field_column(column, values)
                    refused += _misfits(column, each, values, placed)
            insert_by_name(connection, table.name, pa.table(columns))
        return refused

    def _make(self, connection: duckdb.DuckDBPyConnection, kind: str) -> ResultTable:
        taken = {table.name.casefold() for table in self._tables.values()} | {"result_kind", "result_field"}
        table = ResultTable(kind, free_name(f"result_{kind}", taken))
        connection.execute(
            f"CREATE TABLE {quoted(table.name)} (station INTEGER NOT NULL, at_ms BIGINT NOT NULL,"
            " number BIGINT NOT NULL, key VARCHAR NOT NULL)"
        )
        connection.execute("INSERT INTO result_kind VALUES (?, ?)", [kind, table.name])
        self._tables[kind] = table
        return table

    def _extend(
        self,
        connection: duckdb.DuckDBPyConnection,
        table: ResultTable,
        each: str,
        values: Sequence[Scalar | None],
    ) -> FieldColumn | None:
        """Add a column for a field, of the type of its first value; without a value there is none yet."""
        first = next((value for value in values if value is not None), None)
        if first is None:
            return None
        taken = {*RESULT_COLUMNS, "rowid", *(column.name.casefold() for column in table.columns.values())}
        column = FieldColumn(free_name(each, taken), isinstance(first, str))
        sql_type = "VARCHAR" if column.is_text else "DOUBLE"
        connection.execute(f"ALTER TABLE {quoted(table.name)} ADD COLUMN {quoted(column.name)} {sql_type}")
        connection.execute("INSERT INTO result_field VALUES (?, ?, ?, ?)", [table.kind, each, *column])
        table.columns[each] = column
        return column


def _identity_columns(placed: Sequence[PlacedResult], catalog: Catalog) -> dict[str, pa.Array]:
    return {
        "station": pa.array([catalog.station(one.path) for one in placed], pa.int32()),
        "at_ms": pa.array([one.result.at_ms for one in placed], pa.int64()),
        "number": pa.array([one.result.number for one in placed], pa.int64()),
        "key": pa.array([one.result.key for one in placed], pa.string()),
    }


def _field_column(column: FieldColumn, values: Sequence[Scalar | None]) -> pa.Array:
    if column.is_text:
        return pa.array([value if isinstance(value, str) else None for value in values], pa.string())
    numbers = np.array(
        [np.nan if value is None or isinstance(value, str) else number_of(value) for value in values]
    )
    return pa.array(numbers, mask=~np.isfinite(numbers))


def _misfits(
    column: FieldColumn, each: str, values: Sequence[Scalar | None], placed: Sequence[PlacedResult]
) -> list[RejectedPoint]:
    kept, came = ("text", "a number") if column.is_text else ("numbers", "text")
    reason = f"field '{each}' holds {kept} so far and came as {came}; the other fields are stored"
    return [
        RejectedPoint(one.path, name_of(one.result), one.result.at_ms, reason)
        for one, value in zip(placed, values, strict=True)
        if value is not None and isinstance(value, str) is not column.is_text
    ]
